"""Plain words between the blocks."""

from __future__ import annotations

from .base import BlockType, any_argument

BLOCK: BlockType[None] = BlockType(name="text", order=0, has_mark=False, argument=any_argument)
