"""Texts of the library, their drafts and their publications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .vocabulary import Language


class TextKind(StrEnum):
    """Kind of a library text; the value is the name of its folder."""

    SESSION = "sessions"
    TRAINING = "training"
    PAGE = "pages"


class PublicationAct(StrEnum):
    """How a version came about: shipped with the site, published, restored, unpublished, or changed outside the site."""

    DELIVERED = "delivered"
    PUBLISHED = "published"
    RESTORED = "restored"
    UNPUBLISHED = "unpublished"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, order=True)
class TextKey:
    """Identifies a text by kind, slug and language."""

    kind: TextKind
    slug: str
    language: Language = Language.EN

    @property
    def file(self) -> str:
        """Path in the library, like `sessions/four-square-breathing.es.md`."""
        language = "" if self.language is Language.EN else f".{self.language.value}"
        return f"{self.kind.value}/{self.slug}{language}.md"


@dataclass(frozen=True, slots=True)
class KeptWarning:
    """A warning that a coach chose to keep, with the reason. `by` is the coach's name, empty after the account was removed."""

    warning: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of a text. Every save increases `version`; a number is never reused for the same text.

    `base_revision` is the published revision it started from, None for a new text. `publish_at` is set when scheduled.
    """

    key: TextKey
    text: str
    version: int
    base_revision: str | None
    changed_by: str | None
    changed_by_name: str | None
    changed_at: datetime
    keeps: tuple[KeptWarning, ...] = ()
    publish_at: datetime | None = None
    scheduled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry of the publication log, ordered by `seq`. `text` None means the text was unpublished."""

    seq: int
    key: TextKey
    act: PublicationAct
    revision: str | None
    text: str | None
    by: str | None
    by_name: str | None
    at: datetime
