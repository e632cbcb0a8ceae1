"""How classes' weeks read before and after a change of what they expect."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from ..domain import Expectation, Viewing, week_status_of
from ..records import Reading, viewings
from .reporting.grid import CellState, state_of


@dataclass(frozen=True, slots=True)
class Move:
    """So many classes whose week reads differently after the change."""

    before: CellState
    after: CellState
    classes: int


def count_moves(tx: Reading, changes: Sequence[tuple[Expectation, Expectation]], today: date) -> tuple[Move, ...]:
    """Return how many classes read differently, of class weeks before and after the change."""
    viewed = _viewings(tx, [before for before, _ in changes])
    moves = Counter(
        (
            state_of(before, week_status_of(before.slug, viewed[before.classroom_id, before.week_on]), today),
            state_of(after, week_status_of(after.slug, viewed[before.classroom_id, before.week_on]), today),
        )
        for before, after in changes
    )
    order = list(CellState)
    listed = sorted(moves.items(), key=lambda move: (order.index(move[0][0]), order.index(move[0][1])))
    return tuple(Move(was, will, classes) for (was, will), classes in listed if was is not will)


def _viewings(tx: Reading, rows: Collection[Expectation]) -> dict[tuple[str, date], list[Viewing]]:
    found: dict[tuple[str, date], list[Viewing]] = defaultdict(list)
    if rows:
        weeks = [one.week_on for one in rows]
        ids = {one.classroom_id for one in rows}
        for viewing in viewings.list_viewings_of_weeks(tx, first=min(weeks), last=max(weeks), classroom_ids=ids):
            found[viewing.classroom_id, viewing.week_on].append(viewing)
    return found
