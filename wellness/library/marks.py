"""Recognize what one line of a body is: the start or end of a block, a heading, an option, or text.

Lines are recognized generously, on a normalized copy. A near miss of our syntax still counts as the
mark, with a problem: as text it would put a teacher's words on the class screen.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_MARK = 400
"""Longest line read as a heading, a `///` or an option, in characters; these patterns are slow on longer lines."""

_INVISIBLE = "\u00ad\u034f\u061c\u200b\u200c\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_BLANKS = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2028\u2029\u202f\u205f\u2800\u3000\u3164"
# U+200D is not in here: it joins the parts of an emoji.
_PLAIN: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    **dict.fromkeys((*map(ord, _BLANKS), *range(0x2000, 0x200B)), " "),
}
_LINE_MARKS = re.compile("[\U000f0000-\U000ffffd]")
"""Private-use characters that `rendered` adds to a text to mark its lines."""

_SLASH = "/／⁄∕⧸╱"
_MARK = re.compile(
    rf"^(?P<before>(?:[ >*+•·–—#_~\\|\"'“”-]|\d{{1,3}}[.)])*)(?P<sign>[{_SLASH}]{{2,}}|:{{3,}}|!{{3}}) *(?P<words>.*)$"
)
_AROUND_A_NAME = " *_~:.,;`\"'“”<>[](){}\u200d"
_IN_A_LINE = re.compile(
    rf"(?<![{_SLASH}])[{_SLASH}]{{3,}}+ *+(?:(?P<name>[^\W\d_]{{1,40}})|$)|(?<= )// *(?P<last>[^\W\d_]{{1,40}}):? *$"
)
_NOT_TEXT = re.compile(r"`[^`]*`|://\S*")

_HEADING = re.compile(r"^ {0,3}##(?!#) *(?P<words>.*?) *#* *$")
_NEAR_HEADING = re.compile(r"^[ >]*\\?[#＃]* *(?P<around>[*_]{0,3})(?P<words>[^*_#＃ ].*?)(?P=around) *#* *$")

_LONGEST_HEADING = 120

_OPTION = re.compile(
    r"^ *(?P<before>[>*_+•-][>*_+• -]*)?(?P<key>[^\W\d_][\w-]*?)[*_]* *[:=：＝][*_]* *(?P<value>\S.*?) *$"
)
_NO_COLON = re.compile(r"^ *(?P<key>[^\W\d_][\w-]*) +(?P<value>\d.*?|on|off|none) *$", re.IGNORECASE)
_SHORT_VALUE = re.compile(r"\d[\d:,. -]*|on|off|none", re.IGNORECASE)

_OTHER_WORDS = {
    **dict.fromkeys(("maestro", "maestra", "docente", "profesor", "profesora", "teachers", "staff", "note"), "teacher"),
    **dict.fromkeys(("decir", "di", "diga"), "say"),
    **dict.fromkeys(("preguntar", "pregunta", "talk"), "ask"),
    **dict.fromkeys(("opción", "opciones", "elección", "options"), "choice"),
    **dict.fromkeys(("práctica", "practise"), "practice"),
    **dict.fromkeys(("vídeo", "film"), "video"),
}
"""Words that people write instead of a block's name, with the right one."""


def clean_text(text: str) -> str:
    """Return the text in NFC with LF line ends and without private line marks. Line numbers stay the same."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _LINE_MARKS.sub("", unicodedata.normalize("NFC", text))


def plain_line(text: str) -> str:
    """Return a normalized copy to recognize syntax on: every kind of blank is a space, no invisible characters."""
    return text.translate(_PLAIN)


# --- Blocks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """The start of a block, or its end (`name` is empty). `problem` tells how to write a near miss.

    `is_known` is false when there is no block of that name: only staff may see it, because its readers are unknown.
    """

    name: str
    argument: str = ""
    problem: str = ""
    is_known: bool = True


def read_mark(line: str, names: Sequence[str], in_block: bool, suggest: bool = True) -> Mark | None:
    """Return the mark on a line, or None. `names` are the known blocks; `suggest` looks for similar names, which is slow."""
    plain = plain_line(line[:MAX_MARK])
    match = _MARK.match(plain.replace("\\/", "/"))
    if match is None:
        return None
    words, _, argument = match["words"].partition("|")
    name, argument = words.strip(_AROUND_A_NAME).casefold(), argument.strip()
    sign = match["sign"]
    is_slashes = len(sign) > 2 and sign[0] in _SLASH
    is_right = sign == "///" and not match["before"].strip() and len(match["before"]) < 4 and "\\/" not in plain
    if not name:
        if not is_slashes and (not in_block or sign[0] == "!"):
            return None
        return Mark("", problem="" if is_right else "write `///` at the very left, with three slashes, to end a block")
    if name in names:
        shown = f"/// {name} | {argument}" if argument else f"/// {name}"
        return Mark(name, argument, "" if is_right else f"write `{shown}` at the very left, with three slashes")
    near = suggest_name(name, names) if suggest else ""
    if not is_slashes and (not near or len(name.split()) > 3):
        return None
    hint = f"did you mean `/// {near}`?" if near else f"the blocks are: {', '.join(names[:7])}"
    return Mark(name, argument, f"there’s no block called `{name[:80]}`; {hint}", is_known=False)


def find_mark_in_line(line: str, names: Sequence[str]) -> str:
    """Return a mark that follows other words on its line, or an empty string."""
    if "//" not in line and not any(slash in line for slash in _SLASH[1:]):
        return ""
    for match in _IN_A_LINE.finditer(_NOT_TEXT.sub("", plain_line(line))):
        word = match["name"] or match["last"]
        if word is None or word.casefold() in names or (match["name"] and word.casefold() in _OTHER_WORDS):
            return match[0].strip()
    return ""


def suggest_name(name: str, names: Sequence[str]) -> str:
    """Return the likely intended block for `name`, without slashes: "teacher", "practice | breathing", or ""."""
    first, _, rest = name.partition(" ")
    if first in names:
        return f"{first} | {rest.strip()}" if first in ("practice", "question", "video") else first
    near = difflib.get_close_matches(first[:40], (*names, *_OTHER_WORDS), n=1, cutoff=0.7)
    return _OTHER_WORDS.get(near[0], near[0]) if near else ""


# --- Headings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's words, and how to write a near miss."""

    words: str
    problem: str = ""


def read_heading(line: str, is_known: Callable[[str], bool], in_block: bool) -> Heading | None:
    """Return the heading on a line, or None.

    `is_known` tells which words are headings even without `##`: "When to stop" on a line of its own.
    """
    plain = plain_line(line) if len(line) <= MAX_MARK else ""
    if match := _HEADING.match(plain):
        return Heading(match["words"])
    near = _NEAR_HEADING.match(plain) if not in_block and len(plain) <= _LONGEST_HEADING else None
    words = near["words"].strip(" *_:") if near else ""
    return Heading(words, f"write `## {words}` at the very left") if words and is_known(words) else None


def is_underline(line: str) -> bool:
    """Whether the line underlines the one before, as in a setext heading."""
    return re.fullmatch(r" *(?:-+|=+) *", plain_line(line[:MAX_MARK])) is not None


# --- Options ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option of a block, and how to write a near miss."""

    key: str
    value: str
    problem: str = ""


def read_option(line: str, names: Sequence[str], follows_option: bool, after_gap: bool) -> OptionLine | None:
    """Return the option on a line, or None. `names` are the options of the block.

    An unknown name counts where options are expected: lowercase at the start, or after another option.
    """
    plain = plain_line(line) if len(line) <= MAX_MARK else ""
    if missing := _NO_COLON.match(plain):
        key = missing["key"].casefold()
        return OptionLine(key, missing["value"], f"write `{key}: {missing['value']}`") if key in names else None
    match = _OPTION.match(plain)
    if match is None:
        return None
    key, value = match["key"].casefold(), match["value"].rstrip("*_ ")
    if key in names:
        return OptionLine(key, value, f"write `{key}: {value}` at the very left" if match["before"] else "")
    is_meant = bool(difflib.get_close_matches(key, names, n=1, cutoff=0.75))
    is_expected = not after_gap and (follows_option or match["key"].islower())
    return OptionLine(key, value) if not match["before"] and (is_meant or is_expected) else None


def is_late_option(line: str, names: Sequence[str]) -> bool:
    """Whether a line in a block's text is an option that should be at the top."""
    option = read_option(line, names, follows_option=False, after_gap=True)
    return option is not None and option.key in names and _SHORT_VALUE.fullmatch(option.value) is not None
