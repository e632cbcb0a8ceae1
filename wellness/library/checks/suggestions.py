"""Suggestions of the check and their keys: a coach's "keep as is" is stored under the key, never under the message."""

from __future__ import annotations

import re

from ...domain import Problem, Severity

_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_MESSAGES_AS_KEYS = (
    (r"“(?P<about>.*?)”: better .*", "wording"),
    (r"“(?P<about>.*)” is about grade .*", "reading-level"),
    (r"what students read is about grade .*; the hardest sentence is “(?P<about>.*)”: .*", "reading-level"),
    (r"the session takes # minutes, and classes have .*", "class-time"),
    (r"there is no training module called (?P<about>[^;]*);.*", "training-module"),
    (r"the plan has the same topic \((?P<about>.*)\) # weeks running, .*", "same-topic"),
    (r"# words on one screen .*", "screen-words"),
    (r"#:# of video is long .*", "video-length"),
    (r"# of the usual # questions; .*", "few-questions"),
    (r"this block shows nothing; .*", "empty-block"),
    (r"this link has no words; .*", "empty-link"),
    (r"the page shows `(?P<about>.*)` and no list; .*", "list-mark"),
    (r"the page shows `(?P<about>.*)`; .*", "markdown-mark"),
    (r"HTML is left out \(`<(?P<about>.*)>`\); .*", "html"),
)
"""Up to 2026 an answer was stored under the message's text; these are the texts of that time and the codes of today."""


def suggest(file: str, line: int, message: str, code: str, about: str = "") -> Problem:
    """Return a suggestion, whose key is the code and the words it is about. Neither may change once it is released."""
    return Problem(file, line, message, Severity.WARNING, _key(code, about))


def current_key(stored: str) -> str:
    """Return today's key for a stored one, which may be the text of an old message."""
    for pattern, code in _MESSAGES_AS_KEYS:
        match = re.fullmatch(pattern, stored, re.DOTALL)
        if match:
            return _key(code, match.groupdict().get("about") or "")
    return stored


def _key(code: str, about: str) -> str:
    """Numbers count as equal, so that an answer stays when 20 minutes become 22."""
    return f"{code}: {_NUMBER.sub('#', about)}" if about else code
