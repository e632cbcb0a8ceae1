"""The plan: which session is due for each grade in each week, and the classes that do something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .school import Classroom


class ClassPlanRule(StrEnum):
    """What one class does in a week instead of its grade's session."""

    SESSION = "session"
    NOTHING = "nothing"
    AS_GRADE = "as grade"
    """An exception has ended."""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """Which session is due for one grade of one school in one week; `week_on` is that week's Monday."""

    id: int
    school_id: str
    week_on: date
    grade: str
    slug: str


@dataclass(frozen=True, slots=True)
class ClassPlanEntry:
    """A class that differs from its grade in the week of Monday `week_on`: another session, or nothing (`slug` None)."""

    id: int
    classroom_id: str
    class_name: str
    school_id: str
    grade: str
    week_on: date
    slug: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: by school, Monday and grade, and by class and Monday for classes that differ from their grade."""

    grades: Mapping[tuple[str, date, str], str]
    classes: Mapping[tuple[str, date], str | None]

    def of_grade(self, school_id: str, week_on: date, grade: str) -> str | None:
        """Return the session of the grade, None when nothing is planned."""
        return self.grades.get((school_id, week_on, grade))

    def is_exception(self, classroom_id: str, week_on: date) -> bool:
        """Whether the class differs from its grade."""
        return (classroom_id, week_on) in self.classes

    def of_class(self, classroom: Classroom, week_on: date) -> str | None:
        """Return the session of the class, None when nothing is planned."""
        own = (classroom.id, week_on)
        if own in self.classes:
            return self.classes[own]
        return self.of_grade(classroom.school_id, week_on, classroom.grade)
