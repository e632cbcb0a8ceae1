"""The site's own colors, read from its style sheet, so that video and page look alike."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import skia

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"


@cache
def theme(name: str) -> dict[str, int]:
    """The colors of one theme by their names in the style sheet."""
    text = TOKENS.read_text(encoding="utf-8")
    block = re.search(rf'^\[data-theme="{name}"\] \{{(.*?)^\}}', text, re.DOTALL | re.MULTILINE)
    if block is None:
        raise LookupError(f"The style sheet has no theme {name}.")
    return {key: _color(value) for key, value in re.findall(r"--([a-z0-9-]+): #([0-9a-f]{6}|[0-9a-f]{3});", block[1])}


def color(name: str) -> int:
    """One color of the light theme, the one videos are drawn in."""
    return theme("light")[name]


def mixed(first: int, second: int, share: float) -> int:
    """A color between two."""
    parts = [round(_part(first, shift) * (1 - share) + _part(second, shift) * share) for shift in (24, 16, 8, 0)]
    return int(skia.ColorSetARGB(*parts))


def faded(value: int, opacity: float) -> int:
    """The same color, partly see-through."""
    return int(skia.ColorSetA(value, round(_part(value, 24) * min(1.0, max(0.0, opacity)))))


def _part(value: int, shift: int) -> int:
    return (value >> shift) & 0xFF


def _color(digits: str) -> int:
    whole = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    return 0xFF000000 | int(whole, 16)
