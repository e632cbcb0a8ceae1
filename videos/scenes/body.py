"""A person in a chair; a soft light rests on one place after another."""

from __future__ import annotations

import skia

from videos.pictures.easing import between, wave
from videos.pictures.lettering import write
from videos.pictures.palette import color
from videos.pictures.pencil import curve, dot, fill, stroke
from videos.scenes.base import Picture
from videos.scenes.person import SEATED_FLOOR, Pose, draw_person, places, two_people

GROUND = 560.0
SCALE = 1.22


class Body(Picture):
    """`show: {place: hands, word: Hands, hint: …}` moves the light and the words."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Room, person, light, words."""
        self.paper(canvas)
        canvas.drawLine(60, GROUND + 2, 620, GROUND + 2, stroke(color("line-strong"), 4))
        dot(canvas, (330, 318), 250, color("surface"))
        _plant(canvas, 545, GROUND, seconds)
        canvas.save()
        canvas.translate(320, GROUND - SEATED_FLOOR * SCALE)
        canvas.scale(SCALE, SCALE)
        breath = 0.8 * wave(seconds, 5)
        pose = Pose(left_hand=(-32, -6), right_hand=(32, -6), lift=breath)
        draw_person(canvas, pose, two_people()[int(self.settings.get("who", 1))], seated=True)
        self._light(canvas, seconds)
        canvas.restore()
        self._words(canvas, seconds)

    def _light(self, canvas: skia.Canvas, seconds: float) -> None:
        before, now, share = self.change("place", seconds, None, 2.0)
        spots = places(seated=True)
        if before is None and now is None:
            return
        first, last = spots[before or now], spots[now or before]
        x, y, wide, high = (between(one, two, share) for one, two in zip(first, last, strict=True))
        opacity = share if before is None else 1 - share if now is None else 1.0
        swell = 2 * wave(seconds, 6)
        for grown, strength in ((16 + swell, 0.12), (swell, 0.2)):
            canvas.drawOval(_oval(x, y, wide + grown, high + grown), fill(color("warm"), strength * opacity))
        canvas.drawOval(_oval(x, y, wide + swell, high + swell), stroke(color("warm"), 4, opacity))

    def _words(self, canvas: skia.Canvas, seconds: float) -> None:
        before, now, share = self.change("word", seconds, self.settings.get("word", ""), 1.2)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            write(canvas, str(text or ""), (690, 270), 104, opacity=max(0.0, opacity))
        before, now, share = self.change("hint", seconds, self.settings.get("hint", ""), 1.2)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            for row, line in enumerate(str(text or "").split("|")):
                at = (694, 356 + 64 * row)
                write(canvas, line, at, 54, weight=500, ink=color("ink-soft"), opacity=max(0.0, opacity))


def _oval(x: float, y: float, wide: float, high: float) -> skia.Rect:
    return skia.Rect.MakeLTRB(x - wide, y - high, x + wide, y + high)


def _plant(canvas: skia.Canvas, x: float, ground: float, seconds: float) -> None:
    for index, (dx, height) in enumerate(((-42, 150), (-14, 200), (20, 180), (46, 130))):
        sway = 4 * wave(seconds, 8, index * 0.2)
        tip = (x + dx * 1.5 + sway, ground - 74 - height)
        stem = curve([(x + dx * 0.3, ground - 74), (x + dx * 0.5, ground - 74 - height * 0.5), tip])
        canvas.drawPath(stem, stroke(color("ink"), 4))
        leaf = skia.Path()
        leaf.moveTo(*tip)
        middle = (x + dx * 0.8 + sway * 0.5, ground - 74 - height * 0.45)
        leaf.quadTo(tip[0] - 26, tip[1] + height * 0.32, *middle)
        leaf.quadTo(tip[0] + 26, tip[1] + height * 0.32, *tip)
        canvas.drawPath(leaf, fill(color("accent-soft")))
        canvas.drawPath(leaf, stroke(color("ink"), 3.5))
    pot = skia.Path()
    pot.addPoly([skia.Point(x - 46, ground - 76), skia.Point(x + 46, ground - 76), skia.Point(x + 34, ground)], False)
    pot.lineTo(x - 34, ground)
    pot.close()
    canvas.drawPath(pot, fill(color("warm-soft")))
    canvas.drawPath(pot, stroke(color("ink"), 4))
