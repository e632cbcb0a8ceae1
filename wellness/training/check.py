"""The check of a module: save answers as they are given, submit and grade as often as you like."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from ..domain import CheckTry, Person, QuestionKind, grade, is_passed
from ..errors import Invalid, worded
from ..library.blocks.question import PreparedQuestion
from ..library.prepared import PreparedModule
from ..records import Reading, Records, Writing, training
from .completion import complete_if_done
from .standing import is_check_open, read_facts
from .typed import NOT_SAVED, typed_text

MAX_WORDS = 1000
"""Characters of an answer to an open question."""
_MAX_KEYS = 20
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TRY_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")

_NOT_COUNTED = worded("The check wasn’t submitted. Nothing was scored.")
_STALE_FORM = worded("This form can’t be submitted. Open the check again; your answers are saved.")
_HOW: dict[QuestionKind, str] = {
    QuestionKind.CHOOSE_ONE: worded("Choose one of the answers."),
    QuestionKind.CHOOSE_SEVERAL: worded("Choose from these answers."),
    QuestionKind.PUT_IN_ORDER: worded("Give each line its own number."),
}


def new_try_id() -> str:
    """Return a random id for the try that a form will submit, so that submitting it twice counts once."""
    return secrets.token_urlsafe(16)


def save_answer(
    records: Records, person: Person, slug: str, revision: str, question: str, answer: Sequence[str], at: datetime
) -> None:
    """Save the answer so far to one question of the check at the revision that was shown, without grading.

    An answer is the chosen keys, or one text for an open question. Raises Invalid when it cannot be an answer.
    """
    if not _KEY.fullmatch(question) or not _KEY.fullmatch(revision) or len(answer) > _MAX_KEYS:
        raise Invalid(NOT_SAVED, {question[:64]: worded("That’s not one of the questions. Open the check again.")})
    chosen = [typed_text(one, field=question, limit=MAX_WORDS) for one in answer]
    with records.writing() as tx:
        training.put_answer(tx, person.id, slug, revision, question, chosen, at)


def saved_answers(tx: Reading, person: Person, slug: str, revision: str) -> dict[str, tuple[str, ...]]:
    """Return the saved answers of the person for this revision of the check, by question."""
    return training.list_answers(tx, person.id, slug, revision)


def list_tries(tx: Reading, person: Person, slug: str) -> list[CheckTry]:
    """Return the person's tries at the check of a module, oldest first."""
    return list(training.list_tries(tx, [person.id], slug).get((person.id, slug), ()))


def submit(
    records: Records,
    person: Person,
    shown: PreparedModule,
    current: PreparedModule,
    *,
    try_id: str,
    answers: Mapping[str, Sequence[str]],
    at: datetime,
    today: date,
) -> CheckTry:
    """Grade a submitted check against the revision that was shown, store the try, and complete the module if that was all.

    `current` is the published module. Submitting again with the same `try_id` returns the same try. Raises Invalid while
    parts before the check are missing, and with the questions whose answers are not on offer.
    """
    if not _TRY_ID.fullmatch(try_id) or shown.slug != current.slug:
        raise Invalid(_STALE_FORM)
    with records.writing() as tx:
        known = training.find_try(tx, try_id)
        if known is not None:
            if (known.person_id, known.slug) != (person.id, shown.slug):
                raise Invalid(_STALE_FORM)
            return known
        facts = read_facts(tx, [person], today, shown.slug).facts(person, shown.slug)
        if not is_check_open(facts, current, today) and not is_check_open(facts, shown, today):
            raise Invalid(worded("The check opens once the parts before it are done. Your answers are saved."))
        at = _after(at, facts.tries)
        one = _grade_try(person, shown, try_id, answers, at)
        _store(tx, one)
        complete_if_done(tx, person, current, at, today, shown=shown)
        return one


def _after(at: datetime, tries: Sequence[CheckTry]) -> datetime:
    """Return a time after every earlier try, even when the clock was set back: the order of tries decides which counts."""
    return max([at, *(one.tried_at + timedelta(microseconds=1) for one in tries)])


def _grade_try(
    person: Person, shown: PreparedModule, try_id: str, answers: Mapping[str, Sequence[str]], at: datetime
) -> CheckTry:
    """Return the graded try. Raises Invalid with every question whose answer is not on offer."""
    fields: dict[str, str] = {}
    given: dict[str, tuple[str, ...]] = {}
    right = 0
    for question in shown.questions:
        answer = answers.get(question.key, ())
        try:
            given[question.key], is_right = _grade_answer(question, answer)
            right += is_right
        except Invalid as error:
            fields |= error.fields
        except ValueError:
            fields[question.key] = _HOW[question.kind]
    if set(answers) - given.keys() - fields.keys():
        raise Invalid(_STALE_FORM)
    if fields:
        raise Invalid(_NOT_COUNTED, fields)
    graded = len(shown.graded)
    passed = is_passed(right, graded, shown.pass_mark)
    return CheckTry(try_id, person.id, shown.slug, shown.revision, given, right, graded, passed, at)


def _grade_answer(question: PreparedQuestion, answer: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return the answer to store and whether it is right. An answer to an open question is text and never right."""
    if question.kind.is_graded:
        return tuple(answer), grade(question, answer)
    if len(answer) > 1:
        raise Invalid(_NOT_COUNTED, {question.key: worded("Write what you’d say in one box only.")})
    texts = (typed_text(one, field=question.key, limit=MAX_WORDS) for one in answer)
    return tuple(text for text in texts if text), False


def _store(tx: Writing, one: CheckTry) -> None:
    training.add_try(tx, one)
    training.forget_answers(tx, one.person_id, one.slug, one.revision)
