"""Which text of the studio a request is about, and what the check says of it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request, url_for

from ...domain import Keep, Language, Problem, TextKey, TextKind
from ...errors import NotFound
from ...library.front_matter_edit import read_form
from ...library.prepared import (
    MODULE_JSON,
    PAGE_JSON,
    SESSION_JSON,
    PreparedModule,
    PreparedPage,
    PreparedSession,
    Text,
)
from ...publishing import check as publishing_check
from ..request import site, today
from .fields import (
    ShownCheck,
    show_check,
)

ONE_TEXT = "/<any(sessions, training, pages):kind>/<slug>"
"""The address of one text; `?text=es` means its translation. `lang` is the language of the page around it."""


def asked_key(kind: str, slug: str) -> TextKey:
    """The text a request is about."""
    asked = request.values.get("text", "en")
    language = next((one for one in Language if one.value == asked), Language.EN)
    return TextKey(TextKind(kind), slug, language)


def text_url(endpoint: str, key: TextKey, **more: object) -> str:
    """The address of a view of one text."""
    language = key.language.value if key.language is not Language.EN else None
    return url_for(f"studio.{endpoint}", kind=key.kind.value, slug=key.slug, text=language, **more)  # type: ignore[arg-type]


def english_of(key: TextKey) -> TextKey:
    """The text that a translation was made from."""
    return TextKey(key.kind, key.slug, Language.EN)


def check(key: TextKey, text: str, keeps: Sequence[Keep]) -> ShownCheck:
    """What the check finds in a text as it stands."""
    return show_check(text, find_problems(key, text), keeps)


def find_problems(key: TextKey, text: str) -> tuple[Problem, ...]:
    """All that is wrong with a text, and what could be better."""
    return publishing_check.find_problems(site(), key, text, today())


def original_of(key: TextKey) -> str | None:
    """The English file that a translation belongs to, as it stands in the library."""
    return site().catalogue.library.find_text(english_of(key))[0] if key.language is not Language.EN else None


def sketch(key: TextKey, text: str) -> PreparedSession | PreparedModule | PreparedPage:
    """A text as far as it can be shown. Raises NotFound when it cannot be laid out at all."""
    films = site().media.list_facts()
    outcome = site().workshop.sketch(
        Text(key.kind.value, key.slug, key.language, key.file, text, original_of(key), films)
    )
    if outcome.document is None:
        raise NotFound("This can't be shown. See what the check found.")
    if key.kind is TextKind.SESSION:
        return SESSION_JSON.validate_json(outcome.document)
    if key.kind is TextKind.TRAINING:
        return MODULE_JSON.validate_json(outcome.document)
    return PAGE_JSON.validate_json(outcome.document)


def title_of(text: str, key: TextKey) -> str:
    """The title that a text gives itself, else the end of its address."""
    return read_form(text).line("title") or key.slug
