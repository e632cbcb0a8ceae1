"""The colors of the pages: light, dark, dim, or as the device says."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.scenes import CLASS, open_presentation
from tests.browser.school import TEACHER, Site

PAPER = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK, DIM = "rgb(247, 242, 233)", "rgb(19, 26, 24)", "rgb(15, 12, 9)"


def choose(page: Page, theme: str) -> None:
    page.get_by_label("Colors").select_option(theme)


@pytest.mark.parametrize(("scheme", "paper"), [("light", LIGHT), ("dark", DARK)])
def test_without_a_choice_the_pages_follow_the_device(visit: Visit, scheme: str, paper: str) -> None:
    page = visit(color_scheme=scheme)
    page.goto("/")
    assert page.evaluate(PAPER) == paper


@pytest.mark.parametrize(("theme", "paper"), [("light", LIGHT), ("dark", DARK), ("dim", DIM)])
def test_the_chosen_colours_stay_from_page_to_page(visit: Visit, theme: str, paper: str) -> None:
    page = visit(color_scheme="light" if theme == "dark" else "dark")
    page.goto("/")
    choose(page, theme)
    assert page.evaluate(PAPER) == paper
    page.goto("/help")
    assert page.evaluate(PAPER) == paper
    expect(page.get_by_label("Colors")).to_have_value(theme)


def test_the_device_decides_again_when_the_choice_is_taken_back(visit: Visit) -> None:
    page = visit(color_scheme="dark")
    page.goto("/")
    choose(page, "light")
    choose(page, "")
    page.goto("/help")
    assert page.evaluate(PAPER) == DARK


def test_another_open_page_follows_the_choice(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    other = page.context.new_page()
    other.goto("/help")
    choose(page, "dim")
    expect(other.locator("html")).to_have_attribute("data-theme", "dim")


def test_the_chosen_colours_are_there_before_anything_is_drawn(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    choose(page, "dim")
    page.add_init_script(
        "new MutationObserver((_changes, watching) => {"
        "  if (!document.body) return;"
        "  window.themeWhenTheBodyCame = document.documentElement.dataset.theme;"
        "  watching.disconnect();"
        "}).observe(document, {childList: true, subtree: true})"
    )
    page.goto("/help")
    assert page.evaluate("window.themeWhenTheBodyCame") == "dim"


def test_a_presentation_can_be_dimmed_without_dimming_the_teachers_pages(visit: Visit, shared_site: Site) -> None:
    page = visit(TEACHER)
    page.goto("/teach/")
    page.goto(f"/teach/classes/{shared_site.classroom_id(CLASS)}/present/four-square-breathing")
    open_presentation(page)
    page.keyboard.press("d")
    assert page.evaluate(PAPER) == DIM
    page.reload()
    assert page.evaluate(PAPER) == DIM
    page.goto("/teach/")
    assert page.evaluate(PAPER) == LIGHT
