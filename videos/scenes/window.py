"""A window on an evening landscape: something to look out of, and four sides to breathe along."""

from __future__ import annotations

import skia

from videos.pictures.easing import between, coming
from videos.pictures.lettering import write
from videos.pictures.palette import color
from videos.pictures.pencil import dot, fill, part_of, point_on, ring, stroke
from videos.scenes.base import Picture
from videos.scenes.landscape import draw_landscape
from videos.scenes.pacer import phase_at

LEFT, TOP, WIDE, HIGH = 120.0, 66.0, 620.0, 470.0
SLIDE = 0.5


class Window(Picture):
    """With `rounds` the bead goes round the frame: up is in, down is out; without, one looks out."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """View, frame, sill, bead, words."""
        self.paper(canvas)
        first = float(self.settings.get("evening", 0.3))
        evening = between(first, float(self.settings.get("evening_to", first)), coming(seconds, 0, self.seconds))
        self._view(canvas, seconds + float(self.settings.get("from", 0)), evening)
        self._frame(canvas)
        self._breath(canvas, seconds)
        self._words(canvas, seconds)

    def _view(self, canvas: skia.Canvas, seconds: float, evening: float) -> None:
        canvas.save()
        canvas.clipRect(skia.Rect.MakeXYWH(LEFT, TOP, WIDE, HIGH), doAntiAlias=True)
        canvas.translate(LEFT - 300, TOP - 50)
        canvas.scale(0.82, 0.82)
        draw_landscape(canvas, seconds, evening)
        canvas.restore()

    def _frame(self, canvas: skia.Canvas) -> None:
        for width, ink in ((30, color("ink")), (21, color("surface"))):
            pen = stroke(ink, width)
            canvas.drawRect(skia.Rect.MakeXYWH(LEFT, TOP, WIDE, HIGH), pen)
            canvas.drawLine(LEFT + WIDE / 2, TOP, LEFT + WIDE / 2, TOP + HIGH, stroke(ink, width * 0.6))
            canvas.drawLine(LEFT, TOP + HIGH * 0.42, LEFT + WIDE, TOP + HIGH * 0.42, stroke(ink, width * 0.6))
        sill = skia.RRect.MakeRectXY(skia.Rect.MakeXYWH(LEFT - 50, TOP + HIGH + 12, WIDE + 100, 34), 12, 12)
        canvas.drawRRect(sill, fill(color("surface")))
        canvas.drawRRect(sill, stroke(color("ink"), 4.5))

    def _breath(self, canvas: skia.Canvas, seconds: float) -> None:
        rounds, begins = int(self.settings.get("rounds", 0)), float(self.settings.get("begins", 0))
        if not rounds:
            return
        counts = [float(count) for count in self.settings.get("pattern", "3-0-4-0").split("-")]
        since = seconds - begins
        running = 0 <= since < rounds * sum(counts)
        phase = phase_at(counts, since % sum(counts)) if running else None
        side, share = (phase.side, phase.share) if phase else (0, 0.0)
        path = self._side(side)
        if phase:
            canvas.drawPath(part_of(path, share), stroke(color("accent"), 15))
            word = "In" if side == 0 else "Out"
            write(canvas, word, (830, 250), 120)
            write(canvas, str(phase.count), (830, 390), 130, ink=color("accent"))
        bead = point_on(path, share)
        dot(canvas, bead, 24, color("accent"))
        ring(canvas, bead, 24, color("surface"), 6)
        done = min(rounds, max(0, int(since // sum(counts))))
        for index in range(rounds):
            at = (846 + 50 * index, 480)
            dot(canvas, at, 14, color("accent") if index < done else color("surface-2"))
            ring(canvas, at, 14, color("line-strong"), 3.5)

    def _side(self, side: int) -> skia.Path:
        """Half the way round: from the middle of the sill up and over, or from the top down and under."""
        path = skia.Path()
        left, right, top, bottom = LEFT, LEFT + WIDE, TOP, TOP + HIGH
        middle = (left + right) / 2
        corners = [(middle, bottom), (left, bottom), (left, top), (middle, top)]
        if side == 2:
            corners = [(middle, top), (right, top), (right, bottom), (middle, bottom)]
        path.moveTo(*corners[0])
        for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
            path.lineTo(*_near(corner, before))
            path.quadTo(*corner, *_near(corner, after))
        path.lineTo(*corners[-1])
        return path

    def _words(self, canvas: skia.Canvas, seconds: float) -> None:
        before, now, share = self.change("word", seconds, self.settings.get("word", ""), 1.2)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            for row, line in enumerate(str(text or "").split("|")):
                write(canvas, line, (830, 210 + 84 * row), 68, opacity=max(0.0, opacity))


def _near(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    length = max(1.0, abs(other[0] - corner[0]) + abs(other[1] - corner[1]))
    share = 40 / length
    return between(corner[0], other[0], share), between(corner[1], other[1], share)
