"""The target of SEL minutes per class and week: each holds from a day on, and weeks that are over stay as they were."""

from __future__ import annotations

from datetime import date, datetime

from ..domain import MinutesTarget, Person
from ..errors import Invalid, NotFound, worded
from ..records import Reading, Records, Writing, audit_log, minutes_targets, schools
from .expectations import close_weeks

MOST_MINUTES = 300
_NOT_SAVED = "The minutes goal wasn’t saved. Please fix what’s marked."


def first_open_day(tx: Reading) -> date:
    """Return the first day from which a target can hold: after the last due day that is closed."""
    closed = minutes_targets.last_closed_due_day(tx)
    return date.min if closed is None else date.fromordinal(closed.toordinal() + 1)


def set_target(
    records: Records, by: Person, target: MinutesTarget, *, at: datetime, replaces: date | None = None
) -> None:
    """Let the target hold from its day on. `replaces` is the day of a target that this one corrects.

    Raises Invalid with the wrong fields, also when a week that is over depends on it, NotFound when there is nothing to
    correct.
    """
    with records.writing() as tx:
        before = _close_first(tx, at)
        _check(tx, target)
        if replaces is not None:
            _check_open(tx, replaces, before)
            minutes_targets.remove_target(tx, replaces)
        minutes_targets.set_target(tx, target, by=by, at=at)
        changed = f"{before[replaces]} from {replaces} → " if replaces is not None else ""
        audit_log.note(
            tx, by, at, "set minutes goal", "settings", f"{changed}{target.minutes} from {target.valid_from}"
        )


def remove_target(records: Records, by: Person, valid_from: date, *, at: datetime) -> None:
    """Withdraw a target, so that the one before it holds on. Raises as `set_target` does."""
    with records.writing() as tx:
        before = _close_first(tx, at)
        _check_open(tx, valid_from, before)
        minutes_targets.remove_target(tx, valid_from)
        audit_log.note(tx, by, at, "remove minutes goal", "settings", f"{before[valid_from]} from {valid_from}")


def _close_first(tx: Writing, at: datetime) -> dict[date, int]:
    """Close the weeks that are over and return the minutes of each target by its day."""
    close_weeks(tx, [school.id for school in schools.list_schools(tx)], at)
    return {one.valid_from: one.minutes for one in minutes_targets.list_targets(tx)}


def _check(tx: Reading, target: MinutesTarget) -> None:
    fields: dict[str, str] = {}
    if not 1 <= target.minutes <= MOST_MINUTES:
        fields["minutes"] = worded("Enter minutes from 1 to 300.")
    if target.valid_from < (first := first_open_day(tx)):
        fields["valid_from"] = worded(
            "Choose %(day)s or later. Earlier weeks are over and stay as they were.", day=first
        )
    if fields:
        raise Invalid(_NOT_SAVED, fields)


def _check_open(tx: Reading, valid_from: date, known: dict[date, int]) -> None:
    if valid_from not in known:
        raise NotFound("We couldn’t find that minutes goal.")
    if valid_from < first_open_day(tx):
        raise Invalid(worded("Weeks that are over were counted with this goal, so it stays. You can set a new one."))
