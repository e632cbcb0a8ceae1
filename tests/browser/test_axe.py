"""Every page kind and state by axe-core, in light, dark and dim; and none scrolls sideways at 320 px or 200 % zoom."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import SCENES, Scene, address
from tests.browser.school import CHROMEBOOK, COACH, TEACHER, Site

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe-core-4.12.1.min.js"
ALL_RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
}
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The only rules whose result depends on the theme: of everything else the themes change nothing."""

NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": CHROMEBOOK["width"] // 2, "height": CHROMEBOOK["height"] // 2}
"""What a Chromebook's page has left at 200 % zoom, in CSS pixels."""


def run_axe(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe-core finds, one line for each element. The script is evaluated over the debugging protocol, so that the
    page keeps its Content-Security-Policy."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{violation['id']}: {' '.join(node['target'])} — {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def in_themes(page: Page, themes: list[str]) -> list[str]:
    """What axe-core finds in each of these colors."""
    found = []
    for rules, theme in zip([ALL_RULES, COLOUR_RULES, COLOUR_RULES], themes, strict=False):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        settle(page)
        found += [f"{theme}: {line}" for line in run_axe(page, rules)]
    return found


def settle(page: Page) -> None:
    """Bring color transitions to their end."""
    page.evaluate("for (const moving of document.getAnimations()) if (moving instanceof CSSTransition) moving.finish()")


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wide: int = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_page_is_for_everyone(visit: Visit, shared_site: Site, scene: Scene) -> None:
    page = visit(scene.as_, reduced_motion="reduce" if scene.is_still else "no-preference")
    scene.open(page, shared_site)
    themes = ["light", "dark", "dim"] if scene.is_for_the_room else ["light", "dark"]
    assert in_themes(page, themes) == []
    for viewport in (NARROW, ZOOMED):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert overflow(page) == 0, f"the page scrolls sideways at {viewport['width']} px"


def test_the_pages_that_something_changed_are_for_everyone(visit: Visit, own_site: Site) -> None:
    teacher, coach = visit(TEACHER), visit(COACH)
    teacher.goto("/teach/")
    for box in teacher.locator("[name=classroom_id]").all()[:2]:
        box.check()
    teacher.get_by_role("button", name="Shortened").click()
    expect(teacher.get_by_text("Saved.")).to_be_visible()
    teacher.get_by_role("heading", name="My classes").click()
    assert in_themes(teacher, ["light", "dark"]) == [], "my classes with what was said"

    teacher.goto(address(own_site, "/teach/classes/{class}/door"))
    teacher.get_by_role("button", name="Turn off this card").click()
    expect(teacher.get_by_text("No active card")).to_be_visible()
    assert in_themes(teacher, ["light", "dark"]) == [], "no door card"

    texts = own_site.home / "library" / "sessions"
    (texts / "body-scan.md").write_text("---\ntitle: Nothing else\n---\n", encoding="utf-8")
    (texts / "kind-self-talk.md").write_text("no facts at all\n", encoding="utf-8")
    for path, words in (("/coach/", "Some content needs fixing"), ("/coach/check", "Line 1")):
        coach.goto(path)
        expect(coach.get_by_text(words).first).to_be_visible()
        assert in_themes(coach, ["light", "dark"]) == [], path
        coach.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert overflow(coach) == 0, path


def test_axe_core_is_the_one_that_was_published() -> None:
    listed = dict(reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    assert listed == {AXE.name: hashlib.sha256(AXE.read_bytes()).hexdigest()}


def test_axe_core_finds_what_is_wrong(visit: Visit) -> None:
    page = visit()
    page.goto("/about")
    page.evaluate(
        "document.querySelector('h1').insertAdjacentHTML('afterend', '<img src=\"/static/img/mark-180.png\">')"
    )
    page.evaluate("document.querySelector('h1').style.color = 'var(--line)'")
    rules = {line.split(": ")[1] for line in in_themes(page, ["light"])}
    assert {"image-alt", "color-contrast"} <= rules
