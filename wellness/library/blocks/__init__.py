"""The registry of content blocks: one file per block, each with a constant `BLOCK`.

Adding a block: its file here, `templates/blocks/<name>.html`, its test, the Spanish messages, and `make docs`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from ...domain import Block, FilmFacts, Problem
from .base import Around, BlockType, Making, Place, Readers

_found = [
    import_module(f"{__name__}.{module.name}").BLOCK
    for module in pkgutil.iter_modules(__path__)
    if module.name != "base"
]
BLOCKS: Final[dict[str, BlockType[Any]]] = {one.name: one for one in sorted(_found, key=lambda one: one.order)}
MARKS: Final = tuple(name for name, one in BLOCKS.items() if one.has_mark)
"""The names that can be written after `///`."""


def write_table() -> str:
    """The table of the blocks in docs/authoring.md, as Markdown."""
    rows = [(doc, one) for one in BLOCKS.values() for doc in one.docs]
    lines = [f"| `{doc.cell}` | {one.readers} | {doc.help} |" for doc, one in rows]
    return "\n".join(["| block | who sees it | for |", "|---|---|---|", *lines])


def is_for_everyone(name: str) -> bool:
    """Whether students and families may see a block of that name. A name the site does not know is for staff only."""
    found = BLOCKS.get(name)
    return found is not None and found.readers is Readers.EVERYONE


def is_on_screen(name: str) -> bool:
    """Whether a class sees the block's words on the screen."""
    return is_for_everyone(name) and BLOCKS[name].counts_on_screen


def find_block_problems(block: Block, place: Place | None, file: str, films: Sequence[FilmFacts] = ()) -> list[Problem]:
    """What is wrong with one block: its place, argument, options, and what the block's own check finds.

    Without a `place` the block may stand anywhere.
    """
    kind = BLOCKS.get(block.name)
    return list(kind.problems(block, place, Around(file, films))) if kind is not None else []


def block_seconds(block: Block) -> int:
    """How long a block runs; 0 when its parameters cannot be read, which is a problem of its own."""
    kind = BLOCKS.get(block.name)
    if kind is None:
        return 0
    try:
        parameters, wrong = kind.read(block)
    except ValueError:
        return 0
    return 0 if wrong else kind.seconds(parameters)


def prepare_block(block: Block, making: Making) -> tuple[str, Any]:
    """The HTML and the data of a block without errors."""
    kind = BLOCKS.get(block.name, BLOCKS["text"])
    parameters, _ = kind.read(block)
    data = kind.prepare(block, parameters, making)
    return kind.html(block, data), data
