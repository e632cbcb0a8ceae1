"""`BlockType`: everything the site needs to know about one kind of content block (`/// name`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from ...domain import Block, Language, Problem, VideoFacts
from ..markdown import render_markdown

Data = TypeVar("Data")


class Readers(StrEnum):
    """Who may read a block. STAFF blocks never reach students, the class screen or families."""

    EVERYONE = "everyone"
    STAFF = "the teacher"


class Place(StrEnum):
    """Where a block can be written."""

    SESSION = "session"
    PAGE = "page"
    MODULE = "training module"
    CHECK = "the Check of a training module"


ANYWHERE = frozenset(Place)


@dataclass(frozen=True, slots=True)
class Option:
    """A line like `rounds: 4` at the top of a block. `read` raises ValueError with a message for the coach."""

    name: str
    read: Callable[[str], Any]
    default: Any = None
    only_for: tuple[Any, ...] = ()
    """The arguments (as read) it belongs to; () = all."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parsed argument and options of one block; missing options have their defaults."""

    argument: Any
    options: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.options[name]


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Context for a block's check: the file it is in, and the known videos."""

    file: str
    videos: Sequence[VideoFacts] = ()

    def error(self, line: int, message: str) -> Problem:
        """Return a problem that stops publishing."""
        return Problem(self.file, line, message)


@dataclass(frozen=True, slots=True)
class PrepareContext:
    """Context for `prepare`: a key unique within the text, and the text's revision."""

    key: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A ready block for the Insert menu. `label` is an English message id; `{video}` in a text is the first video's name."""

    key: str
    label: str
    english: str
    spanish: str

    def text(self, language: Language) -> str:
        """Return the block to insert into a text in that language."""
        return self.spanish if language is Language.ES else self.english


@dataclass(frozen=True, slots=True)
class Doc:
    """One row of the table of blocks in docs/authoring.md."""

    example: str
    help: str

    @property
    def cell(self) -> str:
        """Return the example escaped for a Markdown table, where a `|` would end the cell."""
        return self.example.replace("|", "\\|")


def any_argument(word: str) -> str:
    """Return the argument unchanged."""
    return word


def no_argument(word: str) -> None:
    """Raise ValueError when anything is written after the block's name."""
    if word:
        raise ValueError("nothing can follow a `|` here; write the words on the lines below")


def nothing(block: Block, parameters: Parameters, around: CheckContext) -> Iterable[Problem]:
    """Return no problems."""
    return ()


def no_data(block: Block, parameters: Parameters, making: PrepareContext) -> None:
    """Return no data, for blocks that are only HTML."""


def text_as_html(block: Block, data: Any) -> str:
    """Return the block's Markdown as sanitized HTML."""
    return render_markdown(block.text)


def no_time(parameters: Parameters) -> int:
    """Return 0 seconds."""
    return 0


@dataclass(frozen=True, slots=True)
class BlockType(Generic[Data]):
    """One kind of block. `order` is its place in lists: the docs, the Insert menu, problems.

    `argument` parses what follows the `|` and raises ValueError with a message for the coach. `check` runs when the
    argument is valid; an invalid option has its default there. `prepare` and `html` run for blocks without errors.
    """

    name: str
    order: int
    docs: tuple[Doc, ...] = ()
    readers: Readers = Readers.EVERYONE
    has_mark: bool = True
    """False for text and headings, which are written without `/// name`."""
    places: frozenset[Place] = ANYWHERE
    misplaced: str = ""
    """The message when the block is in a place where it isn't allowed."""
    argument: Callable[[str], Any] = no_argument
    options: tuple[Option, ...] = ()
    counts_on_screen: bool = True
    """Whether its words are shown on the class screen and count toward one screen's limit."""
    snippets: tuple[Snippet, ...] = ()
    data: type[Data] | None = None
    check: Callable[[Block, Parameters, CheckContext], Iterable[Problem]] = nothing
    prepare: Callable[[Block, Parameters, PrepareContext], Data | None] = no_data
    html: Callable[[Block, Any], str] = text_as_html
    seconds: Callable[[Parameters], int] = no_time
    """Length in seconds, for the check of a step's minutes."""

    @property
    def option_names(self) -> tuple[str, ...]:
        """Names that can be written at the top of the block."""
        return tuple(option.name for option in self.options)

    def read(self, block: Block) -> tuple[Parameters, list[tuple[int, str]]]:
        """Return the block's parameters, and a (line, message) for each invalid option.

        Raises ValueError with a message for the coach when the argument is invalid.
        """
        argument = self.argument(block.argument)
        known = {one.name: one for one in self.options if not one.only_for or argument in one.only_for}
        values = {one.name: one.default for one in self.options}
        wrong: list[tuple[int, str]] = []
        seen: set[str] = set()
        for line, name, value in block.number_options():
            option = known.get(name)
            if option is None:
                wrong.append(
                    (line, f"`{name}` isn’t an option of this {self.name}; the options are: {', '.join(known)}")
                )
                continue
            if name in seen:
                wrong.append((line, f"`{name}` is written twice; keep one of them"))
            seen.add(name)
            try:
                values[name] = option.read(value)
            except ValueError as error:
                wrong.append((line, str(error)))
        return Parameters(argument, values), wrong

    def problems(self, block: Block, place: Place | None, around: CheckContext) -> Iterator[Problem]:
        """Return all problems of one block of this kind in that place."""
        if place is not None and place not in self.places:
            yield around.error(block.line, self.misplaced or f"`/// {self.name}` doesn’t belong in a {place}")
            return
        try:
            parameters, wrong = self.read(block)
        except ValueError as error:
            yield around.error(block.line, str(error))
            return
        for line, message in wrong:
            yield around.error(line, message)
        yield from self.check(block, parameters, around)


def whole(name: str, most: int, too_many: str) -> Callable[[str], int]:
    """Read a whole number from 1 to `most`."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdecimal()) or len(value) > 6 or int(value) < 1:
            raise ValueError(f"{name} must be a whole number, like 4")
        if int(value) > most:
            raise ValueError(too_many)
        return int(value)

    return read


def on_off(name: str) -> Callable[[str], bool]:
    """Read `on` or `off`."""

    def read(value: str) -> bool:
        if value not in ("on", "off"):
            raise ValueError(f"{name} must be `on` or `off`")
        return value == "on"

    return read
