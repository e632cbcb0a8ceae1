"""Coverage: the share of a video's or practice's distinct seconds that was played."""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]
"""Half-open ranges of whole seconds, sorted, with a gap between each: ((0, 15), (30, 42))."""

MAX_MEDIA_SECONDS = 4 * 60 * 60


def merge_ranges(ranges: Iterable[tuple[int, int]], duration: int) -> Ranges:
    """Merge `ranges` into sorted, distinct seconds, clipped to 0..duration. Empty and backward ranges are ignored."""
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
    """Return the share of distinct seconds that was played, 0.0 to 1.0; 0.0 when `duration` is 0."""
    return sum(end - start for start, end in ranges) / duration if duration > 0 else 0.0


def played_threshold(duration: int) -> float:
    """Return the coverage needed to count as played; it grows with the duration in seconds (docs/definitions.md)."""
    return 0.70 + 0.25 * min(duration, 600) / 600


def is_played(ranges: Ranges, duration: int) -> bool:
    """Whether enough of `duration` seconds was played to set the state *played*."""
    return duration > 0 and coverage_of(ranges, duration) >= played_threshold(duration)
