"""A text as a form and as a file: two views of one text. What a form changes is changed there, every other sign stays.

Each fact is found by its place in the YAML and only that place is written anew, so comments, the order of the keys, quotation
marks and keys this site does not know survive. Writing the whole YAML again, as a round trip does, folds long lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..domain import StepKind
from ..errors import Invalid
from .body import Part, cut_body
from .facts import SessionFacts, Source, compose_facts, cut
from .source import STEP_HEADING, STEP_WORDS

Value = str | tuple[str, ...]
"""What a field of the form holds: one line, or a list of lines."""

_AFTER_MINUTES = ("pass", "hours", "again_since")
_ORDER = tuple(
    name for field in SessionFacts.model_fields for name in ((field, *_AFTER_MINUTES) if field == "short" else (field,))
)
_NUMBERS = ("minutes", "short", "pass", "hours")
_ONE_LINE = 88
"""A list goes below its key, one entry a line, when it would be longer than this."""

_MAX_SALVAGED = 40
"""So many keys are looked for in facts that cannot be read: more than there are facts, and few enough to be quick."""

_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_KEY_LINE = re.compile(r"^(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]|$)")
_NOT_FOR_SCREENS = ("say", "teacher")


@dataclass(frozen=True, slots=True)
class Form:
    """The facts of a text by name and its body. `is_readable` says whether the facts could be read as YAML.

    While they cannot, a half-written line for instance, `facts` holds what stands on lines of its own.
    """

    facts: Mapping[str, Value]
    body: str
    is_readable: bool

    def line(self, name: str) -> str:
        """A fact as one line; the entries of a list with commas. Empty when there is none."""
        value = self.facts.get(name, "")
        return value if isinstance(value, str) else ", ".join(value)

    def entries(self, name: str) -> tuple[str, ...]:
        """A fact as a list; a single line is its only entry. Empty when there is none."""
        value = self.facts.get(name, ())
        return value if isinstance(value, tuple) else (value,) if value else ()


@dataclass(frozen=True, slots=True)
class OutlineStep:
    """One step as its heading tells it. `kind` is None for a word the site does not know."""

    line: int
    kind: StepKind | None
    title: str
    minutes: int
    short_minutes: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The steps of a text with their minutes, and the minutes the facts want (None while they do not say)."""

    steps: tuple[OutlineStep, ...]
    wanted: int | None
    wanted_short: int | None

    @property
    def minutes(self) -> int:
        """What the steps add up to."""
        return sum(step.minutes for step in self.steps)

    @property
    def short_minutes(self) -> int:
        """What the steps of the five-minute variant add up to."""
        return sum(step.short_minutes for step in self.steps)

    @property
    def adds_up(self) -> bool:
        """Whether both sums are what the facts want."""
        return (self.minutes, self.short_minutes) == (self.wanted, self.wanted_short)


# --- Reading ------------------------------------------------------------------------------------------------------------


def read_form(text: str) -> Form:
    """The form's view of a text. Never raises, however half-written it is."""
    source = cut(text)
    if source is None:
        return Form({}, text.lstrip("\n"), is_readable=not text.strip())
    body = _body_of(text).lstrip("\n")
    root = compose_facts(source.facts)
    if root is None:
        pieces = _pieces_of_keys(source.facts)
        return Form({key: _salvaged(piece) for key, (_, piece) in pieces.items()}, body, is_readable=False)
    return Form({key.value: _value_of(node, source.facts) for key, node in root.value}, body, is_readable=True)


def outline(text: str, original: str | None = None) -> Outline:
    """The steps of a text and their minutes. A translation takes the wanted minutes from its `original`. Never raises."""
    form = read_form(original if original is not None else text)
    steps = tuple(_outline_steps(text))
    return Outline(steps, _whole_number(form.line("minutes")), _whole_number(form.line("short")))


def read_shown(text: str) -> str:
    """What a class sees of a text, as plain Markdown: title, summary and steps without the teacher's words. Never raises."""
    form = read_form(text)
    pieces = [form.line("title"), form.line("summary")]
    for part in _parts(text):
        blocks = [block.text for block in part.blocks if block.name not in _NOT_FOR_SCREENS]
        is_section = part.heading and ":" not in part.heading and not STEP_HEADING.match(part.heading)
        if not is_section or read_kind(part.heading) is not None:
            pieces += [part.heading, *blocks]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def read_kind(heading: str) -> StepKind | None:
    """The kind of step that a heading begins with, in either language, or None."""
    return STEP_WORDS.get(re.split(r"[:(]", heading)[0].strip().casefold())


def _parts(text: str) -> tuple[Part, ...]:
    source = cut(text) or Source("", tuple(text.split("\n")), 1)
    return cut_body(source.body, source.body_line, "")[0]


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
    """Where the line after the second `---` begins; `text` is known to have one."""
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
    """For each key the number of its line and what belongs to it, as far as lines tell; the first of two."""
    found: dict[str, tuple[int, str]] = {}
    lines = facts.split("\n")
    for number, line in enumerate(lines):
        match = _KEY_LINE.match(line)
        if match is not None and match.group("key") not in found and len(found) < _MAX_SALVAGED:
            found[match.group("key")] = (number, "\n".join(lines[number : _last_line_of(facts, number)]))
    return found


def _salvaged(piece: str) -> Value:
    """The value of one fact among facts that cannot be read as a whole."""
    root = compose_facts(piece)
    if root is not None and len(root.value) == 1:
        return _value_of(root.value[0][1], piece)
    return _in_one_line(piece.partition(":")[2]).strip("\"'")


# --- Writing ------------------------------------------------------------------------------------------------------------


def write_form(text: str, changes: Mapping[str, Value | None], body: str | None = None) -> str:
    """The text with these facts and this body; every sign that belongs to something else stays as it is.

    None takes a fact out. A value that the text has already, and an empty one that it does not have, change nothing. Raises
    Invalid when the facts at the top cannot take a change: no second `---`, or not one fact below another.
    """
    clean = {key: None if value is None else _cleaned(value) for key, value in changes.items()}
    written = _write_facts(text, clean)
    if body is None:
        return written
    before = read_form(written).body
    body = body if body == before else body.replace("\r\n", "\n").replace("\r", "\n")
    if body == before:
        return written
    kept = written[: len(written) - len(before)]
    if body and cut(written) is not None and not kept.endswith("\n\n"):
        kept = kept.rstrip("\n") + "\n\n"
    return kept + body.lstrip("\n")


def _cleaned(value: Value) -> Value:
    if isinstance(value, str):
        return _in_one_line(value.replace("\r", "\n"))
    return tuple(entry for entry in (_in_one_line(entry.replace("\r", "\n")) for entry in value) if entry)


def _write_facts(text: str, changes: Mapping[str, Value | None]) -> str:
    source = cut(text)
    if source is None:
        new = {key: value for key, value in changes.items() if value}
        if not new:
            return text
        if text.lstrip("\ufeff").startswith("---"):
            raise Invalid("The facts at the top have no end. Put a line of --- after them, then change them here.")
        separator = "" if text.startswith("\n") or not text else "\n"
        text = f"---\n---\n{separator}{text}"
    for key in sorted(changes, key=_place_in_order):
        text = _write_fact(text, key, changes[key])
    return text


def _place_in_order(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _write_fact(text: str, key: str, value: Value | None) -> str:
    start = _start_of_facts(text)
    source = cut(text)
    assert source is not None, "facts were put there before"
    facts = source.facts + "\n" if source.facts else ""
    root = compose_facts(source.facts)
    if root is None and not _is_by_lines(source.facts):
        if read_form(text).facts.get(key, "") == (value or ""):
            return text
        raise Invalid(
            "The facts at the top cannot be read. Write one `name: value` on each line, then change them here."
        )
    if root is None:
        written = _write_by_lines(facts, key, value)
    else:
        written = _write_by_places(facts, root, key, value)
    return text[:start] + written + text[start + len(facts) :]


def _is_by_lines(facts: str) -> bool:
    """Whether keys stand on lines of their own, or nothing stands there at all."""
    lines = [line for line in facts.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    return not lines or _KEY_LINE.match(lines[0]) is not None


def _write_by_places(facts: str, root: MappingNode, key: str, value: Value | None) -> str:
    names = [name.value for name, _ in root.value]
    if key not in names:
        return _insert(facts, {name.value: name.start_mark.line for name, _ in root.value}, key, value)
    place = names.index(key)
    name, node = root.value[place]
    if value is None:
        return _without_lines(facts, name.start_mark.line)
    if _value_of(node, facts) == value or not (_value_of(node, facts) or value):
        return facts
    if isinstance(node, SequenceNode) and isinstance(value, tuple) and node.value and value:
        return _write_list(facts, node, value)
    if isinstance(node, SequenceNode) and not node.flow_style:
        return _write_below(facts, name.start_mark.line, key, value, node)
    if isinstance(value, tuple) and "\n" in _formatted(value):
        # The list goes below its key: what stood there, and a note beside it, would stand in its way.
        line = name.start_mark.line
        return _write_lines(facts, line, _last_line_of(facts, line), key, value)
    start = node.start_mark.index
    end = start + len(facts[start : node.end_mark.index].rstrip())
    if start == end:  # an empty value has no place of its own
        start = end = facts.index(":", name.end_mark.index) + 1
    style = getattr(node, "style", None) if isinstance(node, ScalarNode) else None
    space = " " if facts[start - 1] == ":" else ""
    return facts[:start] + space + _formatted(value, key, style) + facts[end:]


def _write_list(facts: str, node: SequenceNode, value: tuple[str, ...]) -> str:
    """The list with these entries; an entry that stays keeps its quotation marks and the notes beside it."""
    if node.flow_style:
        pieces = [facts[item.start_mark.index : item.end_mark.index].strip() for item in node.value]
        entries = list(_merged(node, facts, pieces, value, lambda entry: _quoted(entry, in_brackets=True)))
        return facts[: node.start_mark.index] + f"[{', '.join(entries)}]" + facts[node.end_mark.index :]
    lines = facts.split("\n")
    starts = [item.start_mark.line for item in node.value]
    end = _end_line(facts, node)
    chunks = ["\n".join(lines[one:other]) for one, other in zip(starts, [*starts[1:], end], strict=True)]
    indent = lines[starts[0]][: len(lines[starts[0]]) - len(lines[starts[0]].lstrip())]
    written = list(_merged(node, facts, chunks, value, lambda entry: f"{indent}- {_quoted(entry)}"))
    return "\n".join([*lines[: starts[0]], *written, *lines[end:]])


def _merged(
    node: SequenceNode, facts: str, pieces: Sequence[str], value: Sequence[str], write: Callable[[str], str]
) -> Iterator[str]:
    before = [_line_of(item, facts) for item in node.value]
    for step, first, last, new_first, new_last in SequenceMatcher(None, before, value, autojunk=False).get_opcodes():
        if step == "equal":
            yield from pieces[first:last]
        else:
            yield from (write(entry) for entry in value[new_first:new_last])


def _end_line(facts: str, node: SequenceNode) -> int:
    """The number of the line after the last entry of a list below its key."""
    last = node.value[-1]
    written = facts[last.start_mark.index : last.end_mark.index].rstrip()
    return int(last.start_mark.line) + written.count("\n") + 1


def _write_below(facts: str, line: int, key: str, value: Value, node: SequenceNode) -> str:
    return _write_lines(facts, line, _end_line(facts, node), key, value)


def _write_lines(facts: str, line: int, end: int, key: str, value: Value) -> str:
    lines = facts.split("\n")
    return "\n".join([*lines[:line], f"{key}:{_after_colon(value, key)}", *lines[end:]])


def _write_by_lines(facts: str, key: str, value: Value | None) -> str:
    """The same by lines alone, for facts that cannot be read: the line that stops them may be the one that is mended."""
    known = _pieces_of_keys(facts)
    if key not in known:
        return _insert(facts, {name: number for name, (number, _) in known.items()}, key, value)
    number, piece = known[key]
    if value is None:
        return _without_lines(facts, number)
    is_right = compose_facts(piece) is not None
    if is_right and (_salvaged(piece) == value or not (_salvaged(piece) or value)):
        return facts
    return _write_lines(facts, number, _last_line_of(facts, number), key, value)


def _last_line_of(facts: str, line: int) -> int:
    """The number of the line after what belongs to the key on `line`: what is indented, or begins with a dash.

    Empty lines and notes belong to it when more of it follows.
    """
    lines = facts.split("\n")
    last = line
    for number in range(line + 1, len(lines)):
        if re.match(r"^(?:[ \t]+[^\s#]|-(?:[ \t]|$)|[\]}])", lines[number]):
            last = number
        elif re.match(r"^\s*[^\s#]", lines[number]):
            break
    return last + 1


def _without_lines(facts: str, line: int) -> str:
    lines = facts.split("\n")
    return "\n".join([*lines[:line], *lines[_last_line_of(facts, line) :]])


def _insert(facts: str, known: Mapping[str, int], key: str, value: Value | None) -> str:
    """The facts with a new one, after the nearest one that usually stands before it, else at the end."""
    if not value:
        return facts
    lines = facts.split("\n")
    place = _place_in_order(key)
    before = [number for name, number in known.items() if _place_in_order(name) < place] if key in _ORDER else []
    line = _last_line_of(facts, max(before)) if before else len(lines) - 1
    return "\n".join([*lines[:line], f"{key}:{_after_colon(value, key)}", *lines[line:]])


def _after_colon(value: Value, key: str) -> str:
    formatted = _formatted(value, key)
    return formatted if formatted.startswith("\n") else f" {formatted}"


def _formatted(value: Value, key: str = "", style: str | None = None) -> str:
    if isinstance(value, str):
        return value if key in _NUMBERS and _NUMBER.fullmatch(value) else _quoted(value, style)
    in_line = f"[{', '.join(_quoted(entry, in_brackets=True) for entry in value)}]"
    if len(in_line) <= _ONE_LINE:
        return in_line
    return "".join(f"\n  - {_quoted(entry)}" for entry in value)


def _quoted(value: str, style: str | None = None, *, in_brackets: bool = False) -> str:
    """The value as YAML: in the quotation marks it had, without any where none are needed, else in double ones."""
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _is_plain(value, in_brackets=in_brackets):
        return value
    escaped = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign == " " or sign.isprintable() else _escaped(sign) for sign in escaped)


def _escaped(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _is_plain(value: str, *, in_brackets: bool) -> bool:
    if not value or not value.isprintable() or (in_brackets and re.search(r"[\[\]{},]", value)):
        return False
    root = compose_facts(f"key: {value}")
    if root is None or len(root.value) != 1:
        return False
    node = root.value[0][1]
    is_text = isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:str" and node.style is None
    return is_text and node.value == value and "#" not in value
