"""Small movements, shown twice side by side: seated and standing."""

from __future__ import annotations

import math
from collections.abc import Callable

import skia

from videos.pictures.easing import between, eased, wave
from videos.pictures.lettering import write
from videos.pictures.palette import color
from videos.pictures.pencil import dot, stroke
from videos.scenes.base import Picture
from videos.scenes.person import SEATED_FLOOR, STANDING_FLOOR, Pose, blend, draw_person, two_people

GROUND = 525.0
SCALE = 0.92


def _rest(seconds: float, seated: bool) -> Pose:
    if seated:
        return Pose(left_hand=(-32, -6), right_hand=(32, -6), lift=0.7 * wave(seconds, 5))
    return Pose(left_hand=(-76, 6), right_hand=(76, 6))


def _press(seconds: float, seated: bool) -> Pose:
    inward = 3 * wave(seconds, 4)
    return Pose(left_hand=(-13 + inward * 0.5, -92), right_hand=(13 - inward * 0.5, -92))


def _reach(seconds: float, seated: bool) -> Pose:
    swing = wave(seconds, 12)
    left, right = eased(max(0.0, swing) * 1.15), eased(max(0.0, -swing) * 1.15)
    rest = _rest(seconds, seated)
    return Pose(
        left_hand=_raised(rest.left_hand, -1, left),
        right_hand=_raised(rest.right_hand, 1, right),
        lean=5 * (right - left),
        look=0.25 * (right - left),
    )


def _raised(low: tuple[float, float], side: int, share: float) -> tuple[float, float]:
    """From where the hand rests out to the side and up, in an arc about the shoulder."""
    angle = math.radians(8 + 158 * share)
    arc = (side * (54 + 156 * math.sin(angle)), -146 + 156 * math.cos(angle))
    left_rest = min(1.0, share * 4)
    return between(low[0], arc[0], left_rest), between(low[1], arc[1], left_rest)


def _turn(seconds: float, seated: bool) -> Pose:
    rest = _rest(seconds, seated)
    swing = wave(seconds, 10)
    look = swing * (1.6 - 0.6 * swing * swing)
    return Pose(left_hand=rest.left_hand, right_hand=rest.right_hand, look=max(-1.0, min(1.0, look)))


def _shake(seconds: float, seated: bool) -> Pose:
    left, right = 9 * wave(seconds, 0.8), 9 * wave(seconds, 0.8, 0.4)
    return Pose(left_hand=(-126 + left, -96 - left * 0.6), right_hand=(126 + right, -96 + right * 0.6), bend=-1.0)


def _march(seconds: float, seated: bool) -> Pose:
    step = wave(seconds, 2.6)
    left, right = max(0.0, step) ** 1.5, max(0.0, -step) ** 1.5
    high = 26.0 if seated else 62.0
    rest = _rest(seconds, seated)
    swing = 10 * step
    return Pose(
        left_hand=(rest.left_hand[0], rest.left_hand[1] + (swing if not seated else 0)),
        right_hand=(rest.right_hand[0], rest.right_hand[1] - (swing if not seated else 0)),
        left_foot=(0, -high * left),
        right_foot=(0, -high * right),
    )


MOVES: dict[str, Callable[[float, bool], Pose]] = {
    "rest": _rest,
    "press": _press,
    "reach": _reach,
    "turn": _turn,
    "shake": _shake,
    "march": _march,
}


class Moves(Picture):
    """Two people; a line of the script begins a movement with `show: {move: …}` and names it with `word`."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Heading, floor, the seated and the standing figure."""
        self.paper(canvas)
        before, now, share = self.change("word", seconds, self.settings.get("word", ""), 1.0)
        for text, opacity in ((before, 1 - 2 * share), (now, 2 * share - 1)):
            write(canvas, str(text or ""), (90, 175), 92, opacity=max(0.0, opacity))
        hint_before, hint, hint_share = self.change("hint", seconds, self.settings.get("hint", ""), 1.0)
        for text, opacity in ((hint_before, 1 - 2 * hint_share), (hint, 2 * hint_share - 1)):
            for row, line in enumerate(str(text or "").split("|")):
                at = (94, 262 + 62 * row)
                write(canvas, line, at, 50, weight=500, ink=color("ink-soft"), opacity=max(0.0, opacity))
        canvas.drawLine(530, GROUND + 2, 1230, GROUND + 2, stroke(color("line-strong"), 4))
        for seated, x, looks in zip((True, False), (700.0, 1052.0), two_people(), strict=True):
            self._person(canvas, seconds, seated, x, looks)
            write(canvas, "seated" if seated else "standing", (x, GROUND + 56), 44, align="middle", weight=600)

    def _person(self, canvas: skia.Canvas, seconds: float, seated: bool, x: float, looks: object) -> None:
        before, now, share = self.change("move", seconds, "rest", 1.8)
        pose = blend(MOVES[before](seconds, seated), MOVES[now](seconds, seated), share)
        floor = SEATED_FLOOR if seated else STANDING_FLOOR
        canvas.save()
        canvas.translate(x, GROUND - floor * SCALE)
        canvas.scale(SCALE, SCALE)
        dot(canvas, (0, -60), 190, color("surface"))
        draw_person(canvas, pose, looks, seated)  # type: ignore[arg-type]
        canvas.restore()
