"""Words for the teacher to say."""

from __future__ import annotations

from .base import BlockType, Doc, Readers, Snippet

BLOCK: BlockType[None] = BlockType(
    name="say",
    order=30,
    docs=(Doc("/// say", "words to say your own way"),),
    readers=Readers.STAFF,
    snippets=(
        Snippet(
            "say",
            "What to say",
            "/// say\nIn your own words.\n///",
            "/// say\nCon sus propias palabras.\n///",
        ),
    ),
)
