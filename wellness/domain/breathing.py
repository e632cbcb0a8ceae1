"""Breathing patterns: seconds to breathe in, hold, breathe out, hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_ROUNDS = 8
MAX_BREATH_COUNT = 8
MAX_HOLD_COUNT = 7


@dataclass(frozen=True, slots=True)
class BreathPattern:
    """Counts of seconds for in, hold, out, hold; `4-4-4-4` is four-square breathing, `4-0-6-0` has no holds."""

    breathe_in: int
    hold_full: int
    breathe_out: int
    hold_empty: int

    @classmethod
    def parse(cls, text: str) -> BreathPattern:
        """Return the pattern written as `4-4-4-4`. Raises ValueError with a message for the coach."""
        if not re.fullmatch(r"\d{1,2}(-\d{1,2}){3}", text.strip()):
            raise ValueError("enter the pattern as four numbers, like 4-4-4-4 or 4-0-6-0 (in, hold, out, hold)")
        breathe_in, hold_full, breathe_out, hold_empty = (int(count) for count in text.strip().split("-"))
        if not (1 <= breathe_in <= MAX_BREATH_COUNT and 1 <= breathe_out <= MAX_BREATH_COUNT):
            raise ValueError(f"breathing in and breathing out must each be 1 to {MAX_BREATH_COUNT} counts")
        if max(hold_full, hold_empty) > MAX_HOLD_COUNT:
            raise ValueError(f"a hold can be at most {MAX_HOLD_COUNT} counts; use 0 to skip it")
        return cls(breathe_in, hold_full, breathe_out, hold_empty)

    def __str__(self) -> str:
        return "-".join(str(count) for count in self.counts)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Seconds to breathe in, hold, breathe out, hold."""
        return self.breathe_in, self.hold_full, self.breathe_out, self.hold_empty

    @property
    def seconds(self) -> int:
        """Seconds of one round."""
        return sum(self.counts)

    @property
    def has_holds(self) -> bool:
        """Whether the page must offer a version without holds."""
        return bool(self.hold_full or self.hold_empty)
