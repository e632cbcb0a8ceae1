"""The facts at the top of a file: YAML 1.2 between two `---`, checked with pydantic, problems worded for a coach.

Each fact is declared once, as a field with a `Fact`: the check, the studio's form and the docs read that.

ruamel.yaml because it keeps `on` and `1:30` as text, refuses equal keys and knows the line of each key;
python-frontmatter and PyYAML did none of that when tried.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

from annotated_types import MaxLen
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode
from ruamel.yaml.reader import ReaderError

from ..domain import PASS_MARK, Band, Competency, Need, Problem, TextKind

MAX_FACTS_BYTES = 8 * 1024
MAX_BRACKETS = 100
"""Facts are flat, with a few lists. 4,000 nested brackets kept ruamel.yaml busy for seven seconds."""

_OTHER_LINE_ENDS = dict.fromkeys((0x85, 0x2028, 0x2029), " ")
"""YAML reads these as line ends and editors don't, so problems would have wrong line numbers."""


def N_(text: str) -> str:  # noqa: N802 - the name that pybabel looks for
    """Mark a text of the declaration for translation; the web layer translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Fact:
    """Metadata of one fact's field, read by the form, the docs, the problems and the catalogue.

    `help` is for the docs and `hint` for the studio; `{options}` in `help` and `wrong` is the list of known words, `{given}`
    what was written. `widget` is empty for the type's default, "hidden" for a fact that is in no form.
    `in_translation` is the longest text in a translation (0: any length); None: a translation has the original's.
    `filtered` makes it a column of the catalogue, or rows when it is a list.
    """

    label: str
    help: str
    hint: str = ""
    widget: str = ""
    example: str = ""
    wrong: str = ""
    in_translation: int | None = None
    filtered: bool = False


class Drawing(StrEnum):
    """The line drawings of sessions."""

    SQUARE = "square"
    SENSES = "senses"
    BODY = "body"
    MOVE = "move"
    FACES = "faces"
    PATH = "path"
    LISTEN = "listen"
    NOTE = "note"
    PENCIL = "pencil"
    MIRROR = "mirror"
    BRIDGE = "bridge"
    HANDS = "hands"
    FEET = "feet"
    WINDOW = "window"
    EAR = "ear"
    MAP = "map"


Slug = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\n<>]*$")]


class Facts(BaseModel):
    """Base of the facts of a text. The order of the fields is their order in files, forms and docs."""

    # Built when the first text is read: a site that only shows pages starts faster without.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True, defer_build=True)


F = TypeVar("F", bound=Facts)

Author = Annotated[Line, Field(max_length=80), Fact(N_("Author"), "who wrote it")]
License = Annotated[
    Line,
    Field(max_length=80, validation_alias=AliasChoices("license", "licence")),
    Fact(N_("License"), "the license under which it may be shared, like `CC BY 4.0`; `licence:` works too"),
]
Sources = Annotated[
    tuple[Line, ...],
    Fact(N_("Sources"), "where facts come from, a list", N_("Where the facts come from, one source per line.")),
]
Aliases = Annotated[
    tuple[Slug, ...],
    Fact(
        "Aliases",
        "old web addresses that redirect here; renaming in the studio adds them",
        widget="hidden",
        wrong="aliases are old web addresses in lowercase letters, numbers and hyphens, like four-square-breathing",
    ),
]
_SUMMARY = N_("One sentence for students: what it is and when it helps.")


class SessionFacts(Facts):
    """The facts of a session."""

    title: Annotated[
        Line,
        Field(max_length=60),
        Fact(N_("Title"), "at most 60 characters; no period", N_("Up to 60 characters."), in_translation=60),
    ]
    summary: Annotated[
        Line,
        Field(max_length=160),
        Fact(
            N_("Summary"),
            "one sentence for students, at most 160 characters: what it is and when it helps",
            _SUMMARY,
            "paragraph",
            in_translation=200,
        ),
    ]
    purpose: Annotated[
        Line,
        Field(max_length=240),
        Fact(
            N_("Purpose"),
            "one sentence for the teacher: what students practice. Never a promise of results",
            N_("One sentence for the teacher: what students practice. Never a promise."),
            "paragraph",
            in_translation=280,
        ),
    ]
    minutes: Annotated[
        int,
        Field(ge=3, le=45),
        Fact(
            N_("Minutes"),
            "the whole session; the steps must add up to it",
            N_("The steps must add up to this number."),
            filtered=True,
        ),
    ]
    short: Annotated[
        int,
        Field(ge=2, le=10),
        Fact(
            N_("Minutes (short version)"),
            "the five-minute version; the steps’ `short` minutes must add up to it",
            N_("Usually 5."),
            filtered=True,
        ),
    ]
    grades: Annotated[
        tuple[Band, ...], Field(min_length=1), Fact(N_("Grades"), "one or more of {options}", filtered=True)
    ]
    competency: Annotated[Competency, Fact(N_("Competency"), "one of CASEL’s five: {options}", filtered=True)]
    skill: Annotated[
        Line,
        Field(max_length=80),
        Fact(
            N_("Skill"),
            "the skill within it, in a few words",
            N_("The skill within the competency, in a few words."),
            in_translation=100,
        ),
    ]
    needs: Annotated[
        tuple[Need, ...], Field(min_length=1), Fact(N_("Good for"), "one or more of {options}", filtered=True)
    ]
    drawing: Annotated[
        Drawing,
        Fact(
            N_("Drawing"),
            "the line drawing: {options}",
            wrong="there’s no drawing called {given}; choose one of: {options}",
        ),
    ]
    module: Annotated[
        Slug,
        Fact(
            N_("Training module for this session"),
            "the training module that prepares for it, by its slug: `four-square-breathing-safely`",
            N_("The end of the training module’s web address, like running-a-friday-session."),
            wrong="module is the end of a training module’s web address, like four-square-breathing-safely",
        ),
    ] = ""
    materials: Annotated[
        tuple[Line, ...],
        Fact(N_("Have ready"), "what to have ready, a list", N_("One item per line."), in_translation=0),
    ] = ()
    author: Author
    license: License
    sources: Sources = ()
    aliases: Aliases = ()


class PageFacts(Facts):
    """The facts of a page; its translation has all of them."""

    title: Annotated[
        Line,
        Field(max_length=60),
        Fact(N_("Title"), "at most 60 characters", N_("Up to 60 characters."), in_translation=60),
    ]
    summary: Annotated[
        Line,
        Field(max_length=200),
        Fact(N_("Summary"), "one sentence, at most 200 characters", _SUMMARY, "paragraph", in_translation=200),
    ]


def _no_number(value: object) -> object:
    """Refuse numbers: pydantic would read 20260901 as seconds since 1970."""
    if isinstance(value, int | float):
        raise PydanticCustomError("date_parsing", "not a date")
    return value


class TrainingFacts(PageFacts):
    """The facts of a training module."""

    minutes: Annotated[
        int,
        Field(ge=15, le=25),
        Fact(
            N_("Minutes"), "the whole module; the parts must add up to it", N_("The steps must add up to this number.")
        ),
    ]
    pass_mark: Annotated[
        int,
        Field(ge=1, le=100, alias="pass"),
        Fact(
            N_("Passing score, in percent"),
            "percent of the graded questions that must be right, 1 to 100; the default is 80, four of five",
            N_("Usually 80."),
        ),
    ] = PASS_MARK
    hours: Annotated[
        Annotated[float, Field(ge=0.1, le=10, allow_inf_nan=False)] | None,
        Fact(
            N_("Contact hours"),
            "contact hours on the certificate, like `0.25`; the district awards the credit",
            N_("As the district counts them, like 0.5."),
            example="0.5",
        ),
    ] = None
    again_since: Annotated[
        Annotated[date, BeforeValidator(_no_number)] | None,
        Fact(
            N_("Retake if completed before"),
            "a date, like `2026-09-01`: everyone who completed the module before it is asked to take it again. "
            "A completion is never taken away",
            N_("Staff who completed it before this day, like 2026-09-01, are asked to take it again."),
        ),
    ] = None
    order: Annotated[
        Annotated[int, Field(ge=1, le=999)] | None,
        Fact(
            N_("Place in the list"),
            "its place in the list of modules; `1` comes first. Modules without it come last, by title",
            N_("1 comes first. Modules without a number come last, by title."),
        ),
    ] = None
    author: Author
    license: License
    sources: Sources = ()
    aliases: Aliases = ()


def _without_limits(model: type[F]) -> type[F]:
    """Return the model without its limits, for facts that were checked before or are half-written."""
    fields: dict[str, Any] = {
        name: (field.annotation, ... if field.is_required() else field.default)
        for name, field in model.model_fields.items()
    }
    return create_model(f"Stored{model.__name__}", __base__=model, **fields)


if TYPE_CHECKING:
    StoredSessionFacts = SessionFacts
else:
    StoredSessionFacts = _without_limits(SessionFacts)


MODELS: dict[TextKind, type[Facts]] = {
    TextKind.SESSION: SessionFacts,
    TextKind.TRAINING: TrainingFacts,
    TextKind.PAGE: PageFacts,
}


@dataclass(frozen=True, slots=True)
class DeclaredFact:
    """One fact of a kind of text. `key` is its word in the file, `value_type` the type of the value or of a list's entries."""

    name: str
    key: str
    old_keys: tuple[str, ...]
    value_type: type
    is_list: bool
    is_required: bool
    fact: Fact

    @property
    def options(self) -> tuple[StrEnum, ...]:
        """The allowed words, when they are fixed."""
        return tuple(self.value_type) if issubclass(self.value_type, StrEnum) else ()

    @property
    def widget(self) -> str:
        """The form control: line, paragraph, number, lines, choice, many or hidden."""
        if self.fact.widget:
            return self.fact.widget
        if self.is_list:
            return "many" if self.options else "lines"
        return "choice" if self.options else "number" if self.value_type is int else "line"


@cache
def list_facts(model: type[Facts]) -> tuple[DeclaredFact, ...]:
    """Return the facts of a model, in order."""
    return tuple(_declared(name, field) for name, field in model.model_fields.items())


def _declared(name: str, field: FieldInfo) -> DeclaredFact:
    aliases = field.validation_alias
    old = tuple(str(one) for one in aliases.choices[1:]) if isinstance(aliases, AliasChoices) else ()
    is_list = get_origin(field.annotation) is tuple
    kind = next(filter(None, get_args(field.annotation)), field.annotation)
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    assert isinstance(kind, type), f"{name} has a type that no form can ask for"
    fact = next(one for one in field.metadata if isinstance(one, Fact))
    return DeclaredFact(name, field.alias or name, old, kind, is_list, field.is_required(), fact)


@cache
def translation_of(model: type[Facts]) -> type[Facts]:
    """Return the model of what a translation says in its own language; everything else is the original's."""
    fields: dict[str, Any] = {}
    for one in list_facts(model):
        if (most := one.fact.in_translation) is not None:
            field = copy(model.model_fields[one.name])
            field.metadata = [extra for extra in field.metadata if not (most and isinstance(extra, MaxLen))]
            field.metadata += [MaxLen(most)] if most else []
            fields[one.name] = (field.annotation, field)
    return create_model(f"{model.__name__}Translation", __base__=Facts, **fields)


OLD_KEYS: dict[str, str] = {
    old: one.key for model in MODELS.values() for one in list_facts(model) for old in one.old_keys
}
"""Old keys that files may still have, with the current ones."""


def sketch_facts(typed: Mapping[str, str | tuple[str, ...]]) -> SessionFacts:
    """Return the facts of a half-written session: what is right of them, and blanks for the rest."""
    known = {one.name: _blank(one) for one in list_facts(SessionFacts)}
    for one in list_facts(SessionFacts):
        value = typed.get(one.key)
        try:
            known = dict(StoredSessionFacts.model_validate(known | {one.name: value})) if value else known
        except ValidationError:
            continue
    return StoredSessionFacts.model_validate(known)


def _blank(one: DeclaredFact) -> object:
    if one.is_list:
        return ()
    return one.options[0] if one.options else one.value_type()


def declaration_digest() -> str:
    """Return a digest that changes when facts are added, removed, renamed or get a different type."""
    listed = [
        (kind.value, one.name, repr(one.value_type), one.is_list, one.fact.filtered)
        for kind in TextKind
        for one in list_facts(MODELS[kind])
    ]
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:8]


def write_table(model: type[Facts]) -> str:
    """Return the facts of a model as a Markdown table for the docs."""
    rows = ["| key | what it is | needed |", "|---|---|---|"]
    for one in list_facts(model):
        options = ", ".join(f"`{option}`" for option in one.options)
        needed = "yes" if one.is_required else "no"
        rows.append(f"| `{one.key}` | {one.fact.help.replace('{options}', options)} | {needed} |")
    return "\n".join(rows)


@dataclass(frozen=True, slots=True)
class Source:
    """A file split in two: the YAML of its facts, and the lines of its body with the first one's number."""

    facts: str
    body: tuple[str, ...]
    body_line: int


class _PlainComposer(Composer):
    """A composer that refuses anchors, aliases and tags: nine levels of aliases load in 1 ms and take forever to write."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise ComposerError("", None, "a name that begins with * or &", event.start_mark)
        if event.tag is not None:
            raise ComposerError("", None, "a tag", event.start_mark)
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> Source | None:
    """Split a file into facts and body; None when it doesn't start with facts between two lines of `---`."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines or lines[0].rstrip() != "---":
        return None
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == "---":
            return Source("\n".join(lines[1:number]), tuple(lines[number + 1 :]), number + 2)
    return None


def read_facts(source: Source, model: type[F], file: str) -> tuple[F | None, list[Problem]]:
    """Return the facts of a file as `model`, or None with all their problems."""
    if len(source.facts.encode()) > MAX_FACTS_BYTES:
        return None, [Problem(file, 1, "the details at the top are too long; the limit is 8 KB")]
    loaded, problem = _load(source.facts, file)
    if loaded is None:
        return None, [problem] if problem else []
    plain = {str(key): _plain(value) for key, value in loaded.items()}
    try:
        return model.model_validate(plain), []
    except ValidationError as error:
        return None, [_reword(details, loaded, model, file) for details in error.errors()]


def read_translated(source: Source, original: F, file: str) -> tuple[F | None, list[Problem]]:
    """Return the facts of a translation: its own where it has them, else the original's."""
    words, problems = read_facts(source, translation_of(type(original)), file)
    return (original.model_copy(update=dict(words)) if words is not None else None), problems


def compose_facts(facts: str) -> MappingNode | None:
    """Return the YAML node of each fact; None when it is too long, can’t be read, or isn't one fact per line.

    Offsets in it are offsets in `facts`.
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
    """Return a YAML 1.2 reader without anchors, aliases, tags and directives."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Composer = _PlainComposer
    return yaml


def _load(text: str, file: str) -> tuple[CommentedMap | None, Problem | None]:
    if directive := next((number for number, line in enumerate(text.split("\n"), 2) if line.startswith("%")), None):
        return None, Problem(file, directive, "a line can’t begin with %; write one `name: value` on each line")
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        return None, Problem(file, 2, "the details at the top have too many brackets; write one list for each detail")
    try:
        loaded = yaml_reader().load(text.translate(_OTHER_LINE_ENDS))
    except MarkedYAMLError as error:
        return None, Problem(file, _line_of_error(error), _yaml_message(error))
    except ReaderError as error:
        line = text[: error.position].count("\n") + 2
        return None, Problem(file, line, "this line has a character that can’t be read; retype the line")
    except Exception:  # also KeyError, IndexError, RecursionError: ruamel.yaml raises them for odd input
        return None, Problem(file, 2, "the details at the top can’t be read; write one `name: value` per line")
    if not isinstance(loaded, CommentedMap):
        return None, Problem(file, 2, "write the details at the top as `name: value`, one per line")
    if loaded.merge:
        line = next((number for number, one in enumerate(text.split("\n"), 2) if one.lstrip().startswith("<<")), 2)
        return None, Problem(file, line, "`<<` isn’t a detail this file can have; write each detail on its own line")
    return loaded, None


def _line_of_error(error: MarkedYAMLError) -> int:
    """Return the line to report: for an unclosed quotation or list, the one where it starts."""
    begins_there = "quoted scalar" in (error.context or "") or "flow" in (error.context or "")
    mark = (error.context_mark if begins_there else None) or error.problem_mark or error.context_mark
    return (mark.line if mark else 0) + 2


def _yaml_message(error: MarkedYAMLError) -> str:
    said = error.problem or ""
    if "duplicate key" in said:
        name = re.search(r'duplicate key "([^"]*)"', said)
        return f"`{name.group(1) if name else 'a detail'}` is there twice; keep one of them"
    if "begins with *" in said:
        return "names with & and * can’t be used here; write the value itself"
    if said == "a tag" or "tag" in (error.context or ""):
        return "words that begin with ! can’t be used here; write the value itself, or put it in quotation marks"
    if "mapping values are not allowed" in said:
        return 'put the value in quotation marks because it has a colon in it, like title: "Pause: then go"'
    if "tab" in said or "\\t" in said:
        return "use spaces, not a tab, at the start of the line"
    return "this line can’t be read; write `name: value` and put text with special characters in quotation marks"


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return str(value) if isinstance(value, str) else value


def _line_of(loaded: CommentedMap, key: str, place: object = None) -> int:
    """Return the line of a fact, or of the entry at `place` of its list."""
    for known, value in loaded.items():
        if str(known) == key:
            is_entry = isinstance(value, CommentedSeq) and isinstance(place, int) and place < len(value)
            line: int = (value.lc.item(place) if is_entry else loaded.lc.key(known))[0]
            return line + 2
    return 1


def _reword(error: ErrorDetails, loaded: CommentedMap, model: type[Facts], file: str) -> Problem:
    key, place = str(error["loc"][0]), error["loc"][1] if len(error["loc"]) > 1 else None
    line = _line_of(loaded, key, place)
    known = {name: one for one in list_facts(model) for name in (one.key, *one.old_keys)}
    if error["type"] == "extra_forbidden":
        names = [one.key for one in list_facts(model)]
        return Problem(file, line, f"`{key}` isn’t a detail this file can have" + _near(key, names))
    reword = _REWORDINGS.get(error["type"], _REWORDINGS["value_error"])
    return Problem(file, line, reword(key, error, known[key]))


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; the details are: {', '.join(known)}"


def _number(key: str, error: ErrorDetails, one: DeclaredFact) -> str:
    kind = "a whole number" if one.value_type is int else "a number"
    return f"{key} must be {kind}, like {one.fact.example or 12}"


def _day(key: str, error: ErrorDetails, one: DeclaredFact) -> str:
    return f"{key} must be a date, like 2026-09-01"


def _options(key: str, error: ErrorDetails, one: DeclaredFact) -> str:
    wrong = one.fact.wrong or f"`{{given}}` isn’t one of the {key} on this site; choose from: {{options}}"
    return wrong.replace("{options}", ", ".join(one.options)).replace("{given}", str(error.get("input")))


def _bounds(key: str, error: ErrorDetails, one: DeclaredFact) -> str:
    context = error.get("ctx", {})
    bound = f"at least {context['ge']}" if "ge" in context else f"at most {context.get('le')}"
    return f"{key} must be {bound}"


_NUMBERS = (
    "int_parsing",
    "int_type",
    "int_parsing_size",
    "float_parsing",
    "float_type",
    "finite_number",
    "int_from_float",
)
_DAYS = ("date_parsing", "date_type", "date_from_datetime_parsing", "date_from_datetime_inexact")
_Rewording = Callable[[str, ErrorDetails, DeclaredFact], str]
_REWORDINGS: dict[str, _Rewording] = {
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_DAYS, _day),
    "missing": lambda key, error, one: f"`{key}:` is missing from the details at the top",
    "enum": _options,
    "greater_than_equal": _bounds,
    "less_than_equal": _bounds,
    "string_too_long": lambda key, error, one: (
        f"{key} is too long; at most {error.get('ctx', {}).get('max_length')} characters"
    ),
    "string_too_short": lambda key, error, one: f"{key} is empty",
    "string_pattern_mismatch": lambda key, error, one: (
        one.fact.wrong or f"{key} must be one line of plain text, without < and >"
    ),
    "string_type": lambda key, error, one: f"{key} must be text; put it in quotation marks if it looks like a number",
    "tuple_type": lambda key, error, one: f"{key} is a list; write it like `{key}: [one, two]`",
    "too_short": lambda key, error, one: f"{key} needs at least one entry",
    "value_error": lambda key, error, one: f"{key} can’t be read; see the example in docs/authoring.md",
}
