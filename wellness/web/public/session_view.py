"""What templates are given of a session: its prepared parts with their names in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from ...domain import Language
from ...library.blocks.practice import Practice
from ...library.blocks.video import Video
from ...library.prepared import PreparedPart, PreparedSession, PreparedStep
from ...library.session import SessionCover
from .. import labels
from .video_view import show_video


@dataclass(frozen=True, slots=True)
class Labeled:
    """A key as it stands in an address, and its name."""

    key: str
    label: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section for one reader."""

    parts: tuple[PreparedPart, ...]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One screen. `number` counts from 1 among the steps shown."""

    number: int
    kind: str
    kind_label: str
    title: str
    minutes: int
    short_minutes: int
    parts: tuple[PreparedPart, ...]


@dataclass(frozen=True, kw_only=True)
class ShownSession(SessionCover):
    """A session for the templates; `{{ session.facts.competency|label }}` is a fact in the reader's words."""

    languages: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    before: ShownSection | None
    adaptations: ShownSection | None
    stop: ShownSection | None
    families: ShownSection | None

    @property
    def video(self) -> PreparedPart | None:
        """The part with the first video whose files are there."""
        videos = (part for part in self._parts if part.get(Video))
        return next((part for part in videos if show_video(part.data)), None)

    @property
    def practice(self) -> PreparedPart | None:
        """The part with the first practice."""
        return next((part for part in self._parts if part.get(Practice)), None)

    @property
    def _parts(self) -> list[PreparedPart]:
        return [part for step in self.steps for part in step.parts]


def as_html(prepared: str) -> Markup:
    """HTML of the catalogue for a template: library/markdown.py cleaned it, and nobody else writes there."""
    return Markup(prepared)  # noqa: S704 - see above # nosec B704


def show_session(session: PreparedSession, languages: Iterable[Language], *, short: bool = False) -> ShownSession:
    """A session with its names; `short` keeps the steps of the five-minute variant only."""
    steps = [step for step in session.steps if step.short_minutes or not short]
    return ShownSession(
        slug=session.slug,
        language=session.language,
        facts=session.facts,
        revision=session.revision,
        languages=tuple(language.value for language in languages),
        steps=tuple(_show_step(step, number) for number, step in enumerate(steps, start=1)),
        before=_show_section(session, "before"),
        adaptations=_show_section(session, "adaptations"),
        stop=_show_section(session, "stop"),
        families=_show_section(session, "families"),
    )


def mark_found(pieces: Iterable[tuple[str, bool]]) -> Markup:
    """The found place of a card with its words marked."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if is_hit else escape(text) for text, is_hit in pieces
    )


def _show_step(step: PreparedStep, number: int) -> ShownStep:
    return ShownStep(
        number=number,
        kind=step.kind.value.replace(" ", "-"),
        kind_label=str(labels.STEP_KINDS[step.kind]),
        title=step.title,
        minutes=step.minutes,
        short_minutes=step.short_minutes,
        parts=step.parts,
    )


def _show_section(session: PreparedSession, name: str) -> ShownSection | None:
    parts = session.sections.get(name)
    return ShownSection(parts) if parts is not None else None
