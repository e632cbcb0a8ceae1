"""The registry of content blocks: one file per block, each with a constant `BLOCK`.

Adding a block: its file here, `templates/blocks/<name>.html`, its test, the Spanish messages, and `make docs`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from ...domain import Block, Problem, VideoFacts
from .base import BlockType, CheckContext, Place, PrepareContext, Readers

_found = [
    import_module(f"{__name__}.{module.name}").BLOCK
    for module in pkgutil.iter_modules(__path__)
    if module.name != "base"
]
BLOCKS: Final[dict[str, BlockType[Any]]] = {one.name: one for one in sorted(_found, key=lambda one: one.order)}
MARKS: Final = tuple(name for name, one in BLOCKS.items() if one.has_mark)
"""Block names that can be written after `///`."""


def write_table() -> str:
    """Return the table of blocks for docs/authoring.md, as Markdown."""
    rows = [(doc, one) for one in BLOCKS.values() for doc in one.docs]
    lines = [f"| `{doc.cell}` | {one.readers} | {doc.help} |" for doc, one in rows]
    return "\n".join(["| block | who sees it | for |", "|---|---|---|", *lines])


def is_for_everyone(name: str) -> bool:
    """Whether students and families may see a block of that name. Blocks with an unknown name are for staff only."""
    found = BLOCKS.get(name)
    return found is not None and found.readers is Readers.EVERYONE


def is_on_screen(name: str) -> bool:
    """Whether a class sees the block's words on the screen."""
    return is_for_everyone(name) and BLOCKS[name].counts_on_screen


def find_block_problems(
    block: Block, place: Place | None, file: str, videos: Sequence[VideoFacts] = ()
) -> list[Problem]:
    """Return the problems of one block: place, argument, options, and the block's own check.

    Without a `place` the block may be anywhere.
    """
    kind = BLOCKS.get(block.name)
    return list(kind.problems(block, place, CheckContext(file, videos))) if kind is not None else []


def block_seconds(block: Block) -> int:
    """Return a block's length in seconds; 0 when its parameters can't be read, which the check reports separately."""
    kind = BLOCKS.get(block.name)
    if kind is None:
        return 0
    try:
        parameters, wrong = kind.read(block)
    except ValueError:
        return 0
    return 0 if wrong else kind.seconds(parameters)


def prepare_block(block: Block, making: PrepareContext) -> tuple[str, Any]:
    """Return a block without errors as HTML and data."""
    kind = BLOCKS.get(block.name, BLOCKS["text"])
    parameters, _ = kind.read(block)
    data = kind.prepare(block, parameters, making)
    return kind.html(block, data), data
