"""What tests of training share: the module of docs/authoring.md, ready to take, and somebody who takes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

from tests.support.scratch import DONE, ENTERED, FRIDAY, NOON, Cast, changed, docs_module
from wellness.domain import (
    CheckTry,
    Classroom,
    Completion,
    Language,
    PartKind,
    Person,
    Seen,
    Viewing,
    Walkthrough,
    WalkthroughItem,
)
from wellness.library.prepared import MODULE_JSON, PreparedModule, Text, prepare
from wellness.records import Records, outcomes
from wellness.training import check, parts, visits

SLUG = "words-that-leave-a-choice"
SESSION = "four-square"
PARTS = (PartKind.WHY, PartKind.SEE, PartKind.DO, PartKind.SAY, PartKind.REFLECT, PartKind.PLAN)
"""The parts that are finished by a press."""
BEFORE_CHECK = PARTS[:4]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ALL_SEEN = dict.fromkeys(WalkthroughItem, Seen.SEEN)


@cache
def module(*swaps: tuple[str, str], slug: str = SLUG, language: Language = Language.EN) -> PreparedModule:
    """The module of the guide, with each old piece replaced by the new one. Another text is another revision."""
    outcome = prepare(Text("training", slug, language, f"training/{slug}.md", changed(docs_module(), *swaps)))
    assert outcome.document is not None, outcome.problems
    return MODULE_JSON.validate_json(outcome.document)


def later(again_since: date | None = None) -> PreparedModule:
    """The same module with another text; with a day since when it asks to be taken again."""
    swaps = [("A student who cannot do", "Somebody who cannot do")]
    if again_since is not None:
        swaps.append(("hours: 0.25", f"hours: 0.25\nagain_since: {again_since}"))
    return module(*swaps)


def right_answers(shown: PreparedModule) -> dict[str, tuple[str, ...]]:
    """The right answer to each graded question."""
    return {question.key: question.right for question in shown.graded}


def wrong_answers(shown: PreparedModule) -> dict[str, tuple[str, ...]]:
    """A wrong answer to each graded question."""
    return {
        question.key: tuple(reversed(question.right))
        if len(question.right) == len(question.keys)
        else (sorted(question.keys - set(question.right))[0],)
        for question in shown.graded
    }


def finish(
    records: Records, person: Person, one: PreparedModule, *kinds: PartKind, at: datetime = NOON, today: date = FRIDAY
) -> Completion | None:
    """Finish these parts; what the last press gave."""
    given = None
    for kind in kinds:
        given = parts.finish_part(records, person, one, kind, at, today)
    return given


def try_check(
    records: Records,
    person: Person,
    shown: PreparedModule,
    *,
    current: PreparedModule | None = None,
    right: bool = True,
    at: datetime = NOON,
    today: date = FRIDAY,
    try_id: str | None = None,
) -> CheckTry:
    """Hand the check in with all answers right, or all of them wrong."""
    answers = right_answers(shown) if right else wrong_answers(shown)
    try_id = try_id or check.new_try_id()
    return check.submit(records, person, shown, current or shown, try_id=try_id, answers=answers, at=at, today=today)


def complete(
    records: Records, person: Person, one: PreparedModule, *, at: datetime = NOON, today: date = FRIDAY
) -> Completion:
    """Take the whole module; its completion."""
    finish(records, person, one, *PARTS, at=at, today=today)
    try_check(records, person, one, at=at, today=today)
    with records.reading() as tx:
        completion = parts.state_of(tx, person, one, today).completion
    assert completion is not None
    return completion


def deliver(
    records: Records,
    by: Person,
    classroom: Classroom,
    on_day: date = FRIDAY,
    slug: str = SESSION,
    at: datetime = NOON,
    batch_id: str = "",
) -> Viewing:
    """The class did the session on that day. `batch_id` names the press, to take it back."""
    with records.writing() as tx:
        viewing, _ = outcomes.enter_outcome(
            tx,
            batch_id or check.new_try_id(),
            classroom.id,
            slug,
            "r1",
            on_day,
            DONE,
            by.id,
            ENTERED[by.role],
            at,
            False,
        )
    return viewing


def visit(
    records: Records,
    cast: Cast,
    *,
    on_day: date = FRIDAY,
    slug: str = SESSION,
    teacher: Person | None = None,
    **other: object,
) -> Walkthrough:
    """The coach visits Room 12; `other` replaces what is said."""
    said: dict[str, object] = {
        "slug": slug,
        "on_day": on_day,
        "led_by": (teacher or cast.teacher).id,
        "items": ALL_SEEN,
        "glow": "The choices came first.",
        "next_step": "Leave one more breath of quiet.",
        "at": NOON,
        "today": on_day,
    }
    return visits.note(records, cast.coach, cast.room_12, **(said | other))  # type: ignore[arg-type]
