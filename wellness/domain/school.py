"""Staff, schools, school years, classes and door cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .vocabulary import Band, Language


class Role(StrEnum):
    """Role of a member of staff; `wellness.policy` maps roles to permissions."""

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
    has_temporary_password: bool = False
    """Whether an admin set the password: the person can only choose their own."""


@dataclass(frozen=True, slots=True)
class School:
    """One school of the district."""

    id: str
    name: str


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
class DoorCard:
    """A class's door card with its class code, valid until it is turned off or the school year ends."""

    id: str
    classroom_id: str
    code: str
    created_at: datetime
    revoked_at: datetime | None = None
