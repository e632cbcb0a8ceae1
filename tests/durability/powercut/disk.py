"""A disk as its notes tell it: what is on it now, and what is left when the power goes.

A write is safe when the file was fsynced after it, a name when its folder was. What is not safe may be there or not: all of
it (the kernel had written it meanwhile), none, or some, and then a write may be torn within.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

_HEAD = struct.Struct("<cHHQQ")
SECTOR = 512

Luck = Literal["none", "some", "all"]
"""How much of what was not safe is there all the same."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was asked of the disk: `what` as in record.c."""

    what: str
    path: str
    other: str
    offset: int
    length: int
    data: bytes


def read_notes(log: Path) -> Iterator[Note]:
    """Everything that was noted, in order."""
    with log.open("rb") as file:
        while head := file.read(_HEAD.size):
            what, path, other, offset, length = _HEAD.unpack(head)
            names = file.read(path).decode(), file.read(other).decode()
            yield Note(what.decode(), *names, offset, length, file.read(length) if what == b"W" else b"")


@dataclass(eq=False, slots=True)
class File:
    """`data` is what it holds now, `safe` what it holds for certain, `waiting` what was done to it since."""

    data: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    waiting: list[tuple[int, bytes | None]] = field(default_factory=list)

    def do(self, offset: int, data: bytes | None) -> None:
        """Write at the offset, or cut to that length."""
        _do(self.data, offset, data)
        self.waiting.append((offset, data))

    def sync(self) -> None:
        """All of it is safe."""
        self.safe = bytes(self.data)
        self.waiting.clear()

    def after(self, luck: Luck, chance: random.Random) -> bytes:
        """What it holds after the cut."""
        if luck == "none":
            return self.safe
        if luck == "all":
            return bytes(self.data)
        left = bytearray(self.safe)
        for offset, data in self.waiting:
            fate = chance.random()
            if fate < 0.5:
                _do(left, offset, data)
            elif fate < 0.75 and data is not None:
                for start in range(0, len(data), SECTOR):  # torn: some sectors of it
                    if chance.random() < 0.5:
                        _do(left, offset + start, data[start : start + SECTOR])
        return bytes(left)


def _do(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        if len(content) > offset:
            del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


@dataclass(eq=False, slots=True)
class Folder:
    """`names` are those it has now, `safe` those it has for certain."""

    names: dict[str, Node] = field(default_factory=dict)
    safe: dict[str, Node] = field(default_factory=dict)


Node = File | Folder


@dataclass(eq=False, slots=True)
class Change:
    """Names that come and go at once: (folder, name, what it stands for now or None)."""

    steps: tuple[tuple[Folder, str, Node | None], ...]


class Disk:
    """The folder `root`, which was as `before` is when the notes began; they are applied to it one by one."""

    def __init__(self, root: Path, before: Path) -> None:
        self.root = PurePosixPath(root)
        self._top = _read(before)
        self._changes: list[Change] = []
        self.hasty: list[str] = []
        """Files that got their good name before what is in them was safe: there in pieces, with bad luck."""

    def apply(self, note: Note) -> None:
        """What the note says has happened."""
        if note.what == "S":
            self._sync(self._node(note.path))
        elif note.what in "WT":
            node = self._node(note.path)
            assert isinstance(node, File), note.path
            node.do(note.offset if note.what == "W" else note.length, note.data if note.what == "W" else None)
        elif note.what == "R":
            node = self._node(note.path)
            if isinstance(node, File) and node.waiting:
                self.hasty.append(note.other)
            self._change((*self._parent(note.path), None), (*self._parent(note.other), node))
        else:
            new = {"C": File, "M": Folder, "U": lambda: None}.get(note.what)
            node = self._node(note.path) if new is None else new()
            self._change((*self._parent(note.path if new else note.other), node))

    def read_if_there(self, name: str) -> bytes:
        """What a file of the topmost folder holds now; nothing when there is none."""
        node = self._top.names.get(name)
        return bytes(node.data) if isinstance(node, File) else b""

    def write_after_cut(self, target: Path, luck: Luck, chance: random.Random) -> None:
        """Make `target`, which is not there yet, what is left when the power goes now."""
        names = self._names_after(luck, chance)
        self._write(self._top, target, names, luck, chance)

    def _names_after(self, luck: Luck, chance: random.Random) -> dict[int, dict[str, Node]]:
        """The names of every folder that has changed: journaling file systems keep changes of names in their order."""
        kept = {"none": 0, "all": len(self._changes), "some": chance.randint(0, len(self._changes))}[luck]
        names: dict[int, dict[str, Node]] = {}
        for change in self._changes[:kept]:
            for folder, name, node in change.steps:
                mine = names.setdefault(id(folder), dict(folder.safe))
                _name(mine, name, node)
        return names

    def _write(
        self, folder: Folder, target: Path, names: dict[int, dict[str, Node]], luck: Luck, chance: random.Random
    ) -> None:
        target.mkdir()
        for name, node in names.get(id(folder), folder.safe).items():
            if isinstance(node, Folder):
                self._write(node, target / name, names, luck, chance)
            else:
                (target / name).write_bytes(node.after(luck, chance))
                (target / name).chmod(0o600)

    def _change(self, *steps: tuple[Folder, str, Node | None]) -> None:
        for folder, name, node in steps:
            _name(folder.names, name, node)
        self._changes.append(Change(steps))

    def _sync(self, node: Node) -> None:
        if isinstance(node, File):
            node.sync()
            return
        waiting = []
        for change in self._changes:
            if any(folder is node for folder, _, _ in change.steps):
                for folder, name, now in change.steps:  # a rename is one change, in whichever folder one looks
                    _name(folder.safe, name, now)
            else:
                waiting.append(change)
        self._changes = waiting

    def _parent(self, path: str) -> tuple[Folder, str]:
        pure = PurePosixPath(path)
        folder = self._node(str(pure.parent))
        assert isinstance(folder, Folder), path
        return folder, pure.name

    def _node(self, path: str) -> Node:
        node: Node = self._top
        for name in PurePosixPath(path).relative_to(self.root).parts:
            assert isinstance(node, Folder), path
            node = node.names[name]
        return node


def _name(names: dict[str, Node], name: str, node: Node | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def _read(path: Path) -> Folder:
    """What is there when the notes begin is safe."""
    folder = Folder()
    for entry in path.iterdir():
        if entry.is_dir():
            folder.names[entry.name] = _read(entry)
        else:
            data = entry.read_bytes()
            folder.names[entry.name] = File(bytearray(data), data)
    folder.safe = dict(folder.names)
    return folder
