"""Check the rendered HTML of a block: links, images, removed HTML, headings, empty blocks.

The check reads what the page will show, so there is no second parser of Markdown. Line numbers come from a second
rendering with an invisible character before the first word of each source line, done only when there is a problem.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ...domain import Block, Problem
from ..markdown import TAGS, convert, render_markdown
from .markup import is_own_media, is_own_path, is_safe_link
from .suggestions import suggest

_FIRST_MARK = 0xF0000
_MOST_LINES = 60_000
"""There are 65,534 characters to mark lines with; problems of longer blocks are reported at the first line."""

_MOST_FOUND = 200
"""At most this many findings per block, because finding their lines takes time."""

_MARKS = re.compile("[\U000f0000-\U000ffffd]")
_FIRST_WORDS = re.compile(r"(?P<inert></?[A-Za-z!][^>@:]*>|&#?\w+;|\\.)|(?P<here>!?\[|<(?:[a-z]+:|[^>\s@]+@)|[^\W\d_])")
_NO_MARK = re.compile(r"^[\s>*+\-\d.]*\[[^\]\n]*\]:|^\s*(?:`{3,}|~{3,})")
"""Link definitions and code fences: a mark in front would turn them into text."""

_TAG_NAME = re.compile(r"</?\s*(?P<name>[a-zA-Z!][^\s>/]{0,30})")
_CODE = re.compile(r"`[^`\n]*`")
_LEFT_OVER = re.compile(r"\]\(|\]\[|\*\*")
_LIST_SIGN = re.compile(rf"^[ \t]*(?P<sign>[-•]|\d{{1,2}}\))[ \u00a0]+(?:{_MARKS.pattern})?\S")
_VOID = ("br", "hr", "img")
_HAS_WORDS = ("ask", "say", "teacher", "choice")


@dataclass(frozen=True, slots=True)
class Reading:
    """Problems of a block, and each address on this site that it links to or shows, with its line."""

    problems: tuple[Problem, ...] = ()
    addresses: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """An address, an error, or a suggestion with its key's parts. `index` counts source lines from 0."""

    words: str
    index: int = field(compare=False)
    code: str = ""
    about: str = ""
    is_address: bool = False


def read_rendered(block: Block, file: str) -> Reading:
    """Render a block and return its problems and addresses. Only for the sandbox's processes."""
    if block.name == "heading":
        return Reading()
    lines = block.text.split("\n")
    found = _walk(convert(block.text), lines)
    if found and len(lines) <= _MOST_LINES:
        marked = _walk(_marks_out_of_tags(convert(_mark_lines(lines))), lines)
        found = marked if marked == found else found
    problems = [_problem(one, file, block.text_line) for one in found if not one.is_address]
    addresses = tuple((block.text_line + one.index, one.words) for one in found if one.is_address)
    if block.name in _HAS_WORDS and not _shows_something(block.text):
        message = "this block is empty; write something in it, or delete it"
        problems.append(suggest(file, block.line, message, "empty-block"))
    return Reading(tuple(dict.fromkeys(problems)), addresses)


def _problem(found: _Found, file: str, first_line: int) -> Problem:
    line = first_line + found.index
    return suggest(file, line, found.words, found.code, found.about) if found.code else Problem(file, line, found.words)


def _shows_something(text: str) -> bool:
    html = render_markdown(text)
    return "<img" in html or bool(re.sub(r"<[^>]*>|&nbsp;|\s", "", html))


def _mark_lines(lines: list[str]) -> str:
    return "\n".join(_mark_line(line.expandtabs(4), index) for index, line in enumerate(lines))


def _mark_line(line: str, index: int) -> str:
    if _NO_MARK.match(line):
        return line
    first = next((found for found in _FIRST_WORDS.finditer(line) if found["here"]), None)
    if first is None:
        return line
    return line[: first.start()] + chr(_FIRST_MARK + index) + line[first.start() :]


def _marks_out_of_tags(html: str) -> str:
    """Return the HTML with line marks inside tags moved in front of them."""
    return re.sub(r"<[^>]*>", lambda tag: "".join(_MARKS.findall(tag[0])) + _MARKS.sub("", tag[0]), html)


def _walk(html: str, lines: list[str]) -> list[_Found]:
    walker = _Walker(lines)
    walker.feed(html)
    walker.close()
    walker.end_paragraph()
    return walker.found


class _Walker(HTMLParser):
    """Walks the HTML of a block before sanitizing, and collects what sanitizing removes and what looks wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Found] = []
        self._lines = lines
        self._index = 0
        self._tag_index = 0
        self._open: list[str] = []
        self._depth = 2
        self._link: list[str] | None = None
        self._paragraph: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag not in TAGS and tag not in ("h1", "h2"):
            self._left_out(self.get_starttag_text() or f"<{tag}")
            return
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "a":
            self._begin_link(attributes.get("href", ""))
        elif tag == "img":
            self._picture(attributes.get("src", ""), attributes.get("alt", ""))
        elif tag in ("p", "li", "td"):
            self.end_paragraph()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in TAGS and tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            if tag in TAGS:  # the others were reported at their start tag
                self._left_out(f"</{tag}")
            return
        while self._open.pop() != tag:
            pass
        if tag == "a":
            self._end_link()
        elif re.fullmatch("h[1-6]", tag):
            self._heading(int(tag[1]))
        elif tag in ("p", "li", "td"):
            self.end_paragraph()

    def handle_comment(self, data: str) -> None:
        self._left_out("<!--")

    def handle_decl(self, decl: str) -> None:
        self._left_out("<!" + decl)

    def handle_pi(self, data: str) -> None:
        self._left_out("<?" + data)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:  # inside a script or a style
            return
        for piece in re.split(f"({_MARKS.pattern})", data):
            if _MARKS.match(piece):
                self._index = ord(piece) - _FIRST_MARK
            elif self._link is not None:
                self._link.append(piece)
            if "code" not in self._open and "pre" not in self._open:
                self._paragraph.append((self._index, piece))

    def end_paragraph(self) -> None:
        """Check the text since the last paragraph: Markdown left in it was not recognized."""
        pieces, self._paragraph = self._paragraph, []
        text = "".join(piece for _, piece in pieces if not _MARKS.match(piece))
        if not (_LEFT_OVER.search(text) or re.search(_LIST_SIGN.pattern, text, re.MULTILINE)):
            return
        for index, piece in pieces:
            for sign in _LEFT_OVER.findall(piece):
                message = f"the page shows `{sign}`; check the link or the bold words"
                self._note(message, "markdown-mark", sign, index=index)
        if "li" not in self._open:
            self._find_list_signs(pieces)

    def _find_list_signs(self, pieces: list[tuple[int, str]]) -> None:
        for line in "".join(piece for _, piece in pieces).split("\n"):
            sign = _LIST_SIGN.match(line)
            if sign:
                mark = _MARKS.search(line)
                message = (
                    f"the page shows `{sign['sign']}` instead of a list; "
                    "put an empty line before it, and start the line with `- ` or `1. `"
                )
                index = ord(mark[0]) - _FIRST_MARK if mark else pieces[0][0]
                self._note(message, "list-mark", sign["sign"], index=index)

    def _note(
        self, words: str, code: str = "", about: str = "", *, index: int | None = None, is_address: bool = False
    ) -> None:
        if len(self.found) < _MOST_FOUND:
            self.found.append(_Found(words, self._index if index is None else index, code, about, is_address))

    def _left_out(self, tag: str) -> None:
        if len(self.found) >= _MOST_FOUND:
            return
        name = _TAG_NAME.match(tag)
        shown = name["name"] if name else tag[1:30]
        message = f"HTML isn’t shown (`<{shown}>`); write it in Markdown"
        self._note(message, "html", shown, index=self._line_of_tag(tag))

    def _is_html(self) -> bool:
        """Whether the tag was written as HTML in the source, not made from Markdown."""
        written = (self.get_starttag_text() or "").split("\n")[0]
        return len(self.found) < _MOST_FOUND and any(written in line for line in self._lines)

    def _line_of_tag(self, tag: str) -> int:
        """Return the line of a tag written in the source: when it starts a line, the mark comes after it."""
        written = tag.split("\n")[0][:40]
        first = max(self._index, self._tag_index)
        for index in range(first, len(self._lines)):
            if written in _CODE.sub("", self._lines[index]):
                self._tag_index = index
                return index
        return self._index

    def _begin_link(self, address: str) -> None:
        self._link = []
        if not is_safe_link(address) and self._is_html():
            self._left_out("<a")
        elif not is_safe_link(address):
            message = f"the link {address[:80]} can’t be used; links start with https://, / or tel:"
            self._note(message)
        elif is_own_path(address):
            self._note(re.split("[?#]", address)[0], is_address=True)

    def _end_link(self) -> None:
        words, self._link = self._link, None
        if words is not None and not "".join(words).strip():
            self._note("this link has no text; write [where it goes](…)", "empty-link")

    def _picture(self, address: str, words: str) -> None:
        if not (is_own_media(address) and words.strip()) and self._is_html():
            self._left_out("<img")
            return
        if not is_own_media(address):
            message = f"the picture {address[:80]} isn’t on this site; upload it and use /media/…"
            self._note(message)
        if not words.strip():
            message = "the picture has no description for people who can’t see it; write ![what it shows](…)"
            self._note(message)
        elif self._link is not None:
            self._link.append(words)
        if is_own_path(address):
            self._note(re.split("[?#]", address)[0], is_address=True)

    def _heading(self, level: int) -> None:
        self.end_paragraph()
        if level < 3:
            self._note("headings inside a step start with ###")
        elif level > self._depth + 1:
            self._note(f"this heading skips a level; use {'#' * (self._depth + 1)}")
        self._depth = max(level, 3)
