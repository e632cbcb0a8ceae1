"""The site's fixed words in the reader's language: names of needs, competencies, states, reasons, grades, days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from babel.dates import format_interval
from babel.numbers import format_decimal
from flask_babel import format_datetime, format_time, lazy_pgettext, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from ..domain import (
    GRADES,
    PRE_K,
    Band,
    ClassRule,
    Closure,
    Competency,
    Completeness,
    EnteredRole,
    Language,
    Level,
    Need,
    NotDoneReason,
    Outcome,
    PartKind,
    PracticeKind,
    PublicationAct,
    Role,
    Seen,
    StepKind,
    Viewing,
    ViewingState,
    WalkthroughItem,
)
from ..records.outcomes import OutcomeEntry
from ..school.reporting import CellState
from ..school.rollover_undo import Why
from .drawings import date_in_words
from .request import reader_language, site_settings


@dataclass(frozen=True, slots=True)
class Choice:
    """A need or a practice as a tile of the public pages: its key in an address, its drawing, its name and a hint."""

    key: str
    drawing: str
    label: LazyString
    hint: LazyString


NEED_CHOICES = (
    Choice(Need.SETTLE_DOWN.key, "need-settle-down", _l("Settle down"), _l("When everything is loud")),
    Choice(Need.WAKE_UP.key, "need-wake-up", _l("Wake up"), _l("When you’re half asleep")),
    Choice(Need.WORRIED.key, "need-worried", _l("Worried"), _l("When something is on your mind")),
    Choice(Need.FOCUS.key, "need-focus", _l("Focus"), _l("Before work or a test")),
    Choice(Need.GET_ALONG.key, "need-get-along", _l("Get along"), _l("With people, in class or at home")),
    Choice(Need.REST.key, "need-rest", _l("Rest"), _l("When it’s been a lot")),
)
NEEDS: dict[str, LazyString] = {choice.key: choice.label for choice in NEED_CHOICES}
COMPETENCIES: dict[str, LazyString] = {
    Competency.SELF_AWARENESS.value: _l("Self-awareness"),
    Competency.SELF_MANAGEMENT.value: _l("Self-management"),
    Competency.SOCIAL_AWARENESS.value: _l("Social awareness"),
    Competency.RELATIONSHIP_SKILLS.value: _l("Relationship skills"),
    Competency.RESPONSIBLE_DECISION_MAKING.value: _l("Responsible decision-making"),
}
STEP_KINDS: dict[StepKind, LazyString] = {
    StepKind.PREVIEW: lazy_pgettext("step", "Preview"),
    StepKind.WELCOME: _l("Welcome"),
    StepKind.VIDEO: _l("Watch"),
    StepKind.PRACTICE: _l("Practice"),
    StepKind.TALK: _l("Talk"),
    StepKind.CLOSING: _l("Closing"),
    StepKind.LOOK_AROUND: _l("Look around"),
}
PART_KINDS: dict[PartKind, LazyString] = {
    PartKind.WHY: _l("Why"),
    PartKind.SEE: _l("See it"),
    PartKind.DO: _l("Do it"),
    PartKind.SAY: _l("Say it"),
    PartKind.CHECK: lazy_pgettext("part", "Check"),
    PartKind.REFLECT: _l("Reflect"),
    PartKind.PLAN: lazy_pgettext("part", "Plan"),
    PartKind.TRY: _l("Try"),
}
LEVELS: dict[Level, LazyString] = {
    Level.COMPLETED: _l("Completed"),
    Level.PRACTISED: _l("Practiced"),
}
PRACTICE_CHOICES = (
    Choice(
        PracticeKind.BREATHING,
        "square",
        _l("Four-square breathing"),
        _l("In, hold, out, hold. Or skip the holds."),
    ),
    Choice(
        PracticeKind.SENSES,
        "senses",
        _l("Five senses"),
        _l("Find things to see, hear and touch, right where you are."),
    ),
    Choice(PracticeKind.TIMER, "window", _l("Quiet timer"), _l("A minute with nothing to do.")),
    Choice(PracticeKind.REFLECTION, "pencil", _l("A question to think about"), _l("On paper or in your head.")),
)
PRACTICES: dict[str, LazyString] = {choice.key: choice.label for choice in PRACTICE_CHOICES}
REASONS: dict[NotDoneReason, LazyString] = {
    NotDoneReason.ASSEMBLY: _l("Assembly"),
    NotDoneReason.TESTING: _l("Testing"),
    NotDoneReason.DRILL: _l("Drill"),
    NotDoneReason.NO_SCHOOL: _l("Weather or no school"),
    NotDoneReason.SUBSTITUTE: _l("Substitute didn’t know"),
    NotDoneReason.NOT_READY: _l("Not ready"),
    NotDoneReason.OTHER: _l("Something else"),
}
ROLES: dict[Role, LazyString] = {
    Role.TEACHER: _l("Teacher"),
    Role.COACH: _l("Coach"),
    Role.PRINCIPAL: _l("Principal"),
    Role.ADMIN: _l("Admin"),
}
CLASS_RULES: dict[ClassRule, LazyString] = {
    ClassRule.SAME: _l("Same name and grade (students move on)"),
    ClassRule.GRADE_UP: _l("One grade higher (students stay together)"),
    ClassRule.LEAVE_OUT: _l("Don’t copy"),
}
"""What becomes of a school’s classes in the next year."""
MADE = ("school_year", "classroom", "teaching", "closure", "plan_entry")
"""The tables in which turning the year over makes rows, in the order in which the page tells them."""
WHY_STAYS: dict[Why, LazyString] = {
    Why.CHANGED: _l("it has been changed since"),
    Why.IN_USE: _l("it has a door card or something else that belongs to it"),
    Why.TEACHERS_CHANGED: _l("its teachers have been changed since"),
    Why.REPLANNED: _l("it has been planned again since"),
    Why.NOT_EMPTY: _l("it isn’t empty"),
}
LANGUAGES: dict[Language, str] = {Language.EN: "English", Language.ES: "Español"}
"""Each in its own words."""
ENTERED: dict[EnteredRole, LazyString] = {
    EnteredRole.TEACHER: _l("entered by teacher"),
    EnteredRole.SUBSTITUTE: _l("run by substitute"),
    EnteredRole.COACH: _l("entered by coach"),
    EnteredRole.ADMIN: _l("entered by admin"),
    EnteredRole.AUTO: _l("recorded automatically"),
}
CELL_STATES: dict[CellState, LazyString] = {
    CellState.NOT_PLANNED: _l("Nothing planned"),
    CellState.NO_SCHOOL: _l("No school"),
    CellState.OTHER_TERM: _l("Other term"),
    CellState.OTHER_GRADE: _l("Counts in another grade"),
    CellState.LEFT_OUT: _l("Left out"),
    CellState.NOT_MEETING: _l("Class not meeting"),
    CellState.UPCOMING: _l("Coming up"),
    CellState.DUE: _l("Due today"),
    CellState.NOTHING_LOGGED: _l("No response yet"),
    CellState.OPENED: _l("Started, not logged yet"),
    CellState.PLAYED: _l("Played, not logged yet"),
    CellState.DELIVERED: _l("Done"),
    CellState.SHORTENED: _l("Shortened"),
    CellState.NOT_DONE: _l("Not done"),
    CellState.ANOTHER: _l("Different session"),
}

US_TIME_ZONES: dict[str, LazyString] = {
    "America/New_York": _l("Eastern (New York)"),
    "America/Chicago": _l("Central (Chicago)"),
    "America/Denver": _l("Mountain (Denver)"),
    "America/Phoenix": _l("Arizona (Phoenix)"),
    "America/Los_Angeles": _l("Pacific (Los Angeles)"),
    "America/Anchorage": _l("Alaska (Anchorage)"),
    "Pacific/Honolulu": _l("Hawaii (Honolulu)"),
    "America/Puerto_Rico": _l("Puerto Rico"),
    "Pacific/Guam": _l("Guam"),
    "Pacific/Pago_Pago": _l("American Samoa"),
}

WEEKDAYS: dict[int, LazyString] = {
    0: _l("Monday"),
    1: _l("Tuesday"),
    2: _l("Wednesday"),
    3: _l("Thursday"),
    4: _l("Friday"),
}

WALKTHROUGH_ITEMS: dict[WalkthroughItem, LazyString] = {
    WalkthroughItem.CHOICES: _l("Previewed the session and named the choices"),
    WalkthroughItem.ALONGSIDE: _l("Took part with the class"),
    WalkthroughItem.ALTERNATIVE: _l("Offered the alternative without comment"),
    WalkthroughItem.PASSING: _l("Gave time and let students pass"),
    WalkthroughItem.CLOSING: _l("Closed with a look around the room"),
}
SEEN: dict[Seen, LazyString] = {
    Seen.SEEN: _l("Seen"),
    Seen.PARTLY: _l("Partly"),
    Seen.NOT_SEEN: _l("Not seen"),
    Seen.NOT_APPLICABLE: _l("N/A"),
}


def label(value: StrEnum) -> str:
    """A word that facts are made of, in the reader's language: a need, a competency, a grade band ("6–8"), else itself."""
    if isinstance(value, Need):
        return str(NEEDS[value.key])
    if isinstance(value, Competency):
        return str(COMPETENCIES[value])
    return value.value.replace("-", "–") if isinstance(value, Band) else value.value


def person_label(name: str | None) -> str:
    """The name of the person who did something; a name that is gone was removed with the account."""
    return name or str(_("somebody who left"))


def published_by_label(act: PublicationAct, name: str | None) -> str:
    """Who published, restored or unpublished a version; empty for one that came with the site."""
    if act is PublicationAct.DELIVERED:
        return ""
    return str(_("someone editing outside the site")) if act is PublicationAct.OUTSIDE else person_label(name)


def entered_label(name: str | None, role: EnteredRole) -> str:
    """Who logged something: "Jo Reyes, entered by teacher"; a substitute and the site itself have no name."""
    if role in (EnteredRole.SUBSTITUTE, EnteredRole.AUTO):
        return str(ENTERED[role])
    return f"{person_label(name)}, {ENTERED[role]}"


def outcome_label(said: Viewing | OutcomeEntry | Outcome) -> str:
    """What was said of a viewing, in words: "Shortened", "Not done: assembly"."""
    if said.state is ViewingState.NOT_DONE and said.reason is not None:
        return str(_("Not done: %(reason)s", reason=str(REASONS[said.reason]).lower()))
    if said.state is ViewingState.DELIVERED:
        return str(_("Shortened") if said.extent is Completeness.SHORTENED else _("Done"))
    return str(_("Played, not logged yet") if said.state is ViewingState.PLAYED else _("Started, not logged yet"))


def _grade_name(grade: str) -> str:
    return str(_("Pre-K")) if grade == PRE_K else grade


def grades_label(grades: Iterable[str]) -> str:
    """Grades in words, runs joined: "Grade 7", "Pre-K", "Grades K–2, 6–8"."""
    listed_grades = set(grades)
    if listed_grades == {PRE_K}:
        return _grade_name(PRE_K)
    runs: list[list[str]] = []
    for grade in (grade for grade in GRADES if grade in listed_grades):
        if runs and GRADES.index(grade) == GRADES.index(runs[-1][-1]) + 1:
            runs[-1].append(grade)
        else:
            runs.append([grade])
    ends = [(_grade_name(run[0]), _grade_name(run[-1])) for run in runs]
    texts = [first if first == last else f"{first}–{last}" for first, last in ends]
    listed = ", ".join(texts)
    if len(runs) == 1 and len(runs[0]) == 1:
        return str(_("Grade %(grade)s", grade=listed))
    return str(_("Grades %(grades)s", grades=listed))


def day_label(day: date) -> str:
    """A day in words: "Friday, November 20"."""
    return date_in_words(day, "EEEE, MMMM d" if _is_english() else "EEEE d 'de' MMMM", reader_language().value)


def full_day_label(day: date) -> str:
    """A day with its year, for what is kept: "November 20, 2026"."""
    return date_in_words(day, "long", reader_language().value)


def hours_label(hours: float) -> str:
    """Hours as they are written in the reader's language: "0.25", "1.5"."""
    return number_label(hours)


def number_label(number: float) -> str:
    """A number as schools in the US write it in the reader's language: "1,200", "0.25"."""
    return str(format_decimal(number, locale="en_US" if _is_english() else "es_US"))


def short_day_label(day: date) -> str:
    """A day in few words: "Nov 20"."""
    return date_in_words(day, "MMM d" if _is_english() else "d MMM", reader_language().value)


def days_label(days: Closure) -> str:
    """The days of a closure in few words: "Nov 25", "Nov 25 – 27", "Dec 21 – Jan 1"."""
    return str(format_interval(days.first_on, days.last_on, "MMMd", locale=reader_language().value))


def day_range_label(first: date, last: date) -> str:
    """A range of days with its year: "Aug 17 – Nov 27, 2026", "Aug 17, 2026 – Jan 8, 2027"."""
    return str(format_interval(first, last, "yMMMd", locale=reader_language().value))


def made_label(table: str, number: int) -> str:
    """How much of something a rollover made or removes: "3 classes"."""
    if table == "school_year":
        return str(_("The school year, with its days and terms"))
    if table == "classroom":
        return str(ngettext("%(num)s class", "%(num)s classes", number))
    if table == "teaching":
        return str(ngettext("%(num)s teacher of a class", "%(num)s teachers of classes", number))
    if table == "closure":
        return str(
            ngettext(
                "%(num)s set of no-school days for a school", "%(num)s sets of no-school days for a school", number
            )
        )
    return str(ngettext("%(num)s planned session", "%(num)s planned sessions", number))


def hour_label(hour: int) -> str:
    """An hour of the day from 0 to 24: "6:00 AM"."""
    return str(format_time(time(hour % 24), "h:mm a", rebase=False))


def month_label(day: date) -> str:
    """The month of a day: "November 2026"."""
    return date_in_words(day, "LLLL y" if _is_english() else "LLLL 'de' y", reader_language().value)


def version_label(revision: str, published: Mapping[str, datetime], *, with_year: bool = False) -> str:
    """A version by the day on which it was published, "Version from Nov 20"; by its number when it never was."""
    if revision not in published:
        return revision[:8]
    day = published[revision].astimezone(site_settings().zone).date()
    return str(_("Version from %(day)s", day=day_range_label(day, day) if with_year else short_day_label(day)))


def moment_label(at: datetime) -> str:
    """An instant in the school's own time: "Nov 20, 9:42 AM"."""
    local = at.astimezone(site_settings().zone)
    return str(format_datetime(local, "MMM d, h:mm a" if _is_english() else "d MMM, h:mm a", rebase=False))


def _is_english() -> bool:
    return reader_language().value == "en"
