"""Any session, any time: from a session's page, from a class, where nothing is planned, and as a make-up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from tests.support.demo_site import MONDAY, OWN, OWN_TOO, TODAY, DemoSite
from tests.support.pages import Page, PageClient
from tests.web.teach.test_log_form import undo_of
from wellness.domain import GRADES, ViewingState
from wellness.records import plans, schools, week_summaries
from wellness.records.schema import viewing

THIS_WEEK, LAST_WEEK, OTHER = "four-square-breathing", "focus-before-a-test", "noticing-around-us"
LAST_MONDAY = MONDAY - timedelta(days=7)


@pytest.fixture(autouse=True)
def one_plan_for_all(demo: DemoSite) -> None:
    """Four-square breathing is planned this week, and last week what the closed week expects; nothing was run."""
    with demo.records.writing() as tx:
        tx.execute(delete(viewing))
        week_summaries.rebuild(tx)
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, MONDAY, GRADES, THIS_WEEK, None, demo.clock())
            plans.set_plan(tx, school.id, LAST_MONDAY, GRADES, LAST_WEEK, None, demo.clock())


def csv_row(demo: DemoSite, week: str) -> dict[str, str]:
    """The class's line of the grid's CSV for a week."""
    text = demo.signed_in("admin").fetch("/coach/grid.csv", query_string={"week": week}).get_data(as_text=True)
    head, *lines = [[cell.strip('"') for cell in line.split(",")] for line in text.lstrip("\ufeff").splitlines()]
    return next(dict(zip(head, line, strict=True)) for line in lines if OWN in line)


def summaries_agree(demo: DemoSite) -> bool:
    """Whether the weekly summaries are what the viewings add up to."""
    with demo.records.reading() as tx:
        return not list(week_summaries.list_disagreements(tx))


def class_address(demo: DemoSite) -> str:
    """The address of the teacher's class."""
    return f"/teach/classes/{demo.classroom().id}"


def log_make_up(demo: DemoSite, browser: PageClient, status: int = 303, **typed: object) -> Page:
    """Log last week's session today, for last week."""
    form = browser.open(class_address(demo)).form("/log")
    return browser.submit(form, status, **{"outcome": "done", "makes_up_for": LAST_MONDAY.isoformat()} | typed)


def test_a_sessions_page_lists_my_classes_and_starts_it(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    assert "Run it with a class" not in demo.browser().open(f"/sessions/{OTHER}").text
    link = next(a for a in browser.open(f"/sessions/{OTHER}").all("a") if "/teach/run/" in a.get("href", ""))
    page = browser.open(link.get("href", ""))
    forms = [form for form in page.all("form") if f"/open/{OTHER}" in form.get("action", "")]
    assert len(forms) == 3 and OWN in page.main and OWN_TOO in page.main
    start = next(form for form in forms if demo.classroom().id in form.get("action", ""))
    assert browser.submit(start).path.endswith(f"/present/{OTHER}")
    assert [one.slug for one in demo.viewings()] == [OTHER]


def test_who_has_no_class_is_told_so(demo: DemoSite) -> None:
    assert "You’re not assigned to a class" in demo.signed_in("coach").open(f"/teach/run/{OTHER}").main


def test_a_different_session_is_found_and_started_from_my_classes(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    links = {a.get("href", "") for a in browser.open("/teach/").all("a")}
    assert f"{class_address(demo)}/run" in links
    page = browser.open(f"{class_address(demo)}/run", query_string={"q": "body scan"})
    starts = [form.get("action", "") for form in page.all("form") if "/open/" in form.get("action", "")]
    assert any("/open/body-scan" in action for action in starts)
    nothing = browser.open(f"{class_address(demo)}/run", query_string={"q": "xyzzy"})
    assert "We didn’t find that." in nothing.main


def test_where_nothing_is_planned_the_four_quickest_are_offered(demo: DemoSite) -> None:
    with demo.records.writing() as tx:
        plans.set_plan(tx, demo.classroom().school_id, MONDAY, GRADES, None, None, demo.clock())
    browser = demo.signed_in("teacher")
    for page in (browser.open("/teach/"), browser.open(class_address(demo))):
        assert "Nothing is planned. Start any session:" in page.main
        own = [form for form in page.all("form") if f"{demo.classroom().id}/open/" in form.get("action", "")]
        assert len(own) == 4
    assert browser.submit(own[0]).path.startswith(f"{class_address(demo)}/present/")


def test_a_swap_keeps_the_plan_and_counts_its_minutes(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open(f"{class_address(demo)}/present/{OTHER}")
    browser.submit(page.form("/log"), outcome="done", minutes="7")
    row = csv_row(demo, MONDAY.isoformat())
    assert (row["planned_session"], row["state"], row["session_minutes"]) == (THIS_WEEK, "another session", "7")
    assert "Different session" in browser.open("/teach/").main


def test_a_make_up_counts_for_the_week_it_makes_up_for_and_can_be_undone(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    before = csv_row(demo, LAST_MONDAY.isoformat())
    assert before["state"] == "nothing logged"
    page = log_make_up(demo, browser)
    assert "It counts for the week of Nov 9." in page.main
    assert "make-up for the week of Nov 9" in page.main
    row, this_week = csv_row(demo, LAST_MONDAY.isoformat()), csv_row(demo, MONDAY.isoformat())
    assert (row["state"], row["day"], row["session_minutes"]) == ("delivered", TODAY.isoformat(), "12")
    assert (this_week["state"], this_week["session_minutes"]) == ("due", "0")
    cell = demo.signed_in("coach").open(f"/coach/cells/{demo.classroom().id}/{LAST_MONDAY}")
    assert "make-up" in cell.main and any("Ms. Josefina" in " ".join(row) for row in cell.rows())
    assert summaries_agree(demo)
    assert "That was already recorded" in log_make_up(demo, browser).main

    browser.submit(undo_of(page))
    assert csv_row(demo, LAST_MONDAY.isoformat()) == before
    assert demo.viewings() == [] and summaries_agree(demo)


def test_a_make_up_logged_again_for_its_own_week_leaves_the_other(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    log_make_up(demo, browser)
    page = browser.submit(browser.open(class_address(demo)).form("/log"), outcome="done", slug=LAST_WEEK)
    assert csv_row(demo, LAST_MONDAY.isoformat())["state"] == "nothing logged"
    assert csv_row(demo, MONDAY.isoformat())["state"] == "another session"
    browser.submit(undo_of(page))
    assert csv_row(demo, LAST_MONDAY.isoformat())["state"] == "delivered"
    assert summaries_agree(demo)


def test_a_make_up_is_offered_at_the_end_of_its_presentation(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open(f"{class_address(demo)}/run")
    form = next(form for form in page.all("form") if "makes_up_for" in form.get("action", ""))
    page = browser.submit(form)
    box = page.find("input", name="makes_up_for")
    assert (box.get("value"), box.get("checked") is not None) == (LAST_MONDAY.isoformat(), True)
    browser.submit(page.form("/log"), outcome="done")
    (made_up,) = demo.viewings(first=LAST_MONDAY)
    assert (made_up.week_on, made_up.on_day, made_up.state) == (LAST_MONDAY, TODAY, ViewingState.DELIVERED)
    other = browser.open(f"{class_address(demo)}/present/{LAST_WEEK}")
    assert LAST_MONDAY.isoformat() not in [box.get("value") for box in other.all("input", name="makes_up_for")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"slug": OTHER}, "That session wasn’t planned for that week"),
        ({"makes_up_for": MONDAY.isoformat()}, "That session wasn’t planned for that week"),
        ({"makes_up_for": "2026-11-10"}, "That session wasn’t planned for that week"),
        ({"outcome": "not-done", "reason": "drill"}, "Only a session that was done can make up for another week."),
    ],
)
def test_a_week_that_needs_no_make_up_is_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, str], said: str
) -> None:
    browser = demo.signed_in("teacher")
    before = demo.dump()
    assert said in log_make_up(demo, browser, 422, **typed).beside("makes_up_for")
    assert demo.dump() == before
