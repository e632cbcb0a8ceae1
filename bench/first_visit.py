"""A first visit in a real Chromium on a slow network and a slow computer: what is loaded, and when it is there.

python -m bench.first_visit            prints the table
python -m bench.first_visit --write    writes it into docs/performance.md too

The network is what Chromium's own tools and Lighthouse call slow 4G (562.5 ms for each request, 1,474.56 kbit/s down, 675 up),
the processor four times slower than this machine's. Each visit begins with an empty cache; the figures are the medians of the
visits. Bytes are those on the line with their headers; the gzipped sizes of scripts and style sheets are without headers.
Recordings are left out, as nobody has pressed *Play* yet; the picture that stands for the video is counted by itself.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench import tables
from bench.served import instance, serving
from tests.browser.school import launch

VISITS = 7
PAGES = {"home": "/", "session with a video": "/sessions/five-senses-grounding"}
SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1474.56 * 125, "uploadThroughput": 675 * 125}
SLOWER = 4
SETTLED_MS = 1500
WATCH = """
window.seen = {fcp: 0, lcp: 0, cls: 0, long: []};
const watch = (type, note) =>
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({type, buffered: true});
watch("paint", (one) => { if (one.name === "first-contentful-paint") seen.fcp = one.startTime; });
watch("largest-contentful-paint", (one) => { seen.lcp = one.startTime; });
watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.cls += one.value; });
watch("longtask", (one) => { seen.long.push([one.startTime, one.duration]); });
"""


@dataclass(slots=True)
class Visit:
    """What one visit loaded and when. Times in milliseconds, sizes in bytes."""

    kinds: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    line: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)
    fcp: float = 0.0
    lcp: float = 0.0
    tbt: float = 0.0
    cls: float = 0.0

    def of(self, *kinds: str) -> list[str]:
        """The requests of these kinds."""
        return [one for one, kind in self.kinds.items() if kind in kinds]

    @property
    def loaded(self) -> list[str]:
        """All but recordings and the picture that stands for the video."""
        return [one for one in self.kinds if one not in self.of("Media") and one not in self.posters]

    @property
    def posters(self) -> list[str]:
        """The pictures that stand for videos."""
        return [one for one in self.of("Image") if "/media/" in self.addresses[one]]


def visit(browser: Browser, address: str) -> Visit:
    """One first visit."""
    seen = Visit()
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US")
    context.add_init_script(WATCH)
    page = context.new_page()
    line = context.new_cdp_session(page)
    _listen(line, seen)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_4G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="load", timeout=120_000)
    page.wait_for_timeout(SETTLED_MS)
    found: dict[str, Any] = page.evaluate("seen")
    seen.fcp, seen.lcp, seen.cls = found["fcp"], found["lcp"], found["cls"]
    seen.tbt = sum(max(0.0, took - 50) for begun, took in found["long"] if begun + took > seen.fcp)
    context.close()
    return seen


def _listen(line: CDPSession, seen: Visit) -> None:
    def asked(event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("http"):
            return  # what a browser draws its own controls with
        seen.kinds[event["requestId"]] = event.get("type", "Other")
        seen.addresses[event["requestId"]] = event["request"]["url"]

    def answered(event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        seen.bodies[event["requestId"]] = int(headers.get("content-length", 0))

    def ended(event: dict[str, Any]) -> None:
        seen.line[event["requestId"]] = int(event["encodedDataLength"])

    line.on("Network.requestWillBeSent", asked)
    line.on("Network.responseReceived", answered)
    line.on("Network.loadingFinished", ended)


ROWS: Sequence[tuple[str, str, Callable[[Visit], float], str]] = (
    ("requests", "{:.0f}", lambda one: len(one.loaded) + len(one.posters), "8"),
    ("bytes, with the font, without video and poster", "{:.1f} KB", lambda one: _kb(one.line, one.loaded), "75 KB"),
    ("scripts, gzipped", "{:.1f} KB", lambda one: _kb(one.bodies, one.of("Script")), "12 KB"),
    ("style sheets, gzipped", "{:.1f} KB", lambda one: _kb(one.bodies, one.of("Stylesheet")), "12 KB"),
    ("poster of the video", "{:.1f} KB", lambda one: _kb(one.bodies, one.posters), "25 KB"),
    ("first contentful paint (FCP)", "{:.0f} ms", lambda one: one.fcp, "1,500 ms"),
    ("largest contentful paint (LCP)", "{:.0f} ms", lambda one: one.lcp, "2,000 ms"),
    ("total blocking time (TBT)", "{:.0f} ms", lambda one: one.tbt, "50 ms"),
    ("layout shift while loading (CLS)", "{:.3f}", lambda one: one.cls, "0.02"),
)


def _kb(sizes: dict[str, int], which: list[str]) -> float:
    return sum(sizes.get(one, 0) for one in which) / 1000


def table() -> str:
    """The results as Markdown."""
    found: dict[str, list[Visit]] = {name: [] for name in PAGES}
    with instance() as home, serving(home, WELLNESS_PLAIN_HTTP="1") as site, sync_playwright() as playwright:
        browser = launch(playwright)
        for _ in range(VISITS):
            for name, path in PAGES.items():
                found[name].append(visit(browser, f"http://127.0.0.1:{site.port}{path}"))
        browser.close()
    lines = []
    for label, form, of, goal in ROWS:
        lines.append((label, *(form.format(statistics.median(map(of, visits))) for visits in found.values()), goal))
    return tables.rows(("median", *found, "goal"), lines)


if __name__ == "__main__":
    tables.run("first visit", __doc__, table)
