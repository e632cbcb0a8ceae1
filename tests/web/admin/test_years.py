"""The admin's school years: changed, refused and removed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.demo_site import TODAY, DemoSite
from tests.support.pages import Page, PageClient
from wellness.domain import SchoolYear
from wellness.records import calendars, schools

NEXT = {"name": "2027-28", "starts_on": "2027-08-23", "ends_on": "2028-06-09"}


def facts(demo: DemoSite) -> dict[str, list[tuple[object, ...]]]:
    """Every row but those of sign-ins, which each test browser adds."""
    return {table: rows for table, rows in demo.dump().items() if table != "sign_in"}


def years(demo: DemoSite) -> list[SchoolYear]:
    with demo.records.reading() as tx:
        return schools.list_years(tx)


def change(demo: DemoSite, status: int = 303, **typed: str) -> Page:
    """Change this year in its form."""
    admin, this = demo.signed_in("admin"), years(demo)[0]
    return admin.submit(admin.open(f"/admin/years/{this.id}").form(f"/admin/years/{this.id}"), status, **typed)


def add(demo: DemoSite, status: int = 303, **typed: str) -> Page:
    admin = demo.signed_in("admin")
    return admin.submit(admin.open("/admin/").form("/admin/years"), status, **{**NEXT, **typed})


def test_days_and_terms_of_a_year_can_be_changed(demo: DemoSite) -> None:
    before = years(demo)[0]
    quarters = {"term_name_1": "Q1", "term_name_2": "Q2", "term_on_2": "2026-10-20"}
    quarters |= {"term_name_3": "Q3", "term_on_3": "2027-01-19", "term_name_4": "Q4", "term_on_4": "2027-03-30"}
    page = change(demo, name="2026-27", ends_on="2027-06-11", **quarters)
    assert page.find("input", name="term_name_4").get("value") == "Q4"
    after = years(demo)[0]
    assert [term.name for term in after.terms] == ["Q1", "Q2", "Q3", "Q4"]
    assert [str(term.ends_on) for term in after.terms] == ["2026-10-19", "2027-01-18", "2027-03-29", "2027-06-11"]
    assert [term.id for term in after.terms[:2]] == [term.id for term in before.terms], "bookmarks of terms still work"
    with demo.records.reading() as tx:
        ids = [school.id for school in schools.list_schools(tx)]
        found = calendars.load_calendars(tx, year_id=after.id, school_ids=ids)
    assert {calendar.last_on for calendar in found.values()} == {date(2027, 6, 11)}


def test_a_year_that_ends_earlier_keeps_the_due_days_that_are_over(demo: DemoSite) -> None:
    demo.clock.go(days=14)
    coach = demo.signed_in("coach")
    change(demo, ends_on="2026-12-02", term_name_2="", term_on_2="")
    assert [row for row in due_days(coach) if row.startswith("2026-11-16")] == [f"2026-11-16 {TODAY}"]
    assert [row for row in due_days(coach) if row.startswith("2026-11-30")] == ["2026-11-30 2026-12-04"]


def test_weeks_that_were_counted_stay_inside_the_year(demo: DemoSite) -> None:
    first = years(demo)[0].starts_on
    shown = due_days(demo.signed_in("coach"))
    later = change(demo, 422, starts_on="2026-10-01", term_name_2="", term_on_2="")
    assert "is over and counted" in later.beside("starts_on")
    earlier = change(demo, 422, ends_on="2026-10-30", term_name_2="", term_on_2="")
    assert "is over and counted" in earlier.beside("ends_on")
    assert due_days(demo.signed_in("coach")) == shown
    assert years(demo)[0].starts_on == first


def due_days(browser: PageClient) -> list[str]:
    lines = browser.fetch("/coach/reports.csv").text.splitlines()[1:]
    cells = [[cell.strip('"') for cell in line.split(",")] for line in lines]
    return sorted({f"{line[2]} {line[4]}" for line in cells})


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"starts_on": "2027-06-01"}, "starts_on", "overlap with 2026-27"),
        ({"starts_on": "2026-11-01", "ends_on": "2026-12-01"}, "starts_on", "overlap with 2026-27"),
        ({"ends_on": "2029-06-09"}, "ends_on", "at most 14 months"),
        ({"starts_on": "2207-08-23", "ends_on": "2208-06-09"}, "starts_on", "more than two years"),
        ({"starts_on": "2017-08-23", "ends_on": "2018-06-09"}, "starts_on", "more than two years"),
        ({"ends_on": "2027-08-01"}, "ends_on", "after the first day"),
    ],
)
def test_a_new_year_neither_overlaps_nor_is_absurd(demo: DemoSite, typed: dict[str, str], field: str, why: str) -> None:
    before = facts(demo)
    assert why in add(demo, 422, **typed).beside(field)
    assert facts(demo) == before


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"ends_on": "2027-09-01"}, "starts_on"),
        ({"name": "2027-28"}, "name"),
        ({"name": ""}, "name"),
        ({"term_on_2": "2028-01-01"}, "term_on_2"),
        ({"term_on_2": "2026-08-01"}, "term_on_2"),
        ({"term_name_2": "", "term_on_2": "2027-01-19"}, "term_name_2"),
        ({"term_name_3": "Third"}, "term_on_3"),
    ],
)
def test_a_change_that_cannot_be_is_refused_beside_the_field(demo: DemoSite, typed: dict[str, str], field: str) -> None:
    add(demo)
    before = facts(demo)
    assert change(demo, 422, **typed).beside(field)
    assert facts(demo) == before


def test_only_a_year_that_nothing_hangs_on_is_removed(demo: DemoSite) -> None:
    add(demo)
    admin, (this, added) = demo.signed_in("admin"), years(demo)
    page = admin.submit(admin.open(f"/admin/years/{this.id}").form("/remove"), 422)
    assert "This year has classes" in page.main
    admin.submit(admin.open(f"/admin/years/{added.id}").form("/remove"))
    assert [year.name for year in years(demo)] == [this.name]
    admin.open(f"/admin/years/{added.id}", 404)
