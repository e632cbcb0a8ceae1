"""Whether the weeks that the records keep are what their viewings add up to, and adding them up again."""

from __future__ import annotations

from dataclasses import dataclass

from ...domain import Problem
from ...records import Records, classrooms, week_summaries

MOST_NAMED = 20
"""More than so many are counted and not named: the cure is the same."""


@dataclass(frozen=True, slots=True)
class AddedUp:
    """How many weeks of classes there are, and how many of them had not been what they should be."""

    weeks: int
    differed: int


def verify_weeks(records: Records) -> list[Problem]:
    """A problem for each week of a class that is not what its viewings, lessons and plan add up to; none when all are."""
    with records.reading() as tx:
        wrong = list(week_summaries.list_disagreements(tx))
        named = [(classrooms.get_classroom(tx, one), week_on) for one, week_on in wrong[:MOST_NAMED]]
    said = [f"{room.name}, {room.school_name}, week of {week_on}" for room, week_on in named]
    if len(wrong) > len(said):
        said.append(f"{len(wrong) - len(said)} more class weeks")
    what = "the stored report totals do not match the viewings; fix them with `wellness records rebuild`"
    return [Problem("records", 1, f"{one}: {what}") for one in said]


def add_up_again(records: Records) -> AddedUp:
    """Make every week of every class again from its viewings, lessons and plan, while others wait."""
    with records.writing() as tx:
        differed = sum(1 for _ in week_summaries.list_disagreements(tx))
        return AddedUp(week_summaries.rebuild(tx), differed)
