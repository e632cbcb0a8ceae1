"""The words of the product as plain values. No I/O, no clock, no third-party imports.

Days are `datetime.date` in the school's own time zone, instants are aware UTC `datetime`, lengths are whole minutes or
seconds as the name says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

# --- The vocabulary of a session -------------------------------------------------------------------------------------


class Competency(StrEnum):
    """The five competencies named by CASEL (casel.org, 2020 framework)."""

    SELF_AWARENESS = "self-awareness"
    SELF_MANAGEMENT = "self-management"
    SOCIAL_AWARENESS = "social-awareness"
    RELATIONSHIP_SKILLS = "relationship-skills"
    RESPONSIBLE_DECISION_MAKING = "responsible-decision-making"


class Need(StrEnum):
    """What a student might come for, in a student's words."""

    SETTLE_DOWN = "settle down"
    WAKE_UP = "wake up"
    WORRIED = "worried"
    FOCUS = "focus"
    GET_ALONG = "get along"
    REST = "rest"

    @property
    def key(self) -> str:
        """The need as it stands in an address: `settle-down`."""
        return self.value.replace(" ", "-")

    @classmethod
    def from_key(cls, key: str) -> Need | None:
        """The need that an address names, or None."""
        return next((need for need in cls if key in (need.key, need.value)), None)


GRADES: tuple[str, ...] = ("K", *(str(number) for number in range(1, 13)))


class Band(StrEnum):
    """Grade bands; each session names the bands it was written for."""

    K_2 = "K-2"
    G3_5 = "3-5"
    G6_8 = "6-8"
    G9_12 = "9-12"

    @property
    def grades(self) -> tuple[str, ...]:
        """The single grades of the band, youngest first."""
        first, last = self.value.split("-")
        return GRADES[GRADES.index(first) : GRADES.index(last) + 1]

    @classmethod
    def of(cls, grade: str) -> Band:
        """The band a grade belongs to. Raises ValueError for what is no grade."""
        for band in cls:
            if grade in band.grades:
                return band
        raise ValueError(f"{grade!r} is not a grade")


class Language(StrEnum):
    """The languages of the site and of the content."""

    EN = "en"
    ES = "es"


class StepKind(StrEnum):
    """What a step is for. The order is the shape of a session, after the SEL 3 Signature Practices (CASEL, 2019)."""

    PREVIEW = "preview"
    WELCOME = "welcome"
    VIDEO = "video"
    PRACTICE = "practice"
    TALK = "talk"
    CLOSING = "closing"
    LOOK_AROUND = "look around"


class PracticeKind(StrEnum):
    """Practices the site can run; each has a page of its own at `/practices/<kind>`."""

    BREATHING = "four-square-breathing"
    SENSES = "five-senses"
    TIMER = "timer"
    REFLECTION = "reflection"


class Audience(StrEnum):
    """For whom a text is shown."""

    STUDENT = "student"
    PRESENTATION = "presentation"
    TEACHER = "teacher"
    FAMILY = "family"


class Severity(StrEnum):
    """An error keeps a text from being published; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing the check found: where it is (1-based line) and how to mend it, in plain English."""

    file: str
    line: int
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


# --- Breathing ---------------------------------------------------------------------------------------------------------

MAX_ROUNDS = 8
MAX_BREATH_COUNT = 8
MAX_HOLD_COUNT = 7


@dataclass(frozen=True, slots=True)
class BreathPattern:
    """Counts of seconds for in, hold, out, hold; `4-4-4-4` is four-square breathing, `4-0-6-0` has no holds."""

    breathe_in: int
    hold_full: int
    breathe_out: int
    hold_empty: int

    @classmethod
    def parse(cls, text: str) -> BreathPattern:
        """The pattern written as `4-4-4-4`. Raises ValueError with a sentence for the coach."""
        if not re.fullmatch(r"\d{1,2}(-\d{1,2}){3}", text.strip()):
            raise ValueError("write a pattern as four counts, like 4-4-4-4 or 4-0-6-0 (in, hold, out, hold)")
        breathe_in, hold_full, breathe_out, hold_empty = (int(count) for count in text.strip().split("-"))
        if not (1 <= breathe_in <= MAX_BREATH_COUNT and 1 <= breathe_out <= MAX_BREATH_COUNT):
            raise ValueError(f"breathing in and out take 1 to {MAX_BREATH_COUNT} counts")
        if max(hold_full, hold_empty) > MAX_HOLD_COUNT:
            raise ValueError(f"a hold is at most {MAX_HOLD_COUNT} counts; 0 leaves it out")
        return cls(breathe_in, hold_full, breathe_out, hold_empty)

    def __str__(self) -> str:
        return "-".join(str(count) for count in self.counts)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """In, hold, out, hold, in seconds."""
        return self.breathe_in, self.hold_full, self.breathe_out, self.hold_empty

    @property
    def seconds(self) -> int:
        """One round, in seconds."""
        return sum(self.counts)

    @property
    def has_holds(self) -> bool:
        """Whether a "without holds" way must be offered."""
        return bool(self.hold_full or self.hold_empty)

    def without_holds(self) -> BreathPattern:
        """The same breath with both holds left out."""
        return BreathPattern(self.breathe_in, 0, self.breathe_out, 0)


# --- Coverage ----------------------------------------------------------------------------------------------------------

Ranges = tuple[tuple[int, int], ...]
"""Half-open ranges of whole seconds, sorted, not touching: ((0, 15), (30, 42))."""

MAX_MEDIA_SECONDS = 4 * 60 * 60


def merge_ranges(ranges: Iterable[tuple[int, int]], duration: int) -> Ranges:
    """The distinct seconds in `ranges`, clipped to 0..duration. Empty and backward ranges count for nothing."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, duration)) for start, end in ranges):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def coverage_of(ranges: Ranges, duration: int) -> float:
    """Share of the distinct seconds that ran, 0.0 to 1.0; nothing of nothing is 0."""
    return sum(end - start for start, end in ranges) / duration if duration > 0 else 0.0


def played_threshold(duration: int) -> float:
    """Coverage from which a viewing counts as played; it grows with the length (seconds), see docs/definitions.md."""
    return 0.70 + 0.25 * min(duration, 600) / 600


def is_played(ranges: Ranges, duration: int) -> bool:
    """Whether enough of `duration` seconds ran to say *played*."""
    return duration > 0 and coverage_of(ranges, duration) >= played_threshold(duration)


# --- Content -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a step between `/// name` and `///`, or the plain text between blocks (name `text`).

    `line` is where the block begins, `text_line` where its text does.
    """

    name: str
    text: str
    line: int
    text_line: int
    argument: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str, default: str = "") -> str:
        """The value of one option, or `default`."""
        return dict(self.options).get(name, default)


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What a text needs to know of a recording it names: its length (seconds), its captions and its transcripts."""

    name: str
    seconds: int
    captions: tuple[Language, ...]
    transcripts: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One screen of a session. `short_minutes` is its length in the five-minute variant; 0 leaves it out of that."""

    kind: StepKind
    title: str
    minutes: int
    short_minutes: int
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the text that is not a step: for the teacher before class, adaptations, families…"""

    name: str
    line: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What stands at the top of a session: what it is, for whom, how long (minutes), and which text it is.

    `module` is the slug of the training module that prepares a teacher for it, or empty.
    """

    slug: str
    language: Language
    title: str
    summary: str
    purpose: str
    minutes: int
    short_minutes: int
    bands: tuple[Band, ...]
    competency: Competency
    skill: str
    needs: tuple[Need, ...]
    drawing: str
    licence: str
    author: str
    materials: tuple[str, ...]
    sources: tuple[str, ...]
    revision: str
    aliases: tuple[str, ...] = ()
    module: str = ""

    def cover(self) -> dict[str, Any]:
        """The cover by itself, to put on another form of the same session."""
        return {one.name: getattr(self, one.name) for one in fields(Cover)}


@dataclass(frozen=True, kw_only=True)
class Session(Cover):
    """One authored piece of Tier 1 content, as parsed from its file."""

    steps: tuple[Step, ...]
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The section of that name, or None."""
        return next((section for section in self.sections if section.name == name), None)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site written as Markdown: who to talk to, for families, about, what we record."""

    slug: str
    language: Language
    title: str
    summary: str
    blocks: tuple[Block, ...]
    revision: str


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
        raise ValueError("what somebody would say is not graded")
    if len(set(answer)) != len(answer) or not question.keys.issuperset(answer):
        raise ValueError("this is not one of the answers")
    if question.kind is QuestionKind.CHOOSE_ONE and len(answer) > 1:
        raise ValueError("this question has one answer")
    if question.kind is QuestionKind.PUT_IN_ORDER:
        if answer and len(answer) != len(question.right):
            raise ValueError("something is missing from the order")
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
    """

    slug: str
    language: Language
    title: str
    summary: str
    minutes: int
    author: str
    licence: str
    sources: tuple[str, ...]
    aliases: tuple[str, ...]
    parts: tuple[ModulePart, ...]
    revision: str
    pass_mark: int = PASS_MARK
    hours: float | None = None


# --- People, schools, classes ------------------------------------------------------------------------------------------


class Role(StrEnum):
    """What a member of staff is here to do."""

    TEACHER = "teacher"
    COACH = "coach"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff. `school_id` None means every school of the district."""

    id: str
    email: str
    name: str
    role: Role
    school_id: str | None
    language: Language
    version: int
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class School:
    """One school of the district."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of a school year; both days belong to it."""

    id: str
    year_id: str
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school year and its terms, in order."""

    id: str
    name: str
    starts_on: date
    ends_on: date
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class NoSchoolDay:
    """A day without school; `school_id` None means in every school."""

    id: str
    school_id: str | None
    on_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class Classroom:
    """A homeroom, advisory or period. It has a size and no list of students."""

    id: str
    school_id: str
    school_name: str
    year_id: str
    name: str
    grade: str
    size: int
    teacher_ids: frozenset[str] = frozenset()
    teacher_names: tuple[str, ...] = ()

    @property
    def band(self) -> Band:
        """The grade band of the class."""
        return Band.of(self.grade)


@dataclass(frozen=True, slots=True)
class Door:
    """A class's door card: its short code, until it is revoked or the year ends."""

    id: str
    classroom_id: str
    code: str
    created_at: datetime
    revoked_at: datetime | None = None


# --- Viewings ----------------------------------------------------------------------------------------------------------


class ViewingState(StrEnum):
    """Opened: opened for the class. Played: enough of it ran. Delivered and not done: a person said so."""

    OPENED = "opened"
    PLAYED = "played"
    DELIVERED = "delivered"
    NOT_DONE = "not done"


class Extent(StrEnum):
    """How much of a delivered session the class did."""

    WHOLE = "whole"
    SHORTENED = "shortened"


class NotDoneReason(StrEnum):
    """Why a planned session was not done; none of them is a fault."""

    ASSEMBLY = "assembly"
    TESTING = "testing"
    DRILL = "drill"
    SUBSTITUTE = "substitute not told"
    NOT_READY = "not ready"
    OTHER = "other"


class EnteredRole(StrEnum):
    """Who entered a viewing. `auto` is the site itself (opened, played); a door card says substitute."""

    TEACHER = "teacher"
    SUBSTITUTE = "substitute"
    COACH = "coach"
    ADMIN = "admin"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person says about a class and a session: done, shortened, or not done because…"""

    state: ViewingState
    extent: Extent | None = None
    reason: NotDoneReason | None = None
    minutes: int | None = None

    def __post_init__(self) -> None:
        if self.state is ViewingState.DELIVERED and (self.extent is None or self.reason is not None):
            raise ValueError("a delivered session is whole or shortened")
        if self.state is ViewingState.NOT_DONE and (self.reason is None or self.extent is not None):
            raise ValueError("a session that was not done has a reason")
        if self.state not in (ViewingState.DELIVERED, ViewingState.NOT_DONE):
            raise ValueError("a person says delivered or not done; the site says the rest")


@dataclass(frozen=True, slots=True)
class Viewing:
    """One class and one session on one day."""

    id: int
    classroom_id: str
    slug: str
    revision: str
    on_day: date
    state: ViewingState
    extent: Extent | None = None
    reason: NotDoneReason | None = None
    minutes: int | None = None
    coverage: float = 0.0
    opened_at: datetime | None = None
    played_at: datetime | None = None
    entered_at: datetime | None = None
    entered_by: str | None = None
    entered_by_name: str | None = None
    entered_role: EnteredRole = EnteredRole.AUTO
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class OutsideLesson:
    """SEL minutes taught from another curriculum, logged so that the week's minutes add up."""

    id: str
    classroom_id: str
    on_day: date
    minutes: int
    curriculum: str
    title: str
    entered_by: str | None
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """Which session is due for one grade of one school in one week; `week_on` is that week's Monday."""

    id: str
    school_id: str
    week_on: date
    grade: str
    slug: str


# --- Texts and their publication ---------------------------------------------------------------------------------------


class TextKind(StrEnum):
    """What a text of the library is; the word is the name of its folder."""

    SESSION = "sessions"
    TRAINING = "training"
    PAGE = "pages"


class PublicationAct(StrEnum):
    """How a text came to be what it is: with the site, by a press, by a press on an old text, taken down, or outside."""

    DELIVERED = "delivered"
    PUBLISHED = "published"
    RESTORED = "restored"
    UNPUBLISHED = "unpublished"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, order=True)
class TextKey:
    """Which text: its kind, its slug and its language."""

    kind: TextKind
    slug: str
    language: Language = Language.EN

    @property
    def file(self) -> str:
        """Its file in the library: `sessions/four-square-breathing.es.md`."""
        language = "" if self.language is Language.EN else f".{self.language.value}"
        return f"{self.kind.value}/{self.slug}{language}.md"


@dataclass(frozen=True, slots=True)
class Keep:
    """A warning a coach has answered with "keep, because…". `by` is her name, empty when her account was removed."""

    warning: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is being written. Every save makes `version` larger; it never comes back for the same text.

    `base_revision` is the published text it began from, None for a new one. `publish_at` is set when it is scheduled.
    """

    key: TextKey
    text: str
    version: int
    base_revision: str | None
    changed_by: str | None
    changed_by_name: str | None
    changed_at: datetime
    keeps: tuple[Keep, ...] = ()
    publish_at: datetime | None = None
    scheduled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry of the log of what went live, in the order of `seq`. Without a text it was taken down."""

    seq: int
    key: TextKey
    act: PublicationAct
    revision: str | None
    text: str | None
    by: str | None
    by_name: str | None
    at: datetime


# --- Recordings --------------------------------------------------------------------------------------------------------


class JobState(StrEnum):
    """How far the work on a recording is."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class MediaJob:
    """The work on one recording that was brought. `percent` only grows; `digest` names what came of it."""

    id: str
    name: str
    title: str
    state: JobState
    percent: int
    problem: str | None
    digest: str | None
    asked_by: str | None
    asked_at: datetime
    changed_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether it is ready or failed."""
        return self.state in (JobState.READY, JobState.FAILED)


# --- The school week ---------------------------------------------------------------------------------------------------


def school_day(at: datetime, zone: ZoneInfo) -> date:
    """The school's date at the instant `at` (aware). Never derived by offset: 23:30 UTC is another day in some zones."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone has no school day")
    return at.astimezone(zone).date()


def week_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def weeks_between(first: date, last: date) -> tuple[date, ...]:
    """The Mondays of all weeks that touch first..last, in order."""
    start = week_of(first)
    return tuple(start + timedelta(weeks=n) for n in range((week_of(last) - start).days // 7 + 1))


def due_day(week_on: date, no_school: Sequence[date] | frozenset[date] = ()) -> date | None:
    """The day a planned session is due: Friday, else the last school day before it; None in a week without school."""
    for weekday in (4, 3, 2, 1, 0):
        day = week_on + timedelta(days=weekday)
        if day not in no_school:
            return day
    return None


def last_school_day(today: date, no_school: frozenset[date] = frozenset()) -> date:
    """Today, or the latest day with school before it: what somebody means who says on Saturday how it went."""
    day = today
    for _ in range(14):
        if day.weekday() < 5 and day not in no_school:
            return day
        day -= timedelta(days=1)
    return today


# --- Staff words for the site ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone at school whom a student may talk to: who, where, how to reach them; `school` empty means every school."""

    name: str
    place: str
    reach: str = ""
    school: str = ""


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What an admin sets for the whole site."""

    site_name: str = "Wellness"
    district: str = ""
    time_zone: str = "America/New_York"
    minutes_target: int = 45
    contacts: tuple[Contact, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The school's own time zone."""
        return ZoneInfo(self.time_zone)
