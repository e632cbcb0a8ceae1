"""The first and the last card."""

from __future__ import annotations

import skia

from videos.pictures import drawings
from videos.pictures.easing import coming, wave
from videos.pictures.lettering import write, write_within
from videos.pictures.palette import color
from videos.pictures.pencil import dot, stroke
from videos.scenes.base import Picture

CREDIT_LINES = ("Voice: synthetic.", "Music and pictures:", "the Wellness team.", "CC BY 4.0")


class Title(Picture):
    """The session's own drawing and its title."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """A round field, the drawing on it, the words beside it."""
        self.paper(canvas)
        dot(canvas, (350, 340), 232 + 5 * wave(seconds, 9), color("surface"))
        drawings.draw(canvas, self.drawing, 180, 168 + 3 * wave(seconds, 11), 340)
        bottom = write_within(canvas, self.title, (640, 300), 88, 590)
        shown = coming(seconds, 1.2, 1.5)
        canvas.drawLine(644, bottom - 52, 644 + 120 * shown, bottom - 52, stroke(color("warm"), 7))
        note = self.settings.get("note", "")
        write_within(canvas, note, (640, bottom + 20), 48, 590, ink=color("ink-soft"), weight=500, opacity=shown)


class Closing(Picture):
    """Where it comes from, and a wish."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """The drawing small, the words of the end, the credits."""
        self.paper(canvas)
        dot(canvas, (280, 300), 170 + 4 * wave(seconds, 9), color("surface"))
        drawings.draw(canvas, self.drawing, 155, 175 + 3 * wave(seconds, 11), 250)
        words = self.settings.get("words", "Any of it counts.")
        bottom = write_within(canvas, words, (520, 210), 76, 700)
        shown = coming(seconds, 1.5, 1.8)
        canvas.drawLine(524, bottom - 40, 524 + 120 * shown, bottom - 40, stroke(color("warm"), 6))
        for index, line in enumerate(CREDIT_LINES):
            y = bottom + 30 + 48 * index
            write(canvas, line, (520, y), 38, ink=color("ink-soft"), weight=500, opacity=shown)
