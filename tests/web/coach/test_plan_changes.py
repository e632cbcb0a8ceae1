"""Changing the plan of a week that classes already did, one class that differs, and undoing either."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree.ElementTree import Element

import pytest

from tests.support.demo_site import MONDAY, OWN, DemoSite
from tests.support.pages import Page, PageClient
from tests.support.scratch import close_school
from tests.web.coach.test_grid import csv_of
from wellness.records import plans

WEEK = timedelta(weeks=1)
PLANNED, OTHER, THIRD = "four-square-breathing", "listening-pairs", "body-scan"


@pytest.fixture
def coach(demo: DemoSite) -> PageClient:
    """The coach's browser, on a site where grade 7 has the same session this week and next."""
    school_id = demo.classroom().school_id
    with demo.records.writing() as tx:
        assert plans.planned_slug(tx, school_id, MONDAY, "7") not in (PLANNED, OTHER, THIRD)
        for week_on in (MONDAY, MONDAY + WEEK):
            plans.set_plan(tx, school_id, week_on, ["7"], PLANNED, None, demo.clock())
    return demo.signed_in("coach")


def plan(demo: DemoSite, browser: PageClient, week_on: date, slug: str, status: int = 303) -> Page:
    """Plan a session for grade 7 on the plan page."""
    asked = {"week_on": week_on.isoformat(), "slug": slug, "grades": ["7"]}
    form = browser.open("/coach/plan").form("/coach/plan")
    return browser.submit(form, status, **asked, school_ids=[demo.classroom().school_id])


def rows(browser: PageClient, week_on: date = MONDAY) -> dict[str, tuple[str, str]]:
    """Session and state of each class of grade 7 in the week."""
    listed = csv_of(browser, f"week={week_on}&grade=7")
    return {row["class"]: (row["planned_session"], row["state"]) for row in listed}


def undo_form(page: Page) -> Element:
    """The form that undoes the change that was just made."""
    return next(form for form in page.all("form") if "/coach/plan/undo/" in form.get("action", ""))


def log(demo: DemoSite, browser: PageClient) -> None:
    """The class did this week's session."""
    page = browser.open(f"/teach/classes/{demo.classroom().id}")
    browser.submit(page.form(f"/teach/classes/{demo.classroom().id}/log"), on_day=MONDAY.isoformat(), outcome="done")


def test_a_week_that_classes_did_is_changed_only_after_a_look_at_the_numbers(demo: DemoSite, coach: PageClient) -> None:
    log(demo, coach)
    before = demo.dump()
    page = plan(demo, coach, MONDAY, OTHER, 422)
    assert "1 class that reads “Done” will read “Different session”." in page.main
    assert demo.dump() == before

    page = coach.submit(page.form("/coach/plan"))
    assert "Plan saved." in page.text
    assert rows(coach)[OWN] == (OTHER, "another session")
    assert rows(coach)[OWN][1] not in ("nothing logged", "due")

    page = coach.submit(undo_form(page))
    assert "Undone." in page.text
    assert rows(coach)[OWN] == (PLANNED, "delivered")


def test_the_numbers_are_shown_again_when_another_class_logged_since(demo: DemoSite, coach: PageClient) -> None:
    log(demo, coach)
    page = plan(demo, coach, MONDAY, OTHER, 422)
    form = page.form("/coach/plan")
    page = coach.submit(form, 422, confirmed="12 delivered>another session")
    assert "1 class that reads “Done”" in page.main
    assert rows(coach)[OWN] == (PLANNED, "delivered")


def test_a_week_nobody_logged_is_changed_at_once_and_undone_once(demo: DemoSite, coach: PageClient) -> None:
    page = plan(demo, coach, MONDAY + WEEK, OTHER)
    assert "Plan saved." in page.text
    form = undo_form(page)
    coach.submit(form)
    assert {session for session, _ in rows(coach, MONDAY + WEEK).values()} == {PLANNED}
    assert "can’t be undone" in coach.submit(form).text
    assert {session for session, _ in rows(coach, MONDAY + WEEK).values()} == {PLANNED}


def test_a_change_that_somebody_changed_since_cannot_be_undone(demo: DemoSite, coach: PageClient) -> None:
    form = undo_form(plan(demo, coach, MONDAY + WEEK, OTHER))
    plan(demo, coach, MONDAY + WEEK, THIRD)
    assert "can’t be undone" in coach.submit(form).text
    assert {session for session, _ in rows(coach, MONDAY + WEEK).values()} == {THIRD}


def test_one_class_differs_until_it_is_the_same_as_its_grade_again(demo: DemoSite, coach: PageClient) -> None:
    address, following = f"/coach/plan/classes/{demo.classroom().id}", MONDAY + WEEK
    assert address in coach.open(f"/teach/classes/{demo.classroom().id}").links()
    page = coach.submit(coach.open(address).form(address), week_on=following.isoformat(), slug=OTHER)
    assert "Plan saved." in page.text
    plan(demo, coach, following, THIRD)
    shown = rows(coach, following)
    assert shown.pop(OWN)[0] == OTHER
    assert {session for session, _ in shown.values()} == {THIRD}
    row = coach.open("/coach/plan").by_id(f"week-{following}")
    assert row is not None
    assert f"except {OWN}" in "".join(row.itertext())

    form = coach.open(address).all("form", action=address)[-1]
    page = coach.submit(form)
    assert rows(coach, following)[OWN][0] == THIRD
    coach.submit(undo_form(page))
    assert rows(coach, following)[OWN][0] == OTHER


def test_a_class_that_did_the_grades_session_is_named_before_it_differs(demo: DemoSite, coach: PageClient) -> None:
    log(demo, coach)
    address = f"/coach/plan/classes/{demo.classroom().id}"
    page = coach.submit(coach.open(address).form(address), 422, week_on=MONDAY.isoformat(), slug=OTHER)
    assert "1 class that reads “Done” will read “Different session”." in page.main
    coach.submit(page.form(address))
    assert rows(coach)[OWN] == (OTHER, "another session")


@pytest.mark.parametrize(
    ("week_on", "slug"), [(MONDAY + WEEK, "no-such"), (MONDAY - 10 * WEEK, OTHER), (date(2031, 1, 6), OTHER)]
)
def test_what_cannot_be_planned_for_a_class_is_refused(
    demo: DemoSite, coach: PageClient, week_on: date, slug: str
) -> None:
    address, before = f"/coach/plan/classes/{demo.classroom().id}", demo.dump()
    coach.submit(coach.open(address).form(address), 422, week_on=week_on.isoformat(), slug=slug)
    assert demo.dump() == before


def test_the_teacher_sees_what_the_class_does_instead(demo: DemoSite, coach: PageClient) -> None:
    address = f"/coach/plan/classes/{demo.classroom().id}"
    coach.submit(coach.open(address).form(address), week_on=MONDAY.isoformat(), slug=OTHER)
    teacher = demo.signed_in("teacher")
    for path in ("/teach/", f"/teach/classes/{demo.classroom().id}"):
        assert teacher.open(path).form(f"/classes/{demo.classroom().id}/open/{OTHER}") is not None


def test_planning_into_a_week_without_school_says_that_nothing_is_due(demo: DemoSite, coach: PageClient) -> None:
    first = MONDAY + 5 * WEEK
    with demo.records.writing() as tx:
        close_school(tx, [demo.classroom().school_id], first, first + timedelta(days=4))
    page = plan(demo, coach, first, OTHER)
    assert "so nothing is due: Heron Ford Middle School." in page.text
    assert "so nothing is due" not in plan(demo, coach, MONDAY + WEEK, OTHER).text
