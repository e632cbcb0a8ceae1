"""Hills, water, a tree, slow clouds: something calm to look at, by day or toward evening."""

from __future__ import annotations

import math

import skia

from videos.pictures.easing import between, coming, wave
from videos.pictures.lettering import width_of, write
from videos.pictures.palette import color, mixed
from videos.pictures.pencil import curve, dot, fill, ring, stroke
from videos.scenes.base import HEIGHT, WIDTH, Picture

EVENING_SKY, EVENING_FAR, EVENING_NEAR, EVENING_SUN = 0xFFE9C3A6, 0xFFB79A97, 0xFF7D7F83, 0xFFD9825B
DAY_SKY, DAY_SUN, DAY_WATER = 0xFFE6EEE6, 0xFFF1CFA8, 0xFFD3E3E0


def draw_landscape(canvas: skia.Canvas, seconds: float, evening: float = 0.0, birds: bool = True) -> None:
    """A landscape that fills 1280 × 720; `evening` runs from 0, day, to 1, dusk."""
    canvas.drawRect(skia.Rect.MakeWH(WIDTH, HEIGHT), fill(mixed(DAY_SKY, EVENING_SKY, evening)))
    _sun(canvas, seconds, evening)
    for index, (start, height, size) in enumerate(((120, 120, 1.0), (620, 185, 0.75), (1050, 95, 0.9))):
        _cloud(canvas, (start + seconds * (3.2 + index)) % (WIDTH + 360) - 180, height, size, evening)
    _hills(canvas, 410, 60, 0.0, _tone("accent-soft", EVENING_FAR, evening, 0.35), evening)
    _hills(canvas, 462, 46, 1.9, _tone("accent-soft", EVENING_FAR, evening, 0.75), evening)
    _water(canvas, seconds, evening)
    _hills(canvas, 600, 34, 4.1, mixed(0xFFBFD6C6, EVENING_NEAR, evening), evening)
    _tree(canvas, 1060, 590, seconds, evening)
    if birds:
        _birds(canvas, seconds, evening)


def _tone(name: str, dusk: int, evening: float, depth: float) -> int:
    return mixed(mixed(color("paper"), mixed(color(name), 0xFFB9D2C4, depth), 0.9), dusk, evening * (0.5 + depth / 2))


def _ink(evening: float) -> int:
    return mixed(mixed(color("ink"), color("line-strong"), 0.35), 0xFF4A4648, evening)


def _sun(canvas: skia.Canvas, seconds: float, evening: float) -> None:
    at = (930.0, between(190, 330, evening))
    tint = mixed(DAY_SUN, EVENING_SUN, evening)
    for step, opacity in ((2.2, 0.22), (1.6, 0.3)):
        dot(canvas, at, 62 * (step + 0.05 * wave(seconds, 12)), tint, opacity)
    dot(canvas, at, 62, tint)


def _cloud(canvas: skia.Canvas, x: float, y: float, size: float, evening: float) -> None:
    tint = mixed(color("surface"), 0xFFF3DCCB, evening)
    path = skia.Path()
    for dx, dy, radius in ((-60, 8, 30), (-20, -12, 42), (30, -4, 36), (66, 12, 24)):
        path.addCircle(x + dx * size, y + dy * size, radius * size)
    path.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeXYWH(x - 88 * size, y + 4 * size, 178 * size, 34 * size), 17, 17))
    canvas.drawPath(path, fill(tint, 0.85))


def _hills(canvas: skia.Canvas, y: float, rise: float, phase: float, tint: int, evening: float) -> None:
    points = [
        (float(x), y - rise * (math.sin(x / 210 + phase) + 0.5 * math.sin(x / 97 + 2 * phase)))
        for x in range(-40, WIDTH + 41, 40)
    ]
    line = curve(points)
    shape = skia.Path(line)
    shape.lineTo(WIDTH + 40, HEIGHT)
    shape.lineTo(-40, HEIGHT)
    shape.close()
    canvas.drawPath(shape, fill(tint))
    canvas.drawPath(line, stroke(_ink(evening), 3.5, 0.75))


def _water(canvas: skia.Canvas, seconds: float, evening: float) -> None:
    tint = mixed(DAY_WATER, 0xFFDDB6A0, evening)
    canvas.drawRect(skia.Rect.MakeLTRB(0, 496, WIDTH, HEIGHT), fill(tint))
    canvas.drawLine(0, 496, WIDTH, 496, stroke(_ink(evening), 3.5, 0.75))
    for row in range(4):
        y = 516 + row * 17
        drift = 22 * wave(seconds, 17 + 3 * row, row * 0.23)
        for x in range(-100 + 90 * (row % 2), WIDTH + 100, 260):
            canvas.drawLine(x + drift, y, x + drift + 70 + 18 * row, y, stroke(_ink(evening), 3, 0.28))


def _tree(canvas: skia.Canvas, x: float, y: float, seconds: float, evening: float) -> None:
    lean = 5 * wave(seconds, 7.5) + 2 * wave(seconds, 4.3)
    ink, crown = _ink(evening), mixed(0xFFA9C9B4, 0xFF77807B, evening)
    for dx, dy, radius in ((-44, -150, 50), (36, -158, 56), (-4, -205, 58)):
        dot(canvas, (x + dx + lean * (dy / -200) + 6, y + dy + 7), radius, crown)
    canvas.drawPath(curve([(x, y), (x + 2, y - 60), (x + lean * 0.4, y - 110), (x + lean, y - 190)]), stroke(ink, 7))
    canvas.drawPath(curve([(x + 1, y - 70), (x - 16, y - 100), (x - 42 + lean * 0.7, y - 140)]), stroke(ink, 5))
    canvas.drawPath(curve([(x + 2, y - 90), (x + 20, y - 115), (x + 42 + lean * 0.7, y - 152)]), stroke(ink, 5))
    for dx, dy, radius in ((-44, -150, 50), (36, -158, 56), (-4, -205, 58)):
        ring(canvas, (x + dx + lean * (dy / -200), y + dy), radius, ink, 3, 0.35)


def _birds(canvas: skia.Canvas, seconds: float, evening: float) -> None:
    for index in range(3):
        x = (260 + index * 46 + seconds * 9) % (WIDTH + 200) - 100
        y = 150 + index * 17 * (1 if index % 2 else -1) + 5 * wave(seconds, 6, index * 0.3)
        wing = 8 + 3 * wave(seconds, 1.9, index * 0.37)
        points = [(x - 20, y - wing * 0.6), (x - 10, y - wing), (x, y), (x + 10, y - wing), (x + 20, y - wing * 0.6)]
        canvas.drawPath(curve(points), stroke(_ink(evening), 3.5, 0.8))


class Landscape(Picture):
    """The landscape by itself, with a few large words if the lines ask for them."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Land, then words on a sheet of paper."""
        first, last = float(self.settings.get("evening", 0.0)), float(self.settings.get("evening_to", -1))
        evening = first if last < 0 else between(first, last, coming(seconds, 0, self.seconds))
        draw_landscape(canvas, seconds + float(self.settings.get("from", 0)), evening)
        before, now, share = self.change("word", seconds, self.settings.get("word"), 1.0)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            if text and opacity > 0:
                write_plate(canvas, str(text), opacity)


def write_plate(canvas: skia.Canvas, text: str, opacity: float) -> None:
    """Large words on a sheet, at the left."""
    lines = text.split("|")
    height, width = 76 + 78 * len(lines), 88 + max(width_of(line, 62) for line in lines)
    shape = skia.RRect.MakeRectXY(skia.Rect.MakeXYWH(80, 250 - height / 2, width, height), 30, 30)
    canvas.drawRRect(shape, fill(color("surface"), 0.94 * opacity))
    for index, line in enumerate(lines):
        write(canvas, line, (124, 250 - height / 2 + 92 + 78 * index), 62, opacity=opacity)
