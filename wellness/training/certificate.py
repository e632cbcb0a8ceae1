"""Certificates: finding one by its code, and listing one's own. They are made in `settling`."""

from __future__ import annotations

import re

from ..domain import Completion, Person
from ..records import Reading, completions

_CODE = re.compile(r"[a-z2-7]{26}")
_BETWEEN = re.compile(r"[\s\-–—]+")
_LONGEST = 80


def find_certificate(tx: Reading, code: str) -> Completion | None:
    """The certificate with this code, as somebody typed it: in any case, with spaces or dashes anywhere; or None."""
    if len(code) > _LONGEST:
        return None
    code = _BETWEEN.sub("", code).lower()
    return completions.find_completion(tx, code) if _CODE.fullmatch(code) else None


def list_certificates(tx: Reading, person: Person) -> list[Completion]:
    """The person's certificates, the newest first."""
    found = completions.list_completions(tx, [person.id]).values()
    return sorted((one for listed in found for one in listed), key=lambda one: one.completed_at, reverse=True)
