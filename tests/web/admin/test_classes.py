"""A class's page: details, days, teachers, closing, merging, splitting, removing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.demo_site import OWN, OWN_TOO, STRANGE, TODAY, DemoSite
from tests.support.pages import Page
from wellness.domain import Classroom, Role
from wellness.records import audit_log, classrooms, people

DAY = timedelta(days=1)


def open_class(demo: DemoSite, who: str = "coach", name: str = OWN) -> Page:
    return demo.signed_in(who).open(f"/admin/classes/{demo.classroom(name).id}")


def press(demo: DemoSite, act: str, status: int = 303, *, by: str = "coach", **typed: str) -> Page:
    """Submit one of the forms of the class's page; `act` is what its address ends with."""
    browser, room = demo.signed_in(by), demo.classroom(OWN)
    page = browser.open(f"/admin/classes/{room.id}")
    return browser.submit(page.form(f"/admin/classes/{room.id}{act}"), status, **typed)


def get(demo: DemoSite, room: Classroom) -> Classroom:
    with demo.records.reading() as tx:
        return classrooms.get_classroom(tx, room.id, TODAY)


def audit(demo: DemoSite) -> tuple[str, str, str]:
    with demo.records.reading() as tx:
        entry = audit_log.list_audit(tx, limit=1)[0]
    return entry.action, entry.object, entry.detail


@pytest.mark.parametrize("who", ["coach", "admin"])
def test_a_coach_and_an_admin_change_a_class(demo: DemoSite, who: str) -> None:
    room = demo.classroom(OWN)
    page = press(demo, "", by=who, grade="8", size="31")
    assert f"Saved: {OWN}." in page.text
    assert (get(demo, room).grade, get(demo, room).size) == ("8", 31)
    assert audit(demo) == ("change class", f"class {OWN}", f"grade {room.grade} → 8; size {room.size} → 31")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": f"  {OWN_TOO.upper()}"}, "name"),
        ({"size": "201"}, "size"),
        ({"first_on": "2020-01-01"}, "first_on"),
        ({"last_on": "2020-01-01"}, "last_on"),
    ],
)
def test_a_change_that_cannot_be_is_refused_beside_the_field(demo: DemoSite, typed: dict[str, str], field: str) -> None:
    browser, room = demo.signed_in("coach"), demo.classroom(OWN)
    form = browser.open(f"/admin/classes/{room.id}").form(f"/admin/classes/{room.id}")
    before = demo.dump()
    assert browser.submit(form, 422, **typed).beside(field)
    assert demo.dump() == before


def test_a_name_that_is_taken_says_so_beside_the_field(demo: DemoSite) -> None:
    browser, room = demo.signed_in("coach"), demo.classroom(OWN)
    form = browser.open(f"/admin/classes/{room.id}").form(f"/admin/classes/{room.id}")
    said = browser.submit(form, 422, name=OWN_TOO).beside("name")
    assert "This school already has a class with that name in that year." in said


def test_a_class_is_closed_and_reopened(demo: DemoSite) -> None:
    room = demo.classroom(OWN)
    page = press(demo, "/close", last_on=str(TODAY - DAY))
    assert "This class is closed" in page.main
    assert OWN not in demo.signed_in("teacher").open("/teach/").main
    assert get(demo, room).last_on == TODAY - DAY
    browser = demo.signed_in("coach")
    page = browser.open(f"/admin/classes/{room.id}")
    browser.submit(page.form(f"/admin/classes/{room.id}/reopen"))
    assert get(demo, room).last_on is None
    assert OWN in demo.signed_in("teacher").open("/teach/").main


def test_a_new_teacher_sees_the_class_and_the_one_before_no_longer(demo: DemoSite) -> None:
    room, stranger = demo.classroom(OWN), demo.person("teacher2")
    with demo.records.reading() as tx:
        (before,) = classrooms.list_teaching(tx, room.id)
    browser = demo.signed_in("coach")
    page = browser.open(f"/admin/classes/{room.id}")
    typed = f"{stranger.name} · {stranger.email}"
    browser.submit(page.form(f"/admin/classes/{room.id}/teachers"), who=typed, first_on=str(TODAY))
    page = browser.open(f"/admin/classes/{room.id}")
    browser.submit(page.form(f"/admin/classes/{room.id}/teachers/{before.id}"), last_on=str(TODAY - DAY))
    assert OWN in demo.signed_in("teacher2").open("/teach/").main
    assert OWN not in demo.signed_in("teacher").open("/teach/").main
    assert demo.person("teacher").name in browser.open(f"/admin/classes/{room.id}").main
    page = browser.open(f"/admin/classes/{room.id}")
    browser.submit(page.form(f"/admin/classes/{room.id}/teachers/{before.id}"), last_on="")
    assert OWN in demo.signed_in("teacher").open("/teach/").main


def test_people_of_the_same_name_are_told_apart_by_email(demo: DemoSite) -> None:
    room = demo.classroom(OWN)
    with demo.records.writing() as tx:
        for email in ("ana1@demo.test", "ana2@demo.test"):
            people.add_person(tx, email=email, name="Ana Diaz", role=Role.TEACHER, password_hash="!", at=demo.clock())
    browser = demo.signed_in("coach")
    form = browser.open(f"/admin/classes/{room.id}").form(f"/admin/classes/{room.id}/teachers")
    assert "More than one person" in browser.submit(form, 422, who="ana diaz").beside("who")
    assert "couldn’t find" in browser.submit(form, 422, who="nobody").beside("who")
    browser.submit(form, who="Ana Diaz · ana2@demo.test")
    with demo.records.reading() as tx:
        assert "ana2@demo.test" in [one.email for one in classrooms.list_teaching(tx, room.id)]
    assert "already teaches" in browser.submit(form, 422, who="ana2@demo.test").beside("who")


def test_a_class_is_merged_into_another_once(demo: DemoSite) -> None:
    room, other = demo.classroom(OWN), demo.classroom(OWN_TOO)
    browser = demo.signed_in("coach")
    form = browser.open(f"/admin/classes/{room.id}").form(f"/admin/classes/{room.id}/merge")
    browser.submit(form, into_id=other.id, last_on=str(TODAY))
    assert (get(demo, room).last_on, get(demo, other).size) == (TODAY, room.size + other.size)
    assert audit(demo)[:2] == ("merge class", f"class {OWN}")
    before = demo.dump()
    assert "wasn’t merged again" in browser.submit(form, 422, into_id=other.id, last_on=str(TODAY)).main
    assert demo.dump() == before


def test_a_class_is_split_once(demo: DemoSite) -> None:
    room = demo.classroom(OWN)
    browser = demo.signed_in("coach")
    form = browser.open(f"/admin/classes/{room.id}").form(f"/admin/classes/{room.id}/split")
    browser.submit(form, name="Advisory 9-9", size="10", first_on=str(TODAY))
    added = demo.classroom("Advisory 9-9")
    assert (added.size, added.first_on, added.follows_id, added.teacher_ids) == (10, TODAY, room.id, room.teacher_ids)
    assert get(demo, room).size == room.size - 10
    before = demo.dump()
    assert browser.submit(form, 422, name="advisory  9-9", size="5", first_on=str(TODAY)).beside("name")
    assert browser.submit(form, 422, name="Advisory 9-10", size="200", first_on=str(TODAY)).beside("size")
    assert demo.dump() == before


def test_only_a_class_without_history_can_be_removed(demo: DemoSite) -> None:
    room, admin = demo.classroom(OWN), demo.signed_in("admin")
    assert not [form for form in open_class(demo).all("form") if form.get("action", "").endswith("/remove")]
    typed = {"name": "Typed wrong", "school_id": room.school_id, "grade": "7", "size": "24"}
    admin.submit(admin.open("/admin/").form("/admin/classes"), **typed)
    added = demo.classroom("Typed wrong")
    admin.submit(admin.open(f"/admin/classes/{added.id}").form(f"/admin/classes/{added.id}/remove"))
    assert "Typed wrong" not in [one.name for one in demo.classrooms()]
    assert audit(demo)[:2] == ("remove class", "class Typed wrong")


def test_a_coach_of_another_school_finds_no_class(demo: DemoSite) -> None:
    room = demo.classroom(OWN)
    assert demo.signed_in("coach2").fetch(f"/admin/classes/{room.id}").status_code == 404
    assert demo.signed_in("coach2").open(f"/admin/classes/{demo.classroom(STRANGE).id}").heading == STRANGE
