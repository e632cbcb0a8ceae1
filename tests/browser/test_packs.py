"""A pack opened from a folder, as from a USB stick: read, played and led through without a server or a network."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from tests.browser.school import DEADLINE
from tests.browser.test_axe import run_axe
from tests.support.recordings import CAPTIONS, make_video
from tests.support.scratch import NOON, changed, short_session
from wellness.cli import main
from wellness.media import MediaStore
from wellness.media.store import StoredVideoFacts

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
HOSTILE = """<img src=x onerror="window.hit=1"> <script>window.hit=1</script> [x](javascript:window.hit=1)"""


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of a session with a video, its Spanish neighbor and hostile words, unpacked into a folder."""
    home = tmp_path_factory.mktemp("pack")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WELLNESS_HOME", str(home / "home"))
        assert CliRunner().invoke(main, ["init"]).exit_code == 0
        store = MediaStore(home / "home" / "media")
        with store.building() as folder:
            make_video(folder / "720.mp4", size="320x180")
            (folder / "captions.en.vtt").write_text(CAPTIONS, encoding="utf-8")
            (folder / "transcript.en.txt").write_text("Feet on the <b>floor</b>.\n", encoding="utf-8")
            store.add(folder, StoredVideoFacts("pack-feet", {"en": "Feet & <i>toes</i>"}, 3.0, 320, 180), NOON)
        text = changed(
            short_session("Feet & toes", drawing="feet"),
            (
                "Watch how it looks.",
                f"/// video | pack-feet\n///\n\n{HOSTILE}\n\n[Squares](/sessions/four-square-breathing)",
            ),
        ).replace("[x](javascript:window.hit=1)", "")
        (home / "home" / "library" / "sessions" / "feet.md").write_text(text, encoding="utf-8")
        made = CliRunner().invoke(main, ["pack", "export", str(home / "a.zip"), "feet", "four-square-breathing"])
        assert made.exit_code == 0, made.output
    with zipfile.ZipFile(home / "a.zip") as archive:
        archive.extractall(home / "stick")
    return home / "stick"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.set_default_timeout(DEADLINE)
    yield opened
    context.close()


def test_a_pack_opens_from_a_folder_and_its_video_plays_without_a_network(page: Page, stick: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{stick}/index.html")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wellness: session pack")
    page.get_by_role("link", name="Feet & toes").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Feet & toes")
    video = page.locator("video")
    # The page's own policy forbids what Playwright polls with, so the browser is asked to tell when the video has ended.
    ended = "video => new Promise(done => { video.onended = () => done(video.currentTime); video.play() })"
    video.evaluate("video => { video.muted = true }")
    assert video.evaluate(ended) > 2
    page.get_by_text("Transcript (en)").click()
    expect(page.get_by_text("Feet on the <b>floor</b>.")).to_be_visible()
    page.get_by_role("link", name="Squares").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Four-square breathing")
    assert asked and all(address.startswith("file://") for address in asked)


def test_nothing_in_a_pack_can_run(page: Page, stick: Path) -> None:
    page.goto(f"file://{stick}/pages/sessions/feet.html")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("window.hit") is None
    assert page.locator("script, iframe, object, embed, form, link").count() == 0
    handlers = (
        "[...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames()).filter(name => /^on/.test(name))"
    )
    assert page.evaluate(handlers) == []


@pytest.mark.parametrize(
    "name", ["index.html", "pages/sessions/feet.html", "pages/sessions/four-square-breathing.es.html"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_a_pack_are_for_everyone(page: Page, stick: Path, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"file://{stick}/{name}")
    assert run_axe(page, RULES) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
