"""What a school year proposes for the next one: days, no-school days, classes and the weeks of the plan.

Days move by whole weeks: 364 days on, the first day of school is the same day of the week again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .calendar import FRIDAY, Calendar
from .vocabulary import GRADES

A_YEAR = timedelta(days=364)
LONGEST_HOLIDAY = 7
"""Days of a break that still counts as a holiday and its bridge days, such as Thanksgiving."""


class ClassRule(StrEnum):
    """What becomes of a school's classes in the next year."""

    SAME = "same"
    """Same name and grade: the class's students move on, others come."""
    GRADE_UP = "grade up"
    """The students stay together, one grade higher."""
    LEAVE_OUT = "leave out"


def years_between(first: date, later: date) -> int:
    """Return how many school years lie between two first days, at least one."""
    return max(1, round((later - first) / A_YEAR))


# --- Names and grades -------------------------------------------------------------------------------------------------


def name_of_next_year(name: str) -> str:
    """Return the name with each number one higher: 2026-27 becomes 2027-28."""
    return re.sub(r"\d+", lambda found: str(int(found[0]) + 1).zfill(len(found[0]))[-max(2, len(found[0])) :], name)


def grade_above(grade: str) -> str | None:
    """Return the next grade; None after the last one."""
    place = GRADES.index(grade) + 1
    return GRADES[place] if place < len(GRADES) else None


def moved_grades(grades: Iterable[str], before: str, after: str) -> tuple[str, ...]:
    """Return the grades of a class that follows one of `grades`, when the grade `before` becomes `after`."""
    step = GRADES.index(after) - GRADES.index(before)
    places = (GRADES.index(grade) + step for grade in grades)
    return tuple(GRADES[place] for place in places if 0 <= place < len(GRADES))


def name_in_grade(name: str, grade: str, above: str) -> str:
    """Return a class's name for the grade above, where the name tells the grade: 7-2, Advisory 7-2, 7B, 7th, Grade 7.

    Other names stay as they are: a room keeps its number.
    """
    grade_at = rf"({grade})(st|nd|rd|th)?"
    at_start = rf"(?:^|(?<=\bgrade )){grade_at}(?![0-9/]|[a-z]{{2}})"
    inside = rf"(?<![\w-]){grade_at}(?=[-–.]\w|,)|(?<![\w-])({grade})(th)\b"
    found = re.search(f"{at_start}|{inside}", name, re.IGNORECASE)
    if found is None:
        return name
    is_ordinal = any(found.groups()[1::2])
    return name[: found.start()] + above + (_ordinal_ending(above) if is_ordinal else "") + name[found.end() :]


def _ordinal_ending(grade: str) -> str:
    return {"1": "st", "2": "nd", "3": "rd"}.get(grade, "th")


# --- No-school days ---------------------------------------------------------------------------------------------------

Holiday = Callable[[int], date]
"""The day of a holiday in a calendar year."""


def _nth(month: int, weekday: int, number: int) -> Holiday:
    """The holiday on the nth weekday (0 is Monday) of a month."""

    def day(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))

    return day


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def _fixed(month: int, number: int) -> Holiday:
    """The holiday on a fixed date, observed on Friday or Monday when it is on a weekend."""

    def day(year: int) -> date:
        found = date(year, month, number)
        return found + timedelta(days={5: -1, 6: 1}.get(found.weekday(), 0))

    return day


_FIXED = tuple(_fixed(*day) for day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)))
_MOVING = (
    _nth(9, 0, 1),  # Labor Day
    _nth(10, 0, 2),  # Indigenous Peoples’ Day, Columbus Day
    _nth(11, 3, 4),  # Thanksgiving
    _nth(1, 0, 3),  # Martin Luther King Jr. Day
    _nth(2, 0, 3),  # Presidents’ Day
    _last_monday_of_may,
)


def next_days(first_on: date, last_on: date, years: int) -> tuple[date, date, bool]:
    """Return these no-school days so many school years later, and whether the rule of a holiday says so.

    A holiday on a fixed date, or a break of a few days around a holiday on an nth weekday, follows its holiday; other
    days move by 364 days a year.
    """
    if first_on == last_on and (found := _holiday_in(_FIXED, first_on, last_on)):
        holiday, year = found
        return holiday(year + years), holiday(year + years), True
    if (last_on - first_on).days < LONGEST_HOLIDAY and (found := _holiday_in(_MOVING, first_on, last_on)):
        holiday, year = found
        shift = holiday(year + years) - holiday(year)
        return first_on + shift, last_on + shift, True
    return first_on + A_YEAR * years, last_on + A_YEAR * years, False


def _holiday_in(holidays: Sequence[Holiday], first_on: date, last_on: date) -> tuple[Holiday, int] | None:
    """Return the holiday in these days with its year: New Year’s Day may be observed in the year before."""
    found = ((one, year) for one in holidays for year in (first_on.year, first_on.year + 1))
    return next(((one, year) for one, year in found if first_on <= one(year) <= last_on), None)


# --- The plan ---------------------------------------------------------------------------------------------------------


def weeks_with_school(calendar: Calendar) -> list[date]:
    """Return the Mondays of the weeks in which a session can be held, in order."""
    return [
        week_on
        for week_on in calendar.weeks
        if any(calendar.holds_sessions(week_on + timedelta(days=number)) for number in range(FRIDAY + 1))
    ]


@dataclass(frozen=True, slots=True)
class WeekPair:
    """A week with school of one calendar and the week of the same number in another; None when that has fewer."""

    before: date
    after: date | None


def pair_weeks(before: Calendar, after: Calendar) -> Iterator[WeekPair]:
    """Return the weeks with school of a calendar beside those of another: the first to the first, and so on."""
    later = weeks_with_school(after)
    for number, week_on in enumerate(weeks_with_school(before)):
        yield WeekPair(week_on, later[number] if number < len(later) else None)
