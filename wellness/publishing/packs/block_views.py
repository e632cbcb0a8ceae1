"""Blocks on the pages of a pack: the macro `pack` of templates/blocks/, without Flask, in the language of the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ...domain import Language
from ...files import SITE
from ...library.blocks import BLOCKS
from ...library.prepared import PreparedPart


@dataclass(frozen=True, slots=True)
class PackPage:
    """The context of a block's macro: HTML with the pack's addresses, and the video player."""

    localize: Callable[[str], str]
    play: Callable[[str], str]

    def local(self, html: str) -> Markup:
        """Return sanitized HTML with the pack's addresses."""
        return Markup(self.localize(html))  # noqa: S704 - library/markdown cleaned it # nosec B704

    def video(self, name: str) -> Markup:
        """Return the player of a video, or a note when it isn't in the pack."""
        return Markup(self.play(name))  # noqa: S704 - every value in it is escaped # nosec B704


def draw_block(part: PreparedPart, language: Language, page: PackPage) -> str:
    """Render a part for a pack's page (staff, print); empty when its block has no such view."""
    if part.name not in BLOCKS:
        return ""
    macro = getattr(_templates(language).get_template(f"blocks/{part.name}.html").module, "pack", None)
    return "" if macro is None else str(macro(part, language.value, page))


@cache
def _templates(language: Language) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(SITE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = Translations.load(SITE / "translations", [language.value])
    templates.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    return templates
