"""Words in the picture, in the site's typeface."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import skia
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from videos.pictures.palette import color, faded

FONT_FILE = Path(__file__).parents[2] / "static" / "fonts" / "atkinson-next-latin.woff2"


@cache
def _typeface(weight: int) -> skia.Typeface:
    font = TTFont(FONT_FILE)
    font.flavor = None
    written = io.BytesIO()
    instancer.instantiateVariableFont(font, {"wght": weight}).save(written)
    return skia.Typeface.MakeFromData(skia.Data.MakeWithCopy(written.getvalue()))


@cache
def font(size: float, weight: int = 700) -> skia.Font:
    """The typeface at a size, placed to fractions of a pixel so that moving words do not jitter."""
    made = skia.Font(_typeface(weight), size)
    made.setSubpixel(True)
    made.setEdging(skia.Font.Edging.kAntiAlias)
    made.setHinting(skia.FontHinting.kNone)
    return made


def width_of(text: str, size: float, weight: int = 700) -> float:
    """How wide a text is."""
    return float(font(size, weight).measureText(text))


def write(
    canvas: skia.Canvas,
    text: str,
    at: tuple[float, float],
    size: float,
    *,
    ink: int | None = None,
    weight: int = 700,
    align: str = "left",
    opacity: float = 1.0,
) -> None:
    """Write one line; `at` is on its base line, at its left, middle or right."""
    if not text or opacity <= 0:
        return
    shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[align] * width_of(text, size, weight)
    paint = skia.Paint(AntiAlias=True, Color=faded(color("ink") if ink is None else ink, opacity))
    canvas.drawString(text, at[0] - shift, at[1], font(size, weight), paint)


def lines_within(text: str, size: float, width: float, weight: int = 700) -> list[str]:
    """The text broken into lines no wider than the width."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def write_within(
    canvas: skia.Canvas,
    text: str,
    at: tuple[float, float],
    size: float,
    width: float,
    *,
    ink: int | None = None,
    weight: int = 700,
    align: str = "left",
    opacity: float = 1.0,
) -> float:
    """Write a text in as many lines as it needs; says at which base line the next text may stand."""
    y = at[1]
    for line in lines_within(text, size, width, weight):
        write(canvas, line, (at[0], y), size, ink=ink, weight=weight, align=align, opacity=opacity)
        y += size * 1.2
    return y
