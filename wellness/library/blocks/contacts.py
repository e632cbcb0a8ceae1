"""Where the school's own people are listed on the help page."""

from __future__ import annotations

from .base import BlockType, Place

BLOCK: BlockType[None] = BlockType(name="contacts", order=80, places=frozenset({Place.PAGE}), counts_on_screen=False)
