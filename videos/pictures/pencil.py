"""Lines, tinted shapes and limbs: the site's drawings are a tint printed a little off the line, then the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import skia

from videos.pictures.palette import color, faded

Point = tuple[float, float]


def stroke(ink: int, width: float, opacity: float = 1.0) -> skia.Paint:
    """A round pen."""
    return skia.Paint(
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
        Color=faded(ink, opacity),
    )


def fill(ink: int, opacity: float = 1.0) -> skia.Paint:
    """A flat tint."""
    return skia.Paint(AntiAlias=True, Color=faded(ink, opacity))


def polyline(points: Sequence[Point], closed: bool = False) -> skia.Path:
    """A path through points."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    if closed:
        path.close()
    return path


def curve(points: Sequence[Point]) -> skia.Path:
    """A smooth path through the middles between points, from the first to the last."""
    path = skia.Path()
    path.moveTo(*points[0])
    for (x, y), (next_x, next_y) in pairwise(points[1:]):
        path.quadTo(x, y, (x + next_x) / 2, (y + next_y) / 2)
    path.lineTo(*points[-1])
    return path


def part_of(path: skia.Path, share: float) -> skia.Path:
    """The first share of a path, as if the pen were on its way."""
    measure = skia.PathMeasure(path, False)
    piece = skia.Path()
    measure.getSegment(0, measure.getLength() * min(1.0, max(0.0, share)), piece, True)
    return piece


def point_on(path: skia.Path, share: float) -> Point:
    """The place at a share of a path's length."""
    measure = skia.PathMeasure(path, False)
    position, _tangent = measure.getPosTan(measure.getLength() * min(1.0, max(0.0, share)))
    return position.x(), position.y()


def limb(canvas: skia.Canvas, points: Sequence[Point], width: float, tint: int, line: float = 4.0) -> None:
    """An arm, a leg, a finger: an outline with a tint inside, its joints rounded."""
    path = polyline(points)
    for paint in (stroke(color("ink"), width + 2 * line), stroke(tint, width)):
        paint.setPathEffect(skia.CornerPathEffect.Make(width * 0.9))
        canvas.drawPath(path, paint)


def dot(canvas: skia.Canvas, at: Point, radius: float, ink: int, opacity: float = 1.0) -> None:
    """A filled dot."""
    canvas.drawCircle(at[0], at[1], radius, fill(ink, opacity))


def ring(canvas: skia.Canvas, at: Point, radius: float, ink: int, width: float, opacity: float = 1.0) -> None:
    """A circle's line."""
    canvas.drawCircle(at[0], at[1], radius, stroke(ink, width, opacity))


def card(
    canvas: skia.Canvas, left: float, top: float, width: float, height: float, tint: int, radius: float = 28
) -> None:
    """A sheet with rounded corners and the site's quiet edge."""
    shape = skia.RRect.MakeRectXY(skia.Rect.MakeXYWH(left, top, width, height), radius, radius)
    canvas.drawRRect(shape, fill(tint))
    canvas.drawRRect(shape, stroke(color("line"), 2.5))


def relative_path(data: str) -> skia.Path:
    """The path data our drawings are written in: one M, then relative c and s curves, at the end perhaps Z."""
    path, here, bend = skia.Path(), (0.0, 0.0), (0.0, 0.0)
    for letter, rest in re.findall(r"([McsZ])([^McsZ]*)", data):
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", rest)]
        if letter == "M":
            here = (numbers[0], numbers[1])
            path.moveTo(*here)
        size = {"c": 6, "s": 4}.get(letter, 1)
        for at in range(0, len(numbers) if letter in "cs" else 0, size):
            step = numbers[at : at + size]
            points = [(here[0] + x, here[1] + y) for x, y in zip(step[::2], step[1::2], strict=True)]
            if letter == "s":
                points.insert(0, (2 * here[0] - bend[0], 2 * here[1] - bend[1]))
            path.cubicTo(*points[0], *points[1], *points[2])
            bend, here = points[1], points[2]
        if letter == "Z":
            path.close()
    return path
