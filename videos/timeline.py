"""Where every line stands in time: the pauses are exact and each caption stays long enough to be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from videos.script import Line, Scene, ScriptError, Video

WORDS_A_MINUTE = 125
LINGER = 0.7
GAP = 0.12
LAST_SCENE_TAIL = 1.5


@dataclass(frozen=True)
class PlacedLine:
    """A line with its times in seconds from the video's beginning; `piece_starts` is where each synthesis goes."""

    line: Line
    start: float
    voice_end: float
    caption_end: float
    piece_starts: tuple[float, ...]


@dataclass(frozen=True)
class PlacedScene:
    """A scene with its times and those of its lines."""

    scene: Scene
    start: float
    end: float
    lines: tuple[PlacedLine, ...]

    @property
    def seconds(self) -> float:
        """How long the scene lasts."""
        return self.end - self.start


@dataclass(frozen=True)
class Timeline:
    """The whole video in time."""

    video: Video
    scenes: tuple[PlacedScene, ...]

    @property
    def seconds(self) -> float:
        """How long the video lasts."""
        return self.scenes[-1].end

    @property
    def lines(self) -> list[PlacedLine]:
        """Every placed line, in order."""
        return [line for scene in self.scenes for line in scene.lines]

    @property
    def pause_points(self) -> list[dict[str, float | str]]:
        """Where a teacher may stop the video for a moment, and what for."""
        return [
            {"at": round(placed.end - 0.5, 1), "label": placed.scene.pause_point}
            for placed in self.scenes
            if placed.scene.pause_point
        ]


def place(video: Video, length_of: Callable[[str], float]) -> Timeline:
    """Put the lines after each other. `length_of` tells how many seconds a text takes to say."""
    scenes, clock = [], 0.0
    for scene in video.scenes:
        placed = _place_scene(scene, clock, length_of)
        scenes.append(placed)
        clock = placed.end
    return Timeline(video, tuple(scenes))


def reading_seconds(line: Line) -> float:
    """How long the caption must stay so that a slow reader can follow, in the wordiest language."""
    return max(len(text.split()) for text in line.texts.values()) * 60 / WORDS_A_MINUTE


def _place_scene(scene: Scene, begins: float, length_of: Callable[[str], float]) -> PlacedScene:
    clock = begins + scene.lead
    starts: list[float] = []
    ends: list[float] = []
    for line in scene.lines:
        start = clock if line.at is None else begins + line.at
        if start < clock - 1e-6 and starts:
            raise ScriptError(f"This line would begin before the last one ends ({clock - start:.1f} s): {line.say}")
        voice_end = max(
            at + length_of(piece) for piece, at in zip(line.pieces, _piece_starts(line, start), strict=True)
        )
        starts.append(start)
        ends.append(voice_end)
        fixed_next = line.beat is not None or line.at is not None
        readable = voice_end if fixed_next else start + reading_seconds(line) + GAP
        clock = max(voice_end + (0.0 if fixed_next else line.pause), readable)
    scene_end = max(clock, ends[-1] + scene.lines[-1].pause)
    return PlacedScene(scene, begins, scene_end, tuple(_captioned(scene, starts, ends, scene_end)))


def _piece_starts(line: Line, start: float) -> tuple[float, ...]:
    return tuple(start + index * (line.beat or 0.0) for index in range(len(line.pieces)))


def _captioned(scene: Scene, starts: list[float], ends: list[float], scene_end: float) -> list[PlacedLine]:
    placed = []
    for line, start, voice_end, next_start in zip(scene.lines, starts, ends, [*starts[1:], scene_end], strict=True):
        wanted = max(voice_end + LINGER, start + reading_seconds(line))
        caption_end = min(wanted, next_start - GAP)
        if caption_end - start < reading_seconds(line) - 0.05:
            raise ScriptError(f"Too little time to read this caption before the next one: {line.say}")
        placed.append(PlacedLine(line, start, voice_end, caption_end, _piece_starts(line, start)))
    return placed
