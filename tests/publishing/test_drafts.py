"""Writing, publishing and catching up: nothing is lost, nothing is overwritten unseen, and the three places agree."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.scratch import (
    MONDAY,
    NOON,
    Cast,
    add_cast,
    add_person,
    changed,
    docs_module,
    fresh_records,
    short_session,
    small_library,
)
from wellness.catalogue import Catalogue
from wellness.domain import Language, PartKind, Person, Publication, PublicationAct, Role, TextKey, TextKind
from wellness.errors import Conflict, Invalid, NotFound, Unavailable
from wellness.library.files import Library
from wellness.library.sandbox import Sandbox
from wellness.library.session import revision_of
from wellness.media import MediaStore
from wellness.publishing import drafts, publish
from wellness.publishing.drafts import DraftConflict
from wellness.publishing.publish import Unpublishable
from wellness.publishing.sync import sync, verify
from wellness.records import Records, audit_log, people, plans, publications, training
from wellness.stores import Stores

FEET = TextKey(TextKind.SESSION, "feet")
PIES = replace(FEET, language=Language.ES)
HANDS = TextKey(TextKind.SESSION, "hands")
NEW = TextKey(TextKind.SESSION, "new-one")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Studio:
    """One instance with two small sessions, caught up, and the people of the cast."""

    home: Path
    desk: Stores
    cast: Cast
    other_coach: Person

    @property
    def coach(self) -> Person:
        return self.cast.coach

    def file(self, key: TextKey = FEET) -> Path:
        return self.desk.library.root / key.file

    def shown(self, slug: str = "feet", language: Language = Language.EN) -> str | None:
        """The title of the session as a visitor sees it now."""
        session = self.desk.catalogue.find_session(slug, language)
        return session.title if session is not None else None

    def catch_up(self, at: datetime = NOON) -> int:
        return sync(self.desk, at)

    def write(self, text: str, key: TextKey = FEET, at: datetime = NOON) -> int:
        """Save the coach's draft, as the editor does; its version."""
        version = drafts.open_text(self.desk, key).version
        return drafts.save_draft(self.desk, key, text, self.coach, at, version=version).version

    def publish(self, text: str, key: TextKey = FEET, at: datetime = NOON) -> Publication:
        return publish.publish(self.desk, key, self.coach, at, version=self.write(text, key, at))

    def acts(self, key: TextKey = FEET) -> list[PublicationAct]:
        """What the history says, the newest first."""
        return [one.act for one in publish.list_history(self.desk, key)]

    def notes(self) -> list[tuple[str, str, str]]:
        """The audit log, the newest first."""
        with self.desk.records.reading() as tx:
            return [(entry.action, entry.object, entry.role) for entry in audit_log.list_audit(tx)]


@pytest.fixture(scope="module")
def workshop() -> Iterator[Sandbox]:
    opened = Sandbox(processes=1)
    yield opened
    opened.close()


def desk_of(home: Path, records: Records, workshop: Sandbox) -> Stores:
    """A desk as another process over the same instance has it."""
    media = MediaStore(home / "media")
    return Stores(
        records,
        Catalogue(home / "catalogue.db", Library(home / "library"), workshop, media.list_facts),
        workshop,
        media,
    )


@pytest.fixture
def studio(tmp_path: Path, workshop: Sandbox) -> Iterator[Studio]:
    home = tmp_path / "home"
    home.mkdir()
    small_library(home / "library", feet="Feet", hands="Hands")
    records = fresh_records(home)
    with records.writing() as tx:
        cast = add_cast(tx)
        other = add_person(tx, "Olga Other", Role.COACH, cast.school.id)
    desk = desk_of(home, records, workshop)
    sync(desk, NOON)
    yield Studio(home, desk, cast, other)
    assert verify(desk) == [], "every test leaves log, library and catalogue in step"
    desk.catalogue.release()
    records.close()


GOOD = short_session("Feet and toes")
BETTER = short_session("Feet, toes and heels")
BROKEN = changed(GOOD, ("minutes: 12", "minutes: twelve"))
BY_HAND = short_session("Feet by hand")


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_what_was_in_the_folder_is_in_the_log_and_shown(studio: Studio) -> None:
    assert studio.shown() == "Feet"
    assert studio.acts() == [PublicationAct.OUTSIDE]
    states = {state.key: state for state in drafts.list_texts(studio.desk, NOON)}
    assert set(states) == {FEET, HANDS}
    assert (states[FEET].title, states[FEET].has_published, states[FEET].draft) == ("Feet", True, None)
    assert (states[FEET].errors, states[FEET].warnings, states[FEET].act) == (0, 0, PublicationAct.OUTSIDE)


def test_a_draft_changes_nothing_for_visitors(studio: Studio) -> None:
    studio.write(GOOD)
    assert studio.catch_up() == 0
    assert studio.shown() == "Feet"
    opened = drafts.open_text(studio.desk, FEET)
    assert opened.text == GOOD
    assert opened.draft is not None
    assert opened.published is not None
    assert opened.draft.base_revision == opened.published.revision


def test_the_list_says_who_writes_what_and_what_is_wrong_with_it(studio: Studio) -> None:
    studio.write(BROKEN, at=NOON + MINUTE)
    first = drafts.list_texts(studio.desk, NOON)[0]
    assert (first.key, first.title, first.changed_by_name, first.changed_at) == (
        FEET, "Feet and toes", "Cora Coach", NOON + MINUTE,
    )  # fmt: skip
    assert (first.errors, first.warnings) == (1, 0)


def test_a_new_text_is_a_draft_until_it_is_published(studio: Studio) -> None:
    draft = drafts.begin_draft(studio.desk, NEW, GOOD, studio.coach, NOON)
    assert studio.shown("new-one") is None
    state = next(state for state in drafts.list_texts(studio.desk, NOON) if state.key == NEW)
    assert not state.has_published
    publish.publish(studio.desk, NEW, studio.coach, NOON, version=draft.version)
    assert studio.shown("new-one") == "Feet and toes"
    assert studio.file(NEW).read_text(encoding="utf-8") == GOOD


def test_a_new_text_does_not_take_the_place_of_another(studio: Studio) -> None:
    with pytest.raises(Conflict) as refused:
        drafts.begin_draft(studio.desk, FEET, GOOD, studio.coach, NOON)
    assert refused.value.yours == GOOD
    drafts.begin_draft(studio.desk, NEW, GOOD, studio.coach, NOON)
    with pytest.raises(Conflict):
        drafts.begin_draft(studio.desk, NEW, BETTER, studio.other_coach, NOON)


@pytest.mark.parametrize("slug", ["../secret", "..", "", "a/b", "A", "a.es", "x" * 81, "feet\n", "a b", "ñ"])
def test_an_address_that_is_none_is_refused_and_reaches_no_file(studio: Studio, slug: str) -> None:
    key = TextKey(TextKind.SESSION, slug)
    with pytest.raises(Invalid) as refused:
        drafts.begin_draft(studio.desk, key, GOOD, studio.coach, NOON)
    assert refused.value.fields["slug"] == (
        "Write the web address in lowercase letters, numbers and hyphens, like four-square-breathing."
    )
    with pytest.raises(NotFound):
        drafts.open_text(studio.desk, key)
    with pytest.raises(Invalid):
        publish.rename(studio.desk, FEET, slug, studio.coach, NOON)
    with pytest.raises(NotFound):
        studio.desk.library.find_text(key)
    assert not (studio.home / "secret.md").exists()


def test_saving_the_same_words_again_is_no_new_version(studio: Studio) -> None:
    version = studio.write(GOOD)
    assert drafts.save_draft(studio.desk, FEET, GOOD, studio.other_coach, NOON, version=0).version == version


def test_two_people_never_overwrite_each_other_unseen(studio: Studio) -> None:
    opened = drafts.open_text(studio.desk, FEET)
    studio.write(GOOD)
    with pytest.raises(DraftConflict) as refused:
        drafts.save_draft(studio.desk, FEET, BETTER, studio.other_coach, NOON, version=opened.version)
    assert (refused.value.mine, refused.value.draft.text, refused.value.draft.changed_by_name) == (
        BETTER, GOOD, "Cora Coach",
    )  # fmt: skip
    assert drafts.open_text(studio.desk, FEET).text == GOOD
    seen = refused.value.draft.version
    assert drafts.save_draft(studio.desk, FEET, BETTER, studio.other_coach, NOON, version=seen).text == BETTER


def test_a_form_from_before_a_publication_cannot_overwrite_it(studio: Studio) -> None:
    before = drafts.open_text(studio.desk, FEET).version
    studio.publish(GOOD)
    with pytest.raises(DraftConflict) as refused:
        drafts.save_draft(studio.desk, FEET, BETTER, studio.other_coach, NOON, version=before)
    assert refused.value.draft.text == GOOD
    drafts.save_draft(studio.desk, FEET, BETTER, studio.other_coach, NOON, version=refused.value.draft.version)


def test_a_draft_that_is_thrown_away_leaves_the_page(studio: Studio) -> None:
    version = studio.write(GOOD)
    with pytest.raises(DraftConflict):
        drafts.discard_draft(studio.desk, FEET, studio.coach, NOON, version=version - 1)
    drafts.discard_draft(studio.desk, FEET, studio.coach, NOON, version=version)
    assert drafts.open_text(studio.desk, FEET).draft is None
    assert studio.shown() == "Feet"
    with pytest.raises(NotFound):
        drafts.discard_draft(studio.desk, FEET, studio.coach, NOON, version=version)


UNWRITABLE = {
    "100 MB": ("x" * 100_000_000, "This is too long to save. The limit is 256 KB."),
    "NUL": ("a\0b", "The text contains a character that can’t be saved. Retype that part."),
    "half a sign": ("a\ud800b", "The text contains a character that can’t be saved. Retype that part."),
}


@pytest.mark.parametrize(("text", "says"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_a_text_that_cannot_be_a_file_is_refused_with_a_sentence(studio: Studio, text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        studio.write(text)
    assert says in refused.value.fields["text"]
    assert drafts.open_text(studio.desk, FEET).draft is None


HOSTILE = {
    "5,000 brackets": "[" * 5000,
    "5,000 brackets in the facts": "---\n" + "[" * 5000 + "\n---\n",
    "a YAML alias": changed(GOOD, ("skill: ", "skill: &a "), ("drawing: feet", "drawing: *a")),
    "a key twice": changed(GOOD, ("minutes: 12", "minutes: 12\nminutes: 13")),
    "nothing": "",
    "no facts": "Hello",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_can_be_drafted_and_not_published(studio: Studio, text: str) -> None:
    version = studio.write(text)
    with pytest.raises(Unpublishable) as refused:
        publish.publish(studio.desk, FEET, studio.coach, NOON, version=version)
    assert refused.value.problems
    assert all(problem.message for problem in refused.value.problems)
    assert studio.shown() == "Feet"
    assert drafts.open_text(studio.desk, FEET).text == text


def test_windows_line_ends_become_plain_ones(studio: Studio) -> None:
    studio.write(GOOD.replace("\n", "\r\n"))
    assert drafts.open_text(studio.desk, FEET).text == GOOD


def test_a_warning_is_kept_with_a_reason_and_shows_again_without(studio: Studio) -> None:
    studio.write(GOOD)
    with pytest.raises(Invalid):
        drafts.keep_warning(studio.desk, FEET, "hold", "  ", studio.coach, NOON)
    drafts.keep_warning(studio.desk, FEET, "hold", "a way without follows", studio.coach, NOON)
    draft = drafts.open_text(studio.desk, FEET).draft
    assert draft is not None
    assert [(keep.warning, keep.reason, keep.by) for keep in draft.keeps] == [
        ("hold", "a way without follows", "Cora Coach")
    ]
    drafts.reopen_warning(studio.desk, FEET, "hold", studio.coach, NOON)
    draft = drafts.open_text(studio.desk, FEET).draft
    assert draft is not None
    assert draft.keeps == ()


def test_the_second_person_is_told_who_has_the_text_open(studio: Studio) -> None:
    drafts.note_open(studio.desk, FEET, studio.coach, NOON)
    assert drafts.list_others(studio.desk, FEET, studio.coach, NOON) == []
    assert drafts.list_others(studio.desk, FEET, studio.other_coach, NOON + MINUTE) == [("Cora Coach", NOON)]
    assert drafts.list_others(studio.desk, FEET, studio.other_coach, NOON + 3 * MINUTE) == []
    studio.write(GOOD, at=NOON)
    later = drafts.list_others(studio.desk, FEET, studio.other_coach, NOON + 60 * MINUTE)
    assert later == [("Cora Coach", NOON)]


# --- Publishing -------------------------------------------------------------------------------------------------------


def test_a_published_text_is_on_the_page_in_the_file_and_in_the_history_at_once(studio: Studio) -> None:
    entry = studio.publish(GOOD)
    assert studio.shown() == "Feet and toes"
    assert studio.file().read_text(encoding="utf-8") == GOOD
    assert entry.revision == revision_of(GOOD)
    assert publish.list_history(studio.desk, FEET)[0] == entry
    assert publish.get_publication(studio.desk, entry.seq) == entry
    assert drafts.open_text(studio.desk, FEET).draft is None
    assert studio.catch_up() == 0
    assert studio.notes()[0] == ("publish text", "sessions/feet.md", "coach")


def test_a_text_with_an_error_is_not_published_and_every_problem_is_told(studio: Studio) -> None:
    version = studio.write(changed(BROKEN, ("drawing: feet", "drawing: elephant")))
    with pytest.raises(Unpublishable) as refused:
        publish.publish(studio.desk, FEET, studio.coach, NOON, version=version)
    assert "whole number" in " ".join(problem.message for problem in refused.value.problems)
    assert studio.acts() == [PublicationAct.OUTSIDE]
    assert not list(studio.file().parent.glob(".*"))


def test_a_warning_does_not_stop_publishing(studio: Studio) -> None:
    studio.publish(short_session("Feet and toes", "Close your eyes."))
    assert studio.shown() == "Feet and toes"


def test_a_draft_that_was_saved_since_is_not_published_unseen(studio: Studio) -> None:
    version = studio.write(GOOD)
    drafts.save_draft(studio.desk, FEET, BETTER, studio.other_coach, NOON, version=version)
    with pytest.raises(DraftConflict) as refused:
        publish.publish(studio.desk, FEET, studio.coach, NOON, version=version)
    assert refused.value.draft.text == BETTER
    assert studio.shown() == "Feet"


def test_of_two_publishes_at_once_one_is_told(studio: Studio, workshop: Sandbox) -> None:
    version = studio.write(GOOD)
    answers: list[object] = []
    start = threading.Barrier(4)

    def press() -> None:
        own = desk_of(studio.home, studio.desk.records, workshop)
        start.wait()
        try:
            answers.append(publish.publish(own, FEET, studio.coach, NOON, version=version))
        except (NotFound, Conflict) as error:
            answers.append(error)
        own.catalogue.release()

    presses = [threading.Thread(target=press) for _ in range(4)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sum(isinstance(answer, Publication) for answer in answers) == 1
    assert studio.acts() == [PublicationAct.PUBLISHED, PublicationAct.OUTSIDE]
    assert studio.shown() == "Feet and toes"


def test_a_scheduled_text_goes_live_at_its_time_and_not_before(studio: Studio) -> None:
    version, due = studio.write(GOOD), NOON + 60 * MINUTE
    publish.schedule(studio.desk, FEET, due, studio.coach, NOON, version=version)
    assert studio.catch_up(due - MINUTE) == 0
    assert studio.shown() == "Feet"
    assert studio.catch_up(due) == 1
    assert studio.shown() == "Feet and toes"
    entry = publish.list_history(studio.desk, FEET)[0]
    assert (entry.by_name, entry.at) == ("Cora Coach", due)
    assert studio.catch_up(due + MINUTE) == 0


def test_a_schedule_can_be_taken_back(studio: Studio) -> None:
    version = studio.write(GOOD)
    publish.schedule(studio.desk, FEET, NOON + MINUTE, studio.coach, NOON, version=version)
    assert publish.unschedule(studio.desk, FEET, studio.coach, NOON).publish_at is None
    assert studio.catch_up(NOON + 2 * MINUTE) == 0
    assert studio.shown() == "Feet"


def test_a_time_that_has_passed_and_a_text_with_errors_are_not_scheduled(studio: Studio) -> None:
    version = studio.write(GOOD)
    with pytest.raises(Invalid) as refused:
        publish.schedule(studio.desk, FEET, NOON, studio.coach, NOON, version=version)
    assert "publish_at" in refused.value.fields
    version = studio.write(BROKEN)
    with pytest.raises(Unpublishable):
        publish.schedule(studio.desk, FEET, NOON + MINUTE, studio.coach, NOON, version=version)


def test_a_scheduled_text_that_became_wrong_waits_as_a_draft_and_the_log_says_why(studio: Studio) -> None:
    version = studio.write(GOOD)
    publish.schedule(studio.desk, FEET, NOON + MINUTE, studio.coach, NOON, version=version)
    studio.write(BROKEN)
    assert studio.catch_up(NOON + 2 * MINUTE) == 0
    draft = drafts.open_text(studio.desk, FEET).draft
    assert draft is not None
    assert draft.publish_at is None
    assert studio.notes()[0] == ("could not publish at its time", "sessions/feet.md", "site")
    assert studio.shown() == "Feet"


def test_a_scheduled_text_never_overwrites_what_was_changed_outside_since(studio: Studio) -> None:
    version = studio.write(GOOD)
    publish.schedule(studio.desk, FEET, NOON + MINUTE, studio.coach, NOON, version=version)
    studio.file().write_text(BY_HAND, encoding="utf-8")
    studio.catch_up(NOON + 2 * MINUTE)
    assert studio.shown() == "Feet by hand"
    assert drafts.open_text(studio.desk, FEET).text == GOOD


def test_a_clock_that_goes_back_changes_no_order(studio: Studio) -> None:
    studio.publish(GOOD, at=NOON)
    studio.publish(BETTER, at=NOON - timedelta(days=400))
    assert studio.shown() == "Feet, toes and heels"
    assert [one.text for one in publish.list_history(studio.desk, FEET)][:2] == [BETTER, GOOD]
    version = studio.write(GOOD)
    publish.schedule(studio.desk, FEET, NOON + MINUTE, studio.coach, NOON, version=version)
    studio.catch_up(NOON + MINUTE)
    assert studio.catch_up(NOON - timedelta(days=400)) == 0
    assert studio.shown() == "Feet and toes"


def test_a_text_is_taken_down_and_can_be_restored(studio: Studio) -> None:
    publish.unpublish(studio.desk, FEET, studio.coach, NOON)
    assert studio.shown() is None
    assert not studio.file().exists()
    assert studio.catch_up() == 0
    first = publish.list_history(studio.desk, FEET)[-1]
    opened = drafts.open_text(studio.desk, FEET)
    assert (opened.published, opened.draft, opened.text) == (None, None, first.text)
    restored = publish.restore(studio.desk, FEET, first.seq, studio.coach, NOON)
    assert studio.shown() == "Feet"
    assert restored.act is PublicationAct.RESTORED
    assert studio.acts() == [PublicationAct.RESTORED, PublicationAct.UNPUBLISHED, PublicationAct.OUTSIDE]


def test_what_is_not_published_cannot_be_taken_down(studio: Studio) -> None:
    with pytest.raises(NotFound):
        publish.unpublish(studio.desk, NEW, studio.coach, NOON)
    with pytest.raises(Invalid, match="needs this page"):
        publish.unpublish(studio.desk, TextKey(TextKind.PAGE, "help"), studio.coach, NOON)


def test_a_text_that_was_taken_down_can_be_written_on(studio: Studio) -> None:
    version = studio.write(GOOD)
    publish.unpublish(studio.desk, FEET, studio.coach, NOON)
    publish.publish(studio.desk, FEET, studio.coach, NOON, version=version)
    assert studio.shown() == "Feet and toes"
    publish.unpublish(studio.desk, FEET, studio.coach, NOON)
    studio.publish(BETTER)
    assert studio.shown() == "Feet, toes and heels"


def test_only_a_text_of_the_same_history_is_restored_and_only_when_it_is_right(studio: Studio) -> None:
    hands = publish.list_history(studio.desk, HANDS)[0]
    with pytest.raises(NotFound):
        publish.restore(studio.desk, FEET, hands.seq, studio.coach, NOON)
    studio.file().write_text(BROKEN, encoding="utf-8")
    studio.catch_up()
    studio.publish(GOOD)
    broken = publish.list_history(studio.desk, FEET)[1]
    with pytest.raises(Unpublishable):
        publish.restore(studio.desk, FEET, broken.seq, studio.coach, NOON)


# --- Another address --------------------------------------------------------------------------------------------------


def translation(title: str) -> str:
    text = short_session(title)
    for name in ("minutes:", "short:", "grades:", "competency:", "needs:", "drawing:", "author:", "license:"):
        line = next(line for line in text.split("\n") if line.startswith(name))
        text = changed(text, (f"{line}\n", ""))
    return changed(text, (text[text.index("sources:") : text.index("---", 4)], ""))


def test_a_renamed_session_takes_its_translation_its_draft_and_its_plan_along(studio: Studio) -> None:
    drafts.begin_draft(studio.desk, PIES, translation("Pies"), studio.coach, NOON)
    publish.publish(studio.desk, PIES, studio.coach, NOON, version=1)
    studio.write(GOOD)
    with studio.desk.records.writing() as tx:
        plans.set_plan(tx, studio.cast.school.id, MONDAY, ["6"], "feet", studio.coach.id, NOON)
    new = publish.rename(studio.desk, FEET, "toes", studio.coach, NOON)
    assert new == replace(FEET, slug="toes")
    assert (studio.shown("toes"), studio.shown("toes", Language.ES)) == ("Feet", "Pies")
    assert (studio.file().exists(), studio.file(PIES).exists()) == (False, False)
    assert studio.desk.catalogue.find_alias(TextKind.SESSION, "feet") == "toes"
    assert studio.shown("feet") == "Feet", "the old name still finds it"
    draft = drafts.open_text(studio.desk, new).draft
    assert draft is not None
    publish.publish(studio.desk, new, studio.coach, NOON, version=draft.version)
    assert studio.shown("feet") == "Feet and toes"
    with studio.desk.records.reading() as tx:
        assert plans.planned_slug(tx, studio.cast.school.id, MONDAY, "6") == "toes"
    assert FEET not in {state.key for state in drafts.list_texts(studio.desk, NOON)}


def test_a_renamed_module_takes_what_staff_did_along(studio: Studio) -> None:
    key = TextKey(TextKind.TRAINING, "words")
    drafts.begin_draft(studio.desk, key, docs_module(), studio.coach, NOON)
    publish.publish(studio.desk, key, studio.coach, NOON, version=1)
    with studio.desk.records.writing() as tx:
        training.note_done(tx, studio.coach.id, "words", PartKind.WHY, NOON)
        training.note_done(tx, studio.coach.id, "feet", PartKind.WHY, NOON)
    publish.rename(studio.desk, key, "sentences", studio.coach, NOON)
    publish.rename(studio.desk, FEET, "toes", studio.coach, NOON)
    with studio.desk.records.reading() as tx:
        assert {slug for _, slug in training.list_progress(tx, [studio.coach.id])} == {"sentences", "feet"}


def test_a_name_can_be_taken_back(studio: Studio) -> None:
    new = publish.rename(studio.desk, FEET, "toes", studio.coach, NOON)
    publish.rename(studio.desk, new, "feet", studio.coach, NOON)
    assert studio.desk.catalogue.find_alias(TextKind.SESSION, "toes") == "feet"
    assert studio.desk.catalogue.find_alias(TextKind.SESSION, "feet") is None
    assert "aliases: [toes]" in studio.file().read_text(encoding="utf-8")


def test_an_address_that_is_in_use_or_was_is_not_given_away(studio: Studio) -> None:
    with pytest.raises(Invalid):
        publish.rename(studio.desk, FEET, "hands", studio.coach, NOON)
    publish.rename(studio.desk, FEET, "toes", studio.coach, NOON)
    with pytest.raises(Invalid):
        publish.rename(studio.desk, HANDS, "feet", studio.coach, NOON)
    with pytest.raises(Invalid):
        drafts.begin_draft(studio.desk, FEET, GOOD, studio.coach, NOON)
    with pytest.raises(NotFound):
        publish.rename(studio.desk, NEW, "newer", studio.coach, NOON)
    with pytest.raises(Invalid):
        publish.rename(studio.desk, TextKey(TextKind.PAGE, "help"), "aid", studio.coach, NOON)


# --- Other hands ------------------------------------------------------------------------------------------------------


def test_a_file_edited_outside_is_shown_and_kept_in_the_history_with_nobodys_name(studio: Studio) -> None:
    studio.publish(GOOD)
    studio.file().write_text(BY_HAND, encoding="utf-8")
    assert studio.catch_up() == 1
    assert studio.shown() == "Feet by hand"
    entry = publish.list_history(studio.desk, FEET)[0]
    assert (entry.act, entry.by, entry.text) == (PublicationAct.OUTSIDE, None, BY_HAND)
    assert (
        next(state for state in drafts.list_texts(studio.desk, NOON) if state.key == FEET).act is PublicationAct.OUTSIDE
    )
    assert studio.catch_up() == 0


def test_an_outside_edit_between_draft_and_press_is_a_conflict_with_both_texts(studio: Studio) -> None:
    version = studio.write(GOOD)
    studio.file().write_text(BY_HAND, encoding="utf-8")
    with pytest.raises(Conflict) as refused:
        publish.publish(studio.desk, FEET, studio.coach, NOON, version=version)
    assert (refused.value.theirs, refused.value.yours) == (BY_HAND, GOOD)
    studio.catch_up()
    assert studio.shown() == "Feet by hand"
    with pytest.raises(Conflict):
        publish.publish(studio.desk, FEET, studio.coach, NOON, version=version, seen="an older one")
    seen = revision_of(BY_HAND)
    publish.publish(studio.desk, FEET, studio.coach, NOON, version=version, seen=seen)
    assert studio.shown() == "Feet and toes"
    assert [one.text for one in publish.list_history(studio.desk, FEET)][:2] == [GOOD, BY_HAND]


def test_a_file_put_back_to_an_old_text_is_an_outside_change_too(studio: Studio) -> None:
    old = studio.file().read_text(encoding="utf-8")
    studio.publish(GOOD)
    studio.file().write_text(old, encoding="utf-8")
    studio.catch_up()
    assert studio.shown() == "Feet"
    assert studio.acts() == [PublicationAct.OUTSIDE, PublicationAct.PUBLISHED, PublicationAct.OUTSIDE]


def test_a_file_removed_outside_is_taken_down_and_can_be_restored(studio: Studio) -> None:
    studio.file().unlink()
    assert studio.catch_up() == 1
    assert studio.shown() is None
    gone, first = publish.list_history(studio.desk, FEET)
    assert (gone.act, gone.text) == (PublicationAct.OUTSIDE, None)
    publish.restore(studio.desk, FEET, first.seq, studio.coach, NOON)
    assert studio.shown() == "Feet"


def test_a_new_file_appears_as_an_outside_change(studio: Studio) -> None:
    studio.file(NEW).write_text(GOOD, encoding="utf-8")
    studio.catch_up()
    assert studio.shown("new-one") == "Feet and toes"
    assert studio.acts(NEW) == [PublicationAct.OUTSIDE]


def test_a_broken_outside_edit_is_kept_and_the_last_good_page_stays(studio: Studio) -> None:
    studio.file().write_text(BROKEN, encoding="utf-8")
    studio.catch_up()
    assert studio.shown() == "Feet"
    assert publish.list_history(studio.desk, FEET)[0].text == BROKEN
    state = next(state for state in drafts.list_texts(studio.desk, NOON) if state.key == FEET)
    assert state.errors == 1
    studio.publish(GOOD)
    assert studio.shown() == "Feet and toes"


UNREADABLE = {"Latin-1": b"---\ntitle: Caf\xe9\n---\n", "too long": b"x" * 300_000, "UTF-16": b"\xff\xfe-\0-\0"}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_an_outside_file_that_cannot_be_read_is_never_overwritten(studio: Studio, data: bytes) -> None:
    version, good = studio.write(GOOD), studio.file().read_bytes()
    studio.file().write_bytes(data)
    assert studio.catch_up() == 0
    with pytest.raises(Invalid, match=r"edited outside the site and can’t be read, so nothing was changed\."):
        publish.publish(studio.desk, FEET, studio.coach, NOON, version=version)
    assert studio.file().read_bytes() == data
    assert studio.shown() == "Feet"
    assert [problem.file for problem in verify(studio.desk)] == ["sessions/feet.md"]
    studio.file().write_bytes(good)
    studio.catch_up()


def test_a_file_that_became_unreadable_while_a_publication_waited_is_kept_aside(studio: Studio) -> None:
    with studio.desk.records.writing() as tx:  # as a process leaves it that is killed after the entry in the log
        add = publications.add_publication
        add(tx, FEET, PublicationAct.PUBLISHED, text=GOOD, revision=revision_of(GOOD), by=None, at=NOON)
    studio.file().write_bytes(b"\xff")
    studio.catch_up()
    assert studio.shown() == "Feet and toes"
    assert [path.read_bytes() for path in studio.file().parent.glob("feet.md.kept-*")] == [b"\xff"]


def test_a_touched_file_is_no_change(studio: Studio) -> None:
    os.utime(studio.file())
    studio.file(HANDS).write_bytes(studio.file(HANDS).read_bytes().replace(b"\n", b"\r\n"))
    assert studio.catch_up() == 0


def test_a_whole_folder_that_is_gone_takes_nothing_down(studio: Studio) -> None:
    folder = studio.file().parent
    folder.rename(studio.home / "elsewhere")
    with pytest.raises(Unavailable, match="folder"):
        studio.catch_up()
    assert studio.shown() == "Feet"
    (studio.home / "elsewhere").rename(folder)
    assert studio.catch_up() == 0


# --- Other machines ---------------------------------------------------------------------------------------------------


def test_another_machine_learns_of_a_publication_from_the_log(
    studio: Studio, workshop: Sandbox, tmp_path: Path
) -> None:
    other_home = tmp_path / "other"
    small_library(other_home / "library", feet="Feet", hands="Hands")
    other = desk_of(other_home, studio.desk.records, workshop)
    assert sync(other, NOON) > 0
    studio.publish(GOOD)
    publish.unpublish(studio.desk, HANDS, studio.coach, NOON)
    assert sync(other, NOON) == 2
    session = other.catalogue.find_session("feet", Language.EN)
    assert session is not None
    assert session.title == "Feet and toes"
    assert other.catalogue.find_session("hands", Language.EN) is None
    assert (verify(other), studio.acts()) == ([], [PublicationAct.PUBLISHED, PublicationAct.OUTSIDE])
    other.catalogue.release()


def test_a_new_machine_gets_its_library_from_the_log(studio: Studio, workshop: Sandbox, tmp_path: Path) -> None:
    studio.publish(GOOD)
    other = desk_of(tmp_path / "empty", studio.desk.records, workshop)
    (tmp_path / "empty").mkdir()
    sync(other, NOON)
    assert (other.library.root / FEET.file).read_text(encoding="utf-8") == GOOD
    assert verify(other) == []
    other.catalogue.release()


def test_a_lost_catalogue_is_built_again_from_log_and_library(studio: Studio) -> None:
    studio.publish(GOOD)
    studio.desk.catalogue.path.unlink()
    assert verify(studio.desk) != []
    studio.catch_up()
    assert studio.shown() == "Feet and toes"
    assert studio.acts() == [PublicationAct.PUBLISHED, PublicationAct.OUTSIDE]


def test_what_was_taken_in_without_the_log_is_entered_at_the_next_look(studio: Studio) -> None:
    studio.file().write_text(BY_HAND, encoding="utf-8")
    studio.desk.catalogue.build()
    assert studio.shown() == "Feet by hand"
    assert [problem.file for problem in verify(studio.desk)] == ["sessions/feet.md"]
    assert studio.catch_up() == 1
    assert studio.acts()[0] is PublicationAct.OUTSIDE


# --- Faults -----------------------------------------------------------------------------------------------------------


def test_what_left_the_school_stays_published_without_the_name(studio: Studio) -> None:
    studio.publish(GOOD)
    with studio.desk.records.writing() as tx:
        people.remove_person(tx, studio.coach.id)
    assert publish.list_history(studio.desk, FEET)[0].by_name is None
    assert studio.shown() == "Feet and toes"


def test_instants_are_kept_in_utc(studio: Studio) -> None:
    assert studio.publish(GOOD, at=datetime(2026, 9, 18, 17, tzinfo=UTC)).at.utcoffset() == timedelta(0)
