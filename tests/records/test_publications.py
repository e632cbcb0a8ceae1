"""What the records promise of drafts and of the log of publications, on every engine."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.scratch import MONDAY, NOON, Cast
from wellness.domain import Draft, KeptWarning, Language, Publication, PublicationAct, TextKey, TextKind
from wellness.errors import NotFound
from wellness.records import Records, drafts, people, plans, publications

pytestmark = pytest.mark.each_engine

FEET = TextKey(TextKind.SESSION, "feet")
PIES = TextKey(TextKind.SESSION, "feet", Language.ES)
MINUTE = timedelta(minutes=1)


def save(records: Records, text: str, cast: Cast, key: TextKey = FEET) -> Draft:
    with records.writing() as tx:
        return drafts.put_draft(tx, key, text, base_revision="r0", by=cast.coach.id, at=NOON)


def find(records: Records, key: TextKey = FEET) -> Draft | None:
    with records.reading() as tx:
        return drafts.find_draft(tx, key)


def enter(records: Records, text: str | None, cast: Cast, key: TextKey = FEET) -> Publication:
    act = PublicationAct.PUBLISHED if text else PublicationAct.UNPUBLISHED
    revision = f"r-{text}" if text else None
    with records.writing() as tx:
        return publications.add_publication(tx, key, act, text=text, revision=revision, by=cast.coach.id, at=NOON)


# --- Drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_with_who_wrote_it(records: Records, cast: Cast) -> None:
    assert find(records) is None
    kept = save(records, "one", cast)
    assert kept == Draft(FEET, "one", 1, "r0", cast.coach.id, cast.coach.name, NOON)
    assert find(records) == kept
    assert find(records, PIES) is None
    with records.reading() as tx:
        assert drafts.list_drafts(tx) == [kept]
        with pytest.raises(NotFound):
            drafts.get_draft(tx, PIES)


def test_each_save_is_another_version_and_none_ever_comes_back(records: Records, cast: Cast) -> None:
    assert [save(records, text, cast).version for text in ("one", "two")] == [1, 2]
    with records.writing() as tx:
        drafts.close_draft(tx, FEET, NOON)
        assert drafts.find_draft(tx, FEET) is None
        assert drafts.list_drafts(tx) == []
        assert drafts.current_version(tx, FEET) == 3
    assert save(records, "three", cast).version == 4


def test_a_draft_is_due_at_its_time_and_saving_keeps_the_time(records: Records, cast: Cast) -> None:
    save(records, "one", cast)
    with records.writing() as tx:
        drafts.set_publish_at(tx, FEET, NOON + MINUTE, cast.coach.id)
    assert save(records, "two", cast).publish_at == NOON + MINUTE
    with records.reading() as tx:
        assert drafts.list_due(tx, NOON) == []
        assert [draft.text for draft in drafts.list_due(tx, NOON + MINUTE)] == ["two"]
        assert publications.read_latest(tx).due_at == NOON + MINUTE
    with records.writing() as tx:
        assert drafts.set_publish_at(tx, FEET, None, None).publish_at is None
        with pytest.raises(NotFound):
            drafts.set_publish_at(tx, PIES, NOON, None)


def test_a_warning_is_kept_with_its_reason_and_stays_when_the_person_leaves(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        drafts.put_kept_warning(tx, FEET, "hold", "why", cast.coach.id, NOON)
        drafts.put_kept_warning(tx, FEET, "hold", "the next block offers a way without", cast.coach.id, NOON)
    save(records, "one", cast)
    draft = find(records)
    assert draft is not None
    assert draft.keeps == (KeptWarning("hold", "the next block offers a way without", "Cora Coach"),)
    with records.writing() as tx:
        people.remove_person(tx, cast.coach.id)
    draft = find(records)
    assert draft is not None
    assert (draft.changed_by, draft.changed_by_name, draft.keeps[0].by) == (None, None, "")
    with records.writing() as tx:
        drafts.remove_kept_warning(tx, FEET, "hold")
        assert drafts.list_kept_warnings(tx, FEET) == ()


def test_who_has_a_text_open_is_known_until_not_seen_for_long(records: Records, cast: Cast) -> None:
    def note(person_id: str, minutes: int) -> None:
        with records.writing() as tx:
            at = NOON + minutes * MINUTE
            drafts.note_open(tx, FEET, person_id, at, forget_before=at - 60 * MINUTE)

    note(cast.coach.id, 0)
    note(cast.admin.id, 1)
    note(cast.coach.id, 2)
    with records.reading() as tx:
        names = [(name, at) for _, name, at in drafts.list_open(tx, FEET, seen_after=NOON)]
        assert names == [("Cora Coach", NOON), ("Ada Admin", NOON + MINUTE)]
        assert [name for _, name, _ in drafts.list_open(tx, FEET, seen_after=NOON + 2 * MINUTE)] == ["Cora Coach"]
        assert drafts.list_open(tx, PIES, seen_after=NOON) == []
    note(cast.coach.id, 90)
    with records.reading() as tx:
        assert drafts.list_open(tx, FEET, seen_after=NOON)[0][2] == NOON + 90 * MINUTE


# --- The log ----------------------------------------------------------------------------------------------------------


def test_the_log_grows_in_order_and_the_latest_entry_counts(records: Records, cast: Cast) -> None:
    with records.reading() as tx:
        assert publications.read_latest(tx) == publications.LatestPublication(0, None)
        assert publications.find_latest(tx, FEET) is None
    first, other, taken = enter(records, "one", cast), enter(records, "uno", cast, PIES), enter(records, None, cast)
    assert first.seq < other.seq < taken.seq
    assert (first.text, first.by_name, first.act) == ("one", "Cora Coach", PublicationAct.PUBLISHED)
    with records.reading() as tx:
        assert publications.read_latest(tx).last_seq == taken.seq
        assert publications.find_latest(tx, FEET) == taken
        assert publications.list_history(tx, FEET) == [taken, first]
        assert publications.list_revisions(tx, FEET) == [(taken.seq, None), (first.seq, "r-one")]
        assert publications.get_publication(tx, other.seq) == other
        with pytest.raises(NotFound):
            publications.get_publication(tx, taken.seq + 1)


def test_where_each_text_stands_is_told_from_its_latest_entry(records: Records, cast: Cast) -> None:
    first, other, second = enter(records, "one", cast), enter(records, "uno", cast, PIES), enter(records, "two", cast)
    with records.reading() as tx:
        standing = publications.list_published(tx)
        assert [(one.key, one.seq, one.revision) for one in standing] == [
            (PIES, other.seq, "r-uno"), (FEET, second.seq, "r-two"),
        ]  # fmt: skip
        assert [one.key for one in publications.list_published(tx, after=other.seq)] == [FEET]
        assert [one.key for one in publications.list_published(tx, after=first.seq)] == [PIES, FEET]
        assert publications.list_published(tx, after=second.seq) == []


def test_the_history_stays_without_the_person_who_left(records: Records, cast: Cast) -> None:
    entry = enter(records, "one", cast)
    with records.writing() as tx:
        people.remove_person(tx, cast.coach.id)
        after = publications.get_publication(tx, entry.seq)
    assert (after.by, after.by_name, after.text) == (None, None, "one")


def test_a_renamed_session_keeps_its_place_in_the_plan(records: Records, cast: Cast) -> None:
    with records.writing() as tx:
        plans.set_plan(tx, cast.school.id, MONDAY, ["6"], "feet", cast.coach.id, NOON)
        publications.rename_everywhere(tx, "feet", "toes")
        assert plans.planned_slug(tx, cast.school.id, MONDAY, "6") == "toes"
