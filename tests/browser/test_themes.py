"""The colours of the pages: light, dark, dim, or as the device says."""

from __future__ import annotations

from tests.browser.conftest import Visit


def test_the_chosen_colours_stay_from_page_to_page(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    page.get_by_label("Colors").select_option("dim")
    page.goto("/help")
    assert page.evaluate("document.documentElement.dataset.theme") == "dim"
