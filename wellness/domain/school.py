"""Staff, schools, school years, classes and door cards."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .vocabulary import GRADES, Band, Language

_NUMBER = re.compile("([0-9]+)")


class Role(StrEnum):
    """Role of a member of staff; `wellness.policy` maps roles to permissions."""

    TEACHER = "teacher"
    COACH = "coach"
    PRINCIPAL = "principal"
    ADMIN = "admin"


class ReachKind(StrEnum):
    """Whether a person's role is for all schools or for listed ones."""

    ALL_SCHOOLS = "all schools"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Reach:
    """The schools a person's role is for: all of them, also later ones, or those in `school_ids`."""

    kind: ReachKind
    school_ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *school_ids: str) -> Reach:
        """Return the reach of these schools only."""
        return cls(ReachKind.LISTED, frozenset(school_ids))

    @property
    def is_everywhere(self) -> bool:
        """Whether it is all schools."""
        return self.kind is ReachKind.ALL_SCHOOLS

    def includes(self, school_id: str) -> bool:
        """Whether the school is among them."""
        return self.is_everywhere or school_id in self.school_ids

    def covers(self, other: Reach) -> bool:
        """Whether every school of `other` is among them; False for somebody without any school."""
        if self.is_everywhere:
            return True
        return not other.is_everywhere and bool(other.school_ids) and other.school_ids <= self.school_ids


EVERYWHERE = Reach(ReachKind.ALL_SCHOOLS)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff; `reach` says for which schools the role is."""

    id: str
    email: str
    name: str
    role: Role
    reach: Reach
    language: Language
    version: int
    is_active: bool = True
    has_temporary_password: bool = False
    """Whether an admin set the password: the person can only choose their own."""


@dataclass(frozen=True, slots=True)
class School:
    """One school of the district.

    `time_zone` is empty when it is the district's. `closed_on` is the last day of a school that was closed.
    """

    id: str
    name: str
    time_zone: str = ""
    closed_on: date | None = None

    def is_open_on(self, day: date) -> bool:
        """Whether the school isn't closed on that day."""
        return self.closed_on is None or day <= self.closed_on


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a school year; first and last day are included."""

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

    def nearest_day(self, day: date) -> date:
        """Return `day`, or the first or last day of the year when it is outside of it."""
        return min(max(day, self.starts_on), self.ends_on)


@dataclass(frozen=True, slots=True)
class Classroom:
    """A homeroom, advisory or period. It has a size and no list of students.

    `grade` is the grade whose plan it follows; `grades` are all its grades, youngest first. It meets from `first_on` to
    `last_on`, both included; `last_on` None means to the last day of its school year. The teachers are those of the day
    it was read for, or of the class's nearest day when it does not meet on that day.
    """

    id: str
    school_id: str
    school_name: str
    year_id: str
    name: str
    grade: str
    grades: tuple[str, ...]
    size: int
    first_on: date
    last_on: date | None = None
    follows_id: str | None = None
    teacher_ids: frozenset[str] = frozenset()
    teacher_names: tuple[str, ...] = ()
    time_zone: str = ""
    """The school's own time zone; empty when it is the district's."""

    def meets_on(self, day: date) -> bool:
        """Whether `day` is from the class's first to its last day. Days without school are the calendar's to rule out."""
        return is_within(day, self.first_on, self.last_on)

    @property
    def grade_name(self) -> str:
        """The grades in one word: `7`, or `7/8` for a class of two grades."""
        return "/".join(self.grades)

    @property
    def band(self) -> Band:
        """The grade band whose sessions fit the class: that of the grade whose plan it follows."""
        return Band.of(self.grade)


class ClassChangeKind(StrEnum):
    """What became of a class."""

    CLOSED = "closed"
    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A class was closed, merged into another one or split, and it can be undone.

    `last_on` is the last day before it counts, `last_on_before` the class's last day until then. `other_id` is the class
    that it was merged into or the new one, `size` how many students moved there.
    """

    id: int
    kind: ClassChangeKind
    classroom_id: str
    other_id: str | None
    other_name: str
    last_on: date
    last_on_before: date | None
    size: int | None


@dataclass(frozen=True, slots=True)
class ClassSpan:
    """How many classes of one grade of one school meet from `first_on` to `last_on` (None: to the end of the year)."""

    school_id: str
    grade: str
    first_on: date
    last_on: date | None
    classes: int

    def meets_between(self, first: date, last: date) -> bool:
        """Whether these classes meet on any day from `first` to `last`."""
        return self.first_on <= last and (self.last_on is None or self.last_on >= first)


@dataclass(frozen=True, slots=True)
class Teaching:
    """A person teaches a class from `first_on` to `last_on`, both included; None means until further notice."""

    id: str
    classroom_id: str
    person_id: str
    name: str
    email: str
    is_active: bool
    first_on: date
    last_on: date | None


def is_within(day: date, first_on: date, last_on: date | None) -> bool:
    """Whether `day` is from `first_on` to `last_on`, both included; a `last_on` of None is open-ended."""
    return first_on <= day and (last_on is None or day <= last_on)


def grades_of(grade: str, others: Iterable[str]) -> tuple[str, ...]:
    """Return a class's grades, youngest first: the one whose plan it follows and the other ones."""
    return tuple(sorted({grade, *others}, key=GRADES.index))


def name_key(name: str) -> str:
    """Return the name for comparing: two names that differ only in case or spaces are the same."""
    return " ".join(name.split()).casefold()


def natural_key(name: str) -> tuple[list[str | int], str]:
    """Return a key that sorts names as people count: 6-2 before 6-10.

    Text and numbers take turns in the list, beginning with text, so that any two keys can be compared.
    """
    pieces = _NUMBER.split(name_key(name))
    return [int(piece) if place % 2 else piece for place, piece in enumerate(pieces)], name


@dataclass(frozen=True, slots=True)
class DoorCard:
    """A class's door card with its class code, valid until it is turned off or the school year ends."""

    id: str
    classroom_id: str
    code: str
    created_at: datetime
    revoked_at: datetime | None = None
