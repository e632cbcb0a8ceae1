"""What the grid and the report count."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over classes and weeks whose day has come. They say what was delivered, never how well, and rank nobody.

    `planned` are those with a planned session; `delivered` (`shortened` among them), `not_done` and `open` add up to it.
    `on_target` of `weeks_counted` reached the minutes target; `minutes` are all SEL minutes of the weeks counted.
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
        """Both together."""
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
        """SEL minutes of a class in a week; None before the first week counts."""
        return self.minutes / self.weeks_counted if self.weeks_counted else None
