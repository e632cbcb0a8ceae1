"""Large words that arrive one after the other, each with a small mark of its own."""

from __future__ import annotations

import skia

from videos.pictures import drawings
from videos.pictures.easing import coming, wave
from videos.pictures.lettering import write
from videos.pictures.palette import color
from videos.pictures.pencil import dot
from videos.scenes.base import Picture


class Words(Picture):
    """A heading and up to four short lines; a line of the script lets the next one appear with `show: {line: …}`."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """The heading, the lines so far, the session's drawing at the side."""
        self.paper(canvas)
        drawing = self.settings.get("drawing", self.drawing)
        dot(canvas, (1056, 330), 172 + 4 * wave(seconds, 9), color("surface"))
        drawings.draw(canvas, drawing, 930, 204 + 3 * wave(seconds, 11), 252)
        heading = self.settings.get("heading", "")
        y = 172.0
        if heading:
            write(canvas, heading, (100, y), 68, opacity=coming(seconds, 0.3))
            y += 106
        for at, text in self.times("line"):
            share = coming(seconds, at, 1.1)
            dot(canvas, (118, y - 19), 12, color("warm"), share)
            write(canvas, str(text), (156 - 14 * (1 - share), y), 58, weight=600, opacity=share)
            y += 88
