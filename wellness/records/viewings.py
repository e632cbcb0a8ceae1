"""Viewings: one class and one session on one day. What the site itself sees: opened, and how much of it ran.

What people say about a viewing is entered in `outcomes`; nothing here changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update

from ..domain import (
    MAKE_UP_WEEKS,
    MAX_MEDIA_SECONDS,
    Completeness,
    EnteredRole,
    Language,
    NotDoneReason,
    Ranges,
    Viewing,
    ViewingState,
    coverage_of,
    is_played,
    merge_ranges,
    week_of,
)
from ..errors import Invalid, NotFound
from .database.column_types import as_utc
from .database.transactions import Reading, Writing, insert_new
from .schema import classroom, person, viewing, viewing_ran
from .week_summaries import roll_up

_FOUND = select(viewing, person.c.name.label("entered_by_name")).outerjoin(person, person.c.id == viewing.c.entered_by)
# Made once: a beacon comes every few seconds from every class, and building a statement costs as much as running it.
_BY_ID = _FOUND.where(viewing.c.id == bindparam("viewing_id"))
_BY_CLASS = _FOUND.where(
    viewing.c.classroom_id == bindparam("classroom_id"),
    viewing.c.slug == bindparam("slug"),
    viewing.c.on_day == bindparam("on_day"),
)
_OF_WEEKS = _FOUND.where(
    viewing.c.week_on.between(bindparam("first"), bindparam("last")),
    viewing.c.classroom_id.in_(bindparam("classroom_ids", expanding=True)),
).order_by(viewing.c.on_day, viewing.c.id)
_BY_IDS = _FOUND.where(viewing.c.id.in_(bindparam("viewing_ids", expanding=True)))
_RAN = select(viewing_ran.c.duration, viewing_ran.c.ranges).where(viewing_ran.c.viewing_id == bindparam("viewing_id"))
_RAN_PART = _RAN.where(viewing_ran.c.part == bindparam("part"))
_RAN_MORE = (
    update(viewing_ran)
    .where(viewing_ran.c.viewing_id == bindparam("of_viewing"), viewing_ran.c.part == bindparam("of_part"))
    .values(duration=bindparam("duration"), ranges=bindparam("ranges"))
)
_COUNTED = (
    update(viewing)
    .where(viewing.c.id == bindparam("of_viewing"))
    .values(coverage=bindparam("coverage"), state=bindparam("state"), played_at=bindparam("played_at"))
)

Ran = tuple[Ranges, int]
"""The seconds of one part that ran, and how many it has."""

# --- Looking ----------------------------------------------------------------------------------------------------------


def get_viewing(tx: Reading, viewing_id: int) -> Viewing:
    """The viewing. Raises NotFound."""
    row = tx.execute(_BY_ID, {"viewing_id": viewing_id}).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that logged session.")
    return _viewing(row)


def find_viewing(tx: Reading, classroom_id: str, slug: str, on_day: date) -> Viewing | None:
    """The viewing of one session by one class on one day, or None."""
    row = tx.execute(_BY_CLASS, {"classroom_id": classroom_id, "slug": slug, "on_day": on_day}).one_or_none()
    return None if row is None else _viewing(row)


def list_known(tx: Reading, viewing_ids: Collection[int]) -> dict[int, Viewing]:
    """Those of these viewings that are there, by number. One query."""
    return {row.id: _viewing(row) for row in tx.execute(_BY_IDS, {"viewing_ids": list(viewing_ids)})}


def list_viewings(
    tx: Reading,
    *,
    first: date,
    last: date,
    classroom_ids: Collection[str] | None = None,
    school_id: str | None = None,
) -> list[Viewing]:
    """The viewings from first to last in order, narrowed by what is given. One query."""
    first_week = week_of(first) - timedelta(weeks=MAKE_UP_WEEKS)
    values: dict[str, Any] = {"first": first, "last": last, "first_week": first_week}
    if classroom_ids is not None:
        values["classroom_ids"] = list(classroom_ids)
    if school_id is not None:
        values["school_id"] = school_id
    found = _during(by_class=classroom_ids is not None, by_school=school_id is not None)
    return [_viewing(row) for row in tx.execute(found, values)]


def has_viewings(tx: Reading, year_id: str) -> bool:
    """Whether there is a viewing of any class of the year."""
    found = select(viewing.c.id).join(classroom, classroom.c.id == viewing.c.classroom_id)
    return tx.execute(found.where(classroom.c.year_id == year_id).limit(1)).first() is not None


def list_viewings_of_weeks(tx: Reading, *, first: date, last: date, classroom_ids: Collection[str]) -> list[Viewing]:
    """The viewings that count for the weeks (Mondays) from first to last, whenever they were, in order. One query."""
    weeks = {"first": first, "last": last, "classroom_ids": list(classroom_ids)}
    return [_viewing(row) for row in tx.execute(_OF_WEEKS, weeks)]


@cache
def _during(*, by_class: bool, by_school: bool) -> Select[Any]:
    """The viewings of some days, of some classes or of a school. Built once for each way of asking."""
    found = _FOUND.where(
        viewing.c.on_day.between(bindparam("first"), bindparam("last")),
        viewing.c.week_on.between(bindparam("first_week"), bindparam("last")),
    )
    if by_class:
        found = found.where(viewing.c.classroom_id.in_(bindparam("classroom_ids", expanding=True)))
    if by_school:
        found = found.join(classroom, classroom.c.id == viewing.c.classroom_id)
        found = found.where(classroom.c.school_id == bindparam("school_id"))
    return found.order_by(viewing.c.on_day, viewing.c.id)


# --- What the site saw ------------------------------------------------------------------------------------------------


def open_viewing(
    tx: Writing,
    classroom_id: str,
    slug: str,
    revision: str,
    on_day: date,
    at: datetime,
    role: EnteredRole = EnteredRole.AUTO,
    language: Language = Language.EN,
) -> Viewing:
    """The session was opened for the class on that day: the one viewing of it, new or known.

    A second opening changes nothing: `opened_at` and `revision` keep the first.
    """
    opened = {"revision": revision, "language": language.value, "coverage": 0.0, "opened_at": at, "is_late": False}
    words = {"state": ViewingState.OPENED.value, "entered_role": role.value}
    found = find_viewing(tx, classroom_id, slug, on_day)
    if found is None and insert_viewing(tx, classroom_id, slug, on_day, opened | words):
        return _known(tx, classroom_id, slug, on_day)
    found = found or _known(tx, classroom_id, slug, on_day)
    if found.opened_at is not None:
        return found
    tx.execute(update(viewing).where(viewing.c.id == found.id).values(opened_at=at))
    return get_viewing(tx, found.id)


def note_ran(
    tx: Writing, shown: Viewing, part: str, duration: int, ranges: Iterable[tuple[int, int]], at: datetime
) -> Viewing:
    """These seconds of a part (a video, a practice) of `duration` seconds ran for the class, on any device.

    Each second counts once. Coverage is that of the part of which most ran; the viewing is played when enough of any
    part ran. What a person said stays. Raises Invalid for an impossible length, NotFound when the viewing is gone.
    """
    return add_ran_to(tx, get_viewing(tx, shown.id), part, duration, ranges, at)


def add_ran_to(
    tx: Writing, known: Viewing, part: str, duration: int, ranges: Iterable[tuple[int, int]], at: datetime
) -> Viewing:
    """The same for a viewing that was read in this transaction, so that it is not read a second time."""
    if not 0 < duration <= MAX_MEDIA_SECONDS:
        raise Invalid("A video or practice must be between one second and four hours long.")
    row = tx.execute(_RAN_PART, {"viewing_id": known.id, "part": part}).one_or_none()
    before = (_ranges(row.ranges), row.duration) if row is not None else None
    known_ranges, longest = before or ((), 0)
    longest = max(duration, longest)
    ran = (merge_ranges((*known_ranges, *ranges), longest), longest)
    if ran != before:
        _put_ran(tx, known.id, part, ran, is_new=before is None)
    # Seconds are only added, so no other part has to be read again, however many there are.
    return _count(tx, known, [ran], at, known.coverage)


def count_ran(tx: Writing, viewing_id: int, at: datetime) -> Viewing:
    """Bring coverage, and opened to played, in line with the seconds that ran; never the other way."""
    return _count(tx, get_viewing(tx, viewing_id), _list_ran(tx, viewing_id), at)


def _count(tx: Writing, known: Viewing, ran: Collection[Ran], at: datetime, least: float = 0.0) -> Viewing:
    """Count these parts; coverage is at least `least`, that of the parts not given."""
    coverage = max((coverage_of(*part) for part in ran), default=0.0)
    coverage = max(coverage, least)
    now = replace(known, coverage=coverage)
    if known.state is ViewingState.OPENED and any(is_played(*part) for part in ran):
        now = replace(now, state=ViewingState.PLAYED, played_at=as_utc(at))
    if now != known:
        values = {"coverage": now.coverage, "state": now.state.value, "played_at": now.played_at}
        tx.execute(_COUNTED, {"of_viewing": known.id, **values})
    if now.state is not known.state:
        roll_up(tx, known.classroom_id, known.week_on)
    return now


def any_part_ran(tx: Reading, viewing_id: int) -> bool:
    """Whether any part of the session ran."""
    return tx.execute(select(viewing_ran.c.part).where(viewing_ran.c.viewing_id == viewing_id)).first() is not None


def insert_viewing(tx: Writing, classroom_id: str, slug: str, on_day: date, values: dict[str, Any]) -> bool:
    """Add the viewing of one session by one class on one day, unless it is there. Says whether it was new."""
    same = {"classroom_id": classroom_id, "slug": slug, "on_day": on_day}
    row: dict[str, Any] = {"week_on": week_of(on_day)} | values | same
    if not insert_new(tx, insert(viewing).values(row)):
        return False
    roll_up(tx, classroom_id, row["week_on"])
    return True


def _list_ran(tx: Reading, viewing_id: int) -> list[Ran]:
    return [(_ranges(row.ranges), row.duration) for row in tx.execute(_RAN, {"viewing_id": viewing_id})]


def _put_ran(tx: Writing, viewing_id: int, part: str, ran: Ran, *, is_new: bool) -> None:
    values = {"duration": ran[1], "ranges": _written(ran[0])}
    if is_new:
        tx.execute(insert(viewing_ran).values(viewing_id=viewing_id, part=part, **values))
        return
    tx.execute(_RAN_MORE, {"of_viewing": viewing_id, "of_part": part, **values})


def _known(tx: Reading, classroom_id: str, slug: str, on_day: date) -> Viewing:
    found = find_viewing(tx, classroom_id, slug, on_day)
    if found is None:
        raise NotFound("We couldn’t find that logged session.")
    return found


# --- Rows -------------------------------------------------------------------------------------------------------------


def _written(ranges: Ranges) -> str:
    return ",".join(f"{start}-{end}" for start, end in ranges)


def _ranges(text: str) -> Ranges:
    pairs = (pair.split("-") for pair in text.split(",") if pair)
    return tuple((int(start), int(end)) for start, end in pairs)


def _viewing(row: Row[Any]) -> Viewing:
    return Viewing(
        id=row.id,
        classroom_id=row.classroom_id,
        slug=row.slug,
        revision=row.revision,
        on_day=row.on_day,
        week_on=row.week_on,
        state=ViewingState(row.state),
        extent=None if row.extent is None else Completeness(row.extent),
        reason=None if row.reason is None else NotDoneReason(row.reason),
        minutes=row.minutes,
        coverage=row.coverage,
        opened_at=row.opened_at,
        played_at=row.played_at,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
        entered_by_name=row.entered_by_name,
        entered_role=EnteredRole(row.entered_role),
        is_late=row.is_late,
        language=Language(row.language),
    )
