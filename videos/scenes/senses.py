"""Five, four, three, two, one: a large number, the sense, a drawing that hardly moves, and one dot to each find."""

from __future__ import annotations

from collections.abc import Callable

import skia

from videos.pictures.easing import coming, wave
from videos.pictures.lettering import write
from videos.pictures.palette import color
from videos.pictures.pencil import curve, dot, fill, polyline, relative_path, ring, stroke
from videos.scenes.base import Picture

Drawing = Callable[[skia.Canvas, float], None]
SKIN = 0xFFC79A78


class Sense(Picture):
    """One sense; the dots fill one by one while nobody speaks."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Number and word at the left, drawing at the right, dots below."""
        self.paper(canvas)
        count, word = int(self.settings["count"]), str(self.settings["word"])
        write(canvas, str(count), (110, 330), 260, ink=color("accent"), opacity=coming(seconds, 0.2))
        write(canvas, word, (300, 322), 84, opacity=coming(seconds, 0.5))
        self._dots(canvas, count, seconds)
        hint = self.change("hint", seconds, "", 1.0)
        write(canvas, str(hint[1]), (114, 520), 50, weight=500, ink=color("ink-soft"), opacity=hint[2])
        canvas.save()
        canvas.translate(940, 305)
        dot(canvas, (0, 0), 228 + 4 * wave(seconds, 9), color("surface"))
        DRAWINGS[self.settings["drawing"]](canvas, seconds)
        canvas.restore()

    def _dots(self, canvas: skia.Canvas, count: int, seconds: float) -> None:
        begins = self.times("dots")[0][0] if self.times("dots") else 4.0
        each = (self.seconds - begins - 1.5) / count
        for index in range(count):
            at = (136 + 74 * index, 420)
            dot(canvas, at, 23, color("surface-2"))
            dot(canvas, at, 23 * coming(seconds, begins + each * (index + 0.3), 1.4), color("warm"))
            ring(canvas, at, 23, color("line-strong"), 4)


def _eye(canvas: skia.Canvas, seconds: float) -> None:
    outline = skia.Path()
    outline.moveTo(-170, 0)
    outline.cubicTo(-90, -125, 90, -125, 170, 0)
    outline.cubicTo(90, 115, -90, 115, -170, 0)
    shadow = skia.Path(outline)
    shadow.offset(12, 14)
    canvas.drawPath(shadow, fill(color("accent-soft")))
    look = 34 * wave(seconds, 9), 7 * wave(seconds, 13)
    canvas.save()
    canvas.clipPath(outline, doAntiAlias=True)
    dot(canvas, look, 66, color("surface"))
    ring(canvas, look, 66, color("ink"), 6)
    dot(canvas, look, 27, color("warm"))
    canvas.restore()
    canvas.drawPath(outline, stroke(color("ink"), 7))
    for x, y, dx, dy in ((-100, -100, -14, -26), (-36, -122, -5, -30), (36, -122, 5, -30), (100, -100, 14, -26)):
        canvas.drawLine(x, y, x + dx, y + dy, stroke(color("ink"), 5, 0.5))


def _hand(canvas: skia.Canvas, seconds: float) -> None:
    lift = 5 * wave(seconds, 6)
    for row in range(3):
        points = [(x, 128 + 24 * row + 5 * wave(seconds, 10, x / 260 + row * 0.2)) for x in range(-150, 151, 25)]
        canvas.drawPath(curve([(float(x), y) for x, y in points]), stroke(color("warm"), 6, 0.9 - 0.2 * row))
    fingers = [
        [(-62, 40), (-74, -66 + lift)],
        [(-22, 30), (-26, -112 + lift)],
        [(18, 30), (22, -106 + lift)],
        [(56, 42), (68, -72 + lift)],
        [(-60, 72), (-106, 36), (-124, -4 + lift)],
    ]
    palm = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(-84, 10, 80, 116), 46, 46)
    for finger in fingers:
        canvas.drawPath(polyline(finger), stroke(color("ink"), 48))
    canvas.drawRRect(palm, stroke(color("ink"), 12))
    for finger in fingers:
        canvas.drawPath(polyline(finger), stroke(SKIN, 36))
    canvas.drawRRect(palm, fill(SKIN))


def _ear(canvas: skia.Canvas, seconds: float) -> None:
    canvas.save()
    canvas.translate(-150, -160)
    canvas.scale(3.3, 3.3)
    tint = relative_path("M26 42c0-18 12-29 27-28 15 1 24 13 22 28-2 12-10 16-13 25-2 8-5 20-15 20-8 0-13-6-13-14Z")
    canvas.drawPath(tint, fill(color("accent-soft")))
    outer = "M22 41c-2-19 10-32 26-32 16 0 26 12 25 27-1 13-9 17-13 27-3 9-5 22-16 22-8 0-14-6-14-14"
    inner = "M31 43c-2-14 6-24 17-24s17 8 16 18c-1 8-6 11-9 17"
    fold = "M38 38c2-7 8-9 13-6 6 4 4 12-1 15-5 2-6 6-4 10 1 4-2 8-6 8"
    for data in (outer, inner, fold):
        canvas.drawPath(relative_path(data), stroke(color("ink"), 2.1))
    canvas.restore()
    for index in range(3):
        opacity = 0.45 + 0.4 * wave(seconds, 6, -index * 0.16)
        radius = 60 + 34 * index
        arc = skia.Rect.MakeLTRB(60 - radius, -20 - radius, 60 + radius, -20 + radius)
        canvas.drawArc(arc, -34, 68, False, stroke(color("warm"), 7, opacity))


def _flower(canvas: skia.Canvas, seconds: float) -> None:
    lean = 5 * wave(seconds, 8)
    canvas.drawPath(curve([(-20, 170), (-16, 110), (-28 + lean / 2, 60), (-20 + lean, 10)]), stroke(color("ink"), 7))
    leaf = skia.Path()
    leaf.moveTo(-19, 128)
    leaf.quadTo(48, 118, 66, 64)
    leaf.quadTo(2, 62, -19, 128)
    canvas.drawPath(leaf, fill(color("accent-soft")))
    canvas.drawPath(leaf, stroke(color("ink"), 5))
    canvas.save()
    canvas.translate(-20 + lean, -14)
    for turn in range(6):
        canvas.save()
        canvas.rotate(60 * turn + 2 * wave(seconds, 12))
        petal = skia.Rect.MakeLTRB(-28, -88, 28, -14)
        canvas.drawOval(petal, fill(color("warm-soft")))
        canvas.drawOval(petal, stroke(color("ink"), 5))
        canvas.restore()
    dot(canvas, (0, 0), 27, color("warm"))
    ring(canvas, (0, 0), 27, color("ink"), 5)
    canvas.restore()
    for index in range(3):
        opacity = 0.5 + 0.35 * wave(seconds, 7, -index * 0.2)
        x = 84 + 34 * index
        points = [(x + 9 * wave(y, 62, seconds / 9), float(y)) for y in range(-130, 20, 10)]
        canvas.drawPath(curve(points), stroke(color("warm"), 6, opacity))


def _glass(canvas: skia.Canvas, seconds: float) -> None:
    glass = polyline([(-92, -130), (92, -130), (68, 150), (-68, 150)], closed=True)
    canvas.save()
    canvas.clipPath(glass, doAntiAlias=True)
    points = [(float(x), -36 + 6 * wave(seconds, 6, x / 190)) for x in range(-120, 121, 15)]
    water = skia.Path(curve(points))
    water.lineTo(120, 160)
    water.lineTo(-120, 160)
    water.close()
    canvas.drawPath(water, fill(color("accent-soft")))
    canvas.drawPath(curve(points), stroke(color("ink"), 5, 0.5))
    canvas.restore()
    paint = stroke(color("ink"), 7)
    canvas.drawPath(glass, paint)
    canvas.drawLine(-58, -96, -48, 20, stroke(color("surface"), 9))
    slice_at = (92.0, -122.0)
    dot(canvas, slice_at, 52, color("warm-soft"))
    ring(canvas, slice_at, 52, color("warm"), 7)
    for turn in range(3):
        canvas.save()
        canvas.translate(*slice_at)
        canvas.rotate(60 * turn + 15)
        canvas.drawLine(-38, 0, 38, 0, stroke(color("warm"), 4))
        canvas.restore()


DRAWINGS: dict[str, Drawing] = {"eye": _eye, "hand": _hand, "ear": _ear, "flower": _flower, "glass": _glass}
