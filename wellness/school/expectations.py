"""What is expected of each class in each week, and closing the weeks that are over.

The past is closed: once a week's due day is over, what was expected of each class is stored (`close_weeks`), and every
number counts what is stored. What is still open follows from the calendar, the plan and the classes. Two rules keep the
numbers still: a use case that changes one of those closes first, and stored rows are added to, never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from ..domain import Calendar, Classroom, Expectation, ExpectationKind, school_day, target_on, weeks_between
from ..errors import Invalid, worded
from ..records import Reading, Writing, calendars, classrooms, expected_weeks, minutes_targets, plans, schools
from ..records.calendars import CalendarKey
from ..records.schools import list_years

Expectations = dict[tuple[str, date], Expectation]
"""By class and Monday. A class is left out of a week in which it wasn't expected."""


class WeekOver(Invalid):
    """The week's due day is over: what it expected can only be amended."""

    def __init__(self) -> None:
        message = worded(
            "That week is over, and its numbers may have been reported. It can only be changed with a reason."
        )
        super().__init__(message, {"week_on": message})


class OpenWeeks:
    """Works out what open weeks expect, from the calendars, the plan and the target of these schools. A query each."""

    def __init__(self, tx: Reading, own: Mapping[CalendarKey, Calendar], first: date, last: date) -> None:
        school_ids = {school_id for school_id, _ in own}
        self._plan = plans.load_plan(tx, first=first, last=last, school_ids=school_ids)
        self._calendars = own
        self._targets = minutes_targets.list_targets(tx)

    def expect(self, classroom: Classroom, week_on: date) -> Expectation | None:
        """Return what the week expects of the class.

        None when it doesn't meet on the due day (without one, Friday), and before or after its school's year.
        """
        slug = self._plan.of_class(classroom, week_on)
        calendar = self._calendars[classroom.school_id, classroom.year_id]
        due_on = calendar.due_day_of(classroom.id, week_on)
        day = due_on or week_on + timedelta(days=4)
        if not classroom.meets_on(day) or not calendar.touches(week_on):
            return None
        kind = ExpectationKind.SESSION if slug is not None else ExpectationKind.NOTHING_PLANNED
        return Expectation(
            classroom_id=classroom.id,
            week_on=week_on,
            school_id=classroom.school_id,
            grade=classroom.grade,
            due_on=due_on,
            slug=slug,
            target=target_on(self._targets, day),
            kind=kind if due_on is not None else ExpectationKind.NO_SCHOOL,
        )


def list_expectations(tx: Reading, own: Sequence[Classroom], weeks: Sequence[date]) -> Expectations:
    """Return what these weeks (Mondays) expect of these classes."""
    if not own or not weeks:
        return {}
    school_ids = {classroom.school_id for classroom in own}
    closed = expected_weeks.closed_through(tx, school_ids)
    all_closed = all(closed.get(school_id, date.min) >= weeks[-1] for school_id in school_ids)
    own_calendars = {} if all_closed else calendars.load_calendars_of(tx, own)
    found: Expectations = {}
    if any(weeks[0] <= through for through in closed.values()) or _some_close_alone(own_calendars.values()):
        stored = expected_weeks.list_of_classes(tx, [one.id for one in own], weeks[0], weeks[-1])
        found = {(one.classroom_id, one.week_on): one for one in stored}
    if all_closed:
        return found
    open_weeks = OpenWeeks(tx, own_calendars, weeks[0], weeks[-1])
    for classroom in own:
        through = closed.get(classroom.school_id, date.min)
        for week_on in (one for one in weeks if one > through and (classroom.id, one) not in found):
            if (expected := open_weeks.expect(classroom, week_on)) is not None:
                found[classroom.id, week_on] = expected
    return found


def list_closed_alone(tx: Reading, own: Collection[Calendar], first: date, last: date) -> frozenset[tuple[str, date]]:
    """Return the classes and weeks (Mondays) stored already, of schools where a class has a weekday of its own.

    Such a class's week closes after its own day, while the week is still open for the rest of the school.
    """
    if not _some_close_alone(own):
        return frozenset()
    stored = expected_weeks.list_of_schools(tx, [one.school_id for one in own], first, last)
    return frozenset((one.classroom_id, one.week_on) for one in stored)


def _some_close_alone(own: Iterable[Calendar]) -> bool:
    return any(calendar.class_weekdays for calendar in own)


def list_planned(tx: Reading, classroom: Classroom, first: date, last: date) -> dict[date, str | None]:
    """Return by Monday the session planned for the class: what closed weeks expected, else today's plan. Two queries."""
    plan = plans.load_plan(tx, first=first, last=last, school_ids=[classroom.school_id])
    planned = {week_on: plan.of_class(classroom, week_on) for week_on in weeks_between(first, last)}
    stored = expected_weeks.list_of_classes(tx, [classroom.id], first, last)
    return planned | {one.week_on: one.slug for one in stored}


def find_planned(tx: Reading, classroom: Classroom, week_on: date) -> str | None:
    """Return the session planned for the class in the week of that Monday, or None."""
    return list_planned(tx, classroom, week_on, week_on).get(week_on)


# --- Closing ----------------------------------------------------------------------------------------------------------


class ClockBehind(Invalid):
    """A week after today is closed already, so the clock is wrong: nothing about the school's time is changed now."""

    def __init__(self, today: date) -> None:
        super().__init__(
            worded(
                "Nothing was saved. The site’s clock says %(day)s, but later weeks are closed already. Ask the person who "
                "runs this site to check the clock.",
                day=today,
            )
        )


def close_weeks(tx: Writing, school_ids: Collection[str], at: datetime) -> dict[str, date]:
    """Store what was expected in every week of these schools that is over and not closed yet.

    Returns the Monday of each school's latest closed week. It changes no number, whenever it runs. Raises ClockBehind.
    """
    zones = schools.list_zones(tx)
    closed = expected_weeks.closed_through(tx, school_ids)
    of_years = {one.id: calendars.load_calendars(tx, year_id=one.id, school_ids=school_ids) for one in list_years(tx)}
    for school_id in school_ids:
        today = school_day(at, zones[school_id])
        if closed.get(school_id, date.min) >= today:
            raise ClockBehind(today)
        own = [of_school[school_id] for of_school in of_years.values() if school_id in of_school]
        through = closed.get(school_id, date.min)
        over = list(_weeks_over(own, through, today))
        for calendar in own:
            _close(tx, calendar, [week_on for week_on in over if week_on in calendar.weeks], today)
            _close(tx, calendar, _weeks_begun(calendar, max([through, *over]), today), today)
        if over:
            expected_weeks.close_through(tx, school_id, over[-1])
            closed[school_id] = over[-1]
    return closed


def skip_weeks(tx: Writing, school_id: str, at: datetime) -> None:
    """Close every week that is over without expecting anything: the school was closed then."""
    today = school_day(at, schools.list_zones(tx)[school_id])
    own = list(calendars.load_calendars_of_schools(tx, [school_id]).values())
    closed = expected_weeks.closed_through(tx, [school_id])
    over = list(_weeks_over(own, closed.get(school_id, date.min), today))
    if over:
        expected_weeks.close_through(tx, school_id, over[-1])


def _weeks_over(own: Sequence[Calendar], through: date, today: date) -> Iterator[date]:
    """The Mondays after `through` that are over; the first one that isn't ends them."""
    for week_on in sorted({week_on for calendar in own for week_on in calendar.weeks if week_on > through}):
        days = (calendar.due_days(week_on) for calendar in own if week_on in calendar.weeks)
        if any(max(of_week, default=week_on + timedelta(days=6)) >= today for of_week in days):
            return
        yield week_on


def _weeks_begun(calendar: Calendar, through: date, today: date) -> list[date]:
    """The Mondays of weeks in which a class's own day is over, and the school's is not."""
    if not calendar.class_weekdays:
        return []
    later = (week_on for week_on in calendar.weeks if through < week_on < today)
    return [week_on for week_on in later if any(day < today for day in calendar.due_days(week_on))]


def _close(tx: Writing, calendar: Calendar, weeks: Sequence[date], today: date) -> None:
    """Store what these weeks expected of each class whose due day is over; a week without one is over with Sunday."""
    if not weeks:
        return
    last_on = weeks[-1] + timedelta(days=6)
    own = classrooms.list_classrooms(
        tx, year_id=calendar.year_id, on_day=weeks[0], last_on=last_on, school_id=calendar.school_id
    )
    open_weeks = OpenWeeks(tx, {(calendar.school_id, calendar.year_id): calendar}, weeks[0], weeks[-1])
    stored = list_closed_alone(tx, [calendar], weeks[0], weeks[-1])
    expected = (open_weeks.expect(one, week_on) for week_on in weeks for one in own if (one.id, week_on) not in stored)
    over = (one for one in expected if one is not None and (one.due_on or one.week_on + timedelta(days=6)) < today)
    expected_weeks.add_expected(tx, [replace(one, seq=1) for one in over])
