"""Check the stored weekly summaries against the viewings, and rebuild them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ...domain import Problem, SchoolYear
from ...domain.plain_text import counted
from ...records import Reading, Records, calendars, classrooms, schools, week_summaries

MOST_NAMED = 20
"""Number of class weeks listed one by one; the rest are only counted, because the fix is the same."""


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """Number of class weeks after a rebuild, and how many of them were wrong before."""

    weeks: int
    differed: int


def verify_weeks(records: Records) -> list[Problem]:
    """Return a problem for each class week whose summary differs from its viewings, lessons and plan."""
    with records.reading() as tx:
        wrong = list(week_summaries.list_disagreements(tx))
        named = [(classrooms.get_classroom(tx, one, week_on), week_on) for one, week_on in wrong[:MOST_NAMED]]
    places = [f"{room.name}, {room.school_name}, week of {week_on}" for room, week_on in named]
    if len(wrong) > len(places):
        places.append(f"{counted(len(wrong) - len(places), 'more class week')}")
    what = "the stored report totals do not match the viewings; fix them with `wellness records rebuild`"
    return [Problem("records", 1, f"{one}: {what}") for one in places]


def verify_years(records: Records) -> list[Problem]:
    """Return a problem for years that overlap, and for schools and classes with days outside of their year."""
    with records.reading() as tx:
        years = schools.list_years(tx)
        found = [
            f"the school years {one.name} and {other.name} overlap; change the days of one on its page under Admin"
            for one, other in pairwise(years)
            if other.starts_on <= one.ends_on
        ]
        for year in years:
            found += _outside(tx, year)
    return [Problem("records", 1, message) for message in found]


def _outside(tx: Reading, year: SchoolYear) -> Iterator[str]:
    """Say which schools and classes of the year have days outside of it."""
    names = {one.id: one.name for one in schools.list_schools(tx)}
    of = calendars.load_calendars(tx, year_id=year.id, school_ids=names)
    for school_id, calendar in of.items():
        if calendar.first_on < year.starts_on or calendar.last_on > year.ends_on:
            yield f"{names[school_id]} has school days outside {year.name}; change them on its page under Admin"
    rooms = classrooms.list_classrooms(tx, year_id=year.id, on_day=date.min, last_on=date.max)
    for room in rooms:
        if room.first_on < year.starts_on or (room.last_on or room.first_on) > year.ends_on:
            yield f"{room.name}, {room.school_name}, meets outside {year.name}; change its days on its page"


def rebuild_weeks(records: Records) -> RebuildResult:
    """Rebuild every weekly summary from viewings, lessons and plan, in one transaction that blocks other writers."""
    with records.writing() as tx:
        differed = sum(1 for _ in week_summaries.list_disagreements(tx))
        return RebuildResult(week_summaries.rebuild(tx), differed)
