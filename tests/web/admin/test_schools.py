"""A school's page: its time zone, its own days in a year, closing and reopening."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from tests.support.demo_site import MONDAY, OWN, TODAY, DemoSite
from tests.support.pages import Page
from wellness.records import audit_log

NEXT_WEEK = MONDAY + timedelta(days=7)


def school_id(demo: DemoSite) -> str:
    return demo.classroom(OWN).school_id


def press(demo: DemoSite, what: str, status: int = 303, **typed: str) -> Page:
    """Submit one of the forms of the school's page."""
    admin, address = demo.signed_in("admin"), f"/admin/schools/{school_id(demo)}"
    return admin.submit(admin.open(address).form(f"{address}/{what}"), status, **typed)


def report(demo: DemoSite) -> list[dict[str, str]]:
    text = demo.signed_in("coach").fetch("/coach/reports.csv?term=year").text.lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def before_today(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in rows if row["week_of"] < str(MONDAY)]


def last_object(demo: DemoSite) -> tuple[str, str]:
    with demo.records.reading() as tx:
        entry = audit_log.list_audit(tx, limit=1)[0]
    return entry.action, entry.detail


def test_a_closed_school_has_nothing_due_and_no_door_and_nothing_before_it_changes(demo: DemoSite) -> None:
    past, name = before_today(report(demo)), demo.classroom(OWN).school_name
    door = demo.door(OWN).code
    page = press(demo, "close", closed_on=str(TODAY))
    assert "Reopen this school" in page.main
    assert last_object(demo) == ("close school", f"after {TODAY}")
    demo.clock.go(days=7)
    assert before_today(report(demo)) == past
    assert not [row for row in report(demo) if row["school"] == name and row["week_of"] >= str(NEXT_WEEK)]
    demo.browser().open(f"/c/{door}", 404)
    admin = demo.signed_in("admin")
    assert f"{name} (closed)" in admin.open("/admin/").main
    assert name not in admin.open("/coach/calendar").texts("label")


def test_a_reopened_school_goes_on_and_nothing_was_expected_in_between(demo: DemoSite) -> None:
    name, door = demo.classroom(OWN).school_name, demo.door(OWN).code
    press(demo, "close", closed_on=str(TODAY))
    demo.clock.go(days=21)
    page = press(demo, "reopen")
    assert "Close this school" in page.main
    weeks = {row["week_of"]: row for row in report(demo) if row["school"] == name}
    assert str(MONDAY) in weeks and str(NEXT_WEEK) not in weeks
    assert str(NEXT_WEEK + timedelta(days=14)) in weeks
    demo.browser().open(f"/c/{door}")


def test_a_school_cannot_be_closed_before_weeks_that_are_over(demo: DemoSite) -> None:
    page = press(demo, "close", 422, closed_on="2026-10-01")
    assert "Earlier weeks are over and stay as they were." in page.main


def test_a_school_can_begin_later_and_end_earlier_than_the_district(demo: DemoSite) -> None:
    (form, *_) = [one for one in page_forms(demo) if "/days/" in one]
    year_id = form.rsplit("/", 1)[1]
    past = before_today(report(demo))
    press(demo, f"days/{year_id}", last_on="2027-05-28")
    name = demo.classroom(OWN).school_name
    weeks = {row["week_of"] for row in report(demo) if row["school"] == name}
    assert max(weeks) == "2027-05-24"
    assert before_today(report(demo)) == past
    page = press(demo, f"days/{year_id}", 422, first_on="2026-01-01")
    assert "The school year begins on" in page.main


def page_forms(demo: DemoSite) -> list[str]:
    page = demo.signed_in("admin").open(f"/admin/schools/{school_id(demo)}")
    return [str(form.get("action")) for form in page.all("form")]


def test_a_first_day_moved_behind_closed_weeks_changes_none_of_them(demo: DemoSite) -> None:
    (form, *_) = [one for one in page_forms(demo) if "/days/" in one]
    year_id, past = form.rsplit("/", 1)[1], before_today(report(demo))
    press(demo, f"days/{year_id}", first_on=str(TODAY))
    assert before_today(report(demo)) == past


def test_days_and_hours_of_a_school_are_those_of_its_own_time_zone(demo: DemoSite) -> None:
    address = f"/teach/classes/{demo.classroom(OWN).id}"
    assert demo.signed_in("teacher").open(address).find("input", name="on_day").get("value") == str(TODAY)
    press(demo, "zone", time_zone="Pacific/Kiritimati")
    assert last_object(demo) == ("set time zone", "Pacific/Kiritimati")
    teacher = demo.signed_in("teacher").open(address)
    assert str(date.fromisoformat(str(teacher.find("input", name="on_day").get("max")))) == str(
        TODAY + timedelta(days=1)
    )
    press(demo, "zone", time_zone="")
    assert demo.signed_in("teacher").open(address).find("input", name="on_day").get("max") == str(TODAY)


@pytest.mark.parametrize("zone", ["EST", "Mars/Base"])
def test_a_time_zone_that_is_none_is_refused(demo: DemoSite, zone: str) -> None:
    assert "Choose a time zone from the list." in press(demo, "zone", 422, time_zone=zone).main
