"""Totals of the week grid and the report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of class weeks (one class in one week) whose due day is today or past. Not for evaluation.

    `delivered` (including `shortened`), `not_done` and `open` add up to `planned`. `on_target` of `weeks_counted` class weeks
    met the minutes target; `minutes` are all SEL minutes of the class weeks counted.
    """

    planned: int = 0
    delivered: int = 0
    shortened: int = 0
    not_done: int = 0
    open: int = 0
    on_target: int = 0
    minutes: int = 0
    weeks_counted: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.planned + other.planned,
            self.delivered + other.delivered,
            self.shortened + other.shortened,
            self.not_done + other.not_done,
            self.open + other.open,
            self.on_target + other.on_target,
            self.minutes + other.minutes,
            self.weeks_counted + other.weeks_counted,
        )

    @property
    def mean_minutes(self) -> float | None:
        """Average SEL minutes per class and week; None before the first week counts."""
        return self.minutes / self.weeks_counted if self.weeks_counted else None
