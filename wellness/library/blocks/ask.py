"""A question to talk about."""

from __future__ import annotations

from .base import BlockType, Doc, Snippet

BLOCK: BlockType[None] = BlockType(
    name="ask",
    order=20,
    docs=(Doc("/// ask", "a question to talk about; passing is always fine"),),
    snippets=(
        Snippet(
            "ask",
            "Question",
            "/// ask\nWhere might someone your age use this? You may pass.\n///",
            "/// ask\n¿Dónde podría servirle esto a alguien de su edad? Nadie tiene que hablar.\n///",
        ),
    ),
)
