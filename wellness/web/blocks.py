"""Blocks in templates: `{{ block(part, 'student', lang) }}` calls the macro of that view in templates/blocks/."""

from __future__ import annotations

from flask import Flask
from jinja2 import Environment
from markupsafe import Markup

from ..domain import PracticeKind
from ..library.blocks import BLOCKS
from ..library.prepared import PreparedPart
from .labels import PRACTICES
from .public.video_view import show_video

PUBLIC_VIEWS = frozenset({"student", "screen", "stage", "family"})
"""Views that students and families see. `stage` is what is beside the words on the class screen."""
STAFF_VIEWS = frozenset({"cue", "sheet", "lesson", "preview"})
"""`cue` is the teacher's drawer on the class screen, `lesson` a training module, `preview` the studio."""
_FALLBACK = {"lesson": "student", "preview": "student"}


def draw_block(templates: Environment, part: PreparedPart, view: str, *more: object) -> Markup:
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
        return draw_block(templates, part, view, *more)

    templates.globals.update(block=block, show_video=show_video, practice_name=practice_name)


def practice_name(kind: PracticeKind) -> str:
    """The name of a practice in the reader's language."""
    return str(PRACTICES[kind])
