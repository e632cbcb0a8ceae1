"""The calendars of schools: first and last school day of a year, no-school days and half days, the weekday of sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Table, and_, bindparam, func, insert, select, update

from ..domain import (
    Calendar,
    Classroom,
    ClassWeekday,
    Closure,
    ClosureKind,
    Person,
    Term,
    WeekdayFrom,
    WeekDecision,
    WeekRule,
)
from ..errors import NotFound
from .database.transactions import Reading, Writing, new_id
from .schema import (
    class_weekday,
    classroom,
    closure,
    school,
    school_calendar,
    school_weekday,
    school_year,
    term,
    week_decision,
)

CalendarKey = tuple[str, str]
"""The ids of a school and of a school year."""

_SCHOOL_IDS: BindParameter[str] = bindparam("school_ids", expanding=True)
# Built once: nearly every page of staff asks for calendars.
_CALENDARS = (
    select(school_calendar, school.c.closed_on)
    .join(school, school.c.id == school_calendar.c.school_id)
    .where(
        school_calendar.c.year_id.in_(bindparam("year_ids", expanding=True)),
        school_calendar.c.school_id.in_(_SCHOOL_IDS),
    )
)
_TERMS = select(term).where(term.c.year_id.in_(bindparam("year_ids", expanding=True))).order_by(term.c.starts_on)
_WEEKDAYS = (
    select(school_weekday).where(school_weekday.c.school_id.in_(_SCHOOL_IDS)).order_by(school_weekday.c.valid_from)
)
_CLASS_WEEKDAYS = (
    select(class_weekday.c.classroom_id, class_weekday.c.valid_from, class_weekday.c.weekday, classroom.c.school_id)
    .join(classroom, classroom.c.id == class_weekday.c.classroom_id)
    .where(classroom.c.school_id.in_(_SCHOOL_IDS))
    .order_by(class_weekday.c.valid_from)
)
_DECISIONS = select(week_decision).where(week_decision.c.school_id.in_(_SCHOOL_IDS)).order_by(week_decision.c.id)
_CLOSURES = (
    select(closure)
    .where(
        closure.c.school_id.in_(_SCHOOL_IDS),
        closure.c.withdrawn_at.is_(None),
        closure.c.first_on <= bindparam("last"),
        closure.c.last_on >= bindparam("first"),
    )
    .order_by(closure.c.first_on, closure.c.school_id, closure.c.id)
)


# --- Calendars --------------------------------------------------------------------------------------------------------


def load_calendars(tx: Reading, *, year_id: str, school_ids: Collection[str]) -> dict[str, Calendar]:
    """Return the calendar of each of these schools for a year, by the school's id. Six queries, however many schools."""
    return {school_id: found for (school_id, _), found in _load(tx, [year_id], school_ids).items()}


def load_calendars_of(tx: Reading, own: Iterable[Classroom]) -> Mapping[CalendarKey, Calendar]:
    """Return the calendars of these classes, by the ids of their school and year."""
    keys = {(classroom.school_id, classroom.year_id) for classroom in own}
    return _load(tx, {year_id for _, year_id in keys}, {school_id for school_id, _ in keys}) if keys else {}


def load_calendars_of_schools(tx: Reading, school_ids: Collection[str]) -> Mapping[CalendarKey, Calendar]:
    """Return the calendars of these schools for every year, by the ids of school and year."""
    return _load(tx, list(tx.execute(select(school_year.c.id)).scalars()), school_ids)


def load_calendar(tx: Reading, classroom: Classroom) -> Calendar:
    """Return the calendar of the class's school and year."""
    return load_calendars_of(tx, [classroom])[classroom.school_id, classroom.year_id]


def _load(tx: Reading, year_ids: Collection[str], school_ids: Collection[str]) -> dict[CalendarKey, Calendar]:
    schools, years = {"school_ids": list(school_ids)}, {"year_ids": list(year_ids)}
    rows = tx.execute(_CALENDARS, schools | years).all()
    if not rows:
        return {}
    decisions: dict[str, dict[date, WeekDecision]] = defaultdict(dict)
    for row in tx.execute(_DECISIONS, schools):  # by their number: a later one replaces an earlier one
        rule = WeekRule(row.says)
        decisions[row.school_id][row.week_on] = WeekDecision(row.week_on, rule, row.due_on, row.batch_id)
    span = {"first": min(row.first_on for row in rows), "last": max(row.last_on for row in rows)}
    closures: dict[str, list[Closure]] = defaultdict(list)
    for row in tx.execute(_CLOSURES, schools | span):
        closures[row.school_id].append(_closure(row))
    weekdays: dict[str, list[WeekdayFrom]] = defaultdict(list)
    for row in tx.execute(_WEEKDAYS, schools):
        weekdays[row.school_id].append(WeekdayFrom(row.valid_from, row.weekday))
    own_weekdays: dict[str, list[ClassWeekday]] = defaultdict(list)
    for row in tx.execute(_CLASS_WEEKDAYS, schools):
        own_weekdays[row.school_id].append(ClassWeekday(row.classroom_id, row.valid_from, row.weekday))
    terms: dict[str, list[Term]] = defaultdict(list)
    for row in tx.execute(_TERMS, years):
        terms[row.year_id].append(Term(row.id, row.year_id, row.name, row.starts_on, row.ends_on))
    return {
        (row.school_id, row.year_id): Calendar(
            row.school_id,
            row.year_id,
            row.first_on,
            row.last_on,
            tuple(closures[row.school_id]),
            tuple(weekdays[row.school_id]),
            tuple(terms[row.year_id]),
            tuple(decisions[row.school_id].values()),
            tuple(own_weekdays[row.school_id]),
            row.closed_on,
        )
        for row in rows
    }


# --- No-school days and half days -------------------------------------------------------------------------------------


def add_closure(
    tx: Writing,
    school_ids: Collection[str],
    first_on: date,
    last_on: date,
    reason: str,
    *,
    by: Person | None,
    at: datetime,
    kind: ClosureKind = ClosureKind.CLOSED,
    holds_sessions: bool = False,
    import_id: str | None = None,
    source_uid: str | None = None,
) -> str:
    """Add a range of no-school days or half days to each of these schools and return the batch they share.

    `by` None means that the site itself enters it. `import_id` and `source_uid` say that it came from a calendar file.
    """
    batch_id = new_id()
    entered = _entered(by, at)
    days = {"first_on": first_on, "last_on": last_on, "kind": kind.value, "holds_sessions": holds_sessions}
    source = {"import_id": import_id, "source_uid": source_uid}
    rows = [
        {
            "id": new_id(),
            "batch_id": batch_id,
            "school_id": school_id,
            "reason": reason.strip(),
            **days,
            **source,
            **entered,
        }
        for school_id in sorted(set(school_ids))
    ]
    if rows:
        tx.execute(insert(closure), rows)
    return batch_id


def list_closures(tx: Reading, *, first: date, last: date, school_ids: Collection[str]) -> list[Closure]:
    """Return the closures of these schools that touch first..last, by their first day; none that was withdrawn."""
    span = {"first": first, "last": last, "school_ids": list(school_ids)}
    return [_closure(row) for row in tx.execute(_CLOSURES, span)]


def list_entered_together(tx: Reading, closure_id: str) -> list[Closure]:
    """Return this closure and those entered with it, without withdrawn ones. Raises NotFound when there is none left."""
    batch = select(closure.c.batch_id).where(closure.c.id == closure_id).scalar_subquery()
    meant = select(closure).where(closure.c.batch_id == batch, closure.c.withdrawn_at.is_(None))
    found = [_closure(row) for row in tx.execute(meant.order_by(closure.c.school_id))]
    if not found:
        raise NotFound("We couldn’t find that no-school day.")
    return found


def list_batch(tx: Reading, batch_id: str) -> list[Closure]:
    """Return the closures of a batch, without withdrawn ones."""
    meant = select(closure).where(closure.c.batch_id == batch_id, closure.c.withdrawn_at.is_(None))
    return [_closure(row) for row in tx.execute(meant.order_by(closure.c.school_id))]


def list_entry_times(tx: Reading, closure_ids: Collection[str]) -> dict[str, datetime]:
    """Return when each of these closures was entered, by its ID."""
    meant = select(closure.c.id, closure.c.entered_at).where(closure.c.id.in_(closure_ids))
    return {row.id: row.entered_at for row in tx.execute(meant)}


def new_import_id() -> str:
    """Return an id for the closures of one calendar file."""
    return new_id()


def list_imported(tx: Reading, import_id: str) -> list[Closure]:
    """Return what is left of an import, by first day."""
    meant = select(closure).where(closure.c.import_id == import_id, closure.c.withdrawn_at.is_(None))
    return [_closure(row) for row in tx.execute(meant.order_by(closure.c.first_on, closure.c.id))]


def list_removed_sources(tx: Reading, school_ids: Collection[str]) -> set[tuple[str, date]]:
    """Return name and first day of what calendar files added and a person removed, but not of a whole import undone."""
    left = closure.alias("left_of_import")
    meant = select(closure.c.source_uid, closure.c.first_on).where(
        closure.c.school_id.in_(school_ids),
        closure.c.source_uid.is_not(None),
        closure.c.withdrawn_at.is_not(None),
        select(left.c.id).where(left.c.import_id == closure.c.import_id, left.c.withdrawn_at.is_(None)).exists(),
    )
    return {(row.source_uid, row.first_on) for row in tx.execute(meant)}


def list_imports(tx: Reading, school_ids: Collection[str], first: date, last: date) -> list[tuple[str, datetime, int]]:
    """Return each import with entries left on these schools' days: its id, when it was made, how many. Newest first."""
    counted = func.count(closure.c.batch_id.distinct())
    meant = (
        select(closure.c.import_id, func.max(closure.c.entered_at).label("at"), counted.label("entries"))
        .where(
            closure.c.school_id.in_(school_ids),
            closure.c.import_id.is_not(None),
            closure.c.withdrawn_at.is_(None),
            closure.c.first_on <= last,
            closure.c.last_on >= first,
        )
        .group_by(closure.c.import_id)
    )
    found = [(row.import_id, row.at, row.entries) for row in tx.execute(meant)]
    return sorted(found, key=lambda one: one[1], reverse=True)


def withdraw_closures(tx: Writing, closure_ids: Collection[str], at: datetime) -> None:
    """Withdraw these closures: there is school on their days again. Harmless when they were withdrawn before."""
    meant = closure.c.id.in_(closure_ids) & closure.c.withdrawn_at.is_(None)
    tx.execute(update(closure).where(meant).values(withdrawn_at=at))


def _closure(row: Row[Any]) -> Closure:
    return Closure(
        id=row.id,
        batch_id=row.batch_id,
        school_id=row.school_id,
        first_on=row.first_on,
        last_on=row.last_on,
        kind=ClosureKind(row.kind),
        holds_sessions=row.holds_sessions,
        reason=row.reason,
    )


def _entered(by: Person | None, at: datetime) -> dict[str, object]:
    return {"entered_by": by and by.id, "entered_role": by.role.value if by else "site", "entered_at": at}


# --- Decisions about single weeks -------------------------------------------------------------------------------------


def add_decision(tx: Writing, school_id: str, decision: WeekDecision, *, by: Person | None, at: datetime) -> None:
    """Decide about the due day of one week of a school. Earlier decisions about the week stay on record."""
    tx.execute(
        insert(week_decision).values(
            school_id=school_id,
            batch_id=decision.batch_id,
            week_on=decision.week_on,
            says=decision.rule.value,
            due_on=decision.due_on,
            **_entered(by, at),
        )
    )


# --- The weekday of sessions ------------------------------------------------------------------------------------------


def set_bounds(tx: Writing, school_id: str, year_id: str, first_on: date, last_on: date) -> None:
    """Set the first and last school day of a school in a year."""
    same = (school_calendar.c.school_id == school_id) & (school_calendar.c.year_id == year_id)
    tx.execute(update(school_calendar).where(same).values(first_on=first_on, last_on=last_on))


def set_weekday(
    tx: Writing, school_id: str, valid_from: date, weekday: int, *, by: Person | None, at: datetime
) -> None:
    """Make sessions due on `weekday` (0 is Monday, 4 is Friday) in the weeks from Monday `valid_from` on."""
    key = {"school_id": school_id, "valid_from": valid_from}
    _put(tx, school_weekday, key, {"weekday": weekday, **_entered(by, at)})


def set_class_weekday(
    tx: Writing, classroom_id: str, valid_from: date, weekday: int | None, *, by: Person | None, at: datetime
) -> None:
    """Make the class's sessions due on `weekday` from Monday `valid_from` on; None means when its school's are."""
    key = {"classroom_id": classroom_id, "valid_from": valid_from}
    _put(tx, class_weekday, key, {"weekday": weekday, **_entered(by, at)})


def _put(tx: Writing, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Change the row of this key, or add it."""
    same = and_(*(table.c[name] == value for name, value in key.items()))
    if tx.execute(update(table).where(same).values(**values)).rowcount == 0:
        tx.execute(insert(table).values(**key, **values))
