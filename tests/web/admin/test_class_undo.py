"""Undoing that a class was closed, merged or split."""

from __future__ import annotations

from datetime import timedelta

from tests.support.demo_site import OWN, OWN_TOO, TODAY, DemoSite
from tests.support.pages import Page
from tests.web.admin.test_classes import audit, get, press
from wellness.records import classrooms

DAY = timedelta(days=1)


def page_of(demo: DemoSite, classroom_id: str) -> Page:
    return demo.signed_in("coach").open(f"/admin/classes/{classroom_id}")


def undo(demo: DemoSite, classroom_id: str, status: int = 303) -> Page:
    browser = demo.signed_in("coach")
    page = browser.open(f"/admin/classes/{classroom_id}")
    form = next(form for form in page.all("form") if "/undo/" in str(form.get("action")))
    return browser.submit(form, status)


def facts(demo: DemoSite) -> dict[str, list[tuple[object, ...]]]:
    """Every class and who teaches it."""
    return {name: rows for name, rows in demo.dump().items() if name in ("classroom", "teaching")}


def test_a_merge_is_undone(demo: DemoSite) -> None:
    before, room, other = facts(demo), demo.classroom(OWN), demo.classroom(OWN_TOO)
    press(demo, "/merge", into_id=other.id, last_on=str(TODAY))
    assert get(demo, other).size == room.size + other.size
    page = page_of(demo, room.id)
    assert f"its {room.size} students return" in page.main
    assert "Undone." in undo(demo, room.id).text
    assert facts(demo) == before
    assert audit(demo) == ("undo change of class", f"class {OWN}", f"merged {OWN_TOO}")
    assert "Undo" not in page_of(demo, room.id).main


def test_what_changed_since_a_merge_stays(demo: DemoSite) -> None:
    room, other, stranger = demo.classroom(OWN), demo.classroom(OWN_TOO), demo.person("teacher2")
    with demo.records.writing() as tx:
        classrooms.add_teaching(tx, room.id, stranger.id, room.first_on)
    press(demo, "/merge", into_id=other.id, last_on=str(TODAY))
    with demo.records.writing() as tx:
        classrooms.set_size(tx, other.id, other.size + room.size + 3)
    assert f"No longer teaching {OWN_TOO}: {stranger.name}." in page_of(demo, room.id).main
    undo(demo, room.id)
    assert get(demo, other).size == other.size + 3
    with demo.records.reading() as tx:
        assert stranger.id not in {one.person_id for one in classrooms.list_teaching(tx, other.id)}


def test_a_merge_is_not_undone_once_a_week_without_the_class_is_over(demo: DemoSite) -> None:
    room, other = demo.classroom(OWN), demo.classroom(OWN_TOO)
    press(demo, "/merge", into_id=other.id, last_on=str(TODAY))
    demo.clock.go(days=4)
    assert "You can undo this" in page_of(demo, room.id).main
    demo.clock.go(days=7)
    before = demo.dump()["classroom"]
    assert "A week without this class is over" in undo(demo, room.id, 422).main
    assert demo.dump()["classroom"] == before


def test_a_split_is_undone_until_the_new_class_has_history(demo: DemoSite) -> None:
    before, room = facts(demo), demo.classroom(OWN)
    press(demo, "/split", name="New half", size="5", first_on=str(TODAY))
    assert "5 students are in New half." in page_of(demo, room.id).main
    undo(demo, room.id)
    assert facts(demo) == before
    press(demo, "/split", name="New half", size="5", first_on=str(TODAY))
    demo.clock.go(days=11)
    press(demo, "", size="30")  # closes the weeks that are over
    page = page_of(demo, room.id)
    assert "The new class has history" in page.main
    assert not [form for form in page.all("form") if "/undo/" in str(form.get("action"))]


def test_a_closing_is_undone(demo: DemoSite) -> None:
    before, room = facts(demo), demo.classroom(OWN)
    press(demo, "/close", last_on=str(TODAY - DAY))
    undo(demo, room.id)
    assert facts(demo) == before
