"""A person in a chair; a soft light rests on one place after another."""

from __future__ import annotations

import skia

from films.pictures.easing import between, wave
from films.pictures.lettering import write
from films.pictures.palette import colour
from films.pictures.pencil import curve, dot, ring, stroke
from films.scenes.base import Picture
from films.scenes.person import SEATED_FLOOR, Pose, draw_person, places, two_people

GROUND = 575.0
SCALE = 1.22
SIZES = {"feet": 86.0, "legs": 84.0, "hands": 74.0, "shoulders": 92.0, "face": 66.0}


class Body(Picture):
    """`show: {place: hands, word: Hands, hint: …}` moves the light and the words."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Room, person, light, words."""
        self.paper(canvas)
        canvas.drawLine(60, GROUND + 2, 620, GROUND + 2, stroke(colour("line-strong"), 4))
        dot(canvas, (340, 330), 250, colour("surface"))
        _plant(canvas, 545, GROUND, seconds)
        canvas.save()
        canvas.translate(320, GROUND - SEATED_FLOOR * SCALE)
        canvas.scale(SCALE, SCALE)
        breath = 0.8 * wave(seconds, 5)
        pose = Pose(left_hand=(-44, 14), right_hand=(44, 14), lift=breath)
        draw_person(canvas, pose, two_people()[int(self.settings.get("who", 1))], seated=True)
        self._light(canvas, seconds)
        canvas.restore()
        self._words(canvas, seconds)

    def _light(self, canvas: skia.Canvas, seconds: float) -> None:
        before, now, share = self.change("place", seconds, None, 2.0)
        spots = places(seated=True)
        first, last = spots.get(before or now), spots.get(now or before)
        if first is None or last is None:
            return
        at = (between(first[0], last[0], share), between(first[1], last[1], share))
        size = between(SIZES[before or now], SIZES[now or before], share) + 3 * wave(seconds, 6)
        opacity = share if before is None else 1 - share if now is None else 1.0
        dot(canvas, at, size * 1.25, colour("warm"), 0.12 * opacity)
        dot(canvas, at, size, colour("warm"), 0.16 * opacity)
        ring(canvas, at, size, colour("warm"), 4, opacity)

    def _words(self, canvas: skia.Canvas, seconds: float) -> None:
        before, now, share = self.change("word", seconds, self.settings.get("word", ""), 1.2)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            write(canvas, str(text or ""), (690, 270), 104, opacity=max(0.0, opacity))
        before, now, share = self.change("hint", seconds, self.settings.get("hint", ""), 1.2)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            for row, line in enumerate(str(text or "").split("|")):
                at = (694, 356 + 64 * row)
                write(canvas, line, at, 54, weight=500, ink=colour("ink-soft"), opacity=max(0.0, opacity))


def _plant(canvas: skia.Canvas, x: float, ground: float, seconds: float) -> None:
    for index, (dx, height) in enumerate(((-42, 150), (-14, 200), (20, 180), (46, 130))):
        sway = 4 * wave(seconds, 8, index * 0.2)
        tip = (x + dx * 1.5 + sway, ground - 74 - height)
        stem = curve([(x + dx * 0.3, ground - 74), (x + dx * 0.5, ground - 74 - height * 0.5), tip])
        canvas.drawPath(stem, stroke(colour("ink"), 4))
        leaf = skia.Path()
        leaf.moveTo(*tip)
        middle = (x + dx * 0.8 + sway * 0.5, ground - 74 - height * 0.45)
        leaf.quadTo(tip[0] - 26, tip[1] + height * 0.32, *middle)
        leaf.quadTo(tip[0] + 26, tip[1] + height * 0.32, *tip)
        canvas.drawPath(leaf, skia.Paint(AntiAlias=True, Color=colour("accent-soft")))
        canvas.drawPath(leaf, stroke(colour("ink"), 3.5))
    pot = skia.Path()
    pot.addPoly([skia.Point(x - 46, ground - 76), skia.Point(x + 46, ground - 76), skia.Point(x + 34, ground)], False)
    pot.lineTo(x - 34, ground)
    pot.close()
    canvas.drawPath(pot, skia.Paint(AntiAlias=True, Color=colour("warm-soft")))
    canvas.drawPath(pot, stroke(colour("ink"), 4))
