"""The teacher's pages: what is due, presenting, saying how it went, beacons, outside lessons and the door card."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest

from tests.support.demo_site import MONDAY, OWN, OWN_THIRD, OWN_TOO, STRANGE, TODAY, DemoSite
from tests.support.pages import Page, PageClient, text_of
from tests.support.scratch import set_teachers
from wellness.domain import GRADES, Completeness, EnteredRole, Language, NotDoneReason, ViewingState, played_threshold
from wellness.records import audit_log, outside_lessons, plans, schools

SLUG = "four-square-breathing"


@pytest.fixture(autouse=True)
def one_plan_for_all(demo: DemoSite) -> None:
    """Everybody does four-square breathing, this week and the weeks before."""
    with demo.records.writing() as tx:
        for school in schools.list_schools(tx):
            for weeks in range(4):
                week_on = MONDAY - timedelta(weeks=weeks)
                plans.set_plan(tx, school.id, week_on, GRADES, SLUG, None, demo.clock())


def class_page(demo: DemoSite, browser: PageClient, name: str = OWN) -> Page:
    """The page of a class."""
    return browser.open(f"/teach/classes/{demo.classroom(name).id}")


def log(demo: DemoSite, browser: PageClient, status: int = 303, **pressed: object) -> Page:
    """Say on the class's page how it went."""
    return browser.submit(class_page(demo, browser).form("/log"), status, **pressed)


def undo_of(page: Page) -> Element:
    """The form that takes the last press back."""
    return next(form for form in page.all("form") if "/undo/" in form.get("action", ""))


# --- What is due ------------------------------------------------------------------------------------------------------


def test_my_classes_shows_each_class_with_what_is_due_today(demo: DemoSite) -> None:
    page = demo.signed_in("teacher").open("/teach/")
    assert page.texts("h2", class_="class-name") == [OWN_TOO, OWN, OWN_THIRD], "by grade, then by name"
    assert page.main.count("Due today") == 3
    starts = [button.get("aria-label") for button in page.all("button", class_="button-main")]
    assert f"Start: Four-square breathing with {OWN}" in starts


def test_who_teaches_nothing_is_told_so(demo: DemoSite) -> None:
    assert "No classes yet" in demo.signed_in("coach").open("/teach/").main
    own = [demo.classroom(name).id for name in (OWN, OWN_TOO, OWN_THIRD)]
    with demo.records.writing() as tx:
        for classroom_id in own:
            set_teachers(tx, classroom_id, [])
    assert "No classes yet" in demo.signed_in("teacher").open("/teach/").main


def test_the_paper_log_has_a_row_for_each_class(demo: DemoSite) -> None:
    rows = demo.signed_in("teacher").open("/teach/paper").rows()
    assert [row[:2] for row in rows[1:]] == [[name, "Four-square breathing"] for name in (OWN_TOO, OWN, OWN_THIRD)]


# --- Presenting -------------------------------------------------------------------------------------------------------


def test_start_opens_the_session_for_the_class_once(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    form = class_page(demo, browser).form(f"/open/{SLUG}")
    assert browser.submit(form).path.endswith(f"/present/{SLUG}")
    demo.clock.go(minutes=3)
    browser.submit(form)
    (viewing,) = demo.viewings()
    assert (viewing.state, viewing.entered_role) == (ViewingState.OPENED, EnteredRole.AUTO)
    assert demo.clock() - (viewing.opened_at or demo.clock()) == timedelta(minutes=3)


def test_looking_at_the_presentation_alone_opens_nothing(demo: DemoSite) -> None:
    demo.signed_in("teacher").open(f"/teach/classes/{demo.classroom().id}/present/{SLUG}")
    assert demo.viewings() == []


def test_the_presentation_has_every_step_and_the_teachers_cues_closed(demo: DemoSite) -> None:
    page = demo.signed_in("teacher").open(f"/teach/classes/{demo.classroom().id}/present/{SLUG}")
    session = demo.catalogue.get_session(SLUG, Language.EN)
    steps = [section for section in page.all("section") if section.get("data-step") is not None]
    titles = [text_of(next(h for h in step.iter() if h.tag == "h2")) for step in steps]
    assert titles == [step.title for step in session.steps]
    cues = page.all("details", class_="cues")
    assert len(cues) == len(session.steps) + 1
    assert all(one.get("open") is None for one in cues), "the class must not see them"
    said = " ".join(text_of(one) for one in cues)
    assert "Lights stay as they are" in said
    assert text_of(page.find("main")).count("Lights stay as they are") == said.count("Lights stay as they are") == 1


def test_the_short_session_leaves_out_what_has_no_time(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open(f"/teach/classes/{demo.classroom().id}/present/{SLUG}?variant=short")
    session = demo.catalogue.get_session(SLUG, Language.EN)
    steps = [section for section in page.all("section") if section.get("data-step") is not None]
    shown = [step.get("hidden") is None for step in steps]
    assert shown == [bool(step.short_minutes) for step in session.steps] and not all(shown)
    assert page.find("body").get("data-variant") == "short"


def test_the_end_offers_my_other_classes_that_did_the_same(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open(f"/teach/classes/{demo.classroom().id}/present/{SLUG}")
    offered = {text_of(label) for label in page.all("label", class_="present-check")}
    assert {OWN_TOO, OWN_THIRD} <= offered and OWN not in offered
    other = browser.open(f"/teach/classes/{demo.classroom().id}/present/body-scan")
    assert not other.all("input", name="classroom_id")


def test_an_unknown_session_cannot_be_opened_for_a_class(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    own = f"/teach/classes/{demo.classroom().id}"
    browser.open(f"{own}/present/nope", 404)
    browser.send(f"{own}/open/nope", {"csrf_token": browser.any_token()}, 404)
    assert demo.viewings() == []


# --- Saying how it went -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pressed", "said", "state", "extent", "minutes"),
    [
        ({"outcome": "done"}, "Done", ViewingState.DELIVERED, Completeness.WHOLE, 12),
        ({"outcome": "done", "minutes": "15"}, "Done", ViewingState.DELIVERED, Completeness.WHOLE, 15),
        ({"outcome": "shortened"}, "Shortened", ViewingState.DELIVERED, Completeness.SHORTENED, 5),
        ({"outcome": "not-done", "reason": "testing"}, "Not done: testing", ViewingState.NOT_DONE, None, None),
    ],
)
def test_one_press_says_how_it_went(
    demo: DemoSite,
    pressed: dict[str, str],
    said: str,
    state: ViewingState,
    extent: Completeness | None,
    minutes: int | None,
) -> None:
    page = log(demo, demo.signed_in("teacher"), **pressed)
    assert f"Saved. {said}: {OWN}" in page.main
    (viewing,) = demo.viewings()
    assert (viewing.state, viewing.extent, viewing.minutes) == (state, extent, minutes)
    assert (viewing.entered_by, viewing.entered_role) == (demo.person("teacher").id, EnteredRole.TEACHER)
    assert not viewing.is_late and viewing.slug == SLUG
    assert any(said in row for row in page.rows()), "the history has it"


def test_several_classes_are_said_at_once_and_taken_back_at_once(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    ids = [demo.classroom(name).id for name in (OWN, OWN_TOO, OWN_THIRD)]
    page = browser.submit(browser.open("/teach/").form("/teach/log"), classroom_id=ids, outcome="done")
    assert f"Saved. Done: {OWN_TOO}, {OWN}, {OWN_THIRD}" in page.main
    assert [len(demo.viewings(name)) for name in (OWN, OWN_TOO, OWN_THIRD)] == [1, 1, 1]
    assert "Undone. Back to how it was." in browser.submit(undo_of(page)).main
    assert [demo.viewings(name) for name in (OWN, OWN_TOO, OWN_THIRD)] == [[], [], []]


def test_the_end_of_a_presentation_says_it_for_a_ticked_class_too(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open(f"/teach/classes/{demo.classroom().id}/present/{SLUG}")
    page = browser.submit(page.form("/log"), classroom_id=[demo.classroom(OWN_TOO).id], outcome="done")
    assert page.heading == "My classes" and f"Done: {OWN}, {OWN_TOO}" in page.main


def test_an_earlier_day_is_marked_late(demo: DemoSite) -> None:
    yesterday = TODAY - timedelta(days=1)
    page = log(demo, demo.signed_in("teacher"), outcome="done", on_day=yesterday.isoformat())
    assert "logged late" in page.main
    (viewing,) = demo.viewings()
    assert (viewing.on_day, viewing.is_late) == (yesterday, True)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"outcome": "not-done"}, "reason", "Choose why it wasn’t done. Any reason is fine."),
        ({"outcome": "not-done", "reason": "bored"}, "reason", "Choose why it wasn’t done. Any reason is fine."),
        ({"outcome": "done", "minutes": "0"}, "minutes", "Enter minutes from 1 to 180."),
        ({"outcome": "done", "minutes": "181"}, "minutes", "Enter minutes from 1 to 180."),
        ({"outcome": "done", "minutes": "-5"}, "minutes", "Enter minutes from 1 to 180."),
        ({"outcome": "done", "minutes": "a while"}, "minutes", "Not a valid integer"),
        (
            {"outcome": "done", "on_day": "2026-11-21"},
            "on_day",
            "That day is in the future. Choose today or an earlier day.",
        ),
        (
            {"outcome": "done", "on_day": "9999-12-31"},
            "on_day",
            "That day is in the future. Choose today or an earlier day.",
        ),
        ({"outcome": "done", "on_day": "2026-09-01"}, "on_day", "That’s more than 60 days ago."),
        ({"outcome": "done", "on_day": "0001-01-01"}, "on_day", "That’s more than 60 days ago."),
        ({"outcome": "done", "on_day": "yesterday"}, "on_day", "Not a valid date"),
        ({"outcome": "done", "on_day": ""}, "on_day", "Choose a day"),
        ({"outcome": "done", "slug": ""}, "slug", "choose a session"),
        ({"outcome": "done", "slug": "x" * 81}, "slug", "80"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    demo: DemoSite, typed: dict[str, str], field: str, said: str
) -> None:
    with demo.records.writing() as tx:
        plans.set_plan(tx, demo.classroom().school_id, MONDAY, GRADES, None, None, demo.clock())
    browser, before = demo.signed_in("teacher"), demo.dump()
    page = log(demo, browser, 422, **{"minutes": "17", "slug": SLUG, **typed})
    assert said in page.beside(field)
    assert "Not saved yet. Please fix:" in page.main
    assert page.find("form", action=page.path).tag == "form"
    kept = {name: control.get("value") for name in ("minutes",) for control in page.all("input", name=name, id=name)}
    assert kept == {"minutes": typed.get("minutes", "17")}
    assert demo.dump() == before


def test_no_answer_at_all_asks_for_one(demo: DemoSite) -> None:
    page = log(demo, demo.signed_in("teacher"), 422)
    assert "Choose how it went." in page.main


def test_no_class_ticked_asks_for_one_and_what_was_typed_stays(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.submit(browser.open("/teach/").form("/teach/log"), 422, outcome="done", minutes="17")
    assert "Choose at least one class." in page.beside("classroom_id")
    assert page.find("input", name="minutes").get("value") == "17"
    ticked = browser.submit(
        browser.open("/teach/").form("/teach/log"),
        422,
        classroom_id=[demo.classroom(OWN_TOO).id],
        outcome="done",
        minutes="0",
    )
    boxes = {box.get("value"): box.get("checked") is not None for box in ticked.all("input", name="classroom_id")}
    assert [demo.classroom(OWN_TOO).id] == [value for value, checked in boxes.items() if checked]


def test_a_double_press_is_one_viewing(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    form = class_page(demo, browser).form("/log")
    first = browser.submit(form, outcome="done")
    second = browser.submit(form, outcome="done")
    assert "Saved." in first.main and len(demo.viewings()) == 1
    assert "That was already recorded. Nothing changed." in second.main
    assert not [form for form in second.all("form") if "/undo/" in form.get("action", "")]


def test_two_people_make_one_viewing_and_the_second_is_told_what_was_said_before(demo: DemoSite) -> None:
    log(demo, demo.signed_in("teacher"), outcome="done")
    coach = demo.signed_in("coach")
    page = log(demo, coach, outcome="not-done", reason="drill")
    assert f"This replaces the previous answer. {OWN}: Done" in page.main
    (viewing,) = demo.viewings()
    assert (viewing.reason, viewing.entered_role) == (NotDoneReason.DRILL, EnteredRole.COACH)
    cell = coach.open(f"/coach/cells/{demo.classroom().id}/{MONDAY}")
    assert [(row[2], row[3]) for row in cell.rows() if len(row) == 5 and row[2] in ("Done", "Not done: drill")] == [
        ("Done", ""),
        ("Not done: drill", "Done"),
    ]
    coach.submit(undo_of(page))
    assert demo.viewings()[0].state is ViewingState.DELIVERED


def test_undo_gives_back_what_was_there_and_twice_is_the_same_as_once(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    browser.submit(class_page(demo, browser).form(f"/open/{SLUG}"))
    page = log(demo, browser, outcome="done")
    undo = undo_of(page)
    assert "Undone. Back to how it was." in browser.submit(undo).main
    assert [viewing.state for viewing in demo.viewings()] == [ViewingState.OPENED]
    assert "Undone. Back to how it was." in browser.submit(undo).main
    assert [viewing.state for viewing in demo.viewings()] == [ViewingState.OPENED]


def test_undo_after_somebody_else_spoke_shows_both_versions_and_changes_nothing(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = log(demo, browser, outcome="done")
    log(demo, demo.signed_in("coach"), outcome="shortened")
    before = demo.dump()
    conflict = browser.submit(undo_of(page), 409)
    assert "What’s saved now" in conflict.main and "What you entered" in conflict.main
    assert "shortened" in conflict.main and "whole" in conflict.main
    assert demo.dump() == before


def test_nobody_takes_back_the_press_of_another_class(demo: DemoSite) -> None:
    page = log(demo, demo.signed_in("teacher"), outcome="done")
    stranger = demo.signed_in("teacher2")
    data = {"csrf_token": stranger.any_token()}
    stranger.send(str(undo_of(page).get("action")), data, 404)
    stranger.send("/teach/undo/made-up", data, 404)
    assert len(demo.viewings()) == 1


def test_somebody_elses_press_is_not_shown_by_its_id(demo: DemoSite) -> None:
    page = log(demo, demo.signed_in("teacher"), outcome="done")
    stranger = demo.signed_in("teacher2").open(page.path.replace(f"classes/{demo.classroom().id}", ""))
    assert "Saved." not in stranger.main and OWN not in stranger.main


# --- Beacons ----------------------------------------------------------------------------------------------------------

PART = {"slug": SLUG, "part": "s4-2", "duration": "64", "on_day": TODAY.isoformat()}


def ran(demo: DemoSite, browser: PageClient, name: str = OWN, **changed: str) -> int:
    """Send a beacon; the status of the answer."""
    address = f"/teach/classes/{demo.classroom(name).id}/ran"
    data = {**PART, **changed, "csrf_token": browser.any_token()}
    return browser.fetch(address, method="POST", data=data).status_code


def test_what_ran_on_two_devices_is_counted_once(demo: DemoSite) -> None:
    one, other = demo.signed_in("teacher"), demo.signed_in("teacher")
    assert [ran(demo, one, ranges="0-16,8-20"), ran(demo, other, ranges="10-32"), ran(demo, one, ranges="0-16")] == [
        204
    ] * 3
    (viewing,) = demo.viewings()
    assert viewing.coverage == 32 / 64
    assert viewing.state is ViewingState.OPENED


def test_enough_of_it_makes_the_viewing_played_and_never_delivered(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    least = next(second for second in range(64) if second / 64 >= played_threshold(64))
    ran(demo, browser, ranges=f"0-{least - 1}")
    assert demo.viewings()[0].state is ViewingState.OPENED
    ran(demo, browser, ranges=f"{least - 1}-{least}")
    assert demo.viewings()[0].state is ViewingState.PLAYED
    ran(demo, browser, ranges="0-64")
    (viewing,) = demo.viewings()
    assert (viewing.state, viewing.coverage, viewing.entered_by) == (ViewingState.PLAYED, 1.0, None)


def test_what_a_person_said_stays_when_more_of_it_runs(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    log(demo, browser, outcome="not-done", reason="drill")
    ran(demo, browser, ranges="0-64")
    (viewing,) = demo.viewings()
    assert (viewing.state, viewing.coverage) == (ViewingState.NOT_DONE, 1.0)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"ranges": "0-64", "on_day": str(TODAY - timedelta(days=7))}, 204),
        ({"ranges": ""}, 204),
        ({"ranges": "50-10"}, 204),
        ({"ranges": "0-64", "on_day": str(TODAY - timedelta(days=8))}, 422),
        ({"ranges": "0-64", "on_day": str(TODAY + timedelta(days=1))}, 422),
        ({"ranges": "0-64", "on_day": "today"}, 422),
        ({"ranges": "0-64", "duration": "0"}, 422),
        ({"ranges": "0-64", "duration": "-64"}, 422),
        ({"ranges": "0-64", "duration": "14401"}, 422),
        ({"ranges": "0-64", "duration": "NaN"}, 422),
        ({"ranges": "0-64", "duration": "66"}, 422),
        ({"ranges": "0-64", "duration": "65"}, 204),
        ({"ranges": "0-64", "duration": "６４"}, 422),
        ({"ranges": "0-64", "part": "../x"}, 422),
        ({"ranges": "0-64", "part": "q0"}, 422),
        ({"ranges": "0-64", "part": "s4-2\n"}, 422),
        ({"ranges": "0-64", "part": "x" * 41}, 422),
        ({"ranges": "0-64", "slug": "nope"}, 404),
        ({"ranges": "0-64", "slug": ""}, 404),
        ({"ranges": "all"}, 422),
        ({"ranges": "0-64;drop"}, 422),
        ({"ranges": "-1-64"}, 422),
        ({"ranges": "0-999999"}, 422),
        ({"ranges": ",".join("0-1" for _ in range(201))}, 429),
    ],
)
def test_a_beacon_is_taken_only_when_it_makes_sense(demo: DemoSite, changed: dict[str, str], status: int) -> None:
    browser = demo.signed_in("teacher")
    before = demo.dump()
    assert ran(demo, browser, **changed) == status
    if status != 204:
        assert demo.dump() == before
    assert all(viewing.coverage <= 1 for viewing in demo.viewings(first=TODAY - timedelta(days=10)))


def test_a_beacon_for_a_class_of_somebody_else_is_not_taken(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    before = demo.dump()
    assert ran(demo, browser, STRANGE, ranges="0-64") == 404
    assert demo.dump() == before


# --- Outside lessons --------------------------------------------------------------------------------------------------

LESSON = {"on_day": TODAY.isoformat(), "minutes": "25", "curriculum": "Health class", "title": "Sleep and mood"}


def lessons(demo: DemoSite) -> list[tuple[int, str, str]]:
    """The outside lessons of the class today."""
    with demo.records.reading() as tx:
        found = outside_lessons.list_outside_lessons(tx, first=TODAY, last=TODAY, classroom_ids=[demo.classroom().id])
    return [(lesson.minutes, lesson.curriculum, lesson.title) for lesson in found]


def test_an_outside_lesson_adds_its_minutes_once_and_can_be_taken_back(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    form = class_page(demo, browser).form("/outside")
    page = browser.submit(form, **LESSON)
    browser.submit(form, **LESSON)
    assert lessons(demo) == [(25, "Health class", "Sleep and mood")]
    assert any(row[1:4] == ["Health class", "Sleep and mood", "25"] for row in page.rows())
    take_back = next(button for button in page.all("button") if "Sleep and mood" in (button.get("aria-label") or ""))
    form = next(form for form in page.all("form") if take_back in list(form.iter()))
    browser.submit(form)
    assert lessons(demo) == []
    browser.submit(form, 404)
    with demo.records.reading() as tx:
        assert "remove other SEL lesson" in [entry.action for entry in audit_log.list_audit(tx)]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"minutes": ""}, "minutes", "Enter the minutes."),
        ({"minutes": "0"}, "minutes", "Enter minutes from 1 to 180."),
        ({"minutes": "181"}, "minutes", "Enter minutes from 1 to 180."),
        ({"minutes": "x"}, "minutes", "Not a valid integer"),
        ({"curriculum": ""}, "curriculum", "Enter the curriculum it came from."),
        ({"curriculum": "   "}, "curriculum", "Enter the curriculum it came from."),
        ({"curriculum": "x" * 101}, "curriculum", "100"),
        ({"title": "x" * 101}, "title", "100"),
        ({"on_day": "2026-11-21"}, "on_day", "That day is in the future. Choose today or an earlier day."),
        ({"on_day": ""}, "on_day", "Choose a day"),
    ],
)
def test_a_wrong_outside_lesson_says_why_and_keeps_the_rest(
    demo: DemoSite, typed: dict[str, str], field: str, said: str
) -> None:
    browser = demo.signed_in("teacher")
    page = browser.submit(class_page(demo, browser).form("/outside"), 422, **{**LESSON, **typed})
    assert said in page.beside(field)
    kept = {
        control.get("name"): control.get("value") for control in page.form("/outside").iter() if control.get("name")
    }
    assert {**LESSON, **typed}.items() <= {name: value for name, value in kept.items() if name}.items()
    assert lessons(demo) == []


def test_a_lesson_of_another_class_cannot_be_taken_back(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    browser.submit(class_page(demo, browser).form("/outside"), **LESSON)
    with demo.records.reading() as tx:
        (lesson,) = outside_lessons.list_outside_lessons(
            tx, first=TODAY, last=TODAY, classroom_ids=[demo.classroom().id]
        )
    address = f"/teach/classes/{demo.classroom(OWN_TOO).id}/outside/{lesson.id}/remove"
    browser.send(address, {"csrf_token": browser.any_token()}, 404)
    assert len(lessons(demo)) == 1


# --- The door card ----------------------------------------------------------------------------------------------------


def test_the_door_card_has_the_code_the_address_and_what_to_do(demo: DemoSite) -> None:
    page = demo.signed_in("teacher").open(f"/teach/classes/{demo.classroom().id}/door")
    code = demo.door().code
    assert page.texts("span", class_="door-code") == [f"{code[:5]}-{code[5:]}"]
    assert "http://localhost/c/" in page.main
    assert page.all("{http://www.w3.org/2000/svg}svg", class_="qr") or page.all("svg", class_="qr")
    assert OWN in page.texts("h2")


def test_a_new_card_is_written_down_with_who_made_it(demo: DemoSite) -> None:
    browser = demo.signed_in("teacher")
    page = browser.open(f"/teach/classes/{demo.classroom().id}/door")
    old = demo.door().code
    page = browser.submit(page.form("/door"))
    assert demo.door().code != old
    page = browser.submit(page.form("/door/revoke"))
    with demo.records.reading() as tx:
        entries = audit_log.list_audit(tx, limit=2)
    assert [(entry.action, entry.object, entry.person_id) for entry in entries] == [
        (action, f"class {OWN}", demo.person("teacher").id) for action in ("turn off door card", "make door card")
    ]
    assert not any(code in entry.detail for entry in entries for code in (old,))
