"""The facts at the top of a file: YAML 1.2 between two `---`, checked all at once and told in a coach's words.

ruamel.yaml because it keeps `on` and `1:30` as text, refuses equal keys and knows the line of each key;
python-frontmatter and PyYAML did none of that when tried.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode
from ruamel.yaml.reader import ReaderError

from ..domain import PASS_MARK, Band, Competency, Need, Problem

MAX_FACTS_BYTES = 8 * 1024
MAX_BRACKETS = 100
"""Facts are flat: a list here and there. 4,000 brackets in each other kept ruamel.yaml busy for seven seconds."""

_OTHER_LINE_ENDS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")
"""YAML takes these for line ends, editors do not: the lines of problems would not be theirs."""

DRAWINGS = (
    "square", "senses", "body", "move", "faces", "path", "listen", "note",
    "pencil", "mirror", "bridge", "hands", "feet", "window", "ear", "map",
)  # fmt: skip

Slug = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
OneLine = Annotated[str, Field(min_length=1, pattern=r"^[^\n<>]*$")]


class _Facts(BaseModel):
    # Built when the first text is read: a site that only shows pages starts without.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, defer_build=True)


Facts = TypeVar("Facts", bound=_Facts)


class SessionFacts(_Facts):
    """The facts of a session; docs/authoring.md explains each."""

    title: Annotated[OneLine, Field(max_length=60)]
    summary: Annotated[OneLine, Field(max_length=160)]
    purpose: Annotated[OneLine, Field(max_length=240)]
    minutes: Annotated[int, Field(ge=3, le=45)]
    short: Annotated[int, Field(ge=2, le=10)]
    grades: Annotated[tuple[Band, ...], Field(min_length=1)]
    competency: Competency
    skill: Annotated[OneLine, Field(max_length=80)]
    needs: Annotated[tuple[Need, ...], Field(min_length=1)]
    drawing: str
    module: Slug = ""
    materials: tuple[OneLine, ...] = ()
    author: Annotated[OneLine, Field(max_length=80)]
    licence: Annotated[OneLine, Field(max_length=80)]
    sources: tuple[OneLine, ...] = ()
    aliases: tuple[Slug, ...] = ()


class TranslationFacts(_Facts):
    """What a translation says in its own language; everything else is the original's."""

    title: Annotated[OneLine, Field(max_length=60)]
    summary: Annotated[OneLine, Field(max_length=200)]
    purpose: Annotated[OneLine, Field(max_length=280)]
    skill: Annotated[OneLine, Field(max_length=100)]
    materials: tuple[OneLine, ...] = ()


class PageFacts(_Facts):
    """The facts of a page."""

    title: Annotated[OneLine, Field(max_length=60)]
    summary: Annotated[OneLine, Field(max_length=200)]


def _no_number(value: object) -> object:
    """Pydantic would take 20260901 for seconds since 1970, a day nobody meant."""
    if isinstance(value, int | float):
        raise PydanticCustomError("date_parsing", "not a day")
    return value


class TrainingFacts(_Facts):
    """The facts of a training module; docs/authoring.md explains each."""

    title: Annotated[OneLine, Field(max_length=60)]
    summary: Annotated[OneLine, Field(max_length=200)]
    minutes: Annotated[int, Field(ge=15, le=25)]
    pass_mark: Annotated[int, Field(ge=1, le=100, alias="pass")] = PASS_MARK
    hours: Annotated[float, Field(ge=0.1, le=10, allow_inf_nan=False)] | None = None
    again_since: Annotated[date, BeforeValidator(_no_number)] | None = None
    author: Annotated[OneLine, Field(max_length=80)]
    licence: Annotated[OneLine, Field(max_length=80)]
    sources: tuple[OneLine, ...] = ()
    aliases: tuple[Slug, ...] = ()


class TrainingTranslationFacts(_Facts):
    """What the translation of a training module says in its own language."""

    title: Annotated[OneLine, Field(max_length=60)]
    summary: Annotated[OneLine, Field(max_length=200)]


@dataclass(frozen=True, slots=True)
class Source:
    """A file cut in two: the YAML of its facts and the lines of its body with the number of the first of them."""

    facts: str
    body: tuple[str, ...]
    body_line: int


class _PlainComposer(Composer):
    """Refuses anchors, aliases and tags: nine levels of aliases load in a millisecond and never finish being written."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise ComposerError("", None, "a name that begins with * or &", event.start_mark)
        if event.tag is not None:
            raise ComposerError("", None, "a tag", event.start_mark)
        return super().compose_node(parent, index)


def cut(text: str) -> Source | None:
    """Facts and body of a file, or None when it does not begin with facts between two lines of `---`."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines or lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return Source("\n".join(lines[1:number]), tuple(lines[number + 1 :]), number + 2)
    return None


def read_facts(source: Source, model: type[Facts], file: str) -> tuple[Facts | None, list[Problem]]:
    """The facts of a file as `model`, or None with every problem that was found in them."""
    if len(source.facts.encode()) > MAX_FACTS_BYTES:
        return None, [Problem(file, 1, "the facts at the top are too long; at most 8 KB")]
    loaded, problem = _load(source.facts, file)
    if loaded is None:
        return None, [problem] if problem else []
    plain = {str(key): _plain(value) for key, value in loaded.items()}
    try:
        facts = model.model_validate(plain)
    except ValidationError as error:
        return None, [_reword(details, loaded, model, file) for details in error.errors()]
    problems = []
    drawing = getattr(facts, "drawing", None)
    if drawing is not None and drawing not in DRAWINGS:
        message = f"there is no drawing called {drawing}; choose one of: {', '.join(DRAWINGS)}"
        problems.append(Problem(file, _line_of(loaded, "drawing"), message))
    return facts, problems


def compose_facts(facts: str) -> MappingNode | None:
    """Where each fact stands in the YAML, or None when it is too much, cannot be read, or is not one fact below another.

    A place in it is a place in `facts`: one sign for one.
    """
    if len(facts.encode()) > MAX_FACTS_BYTES or facts.count("[") + facts.count("{") > MAX_BRACKETS:
        return None
    try:
        root = yaml_reader().compose(facts.translate(_OTHER_LINE_ENDS))
    except Exception:
        return None
    if not isinstance(root, MappingNode) or root.flow_style:
        return None
    names = [key.value for key, _ in root.value if isinstance(key, ScalarNode)]
    return root if len(set(names)) == len(root.value) else None


def yaml_reader() -> YAML:
    """A reader of YAML 1.2 without anchors, aliases, tags and directives."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Composer = _PlainComposer
    return yaml


def _load(text: str, file: str) -> tuple[CommentedMap | None, Problem | None]:
    if directive := next((number for number, line in enumerate(text.split("\n"), 2) if line.startswith("%")), None):
        return None, Problem(file, directive, "a line cannot begin with %; write one `name: value` on each line")
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        return None, Problem(file, 2, "there are too many brackets in the facts at the top; write one list for a fact")
    try:
        loaded = yaml_reader().load(text.translate(_OTHER_LINE_ENDS))
    except MarkedYAMLError as error:
        return None, Problem(file, _line_of_error(error), _yaml_message(error))
    except ReaderError as error:
        line = text[: error.position].count("\n") + 2
        return None, Problem(file, line, "this line holds a sign that cannot be read; write the line again")
    except Exception:  # also KeyError, IndexError, RecursionError: ruamel.yaml is not careful with odd input
        return None, Problem(file, 2, "the facts at the top cannot be read; write one `name: value` on each line")
    if not isinstance(loaded, CommentedMap):
        return None, Problem(file, 2, "write the facts at the top as `name: value`, one on each line")
    if loaded.merge:
        line = next((number for number, one in enumerate(text.split("\n"), 2) if one.lstrip().startswith("<<")), 2)
        return None, Problem(file, line, "`<<` is not a fact this file can have; write each fact on its own line")
    return loaded, None


def _line_of_error(error: MarkedYAMLError) -> int:
    """Where the coach has to look: a quotation or a list without an end is wrong where it begins."""
    begins_there = "quoted scalar" in (error.context or "") or "flow" in (error.context or "")
    mark = (error.context_mark if begins_there else None) or error.problem_mark or error.context_mark
    return (mark.line if mark else 0) + 2


def _yaml_message(error: MarkedYAMLError) -> str:
    said = error.problem or ""
    if "duplicate key" in said:
        name = re.search(r'duplicate key "([^"]*)"', said)
        return f"`{name.group(1) if name else 'a fact'}` stands twice; keep one of the two"
    if "begins with *" in said:
        return "names with & and * cannot be used here; write the value itself"
    if said == "a tag" or "tag" in (error.context or ""):
        return "words that begin with ! cannot be used here; write the value itself, or put it in quotation marks"
    if "mapping values are not allowed" in said:
        return 'put the text in quotation marks: a colon inside it confuses the reader, like title: "Pause: then go"'
    if "tab" in said or "\\t" in said:
        return "use spaces, not a tab, at the beginning of the line"
    return "this line cannot be read; write `name: value` and put text with special signs in quotation marks"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return str(value) if isinstance(value, str) else value


def _line_of(loaded: CommentedMap, key: str) -> int:
    for known in loaded:
        if str(known) == key:
            line: int = loaded.lc.key(known)[0]
            return line + 2
    return 1


def _reword(error: ErrorDetails, loaded: CommentedMap, model: type[BaseModel], file: str) -> Problem:
    key = str(error["loc"][0]) if error["loc"] else ""
    line = _line_of(loaded, key)
    reword = _REWORDINGS.get(error["type"], _REWORDINGS["value_error"])
    return Problem(file, line, reword(key, error, model))


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; the facts are: {', '.join(known)}"


def _names_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _number(key: str) -> str:
    return f"{key} must be a number, like 0.5" if key == "hours" else f"{key} must be a whole number, like 12"


def _options(key: str, error: ErrorDetails) -> str:
    given = error.get("input")
    known: Mapping[str, list[str]] = {
        "grades": [band.value for band in Band],
        "competency": [competency.value for competency in Competency],
        "needs": [need.value for need in Need],
    }
    return f"`{given}` is not one of the {key} this site knows: {', '.join(known.get(key, []))}"


def _bounds(key: str, error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    bound = f"at least {context['ge']}" if "ge" in context else f"at most {context.get('le')}"
    return f"{key} must be {bound}"


def _day(key: str) -> str:
    return f"{key} is a day, like 2026-09-01"


_SLUGS = {
    "aliases": "aliases are old addresses in small letters, numbers and hyphens, like four-square-breathing",
    "module": "module is the address of a training module, like four-square-breathing-safely",
}
_Rewording = Callable[[str, ErrorDetails, type[BaseModel]], str]
_REWORDINGS: dict[str, _Rewording] = {
    "missing": lambda key, error, model: f"`{key}:` is missing from the facts at the top",
    "extra_forbidden": lambda key, error, model: (
        f"`{key}` is not a fact this file can have" + _near(key, _names_of(model))
    ),
    "enum": lambda key, error, model: _options(key, error),
    "int_parsing": lambda key, error, model: _number(key),
    "int_type": lambda key, error, model: _number(key),
    "int_parsing_size": lambda key, error, model: _number(key),
    "float_parsing": lambda key, error, model: _number(key),
    "float_type": lambda key, error, model: _number(key),
    "date_parsing": lambda key, error, model: _day(key),
    "date_type": lambda key, error, model: _day(key),
    "date_from_datetime_parsing": lambda key, error, model: _day(key),
    "date_from_datetime_inexact": lambda key, error, model: _day(key),
    "finite_number": lambda key, error, model: _number(key),
    "int_from_float": lambda key, error, model: _number(key),
    "greater_than_equal": lambda key, error, model: _bounds(key, error),
    "less_than_equal": lambda key, error, model: _bounds(key, error),
    "string_too_long": lambda key, error, model: (
        f"{key} is too long; at most {error.get('ctx', {}).get('max_length')} characters"
    ),
    "string_too_short": lambda key, error, model: f"{key} is empty",
    "string_pattern_mismatch": lambda key, error, model: _SLUGS.get(
        key, f"{key} is one line of plain text, without < and >"
    ),
    "string_type": lambda key, error, model: f"{key} must be text; put it in quotation marks if it looks like a number",
    "tuple_type": lambda key, error, model: f"{key} is a list; write it like `{key}: [one, two]`",
    "too_short": lambda key, error, model: f"{key} needs at least one entry",
    "value_error": lambda key, error, model: f"{key} cannot be read; look at the example in docs/authoring.md",
}
