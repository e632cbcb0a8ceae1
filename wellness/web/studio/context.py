"""The text a studio request is about, and its check."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request, url_for

from ...domain import KeptWarning, Language, Problem, TextKey, TextKind
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
    """Return the key of the text in the request's address."""
    asked = request.values.get("text", "en")
    language = next((one for one in Language if one.value == asked), Language.EN)
    return TextKey(TextKind(kind), slug, language)


def text_url(endpoint: str, key: TextKey, **more: object) -> str:
    """Return the address of a view of one text."""
    language = key.language.value if key.language is not Language.EN else None
    return url_for(f"studio.{endpoint}", kind=key.kind.value, slug=key.slug, text=language, **more)  # type: ignore[arg-type]


def english_of(key: TextKey) -> TextKey:
    """Return the key of the English original."""
    return TextKey(key.kind, key.slug, Language.EN)


def check(key: TextKey, text: str, keeps: Sequence[KeptWarning]) -> ShownCheck:
    """Return the check of a text for the templates."""
    return show_check(text, find_problems(key, text), keeps)


def find_problems(key: TextKey, text: str) -> tuple[Problem, ...]:
    """Return all errors and suggestions of a text."""
    return publishing_check.find_problems(site(), key, text, today())


def original_of(key: TextKey) -> str | None:
    """Return the English file of a translation, as published."""
    return site().catalogue.library.find_text(english_of(key))[0] if key.language is not Language.EN else None


def sketch(key: TextKey, text: str) -> PreparedSession | PreparedModule | PreparedPage:
    """Return a preview of a text as far as possible. Raises NotFound when it can't be rendered at all."""
    videos = site().media.list_facts()
    outcome = site().workshop.sketch(
        Text(key.kind.value, key.slug, key.language, key.file, text, original_of(key), videos)
    )
    if outcome.document is None:
        raise NotFound("This can’t be shown. See what the check found.")
    if key.kind is TextKind.SESSION:
        return SESSION_JSON.validate_json(outcome.document)
    if key.kind is TextKind.TRAINING:
        return MODULE_JSON.validate_json(outcome.document)
    return PAGE_JSON.validate_json(outcome.document)


def title_of(text: str, key: TextKey) -> str:
    """Return a text's title, else its slug."""
    return read_form(text).line("title") or key.slug
