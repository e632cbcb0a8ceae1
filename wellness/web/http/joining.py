"""Small ES modules as the one file that a page loads. What a module imports comes before it, and each keeps its own scope.

The modules stay files of their own in the repository, and run there unbundled. A module that another one imports would
cost the browser one more way there and back, at an address without the digest of its content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

_IMPORT = re.compile(r'^import \{ (\w+(?:, \w+)*) \} from "(\.{1,2}/[\w./-]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_REMARK = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)


def without_comments(text: str) -> str:
    """A style sheet or script without the comments that have lines of their own: they are for who reads the repository."""
    return _REMARK.sub("", text)


def in_order(entries: Iterable[Path]) -> tuple[Path, ...]:
    """The modules with all that they import, each once, what is imported first. Raises ValueError where two need each other."""
    found: list[Path] = []
    for entry in entries:
        _visit(entry.resolve(), found, ())
    return tuple(found)


def joined(files: Sequence[Path]) -> str:
    """One script of modules in the given order.

    Raises ValueError for an import or export of another form than `import { a, b } from "./c.js";` and
    `export function`, `class` or `const`.
    """
    names = {file: f"module{number}" for number, file in enumerate(files)}
    return "\n".join(_wrapped(file, names) for file in files)


def _visit(file: Path, found: list[Path], above: tuple[Path, ...]) -> None:
    if file in above:
        raise ValueError(f"{file.name} imports itself by way of {above[-1].name}")
    if file not in found:
        for needed in imports(file, file.stat().st_mtime_ns):
            _visit(needed, found, (*above, file))
        found.append(file)


@lru_cache(maxsize=256)
def imports(file: Path, _written_at: int) -> tuple[Path, ...]:
    """The files that a module imports from, as it stood at that time."""
    text = file.read_text(encoding="utf-8")
    return tuple((file.parent / found[2]).resolve() for found in _IMPORT.finditer(text))


def _wrapped(file: Path, names: dict[Path, str]) -> str:
    def inline(found: re.Match[str]) -> str:
        return f"const {{ {found[1]} }} = {names[(file.parent / found[2]).resolve()]};"

    text = _IMPORT.sub(inline, without_comments(file.read_text(encoding="utf-8")))
    exported = [found[1] for found in _EXPORT.finditer(text)]
    text = _EXPORT.sub("", text)
    if other := _OTHER.search(text):
        raise ValueError(f"{file.name} cannot be put together: {other[0]}")
    return f"const {names[file]} = (() => {{\n{text}return {{ {', '.join(exported)} }};\n}})();\n"
