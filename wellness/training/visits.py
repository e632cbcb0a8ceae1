"""Classroom visits: log, edit, delete and list what a coach saw: five items, one glow, one next step, never a score."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime

from ..domain import Classroom, Person, Seen, Walkthrough, WalkthroughItem
from ..errors import Invalid, NotFound, worded
from ..policy import Action, may
from ..records import Reading, Records, Writing, audit_log, classrooms, walkthroughs
from .completion import mark_practiced_after_visit
from .typed import NOT_SAVED, typed_line

MAX_LINE = 300
"""Characters of the glow and of the next step, each."""
SUBSTITUTE = "substitute"
SOMEBODY_WHO_LEFT = "left"
"""Who led a visited session, when it was not one of the accounts there are."""
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NO_SUCH_VISIT = "There is no such visit."


def new_visit_id() -> str:
    """Return a random id for the visit that a form will log, so that submitting it twice logs one."""
    return secrets.token_urlsafe(16)


def note(
    records: Records,
    coach: Person,
    classroom: Classroom,
    *,
    slug: str,
    on_day: date,
    led_by: str,
    items: Mapping[WalkthroughItem, Seen],
    glow: str,
    next_step: str,
    at: datetime,
    today: date,
    walkthrough_id: str | None = None,
) -> Walkthrough:
    """Log a visit to the class that did the session `slug` on that day.

    `led_by` is the id of a teacher, or SUBSTITUTE.

    Submitting the same `walkthrough_id` again returns the stored visit. Raises Invalid with the wrong fields, NotFound for a
    class outside this coach's schools.
    """
    if not may(coach, Action.NOTE_WALKTHROUGH, classroom):
        raise NotFound("We couldn’t find that class.")
    if walkthrough_id is not None and not _ID.fullmatch(walkthrough_id):
        raise Invalid(worded("This form can’t be submitted. Reload the page and try again."))
    noted = Walkthrough(
        id=walkthrough_id or new_visit_id(),
        classroom_id=classroom.id,
        slug=slug,
        on_day=on_day,
        coach_id=coach.id,
        coach_name=coach.name,
        teacher_id=_teacher_id(led_by),
        teacher_name=None,
        items=dict(items),
        glow=glow,
        next_step=next_step,
        noted_at=at,
        led_by_substitute=led_by == SUBSTITUTE,
    )
    with records.writing() as tx:
        taught_then = classrooms.get_classroom(tx, classroom.id, on_day).teacher_ids
        noted = _checked(noted, {SUBSTITUTE, *classroom.teacher_ids, *taught_then}, today)
        if not walkthroughs.add_walkthrough(tx, noted):
            known = walkthroughs.get_walkthrough(tx, noted.id)
            if (known.coach_id, known.classroom_id) != (coach.id, classroom.id):
                raise Invalid(worded("This form can’t be submitted. Reload the page and try again."))
            return known
        audit_log.note(tx, coach, at, "log visit", f"class {classroom.name}")
        _settle(tx, noted)
        return walkthroughs.get_walkthrough(tx, noted.id)


def change(
    records: Records,
    coach: Person,
    walkthrough_id: str,
    *,
    slug: str,
    on_day: date,
    led_by: str,
    items: Mapping[WalkthroughItem, Seen],
    glow: str,
    next_step: str,
    at: datetime,
    today: date,
) -> Walkthrough:
    """Edit one of the coach's own visits. Raises NotFound when there is none, Invalid as `note` does.

    A certificate that says practiced because of the visit stays.
    """
    with records.writing() as tx:
        known = _own(tx, coach, walkthrough_id)
        classroom = classrooms.get_classroom(tx, known.classroom_id, on_day)
        changed = replace(
            known,
            slug=slug,
            on_day=on_day,
            teacher_id=_teacher_id(led_by),
            led_by_substitute=led_by == SUBSTITUTE,
            items=dict(items),
            glow=glow,
            next_step=next_step,
        )
        changed = _checked(changed, {SUBSTITUTE, *classroom.teacher_ids, leader_of(known)}, today)
        walkthroughs.change_walkthrough(tx, changed)
        audit_log.note(tx, coach, at, "edit visit", f"class {classroom.name}")
        _settle(tx, changed)
        return walkthroughs.get_walkthrough(tx, walkthrough_id)


def remove(records: Records, coach: Person, walkthrough_id: str, at: datetime) -> None:
    """Delete one of the coach's own visits. Raises NotFound. A certificate that says practiced because of it stays."""
    with records.writing() as tx:
        known = _own(tx, coach, walkthrough_id)
        walkthroughs.remove_walkthrough(tx, walkthrough_id)
        name = classrooms.get_classroom(tx, known.classroom_id, known.on_day).name
        audit_log.note(tx, coach, at, "delete visit", f"class {name}")


def list_for_teacher(tx: Reading, person: Person) -> list[Walkthrough]:
    """Return the visits to sessions that this person led, latest first."""
    return walkthroughs.list_walkthroughs(tx, teacher_id=person.id)


def list_for_coach(tx: Reading, coach: Person, *, limit: int | None = None) -> list[Walkthrough]:
    """Return the visits that this person logged, latest first."""
    return walkthroughs.list_walkthroughs(tx, coach_id=coach.id, limit=limit)


def get(tx: Reading, actor: Person, walkthrough_id: str) -> Walkthrough:
    """Return a visit for the teacher who led the session, and coaches and admins of the school. Raises NotFound for others."""
    found = walkthroughs.get_walkthrough(tx, walkthrough_id)
    if found.teacher_id != actor.id and not may(
        actor, Action.NOTE_WALKTHROUGH, classrooms.get_classroom(tx, found.classroom_id, found.on_day)
    ):
        raise NotFound(_NO_SUCH_VISIT)
    return found


def _own(tx: Writing, coach: Person, walkthrough_id: str) -> Walkthrough:
    found = get(tx, coach, walkthrough_id)
    if found.coach_id != coach.id:
        raise NotFound(_NO_SUCH_VISIT)
    return found


def _settle(tx: Writing, noted: Walkthrough) -> None:
    if noted.teacher_id is not None:
        mark_practiced_after_visit(tx, noted.teacher_id)


def leader_of(visit: Walkthrough) -> str:
    """Return who led the visited session: the teacher's id, SUBSTITUTE, or SOMEBODY_WHO_LEFT."""
    if visit.led_by_substitute:
        return SUBSTITUTE
    return visit.teacher_id or SOMEBODY_WHO_LEFT


def _teacher_id(led_by: str) -> str | None:
    return None if led_by in (SUBSTITUTE, SOMEBODY_WHO_LEFT) else led_by


def _checked(noted: Walkthrough, leaders: Collection[str], today: date) -> Walkthrough:
    """Return the visit with cleaned lines. Raises Invalid with every wrong field."""
    fields: dict[str, str] = {}
    if not noted.slug:
        fields["slug"] = worded("Choose a session.")
    if noted.on_day > today:
        fields["on_day"] = worded("That day is in the future. Choose today or an earlier day.")
    if leader_of(noted) not in leaders:
        fields["led_by"] = worded("Choose who led the session.")
    for item in WalkthroughItem:
        if item not in noted.items:
            fields[f"item_{item.value}"] = worded("Choose one of the four.")
    lines, found = _read_lines(noted)
    fields |= found
    if fields:
        raise Invalid(NOT_SAVED, fields)
    return replace(noted, glow=lines["glow"], next_step=lines["next_step"])


def _read_lines(noted: Walkthrough) -> tuple[dict[str, str], dict[str, str]]:
    """Return the cleaned glow and next step, and messages by field for what is wrong with them."""
    lines: dict[str, str] = {}
    fields: dict[str, str] = {}
    for name, text in (("glow", noted.glow), ("next_step", noted.next_step)):
        try:
            lines[name] = typed_line(text, field=name, limit=MAX_LINE)
        except Invalid as error:
            fields |= error.fields
            continue
        if not lines[name]:
            fields[name] = worded("Write one line.")
    return lines, fields
