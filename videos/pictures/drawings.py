"""The site's own line drawings, taken from its templates."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import skia
from jinja2 import Environment, FileSystemLoader

from videos.pictures.palette import color

TEMPLATES = Path(__file__).parents[2] / "templates"
FIELD = 96


def draw(canvas: skia.Canvas, name: str, left: float, top: float, size: float) -> None:
    """A drawing of the site, in a square of the given size."""
    canvas.save()
    canvas.translate(left, top)
    canvas.scale(size / FIELD, size / FIELD)
    _drawing(name).render(canvas)
    canvas.restore()


@cache
def _drawing(name: str) -> skia.SVGDOM:
    macros = (
        Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template("macros/drawings.html").module
    )
    markup = str(macros.drawing(name))  # type: ignore[attr-defined]
    inner = re.sub(r"^<svg[^>]*>|</svg>$", "", markup.strip())
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{FIELD}" height="{FIELD}" viewBox="0 0 {FIELD} {FIELD}"><g '
        f'fill="none" stroke="{_hex("ink")}" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round">'
    )
    styled = re.sub(r'class="([a-z -]+)"', lambda found: _attributes(found[1].split()), inner)
    return skia.SVGDOM.MakeFromStream(skia.MemoryStream((head + styled + "</g></svg>").encode()))


def _attributes(classes: list[str]) -> str:
    known = {
        "tint": f'fill="{_hex("accent-soft")}" stroke="none"',
        "tint-warm": f'fill="{_hex("warm-soft")}" stroke="none"',
        "warm": f'stroke="{_hex("warm")}"',
        "bead": f'fill="{_hex("warm")}" stroke="none"',
        "thick": 'stroke-width="3"',
        "faint": 'stroke-opacity="0.5"',
    }
    return " ".join(known[name] for name in classes)


def _hex(name: str) -> str:
    return f"#{color(name) & 0xFFFFFF:06x}"
