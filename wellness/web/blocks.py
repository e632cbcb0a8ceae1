"""Blocks in templates: `{{ block(part, 'student', lang) }}` calls the macro of that view in templates/blocks/."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from flask_babel import gettext
from jinja2 import Environment
from markupsafe import Markup

from ..domain import Language, PracticeKind
from ..library.blocks import BLOCKS
from ..library.blocks.base import Snippet
from ..library.prepared import PreparedPart
from .labels import PRACTICES
from .public.video_view import show_video

PUBLIC_VIEWS = frozenset({"student", "screen", "stage", "family"})
"""Views that students and families see. `stage` is what is beside the words on the class screen."""
STAFF_VIEWS = frozenset({"cue", "sheet", "lesson", "preview"})
"""`cue` is the teacher's drawer on the class screen, `lesson` a training module, `preview` the studio."""
_STEP = Snippet("step", "Step", "## Practice: Title (2 min, short 1)\n\n", "## Práctica: Título (2 min, corta 1)\n\n")
_FALLBACK = {"lesson": "student", "preview": "student"}


def render_block(templates: Environment, part: PreparedPart, view: str, *more: object) -> Markup:
    """A part as that view shows it; empty where the block has no macro for it.

    A block for staff, or one the site does not know, is empty in every public view, whatever its template says.
    """
    if part.name not in BLOCKS or (view in PUBLIC_VIEWS and not part.is_for_everyone):
        return Markup()
    macros = templates.get_template(f"blocks/{part.name}.html").module
    macro = getattr(macros, view, None) or getattr(macros, _FALLBACK.get(view, view), None)
    return Markup() if macro is None else macro(part, *more)


def register_blocks(app: Flask) -> None:
    """Give every template `block`, and the templates of the blocks what they need."""
    templates = app.jinja_env

    def block(part: PreparedPart, view: str, *more: object) -> Markup:
        return render_block(templates, part, view, *more)

    templates.globals.update(block=block, show_video=show_video, practice_name=practice_name)


def list_snippets(language: Language, videos: Sequence[str]) -> list[tuple[str, str, str]]:
    """Key, label and text of what the Insert menu offers for a text in that language; `videos` are the names there are."""
    video = videos[0] if videos else "its-name"
    blocks = [one for block in BLOCKS.values() for one in block.snippets]
    return [(one.key, gettext(one.label), one.text(language).replace("{video}", video)) for one in (*blocks, _STEP)]


def practice_name(kind: PracticeKind) -> str:
    """The name of a practice in the reader's language."""
    return str(PRACTICES[kind])
