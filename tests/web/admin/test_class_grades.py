"""Classes of several grades, pre-K, and classes that changed grades: where they are found and where they count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.demo_site import MONDAY, OWN, TODAY, DemoSite
from tests.support.pages import PageClient
from tests.web.admin.test_classes import press
from tests.web.coach.test_grid import csv_of, figures
from tests.web.coach.test_reports import csv_of as report_of
from wellness.domain import Classroom
from wellness.records import classrooms

WEEK = timedelta(weeks=1)


def add_mixed(demo: DemoSite, name: str = "7/8-1", grade: str = "7", others: tuple[str, ...] = ("8",)) -> Classroom:
    """Add a class of several grades as an admin does."""
    admin = demo.signed_in("admin")
    form = admin.open("/admin/").form("/admin/classes")
    school_id = demo.classroom(OWN).school_id
    admin.submit(form, name=name, school_id=school_id, grade=grade, other_grades=list(others), size="20")
    return demo.classroom(name)


def classes_of(browser: PageClient, query: str) -> set[str]:
    return {row["class"] for row in csv_of(browser, query)}


def test_a_mixed_class_is_found_under_each_grade_and_counts_in_the_one_whose_plan_it_follows(demo: DemoSite) -> None:
    coach = demo.signed_in("coach")
    before = figures(coach.open("/coach/?grade=8"))
    mixed = add_mixed(demo)
    assert mixed.grades == ("7", "8")
    assert "7/8-1" in coach.open("/coach/?grade=7").main
    page = coach.open("/coach/?grade=8")
    assert "7/8-1" in page.main
    assert "Counts in another grade" in page.main
    assert figures(page) == before
    assert "7/8-1" not in coach.open("/coach/?grade=6").main
    (row,) = [row for row in csv_of(coach, "grade=7") if row["class"] == "7/8-1"]
    assert (row["grade"], row["grades"]) == ("7", "7, 8")
    assert "7/8-1" not in classes_of(coach, "grade=8")


@pytest.mark.parametrize("query", ["grade=6", "grade=7", "grade=8", "term=year&grade=6", "term=year&grade=7", ""])
def test_grid_and_report_count_the_same_after_a_class_changed_grades(demo: DemoSite, query: str) -> None:
    add_mixed(demo)
    press(demo, "", grade="6", other_grades=["8"])
    coach = demo.signed_in("coach")
    shown = csv_of(coach, f"school=all&{query}")
    weeks = {row["week_of"] for row in shown}
    lines = [row for row in report_of(coach, query) if row["week_of"] in weeks]
    done = sum(row["state"] in ("delivered", "shortened") for row in shown)
    assert done == sum(int(line["delivered"]) for line in lines)


def test_a_class_counts_in_the_grade_it_had_when_a_week_was_over(demo: DemoSite) -> None:
    coach = demo.signed_in("coach")
    past = MONDAY - WEEK

    def counted() -> list[dict[str, str]]:
        rows = [row for grade in ("6", "7") for row in csv_of(coach, f"week={past}&grade={grade}")]
        return [row | {"grades": ""} for row in rows]  # what the class has now

    before = counted()
    press(demo, "", grade="6")
    assert sorted(counted(), key=str) == sorted(before, key=str)
    assert OWN in classes_of(coach, "grade=6")
    assert OWN not in classes_of(coach, "grade=7")
    assert OWN in classes_of(coach, f"week={past}&grade=7")


def test_pre_k_follows_the_youngest_band_and_is_said_as_such(demo: DemoSite) -> None:
    room = add_mixed(demo, "Ducklings", "PK", ())
    coach = demo.signed_in("coach")
    assert "Pre-K" in coach.open(f"/teach/classes/{room.id}").main
    plan = coach.open("/coach/plan").form("/coach/plan")
    asked = {
        "week_on": MONDAY.isoformat(),
        "slug": "gratitude-note",
        "grades": ["PK"],
        "school_ids": [room.school_id],
    }
    coach.submit(plan, **asked)
    (row,) = csv_of(coach, "grade=PK")
    assert (row["class"], row["planned_session"]) == ("Ducklings", "gratitude-note")


def test_a_door_card_names_the_grades(demo: DemoSite) -> None:
    press(demo, "", other_grades=["8"])
    assert "Grades 7–8" in demo.signed_in("teacher").open(f"/teach/classes/{demo.classroom(OWN).id}/door").main


def test_only_grades_can_be_in_a_class(demo: DemoSite) -> None:
    browser, room = demo.signed_in("coach"), demo.classroom(OWN)
    form = browser.open(f"/admin/classes/{room.id}").form(f"/admin/classes/{room.id}")
    browser.submit(form, 422, other_grades=["13"])
    with demo.records.reading() as tx:
        assert classrooms.get_classroom(tx, room.id, TODAY) == room
