"""Every kind of page that staff and door holders can reach by links passes `tests/support/pages.py`."""

from __future__ import annotations

import pytest

from tests.support.demo_site import DemoSite

STARTS = {"teacher": "/teach/", "coach": "/coach/", "admin": "/admin/"}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_public_page_is_whole(demo: DemoSite, lang: str) -> None:
    pages = demo.browser().crawl(f"/?lang={lang}", each=20)
    assert len(pages) > 50


@pytest.mark.parametrize("key", STARTS)
def test_every_kind_of_page_of_staff_is_whole(demo: DemoSite, key: str) -> None:
    own = f"/teach/classes/{demo.classroom().id}"
    more = ["/admin/patterns"] if key == "admin" else []
    starts = (STARTS[key], own, f"{own}/door", f"{own}/present/four-square-breathing", *more)
    pages = demo.signed_in(key).crawl(*starts, each=3)
    assert len(pages) > 25


def test_every_page_behind_a_door_is_whole(demo: DemoSite) -> None:
    door = f"/c/{demo.door().code}"
    assert len(demo.browser().crawl(door, f"{door}/present", "/c/", each=3)) > 15
