"""The coach's pages: the week grid on screen and as CSV, its rows, the plan and the check."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.support.demo_site import MONDAY, OWN, STRANGE, DemoSite
from tests.support.pages import Page, PageClient, text_of
from wellness.domain import week_of
from wellness.records import audit_log, classrooms, plans, publications, schools
from wellness.web.coach.grid import MOST_CLASSES
from wellness.web.http.csv import escape_formula

SLUG = "four-square-breathing"
LAST_WEEK = MONDAY - timedelta(days=7)

VIEWS = (
    "",
    "week=2026-11-09",
    "week=2026-10-12",
    "grade=7",
    "week=2026-11-09&grade=K",
    "term=year",
    "term=year&grade=3",
)


def csv_of(browser: PageClient, query: str = "") -> list[dict[str, str]]:
    """The grid as a spreadsheet has it."""
    answer = browser.fetch(f"/coach/grid.csv?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def grid_cells(page: Page) -> list[tuple[str, str, str]]:
    """Class, week and state of every cell on the screen, in order."""
    found = []
    for row in page.find("tbody").iter("tr"):
        name = next(iter(row.find("th").itertext()))  # type: ignore[union-attr]
        for link in row.iter("a"):
            state = next(span for span in link.iter("span") if "state" in span.get("class", "").split())
            key = next(word for word in state.get("class", "").split() if word.startswith("state-"))
            found.append((name, link.get("href", "").rsplit("/", 1)[-1], key.removeprefix("state-").replace("-", " ")))
    return found


def figures(page: Page) -> dict[str, str]:
    """The totals above the grid."""
    return {
        text_of(figure.find("dt")): text_of(figure.find("dd"))
        for figure in page.find("dl", class_="figures").iter("div")
    }


# --- The grid ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", VIEWS)
def test_the_screen_and_the_csv_say_the_same_cell_by_cell(demo: DemoSite, query: str) -> None:
    browser = demo.signed_in("coach")
    rows = csv_of(browser, query)
    page = browser.open(f"/coach/?{query}")
    assert grid_cells(page) == [(row["class"], row["week_of"].partition("?")[0], row["state"]) for row in rows]
    assert rows
    if "term" not in query:
        shown = [[text_of(td) for td in row.iter("td")][1:4] for row in page.find("tbody").iter("tr")]
        assert shown == [[row["session_minutes"], row["outside_minutes"], row["total_minutes"]] for row in rows]
    planned = [row for row in rows if row["planned_session"] and row["state"] not in ("no school", "upcoming")]
    states = Counter(row["state"] for row in planned)
    delivered = states["delivered"] + states["shortened"]
    assert figures(page)["Planned sessions done"] == f"{delivered} of {len(planned)}"
    assert figures(page)["Incl. shortened"] == str(states["shortened"])
    assert figures(page)["Not done, with a reason"] == str(states["not done"])
    assert figures(page)["No response yet"] == str(len(planned) - delivered - states["not done"])


@pytest.mark.parametrize("week", [LAST_WEEK, date(2026, 10, 12), date(2026, 9, 7)])
def test_the_numbers_are_those_of_a_recount_straight_from_the_records(demo: DemoSite, week: date) -> None:
    rows = csv_of(demo.signed_in("coach"), f"week={week}")
    within = {"first": week.isoformat(), "last": (week + timedelta(days=6)).isoformat()}
    with demo.records.reading() as tx:
        delivered = tx.execute(
            text(
                "select c.name, count(*) filter (where v.extent = 'whole'), "
                "count(*) filter (where v.extent = 'shortened'), sum(v.minutes) "
                "from viewing v join classroom c on c.id = v.classroom_id "
                "where v.state = 'delivered' and v.on_day between :first and :last group by c.name"
            ),
            within,
        ).all()
        outside = tx.execute(
            text(
                "select c.name, sum(o.minutes) from outside_lesson o join classroom c on c.id = o.classroom_id "
                "where o.on_day between :first and :last group by c.name"
            ),
            within,
        ).all()
    counted = {name: (whole, short, minutes) for name, whole, short, minutes in delivered}
    lessons = dict(outside)
    assert len(counted) > 10 and lessons
    for row in rows:
        whole, short, minutes = counted.get(row["class"], (0, 0, 0))
        assert int(row["session_minutes"]) == minutes
        assert int(row["outside_minutes"]) == lessons.get(row["class"], 0)
        assert int(row["total_minutes"]) == minutes + lessons.get(row["class"], 0)
        assert (row["state"] == "delivered", row["state"] == "shortened") == (whole > 0, short > 0 and not whole)


def test_a_press_shows_in_the_grid_at_once(demo: DemoSite) -> None:
    coach = demo.signed_in("coach")
    assert {name: state for name, _, state in grid_cells(coach.open("/coach/"))}[OWN] == "due"
    teacher = demo.signed_in("teacher")
    page = teacher.open(f"/teach/classes/{demo.classroom().id}")
    teacher.submit(page.form("/log"), outcome="shortened")
    assert {name: state for name, _, state in grid_cells(coach.open("/coach/"))}[OWN] == "shortened"


def test_a_term_shows_every_week_of_it(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    page = browser.open("/coach/")
    options = list(page.find("select", name="term").iter("option"))
    term = next(option.get("value") for option in options if text_of(option) == "Fall semester")
    rows = csv_of(browser, f"term={term}&grade=7")
    with demo.records.reading() as tx:
        fall = schools.list_years(tx)[0].terms[0]
    weeks = {row["week_of"] for row in rows}
    assert min(weeks) == week_of(fall.starts_on).isoformat() and max(weeks) == week_of(fall.ends_on).isoformat()
    assert {row["state"] for row in rows if row["week_of"] == "2026-12-21"} == {"no school"}
    assert {row["state"] for row in rows if row["week_of"] == "2026-11-30"} == {"upcoming"}


def test_filters_narrow_to_a_school_and_a_grade(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    school = demo.classroom(STRANGE).school_id
    everything = csv_of(browser)
    narrowed = csv_of(browser, f"school={school}&grade=2")
    assert narrowed == [row for row in everything if row["grade"] == "2"]
    page = browser.open(f"/coach/?school={school}&grade=2")
    assert {name for name, _, _ in grid_cells(page)} == {row["class"] for row in narrowed}
    assert f"school={school}" in next(link for link in page.links() if "grid.csv" in link)


@pytest.mark.parametrize(
    "query",
    [
        "week=nonsense",
        "week=0001-01-01",
        "week=9999-12-31",
        "term=nope",
        "grade=13",
        "grade=%00",
        "week=&term=&school=&grade=",
    ],
)
def test_an_odd_question_to_the_grid_is_answered_with_what_there_is(demo: DemoSite, query: str) -> None:
    browser = demo.signed_in("coach")
    assert browser.open(f"/coach/?{query}").all("table")
    assert csv_of(browser, query)


def test_a_district_is_shown_school_by_school_unless_all_of_it_is_asked_for(demo: DemoSite) -> None:
    browser, last = demo.signed_in("coach"), demo.classroom(STRANGE)
    with demo.records.writing() as tx:
        for number in range(MOST_CLASSES):
            classrooms.add_classroom(
                tx, school_id=last.school_id, year_id=last.year_id, name=f"Extra {number}", grade="6", size=20,
                first_on=last.first_on,
            )  # fmt: skip
    (first,) = {row["school"] for row in csv_of(browser)}
    assert first < last.school_name
    page = browser.open("/coach/")
    (chosen,) = [option for option in page.all("option") if "selected" in option.attrib and text_of(option) == first]
    assert chosen.get("value") == demo.classroom(OWN).school_id
    assert {row["school"] for row in csv_of(browser, "school=all")} == {first, last.school_name}
    assert figures(browser.open("/coach/?school=all&term=year")) == figures(browser.open("/coach/reports"))


def test_a_school_that_does_not_exist_has_no_classes(demo: DemoSite) -> None:
    assert "None of your classes match these filters." in demo.signed_in("coach").open("/coach/?school=nope").main


def test_a_coach_of_one_school_sees_that_school_only(demo: DemoSite) -> None:
    browser, own = demo.signed_in("coach2"), demo.classroom(STRANGE)
    assert {row["school"] for row in csv_of(browser, "term=year")} == {own.school_name}
    assert csv_of(browser, f"school={demo.classroom(OWN).school_id}") == []
    page = browser.open("/coach/")
    assert demo.classroom(OWN).school_name not in page.text


@pytest.mark.parametrize("week", [MONDAY, LAST_WEEK])
def test_every_cell_opens_its_rows(demo: DemoSite, week: date) -> None:
    browser = demo.signed_in("coach")
    rows = {row["class"]: row for row in csv_of(browser, f"week={week}")}
    page = browser.open(f"/coach/?week={week}")
    links = [link for link in page.links() if "/coach/cells/" in link]
    assert len(links) == len(rows) == 30
    for link in links[::5]:
        cell = browser.open(link)
        row = rows[cell.heading]
        assert figures(cell)["Minutes"] == f"{row['total_minutes']} of 45"
        assert (row["state"] in ("due", "nothing logged", "upcoming")) is ("No activity" in cell.main)


def test_a_cell_names_the_version_by_the_day_it_was_published(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    row = next(row for row in csv_of(browser, f"week={LAST_WEEK}") if row["class"] == OWN and row["revision"])
    with demo.records.reading() as tx:
        (published,) = publications.list_first_published(tx, [row["revision"]]).values()
    cell = browser.open(f"/coach/cells/{demo.classroom(OWN).id}/{LAST_WEEK}")
    day = published.astimezone(ZoneInfo("America/New_York"))
    assert f"Version from {day:%b} {day.day}" in cell.main
    assert row["revision"][:8] not in cell.main


@pytest.mark.parametrize("week", ["nonsense", "2026-13-01", "9999-12-31", "%00", "2026-11-16T10:00"])
def test_an_impossible_week_of_a_cell_is_not_there(demo: DemoSite, week: str) -> None:
    demo.signed_in("coach").open(f"/coach/cells/{demo.classroom().id}/{week}", 404)


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://evil.test")', "＝1", "\t=1")


@pytest.mark.parametrize("name", FORMULAS)
def test_no_cell_of_the_csv_is_a_formula(demo: DemoSite, name: str) -> None:
    own = demo.classroom()
    with demo.records.writing() as tx:
        classrooms.change_classroom(tx, own.id, name=name, grade="7", size=20)
    browser = demo.signed_in("coach")
    cells = {value for row in csv_of(browser) for value in row.values()}
    assert f"'{name.strip()}" in cells
    assert not [value for value in cells if value.startswith(("=", "+", "-", "@", "＝", "\t"))]
    assert name.strip() in browser.open("/coach/").main
    assert escape_formula(name).startswith("'")


# --- The plan ---------------------------------------------------------------------------------------------------------


def plan_of(demo: DemoSite, name: str, week: date) -> str | None:
    """What is planned for a class."""
    classroom = demo.classroom(name)
    with demo.records.reading() as tx:
        return plans.planned_slug(tx, classroom.school_id, week, classroom.grade)


def test_a_session_is_planned_for_grades_of_a_school_and_for_no_others(demo: DemoSite) -> None:
    browser, week = demo.signed_in("coach"), MONDAY + timedelta(days=14)
    before = {name: plan_of(demo, name, week) for name in ("Advisory 8-1", STRANGE)}
    page = browser.open("/coach/plan")
    page = browser.submit(
        page.form("/coach/plan"),
        week_on=week.isoformat(),
        slug="listening-pairs",
        grades=["7"],
        school_ids=[demo.classroom(OWN).school_id],
    )
    assert "Plan saved." in page.text
    assert plan_of(demo, OWN, week) == "listening-pairs"
    assert {name: plan_of(demo, name, week) for name in before} == before
    with demo.records.reading() as tx:
        entry = audit_log.list_audit(tx, limit=1)[0]
    assert (entry.action, entry.person_id) == ("plan week", demo.person("coach").id)
    assert "listening-pairs" in entry.detail and week.isoformat() in entry.detail


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"week_on": "nonsense"}, "week_on"),
        ({"week_on": "2026-11-20"}, "week_on"),
        ({"week_on": ""}, "week_on"),
        ({"slug": "nope"}, "slug"),
        ({"grades": []}, "grades"),
        ({"grades": ["13"]}, "grades"),
        ({"school_ids": []}, "school_ids"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, object], field: str
) -> None:
    browser, before = demo.signed_in("coach"), demo.dump()
    right = {
        "week_on": MONDAY.isoformat(),
        "slug": SLUG,
        "grades": ["6", "7"],
        "school_ids": [demo.classroom(OWN).school_id],
    }
    page = browser.submit(browser.open("/coach/plan").form("/coach/plan"), 422, **{**right, **typed})
    assert page.beside(field)
    assert demo.dump() == before
    if field == "slug":
        boxes = [box.get("value") for box in page.all("input", name="grades") if box.get("checked") is not None]
        assert boxes == ["6", "7"], "what was chosen stays"


def test_a_coach_plans_for_her_own_school_only(demo: DemoSite) -> None:
    browser, before = demo.signed_in("coach2"), demo.dump()
    form = browser.open("/coach/plan").form("/coach/plan")
    other = demo.classroom(OWN).school_id
    assert other not in [box.get("value") for box in form.iter("input")]
    browser.submit(form, 403, week_on=MONDAY.isoformat(), slug=SLUG, grades=["7"], school_ids=[other])
    assert demo.dump() == before


# --- The check --------------------------------------------------------------------------------------------------------


def test_the_check_names_the_line_of_a_broken_file_while_the_old_text_stays_up(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    coach, file = demo.signed_in("coach"), demo.home / "library" / "sessions" / f"{SLUG}.md"
    good = file.read_text()
    lines = good.splitlines(keepends=True)
    line = next(number for number, text_ in enumerate(lines, start=1) if text_.startswith("minutes:"))
    file.write_text(good.replace("minutes: 12", "minutes: a dozen", 1))
    demo.catalogue.build()
    page = coach.open("/coach/check")
    assert f"sessions/{SLUG}.md" in page.texts("h2")
    assert f"Line {line} · Must fix" in page.main
    assert demo.browser().open(f"/sessions/{SLUG}").heading == "Four-square breathing"
    assert "Some content needs fixing" in coach.open("/coach/").main
    file.write_text(good.replace("title: Four-square breathing", "title: Breathing in a square", 1))
    demo.catalogue.build()
    assert demo.browser().open(f"/sessions/{SLUG}").heading == "Breathing in a square"
    assert coach.open("/coach/check").texts("p", class_="problem-place") == []
    assert "Some content needs fixing" not in coach.open("/coach/").main
