"""A class's door: what a substitute with the card can do, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.demo_site import COVERED, MONDAY, OWN, OWN_TOO, STRANGE, TODAY, DemoSite
from tests.support.pages import PageClient, names_in
from wellness.domain import Completeness, EnteredRole, Language, NotDoneReason, ViewingState
from wellness.records import door_cards, plans

TYPED: dict[str, Callable[[str], str]] = {
    "as it is printed": lambda code: f"{code[:4]}-{code[4:]}",
    "in small letters": str.lower,
    "with spaces": lambda code: f" {code[:2]} {code[2:5]} {code[5:]} ",
    "with O for 0 and I for 1": lambda code: code.replace("0", "O").replace("1", "I"),
    "with small l for 1 and z for 2": lambda code: code.replace("1", "l").replace("2", "z"),
    "with dots and dashes": lambda code: ".".join(code) + "–",
}


def planned_here(demo: DemoSite, name: str = OWN) -> str:
    """The session planned for the class this week."""
    classroom = demo.classroom(name)
    with demo.records.reading() as tx:
        slug = plans.planned_slug(tx, classroom.school_id, MONDAY, classroom.grade)
    assert slug is not None
    return slug


def press(demo: DemoSite, browser: PageClient, status: int = 303, **pressed: str) -> str:
    """Answer at the door of the class."""
    page = browser.open(f"/c/{demo.door().code}")
    return browser.submit(page.form("/log"), status, **pressed).main


@pytest.mark.parametrize("how", TYPED)
def test_a_code_opens_its_door_typed(demo: DemoSite, how: str) -> None:
    browser = demo.browser()
    form = browser.open("/c/").form("/c/")
    answer = browser.fetch("/c/", query_string={"code": TYPED[how](demo.door().code)}, follow_redirects=True)
    page = browser.open(answer.request.path)
    assert page.heading == OWN
    assert names_in(page.text, [classroom.name for classroom in demo.classrooms()]) == [OWN]
    assert form.get("method") == "get"


def test_the_code_itself_works_in_the_address_in_any_writing(demo: DemoSite) -> None:
    code = demo.door().code
    for written in (code, code.lower(), f"{code[:4]}-{code[4:]}".lower()):
        assert demo.browser().open(f"/c/{written}").heading == OWN


@pytest.mark.parametrize("code", ["AAAABBBB", "A", "x" * 500, "%00", "'--", "..%5C..", "é"], ids=lambda code: code[:8])
def test_a_wrong_code_opens_nothing_and_says_what_to_do(demo: DemoSite, code: str) -> None:
    page = demo.browser().open(f"/c/{code}", 404)
    assert "That code didn’t work. Check each letter." in page.main
    assert not names_in(page.text, [classroom.name for classroom in demo.classrooms()])


def test_nothing_typed_asks_again(demo: DemoSite) -> None:
    for typed in ("", "   "):
        assert demo.browser().open("/c/", query_string={"code": typed}).heading == "Enter the class code"


@pytest.mark.parametrize("why", ["stopped", "replaced", "a new school year"])
def test_a_card_stops_working_when_it_is(demo: DemoSite, why: str) -> None:
    old = demo.door().code
    demo.browser().open(f"/c/{old}")
    if why == "a new school year":
        demo.clock.at = datetime(2027, 8, 30, 15, tzinfo=UTC)
    else:
        teacher = demo.signed_in("teacher")
        page = teacher.open(f"/teach/classes/{demo.classroom().id}/door")
        page = teacher.submit(page.form("/door/revoke" if why == "stopped" else "/door"))
        assert ("No active card" in page.main) is (why == "stopped")
    demo.browser().open(f"/c/{old}", 404)
    if why == "replaced":
        demo.browser().open(f"/c/{demo.door().code}")


def test_a_door_opens_this_weeks_session_and_the_viewing_begins(demo: DemoSite) -> None:
    browser, slug = demo.browser(), planned_here(demo)
    page = browser.open(f"/c/{demo.door().code}")
    page = browser.submit(page.form("/open"))
    assert page.path.endswith("/present")
    assert page.heading == demo.catalogue.list_cards([slug], Language.EN)[slug].title
    assert not page.all("input", name="classroom_id"), "other classes are not the substitute's"
    (viewing,) = demo.viewings()
    assert (viewing.slug, viewing.state, viewing.entered_role) == (slug, ViewingState.OPENED, EnteredRole.AUTO)


@pytest.mark.parametrize(
    ("pressed", "state", "extent", "reason"),
    [
        ({"outcome": "done"}, ViewingState.DELIVERED, Completeness.WHOLE, None),
        ({"outcome": "shortened"}, ViewingState.DELIVERED, Completeness.SHORTENED, None),
        ({"outcome": "not-done", "reason": "drill"}, ViewingState.NOT_DONE, None, NotDoneReason.DRILL),
    ],
)
def test_one_press_at_the_door_is_noted_as_a_substitutes(
    demo: DemoSite,
    pressed: dict[str, str],
    state: ViewingState,
    extent: Completeness | None,
    reason: NotDoneReason | None,
) -> None:
    assert "Saved." in press(demo, demo.browser(), **pressed)
    (viewing,) = demo.viewings()
    assert (viewing.state, viewing.extent, viewing.reason) == (state, extent, reason)
    assert (viewing.entered_role, viewing.entered_by) == (EnteredRole.SUBSTITUTE, None)
    assert "run by substitute" in demo.signed_in("teacher").open(f"/teach/classes/{demo.classroom().id}").main
    assert "run by substitute" in demo.signed_in("coach").open(f"/coach/cells/{demo.classroom().id}/{MONDAY}").main


def test_a_substitute_can_take_the_press_back(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.open(f"/c/{demo.door().code}")
    page = browser.submit(page.form("/log"), outcome="done")
    undo = next(form for form in page.all("form") if "/undo/" in form.get("action", ""))
    assert "Undone. Back to how it was." in browser.submit(undo).main
    assert demo.viewings() == []
    assert "Undone. Back to how it was." in browser.submit(undo).main, "twice is the same as once"


def test_one_door_cannot_take_back_the_press_of_another(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.open(f"/c/{demo.door(OWN_TOO).code}")
    page = browser.submit(page.form("/log"), outcome="done")
    undo = next(str(form.get("action")) for form in page.all("form") if "/undo/" in form.get("action", ""))
    elsewhere = undo.replace(demo.door(OWN_TOO).code, demo.door(STRANGE).code)
    answer = browser.fetch(elsewhere, method="POST", data={"csrf_token": browser.any_token()})
    assert answer.status_code == 404
    assert len(demo.viewings(OWN_TOO)) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"slug": "movement-reset"}, 422),
        ({"slug": "nope"}, 422),
        ({"on_day": str(TODAY - timedelta(days=7))}, 422),
        ({"on_day": str(TODAY + timedelta(days=7))}, 422),
        ({"on_day": "nonsense"}, 422),
        ({"outcome": "not-done"}, 422),
        ({"outcome": "not-done", "reason": "made up"}, 422),
        ({"outcome": "celebrated"}, 422),
        ({"minutes": "0"}, 422),
        ({"minutes": "181"}, 422),
        ({"minutes": "ten"}, 422),
    ],
)
def test_a_door_takes_only_an_answer_about_this_weeks_session(
    demo: DemoSite, changed: dict[str, str], status: int
) -> None:
    browser, before = demo.browser(), demo.dump()
    page = browser.open(f"/c/{demo.door().code}" + ("/present" if "slug" in changed else ""))
    page = browser.submit(page.form("/log"), status, **{"outcome": "done", **changed})
    assert demo.dump() == before
    if status == 422 and "minutes" in changed:
        assert page.beside("minutes")
        assert page.find("input", name="minutes").get("value") == changed["minutes"]


def test_a_week_without_a_session_leaves_the_door_friendly(demo: DemoSite) -> None:
    demo.clock.at = datetime(2026, 12, 23, 15, tzinfo=UTC)
    browser, code = demo.browser(), demo.door().code
    assert "Nothing is planned this week" in browser.open(f"/c/{code}").main
    assert "Nothing is planned for this class this week." in browser.open(f"/c/{code}/present", 404).main


def test_a_class_without_a_teacher_is_run_by_substitutes(demo: DemoSite) -> None:
    demo.clock.go(days=3)
    with demo.records.reading() as tx:
        assert door_cards.door_of(tx, demo.classroom(COVERED).id) is not None
    page = demo.browser().open(f"/c/{demo.door(COVERED).code}")
    assert page.heading == COVERED
    demo.browser().submit(page.form("/log"), 400, outcome="done")


def test_a_door_tells_nothing_of_staff_and_opens_nothing_of_theirs(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.open(f"/c/{demo.door().code}")
    assert not names_in(page.text, [*demo.classroom().teacher_names, "@demo.test"])
    for address in ("/teach/", f"/teach/classes/{demo.classroom().id}", "/coach/", "/admin/"):
        assert browser.fetch(address).location.startswith("/sign-in")
