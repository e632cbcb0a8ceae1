"""The admin's acts on real records: people, classes and settings, each with its line in the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scratch import FRIDAY, NOON, Cast
from tests.support.scratch import add_person as add_scratch_person
from wellness.domain import EVERYWHERE, Classroom, Contact, Person, Reach, Role
from wellness.errors import Invalid
from wellness.records import Records, audit_log, people, schools
from wellness.school import setup
from wellness.school.people import add_person

GOOD: dict[str, Any] = {
    "email": "New@School.org", "name": " New Person ", "role": Role.TEACHER, "reach": EVERYWHERE,
    "password": "four words are good",
}  # fmt: skip


def add(records: Records, by: Person | None, **changes: Any) -> Person:
    return add_person(records, by, **(GOOD | changes), at=NOON)[0]


def actions(records: Records) -> list[tuple[str, str | None]]:
    with records.reading() as tx:
        return [(entry.action, entry.person_name) for entry in audit_log.list_audit(tx)]


def test_a_person_is_added_with_a_hashed_password_and_a_line_in_the_audit_log(records: Records, cast: Cast) -> None:
    added = add(records, cast.admin)
    assert (added.email, added.name) == ("new@school.org", "New Person")
    with records.reading() as tx:
        hashed = people.password_hash_of(tx, added.id)
        log = str(audit_log.list_audit(tx))
    assert hashed is not None
    assert hashed.startswith("$argon2id$")
    assert "four words" not in log
    assert actions(records) == [("add person", "Ada Admin")]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"email": "nonsense"}, ["email"]),
        ({"email": "a@b"}, ["email"]),
        ({"email": "a b@c.org"}, ["email"]),
        ({"email": "<a@c.org>"}, ["email"]),
        ({"email": ""}, ["email"]),
        ({"email": "tessa@demo.test"}, ["email"]),
        ({"email": " TESSA@demo.test "}, ["email"]),
        ({"name": "  "}, ["name"]),
        ({"password": "short"}, ["password"]),
        ({"password": "x" * 201}, ["password"]),
        ({"email": "", "name": "", "password": "short"}, ["email", "name", "password"]),
    ],
)
def test_a_person_with_mistakes_is_refused_beside_every_field(
    records: Records, cast: Cast, changes: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        add(records, cast.admin, **changes)
    assert list(refused.value.fields) == fields
    assert actions(records) == []


def test_a_person_of_an_unknown_school_is_refused_beside_the_field(records: Records, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        add(records, cast.admin, reach=Reach.of("nowhere"))
    assert list(refused.value.fields) == ["school_ids"]


def room(records: Records, cast: Cast, **changes: Any) -> Classroom:
    made: dict[str, Any] = {
        "name": "Room 16", "school_id": cast.school.id, "grade": "7", "size": 22, "teacher_ids": [cast.teacher.id],
        "today": FRIDAY,
    }  # fmt: skip
    return setup.add_classroom(records, cast.admin, **(made | changes), at=NOON)


def test_a_class_is_added_to_this_school_year(records: Records, cast: Cast) -> None:
    added = room(records, cast)
    assert (added.year_id, added.teacher_names) == (cast.year.id, ("Tessa Teacher",))
    assert actions(records) == [("add class", "Ada Admin")]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"name": "Room 12"},
        {"grade": "13"},
        {"size": 0},
        {"size": -1},
        {"teacher_ids": ["nobody"]},
    ],
)
def test_a_class_that_cannot_be_is_refused(records: Records, cast: Cast, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        room(records, cast, **changes)
    assert actions(records) == []


def test_before_the_first_school_year_no_class_can_be_added(records: Records) -> None:
    with records.writing() as tx:
        school = schools.add_school(tx, "Elm School")
        admin = add_scratch_person(tx, "Ada Admin", Role.ADMIN)
    with pytest.raises(Invalid, match="school year"):
        setup.add_classroom(
            records,
            admin,
            name="Room 1",
            school_id=school.id,
            grade="7",
            size=20,
            teacher_ids=[],
            at=NOON,
            today=FRIDAY,
        )


words = st.text(alphabet="abc äß-.()0", max_size=8).map(str.strip)
contacts = st.lists(st.builds(Contact, name=words.filter(bool), place=words, reach=words, school=words), max_size=5)


@given(contacts)
def test_contacts_are_read_as_they_are_written(listed: list[Contact]) -> None:
    assert setup.read_contacts(setup.write_contacts(listed)) == tuple(listed)


def test_a_contact_may_leave_out_the_school_the_place_and_how_to_reach() -> None:
    assert setup.read_contacts("; Ms Rivera; Room 3\n\nElm School; Nurse;; 555-0100\n;Counselor;") == (
        Contact("Ms Rivera", "Room 3"),
        Contact("Nurse", "", "555-0100", "Elm School"),
        Contact("Counselor", ""),
    )


@pytest.mark.parametrize("text", ["Ms Rivera", ";;Room 3", "a;b;c;d;e", "; Good; Room\nbad"])
def test_a_contact_that_cannot_be_read_is_named_by_its_line(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        setup.read_contacts(text)
    assert f"Line {len(text.splitlines())}:" in refused.value.fields["contacts"]
