"""A training module's draft as a teacher will see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...library.blocks.question import PreparedQuestion
from ...library.prepared import PreparedModule, PreparedModulePart, PreparedPart
from .. import labels
from ..learn.check_view import AnsweredQuestion, ShownQuestion, show_answered, show_check
from ..learn.own_words import OwnWords, show_material


@dataclass(frozen=True, slots=True)
class DraftPart:
    """One part of a draft as a teacher will see it, with the feedback shown after submitting the check."""

    label: str
    title: str
    minutes: int
    blocks: tuple[tuple[PreparedPart | None, OwnWords | None, ShownQuestion | None, AnsweredQuestion | None], ...]


def show_draft(module: PreparedModule) -> list[DraftPart]:
    """Return the parts of a module's draft."""
    return [
        DraftPart(str(labels.PART_KINDS[part.kind]), part.title, part.minutes, tuple(_draft_blocks(module, part)))
        for part in module.parts
    ]


def _draft_blocks(
    module: PreparedModule, part: PreparedModulePart
) -> Iterator[tuple[PreparedPart | None, OwnWords | None, ShownQuestion | None, AnsweredQuestion | None]]:
    if not any(block.get(PreparedQuestion) for block in part.parts):
        for shown, own in show_material(module, part, {}):
            yield shown, own, None, None
        return
    for shown, question in show_check(part, {}):
        prepared = next((one for one in module.questions if question is not None and one.key == question.key), None)
        answered = (
            show_answered(prepared, question.number, ()) if prepared is not None and question is not None else None
        )
        yield shown, None, question, answered
