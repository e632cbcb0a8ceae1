"""A week that is over: its numbers stay, unless somebody changes it with a reason, and that can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.demo_site import MONDAY, OWN, DemoSite
from tests.support.pages import Page, PageClient
from tests.web.coach.test_grid import csv_of, figures
from tests.web.coach.test_reports import csv_of as report_of
from tests.web.teach.test_log_form import question
from wellness.domain import GRADES
from wellness.records import audit_log

PAST = MONDAY - timedelta(days=14)
OTHER = "listening-pairs"


def ask_for(demo: DemoSite, browser: PageClient, path: str = "/coach/plan", **typed: object) -> Page:
    """Plan another session for grade 7 of a past week: the page with what that would do."""
    asked = {"week_on": PAST.isoformat(), "slug": OTHER, "grades": ["7"], "school_ids": [demo.classroom().school_id]}
    return browser.submit(browser.open(path).form(path), **{**asked, **typed})


def change(demo: DemoSite, browser: PageClient, reason: str = "Switched after the assembly.", **typed: object) -> Page:
    page = ask_for(demo, browser, **typed)
    return browser.submit(page.form("/coach/plan/past"), reason=reason)


def test_planning_a_past_week_says_what_it_does_before_it_does_it(demo: DemoSite) -> None:
    browser, before = demo.signed_in("coach"), demo.dump()
    done = [row for row in csv_of(browser, f"week={PAST}&grade=7") if row["state"] in ("delivered", "shortened")]
    page = ask_for(demo, browser)
    assert "That week is over" in page.text
    assert "will read “Different session”" in page.main
    school = demo.classroom().school_id
    assert f"This changes {len(csv_of(browser, f'week={PAST}&grade=7&school={school}'))} classes" in page.main
    assert done
    assert demo.dump() == before


def test_a_changed_past_week_is_footnoted_and_undone(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    view = f"week={PAST}"
    grid, numbers, report = csv_of(browser, view), figures(browser.open(f"/coach/?{view}")), report_of(browser)

    page = change(demo, browser)
    assert "The past week was changed." in page.text
    assert "Switched after the assembly." in page.main
    amended = [row for row in csv_of(browser, view) if row["amended"]]
    assert {row["planned_session"] for row in amended} == {OTHER}
    assert {row["grade"] for row in amended} == {"7"}
    assert "another session" in {row["state"] for row in amended}
    assert figures(page) != numbers
    assert "Switched after the assembly." in browser.open("/coach/reports").main
    with demo.records.reading() as tx:
        entry = audit_log.list_audit(tx, limit=1)[0]
    assert (entry.action, entry.object) == ("change past week", f"week of {PAST}")

    undo = next(form for form in page.all("form") if str(form.get("action")).endswith("/undo"))
    page = browser.submit(undo)
    assert "Undone." in page.text
    assert figures(page) == numbers
    assert "Switched after the assembly." not in page.main
    assert [{**row, "amended": ""} for row in csv_of(browser, view)] == grid
    assert report_of(browser) == report


@pytest.mark.parametrize(
    ("slug", "state", "planned"),
    [("", "not planned", "0"), ("-", "left out", "0")],
    ids=["nothing planned", "left out"],
)
def test_a_past_week_can_be_planned_empty_or_left_out(demo: DemoSite, slug: str, state: str, planned: str) -> None:
    browser = demo.signed_in("coach")
    whole = {"slug": "-" if slug == "-" else "", "grades": list(GRADES)}
    page = ask_for(demo, browser, "/coach/plan/past", see="1", **whole)
    page = browser.submit(page.form("/coach/plan/past"), reason="Snow day")
    school = demo.classroom().school_id
    rows = report_of(browser, f"week={PAST}&school={school}")
    assert {row["planned"] for row in rows if row["week_of"] == PAST.isoformat()} == {planned}
    open_rows = [row["state"] for row in csv_of(browser, f"week={PAST}&school={school}") if not row["session_minutes"]]
    assert set(open_rows) <= {state, "not done"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"grades": []}, "grades"),
        ({"week_on": "soon"}, "week_on"),
    ],
)
def test_a_change_without_its_facts_is_refused_beside_the_field(
    demo: DemoSite, typed: dict[str, object], field: str
) -> None:
    browser = demo.signed_in("coach")
    form, before = ask_for(demo, browser).form("/coach/plan/past"), demo.dump()
    page = browser.submit(form, 422, **{"reason": "Because.", **typed})
    assert page.beside(field)
    assert demo.dump() == before


def test_two_coaches_do_not_change_the_same_week_unseen(demo: DemoSite) -> None:
    browser, admin = demo.signed_in("coach"), demo.signed_in("admin")
    late = ask_for(demo, admin)
    change(demo, browser)
    page = admin.submit(late.form("/coach/plan/past"), 422, slug="body-scan", reason="Mine.")
    assert "Someone changed that week in the meantime." in page.main


def test_an_older_change_waits_for_the_newer_one_and_both_end_after_14_days(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    first = change(demo, browser)
    change(demo, browser, slug="body-scan", reason="Again.")
    undo = next(form for form in first.all("form") if str(form.get("action")).endswith("/undo"))
    assert "Undo the newer change first." in browser.submit(undo).text
    demo.clock.go(days=15)
    page = demo.signed_in("coach").open(f"/coach/?week={PAST}")
    assert "Again." in page.main
    assert not [form for form in page.all("form") if str(form.get("action")).endswith("/undo")]


def test_the_goal_and_the_plan_of_an_open_week_leave_the_past_alone(demo: DemoSite) -> None:
    admin = demo.signed_in("admin")
    past = [row for row in report_of(admin) if row["week_of"] < MONDAY.isoformat()]
    admin.submit(admin.open("/admin/settings").form("/admin/settings/goals/"), minutes="12")
    admin.submit(
        admin.open("/coach/plan").form("/coach/plan"),
        week_on=MONDAY.isoformat(), slug=OTHER, grades=["7"], school_ids=[demo.classroom(OWN).school_id],
    )  # fmt: skip
    assert [row for row in report_of(admin) if row["week_of"] < MONDAY.isoformat()] == past


def test_a_late_log_fills_a_closed_week_and_changes_no_denominator(demo: DemoSite) -> None:
    browser, recent = demo.signed_in("coach"), (MONDAY - timedelta(days=50)).isoformat()
    before = csv_of(browser, "term=year")
    missing = next(
        row for row in before if row["state"] == "nothing logged" and recent < row["week_of"] < MONDAY.isoformat()
    )
    room = demo.classroom(missing["class"])
    form = browser.open(f"/teach/classes/{room.id}").form("/log")
    browser.submit(form, on_day=missing["due"], slug=missing["planned_session"], outcome="done")
    after = csv_of(browser, "term=year")
    changed = [(old["class"], new["state"]) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [(missing["class"], "delivered")]


def test_what_was_planned_is_what_the_week_expects_now(demo: DemoSite) -> None:
    browser = demo.signed_in("coach")
    change(demo, browser)
    row = next(one for one in csv_of(browser, f"week={PAST}") if one["class"] == OWN)
    form = browser.open(f"/teach/classes/{demo.classroom().id}").form("/log")
    asked = browser.submit(form, 422, on_day=row["due"], slug="", outcome="done")
    browser.submit(question(asked), second="again")
    row = next(one for one in csv_of(browser, f"week={PAST}") if one["class"] == OWN)
    assert (row["planned_session"], row["state"]) == (OTHER, "delivered")
