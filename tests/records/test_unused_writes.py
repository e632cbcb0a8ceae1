"""A function that writes records can be reached from a page or a command, or it does not exist."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "wellness"
Function = tuple[str, str]
"""A module of wellness/records and a function in it."""

NOT_YET_CALLED: set[Function] = set()
"""What pages that are being made will call."""


def references(node: ast.AST, modules: set[str], own: str = "") -> Iterator[Function]:
    """The functions of records modules that `node` names: `people.add`, or `add` where it was imported or is `own`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in modules:
            yield part.value.id, part.attr
        elif isinstance(part, ast.ImportFrom) and part.module and part.module.rpartition(".")[2] in modules:
            yield from ((part.module.rpartition(".")[2], name.name) for name in part.names)
        elif own and isinstance(part, ast.Name):
            yield own, part.id


def find_unreachable_writes(package: Path) -> set[Function]:
    """The public functions of `records` that take a Writing and that nothing above `records` leads to."""
    folder = package / "records"
    trees = {path.stem: ast.parse(path.read_text()) for path in folder.glob("*.py")}
    modules, reached = set(trees), set[Function]()
    functions: dict[Function, ast.FunctionDef] = {}
    for path in package.rglob("*.py"):
        if not path.is_relative_to(folder):
            reached |= set(references(ast.parse(path.read_text()), modules))
    imported: dict[Function, Function] = {}
    for module, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                functions[module, node.name] = node
            elif isinstance(node, ast.ImportFrom):
                imported |= {(module, found): (origin, found) for origin, found in references(node, modules)}
            else:
                reached |= set(references(node, modules, module))
    waiting = list(reached)
    while waiting:
        here = imported.get(waiting[-1], waiting.pop())
        if here in functions:
            new = set(references(functions.pop(here), modules, here[0])) - reached
            reached |= new
            waiting += new
    return {name for name, node in functions.items() if not name[1].startswith("_") and takes_writing(node)}


def takes_writing(function: ast.FunctionDef) -> bool:
    """Whether one of its arguments is the transaction that may change records."""
    given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(isinstance(one.annotation, ast.Name) and one.annotation.id == "Writing" for one in given)


def test_every_function_that_writes_records_is_called_from_above() -> None:
    assert find_unreachable_writes(PACKAGE) == NOT_YET_CALLED


def test_a_function_that_nothing_calls_is_found(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "ages.py").write_text(
        "from .years import add_up\n"
        "def add(tx: Writing) -> None:\n    _put(tx)\n    add_up(tx)\n"
        "def _put(tx: Writing) -> None:\n    repair(tx)\n"
        "def repair(tx: Writing) -> None: ...\n"
        "def close(tx: Writing) -> None:\n    reopen(tx)\n"
        "def reopen(tx: Writing) -> None: ...\n"
        "def find(tx: Reading) -> None: ...\n"
    )
    (tmp_path / "records" / "years.py").write_text("def add_up(tx: Writing) -> None: ...\n")
    (tmp_path / "admin.py").write_text("from .records import ages\nages.add(None)\n")
    assert find_unreachable_writes(tmp_path) == {("ages", "close"), ("ages", "reopen")}
