"""Gentle movement: everything begins and ends slowly."""

from __future__ import annotations

import math


def eased(share: float) -> float:
    """Slow at both ends; the share is kept between 0 and 1."""
    return (1 - math.cos(math.pi * min(1.0, max(0.0, share)))) / 2


def wave(seconds: float, period: float, phase: float = 0.0) -> float:
    """A swing between -1 and 1, once in a period."""
    return math.sin(2 * math.pi * (seconds / period + phase))


def between(first: float, second: float, share: float) -> float:
    """A number on the way from the first to the second."""
    return first + (second - first) * share


def coming(seconds: float, begins: float, takes: float = 1.0) -> float:
    """How far something has come that begins at a time and takes a while."""
    return eased((seconds - begins) / takes)
