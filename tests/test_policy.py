"""Who may do what: the table itself, and `may` for a cast of actors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from wellness.domain import EVERYWHERE, Classroom, Language, Person, Reach, Role
from wellness.policy import RULES, Action, Actor, DoorHolder, Scope, Visitor, has_role, in_scope, leads, may


def person(name: str, role: Role, school_id: str | None = "elm") -> Person:
    reach = EVERYWHERE if school_id is None else Reach.of(school_id)
    return Person(name, f"{name}@demo.test", name, role, reach, Language.EN, version=1)


def room(name: str, school_id: str, *teachers: str) -> Classroom:
    return Classroom(
        name,
        school_id,
        school_id,
        "2026",
        name,
        "6",
        ("6",),
        24,
        date(2026, 8, 31),
        None,
        None,
        frozenset(teachers),
        teachers,
    )


ROOM_12 = room("room-12", "elm", "tessa")
CAST: dict[str, Actor] = {
    "visitor": Visitor(),
    "door of the class": DoorHolder("room-12"),
    "door of another class": DoorHolder("room-14"),
    "teacher of the class": person("tessa", Role.TEACHER),
    "another teacher": person("sam", Role.TEACHER),
    "coach of the school": person("cora", Role.COACH),
    "coach of all schools": person("carl", Role.COACH, None),
    "coach of another school": person("cleo", Role.COACH, "oak"),
    "principal of the school": person("pia", Role.PRINCIPAL),
    "principal of all schools": person("pat", Role.PRINCIPAL, None),
    "principal of another school": person("pip", Role.PRINCIPAL, "oak"),
    "admin of the school": person("ada", Role.ADMIN),
    "admin of all schools": person("abe", Role.ADMIN, None),
    "admin of another school": person("amy", Role.ADMIN, "oak"),
}
STAFF = {name for name, actor in CAST.items() if isinstance(actor, Person)}
OF_SCHOOL = STAFF - {"another teacher"} - {name for name in STAFF if "of another school" in name}
TEACHING = {name for name in STAFF if "principal" not in name}
OF_CLASS = OF_SCHOOL & TEACHING
COACHING = {name for name in TEACHING if "teacher" not in name}
READING = {name for name in STAFF if "teacher" not in name}

MAY: dict[Action, set[str]] = {
    Action.VISIT: set(CAST),
    Action.SIGN_OUT: STAFF,
    Action.CHANGE_PASSWORD: STAFF,
    Action.OWN_ACCOUNT: STAFF,
    Action.OPEN_OWN_DOOR: {"door of the class"},
    Action.TEACH: TEACHING,
    Action.SEE_CLASS: OF_CLASS,
    Action.LOG_VIEWING: OF_CLASS,
    Action.ISSUE_DOOR: OF_CLASS,
    Action.SEE_GRID: READING,
    Action.SEE_WEEK: OF_SCHOOL,
    Action.SEE_PLAN: READING,
    Action.PLAN: COACHING,
    Action.CHECK_CONTENT: COACHING,
    Action.WRITE: COACHING,
    Action.TAKE_TRAINING: TEACHING,
    Action.LEAD_TRAINING: COACHING,
    Action.NOTE_WALKTHROUGH: OF_CLASS & COACHING,
    Action.CHANGE_CLASS: OF_CLASS & COACHING,
    Action.RUN_SCHOOL: {name for name in STAFF if "admin" in name},
    Action.RUN_SITE: {"admin of all schools"},
}
"""Who may do each action to room 12, written out by hand: the table of the program has to agree with this one."""


def test_every_action_has_a_rule_and_a_sentence_of_its_own() -> None:
    assert set(RULES) == set(Action) == set(MAY)
    sentences = [rule.sentence for rule in RULES.values()]
    assert all(sentence.endswith(".") and len(sentence.split()) >= 4 for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_every_rule_lets_somebody_in_and_only_reading_is_public() -> None:
    assert [action for action, rule in RULES.items() if rule.public] == [Action.VISIT]
    assert all(rule.public or rule.roles or rule.scope is Scope.DOOR for rule in RULES.values())


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("actor", CAST)
def test_may_says_what_the_table_of_the_product_says(actor: str, action: Action) -> None:
    assert may(CAST[actor], action, ROOM_12) is (actor in MAY[action])


@pytest.mark.parametrize("action", [action for action, rule in RULES.items() if rule.scope is not Scope.SITE])
@pytest.mark.parametrize("actor", CAST)
def test_nobody_may_do_to_no_class_what_is_done_to_a_class(actor: str, action: Action) -> None:
    assert not may(CAST[actor], action, None)


@pytest.mark.parametrize("actor", sorted(STAFF))
def test_a_closed_account_may_do_no_more_than_a_visitor(actor: str) -> None:
    someone = CAST[actor]
    assert isinstance(someone, Person)
    closed = replace(someone, is_active=False)
    assert {action for action in Action if may(closed, action, ROOM_12)} == {Action.VISIT}


def test_a_door_has_only_the_role_of_a_door() -> None:
    assert {action for action in Action if has_role(DoorHolder("room-12"), action)} == {
        Action.VISIT,
        Action.OPEN_OWN_DOOR,
    }


def test_a_teacher_of_every_school_still_has_only_the_classes_she_teaches() -> None:
    assert not in_scope(person("tess", Role.TEACHER, None), ROOM_12)
    assert in_scope(person("tessa", Role.TEACHER, None), ROOM_12)


def test_only_coaches_and_admins_lead_and_only_their_own_schools() -> None:
    led = {name for name, actor in CAST.items() if isinstance(actor, Person) and leads(actor, "elm")}
    assert led == OF_CLASS & COACHING
    everywhere = {name for name, actor in CAST.items() if isinstance(actor, Person) and leads(actor, None)}
    assert everywhere == {"coach of all schools", "admin of all schools"}
