"""What the records promise, on every engine."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from tests.support.scratch import (
    DONE,
    ENTERED,
    FRIDAY,
    MONDAY,
    NOON,
    SHORTENED,
    Cast,
    add_person,
    end_class,
    set_teachers,
)
from wellness.domain import (
    EVERYWHERE,
    ClassPlanRule,
    ClosureKind,
    Completeness,
    Contact,
    EnteredRole,
    Language,
    NotDoneReason,
    Outcome,
    Person,
    Role,
    SiteSettings,
    Viewing,
    ViewingState,
    WeekdayFrom,
    WeekStatus,
)
from wellness.errors import Conflict, Invalid, NotFound, Unavailable, WellnessError
from wellness.records import (
    Reading,
    Records,
    Writing,
    audit_log,
    calendars,
    classrooms,
    door_cards,
    open_records,
    outcomes,
    outside_lessons,
    people,
    plans,
    schema,
    schools,
    settings,
    sign_ins,
    viewings,
    week_summaries,
)

pytestmark = pytest.mark.each_engine

SLUG, TEXT = "four-square", "rev-1"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
TESTING = Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.TESTING)


def together(*work: Callable[[], Any]) -> list[Any]:
    """Run all at once, each in a thread, and give what each answered; an error in one is raised here."""
    start = threading.Barrier(len(work))

    def run(one: Callable[[], Any]) -> Any:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(run, work))


def statements(records: Records, work: Callable[[Reading], Any]) -> int:
    """How many statements `work` sends."""
    sent: list[str] = []
    with records.reading() as tx:

        def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
            sent.append(statement)

        event.listen(tx, "before_cursor_execute", note)
        work(tx)
    return len(sent)


# --- Transactions -----------------------------------------------------------------------------------------------------


def signed_in(tx: Reading, key: str, at: datetime) -> Person | None:
    """Who is signed in with this key."""
    found = sign_ins.find_sign_in(tx, key, at)
    return None if found is None else found.person


def test_ping_returns_when_the_records_answer(records: Records) -> None:
    records.ping()


def test_twenty_writers_that_read_first_lose_nothing(records: Records) -> None:
    def count_up() -> None:
        with records.writing() as tx:
            known = settings.load_settings(tx)
            settings.save_settings(tx, SiteSettings(module_hours=(known.module_hours or 0) + 0.25))

    together(*[count_up] * 20)

    with records.reading() as tx:
        assert settings.load_settings(tx).module_hours == 20 * 0.25


def test_an_error_leaves_nothing_behind_even_after_a_savepoint(records: Records) -> None:
    with pytest.raises(Invalid), records.writing() as tx:
        schools.add_school(tx, "Elm School")
        with tx.begin_nested():
            schools.add_school(tx, "Oak School")
        schools.add_school(tx, "Elm School")

    with records.reading() as tx:
        assert schools.list_schools(tx) == []


def test_a_savepoint_taken_back_leaves_the_rest(records: Records) -> None:
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")
        with pytest.raises(Invalid):
            schools.add_school(tx, "Elm School")
        schools.add_school(tx, "Oak School")

    with records.reading() as tx:
        assert [school.name for school in schools.list_schools(tx)] == ["Elm School", "Oak School"]


def test_what_one_engine_cannot_keep_is_refused_by_both(records: Records, cast: Cast) -> None:
    for words in ("Elm\0School", "\0"):
        with pytest.raises(Invalid, match="contains a character that can’t be saved"), records.writing() as tx:
            schools.add_school(tx, "Ash School")
            schools.add_school(tx, words)
        with pytest.raises(Invalid, match="contains a character that can’t be saved"), records.reading() as reading:
            people.find_person_by_email(reading, words)
    with records.reading() as reading:
        assert [school.name for school in schools.list_schools(reading)] == ["Elm School", "Oak School"]


def test_an_error_does_not_carry_what_was_written(records: Records, cast: Cast) -> None:
    """It goes into the log, and PostgreSQL quotes the row that it refuses."""
    lesson = {"id": "Hidden", "on_day": FRIDAY, "curriculum": "Hidden", "title": "Hidden", "entered_at": NOON}
    for wrong in ({"classroom_id": "Hidden", "minutes": 5}, {"classroom_id": cast.room_12.id, "minutes": 0}):
        with pytest.raises(IntegrityError) as refused, records.writing() as tx:
            tx.execute(insert(schema.outside_lesson).values(**lesson, **wrong))
        logged = "".join(traceback.format_exception(refused.value, chain=True)).split("\n")
        said = [line for line in logged if not line.startswith(" ")]
        assert "outside_lesson" in "".join(said)
        assert "Hidden" not in "".join(said)


def test_reading_cannot_write(records: Records) -> None:
    with pytest.raises((WellnessError, DBAPIError)), records.reading() as tx:
        schools.add_school(Writing(tx), "Elm School")

    with records.writing() as tx:
        assert schools.list_schools(tx) == []
        schools.add_school(tx, "Oak School")


def test_asking_sees_what_is_saved_and_cannot_write(records: Records) -> None:
    with records.writing() as writing:
        schools.add_school(writing, "Elm School")
        with records.asking() as tx:
            assert schools.list_schools(tx) == []
    with records.asking() as tx:
        assert [school.name for school in schools.list_schools(tx)] == ["Elm School"]
    with pytest.raises((WellnessError, DBAPIError)), records.asking() as tx:
        schools.add_school(Writing(tx), "Oak School")
    with records.writing() as writing:
        schools.add_school(writing, "Ash School")
    with records.asking() as tx:
        assert [school.name for school in schools.list_schools(tx)] == ["Ash School", "Elm School"]


def test_reading_sees_one_state_and_does_not_wait_for_a_writer(records: Records) -> None:
    with records.reading() as reading:
        assert schools.list_schools(reading) == []
        with records.writing() as writing:
            schools.add_school(writing, "Elm School")
            assert schools.list_schools(reading) == []
        assert schools.list_schools(reading) == []


def test_a_writer_that_waits_too_long_is_told_so(records: Records, url: str) -> None:
    hasty = open_records(url, busy_timeout=0.05)
    with records.writing():
        with pytest.raises(Unavailable, match="nothing was saved"), hasty.writing():
            raise AssertionError("two transactions were open at once")
        hasty.ping()
    with hasty.writing() as tx:
        schools.add_school(tx, "Elm School")
    hasty.close()


def test_connections_are_kept_and_not_one_per_transaction(records: Records) -> None:
    opened: list[object] = []
    with records.reading() as tx:
        event.listen(tx.engine.pool, "connect", lambda connection, record: opened.append(connection))
    for _ in range(20):
        with records.writing() as tx:
            schools.list_schools(tx)
        records.ping()
    assert opened == []


def test_a_broken_rule_of_the_schema_is_not_hidden_as_a_fault(records: Records) -> None:
    with pytest.raises(IntegrityError), records.writing() as tx:
        classrooms.add_teaching(tx, "no such class", "nobody", MONDAY)


# --- Instants ---------------------------------------------------------------------------------------------------------


def test_an_instant_without_a_time_zone_is_refused(records: Records) -> None:
    with pytest.raises(StatementError, match="needs a time zone"), records.writing() as tx:
        audit_log.note(tx, None, NOON.replace(tzinfo=None), "open", "site")


def test_an_instant_comes_back_as_the_same_one_in_utc(records: Records) -> None:
    there = datetime(2026, 9, 18, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    with records.writing() as tx:
        audit_log.note(tx, None, there, "open", "site")
        (entry,) = audit_log.list_audit(tx)
    assert entry.at == there
    assert entry.at.tzinfo is UTC


# --- Schools, years, classes ------------------------------------------------------------------------------------------


def test_schools_are_listed_by_name_and_named_once(records: Records) -> None:
    with records.writing() as tx:
        oak, elm = schools.add_school(tx, "Oak"), schools.add_school(tx, " Elm ")
        assert schools.list_schools(tx) == [elm, oak]
        assert schools.get_school(tx, oak.id) == oak
        with pytest.raises(NotFound):
            schools.get_school(tx, "no such school")


def test_a_year_is_found_by_its_days_and_knows_its_terms(records: Records) -> None:
    first, last = date(2026, 8, 31), date(2027, 6, 18)
    terms = [("Spring", date(2027, 1, 25), last), ("Fall", first, date(2027, 1, 22))]
    with records.writing() as tx:
        year = schools.add_year(tx, "2026-27", first, last, terms)
        assert [term.name for term in year.terms] == ["Fall", "Spring"]
        assert schools.find_nearest_year(tx, first) == schools.find_nearest_year(tx, last) == year
        assert schools.find_nearest_year(tx, last + timedelta(days=1)) == year
        assert schools.list_years(tx) == [year]
        later = schools.add_year(tx, "summer", date(2027, 6, 1), date(2027, 7, 30))
        assert schools.find_nearest_year(tx, date(2027, 6, 10)) == later


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "terms"),
    [
        (date(2027, 6, 18), date(2026, 8, 31), []),
        (date(2026, 8, 31), date(2027, 6, 18), [("Fall", date(2026, 8, 1), date(2026, 12, 1))]),
        (date(2026, 8, 31), date(2027, 6, 18), [("Fall", date(2026, 12, 1), date(2026, 11, 1))]),
    ],
)
def test_days_out_of_order_are_refused(
    records: Records, starts_on: date, ends_on: date, terms: list[schools.NewTerm]
) -> None:
    with pytest.raises(Invalid), records.writing() as tx:
        schools.add_year(tx, "2026-27", starts_on, ends_on, terms)


def test_every_school_has_a_calendar_of_every_year(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        later = schools.add_school(tx, "Ash School")
        ids = [cast.school.id, cast.other_school.id, later.id]
        found = calendars.load_calendars(tx, year_id=cast.year.id, school_ids=ids)
        assert {(one.first_on, one.last_on, one.terms) for one in found.values()} == {
            (cast.year.starts_on, cast.year.ends_on, cast.year.terms)
        }
        assert set(found) == set(ids)
        assert calendars.load_calendars(tx, year_id="no such year", school_ids=ids) == {}
        assert calendars.load_calendars_of(tx, []) == {}


def test_closed_days_and_half_days_are_those_of_a_school(records: Records, cast: Cast) -> None:
    both = [cast.school.id, cast.other_school.id]
    with records.writing() as tx:
        calendars.add_closure(tx, both, MONDAY, MONDAY, " Holiday ", by=cast.admin, at=NOON)
        half: dict[str, Any] = {"kind": ClosureKind.HALF_DAY, "holds_sessions": True}
        calendars.add_closure(tx, [cast.school.id], FRIDAY, FRIDAY, "Half", by=cast.coach, at=NOON, **half)
        own = calendars.load_calendar(tx, cast.room_12)
        assert [(one.first_on, one.kind, one.holds_sessions, one.reason) for one in own.closures] == [
            (MONDAY, ClosureKind.CLOSED, False, "Holiday"),
            (FRIDAY, ClosureKind.HALF_DAY, True, "Half"),
        ]
        assert len(calendars.load_calendar(tx, cast.other_room).closures) == 1
        assert len(calendars.list_closures(tx, first=MONDAY, last=FRIDAY, school_ids=both)) == 3
        together = calendars.list_entered_together(tx, own.closures[0].id)
        assert {one.school_id for one in together} == set(both)
        calendars.withdraw_closures(tx, [own.closures[0].id], NOON)
        assert [one.reason for one in calendars.load_calendar(tx, cast.room_12).closures] == ["Half"]
        assert len(calendars.load_calendar(tx, cast.other_room).closures) == 1


def test_the_weekday_of_a_school_counts_from_a_monday_on(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        for weekday in (1, 3):
            calendars.set_weekday(tx, cast.school.id, MONDAY, weekday, by=cast.coach, at=NOON)
        assert calendars.load_calendar(tx, cast.room_12).weekdays == (WeekdayFrom(MONDAY, 3),)
        assert calendars.load_calendar(tx, cast.other_room).weekdays == ()


def test_a_class_has_a_weekday_of_its_own_from_a_monday_on(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        for weekday in (1, 3):
            calendars.set_class_weekday(tx, cast.room_12.id, MONDAY, weekday, by=cast.coach, at=NOON)
        calendars.set_class_weekday(tx, cast.room_12.id, MONDAY + 7 * DAY, None, by=cast.coach, at=NOON)
        own = calendars.load_calendar(tx, cast.room_12)
        assert own == calendars.load_calendar(tx, cast.room_14)
        weeks = (MONDAY - 7 * DAY, MONDAY, MONDAY + 7 * DAY)
        assert [own.own_weekday_of(cast.room_12.id, one) for one in weeks] == [None, 3, None]
        assert own.own_weekday_of(cast.room_14.id, MONDAY) is None
        assert calendars.load_calendar(tx, cast.other_room).class_weekdays == ()
        classrooms.remove_classroom(tx, cast.room_12.id)
        assert calendars.load_calendar(tx, cast.room_14).class_weekdays == ()


def test_a_class_of_several_grades_is_listed_under_each_of_them(records: Records, cast: Cast) -> None:
    def named(grade: str) -> list[str]:
        found = classrooms.list_classrooms(tx, year_id=cast.year.id, on_day=FRIDAY, grade=grade)
        return [room.name for room in found]

    with records.writing() as tx:
        classrooms.change_classroom(
            tx, cast.room_12.id, name="Room 12", grade="11", other_grades=["10", "11", "PK"], size=20
        )
        mixed = classrooms.get_classroom(tx, cast.room_12.id, FRIDAY)
        assert (mixed.grade, mixed.grades, mixed.grade_name) == ("11", ("PK", "10", "11"), "PK/10/11")
        assert [named(grade) for grade in ("PK", "10", "11")] == [["Room 12"]] * 3
        assert named("1") == named("12") == []
        spans = classrooms.list_class_spans(tx, year_id=cast.year.id, school_ids=[cast.school.id])
        assert {(span.grade, span.classes) for span in spans} == {("11", 1), ("6", 1)}, "counted once"


def test_a_class_knows_its_school_and_its_teachers(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        set_teachers(tx, cast.room_12.id, [cast.teacher.id, cast.coach.id])
        room = classrooms.get_classroom(tx, cast.room_12.id, FRIDAY)
        assert room.school_name == "Elm School"
        assert room.teacher_ids == {cast.teacher.id, cast.coach.id}
        assert room.teacher_names == ("Cora Coach", "Tessa Teacher")
        people.close_account(tx, cast.coach.id)
        assert classrooms.get_classroom(tx, cast.room_12.id, FRIDAY).teacher_ids == {cast.teacher.id}
        with pytest.raises(NotFound):
            classrooms.get_classroom(tx, "no such class", FRIDAY)


def test_classes_are_listed_by_school_grade_and_name(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        same: Any = {"school_id": cast.school.id, "year_id": cast.year.id, "size": 20, "first_on": MONDAY}
        young = classrooms.add_classroom(tx, **same, name="Bees", grade="K")
        old = classrooms.add_classroom(tx, **same, name="Owls", grade="10")
        here = [young, cast.room_12, cast.room_14, old]
        year: Any = {"year_id": cast.year.id, "on_day": FRIDAY}
        everywhere = classrooms.list_classrooms(tx, **year)
        assert everywhere == [*here, cast.other_room]
        assert classrooms.list_classrooms(tx, **year, school_id=cast.school.id) == here
        assert classrooms.list_classrooms(tx, **year, grade="10") == [old]
        taught = classrooms.list_classrooms(tx, **year, teacher_id=cast.teacher.id)
        assert taught == [cast.room_12, cast.room_14]
        assert classrooms.list_classrooms(tx, year_id="another year", on_day=FRIDAY) == []


def test_a_class_is_listed_from_its_first_to_its_last_day(records: Records, cast: Cast) -> None:
    def listed(on_day: date, last_on: date | None = None) -> list[str]:
        with records.reading() as tx:
            found = classrooms.list_classrooms(tx, year_id=cast.year.id, on_day=on_day, last_on=last_on, grade="10")
        return [room.name for room in found]

    with records.writing() as tx:
        classrooms.add_classroom(
            tx, school_id=cast.school.id, year_id=cast.year.id, name="Owls", grade="10", size=20, first_on=MONDAY
        )
        owls = classrooms.list_classrooms(tx, year_id=cast.year.id, on_day=MONDAY, grade="10")[0]
    assert [listed(day) for day in (MONDAY - DAY, MONDAY, cast.year.ends_on)] == [[], ["Owls"], ["Owls"]]
    with records.writing() as tx:
        end_class(tx, owls, FRIDAY)
    assert [listed(day) for day in (MONDAY, FRIDAY, FRIDAY + DAY)] == [["Owls"], ["Owls"], []]
    assert listed(MONDAY - 9 * DAY, MONDAY - DAY) == listed(FRIDAY + DAY, FRIDAY + 9 * DAY) == []
    assert listed(MONDAY - 9 * DAY, MONDAY) == listed(FRIDAY, FRIDAY + 9 * DAY) == ["Owls"]


def test_a_class_has_the_teachers_of_the_day(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        (first,) = classrooms.list_teaching(tx, cast.room_12.id)
        classrooms.end_teaching(tx, first.id, MONDAY)
        classrooms.add_teaching(tx, cast.room_12.id, cast.stranger.id, FRIDAY)
        classrooms.add_teaching(tx, cast.room_12.id, cast.stranger.id, FRIDAY)  # twice is once
    with records.reading() as tx:
        days = [MONDAY, MONDAY + DAY, FRIDAY]
        taught = [classrooms.get_classroom(tx, cast.room_12.id, day).teacher_names for day in days]
        listed = classrooms.list_classrooms(tx, year_id=cast.year.id, on_day=FRIDAY, teacher_id=cast.teacher.id)
        history = [(one.name, one.first_on, one.last_on) for one in classrooms.list_teaching(tx, cast.room_12.id)]
    assert taught == [("Tessa Teacher",), (), ("Sam Stranger",)]
    assert [room.name for room in listed] == ["Room 14"]
    assert history == [("Tessa Teacher", cast.year.starts_on, MONDAY), ("Sam Stranger", FRIDAY, None)]


def test_a_class_that_has_ended_has_the_teachers_of_its_last_day(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        (first,) = classrooms.list_teaching(tx, cast.room_12.id)
        end_class(tx, cast.room_12, MONDAY)
        classrooms.end_teaching(tx, first.id, MONDAY)
        later = classrooms.get_classroom(tx, cast.room_12.id, FRIDAY)
        earlier = classrooms.get_classroom(tx, cast.room_12.id, cast.year.starts_on - DAY)
    assert later.teacher_names == earlier.teacher_names == ("Tessa Teacher",)


def test_listing_many_classes_takes_two_statements(records: Records, cast: Cast) -> None:
    assert statements(records, lambda tx: classrooms.list_classrooms(tx, year_id=cast.year.id, on_day=FRIDAY)) == 2


def test_a_class_needs_a_name_of_its_own_a_grade_and_a_size(records: Records, cast: Cast) -> None:
    same: Any = {"school_id": cast.school.id, "year_id": cast.year.id, "first_on": MONDAY}
    with records.writing() as tx:
        with pytest.raises(Invalid) as refused:
            classrooms.add_classroom(tx, **same, name=" ", grade="13", size=0)
        assert set(refused.value.fields) == {"name", "grade", "size"}
        with pytest.raises(Invalid):
            classrooms.add_classroom(tx, **same, name="Room 12", grade="6", size=20)
        with pytest.raises(Invalid):
            classrooms.change_classroom(tx, cast.room_12.id, name="Room 14", grade="6", size=20)
        classrooms.change_classroom(tx, cast.room_12.id, name="Room 12", grade="7", size=20)
        changed = classrooms.get_classroom(tx, cast.room_12.id, FRIDAY)
        assert (changed.name, changed.grade, changed.size) == ("Room 12", "7", 20)


# --- Doors ------------------------------------------------------------------------------------------------------------


def test_a_door_opens_however_the_code_is_typed(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        door = door_cards.issue_door_card(tx, cast.room_12.id, NOON)
        code = door_cards.show_code(door.code)
        assert len(door.code) == 10
        assert code == f"{door.code[:5]}-{door.code[5:]}"
        typed = [code, door.code.lower(), f"  {' '.join(door.code)}  ", code.replace("-", "—")]
        typed += [code.replace(pair[1], pair[0]) for pair in ("I1", "l1", "O0", "o0", "UV", "z2")]
        for one in typed:
            assert door_cards.find_door_card(tx, one, FRIDAY) == door
        assert door_cards.door_of(tx, cast.room_12.id) == door
        assert door_cards.door_of(tx, cast.room_14.id) is None
        assert door_cards.find_door_card(tx, "", FRIDAY) is None


def test_look_alikes_are_read_as_letters_of_the_alphabet() -> None:
    assert len(set(door_cards.ALPHABET)) == 31
    assert not set("ILOUZ") & set(door_cards.ALPHABET)
    assert door_cards.read_code("il0o-uz1 2!") == "1100V212"


def test_a_new_card_ends_the_old_one_and_a_revoked_one_is_closed(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        old, new = (door_cards.issue_door_card(tx, cast.room_12.id, NOON) for _ in range(2))
        assert door_cards.find_door_card(tx, old.code, FRIDAY) is None
        assert door_cards.find_door_card(tx, new.code, FRIDAY) == new
        door_cards.revoke_door_card(tx, cast.room_12.id, NOON)
        door_cards.revoke_door_card(tx, cast.room_12.id, NOON)
        assert door_cards.find_door_card(tx, new.code, FRIDAY) is None
        assert door_cards.door_of(tx, cast.room_12.id) is None


def test_a_door_closes_with_the_school_year_and_with_the_class(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        door = door_cards.issue_door_card(tx, cast.room_12.id, NOON)
        assert door_cards.find_door_card(tx, door.code, cast.year.ends_on) == door
        assert door_cards.find_door_card(tx, door.code, cast.year.ends_on + timedelta(days=1)) is None
        end_class(tx, cast.room_12, FRIDAY)
        assert door_cards.find_door_card(tx, door.code, FRIDAY) == door
        assert door_cards.find_door_card(tx, door.code, FRIDAY + DAY) is None


# --- People -----------------------------------------------------------------------------------------------------------


def test_a_person_is_found_by_e_mail_whatever_its_case(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        assert people.find_person_by_email(tx, " TESSA@demo.test ") == cast.teacher
        assert people.find_person_by_email(tx, "nobody@demo.test") is None
        assert people.get_person(tx, cast.teacher.id) == cast.teacher
        with pytest.raises(Invalid) as refused:
            add_person(tx, "TESSA Again", Role.COACH)
        assert "email" in refused.value.fields
        with pytest.raises(NotFound):
            people.get_person(tx, "nobody")


def test_people_are_listed_by_name(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        people.close_account(tx, cast.stranger.id)
        assert people.list_people(tx) == [cast.admin, cast.coach, cast.teacher]
        assert people.list_people(tx, school_id=cast.other_school.id) == [cast.admin]
        assert people.list_people(tx, role=Role.COACH) == [cast.coach]
        assert len(people.list_people(tx, inactive=True)) == 4


def test_a_sign_in_is_known_by_its_key_alone(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        key = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        other = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        assert signed_in(tx, key, NOON) == cast.teacher
        assert signed_in(tx, key + "x", NOON) is None
        kept = tx.execute(select(schema.sign_in.c.key_digest)).scalars().all()
        assert key not in kept
        sign_ins.end_sign_in(tx, key)
        assert signed_in(tx, key, NOON) is None
        assert signed_in(tx, other, NOON) == cast.teacher
        with pytest.raises(NotFound):
            sign_ins.start_sign_in(tx, "nobody", NOON)


def test_a_sign_in_ends_when_idle_and_after_a_week(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        key = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        assert signed_in(tx, key, NOON + sign_ins.IDLE - MINUTE) == cast.teacher
        assert signed_in(tx, key, NOON + sign_ins.IDLE) is None
        used = NOON
        while used + timedelta(hours=11) < NOON + sign_ins.LONGEST:
            used += timedelta(hours=11)
            found = sign_ins.find_sign_in(tx, key, used)
            assert found is not None
            assert found.wants_note(used)
            sign_ins.note_last_use(tx, key, used)
        assert signed_in(tx, key, NOON + sign_ins.LONGEST) is None
        sign_ins.start_sign_in(tx, cast.teacher.id, NOON + sign_ins.LONGEST)
        assert len(tx.execute(select(schema.sign_in)).all()) == 1


def test_a_sign_in_is_noted_now_and_then(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        key = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        found = sign_ins.find_sign_in(tx, key, NOON)
        assert found is not None
        assert not found.wants_note(NOON + sign_ins.SEEN_EVERY - MINUTE)
        sign_ins.note_last_use(tx, key, NOON - MINUTE)
        assert sign_ins.find_sign_in(tx, key, NOON) == found


@pytest.mark.parametrize(
    "change",
    [
        lambda tx, person_id: people.set_password_hash(tx, person_id, "new"),
        lambda tx, person_id: people.set_role(tx, person_id, Role.COACH, EVERYWHERE),
        lambda tx, person_id: people.close_account(tx, person_id),
        lambda tx, person_id: sign_ins.end_all_sign_ins(tx, person_id),
        lambda tx, person_id: people.remove_person(tx, person_id),
    ],
    ids=["password", "role", "closed", "everywhere", "removed"],
)
def test_a_change_of_the_account_ends_its_sign_ins(
    records: Records, cast: Cast, change: Callable[[Writing, str], object]
) -> None:
    with records.writing() as tx:
        key = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        others = sign_ins.start_sign_in(tx, cast.coach.id, NOON)
        change(tx, cast.teacher.id)
        assert signed_in(tx, key, NOON) is None
        assert signed_in(tx, others, NOON) == cast.coach
        assert tx.execute(select(schema.sign_in.c.person_id)).scalars().all() == [cast.coach.id]


def test_a_sign_in_of_an_older_version_does_not_hold(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        key = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        tx.execute(schema.person.update().values(version=schema.person.c.version + 1))
        assert signed_in(tx, key, NOON) is None


def test_a_new_password_counts_the_version_up_and_a_newer_hash_does_not(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        key = sign_ins.start_sign_in(tx, cast.teacher.id, NOON)
        people.renew_password_hash(tx, cast.teacher.id, "newer")
        assert people.password_hash_of(tx, cast.teacher.id) == "newer"
        assert signed_in(tx, key, NOON) == cast.teacher
        assert people.set_password_hash(tx, cast.teacher.id, "new").version == cast.teacher.version + 1
        assert people.password_hash_of(tx, cast.teacher.id) == "new"
        assert people.password_hash_of(tx, "nobody") is None
        people.set_language(tx, cast.teacher.id, Language.ES)
        assert people.get_person(tx, cast.teacher.id).language is Language.ES
        people.close_account(tx, cast.teacher.id)
        assert people.reopen_account(tx, cast.teacher.id).is_active


def test_a_removed_person_leaves_what_was_entered_without_the_name(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        viewing, _ = say(tx, cast, DONE)
        say(tx, cast, SHORTENED, by=cast.coach, batch="second")
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], SLUG, cast.teacher.id, NOON)
        audit_log.note(tx, cast.teacher, NOON, "log", "viewing")
        people.remove_person(tx, cast.teacher.id)
        outcomes.undo_batch(tx, "second", cast.coach.id, NOON)
        kept = viewings.get_viewing(tx, viewing.id)
        assert (kept.state, kept.entered_by, kept.entered_by_name) == (ViewingState.DELIVERED, None, None)
        assert kept.entered_role is EnteredRole.TEACHER
        assert audit_log.list_audit(tx)[0].person_name is None
        assert plans.planned_slug(tx, cast.school.id, MONDAY, "6") == SLUG
        with pytest.raises(NotFound):
            people.get_person(tx, cast.teacher.id)


def test_wrong_passwords_delay_the_next_try_more_and_more(records: Records, url: str) -> None:
    email, waits = "tessa@demo.test", []
    with records.writing() as tx:
        for _ in range(18):
            sign_ins.note_failure(tx, email, NOON)
            waits.append(sign_ins.failures(tx, email, NOON).blocked_until)
    seconds = [0 if until is None else (until - NOON).total_seconds() for until in waits]
    assert seconds[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert max(seconds) == seconds[-1] == 15 * 60

    restarted = open_records(url)
    with restarted.writing() as tx:
        known = sign_ins.failures(tx, " TESSA@demo.test", NOON + timedelta(minutes=10))
        assert known.wait(NOON + timedelta(minutes=10)) == 5 * 60 + 1
        assert known.wait(NOON + timedelta(minutes=15)) == 0
        assert known.wait(NOON - timedelta(days=400)) == 0, "a clock that was ahead locks nobody out until then"
        assert sign_ins.failures(tx, "coach@demo.test", NOON) == sign_ins.Failures()
        sign_ins.clear_failures(tx, email)
        assert sign_ins.failures(tx, email, NOON) == sign_ins.Failures()
    restarted.close()


def test_wrong_passwords_are_forgotten_after_a_day(records: Records) -> None:
    with records.writing() as tx:
        for _ in range(9):
            sign_ins.note_failure(tx, "tessa@demo.test", NOON)
        assert sign_ins.failures(tx, "tessa@demo.test", NOON + sign_ins.FORGET_FAILURES).count == 0
        assert sign_ins.note_failure(tx, "other@demo.test", NOON + sign_ins.FORGET_FAILURES).count == 1
        assert len(tx.execute(select(schema.sign_in_failure)).all()) == 1


# --- Plans ------------------------------------------------------------------------------------------------------------


def test_a_plan_is_set_changed_and_taken_away(records: Records, cast: Cast) -> None:
    here, by, next_week = cast.school.id, cast.coach.id, MONDAY + timedelta(weeks=1)
    with records.writing() as tx:
        plans.set_plan(tx, here, MONDAY, ["K", "6", "10"], "first thought", by, NOON)
        plans.set_plan(tx, here, MONDAY, ["K", "6", "10"], SLUG, by, NOON)
        plans.set_plan(tx, here, MONDAY, ["6"], "listening", by, NOON)
        plans.set_plan(tx, here, MONDAY, ["10"], None, by, NOON)
        plans.set_plan(tx, here, next_week, ["6"], SLUG, by, NOON)
        plans.set_plan(tx, cast.other_school.id, MONDAY, ["6"], "worries", by, NOON)
        week = plans.list_plan(tx, school_ids=[here], first=FRIDAY, last=FRIDAY)
        assert [(entry.week_on, entry.grade, entry.slug) for entry in week] == [
            (MONDAY, "K", SLUG),
            (MONDAY, "6", "listening"),
        ]
        assert len(plans.list_plan(tx, first=MONDAY, last=next_week)) == 4
        assert plans.planned_slug(tx, here, MONDAY, "6") == "listening"
        assert plans.planned_slug(tx, here, MONDAY, "10") is None


def test_each_change_of_the_plan_is_an_entry_of_its_own(records: Records, cast: Cast) -> None:
    here, by = cast.school.id, cast.coach.id
    with records.writing() as tx:
        plans.set_plan(tx, here, MONDAY, ["6"], SLUG, by, NOON, role=EnteredRole.COACH, batch_id="first")
        plans.set_plan(tx, here, MONDAY, ["6", "7"], SLUG, by, NOON, role=EnteredRole.COACH, batch_id="second")
        plans.set_plan(tx, here, MONDAY, ["6"], None, by, NOON, role=EnteredRole.ADMIN, batch_id="third")
        rows = tx.execute(select(schema.plan_entry).order_by(schema.plan_entry.c.id)).all()
    assert [(row.grade, row.says, row.slug, row.by, row.role, row.batch_id) for row in rows] == [
        ("6", "session", SLUG, by, "coach", "first"),
        ("7", "session", SLUG, by, "coach", "second"),
        ("6", "nothing", None, by, "admin", "third"),
    ]


def test_a_class_differs_from_its_grade_until_it_ends(records: Records, cast: Cast) -> None:
    here, room = cast.school.id, cast.room_12
    with records.writing() as tx:
        plans.set_plan(tx, here, MONDAY, ["6"], SLUG, None, NOON)
        plans.set_class_plan(tx, room.id, MONDAY, ClassPlanRule.SESSION, "worries", None, NOON)
        plans.set_plan(tx, here, MONDAY, ["6"], "listening", None, NOON)
        assert planned_for(tx, cast) == {room.id: "worries", cast.room_14.id: "listening"}
        (listed,) = plans.list_exceptions(tx, first=MONDAY, last=FRIDAY, school_ids=[here])
        assert (listed.class_name, listed.grade, listed.slug) == (room.name, room.grade, "worries")
        assert plans.list_exceptions(tx, first=MONDAY, last=FRIDAY, school_ids=[cast.other_school.id]) == []
        plans.set_class_plan(tx, room.id, MONDAY, ClassPlanRule.NOTHING, None, None, NOON)
        assert planned_for(tx, cast)[room.id] is None
        plans.set_class_plan(tx, room.id, MONDAY, ClassPlanRule.AS_GRADE, None, None, NOON)
        assert planned_for(tx, cast)[room.id] == "listening"
        assert plans.list_exceptions(tx, first=MONDAY, last=FRIDAY, school_ids=[here]) == []


def planned_for(tx: Reading, cast: Cast) -> dict[str, str | None]:
    """What is planned for the classes of the first school."""
    plan = plans.load_plan(tx, first=MONDAY, last=FRIDAY, school_ids=[cast.school.id])
    return {room.id: plan.of_class(room, MONDAY) for room in (cast.room_12, cast.room_14)}


def test_a_class_week_follows_what_its_class_does_instead(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], "listening", None, NOON)
        say(tx, cast, DONE)
        told = [told_of(tx, cast)]
        plans.set_class_plan(tx, cast.room_12.id, MONDAY, ClassPlanRule.SESSION, SLUG, None, NOON)
        told.append(told_of(tx, cast))
        plans.set_class_plan(tx, cast.room_12.id, MONDAY, ClassPlanRule.AS_GRADE, None, None, NOON)
        told.append(told_of(tx, cast))
        assert list(week_summaries.list_disagreements(tx)) == []
    assert told == [WeekStatus.ANOTHER, WeekStatus.DELIVERED, WeekStatus.ANOTHER]


def told_of(tx: Reading, cast: Cast) -> WeekStatus | None:
    """The status of room 12's week."""
    weeks = week_summaries.list_class_weeks(
        tx, year_id=cast.year.id, school_ids=[cast.school.id], first=MONDAY, last=MONDAY
    )
    return weeks[cast.room_12.id, MONDAY].told


@pytest.mark.parametrize(("week_on", "grades"), [(FRIDAY, ["6"]), (MONDAY, ["13"])])
def test_a_plan_needs_a_monday_and_known_grades(records: Records, cast: Cast, week_on: date, grades: list[str]) -> None:
    with pytest.raises(Invalid), records.writing() as tx:
        plans.set_plan(tx, cast.school.id, week_on, grades, SLUG, cast.coach.id, NOON)


# --- Viewings ---------------------------------------------------------------------------------------------------------


def open_it(tx: Writing, cast: Cast, at: datetime = NOON) -> Viewing:
    return viewings.open_viewing(tx, cast.room_12.id, SLUG, TEXT, FRIDAY, at)


def say(
    tx: Writing, cast: Cast, outcome: Outcome, by: Any = None, batch: str = "first", at: datetime = NOON
) -> tuple[Viewing, Viewing | None]:
    who = by or cast.teacher
    role = ENTERED[who.role]
    return outcomes.enter_outcome(
        tx, batch, cast.room_12.id, SLUG, TEXT, FRIDAY, outcome, who.id, role, at, is_late=False
    )


def test_opening_twice_is_one_viewing_that_keeps_the_first_opening(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        first = open_it(tx, cast)
        again = viewings.open_viewing(tx, cast.room_12.id, SLUG, "rev-2", FRIDAY, NOON + MINUTE)
        assert again == first == viewings.get_viewing(tx, first.id)
        assert (first.state, first.opened_at, first.revision) == (ViewingState.OPENED, NOON, TEXT)
        assert viewings.find_viewing(tx, cast.room_12.id, SLUG, FRIDAY) == first
        assert viewings.find_viewing(tx, cast.room_12.id, SLUG, MONDAY) is None
        with pytest.raises(NotFound):
            viewings.get_viewing(tx, 999)


def test_opening_at_the_same_time_is_one_viewing(records: Records, cast: Cast) -> None:
    def open_once() -> Viewing:
        with records.writing() as tx:
            return open_it(tx, cast)

    answers = together(*[open_once] * 4)
    assert len({viewing.id for viewing in answers}) == 1
    with records.reading() as tx:
        assert len(viewings.list_viewings(tx, first=MONDAY, last=FRIDAY)) == 1


def test_saying_it_at_the_same_time_is_one_viewing_and_one_friendly_answer(records: Records, cast: Cast) -> None:
    def say_once(by: Any, outcome: Outcome) -> Callable[[], tuple[Viewing, Viewing | None]]:
        def saying() -> tuple[Viewing, Viewing | None]:
            with records.writing() as tx:
                return say(tx, cast, outcome, by=by, batch=by.id)

        return saying

    answers = together(say_once(cast.teacher, DONE), say_once(cast.coach, TESTING))
    assert len({viewing.id for viewing, _ in answers}) == 1
    assert sorted(earlier is None for _, earlier in answers) == [False, True]


def test_insert_says_when_the_row_was_there_already(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        known = open_it(tx, cast)
        values = {"revision": TEXT, "language": "en", "coverage": 0.0, "is_late": False, "state": "opened"}
        assert not viewings.insert_viewing(tx, cast.room_12.id, SLUG, FRIDAY, values | {"entered_role": "auto"})
        assert viewings.list_viewings(tx, first=FRIDAY, last=FRIDAY) == [known]


def test_the_seconds_that_ran_count_once_over_all_devices(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        viewing = open_it(tx, cast)
        viewings.note_ran(tx, viewing, "video", 100, [(0, 30), (10, 20)], NOON)
        viewings.note_ran(tx, viewing, "video", 100, [(25, 40)], NOON)
        now = viewings.note_ran(tx, viewing, "practice", 100, [(90, 500)], NOON)
        assert (now.state, now.coverage) == (ViewingState.OPENED, 0.40)
        now = viewings.note_ran(tx, viewing, "video", 100, [(40, 80)], NOON + MINUTE)
        assert (now.state, now.coverage, now.played_at) == (ViewingState.PLAYED, 0.80, NOON + MINUTE)
        later = viewings.note_ran(tx, viewing, "video", 200, [(0, 1)], NOON + 2 * MINUTE)
        assert (later.state, later.played_at) == (ViewingState.PLAYED, NOON + MINUTE)
        assert viewings.note_ran(tx, viewing, "video", 50, [(0, 1)], NOON).coverage == 0.80, "never less"


def test_four_devices_at_once_lose_no_second(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        viewing = open_it(tx, cast)

    def ran(start: int) -> Callable[[], None]:
        def note() -> None:
            for second in range(start, 40, 4):
                with records.writing() as tx:
                    viewings.note_ran(tx, viewing, "video", 40, [(second, second + 1)], NOON)

        return note

    together(*(ran(start) for start in range(4)))
    with records.reading() as reading:
        assert viewings.get_viewing(reading, viewing.id).coverage == 1.0


@pytest.mark.parametrize("duration", [0, -5, 5 * 60 * 60])
def test_an_impossible_length_is_refused(records: Records, cast: Cast, duration: int) -> None:
    with records.writing() as tx:
        viewing = open_it(tx, cast)
        with pytest.raises(Invalid):
            viewings.note_ran(tx, viewing, "video", duration, [(0, 10)], NOON)


def test_what_ran_never_changes_what_a_person_said(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        viewing, _ = say(tx, cast, TESTING)
        now = viewings.note_ran(tx, viewing, "video", 100, [(0, 100)], NOON)
        assert (now.state, now.reason, now.coverage) == (ViewingState.NOT_DONE, NotDoneReason.TESTING, 1.0)


def test_a_person_says_delivered_after_it_was_opened(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        opened = open_it(tx, cast)
        viewing, earlier = say(tx, cast, SHORTENED, at=NOON + MINUTE)
        assert earlier is None
        assert (viewing.id, viewing.opened_at) == (opened.id, NOON)
        assert (viewing.state, viewing.extent, viewing.minutes) == (ViewingState.DELIVERED, Completeness.SHORTENED, 5)
        assert (viewing.entered_by, viewing.entered_by_name) == (cast.teacher.id, "Tessa Teacher")
        assert (viewing.entered_at, viewing.entered_role) == (NOON + MINUTE, EnteredRole.TEACHER)


def test_opening_after_it_was_said_keeps_what_was_said(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        said, _ = say(tx, cast, DONE)
        opened = open_it(tx, cast, at=NOON + MINUTE)
        assert (opened.id, opened.state, opened.opened_at) == (said.id, ViewingState.DELIVERED, NOON + MINUTE)


def test_saying_the_same_again_changes_nothing(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        first, _ = say(tx, cast, DONE)
        again, earlier = say(tx, cast, DONE, by=cast.coach, batch="second", at=NOON + MINUTE)
        assert (again, earlier) == (first, None)
        assert len(outcomes.list_changes(tx, cast.room_12.id, first=MONDAY, last=FRIDAY)) == 1


def test_saying_otherwise_replaces_it_keeps_the_history_and_tells(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        first, _ = say(tx, cast, DONE)
        corrected, earlier = say(tx, cast, SHORTENED, batch="own")
        assert earlier is None, "who corrects herself is not told of another person"
        now, earlier = say(tx, cast, TESTING, by=cast.coach, batch="coach")
        assert earlier == corrected
        assert (now.id, now.state, now.entered_by) == (first.id, ViewingState.NOT_DONE, cast.coach.id)
        history = outcomes.list_changes(tx, cast.room_12.id, first=MONDAY, last=FRIDAY)
        assert [str(change.after) for change in history] == [
            "delivered, whole",
            "delivered, shortened",
            "not done, testing",
        ]
        assert history[0].before is None
        assert history[2].before == history[1].after
        assert [change.by_name for change in history] == ["Tessa Teacher", "Tessa Teacher", "Cora Coach"]


def test_a_substitute_says_it_without_a_name(records: Records, cast: Cast) -> None:
    place = (cast.room_12.id, SLUG, TEXT, FRIDAY)
    with records.writing() as tx:
        viewing, _ = outcomes.enter_outcome(tx, "b", *place, DONE, None, EnteredRole.SUBSTITUTE, NOON, is_late=True)
        assert (viewing.entered_by, viewing.entered_role, viewing.is_late) == (None, EnteredRole.SUBSTITUTE, True)
        _, earlier = say(tx, cast, TESTING, batch="teacher")
        assert earlier == viewing


def test_only_people_say_delivered(records: Records, cast: Cast) -> None:
    place = (cast.room_12.id, SLUG, TEXT, FRIDAY)
    with records.writing() as tx:
        with pytest.raises(ValueError, match="said by people"):
            outcomes.enter_outcome(tx, "b", *place, DONE, None, EnteredRole.AUTO, NOON, is_late=False)
        viewing = open_it(tx, cast)
        for said in ({"state": "delivered"}, {"state": "delivered", "extent": "whole", "entered_role": "teacher"}):
            with pytest.raises(IntegrityError), tx.begin_nested():
                tx.execute(schema.viewing.update().values(said))
        assert viewings.get_viewing(tx, viewing.id) == viewing


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"coverage": 1.01},
        {"state": "watched"},
        {"reason": "late"},
        {"state": "played", "extent": "whole"},
        {"entered_role": "student"},
        {"language": "fr"},
    ],
    ids=str,
)
def test_the_schema_refuses_what_no_viewing_can_be(records: Records, cast: Cast, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), records.writing() as tx:
        open_it(tx, cast)
        tx.execute(schema.viewing.update().values(wrong))


def test_viewings_are_listed_by_day_class_and_school(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        rooms = (cast.room_12, cast.room_14, cast.other_room)
        here, beside, elsewhere = (
            viewings.open_viewing(tx, room.id, SLUG, TEXT, FRIDAY, NOON, language=Language.ES) for room in rooms
        )
        earlier = viewings.open_viewing(tx, cast.room_12.id, "listening", TEXT, MONDAY, NOON)
        week: Any = {"first": MONDAY, "last": FRIDAY}
        assert viewings.list_viewings(tx, **week) == [earlier, here, beside, elsewhere]
        assert viewings.list_viewings(tx, first=FRIDAY, last=FRIDAY, classroom_ids=[cast.room_12.id]) == [here]
        assert viewings.list_viewings(tx, **week, classroom_ids=[]) == []
        assert viewings.list_viewings(tx, **week, school_id=cast.other_school.id) == [elsewhere]
        assert viewings.list_viewings(tx, **week, school_id=cast.school.id, classroom_ids=[cast.room_14.id]) == [beside]
        assert viewings.list_viewings(tx, first=FRIDAY + 3 * MINUTE * 1440, last=FRIDAY + 9 * MINUTE * 1440) == []


# --- Taking back ------------------------------------------------------------------------------------------------------


def test_a_press_is_taken_back_for_every_class_of_it(records: Records, cast: Cast) -> None:
    who = (cast.teacher.id, EnteredRole.TEACHER, NOON)
    with records.writing() as tx:
        opened = open_it(tx, cast)
        for room in (cast.room_12, cast.room_14):
            outcomes.enter_outcome(tx, "batch", room.id, SLUG, TEXT, FRIDAY, DONE, *who, is_late=False)
        undone = outcomes.undo_batch(tx, "batch", cast.teacher.id, NOON + MINUTE)
        assert {change.classroom_id for change in undone} == {cast.room_12.id, cast.room_14.id}
        assert viewings.get_viewing(tx, opened.id) == opened
        assert viewings.find_viewing(tx, cast.room_14.id, SLUG, FRIDAY) is None
        assert all(change.undone_at == NOON + MINUTE for change in outcomes.list_batch(tx, "batch"))


def test_a_press_is_taken_back_once(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        say(tx, cast, DONE)
        outcomes.undo_batch(tx, "first", cast.teacher.id, NOON)
        said, _ = say(tx, cast, DONE, batch="second")
        assert outcomes.undo_batch(tx, "first", cast.teacher.id, NOON) == []
        assert viewings.get_viewing(tx, said.id) == said
        with pytest.raises(NotFound):
            outcomes.undo_batch(tx, "no such batch", cast.teacher.id, NOON)


def test_taking_back_a_correction_restores_what_was_said_before(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        first, _ = say(tx, cast, SHORTENED)
        say(tx, cast, TESTING, by=cast.coach, batch="coach", at=NOON + MINUTE)
        outcomes.undo_batch(tx, "coach", cast.coach.id, NOON + MINUTE)
        assert viewings.get_viewing(tx, first.id) == first


def test_what_was_changed_since_is_not_taken_back(records: Records, cast: Cast) -> None:
    who = (cast.teacher.id, EnteredRole.TEACHER, NOON)
    with records.writing() as tx:
        outcomes.enter_outcome(tx, "first", cast.room_14.id, SLUG, TEXT, FRIDAY, DONE, *who, is_late=False)
        say(tx, cast, DONE)
        now, _ = say(tx, cast, TESTING, by=cast.coach, batch="coach")
    with pytest.raises(Conflict) as refused, records.writing() as tx:
        outcomes.undo_batch(tx, "first", cast.teacher.id, NOON)
    assert (refused.value.theirs, refused.value.yours) == ("not done, testing", "delivered, whole")
    with records.reading() as reading:
        assert viewings.get_viewing(reading, now.id) == now
        assert viewings.find_viewing(reading, cast.room_14.id, SLUG, FRIDAY) is not None


def test_taking_back_keeps_what_the_site_saw_meanwhile(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        say(tx, cast, DONE)
        viewing = open_it(tx, cast, at=NOON + MINUTE)
        viewings.note_ran(tx, viewing, "video", 100, [(0, 90)], NOON + MINUTE)
        outcomes.undo_batch(tx, "first", cast.teacher.id, NOON + 2 * MINUTE)
        kept = viewings.get_viewing(tx, viewing.id)
        assert (kept.state, kept.coverage, kept.opened_at) == (ViewingState.PLAYED, 0.9, NOON + MINUTE)
        assert (kept.extent, kept.entered_by, kept.entered_at) == (None, None, None)


def test_the_number_of_a_viewing_is_never_used_again(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        first, _ = say(tx, cast, DONE)
        outcomes.undo_batch(tx, "first", cast.teacher.id, NOON)
        again, _ = say(tx, cast, DONE, batch="second")
        assert again.id > first.id


# --- Outside lessons, settings, audit ---------------------------------------------------------------------------------


def test_outside_lessons_are_added_listed_and_removed(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        lesson = outside_lessons.add_outside_lesson(
            tx,
            classroom_id=cast.room_12.id,
            on_day=FRIDAY,
            minutes=20,
            curriculum="Second Step",
            title="Listening",
            by=cast.teacher.id,
            at=NOON,
        )
        week: Any = {"first": MONDAY, "last": FRIDAY}
        assert outside_lessons.get_outside_lesson(tx, lesson.id) == lesson
        assert outside_lessons.list_outside_lessons(tx, **week) == [lesson]
        assert outside_lessons.list_outside_lessons(tx, **week, classroom_ids=[cast.room_14.id]) == []
        assert outside_lessons.list_outside_lessons(tx, first=MONDAY, last=MONDAY) == []
        with pytest.raises(Invalid):
            outside_lessons.add_outside_lesson(
                tx, classroom_id=cast.room_12.id, on_day=FRIDAY, minutes=0, curriculum="", title="", by=None, at=NOON
            )
        outside_lessons.remove_outside_lesson(tx, lesson.id)
        with pytest.raises(NotFound):
            outside_lessons.get_outside_lesson(tx, lesson.id)


def test_settings_are_new_until_they_are_saved(records: Records) -> None:
    contacts = (Contact("Ms. Ito", "Room 3", school="Elm"),)
    wanted = SiteSettings("Calm", "Elm District", "America/Chicago", contacts, 0.5, "Elm Academy")
    with records.writing() as tx:
        assert settings.load_settings(tx) == SiteSettings()
        settings.save_settings(tx, SiteSettings(site_name="Before"))
        settings.save_settings(tx, wanted)
        assert settings.load_settings(tx) == wanted
        with pytest.raises(Invalid) as refused:
            settings.save_settings(tx, SiteSettings(time_zone="Mars/Base", module_hours=99))
        assert set(refused.value.fields) == {"time_zone", "module_hours"}
        assert settings.load_settings(tx) == wanted
        settings.save_settings(tx, SiteSettings(module_hours=None))
        assert settings.load_settings(tx).module_hours is None


@pytest.mark.parametrize("hours", [-0.25, 0.2, 10.5, float("nan"), float("inf")])
def test_contact_hours_that_cannot_be_are_refused(records: Records, hours: float) -> None:
    with pytest.raises(Invalid) as refused, records.writing() as tx:
        settings.save_settings(tx, SiteSettings(module_hours=hours, certificate_issuer="x" * 201))
    assert set(refused.value.fields) == {"module_hours", "certificate_issuer"}


def test_the_audit_log_is_read_newest_first_page_by_page(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        for number in range(5):
            audit_log.note(tx, cast.admin, NOON, "add class", f"class {number}")
        newest = audit_log.list_audit(tx, limit=3)
        rest = audit_log.list_audit(tx, limit=3, before_id=newest[-1].id)
    assert [entry.object for entry in newest + rest] == [f"class {number}" for number in (4, 3, 2, 1, 0)]
    assert (newest[0].person_name, newest[0].role, newest[0].detail) == ("Ada Admin", "admin", "")


def test_foreign_keys_hold(records: Records, cast: Cast) -> None:
    with pytest.raises(IntegrityError), records.writing() as tx:
        tx.execute(delete(schema.school).where(schema.school.c.id == cast.school.id))
    with pytest.raises(IntegrityError), records.writing() as tx:
        values = {"id": "x", "year_id": "no such year", "name": "Fall", "starts_on": MONDAY, "ends_on": FRIDAY}
        tx.execute(insert(schema.term).values(values))
    with records.reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM classroom")).scalar_one() == 3
