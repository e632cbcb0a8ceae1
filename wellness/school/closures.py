"""No-school days and half days of a coach's or an admin's schools, and the weekday on which sessions are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ..domain import Calendar, Closure, ClosureKind, Person, School, WeekDecision, WeekRule, week_of
from ..errors import Forbidden, Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, calendars, expected_weeks, schools
from ..records.calendars import CalendarKey
from .amendments import leave_out
from .due_days import MovedWeek, decide, keep_past_due_days, moved_weeks
from .expectations import close_weeks
from .planning import own_schools

HAPPENED, LEAVE_OUT = "happened", "leave out"
"""Answers to what becomes of a week; the third is a day, as 2026-11-20."""

_NOT_YOURS = "You can only plan for your own schools."


class DecisionNeeded(Invalid):
    """The days close school on a due day that has come; a person has to say what becomes of those weeks.

    `days` are the later days of the week to which the session can move.
    """

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__(
            worded("Not saved yet. Please choose what happens to the session."),
            {"decision": worded("A session was due on that day. Choose what happens to it.")},
        )
        self.days = tuple(days)


@dataclass(frozen=True, slots=True)
class ClosedRange:
    """What a person enters: the days, what they are, and why. `holds_sessions` only matters for half days."""

    first_on: date
    last_on: date
    kind: ClosureKind
    holds_sessions: bool
    reason: str

    @property
    def span(self) -> str:
        """The days for the audit log."""
        return str(self.first_on) if self.first_on == self.last_on else f"{self.first_on} to {self.last_on}"


def add_closure(
    records: Records,
    person: Person,
    entered: ClosedRange,
    *,
    school_ids: Collection[str],
    at: datetime,
    today: date,
    decision: str = "",
    replaces: str | None = None,
) -> None:
    """Add no-school days or half days for these schools; `replaces` is a closure that they take the place of.

    `decision` says what becomes of sessions that were due on a day that has come: `LEAVE_OUT`, `HAPPENED` or a later
    day. Raises DecisionNeeded without one, Invalid with the wrong fields, Forbidden for a school that is not the
    person's.
    """
    with records.writing() as tx:
        own = {school.id: school for school in own_schools(tx, person)}
        if not set(school_ids) <= own.keys():
            raise Forbidden(_NOT_YOURS)
        replaced = _own_together(tx, own, replaces) if replaces else []
        touched = sorted({*school_ids, *(one.school_id for one in replaced)})
        closed = close_weeks(tx, touched, at)
        before = calendars.load_calendars_of_schools(tx, touched)
        if replaced:
            _withdraw(tx, replaced, person, at, today)
        _check(tx, [own[school_id] for school_id in school_ids], entered)
        batch_id = calendars.add_closure(
            tx, school_ids, entered.first_on, entered.last_on, entered.reason, by=person, at=at,
            kind=entered.kind, holds_sessions=entered.holds_sessions,
        )  # fmt: skip
        sudden = _settle(tx, before, touched, decision, batch_id=batch_id, by=person, at=at, today=today)
        if decision == LEAVE_OUT:
            for moved in sudden:
                if moved.week_on <= closed.get(moved.school_id, date.min):
                    leave_out(
                        tx, person, moved.school_id, moved.week_on, was_due_on=moved.before,
                        reason=entered.reason.strip(), at=at,
                    )  # fmt: skip
        action = "change no-school day" if replaced else "add no-school day"
        audit_log.note(tx, person, at, action, "plan", f"{entered.span}: {entered.reason.strip()}")


def _settle(
    tx: Writing,
    before: Mapping[CalendarKey, Calendar],
    school_ids: Collection[str],
    decision: str,
    *,
    batch_id: str,
    by: Person,
    at: datetime,
    today: date,
) -> list[MovedWeek]:
    """Write what becomes of the weeks whose due day has come and moves, and return them.

    Raises DecisionNeeded if nobody said.
    """
    after = calendars.load_calendars_of_schools(tx, school_ids)
    sudden = [moved for moved in moved_weeks(before, after) if moved.is_over(today)]
    if not sudden:
        return []
    closed = expected_weeks.closed_through(tx, school_ids)
    is_closed = any(moved.week_on <= closed.get(moved.school_id, date.min) for moved in sudden)
    # A closed week has counted with its own due day: it can be left out, but not become due once more.
    days = [] if is_closed else _later_days(sudden, after, today)
    if decision not in (LEAVE_OUT, HAPPENED, *map(str, days)):
        raise DecisionNeeded(days)
    for moved in sudden:
        if decision == HAPPENED:
            due_on = moved.before
        else:
            due_on = None if decision == LEAVE_OUT else date.fromisoformat(decision)
        decide(tx, moved, due_on, batch_id=batch_id, by=by, at=at)
    return sudden


def _later_days(sudden: Sequence[MovedWeek], after: Mapping[CalendarKey, Calendar], today: date) -> list[date]:
    """Return the days from today on to which every one of these weeks can move; none for several weeks."""
    weeks = {moved.week_on for moved in sudden}
    if len(weeks) > 1:
        return []
    (week_on,), closing = weeks, {moved.school_id for moved in sudden}
    found = [calendar for (school_id, _), calendar in after.items() if school_id in closing]
    days = [week_on + timedelta(days=number) for number in range(5)]
    of_year = [calendar for calendar in found if calendar.is_in_year(week_on) or calendar.is_in_year(days[-1])]
    return [day for day in days if day >= today and all(calendar.holds_sessions(day) for calendar in of_year)]


def _check(tx: Reading, own: Collection[School], entered: ClosedRange) -> None:
    """Raise Invalid when the days or the reason cannot be right; all wrong fields at once."""
    fields: dict[str, str] = {}
    if not entered.reason.strip():
        fields["reason"] = worded("Enter a reason, like Thanksgiving break.")
    if not own:
        fields["school_ids"] = worded("Choose at least one school.")
    if wrong_days := _wrong_days(tx, [school.id for school in own], entered.first_on, entered.last_on):
        fields["first_on"] = wrong_days
    if fields:
        raise Invalid("The no-school days weren’t saved. Please fix what’s marked.", fields)


def _wrong_days(tx: Reading, school_ids: Collection[str], first_on: date, last_on: date) -> str:
    """Return why these days cannot be no-school days, empty when they can."""
    if first_on > last_on:
        return worded("The first day is after the last day.")
    if all(
        (first_on + timedelta(days=number)).weekday() > 4 for number in range(min((last_on - first_on).days, 6) + 1)
    ):
        return worded("There’s no school on weekends. Choose a day from Monday to Friday.")
    years = schools.list_years(tx)
    if not any(year.starts_on <= first_on and last_on <= year.ends_on for year in years):
        return worded("These days are outside the school year. An admin can change the year’s first and last day.")
    if calendars.list_closures(tx, first=first_on, last=last_on, school_ids=school_ids):
        return worded("Some of these days are on the list already. Change or remove that entry.")
    return ""


def remove_closure(records: Records, person: Person, *, closure_id: str, at: datetime, today: date) -> None:
    """Remove the no-school days that were entered with this closure, in the person's schools.

    Due days that are over stay what they were. Raises NotFound when there is no such closure in the person's schools.
    """
    with records.writing() as tx:
        own = {school.id: school for school in own_schools(tx, person)}
        mine = _own_together(tx, own, closure_id)
        school_ids = [one.school_id for one in mine]
        close_weeks(tx, school_ids, at)
        before = calendars.load_calendars_of_schools(tx, school_ids)
        _withdraw(tx, mine, person, at, today)
        keep_past_due_days(tx, before, school_ids, batch_id=mine[0].batch_id, by=person, at=at, today=today)
        days = ClosedRange(mine[0].first_on, mine[0].last_on, mine[0].kind, False, "").span
        audit_log.note(tx, person, at, "remove no-school day", "plan", f"{days}: {mine[0].reason}")


def list_own_together(tx: Reading, person: Person, closure_id: str) -> list[Closure]:
    """Return this closure and those entered with it, in the person's schools. Raises as `remove_closure` does."""
    return _own_together(tx, {school.id: school for school in own_schools(tx, person)}, closure_id)


def _own_together(tx: Reading, own: Mapping[str, School], closure_id: str) -> list[Closure]:
    mine = [one for one in calendars.list_entered_together(tx, closure_id) if one.school_id in own]
    if not mine:
        raise NotFound("We couldn’t find that no-school day.")
    return mine


def _withdraw(tx: Writing, mine: Collection[Closure], person: Person, at: datetime, today: date) -> None:
    """Withdraw closures together with what was decided for them about days that are not over yet."""
    calendars.withdraw_closures(tx, [one.id for one in mine], at)
    batches = {one.school_id: one.batch_id for one in mine}
    for (school_id, _), calendar in calendars.load_calendars_of_schools(tx, list(batches)).items():
        for week_on in calendar.weeks:
            decision = calendar.decision_of(week_on)
            if decision is None or decision.batch_id != batches[school_id]:
                continue
            undone = WeekDecision(week_on, WeekRule.AS_CALENDAR, None, decision.batch_id)
            due_on = replace(calendar, decisions=(undone,)).due_day(week_on)
            if due_on is None or due_on >= today:
                calendars.add_decision(tx, school_id, undone, by=person, at=at)


def set_weekday(
    records: Records,
    person: Person,
    *,
    school_ids: Collection[str],
    valid_from: date,
    weekday: int,
    at: datetime,
    today: date,
) -> None:
    """Make sessions of these schools due on `weekday` (0 is Monday) from the week of Monday `valid_from` on.

    Raises Invalid with the wrong fields, Forbidden for a school that is not the person's.
    """
    fields: dict[str, str] = {}
    if weekday not in range(5):
        fields["weekday"] = worded("Choose a day from Monday to Friday.")
    if valid_from != week_of(valid_from) or valid_from < week_of(today):
        fields["valid_from"] = worded("Choose this week or a later one. Past weeks stay as they were.")
    if not school_ids:
        fields["weekday_school_ids"] = worded("Choose at least one school.")
    if fields:
        raise Invalid("The day wasn’t saved. Please fix what’s marked.", fields)
    with records.writing() as tx:
        own = {school.id: school for school in own_schools(tx, person)}
        if not set(school_ids) <= own.keys():
            raise Forbidden(_NOT_YOURS)
        close_weeks(tx, school_ids, at)
        before = calendars.load_calendars_of_schools(tx, school_ids)
        for school_id in school_ids:
            calendars.set_weekday(tx, school_id, valid_from, weekday, by=person, at=at)
            audit_log.note(
                tx, person, at, "set weekday of sessions", own[school_id].name, f"{weekday} from {valid_from}"
            )
        batch_id = f"weekday from {valid_from}"
        keep_past_due_days(tx, before, school_ids, batch_id=batch_id, by=person, at=at, today=today)
