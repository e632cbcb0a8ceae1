"""The log of a server: one event a line on standard error, as JSON, without anything about who was there.

An error's trace goes into the same line, so that nothing a visitor sends can look like a line of its own, and nothing can
color or clear the screen of who reads it. Class codes and emails that came into a message are taken out.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

_CODE = re.compile(r"(/c/)[^/\s\"'?#]+")
_BETWEEN = r"\s\"'<>@=,;:()"
_EMAIL = re.compile(rf"(?<![^{_BETWEEN}])[^{_BETWEEN}]++@[^{_BETWEEN}]+")
"""Begins only where a word begins: else a long word without an @ was read again from each of its letters."""
LONGEST = 20_000
"""Characters of a message or a trace that are kept."""


class OneLine(logging.Formatter):
    """One event as one line of ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        event: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "said": redacted(record.getMessage()),
        }
        event |= getattr(record, "facts", {})
        if record.exc_info:
            event["trace"] = redacted(self.formatException(record.exc_info))
        return json.dumps(event, ensure_ascii=True)


def redacted(text: str) -> str:
    """A text without class codes in addresses and without emails; of a very long one only the ends."""
    text = _EMAIL.sub("(email)", _CODE.sub(r"\1(code)", text))
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} (shortened) {text[-LONGEST // 2 :]}"


def start_log() -> None:
    """Write the log of this process to standard error, from warnings on, and what `web/http/security_log.py` notes."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("wellness.security").setLevel(logging.INFO)
