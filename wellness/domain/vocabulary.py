"""Enums of a session: competencies, needs, grades and bands, languages, steps, practices, audiences; and problems."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Competency(StrEnum):
    """The five competencies named by CASEL (casel.org, 2020 framework)."""

    SELF_AWARENESS = "self-awareness"
    SELF_MANAGEMENT = "self-management"
    SOCIAL_AWARENESS = "social-awareness"
    RELATIONSHIP_SKILLS = "relationship-skills"
    RESPONSIBLE_DECISION_MAKING = "responsible-decision-making"


class Need(StrEnum):
    """What a student needs right now, worded as a student would."""

    SETTLE_DOWN = "settle down"
    WAKE_UP = "wake up"
    WORRIED = "worried"
    FOCUS = "focus"
    GET_ALONG = "get along"
    REST = "rest"

    @property
    def key(self) -> str:
        """The need in a URL, like `settle-down`."""
        return self.value.replace(" ", "-")

    @classmethod
    def from_key(cls, key: str) -> Need | None:
        """Return the need for a URL key, or None."""
        return next((need for need in cls if key in (need.key, need.value)), None)


PRE_K = "PK"
GRADES: tuple[str, ...] = (PRE_K, "K", *(str(number) for number in range(1, 13)))
"""Every grade of a class, youngest first."""


class Band(StrEnum):
    """Grade bands; each session lists the bands it was written for."""

    K_2 = "K-2"
    G3_5 = "3-5"
    G6_8 = "6-8"
    G9_12 = "9-12"

    @property
    def grades(self) -> tuple[str, ...]:
        """Grades of the band, youngest first."""
        first, last = self.value.split("-")
        return GRADES[GRADES.index(first) : GRADES.index(last) + 1]

    @classmethod
    def of(cls, grade: str) -> Band:
        """Return the band of a grade; pre-K follows the youngest one. Raises ValueError for an unknown grade."""
        if grade == PRE_K:
            return cls.K_2
        for band in cls:
            if grade in band.grades:
                return band
        raise ValueError(f"{grade!r} is not a grade")


class Language(StrEnum):
    """Languages of the site and of the content."""

    EN = "en"
    ES = "es"


class StepKind(StrEnum):
    """Type of a step, in the order in which a session has them, after the SEL 3 Signature Practices (CASEL, 2019)."""

    PREVIEW = "preview"
    WELCOME = "welcome"
    VIDEO = "video"
    PRACTICE = "practice"
    TALK = "talk"
    CLOSING = "closing"
    LOOK_AROUND = "look around"


class PracticeKind(StrEnum):
    """Practices that the site can run; each has a page at `/practices/<kind>`."""

    BREATHING = "four-square-breathing"
    SENSES = "five-senses"
    TIMER = "timer"
    REFLECTION = "reflection"


class Audience(StrEnum):
    """Reader for whom a text is rendered; blocks are shown or hidden by it."""

    STUDENT = "student"
    PRESENTATION = "presentation"
    TEACHER = "teacher"
    FAMILY = "family"


class Severity(StrEnum):
    """An error blocks publishing; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding of the check: file, 1-based line, and a message that says how to fix it.

    `key` is the stable key of a suggestion (`library/checks/suggestions.py`), empty for an error.
    """

    file: str
    line: int
    message: str
    severity: Severity = Severity.ERROR
    key: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"
