"""What coaches ask for and see of their staff's training, and what they do not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, event

from tests.support.scratch import FRIDAY, NOON, Cast, add_person, set_teachers
from tests.support.training_cast import DAY, SLUG, complete, deliver, finish, later, module
from wellness.domain import Assignment, PartKind, Person, Role
from wellness.errors import Forbidden, Invalid, NotFound
from wellness.records import Records, audit_log, people
from wellness.training import assignments, parts, roster, scope

MODULE = module()
OTHER = replace(MODULE, slug="other", title="Other")
KNOWN = (SLUG, "other")


@pytest.fixture
def elsewhere(records: Records, cast: Cast) -> Person:
    """The coach of the other school."""
    with records.writing() as tx:
        return add_person(tx, "Olga Other", Role.COACH, cast.other_school.id)


def ask(records: Records, lead: Person, **changes: Any) -> list[Assignment]:
    asked: dict[str, Any] = {"slug": SLUG, "known_slugs": KNOWN, "due_on": FRIDAY, "at": NOON, "today": FRIDAY}
    return assignments.assign(records, lead, **(asked | changes))


def asked_of(records: Records, person: Person) -> list[date]:
    with records.reading() as tx:
        return [one.due_on for one in scope.read_scope(tx, FRIDAY).asked_of(person)]


def listed(records: Records, lead: Person) -> list[tuple[str, str, str | None]]:
    with records.reading() as tx:
        return [(one.assignment.slug, one.whom, one.by_name) for one in assignments.list_assignments(tx, lead, FRIDAY)]


def rows(records: Records, lead: Person, *modules: Any, today: date = FRIDAY) -> list[roster.RosterStatus]:
    with records.reading() as tx:
        return roster.standing(tx, lead, modules or (MODULE,), today)


# --- Asking -----------------------------------------------------------------------------------------------------------


def test_a_school_is_asked_and_everybody_who_teaches_there_knows_by_when(records: Records, cast: Cast) -> None:
    ask(records, cast.coach, school_ids=[cast.school.id], due_on=FRIDAY + 7 * DAY)
    assert asked_of(records, cast.teacher) == [FRIDAY + 7 * DAY]
    for person in (cast.stranger, cast.coach, cast.admin):
        assert asked_of(records, person) == []
    with records.writing() as tx:
        set_teachers(tx, cast.room_14.id, [cast.stranger.id])
    assert asked_of(records, cast.stranger) == [FRIDAY + 7 * DAY]


def test_a_person_is_asked_by_name(records: Records, cast: Cast) -> None:
    ask(records, cast.coach, person_ids=[cast.teacher.id])
    ask(records, cast.admin, person_ids=[cast.coach.id], slug="other")
    assert asked_of(records, cast.teacher) == asked_of(records, cast.coach) == [FRIDAY]
    assert asked_of(records, cast.stranger) == []


def test_the_earliest_day_counts_until_the_module_is_completed(records: Records, cast: Cast) -> None:
    ask(records, cast.coach, school_ids=[cast.school.id], due_on=FRIDAY + 7 * DAY)
    ask(records, cast.coach, person_ids=[cast.teacher.id], due_on=FRIDAY + 2 * DAY)
    ask(records, cast.coach, school_ids=[cast.school.id], slug="other")

    def due(today: date, one: Any = MODULE) -> tuple[date | None, bool]:
        with records.reading() as tx:
            found = parts.state_of(tx, cast.teacher, one, today)
        return found.due_on, found.is_overdue

    assert due(FRIDAY + 2 * DAY) == (FRIDAY + 2 * DAY, False)
    assert due(FRIDAY + 3 * DAY) == (FRIDAY + 2 * DAY, True)
    complete(records, cast.teacher, MODULE)
    assert due(FRIDAY + 3 * DAY) == (None, False)
    assert due(FRIDAY + 3 * DAY, later(again_since=FRIDAY + 3 * DAY)) == (FRIDAY + 2 * DAY, True)


def test_asking_again_moves_the_day(records: Records, cast: Cast) -> None:
    (first,) = ask(records, cast.coach, school_ids=[cast.school.id])
    (second,) = ask(records, cast.admin, school_ids=[cast.school.id], due_on=FRIDAY + DAY)
    assert second == replace(first, due_on=FRIDAY + DAY, assigned_by=cast.admin.id)
    assert listed(records, cast.coach) == [(SLUG, "Elm School", "Ada Admin")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "unknown"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"school_ids": []}, "school_ids"),
        ({"due_on": FRIDAY - DAY}, "due_on"),
    ],
)
def test_what_is_missing_is_named_and_nothing_asked(
    records: Records, cast: Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(records, cast.coach, **({"school_ids": [cast.school.id]} | changes))
    assert list(refused.value.fields) == [field]
    assert listed(records, cast.coach) == []


def test_a_coach_asks_the_staff_of_her_own_schools_only(records: Records, cast: Cast, elsewhere: Person) -> None:
    for whom in (
        {"school_ids": [cast.school.id, cast.other_school.id]},
        {"school_ids": ["nowhere"]},
        {"person_ids": [cast.stranger.id]},
        {"person_ids": [cast.admin.id]},
        {"person_ids": ["nobody"]},
    ):
        with pytest.raises(Forbidden):
            ask(records, cast.coach, **whom)
    with pytest.raises(Forbidden):
        ask(records, cast.teacher, person_ids=[cast.teacher.id])
    assert listed(records, cast.admin) == []
    ask(records, cast.admin, school_ids=[cast.school.id, cast.other_school.id], person_ids=[cast.stranger.id])
    assert {whom for _, whom, _ in listed(records, cast.admin)} == {"Elm School", "Oak School", "Sam Stranger"}
    assert {whom for _, whom, _ in listed(records, cast.coach)} == {"Elm School"}
    assert {whom for _, whom, _ in listed(records, elsewhere)} == {"Oak School", "Sam Stranger"}


def test_an_assignment_is_withdrawn_by_who_leads_there(records: Records, cast: Cast, elsewhere: Person) -> None:
    made = ask(records, cast.coach, school_ids=[cast.school.id], person_ids=[cast.teacher.id])
    for one in made:
        for person in (elsewhere, cast.teacher):
            with pytest.raises(NotFound):
                assignments.withdraw(records, person, one.id, NOON, FRIDAY)
        assignments.withdraw(records, cast.coach, one.id, NOON, FRIDAY)
        with pytest.raises(NotFound):
            assignments.withdraw(records, cast.coach, one.id, NOON, FRIDAY)
    assert asked_of(records, cast.teacher) == []


def test_asking_and_withdrawing_leave_lines_without_a_name_in_their_text(records: Records, cast: Cast) -> None:
    school, person = ask(records, cast.coach, school_ids=[cast.school.id], person_ids=[cast.teacher.id])
    assignments.withdraw(records, cast.coach, school.id, NOON, FRIDAY)
    with records.reading() as tx:
        lines = [(entry.action, entry.object, entry.detail, entry.about_name) for entry in audit_log.list_audit(tx)]
    assert lines == [
        ("unassign module", f"training/{SLUG}", "Elm School", None),
        ("assign module", f"training/{SLUG}", f"by {FRIDAY}", cast.teacher.name),
        ("assign module", f"training/{SLUG}", f"Elm School, by {FRIDAY}", None),
    ]
    assert person.person_id == cast.teacher.id


def test_what_is_asked_stays_when_who_asked_leaves(records: Records, cast: Cast) -> None:
    ask(records, cast.coach, school_ids=[cast.school.id])
    with records.writing() as tx:
        people.remove_person(tx, cast.coach.id)
    assert listed(records, cast.admin) == [(SLUG, "Elm School", None)]


# --- Who stands where -------------------------------------------------------------------------------------------------


def test_a_coach_sees_the_teachers_of_her_school_by_name(records: Records, cast: Cast, elsewhere: Person) -> None:
    with records.writing() as tx:
        add_person(tx, "abe Aaronson", Role.TEACHER, cast.school.id)
    finish(records, cast.teacher, MODULE, PartKind.WHY)
    complete(records, cast.stranger, MODULE)
    own = rows(records, cast.coach, MODULE, OTHER)
    assert [(row.person.name, row.state.module.slug, row.state.done_parts, row.school) for row in own] == [
        ("abe Aaronson", SLUG, 0, "Elm School"),
        ("abe Aaronson", "other", 0, "Elm School"),
        ("Tessa Teacher", SLUG, 1, "Elm School"),
        ("Tessa Teacher", "other", 0, "Elm School"),
    ]
    assert [row.person.name for row in rows(records, elsewhere)] == ["Sam Stranger"]
    assert [row.person.name for row in rows(records, cast.admin)] == ["abe Aaronson", "Sam Stranger", "Tessa Teacher"]
    assert rows(records, cast.teacher) == []


def test_who_does_not_teach_is_there_once_they_began_or_are_asked(records: Records, cast: Cast) -> None:
    parts.see_part(records, cast.coach, SLUG, PartKind.WHY, NOON)
    assert [row.person.name for row in rows(records, cast.coach)] == ["Cora Coach", "Tessa Teacher"]
    ask(records, cast.admin, person_ids=[cast.admin.id])
    assert "Ada Admin" in [row.person.name for row in rows(records, cast.admin)]


def test_who_teaches_at_two_schools_is_seen_by_both_coaches(records: Records, cast: Cast, elsewhere: Person) -> None:
    with records.writing() as tx:
        set_teachers(tx, cast.room_14.id, [cast.stranger.id])
    for lead in (cast.coach, elsewhere):
        (row,) = [row for row in rows(records, lead) if row.person.id == cast.stranger.id]
        assert row.school == "Elm School, Oak School"
        assert row.school_ids == {cast.school.id, cast.other_school.id}


def test_a_closed_account_leaves_the_list_and_stays_in_the_month(records: Records, cast: Cast) -> None:
    complete(records, cast.teacher, MODULE)
    with records.writing() as tx:
        people.close_account(tx, cast.teacher.id)
    assert rows(records, cast.coach) == []
    assert [row.completion.person_name for row in month(records, cast.coach)] == ["Tessa Teacher"]


def test_the_list_takes_as_many_questions_for_twenty_people_as_for_two(records: Records, cast: Cast) -> None:
    def count() -> int:
        sent: list[str] = []
        with records.reading() as tx:

            def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
                sent.append(statement)

            event.listen(tx, "before_cursor_execute", note)
            roster.standing(tx, cast.admin, [MODULE, OTHER], FRIDAY)
        return len(sent)

    before = count()
    with records.writing() as tx:
        for number in range(18):
            add_person(tx, f"T{number} Teacher", Role.TEACHER, cast.school.id)
    assert count() == before <= 10


# --- Taught without its module ----------------------------------------------------------------------------------------


def without(records: Records, lead: Person, **sessions: str) -> list[tuple[str, str, str, date]]:
    with records.reading() as tx:
        found = roster.unprepared(tx, lead, sessions or {"feet": SLUG}, FRIDAY - 30 * DAY, FRIDAY)
    return [(row.person.name, row.classroom.name, row.slug, row.on_day) for row in found]


def test_who_taught_without_the_module_is_told_once_with_the_last_day(
    records: Records, cast: Cast, elsewhere: Person
) -> None:
    deliver(records, cast.teacher, cast.room_12, FRIDAY - 7 * DAY, "feet")
    deliver(records, cast.teacher, cast.room_14, FRIDAY, "feet")
    deliver(records, cast.teacher, cast.room_14, FRIDAY, "without-module")
    deliver(records, cast.stranger, cast.other_room, FRIDAY, "feet")
    deliver(records, cast.coach, cast.room_12, FRIDAY - DAY, "feet")
    assert without(records, cast.coach) == [("Tessa Teacher", "Room 14", "feet", FRIDAY)]
    assert without(records, elsewhere) == [("Sam Stranger", "Room 1", "feet", FRIDAY)]
    assert len(without(records, cast.admin)) == 2
    complete(records, cast.teacher, OTHER)
    assert len(without(records, cast.coach)) == 1
    complete(records, cast.teacher, MODULE)
    assert without(records, cast.coach) == []


def test_what_was_longer_ago_is_not_told(records: Records, cast: Cast) -> None:
    deliver(records, cast.teacher, cast.room_12, FRIDAY - 31 * DAY, "feet")
    assert without(records, cast.coach) == []


def test_who_left_is_not_told(records: Records, cast: Cast) -> None:
    deliver(records, cast.teacher, cast.room_12, FRIDAY, "feet")
    with records.writing() as tx:
        people.close_account(tx, cast.teacher.id)
    assert without(records, cast.coach) == []
    with records.writing() as tx:
        people.remove_person(tx, cast.teacher.id)
    assert without(records, cast.coach) == []


# --- The month --------------------------------------------------------------------------------------------------------


def month(records: Records, lead: Person, number: int = 9) -> list[roster.RosterRow]:
    with records.reading() as tx:
        return roster.month(tx, lead, 2026, number, FRIDAY)


def test_the_month_holds_its_completions_by_day_and_name(records: Records, cast: Cast, elsewhere: Person) -> None:
    last = complete(records, cast.teacher, MODULE, today=date(2026, 9, 30))
    first = complete(records, cast.coach, MODULE, today=date(2026, 9, 1))
    complete(records, cast.teacher, OTHER, today=date(2026, 8, 31))
    next_month = complete(records, cast.teacher, replace(MODULE, slug="third"), today=date(2026, 10, 1))
    theirs = complete(records, cast.stranger, MODULE)
    assert [row.completion for row in month(records, cast.coach)] == [first, last]
    assert [row.completion for row in month(records, cast.coach, 10)] == [next_month]
    assert [(row.completion, row.school) for row in month(records, elsewhere)] == [(theirs, "Oak School")]
    assert len(month(records, cast.admin)) == 3
    assert month(records, cast.teacher) == []
