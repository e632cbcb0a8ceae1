"""Template values of the notes that a teacher writes in a module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape

from ...domain import PartKind, Reflection
from ...library.checks.wording import Hint, find_hints
from ...library.prepared import PreparedModule, PreparedModulePart, PreparedPart
from ...training import reflections
from .. import labels
from ..public.session_view import as_html
from .module_view import PART_KEYS

_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A place for a note, with its text. `has_check` turns on the wording check, for sentences meant for a class."""

    slug: str
    place: str
    label: str
    prompt: Markup
    language: str
    text: str
    is_shared: bool
    has_check: bool
    href: str
    hints: tuple[Hint, ...] = ()
    error: str = ""
    most: int = reflections.MAX_WORDS

    @property
    def hint_language(self) -> str:
        """Language of the wording check's suggestions."""
        return self.language

    @property
    def plain_prompt(self) -> str:
        """Prompt as plain text, stored with the note."""
        return unescape(_TAG.sub("", str(self.prompt))).strip()


Material = tuple[PreparedPart | None, OwnWords | None]
"""One block of a part: content, or a place for a note."""


def show_material(
    module: PreparedModule, part: PreparedModulePart, written: Mapping[str, Reflection]
) -> list[Material]:
    """Return the blocks of a part with the reader's notes."""
    shown: list[Material] = []
    count = 0
    for block in part.parts:
        if block.name == "ask":
            count += 1
            shown.append((None, _own_words(module, part, f"{PART_KEYS[part.kind]}-{count}", block.html, written)))
        else:
            shown.append((block, None))
    if part.kind is PartKind.SAY and count == 0:
        shown.append((None, _own_words(module, part, PART_KEYS[part.kind], "", written)))
    return shown


def list_places(module: PreparedModule, written: Mapping[str, Reflection]) -> dict[str, OwnWords]:
    """Return every place for a note by name, in the order of the module."""
    shown = (own for part in module.parts for _, own in show_material(module, part, written))
    return {own.place: own for own in shown if own is not None}


def _own_words(
    module: PreparedModule, part: PreparedModulePart, place: str, prompt: str, written: Mapping[str, Reflection]
) -> OwnWords:
    is_said = part.kind is PartKind.SAY
    kept = written.get(place)
    text = "" if kept is None else kept.text
    return OwnWords(
        slug=module.slug,
        place=place,
        label=str(_("Your sentences") if is_said else _("Your answer")),
        prompt=as_html(prompt),
        language=module.language.value,
        text=text,
        is_shared=kept is not None and kept.shared_at is not None,
        has_check=is_said,
        href=url_for("training.part", slug=module.slug, part=PART_KEYS[part.kind]),
        hints=find_hints(text, module.language) if is_said else (),
    )


def show_written(module: PreparedModule, written: Iterable[Reflection]) -> list[OwnWords]:
    """Return all notes of a module in its order, then notes at places that the module no longer has."""
    kept = {one.place: one for one in written}
    places = list_places(module, kept)
    shown = [_with_part(own, module) for place, own in places.items() if place in kept]
    return shown + [_left_over(module, one) for place, one in kept.items() if place not in places]


def _with_part(own: OwnWords, module: PreparedModule) -> OwnWords:
    part = next(part for part in module.parts if own.place.startswith(PART_KEYS[part.kind]))
    return OwnWords(
        own.slug, own.place, f"{labels.PART_KINDS[part.kind]}: {part.title}", own.prompt, own.language, own.text,
        own.is_shared, own.has_check, own.href,
    )  # fmt: skip


def _left_over(module: PreparedModule, one: Reflection) -> OwnWords:
    return OwnWords(
        one.slug, one.place, str(_("From an earlier version of this module")), escape(one.prompt), module.language.value,
        one.text, one.shared_at is not None, False, "",
    )  # fmt: skip
