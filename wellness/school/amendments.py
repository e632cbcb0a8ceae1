"""Amendments: a change to a week that is over, with a person, a reason and a way back.

The week's stored expectation is added to, never overwritten (`wellness.records.expected_weeks`), and the week grid and
the report show the amendment as a footnote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from ..domain import (
    GRADES,
    Amendment,
    ClassPlanRule,
    EnteredRole,
    Expectation,
    ExpectationKind,
    Person,
    School,
)
from ..errors import Forbidden, Invalid, NotFound, worded
from ..records import (
    Reading,
    Records,
    Writing,
    amendments,
    audit_log,
    expected_weeks,
    plans,
    week_summaries,
)
from .expectations import close_weeks
from .moves import Move, count_moves
from .planning import own_schools

UNDO_DAYS = 14
"""Days in which an amendment can be undone; after that it takes a new one."""
MAX_REASON = 300
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class WeekChange:
    """What the week of Monday `week_on` should have expected of these grades of these schools.

    `kind` is a session (with its `slug`), nothing planned, or left out.
    """

    week_on: date
    school_ids: tuple[str, ...]
    grades: tuple[str, ...]
    kind: ExpectationKind
    slug: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do: how many classes' weeks change, and what they read before and after.

    `seen` names the stored weeks it was worked out from; the form sends it along.
    """

    classes: int
    moves: tuple[Move, ...]
    seen: str


def preview(tx: Reading, person: Person, change: WeekChange, today: date) -> Effect:
    """Return what the change would do. Raises Invalid with the field that is wrong, Forbidden for a school of others."""
    _check(tx, person, change)
    before = _changed(tx, change)
    return Effect(
        classes=len(before),
        moves=count_moves(tx, [(one, _after(one, change)) for one in before], today),
        seen=_seen(before),
    )


def amend(records: Records, person: Person, change: WeekChange, *, reason: str, seen: str, at: datetime) -> list[int]:
    """Change a week that is over. Returns the numbers of the amendments, one for each school that changes.

    Raises Invalid when the reason is missing, the week isn't over, or somebody changed it since the preview (`seen`).
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Invalid("Nothing was changed.", {"reason": worded("Say why. The reason is shown with the numbers.")})
    if len(reason) > MAX_REASON:
        raise Invalid("Nothing was changed.", {"reason": worded("Keep the reason under 300 characters.")})
    with records.writing() as tx:
        own = _check(tx, person, change)
        closed = close_weeks(tx, change.school_ids, at)
        if any(closed.get(one, date.min) < change.week_on for one in change.school_ids):
            raise Invalid("Nothing was changed.", {"week_on": worded("That week isn’t over yet. Change the plan.")})
        before = _changed(tx, change)
        if _seen(before) != seen:
            raise Invalid("Someone changed that week in the meantime. Check the numbers again.")
        if not before:
            raise Invalid("Nothing was changed.", {"grades": worded("No class of these grades was expected then.")})
        made = []
        for school_id in change.school_ids:
            rows = [one for one in before if one.school_id == school_id]
            if rows:
                number = amendments.add_amendment(
                    tx, school_id=school_id, week_on=change.week_on, reason=reason, by=person.id, at=at
                )
                _write(tx, number, [(one, _after(one, change)) for one in rows], person, at)
                made.append(number)
                detail = f"{own[school_id].name}, {_named(change)}, {len(rows)} classes: {reason}"
                audit_log.note(tx, person, at, "change past week", f"week of {change.week_on}", detail)
    return made


def leave_out(
    tx: Writing, person: Person, school_id: str, week_on: date, *, was_due_on: date | None, reason: str, at: datetime
) -> None:
    """Leave a closed week of a school out, inside the transaction of a late closure.

    A class that was due on another day than `was_due_on` has a weekday of its own, and its week stays as it is.
    """
    grades = tuple(GRADES)
    change = WeekChange(week_on, (school_id,), grades, ExpectationKind.LEFT_OUT, None)
    if rows := [one for one in _changed(tx, change) if one.due_on in (None, was_due_on)]:
        number = amendments.add_amendment(
            tx, school_id=school_id, week_on=week_on, reason=reason[:MAX_REASON], by=person.id, at=at
        )
        _write(tx, number, [(one, _after(one, change)) for one in rows], person, at)


def undo(records: Records, person: Person, amendment_id: int, at: datetime) -> Amendment:
    """Give a past week back what it expected before an amendment; returns the one that was undone.

    Raises NotFound for a school of others, Invalid when it is older than 14 days, undone already, or changed since.
    """
    with records.writing() as tx:
        found = amendments.get_amendment(tx, amendment_id)
        if found.school_id not in {school.id for school in own_schools(tx, person)}:
            raise NotFound("We couldn’t find that change.")
        close_weeks(tx, [found.school_id], at)
        if not may_undo(found, at):
            raise Invalid("That change can’t be undone anymore. Change the week again instead.")
        written = {one.classroom_id: one for one in expected_weeks.list_written_by(tx, amendment_id)}
        now = expected_weeks.list_of_classes(tx, list(written), found.week_on, found.week_on)
        if any(one.seq != written[one.classroom_id].seq for one in now):
            raise Invalid("That week was changed again since. Undo the newer change first.")
        earlier = {one.classroom_id: one for one in expected_weeks.list_replaced_by(tx, amendment_id)}
        number = amendments.add_amendment(
            tx,
            school_id=found.school_id,
            week_on=found.week_on,
            reason=found.reason,
            by=person.id,
            at=at,
            undoes_id=amendment_id,
        )
        _write(tx, number, [(one, earlier[one.classroom_id]) for one in now], person, at)
        detail = f"{found.school_name}, {len(now)} classes: {found.reason}"
        audit_log.note(tx, person, at, "undo change of past week", f"week of {found.week_on}", detail)
    return found


def may_undo(found: Amendment, at: datetime) -> bool:
    """Whether the amendment is young enough and not undone."""
    return found.undoes_id is None and not found.is_undone and at - found.at <= timedelta(days=UNDO_DAYS)


def list_standing(
    tx: Reading, person: Person, first: date, last: date, school_id: str | None = None
) -> list[Amendment]:
    """Return the amendments that hold for the weeks (Mondays) from first to last in the person's schools, oldest first."""
    own = [school.id for school in own_schools(tx, person) if school_id in (None, school.id)]
    listed = amendments.list_amendments(tx, own, first, last)
    return [one for one in listed if one.undoes_id is None and not one.is_undone]


def _check(tx: Reading, person: Person, change: WeekChange) -> dict[str, School]:
    own = {school.id: school for school in own_schools(tx, person)}
    fields: dict[str, str] = {}
    if not change.school_ids:
        fields["school_ids"] = worded("Choose at least one school.")
    if not change.grades or not set(change.grades) <= set(GRADES):
        fields["grades"] = worded("Choose at least one grade.")
    if fields:
        raise Invalid("Nothing was changed. Please fix the fields below.", fields)
    if not set(change.school_ids) <= own.keys():
        raise Forbidden("You can only plan for your own schools.")
    return own


def _changed(tx: Reading, change: WeekChange) -> list[Expectation]:
    """What counts now for the classes whose week would expect something else."""
    listed = expected_weeks.list_of_schools(tx, change.school_ids, change.week_on, change.week_on)
    meant = [one for one in listed if one.grade in change.grades and one.kind is not ExpectationKind.NOT_MEETING]
    return [one for one in meant if _after(one, change) != one]


def _after(one: Expectation, change: WeekChange) -> Expectation:
    if change.kind is ExpectationKind.LEFT_OUT:
        return replace(one, kind=change.kind, due_on=None)
    return replace(one, kind=change.kind, slug=change.slug, due_on=one.due_on or one.week_on + timedelta(days=4))


def _write(
    tx: Writing, number: int, rows: Sequence[tuple[Expectation, Expectation]], person: Person, at: datetime
) -> None:
    """Add the second of each pair after the first, bring the plan along, and add up the weeks again."""
    expected_weeks.add_expected(tx, [replace(after, seq=before.seq + 1, amendment_id=number) for before, after in rows])
    _plan_as_amended(tx, [after for before, after in rows if before.slug != after.slug], person, at)
    for _, after in rows:
        week_summaries.roll_up(tx, after.classroom_id, after.week_on)


def _plan_as_amended(tx: Writing, rows: Sequence[Expectation], person: Person, at: datetime) -> None:
    """Make the plan say what the amended weeks expect: for the grade, and for classes that differ from it."""
    if not rows:
        return
    week_on, role = rows[0].week_on, EnteredRole(person.role.value)
    plan = plans.load_plan(tx, first=week_on, last=week_on, school_ids={one.school_id for one in rows})
    slugs: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for one in rows:
        if plan.is_exception(one.classroom_id, week_on):
            rule = ClassPlanRule.NOTHING if one.slug is None else ClassPlanRule.SESSION
            plans.set_class_plan(tx, one.classroom_id, week_on, rule, one.slug, person.id, at, role=role)
        else:
            slugs[one.school_id, one.slug].add(one.grade)
    for (school_id, slug), grades in slugs.items():
        plans.set_plan(tx, school_id, week_on, grades, slug, person.id, at, role=role)


def _seen(rows: Sequence[Expectation]) -> str:
    return f"{len(rows)}-{sum(one.seq for one in rows)}"


def _named(change: WeekChange) -> str:
    grades = " ".join(sorted(change.grades, key=GRADES.index))
    return f"{grades}: {change.slug or change.kind.value}"
