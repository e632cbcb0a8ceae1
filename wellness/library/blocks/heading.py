"""A `##` heading of a page."""

from __future__ import annotations

from html import escape
from typing import Any

from ...domain import Block
from .base import BlockType, Place


def _html(block: Block, data: Any) -> str:
    return f"<h2>{escape(block.text)}</h2>"


BLOCK: BlockType[None] = BlockType(
    name="heading",
    order=1,
    has_mark=False,
    places=frozenset({Place.PAGE}),
    counts_on_screen=False,
    html=_html,
)
