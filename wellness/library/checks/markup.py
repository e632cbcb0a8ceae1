"""What Markdown may hold here: links that go where they say, our own pictures with words, no HTML, no jumps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...domain import Block, Problem, Severity

_LINK = re.compile(r"(?P<image>!?)\[(?P<words>[^\]\n]{0,500})\]\(\s*<?(?P<address>[^)\s>]{0,2000})")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]\n]{1,200}\]:\s*<?(?P<address>\S{1,2000})")
_HTML = re.compile(r"<\s*/?\s*(?P<name>[a-zA-Z!][a-zA-Z0-9-]{0,30})")
_AUTOLINK = re.compile(r"<(?:https://|mailto:|tel:|sms:)[^>\s]+>")
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^(?P<marks>#{1,6})")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_LINK_SCHEMES = ("https://", "tel:", "sms:", "mailto:")


def is_safe_link(address: str) -> bool:
    """Whether a link may stand: https, a telephone, or a path of this site. `//host` and a backslash leave the site."""
    if any(ord(sign) < 33 or sign == "\\" for sign in address):
        return False
    return address.startswith(_LINK_SCHEMES) or address.startswith("#") or _is_own_path(address)


def is_own_media(address: str) -> bool:
    """Whether a picture comes from this site's own media: a picture from elsewhere would tell its host who looked."""
    return _is_own_path(address) and address.startswith("/media/") and ".." not in address and "\\" not in address


def _is_own_path(address: str) -> bool:
    return address.startswith("/") and not address.startswith("//")


def list_own_addresses(block: Block) -> Iterator[tuple[int, str]]:
    """The addresses on this site that a block leads to or shows, each with its line, without `?…` and `#…`."""
    for number, line in _lines_outside_code(block):
        if "](" not in line and "]:" not in line:
            continue
        found = [link.group("address") for link in _LINK.finditer(line)]
        reference = _REFERENCE.match(line)
        for address in [*found, *([reference.group("address")] if reference else [])]:
            if _is_own_path(address):
                yield number, re.split("[?#]", address)[0]


def find_markup_problems(block: Block, file: str) -> list[Problem]:
    """Links, pictures, HTML and headings of one block that would be refused or left out, each with its line."""
    problems: list[Problem] = []
    depth = 2
    for number, line in _lines_outside_code(block):
        problems += [Problem(file, number, message) for message in _address_problems(line)]
        html = _HTML.search(_AUTOLINK.sub("", line))
        if html:
            message = f"HTML is left out (`<{html.group('name')}>`); write it in Markdown"
            problems.append(Problem(file, number, message, Severity.WARNING))
        heading = _HEADING.match(line)
        if heading:
            marks = len(heading.group("marks"))
            if marks < 3:
                problems.append(Problem(file, number, "headings inside a step begin with ###"))
            elif marks > depth + 1:
                problems.append(Problem(file, number, f"this heading jumps a level; write it with {'#' * (depth + 1)}"))
            depth = max(marks, 3)
    return problems


def _lines_outside_code(block: Block) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(block.text.split("\n"), start=block.text_line):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, _CODE.sub("", line)


def _address_problems(line: str) -> Iterator[str]:
    for link in _LINK.finditer(line):
        address = link.group("address")
        if link.group("image"):
            if not is_own_media(address):
                yield f"the picture {address[:80]} is not one of this site's own; put it into the media and use /media/…"
            if not link.group("words").strip():
                yield "the picture has no words for people who cannot see it; write ![what it shows](…)"
        elif not is_safe_link(address):
            yield f"the link {address[:80]} cannot be used; links begin with https://, / or tel:"
    reference = _REFERENCE.match(line)
    if reference and not is_safe_link(reference.group("address")):
        yield f"the link {reference.group('address')[:80]} cannot be used; links begin with https://, / or tel:"
