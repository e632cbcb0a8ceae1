"""Training modules, their questions and grading, and the records of progress, certificates and classroom visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from .content import Block
from .vocabulary import Language


class QuestionKind(StrEnum):
    """Type of a question in a training module."""

    CHOOSE_ONE = "choose one"
    CHOOSE_SEVERAL = "choose several"
    PUT_IN_ORDER = "put in order"
    WHAT_WOULD_YOU_SAY = "what would you say"

    @property
    def is_graded(self) -> bool:
        """Whether an answer can be right or wrong; an open question is never graded."""
        return self is not QuestionKind.WHAT_WOULD_YOU_SAY


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a question offers, or one sample sentence of an open question; `key` is unique in the question.

    In a put-in-order question every option is right and only its position counts.
    """

    key: str
    text: str
    feedback: str
    is_right: bool
    line: int


class Gradable(Protocol):
    """What `grade` needs of a question. `right` has the keys of the right answer, in order for put-in-order."""

    @property
    def kind(self) -> QuestionKind:
        """Type of the question."""

    @property
    def right(self) -> tuple[str, ...]:
        """Keys of the right answer."""

    @property
    def keys(self) -> frozenset[str]:
        """The keys an answer may be made of."""


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario and its options, in the order of the file, which is the right order for put-in-order."""

    kind: QuestionKind
    prompt: str
    options: tuple[Option, ...]
    line: int

    @property
    def right(self) -> tuple[str, ...]:
        """The keys of the right answer."""
        return tuple(option.key for option in self.options if option.is_right)

    @property
    def keys(self) -> frozenset[str]:
        """The keys an answer may be made of."""
        return frozenset(option.key for option in self.options)


def grade(question: Gradable, answer: Sequence[str]) -> bool:
    """Whether the keys in `answer` are exactly the right answer. An empty answer is wrong.

    Raises ValueError for an answer that the form cannot send: an unknown or repeated key, two keys for choose-one, an
    incomplete order, or any answer to an open question.
    """
    if not question.kind.is_graded:
        raise ValueError("an open question is not graded")
    if len(set(answer)) != len(answer) or not question.keys.issuperset(answer):
        raise ValueError("not one of the answers")
    if question.kind is QuestionKind.CHOOSE_ONE and len(answer) > 1:
        raise ValueError("this question has one answer")
    if question.kind is QuestionKind.PUT_IN_ORDER:
        if answer and len(answer) != len(question.right):
            raise ValueError("the order is incomplete")
        return tuple(answer) == question.right
    return set(answer) == set(question.right)


PASS_MARK = 80
"""Percent of the graded questions needed to pass, unless the module sets its own."""


def answers_needed(graded: int, pass_mark: int) -> int:
    """Return how many of `graded` questions must be right for a pass mark in percent: 4 of 5 for 80."""
    return -(-graded * pass_mark // 100)  # ceiling division without floats


def is_passed(right: int, graded: int, pass_mark: int) -> bool:
    """Whether `right` answers pass the check. A check without graded questions cannot be passed."""
    return graded > 0 and right >= answers_needed(graded, pass_mark)


class PartKind(StrEnum):
    """Type of a part of a training module, in the order in which parts appear."""

    WHY = "why"
    SEE = "see it"
    DO = "do it"
    SAY = "say it"
    CHECK = "check"
    REFLECT = "reflect"
    PLAN = "plan"
    TRY = "try"


@dataclass(frozen=True, slots=True)
class ModulePart:
    """One part of a training module. `minutes` is 0 for the trial, which happens later, on a real Friday."""

    kind: PartKind
    title: str
    minutes: int
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class TrainingModule:
    """One unit of teacher training, as parsed from its file.

    `pass_mark` is a percentage of the graded questions. `hours` are contact hours, None when the file has none.
    Staff who completed it before `again_since` are asked to take it again. `order` is its position in the list,
    None for the end.
    """

    slug: str
    language: Language
    title: str
    summary: str
    minutes: int
    author: str
    license: str
    sources: tuple[str, ...]
    aliases: tuple[str, ...]
    parts: tuple[ModulePart, ...]
    revision: str
    pass_mark: int = PASS_MARK
    hours: float | None = None
    again_since: date | None = None
    order: int | None = None


# --- What teachers and coaches did with it -----------------------------------------------------------------------------


class Level(StrEnum):
    """Level of a certificate: parts and check done, or also led on a Friday that a coach visited."""

    COMPLETED = "completed"
    PRACTISED = "practised"


@dataclass(frozen=True, slots=True)
class PartProgress:
    """When a teacher last opened one part of a module, and when they marked it done."""

    kind: PartKind
    seen_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckTry:
    """One submission of the check, graded against the revision that was shown.

    `answers` maps the key of each question to the chosen keys; a graded question without an answer is wrong.
    """

    id: str
    person_id: str
    slug: str
    revision: str
    answers: dict[str, tuple[str, ...]]
    right: int
    graded: int
    is_passed: bool
    tried_at: datetime


@dataclass(frozen=True, slots=True)
class Reflection:
    """A teacher's note at one place of a module, private unless `shared_at` is set.

    `prompt` is a copy of the question, so that the note can be printed after the module has changed.
    """

    person_id: str
    slug: str
    place: str
    prompt: str
    text: str
    changed_at: datetime
    shared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed revision of a module with everything its certificate states. It is never revoked.

    `code` lets anyone verify the certificate. `hours` are the contact hours it counted for on that day.
    `person_id` is None once the account was removed, and `person_name` too unless the district keeps the names.
    `left_school_ids` are then the schools where the person worked.
    """

    code: str
    person_id: str | None
    person_name: str | None
    slug: str
    language: Language
    revision: str
    title: str
    issuer: str
    hours: float
    completed_on: date
    completed_at: datetime
    practised_on: date | None = None
    left_school_ids: frozenset[str] = frozenset()

    @property
    def level(self) -> Level:
        """Level that the certificate states."""
        return Level.COMPLETED if self.practised_on is None else Level.PRACTISED


@dataclass(frozen=True, slots=True)
class Assignment:
    """A module assigned to one person, or to every teacher of a school, with a due date. Exactly one of the two ids is set."""

    id: str
    slug: str
    school_id: str | None
    person_id: str | None
    due_on: date
    assigned_by: str | None
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class Facilitation:
    """The Friday on which a teacher tries a module with a class: first planned, then linked to a delivered viewing."""

    person_id: str
    slug: str
    classroom_id: str | None
    planned_on: date | None
    viewing_id: int | None


class WalkthroughItem(StrEnum):
    """What a coach looks for on a classroom visit: what the teacher offered, never what a student did."""

    CHOICES = "choices"
    ALONGSIDE = "alongside"
    ALTERNATIVE = "alternative"
    PASSING = "passing"
    CLOSING = "closing"


class Seen(StrEnum):
    """A coach's answer to one item of a visit. It is never turned into a number."""

    SEEN = "seen"
    PARTLY = "partly"
    NOT_SEEN = "not seen"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """A coach's classroom visit during one session on one day: five items, one glow, one next step.

    `teacher_id` is the teacher who led the session; None for a substitute (`led_by_substitute`), else after the account
    was removed. Then `glow` and `next_step`, which were written to that person, are empty. Teacher and coach both see
    the visit.
    """

    id: str
    classroom_id: str
    slug: str
    on_day: date
    coach_id: str | None
    coach_name: str | None
    teacher_id: str | None
    teacher_name: str | None
    items: dict[WalkthroughItem, Seen]
    glow: str
    next_step: str
    noted_at: datetime
    led_by_substitute: bool = False
