"""The ways to take part or sit out."""

from __future__ import annotations

from .base import BlockType, Doc, Snippet

BLOCK: BlockType[None] = BlockType(
    name="choice",
    order=10,
    docs=(
        Doc(
            "/// choice",
            "the ways to take part or sit out. A session has at least one, and each practice is better with one",
        ),
    ),
    snippets=(
        Snippet(
            "choice",
            "Choice",
            "/// choice\nJoin in, just watch, draw, or sit quietly. Any of these is taking part.\n///",
            "/// choice\nParticipen, miren, dibujen o quédense en silencio. Todo eso es participar.\n///",
        ),
    ),
)
