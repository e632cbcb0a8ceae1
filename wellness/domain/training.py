"""A training module, its questions, when a check is passed, and what a teacher and a coach do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from .content import Block
from .vocabulary import Language


class QuestionKind(StrEnum):
    """What a teacher does with a question of a training module."""

    CHOOSE_ONE = "choose one"
    CHOOSE_SEVERAL = "choose several"
    PUT_IN_ORDER = "put in order"
    WHAT_WOULD_YOU_SAY = "what would you say"

    @property
    def is_graded(self) -> bool:
        """Whether an answer can be right or wrong. What somebody would say is never graded."""
        return self is not QuestionKind.WHAT_WOULD_YOU_SAY


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a question offers, or one sentence to compare with; `key` tells it from the question's others.

    In what is put in order each option is right, and its place is what matters.
    """

    key: str
    text: str
    feedback: str
    is_right: bool
    line: int


class Gradable(Protocol):
    """A question whose answers can be graded: `right` is the keys of the right answer, in order where that matters."""

    @property
    def kind(self) -> QuestionKind:
        """What is to be done."""

    @property
    def right(self) -> tuple[str, ...]:
        """The right answer."""

    @property
    def keys(self) -> frozenset[str]:
        """The keys an answer may be made of."""


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario and what one might do; the options stand in the order of the file, which is the right one."""

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
    """Whether the keys in `answer` are the right answer, all of it and nothing else.

    Raises ValueError for an answer that this question does not offer: an unknown key, one given twice, two where one is to be
    chosen, a part of what is to be put in order, any answer to a question that is not graded. No answer at all is wrong.
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
"""Percent of the graded questions, where a module does not say."""


def answers_needed(graded: int, pass_mark: int) -> int:
    """How many of so many graded questions have to be right for a pass mark in percent: 4 of 5 for 80."""
    return -(-graded * pass_mark // 100)


def is_passed(right: int, graded: int, pass_mark: int) -> bool:
    """Whether so many right answers are enough. A check without graded questions cannot be passed."""
    return graded > 0 and right >= answers_needed(graded, pass_mark)


class PartKind(StrEnum):
    """What a part of a training module is for. The order is its shape."""

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
    """One part of a training module. `minutes` is 0 for what happens later: the trial on a real Friday."""

    kind: PartKind
    title: str
    minutes: int
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class TrainingModule:
    """One unit of teacher training, as parsed from its file.

    `pass_mark` is percent of the graded questions, `hours` the contact hours it counts for, None where nobody said.
    Who completed it before `again_since` is asked to take it again. `order` is its place in the list, None for the end.
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


# --- What teachers did with it -----------------------------------------------------------------------------------------


class Level(StrEnum):
    """How far a teacher is with a module: the parts and the check, or also one real Friday that the coach visited."""

    COMPLETED = "completed"
    PRACTISED = "practised"


@dataclass(frozen=True, slots=True)
class PartProgress:
    """When a teacher last looked at one part of a module, and when they said it is done."""

    kind: PartKind
    seen_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckTry:
    """One time the check was handed in, counted against the revision that was shown.

    `answers` are the keys chosen for each question by its key; a graded question without an answer is wrong.
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
    """What a teacher wrote for one place of a module. Nobody else sees it unless `shared_at` is set.

    `prompt` is kept as it was asked, so that it can be printed when the module has changed.
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
    """A teacher finished one revision of a module. It is never taken away; what the certificate states stands here.

    `code` verifies it in public. `hours` are contact hours as they counted on that day.
    """

    code: str
    person_id: str
    person_name: str
    slug: str
    language: Language
    revision: str
    title: str
    issuer: str
    hours: float
    completed_on: date
    completed_at: datetime
    practised_on: date | None = None

    @property
    def level(self) -> Level:
        """What the certificate says."""
        return Level.COMPLETED if self.practised_on is None else Level.PRACTISED


@dataclass(frozen=True, slots=True)
class Assignment:
    """A module the coach asks for, of one person or of everybody who teaches at a school; `due_on` is a kind date."""

    id: str
    slug: str
    school_id: str | None
    person_id: str | None
    due_on: date
    assigned_by: str | None
    assigned_at: datetime


@dataclass(frozen=True, slots=True)
class Facilitation:
    """The one real Friday of a module: planned with a class and a day, filled by a delivered viewing."""

    person_id: str
    slug: str
    classroom_id: str | None
    planned_on: date | None
    viewing_id: int | None


class WalkthroughItem(StrEnum):
    """What a coach looks for on a visit: what was offered, never what a student did."""

    CHOICES = "choices"
    ALONGSIDE = "alongside"
    ALTERNATIVE = "alternative"
    PASSING = "passing"
    CLOSING = "closing"


class Seen(StrEnum):
    """What a coach says of one item. It is no number and never becomes one."""

    SEEN = "seen"
    PARTLY = "partly"
    NOT_SEEN = "not seen"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Walkthrough:
    """A coach's visit to a class that did one session on one day: five items, one glow, one next step.

    `teacher_id` is who led it, None for a substitute or one whose account was removed. Teacher and coach both see it.
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
