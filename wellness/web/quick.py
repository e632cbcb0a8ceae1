"""What a page asks a hundred times, remembered: a text in the language of the reader, an address, a day in words.

Flask, Flask-Babel and Jinja find out anew for each of them which request, which language and which rule there is; on a page
of a teacher's classes that took a fifth of the time. Nothing here depends on who is asking.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.support import NullTranslations
from flask import Flask, g, request, url_for
from flask_babel import Babel, Domain
from jinja2 import pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from .request import asked_language

MOST = 4096
"""Addresses and texts that are remembered, and texts longer than LONG are not."""
LONG = 1000

DRAWN = ("macros/icons.html", "macros/drawings.html")
"""Templates whose macros know nothing but their arguments, so a drawing is drawn once."""


class RememberedDomain(Domain):  # type: ignore[misc]
    """The translations of a request, found once."""

    def get_translations(self) -> NullTranslations:
        """The translations in the language of the request; outside of one those that change nothing."""
        try:
            found: NullTranslations = g.translations
        except (RuntimeError, AttributeError):
            found = super().get_translations()
            if g:
                g.translations = found
        return found


def register_quick(app: Flask, babel: Babel) -> None:
    """Let the templates of `app` use what is remembered."""
    babel.domain_instance = domain = RememberedDomain()
    said: dict[tuple[NullTranslations, str], Markup] = {}

    @pass_context
    def gettext(_context: Context, given: str, /, **variables: Any) -> str:
        text = str(given)
        translations = domain.get_translations()
        found = said.get((translations, text))
        if found is None:
            found = Markup(translations.ugettext(text))  # noqa: S704 - a text of ours or its translation # nosec B704
            if len(said) < MOST and len(text) < LONG:
                said[translations, text] = found
        return found % variables

    app.jinja_env.globals.update(_=gettext, gettext=gettext, url_for=quick_url_for)
    for name in DRAWN:
        drawn = app.jinja_env.get_template(name).module
        for macro in [one for one in vars(drawn).values() if isinstance(one, Macro)]:
            setattr(drawn, macro.name, lru_cache(maxsize=256)(macro))


_told: dict[tuple[object, ...], str] = {}


def quick_url_for(endpoint: str, **values: Any) -> str:
    """`url_for`: an address depends on its rule, its values, where the site is mounted and the language asked for."""
    if endpoint[:1] == "." or any(name[:1] == "_" or type(value) is not str for name, value in values.items()):
        return url_for(endpoint, **values)
    key = (endpoint, _asked_and_mount(), *values.items())
    found = _told.get(key)
    if found is None:
        found = url_for(endpoint, **values)
        if len(_told) >= MOST:
            _told.clear()
        _told[key] = found
    return found


def _asked_and_mount() -> tuple[str, str]:
    """What an address has of the request it is written for."""
    if "asked_and_mount" not in g:
        g.asked_and_mount = asked_language() or "", request.root_path
    found: tuple[str, str] = g.asked_and_mount
    return found


@lru_cache(maxsize=MOST)
def day_in_words(day: date, pattern: str, language: str) -> str:
    """A day as the pattern of CLDR has it, in that language."""
    return format_date(day, pattern, locale=language)
