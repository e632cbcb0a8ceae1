"""Clocks that jump and days with 23 or 25 hours: the school day is right, and no page fails whatever the clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.demo_site import OWN, TEN_O_CLOCK, TODAY, DemoSite
from tests.support.pages import PageClient
from wellness.demo import PASSWORD
from wellness.domain import Completeness, PublicationAct, TextKey, TextKind, school_day, week_of
from wellness.publishing import drafts, publish
from wellness.publishing.sync import sync
from wellness.records import plans, schools
from wellness.stores import Stores

NEW_YORK = ZoneInfo("America/New_York")

CHANGES = {
    "America/New_York": (datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "America/Chicago": (datetime(2027, 3, 14, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)),
    "America/Phoenix": (datetime(2027, 3, 14, 9, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC)),
    "America/Los_Angeles": (datetime(2027, 3, 14, 10, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)),
    "America/Anchorage": (datetime(2027, 3, 14, 11, tzinfo=UTC), datetime(2026, 11, 1, 10, tzinfo=UTC)),
    "Pacific/Honolulu": (datetime(2027, 3, 14, 12, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)),
    "Pacific/Guam": (datetime(2027, 3, 13, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)),
    "America/St_Johns": (datetime(2027, 3, 14, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 4, 30, tzinfo=UTC)),
    "America/Havana": (datetime(2027, 3, 14, 5, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), datetime(2027, 4, 3, 15, tzinfo=UTC)),
    "Pacific/Apia": (datetime(2011, 12, 30, 10, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC)),
}
"""Two nights in each zone: where clocks change, the nights when they do, in New York at 2:00 and in Havana at midnight.

Phoenix, Honolulu and Guam never change theirs; Apia once left out a whole Friday.
"""


@pytest.mark.parametrize("zone", CHANGES)
def test_every_minute_of_a_night_of_change_belongs_to_the_day_on_the_wall(zone: str) -> None:
    """924 hours in eleven zones, and each minute of the night itself: days follow each other and are whole weeks."""
    clock = ZoneInfo(zone)
    for change in CHANGES[zone]:
        at, days = change - timedelta(hours=21), []
        while at < change + timedelta(hours=21):
            wall = at.astimezone(clock)
            day = school_day(at, clock)
            assert day == wall.date()
            assert week_of(day).weekday() == 0 and 0 <= (day - week_of(day)).days < 7
            days.append(day)
            is_close = abs(at - change) < timedelta(hours=2)
            at += timedelta(minutes=1) if is_close else timedelta(hours=1)
        assert days == sorted(days), "a clock that goes back an hour does not go back a day"


# --- The site under a clock that jumps --------------------------------------------------------------------------------

JUMPS = {
    "an hour back": timedelta(hours=-1),
    "an hour on": timedelta(hours=1),
    "a day back": timedelta(days=-1),
    "a day on": timedelta(days=1),
    "to 1970": datetime(1970, 1, 2, tzinfo=UTC) - TEN_O_CLOCK,
    "to 2038": datetime(2038, 1, 20, tzinfo=UTC) - TEN_O_CLOCK,
    "to 2099": datetime(2099, 12, 31, tzinfo=UTC) - TEN_O_CLOCK,
}
PAGES = ("/", "/sessions/", "/teach/", "/teach/paper", "/help", "/practices/")


def statuses(browser: PageClient, *paths: str) -> set[int]:
    """What the pages answer, without following anything."""
    return {browser.fetch(path).status_code for path in paths}


@pytest.mark.parametrize("jump", JUMPS.values(), ids=JUMPS)
def test_no_page_fails_and_nobody_is_signed_in_for_ever(demo: DemoSite, jump: timedelta) -> None:
    browser, coach = demo.signed_in("teacher"), demo.signed_in("coach")
    assert statuses(browser, *PAGES) == {200}
    demo.clock.at = TEN_O_CLOCK + jump
    own = f"/teach/classes/{demo.classroom(OWN).id}"
    assert statuses(browser, *PAGES, own, f"/c/{demo.door().code}") <= {200, 303, 404}
    assert statuses(coach, "/coach/", "/coach/studio/") <= {200, 303}
    demo.clock.at = TEN_O_CLOCK
    assert statuses(demo.signed_in("teacher"), *PAGES) == {200}, "the clock was put right"
    demo.clock.at = TEN_O_CLOCK + timedelta(days=7, minutes=1)
    assert statuses(browser, "/teach/") == {303}, "however the clock went meanwhile, seven days end it"


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(days=-2), timedelta(hours=5)])
def test_the_card_has_one_answer_a_week_on_the_day_of_the_clock(demo: DemoSite, jump: timedelta) -> None:
    with demo.records.writing() as tx:
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, week_of(TODAY), ("6", "7", "8"), "body-scan", None, TEN_O_CLOCK)
    browser = demo.browser()
    door = f"/c/{demo.door().code}"
    browser.submit(browser.open(door).form("/log"), outcome="done")
    demo.clock.at = TEN_O_CLOCK + jump
    day = school_day(demo.clock.at, NEW_YORK)
    browser.submit(browser.open(door).form("/log"), outcome="shortened")
    demo.clock.at = TEN_O_CLOCK
    held = [one for one in demo.viewings() if one.slug == "body-scan"]
    assert [(one.on_day, one.extent) for one in held] == [(day, Completeness.SHORTENED)], "the last answer stands"
    assert all(one.entered_at is not None and one.minutes is not None and one.minutes > 0 for one in held)


def test_a_scheduled_text_goes_live_once_although_the_clock_goes_back(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    here = demo.app.extensions["wellness"]
    desk = Stores(here.records, here.catalogue, here.workshop, here.media)
    key, coach = TextKey(TextKind.SESSION, "body-scan"), demo.person("coach")
    sync(desk, demo.clock())
    opened = drafts.open_text(desk, key)
    text = opened.text.replace("\ntitle: ", "\ntitle: Our ", 1)
    version = drafts.save_draft(desk, key, text, coach, demo.clock(), version=opened.version).version
    publish.schedule(desk, key, demo.clock() + timedelta(hours=1), coach, demo.clock(), version=version)
    for hours in (-24, 0.5, 2, -24, 2, 48):
        sync(desk, TEN_O_CLOCK + timedelta(hours=hours))
    acts = [one.act for one in publish.list_history(desk, key)]
    assert acts.count(PublicationAct.PUBLISHED) == 1


def test_nobody_is_locked_out_for_ever_by_a_clock_that_was_ahead(demo: DemoSite) -> None:
    """Wrong passwords while it was a year ahead made the right one wait until that year was over."""
    browser = demo.browser()
    demo.clock.at = TEN_O_CLOCK + timedelta(days=365)
    for _ in range(8):
        browser.sign_in("teacher@demo.test", "not the password", 422 if _ < 5 else 429)
    demo.clock.at = TEN_O_CLOCK
    assert browser.sign_in("teacher@demo.test", PASSWORD).heading == "My classes"
