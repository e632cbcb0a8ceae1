"""A line figure seen from the front, seated or standing, that moves by where its hands, knees and head are."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import skia

from videos.pictures.easing import between
from videos.pictures.palette import color
from videos.pictures.pencil import Point, dot, fill, limb, polyline, ring, stroke

UPPER_ARM, FORE_ARM = 82.0, 78.0
STANDING_FLOOR, SEATED_FLOOR = 214.0, 128.0


@dataclass(frozen=True)
class Pose:
    """Where the moving parts are, from the middle of the hips; left is the viewer's. `bend` -1 lets elbows hang."""

    left_hand: Point = (-70.0, 8.0)
    right_hand: Point = (70.0, 8.0)
    left_foot: Point = (0.0, 0.0)
    right_foot: Point = (0.0, 0.0)
    look: float = 0.0
    lean: float = 0.0
    lift: float = 0.0
    bend: float = 1.0


@dataclass(frozen=True)
class Looks:
    """Who it is: the tints of clothes, skin and hair."""

    shirt: int
    trousers: int
    skin: int
    hair: int
    long_hair: bool = False


def blend(first: Pose, second: Pose, share: float) -> Pose:
    """A pose on the way from one to another."""
    mixed: dict[str, Any] = {}
    for part in fields(Pose):
        one, two = getattr(first, part.name), getattr(second, part.name)
        pair = isinstance(one, tuple)
        mixed[part.name] = (
            (between(one[0], two[0], share), between(one[1], two[1], share)) if pair else between(one, two, share)
        )
    return Pose(**mixed)


def places(seated: bool) -> dict[str, tuple[float, float, float, float]]:
    """Where the parts of the resting figure are, as ovals: middle, half width, half height."""
    floor = SEATED_FLOOR if seated else STANDING_FLOOR
    return {
        "feet": (0.0, floor - 12, 88.0, 34.0),
        "legs": (0.0, 44.0 if seated else 104.0, 84.0, 46.0),
        "hands": (0.0, -4.0, 68.0, 36.0),
        "shoulders": (0.0, -146.0, 94.0, 34.0),
        "face": (0.0, -218.0, 60.0, 60.0),
    }


def draw_person(canvas: skia.Canvas, pose: Pose, looks: Looks, seated: bool) -> None:
    """The figure about the middle of its hips."""
    if seated:
        _chair(canvas)
    canvas.save()
    canvas.translate(pose.lean, -pose.lift)
    _legs(canvas, pose, looks, seated)
    if looks.long_hair:
        _long_hair(canvas, pose, looks)
    _body(canvas, pose, looks)
    _head(canvas, pose, looks)
    for side, hand in ((-1, pose.left_hand), (1, pose.right_hand)):
        _arm(canvas, side, hand, pose, looks)
    canvas.restore()


def _chair(canvas: skia.Canvas) -> None:
    ink, tint = stroke(color("ink"), 4.5), fill(color("surface-2"))
    for x in (-72, 72):
        canvas.drawLine(x, 20, x * 1.08, SEATED_FLOOR, stroke(color("ink"), 7))
    back = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(-74, -104, 74, -24), 20, 20)
    seat = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(-88, 2, 88, 32), 14, 14)
    for shape in (back, seat):
        canvas.drawRRect(shape, tint)
        canvas.drawRRect(shape, ink)


def _legs(canvas: skia.Canvas, pose: Pose, looks: Looks, seated: bool) -> None:
    floor = SEATED_FLOOR if seated else STANDING_FLOOR
    for side, moved in ((-1, pose.left_foot), (1, pose.right_foot)):
        hip = (side * 24.0, 0.0)
        if seated:
            knee = (side * 46.0 + moved[0], 30.0 + moved[1] * 0.8)
            foot = (side * 48.0 + moved[0], floor - 18 + moved[1])
        else:
            foot = (side * 32.0 + moved[0], floor - 18 + moved[1] + pose.lift)
            knee = ((hip[0] + foot[0]) / 2 + side * 4, (hip[1] + foot[1]) / 2)
        limb(canvas, [hip, knee, foot], 34, looks.trousers)
        shoe = skia.RRect.MakeRectXY(skia.Rect.MakeXYWH(foot[0] - 22 + side * 5, foot[1] - 2, 44, 24), 12, 12)
        canvas.drawRRect(shoe, fill(color("ink")))


def _body(canvas: skia.Canvas, pose: Pose, looks: Looks) -> None:
    turn = 1 - 0.10 * abs(pose.look)
    shift = 7 * pose.look
    limb(canvas, [(shift, -176), (shift, -150)], 24, looks.skin)
    points = [(-52 * turn + shift, -152), (52 * turn + shift, -152), (42, 4), (-42, 4)]
    shape = polyline(points, closed=True)
    for paint in (stroke(color("ink"), 32), stroke(looks.shirt, 24), fill(looks.shirt)):
        canvas.drawPath(shape, paint)


def _head(canvas: skia.Canvas, pose: Pose, looks: Looks) -> None:
    x, y, look = 10 * pose.look, -218.0, pose.look
    dot(canvas, (x, y), 42, looks.skin)
    cap = skia.Path()
    cap.addArc(skia.Rect.MakeLTRB(x - 43, y - 43, x + 43, y + 43), 186, 168)
    cap.quadTo(x + 10 + 14 * look, y - 30, x - 42.7, y - 4.5)
    canvas.drawPath(cap, fill(looks.hair))
    ring(canvas, (x, y), 42, color("ink"), 4.5)
    for side in (-1, 1):
        dot(canvas, (x + 15 * side + 20 * look, y + 4), 4.6, color("ink"))
    mouth = skia.Path()
    mouth.moveTo(x - 10 + 19 * look, y + 20)
    mouth.quadTo(x + 19 * look, y + 26, x + 10 + 19 * look, y + 20)
    canvas.drawPath(mouth, stroke(color("ink"), 4))


def _long_hair(canvas: skia.Canvas, pose: Pose, looks: Looks) -> None:
    x = 10 * pose.look
    shape = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x - 47, -258, x + 47, -150), 44, 44)
    canvas.drawRRect(shape, fill(looks.hair))
    canvas.drawRRect(shape, stroke(color("ink"), 4.5))


def _arm(canvas: skia.Canvas, side: int, hand: Point, pose: Pose, looks: Looks) -> None:
    turn = 1 - 0.10 * abs(pose.look)
    shoulder = (side * 54 * turn + 7 * pose.look, -146.0)
    elbow = bent(shoulder, hand, side * pose.bend)
    wrist = (between(elbow[0], hand[0], 0.8), between(elbow[1], hand[1], 0.8))
    limb(canvas, [wrist, hand], 20, looks.skin)
    dot(canvas, hand, 18, color("ink"))
    dot(canvas, hand, 14, looks.skin)
    limb(canvas, [shoulder, elbow, wrist], 25, looks.shirt)


def bent(shoulder: Point, hand: Point, bend: float) -> Point:
    """Where the elbow is: beside the straight way from shoulder to hand, as far as the arm's length leaves over."""
    dx, dy = hand[0] - shoulder[0], hand[1] - shoulder[1]
    length = math.hypot(dx, dy) or 1.0
    distance = min(length, UPPER_ARM + FORE_ARM - 0.5)
    along = (UPPER_ARM**2 - FORE_ARM**2 + distance**2) / (2 * distance)
    away = math.sqrt(max(0.0, UPPER_ARM**2 - along**2)) * bend
    return shoulder[0] + (dx * along + dy * away) / length, shoulder[1] + (dy * along - dx * away) / length


def two_people() -> tuple[Looks, Looks]:
    """The two who show the moves."""
    return (
        Looks(shirt=color("accent-soft"), trousers=0xFF8FA3A0, skin=0xFFC79A78, hair=0xFF4A382D, long_hair=True),
        Looks(shirt=0xFFE9B99C, trousers=0xFF7D8A95, skin=0xFF8D5F43, hair=0xFF2B2422),
    )
