"""Check the stored weekly summaries against the viewings, and rebuild them."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain import Problem
from ...domain.plain_text import counted
from ...records import Records, classrooms, week_summaries

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


def rebuild_weeks(records: Records) -> RebuildResult:
    """Rebuild every weekly summary from viewings, lessons and plan, in one transaction that blocks other writers."""
    with records.writing() as tx:
        differed = sum(1 for _ in week_summaries.list_disagreements(tx))
        return RebuildResult(week_summaries.rebuild(tx), differed)
