"""Drawings and dates that pages show again and again, made once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from babel.dates import format_date
from flask import Flask
from jinja2.runtime import Macro

DRAWN = ("macros/icons.html", "macros/drawings.html")
"""Templates whose macros know nothing but their arguments."""


def register_drawings(app: Flask) -> None:
    """Let each drawing be drawn once for the same arguments."""
    for name in DRAWN:
        module = app.jinja_env.get_template(name).module
        for macro in [one for one in vars(module).values() if isinstance(one, Macro)]:
            setattr(module, macro.name, lru_cache(maxsize=256)(macro))


@lru_cache(maxsize=4096)
def date_in_words(day: date, pattern: str, language: str) -> str:
    """A date by a pattern of CLDR, in that language."""
    return format_date(day, pattern, locale=language)
