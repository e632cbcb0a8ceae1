"""Starters: complete texts without problems that a coach can edit instead of facing an empty page."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain import TextKind
from ..errors import NotFound, worded
from ..files import SITE
from .front_matter_edit import write_form

STARTERS = SITE / "content" / "starters"


@dataclass(frozen=True, slots=True)
class Starter:
    """A starter: its name, the kind of text it becomes, and its title and summary for the form."""

    name: str
    kind: TextKind
    title: str
    summary: str


_STARTERS = (
    Starter(
        "twelve-minutes",
        TextKind.SESSION,
        worded("A 12-minute session"),
        worded("All seven steps, with a quiet practice and a five-minute version."),
    ),
    Starter(
        "five-minutes",
        TextKind.SESSION,
        worded("A five-minute session"),
        worded("The shortest complete session: one practice and a short talk."),
    ),
    Starter(
        "breathing-practice",
        TextKind.SESSION,
        worded("A breathing practice"),
        worded(
            "A 12-minute session built around the breathing pacer, with notes on students who may "
            "want a different practice."
        ),
    ),
    Starter(
        "training-module",
        TextKind.TRAINING,
        worded("A training module"),
        worded("About 18 minutes for teachers, from why to one real Friday."),
    ),
)


def list_starters() -> tuple[Starter, ...]:
    """Return the starters, the usual one first."""
    return _STARTERS


def get_starter(name: str) -> Starter:
    """Return the starter of that name. Raises NotFound."""
    found = next((starter for starter in _STARTERS if starter.name == name), None)
    if found is None:
        raise NotFound("There’s no starter with that name.")
    return found


def read_starter(name: str, title: str) -> str:
    """Return the text of a starter with a new title; an empty title keeps the starter's. Raises NotFound."""
    text = (STARTERS / f"{get_starter(name).name}.md").read_text(encoding="utf-8")
    return write_form(text, {"title": title}) if title.strip() else text
