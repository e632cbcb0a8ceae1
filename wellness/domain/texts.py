"""The texts of the library, their drafts and their publications."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .vocabulary import Language


class TextKind(StrEnum):
    """What a text of the library is; the word is the name of its folder."""

    SESSION = "sessions"
    TRAINING = "training"
    PAGE = "pages"


class PublicationAct(StrEnum):
    """How a text came to be what it is: with the site, by a press, by a press on an old text, taken down, or outside."""

    DELIVERED = "delivered"
    PUBLISHED = "published"
    RESTORED = "restored"
    UNPUBLISHED = "unpublished"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, order=True)
class TextKey:
    """Which text: its kind, its slug and its language."""

    kind: TextKind
    slug: str
    language: Language = Language.EN

    @property
    def file(self) -> str:
        """Its file in the library: `sessions/four-square-breathing.es.md`."""
        language = "" if self.language is Language.EN else f".{self.language.value}"
        return f"{self.kind.value}/{self.slug}{language}.md"


@dataclass(frozen=True, slots=True)
class Keep:
    """A warning a coach has answered with "keep, because…". `by` is her name, empty when her account was removed."""

    warning: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is being written. Every save makes `version` larger; it never comes back for the same text.

    `base_revision` is the published text it began from, None for a new one. `publish_at` is set when it is scheduled.
    """

    key: TextKey
    text: str
    version: int
    base_revision: str | None
    changed_by: str | None
    changed_by_name: str | None
    changed_at: datetime
    keeps: tuple[Keep, ...] = ()
    publish_at: datetime | None = None
    scheduled_by: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """One entry of the log of what went live, in the order of `seq`. Without a text it was taken down."""

    seq: int
    key: TextKey
    act: PublicationAct
    revision: str | None
    text: str | None
    by: str | None
    by_name: str | None
    at: datetime
