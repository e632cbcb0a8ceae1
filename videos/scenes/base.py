"""What all scenes share: a size, a clock, and what the lines asked the picture to show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import skia

from videos.pictures.easing import eased
from videos.pictures.palette import color
from videos.timeline import PlacedScene

WIDTH, HEIGHT = 1280, 720
# Captions cover what is below.
FLOOR = 590


class Picture(ABC):
    """One scene's picture; `draw` gets the seconds since the scene began and depends on nothing else."""

    def __init__(self, placed: PlacedScene, titles: dict[str, str], drawing: str) -> None:
        self.placed = placed
        self.settings = placed.scene.settings
        self.title = titles["en"]
        self.drawing = drawing
        self.seconds = placed.seconds
        self._shown: dict[str, list[tuple[float, Any]]] = {}
        for line in placed.lines:
            for key, value in line.line.show.items():
                self._shown.setdefault(key, []).append((line.start - placed.start, value))
        self.prepare()

    def prepare(self) -> None:  # noqa: B027 - most scenes have nothing to prepare
        """Whatever is worth computing once."""

    @abstractmethod
    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Draw the whole frame."""

    def paper(self, canvas: skia.Canvas, tint: str = "paper") -> None:
        """The ground everything stands on."""
        canvas.clear(color(tint))

    def shown(self, key: str, seconds: float, default: Any = None) -> Any:
        """What the lines so far asked for."""
        return self.change(key, seconds, default)[1]

    def change(self, key: str, seconds: float, default: Any = None, takes: float = 1.2) -> tuple[Any, Any, float]:
        """The value before, the value now, and how far the change has come."""
        before, now, since = default, default, -1e9
        for at, value in self._shown.get(key, []):
            if at <= seconds:
                before, now, since = now, value, at
        return before, now, eased((seconds - since) / takes)

    def times(self, key: str) -> list[tuple[float, Any]]:
        """Every time a key is asked for."""
        return self._shown.get(key, [])
