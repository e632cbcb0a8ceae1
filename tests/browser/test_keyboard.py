"""Whole pages by keyboard: the focus is always seen and never trapped, targets are large enough, dialogs let go."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import PRESENT, SESSION, address, open_presentation, to_step
from tests.browser.school import TEACHER, Site

FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const drawn = element.matches('input[type=radio], input[type=checkbox]') && getComputedStyle(element).opacity === '0'
    ? element.nextElementSibling : element;
  const style = getComputedStyle(drawn);
  const box = drawn.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, innerHeight) / 2);
  window.walked ??= new Map();
  if (!window.walked.has(element)) window.walked.set(element, window.walked.size);
  return {
    number: window.walked.get(element),
    name: (element.getAttribute('aria-label') || element.textContent || element.id || element.name).trim().slice(0, 60),
    hasRing: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none',
    isOnScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    isCovered: !(top && (drawn.contains(top) || top.contains(drawn) || top.closest('label')?.control === element)),
  };
}"""
TARGETS = """smallest => [...document.querySelectorAll('a[href]:not(.present-skip), button, input, select, summary')]
  .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.closest('p, dd, dt, li, td, th, label'))
  .map(element => [element, (element.closest('label') ?? element).getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < smallest || box.height < smallest))
  .map(([element, box]) => `${element.textContent.trim() || element.id}: ${box.width} x ${box.height}`)
"""
TARGETS_OF_LISTS = """() => [...document.querySelectorAll('nav a, li > a, button, select, summary, input:not([type=hidden])')]
  .filter(element => element.checkVisibility({visibilityProperty: true}))
  .map(element => [element, (element.closest('label') ?? element).getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 23.5))
  .map(([element, box]) => `${element.textContent.trim() || element.id}: ${box.width} x ${box.height}`)
"""

PAGES = {
    "home": ("/", ""),
    "library": ("/sessions/", ""),
    "session": (f"/sessions/{SESSION}", ""),
    "sign-in": ("/sign-in", ""),
    "code entry": ("/c/", ""),
    "my classes": ("/teach/", TEACHER),
    "class": ("/teach/classes/{class}", TEACHER),
    "presentation": (PRESENT, TEACHER),
}


def open_page(visit: Visit, site: Site, name: str) -> Page:
    path, as_ = PAGES[name]
    page = visit(as_)
    page.goto(address(site, path))
    if name == "presentation":
        open_presentation(page)
    return page


def walk(page: Page, key: str = "Tab") -> list[dict[str, Any]]:
    """Press the key until the focus has gone round once; what had the focus, in order."""
    walked: list[dict[str, Any]] = []
    for _ in range(300):
        page.keyboard.press(key)
        focused = page.evaluate(FOCUSED)
        if focused is None or (walked and focused["number"] <= walked[-1]["number"]):
            return walked
        walked.append(focused)
    raise AssertionError("the focus never came round")


@pytest.mark.parametrize("name", PAGES)
def test_the_focus_is_always_seen_and_goes_all_the_way_round(visit: Visit, shared_site: Site, name: str) -> None:
    page = open_page(visit, shared_site, name)
    walked = walk(page)
    assert len(walked) > 5
    assert [one["name"] for one in walked if not one["hasRing"]] == [], "without a ring"
    assert [one["name"] for one in walked if not one["isOnScreen"] or one["isCovered"]] == [], "out of sight"
    backwards = walk_back(page)
    assert len(backwards) >= len(walked) - 1, "Shift+Tab comes back the same way"


def walk_back(page: Page) -> list[str]:
    """From the end of the page to its beginning."""
    seen: list[str] = []
    page.evaluate("document.activeElement?.blur?.()")
    for _ in range(300):
        page.keyboard.press("Shift+Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            if seen:
                break
            continue
        seen.append(focused["name"])
        if focused["number"] == 0:
            break
    return seen


@pytest.mark.parametrize("name", [name for name in PAGES if name != "presentation"])
def test_everything_that_is_pressed_is_at_least_24_pixels(visit: Visit, shared_site: Site, name: str) -> None:
    page = open_page(visit, shared_site, name)
    assert page.evaluate(TARGETS_OF_LISTS) == []


@pytest.mark.parametrize("kind", ["step-cover", "step-preview", "has-practice", "step-end"])
def test_what_is_pressed_in_class_is_at_least_44_pixels(visit: Visit, shared_site: Site, kind: str) -> None:
    page = open_page(visit, shared_site, "presentation")
    to_step(kind)(page)
    assert page.evaluate(TARGETS, 44) == []


@pytest.mark.parametrize("name", ["home", "session", "my classes", "presentation"])
def test_the_skip_link_leads_past_the_head_of_the_page(visit: Visit, shared_site: Site, name: str) -> None:
    page = open_page(visit, shared_site, name)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text("Skip to")
    expect(page.locator(":focus")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_list_of_keys_closes_with_escape_and_gives_the_focus_back(visit: Visit, shared_site: Site) -> None:
    page = open_page(visit, shared_site, "presentation")
    button = page.get_by_role("button", name="Keyboard shortcuts")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#cover")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


def test_letter_keys_can_be_turned_off_and_stay_off(visit: Visit, shared_site: Site) -> None:
    page = open_page(visit, shared_site, "presentation")
    page.keyboard.press("h")
    page.get_by_label("Use the letter keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator("#cover .cues-parts")).to_be_hidden()
    page.reload()
    open_presentation(page)
    page.keyboard.press("c")
    expect(page.locator("#cover .cues-parts")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#step-1")).to_be_visible()


def test_each_screen_takes_the_focus_to_its_title(visit: Visit, shared_site: Site) -> None:
    page = open_page(visit, shared_site, "presentation")
    for _ in range(2):
        page.keyboard.press("PageDown")
        expect(page.locator(".step.is-current .step-title")).to_be_focused()
    page.keyboard.press("PageUp")
    expect(page.locator("#step-1-title")).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#end-title")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("#cover-title")).to_be_focused()
