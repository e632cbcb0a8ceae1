"""The demo's school year, generated around any day, and the session of each week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from ..domain import Band, Calendar, Closure, ClosureKind, week_of, weeks_between
from ..errors import Misconfigured

BANDS = (Band.K_2, Band.G3_5, Band.G6_8)
"""The grade bands of the demo's schools."""

ORDER = (
    "naming-feelings",
    "four-square-breathing",
    "listening-pairs",
    "wind-down-for-the-weekend",
    "five-senses-grounding",
    "small-choices",
    "noticing-around-us",
    "kind-self-talk",
    "asking-for-help",
    "movement-reset",
    "gratitude-note",
    "disagreeing-well",
    "body-scan",
    "taking-another-view",
    "focus-before-a-test",
    "worry-to-next-step",
)
"""The first sessions of the year, in order. The library's other sessions follow, by slug."""


@dataclass(frozen=True, slots=True)
class DemoSession:
    """The parts of a session that planning needs."""

    minutes: int
    short_minutes: int
    revision: str
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class SchoolWeek:
    """The days with school of one week up to the day its session is due, and the first school day after that."""

    week_on: date
    days: tuple[date, ...]
    next_day: date | None

    @property
    def due_on(self) -> date:
        """The day on which the week's session is due."""
        return self.days[-1]


@dataclass(frozen=True, slots=True)
class DemoYear:
    """A school year: its days, its terms (name, first day, last day) and its no-school days (first day, last day, reason)."""

    name: str
    starts_on: date
    ends_on: date
    terms: tuple[tuple[str, date, date], ...]
    closed: tuple[tuple[date, date, str], ...]
    workday_on: date
    """A no-school day of one school only."""

    @property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays of its weeks, with and without school."""
        return weeks_between(self.starts_on, self.ends_on)

    def week(self, week_on: date, *, has_workday: bool) -> SchoolWeek | None:
        """One week as it is in the school that has the workday, or in the other; None when it has no school at all."""
        calendar = _calendar(self, has_workday)
        due_on = calendar.due_day(week_on)
        if due_on is None:
            return None
        days = tuple(filter(calendar.is_school_day, _days(week_on, (due_on - week_on).days + 1)))
        later = _days(due_on + timedelta(days=1), (self.ends_on - due_on).days)
        return SchoolWeek(week_on, days, next(filter(calendar.is_school_day, later), None))


@cache
def _calendar(year: DemoYear, has_workday: bool) -> Calendar:
    """The calendar of the school that has the workday, or of the other."""
    closed = [*year.closed, *([(year.workday_on, year.workday_on, "Teacher workday")] if has_workday else [])]
    closures = (Closure("", "", "", first, last, ClosureKind.CLOSED, False, reason) for first, last, reason in closed)
    return Calendar("", "", year.starts_on, year.ends_on, tuple(closures))


def year_of(today: date) -> DemoYear:
    """The school year that holds the day. In the summer it is the one that has just ended: it has a history to show."""
    begins = today.year if today >= _first_day(today.year) else today.year - 1
    starts_on, ends_on = _first_day(begins), _last_day(begins + 1)
    second_begins = _nth(begins + 1, 1, 0, 3) + timedelta(days=1)
    return DemoYear(
        name=f"{begins}-{(begins + 1) % 100:02}",
        starts_on=starts_on,
        ends_on=ends_on,
        terms=(
            ("Fall semester", starts_on, second_begins - timedelta(days=4)),
            ("Spring semester", second_begins, ends_on),
        ),
        closed=tuple(sorted(_closed(begins))),
        workday_on=_nth(begins, 10, 4, 2),
    )


def rotation(sessions: Mapping[str, DemoSession], band: Band) -> tuple[str, ...]:
    """The sessions for a grade band in the order of the year. Raises Misconfigured when the library has none."""
    fitting = [slug for slug, session in sessions.items() if band in session.bands]
    if not fitting:
        raise Misconfigured(
            f"The library has no session for grades {band}, so the demo was not loaded and nothing was changed: "
            "run `wellness init` in an empty instance folder, then load the demo there."
        )
    places = {slug: place for place, slug in enumerate(ORDER)}
    return tuple(sorted(fitting, key=lambda slug: (places.get(slug, len(places)), slug)))


def plan_weeks(year: DemoYear, rotated: Sequence[str]) -> dict[date, str]:
    """Return the session of each school week by its Monday, repeating as late as the rotation allows.

    Both schools have school in the same weeks: a workday never takes a whole one.
    """
    weeks = [week_on for week_on in year.weeks if year.week(week_on, has_workday=False) is not None]
    return {week_on: rotated[number % len(rotated)] for number, week_on in enumerate(weeks)}


def _closed(begins: int) -> list[tuple[date, date, str]]:
    """Return the no-school days of the year that starts in the summer of `begins`: first day, last day, reason."""
    ends = begins + 1
    thanksgiving, spring = _nth(begins, 11, 3, 4), _nth(ends, 4, 0, 1)
    winter, new_year = week_of(date(begins, 12, 25)), date(ends, 1, 1)
    holidays = {
        _nth(begins, 9, 0, 1): "Labor Day",
        date(begins, 11, 11): "Veterans Day",
        new_year + timedelta(days=new_year.weekday() == 6): "New Year’s Day",
        _nth(ends, 1, 0, 3): "Martin Luther King Jr. Day",
        _nth(ends, 2, 0, 3): "Presidents’ Day",
        week_of(date(ends, 5, 31)): "Memorial Day",
    }
    breaks = [
        (thanksgiving - timedelta(days=1), thanksgiving + timedelta(days=1), "Thanksgiving break"),
        (winter, winter + timedelta(days=11), "Winter break"),
        (spring, spring + timedelta(days=4), "Spring break"),
    ]
    in_a_break = {day for first, last, _ in breaks for day in _days(first, (last - first).days + 1)}
    single = [(day, day, reason) for day, reason in holidays.items() if day.weekday() < 5 and day not in in_a_break]
    return single + breaks


def _days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=after) for after in range(number)]


def _first_day(year: int) -> date:
    """The Monday nearest to 18 August."""
    return week_of(date(year, 8, 21))


def _last_day(year: int) -> date:
    """The Friday nearest to 5 June."""
    return week_of(date(year, 6, 8) - timedelta(days=4)) + timedelta(days=4)


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """The `number`-th such weekday (0 is Monday) of the month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))
