"""What the records promise of training, on every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.support.scratch import FRIDAY, NOON, Cast, end_class, set_teachers
from tests.support.training_cast import ALL_SEEN, DAY, MINUTE, SESSION, SLUG, deliver
from wellness.domain import (
    CheckTry,
    Completion,
    Facilitation,
    Language,
    PartKind,
    PartProgress,
    Person,
    Reflection,
    Seen,
    Walkthrough,
    WalkthroughItem,
)
from wellness.errors import NotFound
from wellness.records import (
    Reading,
    Records,
    assignments,
    classrooms,
    completions,
    people,
    publications,
    schema,
    training,
    viewings,
    walkthroughs,
)

pytestmark = pytest.mark.each_engine

OTHER = "another-module"
PRIVATE = ("training_progress", "training_answer", "training_try", "reflection", "facilitation", "completion")


def a_try(person: Person, number: int = 0, **changes: Any) -> CheckTry:
    one = CheckTry(f"try-{number}", person.id, SLUG, "r1", {"p5-1": ("a", "b"), "p5-2": ()}, 3, 5, False, NOON)
    return replace(one, tried_at=NOON + number * MINUTE, **changes)


def a_completion(person: Person, code: str = "code-1", **changes: Any) -> Completion:
    words = (SLUG, Language.EN, "r1", "Words", "Elm School", 0.25)
    return replace(Completion(code, person.id, person.name, *words, FRIDAY, NOON), **changes)


def a_visit(cast: Cast, number: int = 1, **changes: Any) -> Walkthrough:
    who = (cast.coach.id, cast.coach.name, cast.teacher.id, cast.teacher.name)
    one = Walkthrough(
        f"visit-{number}", cast.room_12.id, SESSION, FRIDAY, *who, dict(ALL_SEEN), "A glow.", "A step.", NOON
    )
    return replace(one, **changes)


def write_everything(records: Records, cast: Cast, person: Person) -> None:
    """Something of this person in every table of training."""
    viewing = deliver(records, person, cast.room_12)
    with records.writing() as tx:
        training.note_done(tx, person.id, SLUG, PartKind.WHY, NOON)
        training.put_answer(tx, person.id, SLUG, "r1", "p5-1", ["a"], NOON)
        training.add_try(tx, a_try(person))
        training.put_reflection(tx, Reflection(person.id, SLUG, "p6-1", "When?", "Once.", NOON))
        training.put_facilitation_plan(tx, person.id, SLUG, cast.room_12.id, FRIDAY, NOON)
        training.put_facilitation_viewing(tx, person.id, SLUG, viewing.id, NOON)
        completions.add_completion(tx, a_completion(person))
        assignments.put_assignment(tx, SLUG, person_id=person.id, due_on=FRIDAY, by=cast.coach.id, at=NOON)
        walkthroughs.add_walkthrough(tx, a_visit(cast, teacher_id=person.id))


# --- Parts and the check ----------------------------------------------------------------------------------------------


def test_a_part_is_seen_and_done_and_seeing_it_again_keeps_it_done(records: Records, cast: Cast) -> None:
    person = cast.teacher
    with records.writing() as tx:
        training.note_seen(tx, person.id, SLUG, PartKind.WHY, NOON)
        training.note_done(tx, person.id, SLUG, PartKind.WHY, NOON + MINUTE)
        training.note_seen(tx, person.id, SLUG, PartKind.WHY, NOON + 2 * MINUTE)
        training.note_seen(tx, person.id, OTHER, PartKind.SEE, NOON)
        training.note_seen(tx, cast.stranger.id, SLUG, PartKind.SEE, NOON)
    why = (PartProgress(PartKind.WHY, NOON + 2 * MINUTE, NOON + MINUTE),)
    see = (PartProgress(PartKind.SEE, NOON, None),)
    with records.reading() as tx:
        assert training.list_progress(tx, [person.id], SLUG) == {(person.id, SLUG): why}
        assert training.list_progress(tx, [person.id]) == {(person.id, SLUG): why, (person.id, OTHER): see}
        assert training.list_progress(tx, []) == {}
    with records.writing() as tx:
        training.forget_progress(tx, person.id, SLUG)
        assert list(training.list_progress(tx, [person.id])) == [(person.id, OTHER)]
        assert list(training.list_progress(tx, [cast.stranger.id])) == [(cast.stranger.id, SLUG)]


def test_answers_are_kept_by_revision_and_the_last_one_counts(records: Records, cast: Cast) -> None:
    person = cast.teacher
    with records.writing() as tx:
        training.put_answer(tx, person.id, SLUG, "r1", "p5-1", ["a"], NOON)
        training.put_answer(tx, person.id, SLUG, "r1", "p5-1", ["b", "c"], NOON)
        training.put_answer(tx, person.id, SLUG, "r2", "p5-1", ["d"], NOON)
        training.put_answer(tx, cast.stranger.id, SLUG, "r1", "p5-1", ["e"], NOON)
        assert training.list_answers(tx, person.id, SLUG, "r1") == {"p5-1": ("b", "c")}
        training.forget_answers(tx, person.id, SLUG, "r1")
        assert training.list_answers(tx, person.id, SLUG, "r1") == {}
        assert training.list_answers(tx, person.id, SLUG, "r2") == {"p5-1": ("d",)}
        training.forget_answers(tx, person.id, SLUG)
        assert training.list_answers(tx, person.id, SLUG, "r2") == {}
        assert training.list_answers(tx, cast.stranger.id, SLUG, "r1") == {"p5-1": ("e",)}


def test_a_try_is_kept_once_and_comes_back_as_it_was(records: Records, cast: Cast) -> None:
    first, second = a_try(cast.teacher), a_try(cast.teacher, 1, right=5, is_passed=True)
    with records.writing() as tx:
        assert training.add_try(tx, second)
        assert training.add_try(tx, first)
        assert not training.add_try(tx, replace(first, right=5))
        training.add_try(tx, a_try(cast.stranger, 2))
    with records.reading() as tx:
        assert training.list_tries(tx, [cast.teacher.id], SLUG) == {(cast.teacher.id, SLUG): (first, second)}
        assert training.find_try(tx, first.id) == first
        assert training.find_try(tx, "nothing") is None


def test_more_right_than_asked_is_refused(records: Records, cast: Cast) -> None:
    with pytest.raises(IntegrityError), records.writing() as tx:
        training.add_try(tx, a_try(cast.teacher, right=6))


# --- Words and the real Friday ----------------------------------------------------------------------------------------


def test_only_what_was_shared_is_listed_as_shared(records: Records, cast: Cast) -> None:
    private = Reflection(cast.teacher.id, SLUG, "p6-1", "When?", "Once.", NOON)
    shared = replace(private, place="p6-2", text="Twice.", shared_at=NOON + MINUTE)
    other = replace(private, person_id=cast.stranger.id, shared_at=NOON + 2 * MINUTE)
    with records.writing() as tx:
        for one in (private, shared, other):
            training.put_reflection(tx, one)
    with records.reading() as tx:
        assert training.list_reflections(tx, cast.teacher.id, SLUG) == [private, shared]
        assert training.list_reflections(tx, cast.teacher.id, OTHER) == []
        assert training.list_shared_reflections(tx, [cast.teacher.id]) == [shared]
        assert training.list_shared_reflections(tx, [cast.teacher.id, cast.stranger.id]) == [other, shared]
        assert training.find_reflection(tx, cast.teacher.id, SLUG, "p6-1") == private
    with records.writing() as tx:
        training.remove_reflection(tx, cast.teacher.id, SLUG, "p6-2")
        training.remove_reflection(tx, cast.teacher.id, SLUG, "p6-2")
        assert training.list_shared_reflections(tx, [cast.teacher.id]) == []


def test_a_plan_and_a_chosen_viewing_do_not_undo_each_other(records: Records, cast: Cast) -> None:
    viewing = deliver(records, cast.teacher, cast.room_12)
    whose = (cast.teacher.id, SLUG)
    with records.writing() as tx:
        training.put_facilitation_viewing(tx, *whose, viewing.id, NOON)
        training.put_facilitation_plan(tx, *whose, cast.room_14.id, FRIDAY + DAY, NOON)
        found = training.list_facilitations(tx, [cast.teacher.id])
    assert found == {whose: Facilitation(*whose, cast.room_14.id, FRIDAY + DAY, viewing.id)}


def test_known_viewings_come_by_number(records: Records, cast: Cast) -> None:
    viewing = deliver(records, cast.teacher, cast.room_12)
    with records.reading() as tx:
        assert viewings.list_known(tx, [viewing.id, viewing.id + 1]) == {viewing.id: viewing}
        assert viewings.list_known(tx, []) == {}


def test_who_teaches_where_counts_the_classes_that_meet(records: Records, cast: Cast) -> None:
    def taught(tx: Reading) -> dict[str, frozenset[str]]:
        return classrooms.list_taught_schools(tx, year_id=cast.year.id, on_day=FRIDAY)

    both = frozenset({cast.school.id, cast.other_school.id})
    with records.writing() as tx:
        set_teachers(tx, cast.other_room.id, [cast.teacher.id, cast.stranger.id])
        assert taught(tx)[cast.teacher.id] == both
        end_class(tx, cast.other_room, FRIDAY - DAY)
        assert taught(tx) == {cast.teacher.id: frozenset({cast.school.id})}


# --- Completions ------------------------------------------------------------------------------------------------------


def test_a_revision_is_completed_once_and_practised_once(records: Records, cast: Cast) -> None:
    first = a_completion(cast.teacher)
    second = a_completion(cast.teacher, "code-2", revision="r2", completed_at=NOON + DAY, completed_on=FRIDAY + DAY)
    with records.writing() as tx:
        assert completions.add_completion(tx, first)
        assert not completions.add_completion(tx, replace(first, code="code-3", title="Other"))
        assert completions.add_completion(tx, second)
        assert completions.set_practiced(tx, "code-2", FRIDAY)
        assert not completions.set_practiced(tx, "code-2", FRIDAY + DAY)
        assert not completions.set_practiced(tx, "nothing", FRIDAY)
    with records.reading() as tx:
        practised = replace(second, practised_on=FRIDAY)
        assert completions.list_completions(tx, [cast.teacher.id], SLUG) == {
            (cast.teacher.id, SLUG): (first, practised)
        }
        assert completions.find_completion(tx, "code-2") == practised
        assert completions.find_completion(tx, "CODE-2") is None
        days = {"first": FRIDAY + DAY, "last": FRIDAY + 9 * DAY}
        assert completions.list_completed(tx, **days) == [practised]


def test_the_certificate_has_the_name_of_the_account(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        completions.add_completion(tx, a_completion(cast.teacher, person_name="Somebody Else"))
        found = completions.find_completion(tx, "code-1")
    assert found is not None
    assert found.person_name == "Tessa Teacher"


# --- Assignments ------------------------------------------------------------------------------------------------------


def test_asking_the_same_again_gives_another_day(records: Records, cast: Cast) -> None:
    by = {"by": cast.coach.id, "at": NOON}
    with records.writing() as tx:
        school = assignments.put_assignment(tx, SLUG, school_id=cast.school.id, due_on=FRIDAY, **by)
        person = assignments.put_assignment(tx, SLUG, person_id=cast.teacher.id, due_on=FRIDAY + 2 * DAY, **by)
        moved = assignments.put_assignment(tx, SLUG, school_id=cast.school.id, due_on=FRIDAY + 3 * DAY, **by)
        assert moved == replace(school, due_on=FRIDAY + 3 * DAY)
        assert assignments.list_assignments(tx) == [person, moved]
        assert assignments.get_assignment(tx, person.id) == person
        assignments.remove_assignment(tx, person.id)
        assignments.remove_assignment(tx, person.id)
        assert assignments.list_assignments(tx) == [moved]
        with pytest.raises(NotFound):
            assignments.get_assignment(tx, person.id)


def test_an_assignment_asks_a_school_or_a_person_never_both_or_none(records: Records, cast: Cast) -> None:
    both = {"school_id": cast.school.id, "person_id": cast.teacher.id}
    for whom in (both, {}):
        with pytest.raises(IntegrityError), records.writing() as tx:
            assignments.put_assignment(tx, SLUG, **whom, due_on=FRIDAY, by=None, at=NOON)


# --- Walkthroughs -----------------------------------------------------------------------------------------------------


def test_a_visit_is_kept_once_with_its_words_and_the_names(records: Records, cast: Cast) -> None:
    items = dict(zip(WalkthroughItem, [*Seen, Seen.SEEN], strict=True))
    noted = a_visit(cast, items=items)
    with records.writing() as tx:
        assert walkthroughs.add_walkthrough(tx, noted)
        assert not walkthroughs.add_walkthrough(tx, replace(noted, glow="Other."))
        assert walkthroughs.get_walkthrough(tx, noted.id) == noted
        changed = replace(noted, items=dict(ALL_SEEN), glow="New.", slug="other", on_day=FRIDAY - DAY, teacher_id=None)
        walkthroughs.change_walkthrough(tx, changed)
        assert walkthroughs.get_walkthrough(tx, noted.id) == replace(changed, teacher_name=None)
        walkthroughs.remove_walkthrough(tx, noted.id)
        with pytest.raises(NotFound):
            walkthroughs.get_walkthrough(tx, noted.id)


def test_visits_are_listed_latest_first_and_narrowed(records: Records, cast: Cast) -> None:
    old = a_visit(cast, 1, on_day=FRIDAY - 7 * DAY)
    new = a_visit(cast, 2, coach_id=cast.admin.id, coach_name=cast.admin.name)
    other = a_visit(
        cast, 3, classroom_id=cast.other_room.id, teacher_id=cast.stranger.id, teacher_name=cast.stranger.name,
        slug="other", noted_at=NOON + MINUTE,
    )  # fmt: skip
    with records.writing() as tx:
        for one in (old, new, other):
            walkthroughs.add_walkthrough(tx, one)
    with records.reading() as tx:
        assert walkthroughs.list_walkthroughs(tx) == [other, new, old]
        assert walkthroughs.list_walkthroughs(tx, limit=1) == [other]
        assert walkthroughs.list_walkthroughs(tx, teacher_id=cast.teacher.id) == [new, old]
        assert walkthroughs.list_walkthroughs(tx, coach_id=cast.coach.id) == [other, old]
        assert walkthroughs.list_walkthroughs(tx, school_id=cast.school.id) == [new, old]
        assert walkthroughs.list_walkthroughs(tx, classroom_id=cast.room_12.id, slug=SESSION, on_day=FRIDAY) == [new]


# --- People who leave, modules that are renamed -----------------------------------------------------------------------


def test_what_is_theirs_goes_with_the_account_and_nothing_else(records: Records, cast: Cast) -> None:
    write_everything(records, cast, cast.teacher)
    with records.writing() as tx:
        completions.add_completion(tx, a_completion(cast.stranger, "code-9"))
        everything = people.export_person(tx, cast.teacher.id)
        assert {table for table in (*PRIVATE, "assignment", "walkthrough") if everything[table]} == {
            *PRIVATE, "assignment", "walkthrough",
        }  # fmt: skip
        people.remove_person(tx, cast.teacher.id)
        counts = {name: len(tx.execute(schema.metadata.tables[name].select()).all()) for name in PRIVATE}
        assert counts == dict.fromkeys(PRIVATE, 0) | {"completion": 2}
        theirs = completions.find_completion(tx, "code-1")
        assert theirs is not None and (theirs.person_id, theirs.person_name) == (None, None)
        assert assignments.list_assignments(tx) == []
        visit = walkthroughs.get_walkthrough(tx, "visit-1")
    assert (visit.teacher_id, visit.teacher_name, visit.coach_name) == (None, None, "Cora Coach")
    assert (visit.led_by_substitute, visit.glow, visit.next_step) == (False, "", "")


def test_the_coach_leaves_and_what_she_asked_and_noted_stays(records: Records, cast: Cast) -> None:
    write_everything(records, cast, cast.teacher)
    with records.writing() as tx:
        people.remove_person(tx, cast.coach.id)
        visit = walkthroughs.get_walkthrough(tx, "visit-1")
        (asked,) = assignments.list_assignments(tx)
    assert (visit.coach_id, visit.coach_name, visit.teacher_name) == (None, None, "Tessa Teacher")
    assert asked.assigned_by is None


def test_a_renamed_module_keeps_what_was_done_with_it(records: Records, cast: Cast) -> None:
    write_everything(records, cast, cast.teacher)
    with records.writing() as tx:
        training.put_reflection(tx, Reflection(cast.stranger.id, SLUG, "p6-1", "When?", "Now.", NOON))
        training.put_reflection(tx, Reflection(cast.stranger.id, OTHER, "p6-1", "When?", "Before.", NOON))
        training.rename_module(tx, SLUG, OTHER)
        for name in (*PRIVATE, "assignment"):
            rows = tx.execute(schema.metadata.tables[name].select()).mappings().all()
            assert {row["slug"] for row in rows if row["person_id"] == cast.teacher.id} == {OTHER}, name
        left = [(one.slug, one.text) for one in training.list_reflections(tx, cast.stranger.id)]
    assert left == [(OTHER, "Before."), (SLUG, "Now.")]


def test_a_renamed_session_keeps_its_visits(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        walkthroughs.add_walkthrough(tx, a_visit(cast))
        publications.rename_everywhere(tx, SESSION, "renamed")
        assert walkthroughs.get_walkthrough(tx, "visit-1").slug == "renamed"


# --- Any order --------------------------------------------------------------------------------------------------------

REVISIONS = st.sampled_from(["r1", "r2", "r3"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(acts=st.lists(st.tuples(REVISIONS, st.integers(0, 30), st.booleans()), max_size=12))
def test_in_any_order_each_revision_is_completed_once_and_nothing_is_taken_away(
    records: Records, cast: Cast, acts: list[tuple[str, int, bool]]
) -> None:
    kept: dict[str, tuple[str, date, date | None]] = {}
    with records.writing() as tx:
        tx.execute(schema.completion.delete())
        for number, (revision, days, practised) in enumerate(acts):
            on_day = FRIDAY + timedelta(days=days)
            one = a_completion(cast.teacher, f"code-{number}", revision=revision, completed_on=on_day)
            assert completions.add_completion(tx, one) is (revision not in kept)
            kept.setdefault(revision, (one.code, on_day, None))
            if practised:
                code, completed_on, before = kept[revision]
                assert completions.set_practiced(tx, code, on_day) is (before is None)
                kept[revision] = (code, completed_on, before or on_day)
        found = completions.list_completions(tx, [cast.teacher.id], SLUG).get((cast.teacher.id, SLUG), ())
    assert {one.revision: (one.code, one.completed_on, one.practised_on) for one in found} == kept
