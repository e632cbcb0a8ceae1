"""Totals of the week grid and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...domain import WeekStatus


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of class weeks (one class in one week) whose due day is today or past. Not for evaluation.

    `delivered` (including `shortened`), `not_done`, `another` (a different session) and `open` (no response yet) add up to
    `planned`. `on_target` of `weeks_counted` class weeks
    met the minutes target; `minutes` are all SEL minutes of the class weeks counted.
    """

    planned: int = 0
    delivered: int = 0
    shortened: int = 0
    not_done: int = 0
    another: int = 0
    open: int = 0
    on_target: int = 0
    minutes: int = 0
    weeks_counted: int = 0

    @classmethod
    def of(
        cls, *, planned: int, statuses: Mapping[WeekStatus, int], on_target: int, minutes: int, weeks_counted: int
    ) -> Totals:
        """Return the totals of `planned` class weeks with these statuses."""
        shortened = statuses.get(WeekStatus.SHORTENED, 0)
        delivered = statuses.get(WeekStatus.DELIVERED, 0) + shortened
        not_done, another = statuses.get(WeekStatus.NOT_DONE, 0), statuses.get(WeekStatus.ANOTHER, 0)
        return cls(
            planned=planned,
            delivered=delivered,
            shortened=shortened,
            not_done=not_done,
            another=another,
            open=planned - delivered - not_done - another,
            on_target=on_target,
            minutes=minutes,
            weeks_counted=weeks_counted,
        )

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.planned + other.planned,
            self.delivered + other.delivered,
            self.shortened + other.shortened,
            self.not_done + other.not_done,
            self.another + other.another,
            self.open + other.open,
            self.on_target + other.on_target,
            self.minutes + other.minutes,
            self.weeks_counted + other.weeks_counted,
        )

    @property
    def mean_minutes(self) -> float | None:
        """Average SEL minutes per class and week; None before the first week counts."""
        return self.minutes / self.weeks_counted if self.weeks_counted else None


def only_target(targets: Iterable[int]) -> int | None:
    """Return the SEL minutes that all these class weeks had as their target; None when they differ, or for none."""
    found = set(targets)
    return found.pop() if len(found) == 1 else None
