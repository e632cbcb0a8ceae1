"""Undoing a rollover: what goes, what stays and why. What anybody made or changed by hand stays."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..domain import Classroom, Closure, EnteredRole, Person, PlanEntry, SchoolYear, Teaching, school_day
from ..errors import Invalid, worded
from ..records import (
    Reading,
    Records,
    Writing,
    audit_log,
    calendars,
    classrooms,
    plans,
    rollovers,
    schools,
    settings,
    viewings,
)
from ..records.rollovers import Rollover, RolloverItem
from .expectations import close_weeks
from .rollover import class_facts, closure_facts, teaching_facts, year_facts


class Why(StrEnum):
    """Why something that a rollover made stays when it is undone."""

    CHANGED = "changed"
    IN_USE = "in use"
    """A door card was made for the class, or something else refers to it."""
    TEACHERS_CHANGED = "teachers changed"
    REPLANNED = "replanned"
    NOT_EMPTY = "not empty"
    """The year has something that the rollover didn't make, or that stays."""


@dataclass(frozen=True, slots=True)
class Stays:
    """What stays, and why. `week_on` is the Monday of a planned week; other things have a name."""

    why: Why
    name: str = ""
    week_on: date | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoing a rollover would remove now, and what stays."""

    year: SchoolYear
    classes: tuple[Classroom, ...]
    closures: tuple[Closure, ...]
    plan: tuple[PlanEntry, ...]
    removes_year: bool
    stays: tuple[Stays, ...]

    @property
    def seen(self) -> str:
        """A fingerprint of everything it says: a press carries that of its preview."""
        said = [
            [one.id for one in self.classes],
            [one.id for one in self.closures],
            [one.id for one in self.plan],
            [self.year.id, self.removes_year],
            [[one.name, str(one.week_on), one.why] for one in self.stays],
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def work_out_undo(tx: Reading, rollover: Rollover, today: date) -> Undo:
    """Return what undoing the rollover would do now. Raises Invalid when it can no longer be undone."""
    year = _check(tx, rollover, today)
    items = _Items(rollovers.list_items(tx, rollover.id))
    listed = classrooms.list_classrooms(tx, year_id=year.id, on_day=date.min, last_on=date.max)
    stays: list[Stays] = []
    gone = _classes_that_go(tx, year, items, listed, stays)
    closures = _closures_that_go(tx, year, items)
    planned = plans.list_plan(tx, first=year.starts_on, last=year.ends_on)
    plan = _plan_that_goes(tx, items, planned, stays)
    removes_year = False
    if made := items.made("school_year").get(year.id):
        left = len(listed) > len(gone) or len(planned) > len(plan) or _has_other_closures(tx, year, closures)
        removes_year = not left and made == year_facts(year)
        if not removes_year:
            stays.append(Stays(Why.NOT_EMPTY if left else Why.CHANGED, year.name))
    return Undo(year, tuple(gone), tuple(closures), tuple(plan), removes_year, tuple(stays))


class _Items:
    """What a rollover made, by table and ID."""

    def __init__(self, items: Sequence[RolloverItem]) -> None:
        self._by_table: dict[str, dict[str, Mapping[str, object]]] = defaultdict(dict)
        for one in items:
            self._by_table[one.table][one.row_id] = one.made

    def made(self, table: str) -> dict[str, Mapping[str, object]]:
        return self._by_table[table]


def _check(tx: Reading, rollover: Rollover, today: date) -> SchoolYear:
    """Return the year that took the copies. Raises Invalid when the rollover can no longer be undone."""
    if rollover.undone_at is not None:
        raise Invalid(worded("This has been undone already."))
    if rollover.to_year_id is None:
        raise Invalid(worded("The school year was removed, so there’s nothing left to undo."))
    year = schools.get_year(tx, rollover.to_year_id)
    made_on = school_day(rollover.at, settings.load_settings(tx).zone)
    if viewings.has_viewings(tx, year.id):
        raise Invalid(
            worded("Classes of this year have run sessions, so it can’t be undone. You can change each class.")
        )
    if today >= year.starts_on and today > made_on:
        raise Invalid(worded("The school year has begun, so it can’t be undone. You can change each class."))
    return year


def _classes_that_go(
    tx: Reading, year: SchoolYear, items: _Items, listed: Sequence[Classroom], stays: list[Stays]
) -> list[Classroom]:
    used, weekdays = classrooms.list_used(tx, year.id), _weekdays_of(tx, year)
    taught = items.made("teaching")
    by_hand = {
        one.classroom_id for one in classrooms.list_teaching_of_year(tx, year.id) if not _is_as_made(one, taught)
    }
    gone = []
    for one in listed:
        made = items.made("classroom").get(one.id)
        if made is None:
            continue
        made_days = items.made("class_weekday").get(one.id, {}).get("days", [])
        is_changed = made != class_facts(one) or made_days != weekdays.get(one.id, [])
        why = _why_class_stays(one.id, is_changed=is_changed, used=used, by_hand=by_hand)
        if why is None:
            gone.append(one)
        else:
            stays.append(Stays(why, one.name))
    return gone


def _is_as_made(one: Teaching, taught: Mapping[str, Mapping[str, object]]) -> bool:
    return taught.get(one.id) == teaching_facts(one)


def _why_class_stays(
    classroom_id: str, *, is_changed: bool, used: Collection[str], by_hand: Collection[str]
) -> Why | None:
    if is_changed:
        return Why.CHANGED
    if classroom_id in used:
        return Why.IN_USE
    return Why.TEACHERS_CHANGED if classroom_id in by_hand else None


def _weekdays_of(tx: Reading, year: SchoolYear) -> dict[str, list[list[object]]]:
    """Return the weekdays of classes that have their own, by class, as an item names them."""
    ids = [school.id for school in schools.list_schools(tx)]
    found: dict[str, list[list[object]]] = defaultdict(list)
    for calendar in calendars.load_calendars(tx, year_id=year.id, school_ids=ids).values():
        for one in calendar.class_weekdays:
            found[one.classroom_id].append([str(one.valid_from), one.weekday])
    return found


def _closures_that_go(tx: Reading, year: SchoolYear, items: _Items) -> list[Closure]:
    """Return the no-school days that are as they were made. A change replaces them, so others are not there anymore."""
    made = items.made("closure")
    ids = [school.id for school in schools.list_schools(tx)]
    listed = calendars.list_closures(tx, first=year.starts_on, last=year.ends_on, school_ids=ids)
    return [one for one in listed if made.get(one.id) == closure_facts(one)]


def _has_other_closures(tx: Reading, year: SchoolYear, gone: Sequence[Closure]) -> bool:
    ids = [school.id for school in schools.list_schools(tx)]
    return len(calendars.list_closures(tx, first=year.starts_on, last=year.ends_on, school_ids=ids)) > len(gone)


def _plan_that_goes(tx: Reading, items: _Items, planned: Sequence[PlanEntry], stays: list[Stays]) -> list[PlanEntry]:
    """Return the rollover’s entries that still count, and note the weeks that were planned again since."""
    made = [entry for batch_id in items.made("plan_entry") for entry in plans.list_batch(tx, batch_id)]
    meant, ids = {(one.school_id, one.week_on, one.grade) for one in made}, {one.id for one in made}
    again = {one.week_on for one in planned if one.id not in ids and (one.school_id, one.week_on, one.grade) in meant}
    stays.extend(Stays(Why.REPLANNED, week_on=week_on) for week_on in sorted(again))
    return [one for one in planned if one.id in ids]


def undo(records: Records, by: Person, rollover_id: str, *, seen: str, at: datetime, today: date) -> None:
    """Remove what the preview with the fingerprint `seen` said.

    Raises Invalid when it would remove something else now or can no longer be undone, NotFound for an unknown rollover.
    """
    with records.writing() as tx:
        close_weeks(tx, [school.id for school in schools.list_schools(tx)], at)
        found = work_out_undo(tx, rollovers.get_rollover(tx, rollover_id), today)
        if found.seen != seen:
            raise Invalid(
                worded("Something changed since you looked, so nothing was removed. Please check the list again.")
            )
        _remove(tx, found, by, at)
        rollovers.mark_undone(tx, rollover_id, at)
        counts = (
            f"{len(found.classes)} classes, {len(found.closures)} no-school days, {len(found.plan)} entries of the plan"
        )
        audit_log.note(tx, by, at, "undo turning the year over", found.year.name, counts)


def _remove(tx: Writing, found: Undo, by: Person, at: datetime) -> None:
    nothing = [(one.school_id, one.week_on, one.grade, None) for one in found.plan]
    role, batch_id = EnteredRole(by.role.value), secrets.token_urlsafe(16)
    plans.add_entries(tx, nothing, by=by.id, role=role, at=at, batch_id=batch_id)
    calendars.withdraw_closures(tx, [one.id for one in found.closures], at)
    classrooms.remove_classrooms(tx, [one.id for one in found.classes])
    if found.removes_year:
        schools.remove_year(tx, found.year.id)
