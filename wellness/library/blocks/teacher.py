"""Instructions for the teacher: what to do, what to watch for."""

from __future__ import annotations

from .base import BlockType, Doc, Readers, Snippet

BLOCK: BlockType[None] = BlockType(
    name="teacher",
    order=40,
    docs=(Doc("/// teacher", "what to do or to watch for"),),
    readers=Readers.STAFF,
    snippets=(
        Snippet(
            "teacher",
            "For the teacher",
            "/// teacher\nWhat helps to know or do here.\n///",
            "/// teacher\nLo que ayuda saber o hacer.\n///",
        ),
    ),
)
