"""`_()`, `ngettext()` and `pgettext()` of the templates: the message in the reader's language, its values escaped.

Also the sentences of errors, which are written below the web and translated here.
"""

from __future__ import annotations

from babel.support import Translations
from flask import Flask, g
from flask_babel import get_domain
from flask_babel import gettext as plain_gettext
from markupsafe import Markup

from ..errors import Invalid, Sentence


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


def in_words(message: str) -> str:
    """The message of an error in the reader's language, with its values."""
    if isinstance(message, Sentence):
        return str(plain_gettext(message.template, **message.values))
    return str(plain_gettext(message))


def fields_in_words(error: Invalid) -> dict[str, str]:
    """Why each field was refused, in the reader's language."""
    return {name: in_words(message) for name, message in error.fields.items()}


def _filled(text: str, values: dict[str, object]) -> Markup:
    # Our own messages are HTML that nobody typed. `%%` is one percent sign with and without values, as in newstyle gettext.
    return Markup(text) % values if values else Markup(text % {})  # noqa: S704 # nosec B704


def _translations() -> Translations:
    try:
        found: Translations = g.translations
    except AttributeError:
        found = g.translations = get_domain().get_translations()
    return found
