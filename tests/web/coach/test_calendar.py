"""One calendar behind every page: plan, grid, report, My classes and CSV agree on school days, due days and terms."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tests.support.demo_site import MONDAY as THIS_WEEK
from tests.support.demo_site import OWN, STRANGE, TODAY, DemoSite
from tests.support.pages import Page, PageClient, text_of
from tests.support.scratch import close_school
from wellness.records import calendars, classrooms, schools


def facts(demo: DemoSite) -> dict[str, list[tuple[object, ...]]]:
    """Every row but those of sign-ins, which each test browser adds."""
    return {table: rows for table, rows in demo.dump().items() if table != "sign_in"}


def csv_rows(browser: PageClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.fetch(address).text.removeprefix("\ufeff"))))


def due_in_grid(browser: PageClient, week_on: date) -> set[str]:
    return {row["due"] for row in csv_rows(browser, f"/coach/grid.csv?week={week_on}")}


def due_in_plan(browser: PageClient, week_on: date) -> str:
    row = next(row for row in browser.open("/coach/plan").all("tr") if row.get("id") == f"week-{week_on}")
    return text_of(row.find("td"))


def test_plan_and_grid_show_the_same_due_day_for_a_schools_own_days(demo: DemoSite) -> None:
    coach = demo.signed_in("coach2")
    form = coach.open("/coach/calendar").form("/coach/calendar")
    coach.submit(form, first_on="2026-12-03", last_on="2026-12-04", reason="Floor work")
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


# --- No-school days ---------------------------------------------------------------------------------------------------


def add_days(browser: PageClient, status: int = 303, **typed: object) -> Page:
    """Enter no-school days in the form; in the only school of `coach2`."""
    return browser.submit(
        browser.open("/coach/calendar").form("/coach/calendar"), status, **{"reason": "Snow", **typed}
    )


def remove(browser: PageClient, reason: str) -> Page:
    """Press Remove beside the days with that reason."""
    page = browser.open("/coach/calendar")
    button = next(one for one in page.all("button") if reason in (one.get("aria-label") or ""))
    return browser.submit(next(form for form in page.all("form") if button in list(form.iter())))


def row_of(page: Page, reason: str) -> str:
    return next(text_of(row) for row in page.all("tr") if reason in text_of(row))


def test_a_range_is_added_changed_and_removed(demo: DemoSite) -> None:
    coach = demo.signed_in("coach2")
    page = add_days(coach, first_on="2026-12-09", last_on="2026-12-11", reason="Floor work")
    assert "Dec 9 – 11" in row_of(page, "Floor work")
    link = next(a for a in page.all("a") if "Floor work" in (a.get("aria-label") or "")).get("href", "")
    page = coach.submit(coach.open(link).form(link), first_on="2026-12-10", reason="Paint")
    assert "Dec 10 – 11" in row_of(page, "Paint") and "Floor work" not in page.main
    assert due_in_grid(coach, date(2026, 12, 7)) == {"2026-12-09"}
    assert "Paint" not in remove(coach, "Paint").main
    assert due_in_grid(coach, date(2026, 12, 7)) == {"2026-12-11"}


@pytest.mark.parametrize(("kind", "due"), [("closed", "10"), ("sessions", "11"), ("no sessions", "10")])
def test_a_half_day_says_whether_sessions_happen(demo: DemoSite, kind: str, due: str) -> None:
    coach = demo.signed_in("coach2")
    add_days(coach, first_on="2026-12-11", kind=kind)
    assert due_in_grid(coach, date(2026, 12, 7)) == {f"2026-12-{due}"}


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"first_on": "nonsense"}, "first_on", ""),
        ({"first_on": ""}, "first_on", "Choose a day"),
        ({"first_on": "2026-12-05"}, "first_on", "weekends"),
        ({"first_on": "2026-12-04", "last_on": "2026-12-03"}, "first_on", "after the last day"),
        ({"first_on": "2026-11-27"}, "first_on", "on the list already"),
        ({"first_on": "2031-01-01"}, "first_on", "outside the school year"),
        ({"first_on": "2026-12-04", "last_on": "9999-12-31"}, "first_on", "outside the school year"),
        ({"reason": "  "}, "reason", "Enter a reason"),
        ({"reason": "x" * 101}, "reason", ""),
        ({"school_ids": []}, "school_ids", "Choose at least one school"),
    ],
)
def test_days_that_cannot_be_are_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, object], field: str, why: str
) -> None:
    before = facts(demo)
    page = add_days(demo.signed_in("coach2"), 422, **{"first_on": "2026-12-04", **typed})
    assert why in page.beside(field) and page.beside(field)
    assert facts(demo) == before


def test_a_coach_changes_only_her_own_school(demo: DemoSite) -> None:
    coach, other = demo.signed_in("coach2"), demo.classroom(OWN)
    remove(coach, "Thanksgiving")
    thanksgiving = row_of(demo.signed_in("coach").open("/coach/calendar"), "Thanksgiving")
    assert other.school_name in thanksgiving and demo.classroom(STRANGE).school_name not in thanksgiving
    before = facts(demo)
    add_days(coach, 403, first_on="2026-12-04", school_ids=[other.school_id])
    assert facts(demo) == before


def test_the_weekday_of_a_school_counts_from_the_chosen_week(demo: DemoSite) -> None:
    coach = demo.signed_in("coach2")
    form = coach.open("/coach/calendar").form("/weekday")
    coach.submit(form, weekday="2", valid_from="2026-12-07")
    due = [due_in_grid(coach, date(2026, 11, 30) + timedelta(days=7 * n)) for n in range(2)]
    assert due == [{"2026-12-04"}, {"2026-12-09"}]
    assert due_in_grid(demo.signed_in("coach"), date(2026, 12, 7)) == {"2026-12-09", "2026-12-11"}
    demo.clock.go(days=21)
    coach = demo.signed_in("coach2")
    assert "Sessions are due on Wednesday." in coach.open("/coach/calendar").main
    page = coach.submit(coach.open("/coach/calendar").form("/weekday"), 422, valid_from="2026-11-30")
    assert page.beside("valid_from")


# --- Closed unexpectedly ----------------------------------------------------------------------------------------------


def states(browser: PageClient, week_on: date = THIS_WEEK) -> set[tuple[str, str]]:
    return {(row["due"], row["state"]) for row in csv_rows(browser, f"/coach/grid.csv?week={week_on}")}


@pytest.mark.parametrize("days_later", [0, 1])
def test_a_snow_day_on_the_due_day_leaves_the_week_out(demo: DemoSite, days_later: int) -> None:
    demo.clock.go(days=days_later)
    coach = demo.signed_in("coach2")
    page = add_days(coach, 422, first_on=str(TODAY))
    assert "A session was due on that day" in page.beside("decision")
    chosen = [box.get("value") for box in page.all("input", name="decision") if box.get("checked") is not None]
    assert chosen == ["leave out"]
    coach.submit(page.form("/coach/calendar"))
    assert {(due, state) for due, state in states(coach) if due} == set(), "nobody is late for Thursday"
    assert "nothing logged" not in {state for _, state in states(coach)}
    assert {due for due, _ in states(demo.signed_in("coach"))} == {"", str(TODAY)}, "the other school is still due"


def test_the_session_can_have_happened_or_move_forward(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        monday = date(2026, 11, 30)
        calendars.set_weekday(tx, demo.classroom(STRANGE).school_id, monday, 1, by=None, at=demo.clock())
    demo.clock.go(days=11)
    coach = demo.signed_in("coach2")
    assert {due for due, _ in states(coach, monday)} == {"2026-12-01"}
    page = add_days(coach, 422, first_on="2026-12-01")
    offered = [box.get("value") for box in page.all("input", name="decision")]
    assert offered == ["leave out", "2026-12-02", "2026-12-03", "2026-12-04", "happened"]
    page = coach.submit(page.form("/coach/calendar"), decision="2026-12-03")
    assert {due for due, _ in states(coach, monday)} == {"2026-12-03"}
    remove(coach, "Snow")
    assert {due for due, _ in states(coach, monday)} == {"2026-12-01"}, "undone: as the calendar says"
    page = add_days(coach, 422, first_on="2026-12-01")
    coach.submit(page.form("/coach/calendar"), decision="happened")
    assert {due for due, _ in states(coach, monday)} == {"2026-12-01"}


def test_an_answer_that_was_not_offered_is_asked_again(demo: DemoSite) -> None:
    before, coach = facts(demo), demo.signed_in("coach2")
    page = add_days(coach, 422, first_on=str(TODAY))
    for decision in ("2026-11-19", "2026-11-20", "nonsense"):
        page = coach.submit(page.form("/coach/calendar"), 422, decision=decision)
    assert facts(demo) == before


def test_removing_a_past_day_keeps_what_was_due(demo: DemoSite) -> None:
    add_days(demo.signed_in("coach2"), first_on="2026-12-04")
    demo.clock.go(days=20)
    coach = demo.signed_in("coach2")
    remove(coach, "Snow")
    assert due_in_grid(coach, date(2026, 11, 30)) == {"2026-12-03"}


# --- Any year ---------------------------------------------------------------------------------------------------------


def test_any_year_can_be_opened_in_plan_grid_and_report(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    days = {"name": "2027-28", "starts_on": "2027-08-23", "ends_on": "2028-06-09"}
    admin.submit(admin.open("/admin/").form("/admin/years"), **days)
    with demo.records.reading() as tx:
        this, coming = (year.id for year in schools.list_years(tx))
    coach = demo.signed_in("coach")
    assert coach.open(f"/coach/plan?year={coming}").by_id("week-2027-08-23") is not None
    assert csv_rows(coach, f"/coach/reports.csv?year={coming}") == []
    demo.clock.go(days=300)
    coach = demo.signed_in("coach")
    assert csv_rows(coach, "/coach/grid.csv") == [], "the new year has no classes yet"
    assert csv_rows(coach, f"/coach/reports.csv?year={this}")
    assert csv_rows(coach, f"/coach/grid.csv?week={TODAY}"), "the week's own year"
    assert {row["week_of"] for row in csv_rows(coach, f"/coach/grid.csv?year={this}&term=year")} >= {str(THIS_WEEK)}
    page = coach.open(f"/coach/?year={this}&week={TODAY}")
    (chosen,) = [one for one in page.find("select", name="year").iter("option") if "selected" in one.attrib]
    assert text_of(chosen) == "2026-27"


def test_next_years_classes_are_added_while_this_one_runs(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    days = {"name": "2027-28", "starts_on": "2027-08-23", "ends_on": "2028-06-09"}
    page = admin.submit(admin.open("/admin/").form("/admin/years"), **days)
    page = admin.submit(page.form("/admin/classes"), name="Advisory 6-1", grade="6", size="20")
    assert "Advisory 6-1" in page.main
    assert [one.name for one in demo.classrooms()].count("Advisory 6-1") <= 1
    with demo.records.reading() as tx:
        coming = schools.list_years(tx)[-1]
        assert [one.name for one in classrooms.list_classrooms(tx, year_id=coming.id, on_day=coming.starts_on)] == [
            "Advisory 6-1"
        ]
