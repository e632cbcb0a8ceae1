"""The report: the screen, the CSV and the week grid say the same, and only of one's own schools."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from tests.support.demo_site import DemoSite
from tests.support.pages import Page, PageClient, text_of
from tests.web.coach.test_grid import csv_of as grid_csv
from tests.web.coach.test_grid import figures
from wellness.domain import Reach, Role
from wellness.records import people, schools

VIEWS = (
    "",
    "term=year",
    "grade=7",
    "term=year&grade=3",
    "term={term}",
    "school={school}",
    "term={term}&school={school}",
)
COUNTS = ("planned", "delivered", "shortened", "not_done", "different_session", "not_said")


def query_of(demo: DemoSite, view: str) -> str:
    with demo.records.reading() as tx:
        (year,) = schools.list_years(tx)
        return view.format(term=year.terms[0].id, school=schools.list_schools(tx)[0].id)


def csv_of(browser: PageClient, query: str = "") -> list[dict[str, str]]:
    answer = browser.fetch(f"/coach/reports.csv?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def table(page: Page, heading: str) -> dict[str, list[str]]:
    """The rows of the table below a heading, by their first cell."""
    part = next(one for one in page.all("section", class_="report-part") if text_of(one.find("h2")) == heading)
    rows = [row for row in part.iter("tr") if row.find("td") is not None]
    return {text_of(row.find("th")): [text_of(cell) for cell in row.iter("td")] for row in rows}


def added(rows: list[dict[str, str]], name: str) -> dict[str, list[int]]:
    """The counts of the lines added up by one column."""
    sums: dict[str, Counter[str]] = {}
    for row in rows:
        sums.setdefault(row[name], Counter()).update({count: int(row[count]) for count in COUNTS})
    return {key: [counted[count] for count in COUNTS] for key, counted in sums.items()}


@pytest.mark.parametrize("view", VIEWS)
def test_the_screen_the_csv_and_the_week_grid_say_the_same(demo: DemoSite, view: str) -> None:
    browser, query = demo.signed_in("coach"), query_of(demo, view)
    page, rows = browser.open(f"/coach/reports?{query}"), csv_of(browser, query)
    assert rows
    grid_query = query if "term" in query else f"{query}&term=year"
    assert figures(page) == figures(browser.open(f"/coach/?{grid_query}"))

    by_school = table(page, "By school")
    by_school.pop("All", None)
    assert {name: list(map(int, cells[1:7])) for name, cells in by_school.items()} == added(rows, "school")
    shown = [list(map(int, cells[:6])) for cells in table(page, "By week").values()]
    assert shown == [counts for _, counts in sorted(added(rows, "week_of").items()) if counts[0]]
    sessions = added([row for row in rows if row["planned_session"] and int(row["planned"])], "planned_session")
    assert sorted(list(map(int, cells)) for cells in table(page, "By planned session").values()) == sorted(
        sessions.values()
    )
    cells = [row for row in grid_csv(browser, grid_query) if row["state"] in ("delivered", "shortened")]
    assert sum(int(row["delivered"]) for row in rows) == len(cells)


def test_the_lines_of_the_csv_hold_what_they_were_counted_from(demo: DemoSite) -> None:
    rows = csv_of(demo.signed_in("coach"))
    assert all(int(row["minutes_target"]) == 45 for row in rows)
    for row in rows:
        counts = {count: int(row[count]) for count in COUNTS}
        assert counts["planned"] == counts["delivered"] + counts["not_done"] + counts["not_said"] <= int(row["classes"])
        assert counts["shortened"] <= counts["delivered"]
        assert int(row["on_target"]) <= int(row["classes_counted"]) <= int(row["classes"])
    assert any(int(row["minutes"]) for row in rows)


def test_the_report_and_the_grid_lead_to_each_other(demo: DemoSite) -> None:
    browser, query = demo.signed_in("coach"), query_of(demo, "term={term}&school={school}")
    report = browser.open(f"/coach/reports?{query}")
    (school, *_) = [
        link for link in report.links() if link.startswith("/coach/?") and "school=" in link and "week=" not in link
    ]
    grid = browser.open(school)
    assert figures(grid) == figures(report)
    assert any(
        set(query.split("&")) <= set(link.partition("?")[2].split("&"))
        for link in grid.links()
        if "/coach/reports?" in link
    )
    weeks = [link for link in report.links() if link.startswith("/coach/?week=")]
    name, counts = next(iter(table(report, "By week").items()))
    week = browser.open(weeks[0])
    assert name in week.main
    assert figures(week)["Planned sessions done"] == f"{counts[1]} of {counts[0]}"


@pytest.mark.parametrize(
    ("days", "query", "span"),
    [
        (0, "", "Aug 17 – Nov 20, 2026 (14 weeks so far)"),
        (1, "", "Aug 17 – Nov 20, 2026 (14 weeks so far)"),
        (3, "grade=7", "Aug 17 – Nov 23, 2026 (15 weeks so far) · Grade 7"),
        (0, "lang=es", "17 ago – 20 nov 2026 (14 semanas hasta ahora)"),
        (300, "", "Aug 17, 2026 – Jun 4, 2027 (42 weeks)"),
        (-100, "", "Aug 17, 2026 – Jun 4, 2027 (42 weeks)"),
    ],
)
def test_the_report_names_the_days_it_is_from(demo: DemoSite, days: int, query: str, span: str) -> None:
    demo.clock.go(days=days)
    page = demo.signed_in("coach").open(f"/coach/reports?{query}")
    assert text_of(page.find("p", class_="report-span")) == span


def test_a_coach_of_one_school_sees_that_one_and_no_other(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        own, other = schools.list_schools(tx)
        people.add_person(
            tx, email="own@demo.test", name="Own Coach", role=Role.COACH, password_hash="!", at=demo.clock(),
            reach=Reach.of(own.id),
        )  # fmt: skip
    browser = demo.signed_in("own")
    page = browser.open("/coach/reports")
    assert list(table(page, "By school")) == [own.name]
    assert other.name not in page.main
    assert {row["school"] for row in csv_of(browser)} == {own.name}
    for query in (f"school={other.id}", "school=nope"):
        assert "None of your classes match these filters." in browser.open(f"/coach/reports?{query}").main
        assert csv_of(browser, query) == []


def test_what_the_address_asks_for_and_nobody_offers_is_the_whole_year(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    whole = figures(browser.open("/coach/reports"))
    for query in ("term=nope", "term=&grade=&school=", "school=all", "grade=99", "week=2026-11-09"):
        assert figures(browser.open(f"/coach/reports?{query}")) == whole
    (heading,) = browser.open("/coach/reports?lang=es").texts("h1")
    assert heading == "Informe, 2026-27"
