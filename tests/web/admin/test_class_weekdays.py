"""A class with a weekday of its own: when its session is due, and that its week is over after its own day."""

from __future__ import annotations

from datetime import date, timedelta

from tests.support.demo_site import MONDAY, OWN, OWN_TOO, TODAY, DemoSite
from tests.support.pages import Page
from tests.web.admin.test_classes import press
from tests.web.coach.test_grid import csv_of, figures
from tests.web.coach.test_reports import csv_of as report_of
from wellness.domain import Expectation
from wellness.records import expected_weeks

DAY = timedelta(days=1)
NEXT = MONDAY + 14 * DAY
"""The week after Thanksgiving."""
WEDNESDAY, THURSDAY, FRIDAY = (NEXT + n * DAY for n in (2, 3, 4))


def meet_on_wednesdays(demo: DemoSite, status: int = 303, week: date = NEXT) -> Page:
    return press(demo, "/weekday", status, weekday="2", valid_from=str(week))


def row_of(demo: DemoSite, name: str = OWN, week: date = NEXT) -> dict[str, str]:
    return next(row for row in csv_of(demo.signed_in("coach"), f"week={week}") if row["class"] == name)


def stored(demo: DemoSite, name: str = OWN) -> list[Expectation]:
    with demo.records.reading() as tx:
        return expected_weeks.list_of_classes(tx, [demo.classroom(name).id], NEXT, NEXT)


def plan(demo: DemoSite, slug: str, week: date = NEXT) -> None:
    coach, room = demo.signed_in("coach"), demo.classroom(OWN)
    form = coach.open("/coach/plan").form("/coach/plan")
    coach.submit(form, week_on=str(week), slug=slug, grades=["6", "7", "8"], school_ids=[room.school_id])


def test_a_class_is_due_on_its_own_day_from_the_chosen_week_on(demo: DemoSite) -> None:
    page = meet_on_wednesdays(demo)
    assert "From Nov 30: Wednesday." in page.main
    assert (row_of(demo)["due"], row_of(demo, OWN_TOO)["due"]) == (str(WEDNESDAY), str(FRIDAY))
    assert row_of(demo, week=MONDAY)["due"] == str(TODAY)
    demo.clock.go(days=(WEDNESDAY - TODAY).days)
    assert "Due today" in demo.signed_in("teacher").open("/teach/").main
    assert row_of(demo)["state"] == "due"
    page = press(demo, "/weekday", weekday="", valid_from=str(NEXT + 7 * DAY))
    assert "From Dec 7: Friday." in page.main
    assert row_of(demo, week=NEXT + 7 * DAY)["due"] == str(FRIDAY + 7 * DAY)


def test_its_week_is_over_after_its_own_day_and_the_plan_can_change_for_the_others(demo: DemoSite) -> None:
    meet_on_wednesdays(demo)
    planned = row_of(demo)["planned_session"]
    demo.clock.go(days=(THURSDAY - TODAY).days)
    assert row_of(demo)["state"] == "nothing logged"
    plan(demo, "listening-pairs")
    assert [(one.due_on, one.slug, one.seq) for one in stored(demo)] == [(WEDNESDAY, planned, 1)]
    assert stored(demo, OWN_TOO) == []
    assert row_of(demo)["planned_session"] == planned != "listening-pairs"
    assert row_of(demo, OWN_TOO)["planned_session"] == "listening-pairs"
    assert figures(demo.signed_in("coach").open(f"/coach/?week={NEXT}"))
    demo.clock.go(days=2)
    plan(demo, "body-scan", NEXT + 7 * DAY)  # which closes the week before
    assert [one.seq for one in stored(demo)] == [1]
    assert [(one.due_on, one.slug) for one in stored(demo, OWN_TOO)] == [(FRIDAY, "listening-pairs")]


def test_the_report_counts_a_class_whose_week_is_over_alone_once(demo: DemoSite) -> None:
    meet_on_wednesdays(demo)
    demo.clock.go(days=(THURSDAY - TODAY).days)
    before = report_of(demo.signed_in("coach"))
    plan(demo, "listening-pairs")
    plan(demo, row_of(demo)["planned_session"])
    after = report_of(demo.signed_in("coach"))

    def counted(rows: list[dict[str, str]]) -> list[int]:
        week = [row for row in rows if row["week_of"] == str(NEXT)]
        return [sum(int(row[column]) for row in week) for column in ("classes", "planned", "not_said")]

    assert counted(after) == counted(before)


def test_a_week_whose_day_is_over_keeps_its_day(demo: DemoSite) -> None:
    said = meet_on_wednesdays(demo, 422, week=MONDAY).beside("valid_from")
    assert "That week’s session was already due." in said
    assert row_of(demo, week=MONDAY)["due"] == str(TODAY)
    assert "Past weeks stay as they were." in meet_on_wednesdays(demo, 422, week=MONDAY - 7 * DAY).beside("valid_from")
    assert meet_on_wednesdays(demo, 422, week=NEXT + DAY).beside("valid_from")
