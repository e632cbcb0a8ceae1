"""Edit a text's facts through a form: only the lines of changed facts are rewritten, all others stay as they are.

ruamel.yaml reads and writes only the lines of the fact that is edited. Its round trip of all the facts was measured: with
comments, several blanks or other line ends it touches lines that nobody edited (right for 20 of 48 awkward inputs, not 44).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import StringIO
from itertools import pairwise
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..domain import StepKind
from ..domain.plain_text import with_unix_line_ends
from ..errors import Invalid
from .blocks import is_for_everyone
from .body import Part, cut_body
from .front_matter import (
    OLD_KEYS,
    SessionFacts,
    Source,
    TrainingFacts,
    compose_facts,
    list_facts,
    split_front_matter,
    yaml_reader,
)
from .session import STEP_HEADING, STEP_WORDS, is_session_heading

Value = str | tuple[str, ...]
"""The value of a form field: one line, or a list of lines."""

_FACTS = (*list_facts(TrainingFacts), *list_facts(SessionFacts))


def _usual_order() -> list[str]:
    order = [one.key for one in list_facts(SessionFacts)]
    for before, one in pairwise(list_facts(TrainingFacts)):
        if one.key not in order:
            order.insert(order.index(before.key) + 1, one.key)
    return order


_ORDER = _usual_order()
_NUMBERS = frozenset(one.key for one in _FACTS if one.value_type in (int, float))
_ONE_LINE = 88
"""A list longer than this is written below its key, one entry per line."""

_MAX_SALVAGED = 40
"""Most keys looked for in facts that can't be read: more than there are facts, few enough to be quick."""

_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_KEY_LINE = re.compile(r"^(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]|$)")


@dataclass(frozen=True, slots=True)
class Form:
    """The facts of a text by name and its body. `is_readable` says whether the facts could be read as YAML.

    When they can't (a half-written line, for instance), `facts` has the facts that are on lines of their own.
    A fact written under its old key has its current name here.
    """

    facts: Mapping[str, Value]
    body: str
    is_readable: bool

    def line(self, name: str) -> str:
        """Return a fact as one line, list entries joined by commas. Empty when missing."""
        value = self.facts.get(name, "")
        return value if isinstance(value, str) else ", ".join(value)

    def entries(self, name: str) -> tuple[str, ...]:
        """Return a fact as a list; a single line is its only entry. Empty when missing."""
        value = self.facts.get(name, ())
        return value if isinstance(value, tuple) else (value,) if value else ()


@dataclass(frozen=True, slots=True)
class OutlineStep:
    """One step, read from its heading. `kind` is None for an unknown word."""

    line: int
    kind: StepKind | None
    title: str
    minutes: int
    short_minutes: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The steps of a text with their minutes, and the minutes in the facts (None while missing)."""

    steps: tuple[OutlineStep, ...]
    wanted: int | None
    wanted_short: int | None

    @property
    def minutes(self) -> int:
        """The sum of the steps' minutes."""
        return sum(step.minutes for step in self.steps)

    @property
    def short_minutes(self) -> int:
        """The sum of the steps' minutes in the five-minute version."""
        return sum(step.short_minutes for step in self.steps)

    @property
    def adds_up(self) -> bool:
        """Whether both sums match the facts."""
        return (self.minutes, self.short_minutes) == (self.wanted, self.wanted_short)


# --- Reading ------------------------------------------------------------------------------------------------------------


def read_form(text: str) -> Form:
    """Return the form's view of a text. Never raises, even for a half-written text."""
    source = split_front_matter(text)
    if source is None:
        return Form({}, text.lstrip("\n"), is_readable=not text.strip())
    body = _body_of(text).lstrip("\n")
    root = compose_facts(source.facts)
    if root is None:
        pieces = _pieces_of_keys(source.facts)
        return Form({_name_of(key): _salvaged(piece) for key, (_, piece) in pieces.items()}, body, is_readable=False)
    return Form(
        {_name_of(key.value): _value_of(node, source.facts) for key, node in root.value}, body, is_readable=True
    )


def _name_of(key: str) -> str:
    """Return the current name of a fact that may have its old one in the file."""
    return OLD_KEYS.get(key, key)


def outline(text: str, original: str | None = None) -> Outline:
    """Return the steps of a text and their minutes. A translation takes its target minutes from `original`. Never raises."""
    form = read_form(original if original is not None else text)
    steps = tuple(_outline_steps(text))
    return Outline(steps, _whole_number(form.line("minutes")), _whole_number(form.line("short")))


def read_shown(text: str) -> str:
    """Return what a class sees of a text as Markdown: title, summary, steps without the teacher's text. Never raises."""
    form = read_form(text)
    pieces = [form.line("title"), form.line("summary")]
    for part in _parts(text):
        blocks = [block.text for block in part.blocks if is_for_everyone(block.name)]
        is_section = part.heading and ":" not in part.heading and not STEP_HEADING.match(part.heading)
        if not is_section or read_kind(part.heading) is not None:
            pieces += [part.heading, *blocks]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def read_kind(heading: str) -> StepKind | None:
    """Return the kind of step that a heading starts with, in either language, or None."""
    return STEP_WORDS.get(re.split(r"[:(]", heading)[0].strip().casefold())


def _parts(text: str) -> tuple[Part, ...]:
    source = split_front_matter(text) or Source("", tuple(text.split("\n")), 1)
    return cut_body(source.body, source.body_line, "", is_session_heading)[0]


def _outline_steps(text: str) -> Iterator[OutlineStep]:
    for part in _parts(text):
        match = STEP_HEADING.match(part.heading)
        kind = read_kind(part.heading)
        if match is None and kind is None:
            continue
        words = match.group("words") if match else part.heading
        word, _, title = words.partition(":")
        minutes = int(match.group("minutes")) if match else 0
        short = int(match.group("short") or 0) if match else 0
        yield OutlineStep(part.line, kind, title.strip() or word.strip(), minutes, short)


def _whole_number(told: str) -> int | None:
    return int(told) if re.fullmatch(r"\d{1,4}", told) else None


def _body_of(text: str) -> str:
    return text[_end_of_facts(text) :]


def _end_of_facts(text: str) -> int:
    """Return the offset of the line after the second `---`; `text` must have one."""
    start = text.index("\n") + 1
    while True:
        end = text.find("\n", start)
        if text[start : end if end >= 0 else None].rstrip() == "---":
            return end + 1 if end >= 0 else len(text)
        start = end + 1


def _start_of_facts(text: str) -> int:
    return text.index("\n") + 1


def _value_of(node: Node, facts: str) -> Value:
    if isinstance(node, SequenceNode):
        return tuple(_line_of(item, facts) for item in node.value)
    return _line_of(node, facts)


def _line_of(node: Node, facts: str) -> str:
    if isinstance(node, ScalarNode):
        return "" if node.tag == "tag:yaml.org,2002:null" else _in_one_line(str(node.value))
    return _in_one_line(facts[node.start_mark.index : node.end_mark.index])


def _in_one_line(value: str) -> str:
    # ruamel.yaml marks where a folded text was folded with a bell.
    lines = (line.strip() for line in value.replace("\a", "").replace("\r\n", "\n").split("\n"))
    return " ".join(filter(None, lines))


def _pieces_of_keys(facts: str) -> dict[str, tuple[int, str]]:
    """Return the line number and lines of each key, judged by indentation; the first of duplicates."""
    found: dict[str, tuple[int, str]] = {}
    lines = facts.split("\n")
    for number, line in enumerate(lines):
        match = _KEY_LINE.match(line)
        if match is not None and match.group("key") not in found and len(found) < _MAX_SALVAGED:
            found[match.group("key")] = (number, "\n".join(lines[number : _last_line_of(facts, number)]))
    return found


def _salvaged(piece: str) -> Value:
    """Return the value of one fact when the facts as a whole can't be read."""
    root = compose_facts(piece)
    if root is not None and len(root.value) == 1:
        return _value_of(root.value[0][1], piece)
    return _in_one_line(piece.partition(":")[2]).strip("\"'")


# --- Writing ------------------------------------------------------------------------------------------------------------


def write_form(text: str, changes: Mapping[str, Value | None], body: str | None = None) -> str:
    """Return the text with these facts and this body; the lines of everything else stay byte for byte.

    None removes a fact. A value that the text has already, and an empty one that it does not have, change nothing. Raises
    Invalid when the facts can't be edited: no second `---`, or not one fact per line.
    """
    clean = {key: None if value is None else _cleaned(value) for key, value in changes.items()}
    written = _write_facts(text, clean)
    if body is None:
        return written
    before = read_form(written).body
    body = body if body == before else with_unix_line_ends(body)
    if body == before:
        return written
    kept = written[: len(written) - len(before)]
    if body and split_front_matter(written) is not None and not kept.endswith("\n\n"):
        kept = kept.rstrip("\n") + "\n\n"
    return kept + body.lstrip("\n")


def _cleaned(value: Value) -> Value:
    if isinstance(value, str):
        return _in_one_line(value.replace("\r", "\n"))
    return tuple(entry for entry in (_in_one_line(entry.replace("\r", "\n")) for entry in value) if entry)


def _write_facts(text: str, changes: Mapping[str, Value | None]) -> str:
    if split_front_matter(text) is None:
        if not any(changes.values()):
            return text
        if text.lstrip("\ufeff").startswith("---"):
            raise Invalid("The details at the top have no end. Add a line with --- after them, then change them here.")
        separator = "" if text.startswith("\n") or not text else "\n"
        text = f"---\n---\n{separator}{text}"
    for key in sorted(changes, key=_place_in_order):
        text = _write_fact(text, key, changes[key])
    return text


def _place_in_order(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _write_fact(text: str, key: str, value: Value | None) -> str:
    start = _start_of_facts(text)
    source = split_front_matter(text)
    assert source is not None, "facts were put there before"
    places = _find_lines(source.facts)
    if places is None:
        if value is not None and read_form(text).facts.get(key, "") == (value or ""):
            return text
        raise Invalid("The details at the top can’t be read. Write one `name: value` per line, then change them here.")
    key = next((known for known in places if _name_of(known) == key), key)
    facts = source.facts + "\n" if source.facts else ""
    lines = facts.split("\n")
    first, end = places.get(key) or (_line_for_new(key, places, len(lines) - 1),) * 2
    piece = "\n".join(lines[first:end])
    if _reads_as(piece, key, value) or not (piece or value):
        return text
    if sum(line.startswith(f"{key}:") for line in lines) > 1 and compose_facts(source.facts) is None:
        raise Invalid("One detail is in the file twice. Delete one of the two lines, then change it here.")
    new = _edit(piece, key, value).split("\n") if value is not None else []
    return text[:start] + "\n".join([*lines[:first], *new, *lines[end:]]) + text[start + len(facts) :]


def _find_lines(facts: str) -> dict[str, tuple[int, int]] | None:
    """Return the first line and the line after the last of each fact; None when that can't be told.

    Empty lines and comments after a fact belong to what follows. When the YAML can't be read, indentation decides: the line
    with the error may be the one being edited.
    """
    root = compose_facts(facts)
    if root is None:
        lines = [line for line in facts.split("\n") if line.strip() and not line.lstrip().startswith(("#", "%"))]
        pieces = _pieces_of_keys(facts) if not lines or _KEY_LINE.match(lines[0]) else None
        return (
            None
            if pieces is None
            else {key: (first, _last_line_of(facts, first)) for key, (first, _) in pieces.items()}
        )
    if any(key.start_mark.column for key, _ in root.value):
        return None
    return {
        key.value: (facts.count("\n", 0, key.start_mark.index), facts.count("\n", 0, _last_index(node, facts)) + 1)
        for key, node in root.value
    }


def _last_index(node: Node, facts: str) -> int:
    """Return the offset of a value's last character. For YAML, a list below its key ends only where the next fact starts."""
    if isinstance(node, SequenceNode | MappingNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_index(last[1] if isinstance(last, tuple) else last, facts)
    return len(facts[: node.end_mark.index].rstrip()) - 1  # an empty value may be marked on the line below its colon


def _edit(piece: str, key: str, value: Value) -> str:
    """Return the lines of one fact with a new value; its quotation marks, list style and comments stay.

    ruamel.yaml reads and writes them as a separate document: as part of the whole it would change other lines.
    """
    carriage = "\r" if piece.endswith("\r") else ""
    piece = piece.replace("\r\n", "\n").rstrip("\r")
    root = compose_facts(piece)
    written = ""
    if root is not None:
        try:
            fact = _writer().load(piece)
            fact[key] = _changed(fact[key], _value_of(root.value[0][1], piece), key, value)
            written = _dumped(fact)
        except Exception:  # ruamel.yaml can't round-trip these lines, so write them from scratch
            written = ""
    if not written or not _reads_as(written, key, value):
        written = _fresh(key, value)
    return written.replace("\n", f"{carriage}\n") + carriage


def _changed(node: Any, before: Value, key: str, value: Value) -> Any:
    """Return the value for ruamel.yaml to write: unchanged entries keep their comments."""
    if isinstance(node, CommentedSeq) and node and isinstance(before, tuple) and isinstance(value, tuple) and value:
        steps = SequenceMatcher(None, before, value, autojunk=False).get_opcodes()
        for step, first, last, new_first, new_last in reversed(steps):
            if step != "equal":
                for index in reversed(range(first, last)):
                    del node[index]
                for entry in reversed(value[new_first:new_last]):
                    node.insert(first, entry)
        return node
    return _as_yaml(key, value)


def _as_yaml(key: str, value: Value) -> Any:
    if isinstance(value, str):
        return _writer().load(value) if key in _NUMBERS and _NUMBER.fullmatch(value) else value
    entries = CommentedSeq(value)
    entries.fa.set_flow_style()
    if len(_dumped(entries)) > _ONE_LINE:
        entries.fa.set_block_style()
    return entries


def _fresh(key: str, value: Value) -> str:
    return _dumped(CommentedMap({key: _as_yaml(key, value)}))


def _reads_as(piece: str, key: str, value: Value | None) -> bool:
    root = compose_facts(piece) if value is not None else None
    if root is None or [name.value for name, _ in root.value] != [key]:
        return False
    return (_value_of(root.value[0][1], piece) or "") == (value or "")


class _DoubleQuotes(Emitter):
    """Writes double quotation marks, as coaches do, where a text needs some."""

    def choose_scalar_style(self) -> Any:
        style = super().choose_scalar_style()
        return '"' if style == "'" and self.event.style != "'" else style


def _writer() -> YAML:
    yaml = yaml_reader()
    yaml.Emitter = _DoubleQuotes
    yaml.width = 10**6
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(data: Any) -> str:
    stream = StringIO()
    _writer().dump(data, stream)
    return stream.getvalue().rstrip("\n")


def _last_line_of(facts: str, line: int) -> int:
    """Return the line after the value of the key on `line`: lines that are indented or start with a dash.

    Empty lines and comments belong to it when more of it follows.
    """
    lines = facts.split("\n")
    last = line
    for number in range(line + 1, len(lines)):
        if re.match(r"^(?:[ \t]+[^\s#]|-(?:[ \t]|$)|[\]}])", lines[number]):
            last = number
        elif re.match(r"^\s*[^\s#]", lines[number]):
            break
    return last + 1


def _line_for_new(key: str, places: Mapping[str, tuple[int, int]], last: int) -> int:
    """Return the line for a new fact: after the nearest one that usually precedes it, else at the end."""
    place = _place_in_order(key)
    before = [name for name in places if _place_in_order(name) < place] if key in _ORDER else []
    return max((places[name] for name in before), default=(0, last))[1]
