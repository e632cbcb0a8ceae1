"""Coverage: which of a recording's distinct seconds ran."""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]
"""Half-open ranges of whole seconds, sorted, not touching: ((0, 15), (30, 42))."""

MAX_MEDIA_SECONDS = 4 * 60 * 60


def merge_ranges(ranges: Iterable[tuple[int, int]], duration: int) -> Ranges:
    """The distinct seconds in `ranges`, clipped to 0..duration. Empty and backward ranges count for nothing."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, duration)) for start, end in ranges):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def coverage_of(ranges: Ranges, duration: int) -> float:
    """Share of the distinct seconds that ran, 0.0 to 1.0; nothing of nothing is 0."""
    return sum(end - start for start, end in ranges) / duration if duration > 0 else 0.0


def played_threshold(duration: int) -> float:
    """Coverage from which a viewing counts as played; it grows with the length (seconds), see docs/definitions.md."""
    return 0.70 + 0.25 * min(duration, 600) / 600


def is_played(ranges: Ranges, duration: int) -> bool:
    """Whether enough of `duration` seconds ran to say *played*."""
    return duration > 0 and coverage_of(ranges, duration) >= played_threshold(duration)
