"""Running a session and saying how it went, on real records: one press, several classes, undo, two people at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from tests.support.scratch import DONE, FRIDAY, MONDAY, NOON, SHORTENED, Cast
from wellness.domain import (
    Classroom,
    EnteredRole,
    Language,
    NotDoneReason,
    Outcome,
    OutsideLesson,
    Viewing,
    ViewingState,
)
from wellness.errors import Conflict, Invalid, NotFound
from wellness.policy import Actor, DoorHolder
from wellness.records import Records, audit_log, door_cards, outcomes, outside_lessons, plans, viewings
from wellness.school import presenting
from wellness.school.presenting import BACK_DAYS, Logged, ShownVersion

SHOWN = ShownVersion("four-square", "r1", Language.EN)
OTHER = ShownVersion("body-scan", "r7", Language.EN)
NOT_DONE = Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.DRILL)
LATER = NOON + timedelta(minutes=5)


def log(
    records: Records,
    actor: Actor,
    *rooms: Classroom,
    outcome: Outcome = DONE,
    on_day: date = FRIDAY,
    shown: ShownVersion = SHOWN,
) -> Logged:
    own = [(room, shown) for room in rooms]
    return presenting.log_outcome(records, actor, own, on_day=on_day, outcome=outcome, at=NOON, today=FRIDAY)


def all_viewings(records: Records) -> list[Viewing]:
    with records.reading() as tx:
        return viewings.list_viewings(tx, first=FRIDAY - timedelta(days=90), last=FRIDAY)


def states(records: Records) -> dict[str, ViewingState]:
    return {viewing.classroom_id: viewing.state for viewing in all_viewings(records)}


# --- Opening and running ----------------------------------------------------------------------------------------------


def test_opening_twice_is_one_viewing_that_keeps_the_first_text(records: Records, cast: Cast) -> None:
    first = presenting.open_for(records, cast.room_12, SHOWN, FRIDAY, NOON)
    again = presenting.open_for(records, cast.room_12, ShownVersion("four-square", "r2", Language.EN), FRIDAY, LATER)
    assert again == first
    assert (first.state, first.opened_at, first.revision) == (ViewingState.OPENED, NOON, "r1")
    assert len(all_viewings(records)) == 1


def test_opening_what_was_said_before_keeps_what_was_said(records: Records, cast: Cast) -> None:
    log(records, cast.teacher, cast.room_12)
    opened = presenting.open_for(records, cast.room_12, SHOWN, FRIDAY, LATER)
    assert (opened.state, opened.opened_at) == (ViewingState.DELIVERED, LATER)


def ran(records: Records, cast: Cast, *ranges: tuple[int, int], part: str = "s4-1", duration: int = 100) -> Viewing:
    return presenting.note_ran(
        records, cast.room_12, SHOWN, FRIDAY, part=part, duration=duration, ranges=ranges, at=NOON
    )


def test_enough_seconds_of_one_part_from_any_device_make_it_played(records: Records, cast: Cast) -> None:
    assert ran(records, cast, (0, 40)).state is ViewingState.OPENED
    assert ran(records, cast, (20, 60)).coverage == pytest.approx(0.6)
    assert ran(records, cast, (0, 40), (20, 60)).coverage == pytest.approx(0.6), "sent again"
    assert ran(records, cast, (0, 50), part="s5-1").state is ViewingState.OPENED, "another part does not add up"
    played = ran(records, cast, (60, 80))
    assert (played.state, played.played_at) == (ViewingState.PLAYED, NOON)
    assert len(all_viewings(records)) == 1


@pytest.mark.parametrize("duration", [0, -1, 4 * 60 * 60 + 1])
def test_a_part_of_an_impossible_length_is_refused_and_leaves_nothing(
    records: Records, cast: Cast, duration: int
) -> None:
    with pytest.raises(Invalid):
        ran(records, cast, (0, 10), duration=duration)
    assert all_viewings(records) == []


# --- Saying how it went -----------------------------------------------------------------------------------------------


def test_one_press_says_it_for_several_classes_each_with_its_session(records: Records, cast: Cast) -> None:
    logged = presenting.log_outcome(
        records, cast.teacher, [(cast.room_12, SHOWN), (cast.room_14, OTHER)],
        on_day=FRIDAY, outcome=SHORTENED, at=NOON, today=FRIDAY,
    )  # fmt: skip
    assert [(viewing.classroom_id, viewing.slug, viewing.revision) for viewing in logged.viewings] == [
        (cast.room_12.id, "four-square", "r1"),
        (cast.room_14.id, "body-scan", "r7"),
    ]
    assert {(viewing.minutes, viewing.entered_by, viewing.entered_role) for viewing in logged.viewings} == {
        (5, cast.teacher.id, EnteredRole.TEACHER)
    }
    assert logged.earlier == ()


def test_the_role_says_who_spoke(records: Records, cast: Cast) -> None:
    actors: Sequence[Actor] = (cast.teacher, cast.coach, cast.admin, DoorHolder(cast.room_12.id))
    for day, actor in enumerate(actors):
        log(records, actor, cast.room_12, on_day=MONDAY + timedelta(days=day))
    spoke = [(viewing.entered_role.value, viewing.entered_by) for viewing in all_viewings(records)]
    assert spoke == [
        ("teacher", cast.teacher.id), ("coach", cast.coach.id), ("admin", cast.admin.id), ("substitute", None),
    ]  # fmt: skip


@pytest.mark.parametrize(("on_day", "late"), [(FRIDAY, False), (FRIDAY - timedelta(days=1), True), (MONDAY, True)])
def test_an_earlier_day_is_marked_late(records: Records, cast: Cast, on_day: date, late: bool) -> None:
    (viewing,) = log(records, cast.teacher, cast.room_12, on_day=on_day).viewings
    assert viewing.is_late is late


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"on_day": FRIDAY + timedelta(days=1)}, "on_day"),
        ({"on_day": FRIDAY - timedelta(days=BACK_DAYS + 1)}, "on_day"),
        ({"outcome": Outcome(ViewingState.DELIVERED, extent=DONE.extent, minutes=0)}, "minutes"),
        ({"outcome": Outcome(ViewingState.DELIVERED, extent=DONE.extent, minutes=181)}, "minutes"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_saves_nothing(
    records: Records, cast: Cast, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid, match="Nothing was saved") as refused:
        log(records, cast.teacher, cast.room_12, cast.room_14, **changes)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert all_viewings(records) == []


def test_the_longest_way_back_and_the_most_minutes_are_still_allowed(records: Records, cast: Cast) -> None:
    before_the_year = FRIDAY - timedelta(days=BACK_DAYS)
    log(records, cast.teacher, cast.room_12, outcome=NOT_DONE, on_day=before_the_year)
    with pytest.raises(Invalid):
        log(records, cast.teacher, cast.room_12, on_day=before_the_year)
    log(records, cast.teacher, cast.room_12, outcome=Outcome(ViewingState.DELIVERED, extent=DONE.extent, minutes=180))
    assert len(all_viewings(records)) == 2


def test_no_class_is_refused(records: Records, cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        log(records, cast.teacher)
    assert list(refused.value.fields) == ["classroom_id"]


def test_a_double_press_is_one_viewing_and_says_nothing_of_an_earlier_one(records: Records, cast: Cast) -> None:
    first = log(records, cast.teacher, cast.room_12)
    second = log(records, cast.teacher, cast.room_12)
    assert second.viewings == first.viewings
    assert second.earlier == ()
    with records.reading() as tx:
        assert len(outcomes.list_changes(tx, cast.room_12.id, first=FRIDAY, last=FRIDAY)) == 1


def test_saying_otherwise_than_another_person_shows_what_she_said(records: Records, cast: Cast) -> None:
    log(records, cast.teacher, cast.room_12)
    logged = log(records, cast.coach, cast.room_12, outcome=NOT_DONE)
    assert [(one.state, one.entered_by_name) for one in logged.earlier] == [(ViewingState.DELIVERED, "Tessa Teacher")]
    assert states(records) == {cast.room_12.id: ViewingState.NOT_DONE}
    assert log(records, cast.coach, cast.room_12, outcome=DONE).earlier == (), "her own word she may change in silence"


def test_two_people_at_once_are_one_viewing_and_no_error(records: Records, cast: Cast) -> None:
    start = threading.Barrier(8)
    answers: list[Logged | BaseException] = []

    def press(number: int) -> None:
        start.wait()
        try:
            actor = (cast.teacher, cast.coach)[number % 2]
            answers.append(log(records, actor, cast.room_12, cast.room_14, outcome=(DONE, SHORTENED)[number % 2]))
        except BaseException as error:
            answers.append(error)

    threads = [threading.Thread(target=press, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer for answer in answers if not isinstance(answer, Logged)] == []
    kept = all_viewings(records)
    assert len(kept) == 2
    assert len({(viewing.extent, viewing.entered_by) for viewing in kept}) == 1, "both classes by the same press"


# --- Taking back ------------------------------------------------------------------------------------------------------


def test_undo_takes_one_press_back_for_all_its_classes(records: Records, cast: Cast) -> None:
    log(records, cast.teacher, cast.room_12, outcome=NOT_DONE)
    presenting.open_for(records, cast.room_14, SHOWN, FRIDAY, NOON)
    logged = log(records, cast.teacher, cast.room_12, cast.room_14)
    touched = presenting.undo(records, cast.teacher, logged.batch_id, LATER, FRIDAY)
    assert touched == sorted([cast.room_12.id, cast.room_14.id])
    assert states(records) == {cast.room_12.id: ViewingState.NOT_DONE, cast.room_14.id: ViewingState.OPENED}


def test_undo_removes_a_viewing_that_was_not_there_before_and_twice_is_the_same_as_once(
    records: Records, cast: Cast
) -> None:
    logged = log(records, cast.teacher, cast.room_12)
    for _ in range(2):
        presenting.undo(records, cast.teacher, logged.batch_id, LATER, FRIDAY)
        assert all_viewings(records) == []


def test_undo_after_somebody_said_otherwise_is_a_conflict_with_both_and_takes_nothing_back(
    records: Records, cast: Cast
) -> None:
    logged = log(records, cast.teacher, cast.room_14, cast.room_12)
    log(records, cast.coach, cast.room_12, outcome=NOT_DONE)
    with pytest.raises(Conflict) as refused:
        presenting.undo(records, cast.teacher, logged.batch_id, LATER, FRIDAY)
    assert (refused.value.theirs, refused.value.yours) == ("not done, drill", "delivered, whole")
    assert states(records) == {cast.room_12.id: ViewingState.NOT_DONE, cast.room_14.id: ViewingState.DELIVERED}


def test_nobody_takes_back_what_is_out_of_reach(records: Records, cast: Cast) -> None:
    logged = log(records, cast.teacher, cast.room_12, cast.room_14)
    before = states(records)
    outsiders: Sequence[Actor] = (cast.stranger, DoorHolder(cast.room_12.id), DoorHolder(cast.other_room.id))
    for actor in outsiders:
        with pytest.raises(NotFound):
            presenting.undo(records, actor, logged.batch_id, LATER, FRIDAY)
    with pytest.raises(NotFound):
        presenting.undo(records, cast.admin, "unknown", LATER, FRIDAY)
    assert states(records) == before


def test_a_substitute_takes_her_own_press_back(records: Records, cast: Cast) -> None:
    door = DoorHolder(cast.room_12.id)
    presenting.undo(records, door, log(records, door, cast.room_12).batch_id, LATER, FRIDAY)
    assert all_viewings(records) == []


# --- What is due ------------------------------------------------------------------------------------------------------


def test_my_classes_show_what_is_due_this_week(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], "four-square", cast.coach.id, NOON)
    with records.reading() as tx:
        due = presenting.list_due(tx, [cast.room_12, cast.other_room], FRIDAY)
    assert [(room.name, cell.slug, cell.state.value) for room, cell in due] == [
        ("Room 12", "four-square", "due"),
        ("Room 1", None, "not planned"),
    ]


# --- Outside lessons --------------------------------------------------------------------------------------------------


def note(records: Records, cast: Cast, **changes: object) -> OutsideLesson:
    lesson: dict[str, object] = {"on_day": FRIDAY, "minutes": 20, "curriculum": "Second Step", "title": "Lesson 3"}
    return presenting.log_outside_lesson(
        records, cast.teacher, cast.room_12, **(lesson | changes), at=NOON, today=FRIDAY,  # type: ignore[arg-type]
    )  # fmt: skip


def lessons(records: Records) -> list[OutsideLesson]:
    with records.reading() as tx:
        return outside_lessons.list_outside_lessons(tx, first=FRIDAY - timedelta(days=90), last=FRIDAY)


def test_the_same_lesson_noted_twice_is_one_and_another_is_another(records: Records, cast: Cast) -> None:
    assert note(records, cast) == note(records, cast, title=" Lesson 3 ")
    note(records, cast, title="Lesson 4")
    assert len(lessons(records)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 181}, "minutes"),
        ({"curriculum": "  "}, "curriculum"),
        ({"on_day": FRIDAY + timedelta(days=1)}, "on_day"),
        ({"on_day": FRIDAY - timedelta(days=BACK_DAYS + 1)}, "on_day"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused_beside_its_field(
    records: Records, cast: Cast, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        note(records, cast, **changes)
    assert list(refused.value.fields) == [field]
    assert lessons(records) == []


def test_a_lesson_is_taken_back_by_its_class_only_and_the_audit_log_says_so(records: Records, cast: Cast) -> None:
    lesson = note(records, cast)
    with pytest.raises(NotFound):
        presenting.remove_outside_lesson(records, cast.stranger, cast.other_room, lesson.id, NOON)
    assert lessons(records) == [lesson]
    presenting.remove_outside_lesson(records, cast.teacher, cast.room_12, lesson.id, NOON)
    assert lessons(records) == []
    with records.reading() as tx:
        assert [entry.action for entry in audit_log.list_audit(tx)][:1] == ["remove other SEL lesson"]


# --- Doors ------------------------------------------------------------------------------------------------------------


def test_a_new_door_card_ends_the_one_before_and_both_acts_are_in_the_audit_log(records: Records, cast: Cast) -> None:
    old = presenting.issue_door(records, cast.teacher, cast.room_12, NOON)
    new = presenting.issue_door(records, cast.coach, cast.room_12, LATER)
    with records.reading() as tx:
        assert door_cards.find_door_card(tx, old.code, FRIDAY) is None
        found = door_cards.find_door_card(tx, new.code.lower(), FRIDAY)
    assert found is not None
    assert found.classroom_id == cast.room_12.id
    presenting.revoke_door(records, cast.teacher, cast.room_12, LATER)
    with records.reading() as tx:
        assert door_cards.find_door_card(tx, new.code, FRIDAY) is None
        entries = audit_log.list_audit(tx)
    assert [entry.action for entry in entries] == ["turn off door card", "make door card", "make door card"]
    assert all(code not in str(entry) for entry in entries for code in (old.code, new.code))
