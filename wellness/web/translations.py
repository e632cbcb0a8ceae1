"""`_()`, `ngettext()` and `pgettext()` of the templates: the message in the reader's language, its values escaped."""

from __future__ import annotations

from babel.support import Translations
from flask import Flask, g
from flask_babel import get_domain
from markupsafe import Markup


def register_translations(app: Flask) -> None:
    """Give templates functions that look the language up once in a request and are called directly.

    Jinja's own newstyle functions do the same through three calls for each message; a page has about a hundred.
    """
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, pgettext=pgettext)


def gettext(message: str, /, **values: object) -> Markup:
    """The message; `%(name)s` in it is the value of that name."""
    return _filled(_translations().ugettext(message), values)


def ngettext(one: str, many: str, num: int, /, **values: object) -> Markup:
    """The message for that number, which it may name as `%(num)s`."""
    return _filled(_translations().ungettext(one, many, num), {"num": num, **values})


def pgettext(context: str, message: str, /, **values: object) -> Markup:
    """The message as it is said in that context: the same word may be a verb in one and a noun in another."""
    return _filled(_translations().upgettext(context, message), values)


def _filled(text: str, values: dict[str, object]) -> Markup:
    # Our own messages are HTML that nobody typed. `%%` is one percent sign with and without values, as in newstyle gettext.
    return Markup(text) % values if values else Markup(text % {})  # noqa: S704 # nosec B704


def _translations() -> Translations:
    try:
        found: Translations = g.translations
    except AttributeError:
        found = g.translations = get_domain().get_translations()
    return found
