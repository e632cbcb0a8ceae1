"""One calendar behind every page: plan, grid, report, My classes and CSV agree on school days, due days and terms."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tests.support.demo_site import OWN, STRANGE, TODAY, DemoSite
from tests.support.pages import PageClient, text_of
from tests.support.scratch import close_school
from wellness.records import schools


def csv_rows(browser: PageClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.fetch(address).text.removeprefix("\ufeff"))))


def due_in_grid(browser: PageClient, week_on: date) -> set[str]:
    return {row["due"] for row in csv_rows(browser, f"/coach/grid.csv?week={week_on}")}


def due_in_plan(browser: PageClient, week_on: date) -> str:
    row = next(row for row in browser.open("/coach/plan").all("tr") if row.get("id") == f"week-{week_on}")
    return text_of(row.find("td"))


def test_plan_and_grid_show_the_same_due_day_for_a_schools_own_days(demo: DemoSite) -> None:
    coach = demo.signed_in("coach2")
    form = coach.open("/coach/plan").form("/plan/days")
    coach.submit(
        form, first_on="2026-12-03", last_on="2026-12-04", reason="Snow", school_id=demo.classroom(STRANGE).school_id
    )
    week_on = date(2026, 11, 30)
    assert (due_in_plan(coach, week_on), due_in_grid(coach, week_on)) == ("Dec 2", {"2026-12-02"})
    district = demo.signed_in("coach")
    assert due_in_grid(district, week_on) == {"2026-12-02", "2026-12-04"}
    assert "Dec 2" in due_in_plan(district, week_on) and "Dec 4" in due_in_plan(district, week_on)


def test_nothing_is_due_after_the_last_school_day(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        tx.execute(text("update school_calendar set last_on = '2026-12-01'"))
    demo.clock.go(days=13)
    coach, teacher = demo.signed_in("coach"), demo.signed_in("teacher")
    week_on = date(2026, 11, 30)
    assert (due_in_plan(coach, week_on), due_in_grid(coach, week_on)) == ("Dec 1", {"2026-12-01"})
    assert {row["state"] for row in csv_rows(coach, f"/coach/grid.csv?week={week_on}")} == {"nothing logged"}
    assert {row["due"] for row in csv_rows(coach, "/coach/reports.csv") if row["week_of"] == str(week_on)} == {
        "2026-12-01"
    }
    assert "Coming up" not in teacher.open("/teach/").main
    assert due_in_grid(coach, week_on + timedelta(days=7)) == {""}
    demo.browser().open(f"/c/{demo.door().code}", 404)


@pytest.mark.parametrize("address", ["/teach/", "/teach/classes/{id}"])
def test_forms_propose_the_last_day_with_school(demo: DemoSite, address: str) -> None:
    with demo.records.writing() as tx:
        close_school(tx, [demo.classroom(OWN).school_id], TODAY)
    demo.clock.go(days=1)
    page = demo.signed_in("teacher").open(address.format(id=demo.classroom(OWN).id))
    proposed = {field.get("value") for field in page.all("input", name="on_day")}
    assert proposed == {str(TODAY - timedelta(days=1))}, "not Friday, which was closed"


@pytest.mark.parametrize("table", ["grid.csv", "reports.csv"])
def test_two_terms_add_up_to_the_year(demo: DemoSite, table: str) -> None:
    """The first semester ends on a Monday and the second begins on the next day: that week is in both no more."""
    with demo.records.writing() as tx:
        (year,) = schools.list_years(tx)
        tx.execute(text("update term set ends_on = '2027-01-18' where name = 'Fall semester'"))
    demo.clock.go(days=80)
    coach = demo.signed_in("coach")
    fall, spring = (csv_rows(coach, f"/coach/{table}?term={term.id}") for term in year.terms)
    whole = csv_rows(coach, f"/coach/{table}?term=year")
    assert [row for row in fall if row["week_of"] == "2027-01-18"] == []
    assert [row for row in spring if row["week_of"] == "2027-01-18"]

    def in_order(rows: list[dict[str, str]]) -> list[str]:
        return sorted(map(repr, rows))

    assert in_order(fall + spring) == in_order(whole)


def test_a_week_may_be_in_another_term_in_another_school(demo: DemoSite) -> None:
    """One school is closed on that Friday, so its week is due before the term of the other one begins."""
    with demo.records.writing() as tx:
        (year,) = schools.list_years(tx)
        tx.execute(text("update term set ends_on = '2027-02-04' where name = 'Fall semester'"))
        tx.execute(text("update term set starts_on = '2027-02-05' where name = 'Spring semester'"))
        close_school(tx, [demo.classroom(STRANGE).school_id], date(2027, 2, 5))
    demo.clock.go(days=80)
    coach = demo.signed_in("coach")
    fall, spring = (
        {row["school"] for row in csv_rows(coach, f"/coach/grid.csv?term={term.id}") if row["week_of"] == "2027-02-01"}
        for term in year.terms
    )
    assert (fall, spring) == ({demo.classroom(STRANGE).school_name}, {demo.classroom(OWN).school_name})
    page = coach.open(f"/coach/?term={year.terms[0].id}")
    assert "Other term" in page.main
    planned = sum(int(row["planned"]) for row in csv_rows(coach, f"/coach/reports.csv?term={year.terms[0].id}"))
    assert f"of {planned:,}" in page.main, "grid and report count the same"
