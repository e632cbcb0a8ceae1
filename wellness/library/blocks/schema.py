"""Where the tables of the records are listed on the page What we record."""

from __future__ import annotations

from .base import BlockType, Place

BLOCK: BlockType[None] = BlockType(name="schema", order=90, places=frozenset({Place.PAGE}), counts_on_screen=False)
