"""The settings' minutes goals: each holds from a day on, and weeks that are over keep theirs."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from tests.support.demo_site import MONDAY, TODAY, DemoSite
from tests.support.pages import Page
from wellness.domain import MinutesTarget
from wellness.records import minutes_targets

NEXT_WEEK = MONDAY + timedelta(days=7)
WEEK_AFTER = MONDAY + timedelta(days=14)


def set_goal(demo: DemoSite, status: int = 303, **typed: str) -> Page:
    """Set a goal on the settings page."""
    admin = demo.signed_in("admin")
    return admin.submit(admin.open("/admin/settings").form("/admin/settings/goals/"), status, **typed)


def change_goal(demo: DemoSite, day: date, status: int = 303, **typed: str) -> Page:
    """Correct the goal that begins on the day."""
    admin, address = demo.signed_in("admin"), f"/admin/settings/goals/{day}"
    return admin.submit(admin.open(address).form(address), status, **typed)


def goals(demo: DemoSite) -> list[MinutesTarget]:
    with demo.records.reading() as tx:
        return minutes_targets.list_targets(tx)


def goals_by_week(demo: DemoSite) -> dict[str, set[str]]:
    """The goal of each week of the year, from the report's table."""
    text = demo.signed_in("coach").fetch("/coach/reports.csv?term=year").text.lstrip("\ufeff")
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        found.setdefault(row["week_of"], set()).add(row["minutes_target"])
    return found


def test_a_goal_counts_from_its_day_on_and_leaves_the_weeks_before_it_alone(demo: DemoSite) -> None:
    before = goals_by_week(demo)
    assert set.union(*before.values()) == {"45"}
    page = set_goal(demo, minutes="60", valid_from=str(NEXT_WEEK))
    assert "Minutes goal saved." in page.text and "Now: 45 minutes" in page.main
    after = goals_by_week(demo)
    assert all(after[week] == {"60" if week >= str(NEXT_WEEK) else "45"} for week in before)
    demo.clock.go(days=7)
    assert "Now: 60 minutes" in demo.signed_in("admin").open("/admin/settings").main


def test_the_form_proposes_today_and_this_weeks_open_due_day_takes_the_new_goal(demo: DemoSite) -> None:
    page = demo.signed_in("admin").open("/admin/settings")
    assert page.find("input", name="valid_from").get("value") == str(TODAY)
    set_goal(demo, minutes="10")
    assert goals_by_week(demo)[str(MONDAY)] == {"10"}
    assert "Met the 10-minute goal" in demo.signed_in("coach").open(f"/coach/?week={MONDAY}").main
    assert "Met the 45-minute goal" in demo.signed_in("coach").open(f"/coach/?week={MONDAY - timedelta(days=7)}").main


def test_a_report_over_two_goals_names_neither(demo: DemoSite) -> None:
    set_goal(demo, minutes="10")
    assert "Met the minutes goal" in demo.signed_in("coach").open("/coach/reports?term=year").main


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"minutes": "0"}, "Enter minutes from 1 to 300."),
        ({"minutes": "301"}, "Enter minutes from 1 to 300."),
        ({"minutes": "60", "valid_from": ""}, "Choose the first day."),
        ({"minutes": "60", "valid_from": "2026-09-01"}, "Earlier weeks are over and stay as they were."),
    ],
)
def test_a_goal_that_cannot_be_is_refused_beside_the_field(demo: DemoSite, typed: dict[str, str], said: str) -> None:
    before = goals(demo)
    page = set_goal(demo, 422, **typed)
    assert said in page.main
    assert goals(demo) == before


def test_a_goal_that_no_closed_week_depends_on_can_be_corrected_and_removed(demo: DemoSite) -> None:
    base = goals(demo)
    set_goal(demo, minutes="600"[:2], valid_from=str(NEXT_WEEK))
    change_goal(demo, NEXT_WEEK, minutes="50", valid_from=str(WEEK_AFTER))
    assert goals(demo) == [*base, MinutesTarget(WEEK_AFTER, 50)]
    admin = demo.signed_in("admin")
    address = f"/admin/settings/goals/{WEEK_AFTER}"
    page = admin.submit(admin.open(address).form(f"{address}/remove"))
    assert "Minutes goal saved." in page.text
    assert goals(demo) == base
    assert admin.fetch(address).status_code == 404


def test_a_goal_that_weeks_were_counted_with_stays(demo: DemoSite) -> None:
    (first,) = goals(demo)
    page = change_goal(demo, first.valid_from, 422, minutes="10", valid_from=str(NEXT_WEEK))
    assert "Weeks that are over were counted with this goal" in page.main
    admin, address = demo.signed_in("admin"), f"/admin/settings/goals/{first.valid_from}"
    page = admin.submit(admin.open(address).form(f"{address}/remove"), 422)
    assert "Weeks that are over were counted with this goal" in page.main
    assert address not in admin.open("/admin/settings").links()
    assert goals(demo) == [first]
