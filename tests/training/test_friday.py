"""What one writes, the one real Friday, and the coach's visit that makes it practised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.support.scratch import FRIDAY, NOON, Cast, set_teachers
from tests.support.training_cast import (
    ALL_SEEN,
    DAY,
    MINUTE,
    PARTS,
    SLUG,
    complete,
    deliver,
    finish,
    later,
    module,
    try_check,
    visit,
)
from wellness.domain import (
    Completion,
    Level,
    NotDoneReason,
    Outcome,
    PartKind,
    Person,
    Reach,
    Reflection,
    Seen,
    ViewingState,
)
from wellness.domain import WalkthroughItem as Item
from wellness.errors import Invalid, NotFound
from wellness.records import Records, audit_log, classrooms, outcomes, people, viewings
from wellness.records import training as held
from wellness.training import friday, parts, reflections, visits
from wellness.training.completion import list_certificates

MODULE = module()
PLACE = "p6-1"


def newest(records: Records, person: Person) -> Completion:
    with records.reading() as tx:
        return list_certificates(tx, person)[0]


def practised_on(records: Records, person: Person) -> date | None:
    return newest(records, person).practised_on


def log(records: Records) -> list[tuple[str, str, str]]:
    with records.reading() as tx:
        return [(entry.action, entry.object, entry.detail) for entry in audit_log.list_audit(tx)]


def write(records: Records, person: Person, text: str, place: str = PLACE) -> Reflection | None:
    return reflections.write(records, person, SLUG, place, "When did somebody?", text, NOON)


def shared_with(records: Records, lead: Person) -> list[tuple[str, str]]:
    with records.reading() as tx:
        return [(one.name, one.reflection.text) for one in reflections.list_shared(tx, lead, FRIDAY)]


# --- Words of one's own -----------------------------------------------------------------------------------------------


def test_what_is_written_is_private(records: Records, cast: Cast) -> None:
    written = write(records, cast.teacher, "  Last year,\r\nin May.  ")
    assert written == Reflection(cast.teacher.id, SLUG, PLACE, "When did somebody?", "Last year,\nin May.", NOON)
    with records.reading() as tx:
        assert reflections.list_own(tx, cast.teacher) == [written]
        assert reflections.list_own(tx, cast.teacher, "other") == []
        for person in (cast.coach, cast.admin, cast.stranger):
            assert reflections.list_own(tx, person) == []
            assert reflections.list_shared(tx, person, FRIDAY) == []
    assert log(records) == []


def test_what_is_shared_is_read_by_the_coaches_of_the_school_and_nobody_else(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        other_coach = people.add_person(
            tx, email="o@demo.test", name="Olga", role=cast.coach.role, password_hash="!", at=NOON,
            reach=Reach.of(cast.other_school.id),
        )  # fmt: skip
        colleague = people.add_person(
            tx, email="t@demo.test", name="Tom", role=cast.teacher.role, password_hash="!", at=NOON,
            reach=Reach.of(cast.school.id),
        )  # fmt: skip
    write(records, cast.teacher, "Mine.")
    write(records, cast.teacher, "Kept.", "p6-2")
    reflections.share(records, cast.teacher, SLUG, PLACE, NOON, seen="Mine.")
    assert shared_with(records, cast.coach) == [("Tessa Teacher", "Mine.")]
    assert shared_with(records, cast.admin) == [("Tessa Teacher", "Mine.")]
    for person in (other_coach, colleague, cast.stranger, cast.teacher):
        assert shared_with(records, person) == []
    reflections.keep_private(records, cast.teacher, SLUG, PLACE, NOON)
    assert shared_with(records, cast.coach) == []


def test_the_coach_of_a_school_where_somebody_teaches_reads_what_they_share(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        set_teachers(tx, cast.room_14.id, [cast.stranger.id])
    write(records, cast.stranger, "From afar.")
    reflections.share(records, cast.stranger, SLUG, PLACE, NOON)
    assert shared_with(records, cast.coach) == [("Sam Stranger", "From afar.")]
    with records.writing() as tx:
        people.close_account(tx, cast.stranger.id)
    assert shared_with(records, cast.coach) == [("Sam Stranger", "From afar.")]


def test_a_text_that_changes_is_private_again_and_the_same_text_stays_shared(records: Records, cast: Cast) -> None:
    write(records, cast.teacher, "Mine.")
    reflections.share(records, cast.teacher, SLUG, PLACE, NOON)
    write(records, cast.teacher, "Mine. ")
    assert shared_with(records, cast.coach) == [("Tessa Teacher", "Mine.")]
    write(records, cast.teacher, "Mine, and half a")
    assert shared_with(records, cast.coach) == []


def test_sharing_shares_the_text_that_was_read(records: Records, cast: Cast) -> None:
    write(records, cast.teacher, "Something else meanwhile.")
    with pytest.raises(Invalid) as refused:
        reflections.share(records, cast.teacher, SLUG, PLACE, NOON, seen="Mine.")
    assert "text" in refused.value.fields
    assert shared_with(records, cast.coach) == []


def test_sharing_leaves_a_line_without_a_word_of_the_text(records: Records, cast: Cast) -> None:
    write(records, cast.teacher, "Secret word.")
    for _ in range(2):
        reflections.share(records, cast.teacher, SLUG, PLACE, NOON)
    for _ in range(2):
        reflections.keep_private(records, cast.teacher, SLUG, PLACE, NOON)
    assert log(records) == [
        ("stop sharing notes", f"training/{SLUG}", ""),
        ("share notes", f"training/{SLUG}", ""),
    ]


def test_an_empty_text_removes_what_was_written(records: Records, cast: Cast) -> None:
    write(records, cast.teacher, "Mine.")
    reflections.share(records, cast.teacher, SLUG, PLACE, NOON)
    assert write(records, cast.teacher, " \n ") is None
    assert write(records, cast.teacher, "") is None
    assert shared_with(records, cast.coach) == []
    for act in (reflections.share, reflections.keep_private):
        with pytest.raises(NotFound):
            act(records, cast.teacher, SLUG, PLACE, NOON)


def test_nobody_shares_the_text_of_another(records: Records, cast: Cast) -> None:
    write(records, cast.teacher, "Mine.")
    for act in (reflections.share, reflections.keep_private):
        with pytest.raises(NotFound):
            act(records, cast.stranger, SLUG, PLACE, NOON)


@pytest.mark.parametrize("text", ["x" * 4001, "a\0b", "a\x1bb", "a\ud800b"])
def test_what_is_no_text_is_refused_and_what_was_there_stays(records: Records, cast: Cast, text: str) -> None:
    written = write(records, cast.teacher, "Mine.")
    with pytest.raises(Invalid) as refused:
        write(records, cast.teacher, text)
    assert list(refused.value.fields) == ["text"]
    with records.reading() as tx:
        assert reflections.list_own(tx, cast.teacher) == [written]


def test_a_long_text_and_markup_are_kept_as_they_are(records: Records, cast: Cast) -> None:
    for text in ("é" * 4000, "<script>alert(1)</script>\n\n\tA tab.", "🙂 'quoted'"):
        written = write(records, cast.teacher, text)
        assert written is not None
        assert written.text == text


@pytest.mark.parametrize("place", ["", "a/b", "x" * 65, "<b>", "p6 1", "p6-1\n"])
def test_a_place_that_cannot_be_is_not_found(records: Records, cast: Cast, place: str) -> None:
    with pytest.raises(NotFound):
        write(records, cast.teacher, "Mine.", place)


# --- Planning and choosing --------------------------------------------------------------------------------------------


def plan(records: Records, cast: Cast, **changes: Any) -> Completion | None:
    given = {"classroom": cast.room_12, "planned_on": FRIDAY, "at": NOON, "today": FRIDAY} | changes
    return friday.plan(records, cast.teacher, MODULE, **given)


def test_planning_a_friday_finishes_the_part_and_may_complete(records: Records, cast: Cast) -> None:
    finish(records, cast.teacher, MODULE, *PARTS[:-1])
    try_check(records, cast.teacher, MODULE)
    given = plan(records, cast, planned_on=FRIDAY + 7 * DAY)
    assert given is not None
    assert newest(records, cast.teacher) == given
    with records.reading() as tx:
        found = parts.state_of(tx, cast.teacher, MODULE, FRIDAY)
    assert found.facilitation is not None
    assert (found.facilitation.classroom_id, found.facilitation.planned_on) == (cast.room_12.id, FRIDAY + 7 * DAY)
    assert found.part(PartKind.PLAN).is_done
    assert plan(records, cast, planned_on=FRIDAY + 8 * DAY) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"classroom": None}, "classroom_id"),
        ({"planned_on": None}, "planned_on"),
        ({"planned_on": FRIDAY - DAY}, "planned_on"),
        ({"planned_on": date(2999, 1, 1)}, "planned_on"),
    ],
)
def test_a_plan_needs_a_class_and_a_day_to_come(
    records: Records, cast: Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        plan(records, cast, **changes)
    assert list(refused.value.fields) == [field]
    with records.reading() as tx:
        assert held.list_facilitations(tx, [cast.teacher.id]) == {}


def test_nobody_plans_with_the_class_of_another(records: Records, cast: Cast) -> None:
    with pytest.raises(NotFound):
        plan(records, cast, classroom=cast.other_room)


def test_only_delivered_viewings_of_own_classes_are_offered(records: Records, cast: Cast) -> None:
    first = deliver(records, cast.teacher, cast.room_12, FRIDAY - 7 * DAY)
    second = deliver(records, cast.teacher, cast.room_14)
    deliver(records, cast.stranger, cast.other_room)
    with records.writing() as tx:
        viewings.open_viewing(tx, cast.room_12.id, "opened", "r1", FRIDAY, NOON)
    with records.reading() as tx:
        offered = friday.list_candidates(tx, cast.teacher, FRIDAY)
        assert [(one.viewing, one.classroom.name) for one in offered] == [(second, "Room 14"), (first, "Room 12")]
        assert [one.viewing for one in friday.list_candidates(tx, cast.teacher, FRIDAY, limit=1)] == [second]
        assert [one.viewing for one in friday.list_candidates(tx, cast.teacher, FRIDAY - DAY)] == [first]
        assert friday.list_candidates(tx, cast.coach, FRIDAY) == []


def test_choosing_a_viewing_does_the_trial(records: Records, cast: Cast) -> None:
    viewing = deliver(records, cast.teacher, cast.room_12)
    assert friday.choose(records, cast.teacher, SLUG, viewing.id, NOON, FRIDAY) is None
    with records.reading() as tx:
        assert parts.state_of(tx, cast.teacher, MODULE, FRIDAY).part(PartKind.TRY).is_done


def test_what_was_not_delivered_or_is_not_ones_own_cannot_be_chosen(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        opened = viewings.open_viewing(tx, cast.room_12.id, "opened", "r1", FRIDAY, NOON)
    with pytest.raises(Invalid) as refused:
        friday.choose(records, cast.teacher, SLUG, opened.id, NOON, FRIDAY)
    assert list(refused.value.fields) == ["viewing_id"]
    of_another = deliver(records, cast.stranger, cast.other_room)
    tomorrow = deliver(records, cast.teacher, cast.room_12, FRIDAY + DAY)
    for number in (of_another.id, tomorrow.id, 999_999):
        with pytest.raises(NotFound):
            friday.choose(records, cast.teacher, SLUG, number, NOON, FRIDAY)
    with records.reading() as tx:
        assert held.list_facilitations(tx, [cast.teacher.id]) == {}


# --- Practised --------------------------------------------------------------------------------------------------------


def steps(records: Records, cast: Cast) -> dict[str, Any]:
    """The three things that make a module practised."""
    viewing = deliver(records, cast.teacher, cast.room_12)
    return {
        "complete": lambda: complete(records, cast.teacher, MODULE),
        "choose": lambda: friday.choose(records, cast.teacher, SLUG, viewing.id, NOON, FRIDAY),
        "visit": lambda: visit(records, cast),
    }


@pytest.mark.parametrize(
    "order",
    [
        ("complete", "choose", "visit"),
        ("complete", "visit", "choose"),
        ("visit", "choose", "complete"),
        ("choose", "complete", "visit"),
    ],
)
def test_completed_tried_and_visited_is_practised_in_any_order(
    records: Records, cast: Cast, order: tuple[str, ...]
) -> None:
    acts = steps(records, cast)
    for name in order[:-1]:
        acts[name]()
    with records.reading() as tx:
        known = list_certificates(tx, cast.teacher)
    assert all(one.practised_on is None for one in known)
    acts[order[-1]]()
    assert (newest(records, cast.teacher).level, practised_on(records, cast.teacher)) == (Level.PRACTISED, FRIDAY)


def test_the_visit_of_another_class_day_session_or_teacher_does_not_count(records: Records, cast: Cast) -> None:
    acts = steps(records, cast)
    acts["complete"]()
    acts["choose"]()
    with records.writing() as tx:
        set_teachers(tx, cast.room_12.id, [cast.teacher.id, cast.stranger.id])
        room = classrooms.get_classroom(tx, cast.room_12.id, FRIDAY)
    shared = replace(cast, room_12=room)
    visit(records, shared, slug="other")
    visit(records, shared, on_day=FRIDAY - DAY)
    visit(records, shared, led_by=visits.SUBSTITUTE)
    visit(records, shared, teacher=cast.stranger)
    visits.note(
        records, cast.coach, cast.room_14, slug="four-square", on_day=FRIDAY, led_by=cast.teacher.id,
        items=ALL_SEEN, glow="A.", next_step="B.", at=NOON, today=FRIDAY,
    )  # fmt: skip
    assert practised_on(records, cast.teacher) is None
    visit(records, shared)
    assert practised_on(records, cast.teacher) == FRIDAY


def test_practised_is_never_taken_back(records: Records, cast: Cast) -> None:
    viewing = deliver(records, cast.teacher, cast.room_12, batch_id="the-press")
    complete(records, cast.teacher, MODULE)
    friday.choose(records, cast.teacher, SLUG, viewing.id, NOON, FRIDAY)
    noted = visit(records, cast)
    other = deliver(records, cast.teacher, cast.room_14)
    friday.choose(records, cast.teacher, SLUG, other.id, NOON, FRIDAY)
    visits.remove(records, cast.coach, noted.id, NOON)
    with records.writing() as tx:
        outcomes.undo_batch(tx, "the-press", cast.teacher.id, NOON)
    assert practised_on(records, cast.teacher) == FRIDAY


def test_a_viewing_that_is_taken_back_before_the_visit_does_not_count(records: Records, cast: Cast) -> None:
    viewing = deliver(records, cast.teacher, cast.room_12, batch_id="the-press")
    complete(records, cast.teacher, MODULE)
    friday.choose(records, cast.teacher, SLUG, viewing.id, NOON, FRIDAY)
    with records.writing() as tx:
        outcomes.undo_batch(tx, "the-press", cast.teacher.id, NOON)
    visit(records, cast)
    assert practised_on(records, cast.teacher) is None
    with records.reading() as tx:
        assert not parts.state_of(tx, cast.teacher, MODULE, FRIDAY).part(PartKind.TRY).is_done


def test_a_viewing_that_turns_out_not_done_does_not_count(records: Records, cast: Cast) -> None:
    acts = steps(records, cast)
    acts["complete"]()
    acts["choose"]()
    not_done = Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.DRILL)
    with records.writing() as tx:
        viewing = chosen_viewing(tx, cast)
        outcomes.enter_outcome(
            tx, "later", cast.room_12.id, viewing.slug, "r1", FRIDAY, not_done, cast.teacher.id, viewing.entered_role,
            NOON, False,
        )  # fmt: skip
    acts["visit"]()
    assert practised_on(records, cast.teacher) is None
    with records.reading() as tx:
        assert not parts.state_of(tx, cast.teacher, MODULE, FRIDAY).part(PartKind.TRY).is_done


def chosen_viewing(tx: Any, cast: Cast) -> Any:
    """The viewing that the teacher chose."""
    chosen = held.list_facilitations(tx, [cast.teacher.id])[cast.teacher.id, SLUG].viewing_id
    return viewings.get_viewing(tx, chosen)


def test_the_friday_of_an_earlier_completion_does_not_practise_the_next_one(records: Records, cast: Cast) -> None:
    for act in steps(records, cast).values():
        act()
    changed = later(again_since=FRIDAY + 2 * DAY)
    today = FRIDAY + 7 * DAY
    with records.reading() as tx:
        assert not parts.state_of(tx, cast.teacher, changed, today).part(PartKind.TRY).is_done
    complete(records, cast.teacher, changed, at=NOON + 7 * DAY, today=today)
    assert practised_on(records, cast.teacher) is None
    viewing = deliver(records, cast.teacher, cast.room_12, today, at=NOON + 7 * DAY)
    friday.choose(records, cast.teacher, SLUG, viewing.id, NOON + 7 * DAY, today)
    visit(records, cast, on_day=today)
    assert practised_on(records, cast.teacher) == today


def test_a_friday_before_the_completion_counts_from_that_day(records: Records, cast: Cast) -> None:
    viewing = deliver(records, cast.teacher, cast.room_12, FRIDAY - 7 * DAY)
    friday.choose(records, cast.teacher, SLUG, viewing.id, NOON, FRIDAY)
    visit(records, cast, on_day=FRIDAY - 7 * DAY)
    complete(records, cast.teacher, MODULE)
    assert practised_on(records, cast.teacher) == FRIDAY


# --- Visits -----------------------------------------------------------------------------------------------------------


def test_a_visit_is_read_by_both_sides_and_by_nobody_else(records: Records, cast: Cast) -> None:
    noted = visit(records, cast, glow="  The choices\n came first. ")
    assert (noted.glow, noted.teacher_name, noted.coach_name) == (
        "The choices came first.", "Tessa Teacher", "Cora Coach",
    )  # fmt: skip
    with records.reading() as tx:
        assert visits.list_for_teacher(tx, cast.teacher) == [noted]
        assert visits.list_for_coach(tx, cast.coach) == [noted]
        assert visits.list_for_coach(tx, cast.admin) == visits.list_for_teacher(tx, cast.stranger) == []
        for person in (cast.teacher, cast.coach, cast.admin):
            assert visits.get(tx, person, noted.id) == noted
        with pytest.raises(NotFound):
            visits.get(tx, cast.stranger, noted.id)
        with pytest.raises(NotFound):
            visits.get(tx, cast.coach, "nothing")


def test_a_colleague_who_teaches_the_class_does_not_read_the_visit(records: Records, cast: Cast) -> None:
    noted = visit(records, cast)
    with records.writing() as tx:
        set_teachers(tx, cast.room_12.id, [cast.teacher.id, cast.stranger.id])
        with pytest.raises(NotFound):
            visits.get(tx, cast.stranger, noted.id)


def test_sending_a_visit_twice_notes_one(records: Records, cast: Cast) -> None:
    name = visits.new_visit_id()
    noted = visit(records, cast, walkthrough_id=name)
    assert visit(records, cast, walkthrough_id=name, glow="Other.") == noted
    with records.reading() as tx:
        assert visits.list_for_coach(tx, cast.coach) == [noted]
    with pytest.raises(Invalid):
        visits.note(
            records, cast.admin, cast.room_12, walkthrough_id=name, slug="four-square", on_day=FRIDAY, led_by=visits.SUBSTITUTE,
            items=ALL_SEEN, glow="A.", next_step="B.", at=NOON, today=FRIDAY,
        )  # fmt: skip
    with pytest.raises(Invalid):
        visit(records, cast, walkthrough_id="../x")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"slug": ""}, ["slug"]),
        ({"on_day": FRIDAY + DAY, "today": FRIDAY}, ["on_day"]),
        ({"led_by": "nobody"}, ["led_by"]),
        ({"items": {}}, [f"item_{item.value}" for item in Item]),
        ({"items": dict.fromkeys(list(Item)[1:], Seen.SEEN)}, ["item_choices"]),
        ({"glow": " "}, ["glow"]),
        ({"next_step": ""}, ["next_step"]),
        ({"glow": "x" * 301, "next_step": "\0"}, ["glow", "next_step"]),
    ],
)
def test_what_is_missing_in_a_visit_is_named(
    records: Records, cast: Cast, changes: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        visit(records, cast, **changes)
    assert list(refused.value.fields) == fields
    with records.reading() as tx:
        assert visits.list_for_coach(tx, cast.coach) == []


def test_a_coach_visits_the_classes_of_her_own_school_and_teachers_visit_none(records: Records, cast: Cast) -> None:
    for person, room in ((cast.coach, cast.other_room), (cast.teacher, cast.room_12)):
        with pytest.raises(NotFound):
            visits.note(
                records, person, room, slug="four-square", on_day=FRIDAY, led_by=visits.SUBSTITUTE, items=ALL_SEEN, glow="A.",
                next_step="B.", at=NOON, today=FRIDAY,
            )  # fmt: skip


def test_only_who_noted_a_visit_changes_or_removes_it(records: Records, cast: Cast) -> None:
    noted = visit(records, cast, led_by=visits.SUBSTITUTE)
    said: dict[str, Any] = {
        "slug": "other", "on_day": FRIDAY - DAY, "led_by": cast.teacher.id,
        "items": dict.fromkeys(Item, Seen.PARTLY), "glow": "New.", "next_step": "Newer.",
    }  # fmt: skip
    for person in (cast.admin, cast.teacher):
        with pytest.raises(NotFound):
            visits.change(records, person, noted.id, **said, at=NOON, today=FRIDAY)
        with pytest.raises(NotFound):
            visits.remove(records, person, noted.id, NOON)
    changed = visits.change(records, cast.coach, noted.id, **said, at=NOON + MINUTE, today=FRIDAY)
    led = {"teacher_id": said.pop("led_by"), "teacher_name": "Tessa Teacher", "led_by_substitute": False}
    assert changed == replace(noted, **said, **led)
    said["led_by"] = cast.teacher.id
    with pytest.raises(Invalid):
        visits.change(records, cast.coach, noted.id, **(said | {"glow": ""}), at=NOON, today=FRIDAY)
    visits.remove(records, cast.coach, noted.id, NOON)
    with pytest.raises(NotFound):
        visits.remove(records, cast.coach, noted.id, NOON)


def test_a_visit_stays_with_a_teacher_who_left_the_class(records: Records, cast: Cast) -> None:
    noted = visit(records, cast)
    with records.writing() as tx:
        set_teachers(tx, cast.room_12.id, [])
    said = {"slug": noted.slug, "on_day": noted.on_day, "items": noted.items, "glow": "New.", "next_step": "B."}
    changed = visits.change(
        records,
        cast.coach,
        noted.id,
        **said,
        led_by=cast.teacher.id,
        at=NOON,
        today=FRIDAY,  # type: ignore[arg-type]
    )
    assert changed.teacher_name == "Tessa Teacher"


def test_changing_a_visit_to_the_right_session_may_practise(records: Records, cast: Cast) -> None:
    acts = steps(records, cast)
    acts["complete"]()
    acts["choose"]()
    noted = visit(records, cast, slug="wrong")
    assert practised_on(records, cast.teacher) is None
    said = {"on_day": FRIDAY, "led_by": cast.teacher.id, "items": ALL_SEEN, "glow": "A.", "next_step": "B."}
    visits.change(records, cast.coach, noted.id, slug="four-square", **said, at=NOON, today=FRIDAY)  # type: ignore[arg-type]
    assert practised_on(records, cast.teacher) == FRIDAY


def test_visits_leave_lines_without_a_word_of_what_was_noted(records: Records, cast: Cast) -> None:
    noted = visit(records, cast, glow="Secret glow.")
    visits.remove(records, cast.coach, noted.id, NOON)
    assert log(records) == [("delete visit", "class Room 12", ""), ("log visit", "class Room 12", "")]
