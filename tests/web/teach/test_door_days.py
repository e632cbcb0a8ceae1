"""When a door card works: school days and hours, the due day, last Friday until Monday night; and a wrong code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.demo_site import MONDAY, OWN, TODAY, DemoSite
from wellness.domain import GRADES
from wellness.records import plans

FRIDAY_EVENING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 15, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
NEXT_MONDAY_NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
NEXT_TUESDAY = datetime(2026, 11, 24, 15, tzinfo=UTC)


def days_offered(demo: DemoSite, at: datetime) -> list[str]:
    """The days that the card's form offers."""
    demo.clock.at = at
    page = demo.browser().open(f"/c/{demo.door().code}")
    return [option.get("value", "") for option in page.all("option") if (option.get("value") or "").startswith("20")]


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (FRIDAY_EVENING, []),
        (SATURDAY, []),
        (NEXT_MONDAY, ["2026-11-23", "2026-11-20"]),
        (NEXT_MONDAY_NIGHT, ["2026-11-20"]),
        (NEXT_TUESDAY, ["2026-11-24"]),
    ],
)
def test_a_card_logs_today_and_last_friday_until_monday_night(demo: DemoSite, at: datetime, days: list[str]) -> None:
    assert days_offered(demo, at) == days


@pytest.mark.parametrize("at", [FRIDAY_EVENING, SATURDAY])
def test_a_card_starts_nothing_outside_school_hours(demo: DemoSite, at: datetime) -> None:
    browser, code = demo.browser(), demo.door().code
    form = browser.open(f"/c/{code}").form("/open")
    demo.clock.at = at
    page = browser.submit(form, 422)
    assert "This card works on school days from 6:00" in page.main.replace("\u202f", " ")
    assert demo.viewings(last=TODAY + timedelta(days=1)) == []


def test_a_page_left_open_since_friday_still_logs_friday_on_monday(demo: DemoSite) -> None:
    browser = demo.browser()
    form = browser.open(f"/c/{demo.door().code}").form("/log")
    demo.clock.at = NEXT_MONDAY
    page = browser.submit(form, outcome="done", on_day=TODAY.isoformat())
    assert "Friday, November 20" in page.main and "logged late" in page.main
    (viewing,) = demo.viewings()
    assert (viewing.on_day, viewing.week_on, viewing.is_late) == (TODAY, MONDAY, True)


def test_a_page_left_open_too_long_says_so_and_offers_the_right_form(demo: DemoSite) -> None:
    browser = demo.browser()
    form = browser.open(f"/c/{demo.door().code}").form("/log")
    demo.clock.at = NEXT_TUESDAY
    before = demo.dump()
    page = browser.submit(form, 422, outcome="done", on_day=TODAY.isoformat())
    assert "The card can’t log Friday, November 20 now." in page.beside("on_day")
    assert "2026-11-24" in [option.get("value") for option in page.all("option")]
    assert demo.dump() == before


def test_an_admin_sets_the_hours_and_a_wrong_range_is_refused(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    form = admin.open("/admin/settings").form("/settings")
    refused = admin.submit(form, 422, door_from_hour="9", door_to_hour="9")
    assert "Choose a later hour than the first one." in refused.beside("door_to_hour")
    admin.submit(form, door_from_hour="6", door_to_hour="20")
    assert days_offered(demo, FRIDAY_EVENING) == [TODAY.isoformat()]


def test_where_nothing_is_planned_four_square_is_ready_unless_an_admin_says_no(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        plans.set_plan(tx, demo.classroom().school_id, MONDAY, GRADES, None, None, demo.clock())
    browser = demo.browser()
    page = browser.open(f"/c/{demo.door().code}")
    assert "Nothing is planned this week. This one is always ready." in page.main
    browser.submit(page.form("/open"))
    browser.submit(browser.open(f"/c/{demo.door().code}").form("/log"), outcome="done")
    assert [one.slug for one in demo.viewings()] == ["four-square-breathing"]
    admin = demo.signed_in("admin")
    admin.submit(admin.open("/admin/settings").form("/settings"), door_always_ready=[])
    assert "Nothing is planned this week" in demo.browser().open(f"/c/{demo.door().code}").main
    assert not [
        form for form in demo.browser().open(f"/c/{demo.door().code}").all("form") if "/log" in form.get("action", "")
    ]


def test_a_wrong_code_gets_the_box_again_with_what_was_typed(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.open("/c/", 404, query_string={"code": "gt2p erbo"})
    assert page.heading == "Enter the class code"
    assert page.find("input", name="code").get("value") == "gt2p erbo"
    assert "That code didn’t work." in page.beside("code") and OWN not in page.text
    assert browser.open("/c/wrong234", 404).find("input", name="code").get("value") == "wrong234"
