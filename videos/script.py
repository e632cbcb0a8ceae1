"""The text of a video: what is said, how long the pause after it is, and what the picture does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
LONGEST_CAPTION = 74
DEFAULT_PAUSE = 2.0


class ScriptError(ValueError):
    """A video's text that cannot be made into a video; the message says which line and why."""


@dataclass(frozen=True)
class Line:
    """One spoken cue: it is one synthesis, one caption and one line of the transcript."""

    texts: dict[str, str]
    say: str
    pause: float = DEFAULT_PAUSE
    at: float | None = None
    beat: float | None = None
    show: dict[str, Any] = field(default_factory=dict)

    @property
    def pieces(self) -> list[str]:
        """What is synthesised: the whole line, or one word to a beat where the line counts."""
        if self.beat is None:
            return [self.say]
        return [piece.strip() for piece in self.say.rstrip(".").split(",")]


@dataclass(frozen=True)
class Scene:
    """One picture and the lines spoken over it."""

    picture: str
    settings: dict[str, Any]
    shows: dict[str, str]
    lead: float
    lines: tuple[Line, ...]
    pause_point: str | None = None


@dataclass(frozen=True)
class Video:
    """A whole video as it was written."""

    slug: str
    titles: dict[str, str]
    drawing: str
    music: dict[str, Any]
    poster_at: float
    scenes: tuple[Scene, ...]

    @property
    def languages(self) -> list[str]:
        """The languages of its captions; English is always first."""
        return list(self.titles)

    @property
    def lines(self) -> list[Line]:
        """Every spoken line, in order."""
        return [line for scene in self.scenes for line in scene.lines]


def slugs() -> list[str]:
    """The videos there is a text for."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def read_video(slug: str) -> Video:
    """Read and check the text of one video."""
    path = FOLDER / f"{slug}.yml"
    if not path.is_file():
        raise ScriptError(f"There is no video called {slug}. There are: {', '.join(slugs())}.")
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    languages = list(data["title"])
    return Video(
        slug=slug,
        titles=data["title"],
        drawing=data["drawing"],
        music=data.get("music", {}),
        poster_at=float(data.get("poster_at", 4.0)),
        scenes=tuple(_scene(raw, languages, slug) for raw in data["scenes"]),
    )


def _scene(raw: dict[str, Any], languages: list[str], slug: str) -> Scene:
    return Scene(
        picture=raw["picture"],
        settings=raw.get("settings", {}),
        shows=_in_each_language(raw["shows"], languages, slug),
        lead=float(raw.get("lead", 1.0)),
        lines=tuple(_line(line, languages, slug) for line in raw["lines"]),
        pause_point=raw.get("pause_point"),
    )


def _line(raw: dict[str, Any], languages: list[str], slug: str) -> Line:
    unknown = set(raw) - {*languages, "say", "pause", "at", "beat", "show"}
    if unknown:
        raise ScriptError(f"{slug}: not understood, perhaps a comma without quotation marks: {', '.join(unknown)}")
    texts = _in_each_language(raw, languages, slug)
    for text in texts.values():
        if len(text) > LONGEST_CAPTION:
            raise ScriptError(f"{slug}: a caption longer than {LONGEST_CAPTION} characters: {text}")
    return Line(
        texts=texts,
        say=raw.get("say", texts["en"]),
        pause=float(raw.get("pause", DEFAULT_PAUSE)),
        at=raw.get("at"),
        beat=raw.get("beat"),
        show=raw.get("show", {}),
    )


def _in_each_language(raw: dict[str, Any], languages: list[str], slug: str) -> dict[str, str]:
    missing = [language for language in languages if not raw.get(language)]
    if missing:
        raise ScriptError(f"{slug}: no text in {', '.join(missing)} beside: {raw.get('en', raw)}")
    return {language: raw[language] for language in languages}
