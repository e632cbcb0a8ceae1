"""The breathing pacer of the site, drawn as its page draws it: bead, trail, word, count and a growing inner shape."""

from __future__ import annotations

from dataclasses import dataclass

import skia

from videos.pictures.easing import between, eased
from videos.pictures.lettering import write
from videos.pictures.palette import color, mixed
from videos.pictures.pencil import Point, dot, fill, part_of, point_on, ring, stroke
from videos.scenes.base import Picture

LEFT, RIGHT, TOP, BOTTOM, MIDDLE = 26.0, 374.0, 26.0, 374.0, 200.0
SHOULDER, ROUNDING = 88.0, 44.0
SMALL, LARGE = 0.34, 0.9
WORDS = ("In", "Hold, or skip", "Out", "Hold, or skip")
CHANGE = 0.5


@dataclass(frozen=True)
class Phase:
    """Where in a round a second lies."""

    side: int
    count: int
    share: float


def phase_at(counts: list[float], second: float) -> Phase:
    """The side, the count (from 1) and the share of a second of one round."""
    begins = 0.0
    for side, length in enumerate(counts):
        if second < begins + length:
            return Phase(side, int(second - begins) + 1, (second - begins) / length)
        begins += length
    return Phase(0, 1, 0.0)


def corners_of(counts: list[float]) -> list[list[Point]]:
    """The corners of each side; a side without counts closes to a point."""
    full, empty = counts[1], counts[3]

    def foot(x: float) -> list[Point]:
        return [(x, BOTTOM)] if empty else [(MIDDLE, BOTTOM), (x, BOTTOM - SHOULDER)]

    def head(x: float) -> list[Point]:
        return [(x, TOP)] if full else [(x, TOP + SHOULDER), (MIDDLE, TOP)]

    up, down = foot(LEFT) + head(LEFT), (foot(RIGHT) + head(RIGHT))[::-1]
    return [up, [up[-1], down[0]] if full else [], down, [down[-1], up[0]] if empty else []]


def sides_of(counts: list[float]) -> list[skia.Path | None]:
    """Each side as a path with rounded corners; two sides meet in the middle of their corner's curve."""
    sides = corners_of(counts)
    drawn = [side for side in sides if side]
    paths: list[skia.Path | None] = []
    for side in sides:
        at = drawn.index(side) if side else 0
        paths.append(_side_path(side, drawn[at - 1][-2], drawn[(at + 1) % len(drawn)][1]) if side else None)
    return paths


def _side_path(side: list[Point], before: Point, after: Point) -> skia.Path:
    around = [before, *side, after]
    path = skia.Path()
    for index, corner in enumerate(side):
        enters, leaves = _rounding(corner, around[index]), _rounding(corner, around[index + 2])
        first, last = _mid(enters, corner), _mid(corner, leaves)
        middle = _mid(first, last)
        if index == 0:
            path.moveTo(*middle)
            path.quadTo(*last, *leaves)
        elif index == len(side) - 1:
            path.lineTo(*enters)
            path.quadTo(*first, *middle)
        else:
            path.lineTo(*enters)
            path.quadTo(*corner, *leaves)
    return path


def _rounding(corner: Point, towards: Point) -> Point:
    length = ((towards[0] - corner[0]) ** 2 + (towards[1] - corner[1]) ** 2) ** 0.5
    share = min(0.5, ROUNDING / length)
    return between(corner[0], towards[0], share), between(corner[1], towards[1], share)


def _mid(first: Point, second: Point) -> Point:
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


def _whole(paths: list[skia.Path | None]) -> skia.Path:
    whole = skia.Path()
    for path in paths:
        if path is not None:
            whole.addPath(path, skia.Path.kExtend_AddPathMode if whole.countPoints() else skia.Path.kAppend_AddPathMode)
    whole.close()
    return whole


class Pacer(Picture):
    """So many rounds from a second on; before and after, the figure at rest with a word in it."""

    size = 500.0
    place = (90.0, 62.0)

    def prepare(self) -> None:
        """Read the pattern, draw the sides once."""
        self.counts = [float(count) for count in self.settings.get("pattern", "4-4-4-4").split("-")]
        self.words = self.settings.get("words", WORDS)
        self.rounds = int(self.settings.get("rounds", 0))
        self.begins = float(self.settings.get("begins", 0.0))
        self.round_seconds = sum(self.counts)
        self.paths = sides_of(self.counts)
        self.inner = _whole(self.paths)

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """The figure on the left, the round and the choices on the right."""
        self.paper(canvas)
        phase = self.phase(seconds)
        canvas.save()
        canvas.translate(*self.place)
        canvas.scale(self.size / 400, self.size / 400)
        self._figure(canvas, phase)
        canvas.restore()
        self._words(canvas, phase, seconds)
        self._beside(canvas, seconds)

    def phase(self, seconds: float) -> Phase | None:
        """The phase of a second, or nothing before the first breath and after the last."""
        since = seconds - self.begins
        if self.rounds and 0 <= since < self.rounds * self.round_seconds:
            return phase_at(self.counts, since % self.round_seconds)
        return None

    def _figure(self, canvas: skia.Canvas, phase: Phase | None) -> None:
        canvas.drawPath(self.inner, fill(color("surface")))
        filled = [eased(phase.share), 1.0, 1 - eased(phase.share), 0.0][phase.side] if phase else 0.0
        self._inner(canvas, filled, self._warmth(phase))
        for path in self.paths:
            if path is not None:
                canvas.drawPath(path, stroke(color("line-strong"), 3))
        side = self.paths[phase.side if phase else 0]
        assert side is not None
        share = phase.share if phase else 0.0
        if share > 0:
            canvas.drawPath(part_of(side, share), stroke(color("accent"), 11))
        bead = point_on(side, share)
        dot(canvas, bead, 16, color("accent"))
        ring(canvas, bead, 16, color("surface"), 5)

    def _inner(self, canvas: skia.Canvas, filled: float, warmth: float) -> None:
        scale = between(SMALL, LARGE, filled)
        canvas.save()
        canvas.translate(MIDDLE, MIDDLE)
        canvas.scale(scale, scale)
        canvas.translate(-MIDDLE, -MIDDLE)
        canvas.drawPath(self.inner, fill(mixed(color("accent-soft"), color("warm-soft"), warmth)))
        canvas.restore()

    def _warmth(self, phase: Phase | None) -> float:
        """Green while air moves, warm while it rests, with a soft change between."""
        if phase is None:
            return 0.0
        seconds = phase.share * self.counts[phase.side]
        length = self.counts[phase.side]
        if phase.side % 2 == 0:
            return 0.0
        return min(eased(seconds / CHANGE), eased((length - seconds) / CHANGE))

    def _words(self, canvas: skia.Canvas, phase: Phase | None, seconds: float) -> None:
        x, y = self.place[0] + self.size / 2, self.place[1] + self.size / 2
        if phase is None:
            words = self.shown("word", seconds, self.settings.get("word", ""))
            lines = str(words).split("|")
            for index, line in enumerate(lines):
                write(canvas, line, (x, y + 18 + (index - (len(lines) - 1) / 2) * 62), 54, align="middle")
            return
        word = self.words[phase.side].split(",")
        size = 76 if len(word) == 1 else 60
        write(canvas, word[0].strip(), (x, y - (46 if len(word) == 1 else 54)), size, align="middle")
        if len(word) > 1:
            write(canvas, word[1].strip(), (x, y - 2), 44, ink=color("ink-soft"), weight=500, align="middle")
        write(canvas, str(phase.count), (x, y + (92 if len(word) == 1 else 112)), 128, align="middle")

    def _beside(self, canvas: skia.Canvas, seconds: float) -> None:
        x, y = 690.0, 190.0
        if self.rounds:
            done = max(0, min(self.rounds - 1, int((seconds - self.begins) // self.round_seconds)))
            started = seconds >= self.begins
            heading = f"Round {done + 1} of {self.rounds}" if started else self.settings.get("heading", "")
            over = seconds >= self.begins + self.rounds * self.round_seconds
            write(canvas, self.settings.get("over", heading) if over else heading, (x, y), 60)
            for index in range(self.rounds if self.rounds > 1 else 0):
                full = started and (index < done or over)
                now = started and not over and index == done
                at = (x + 18 + 56 * index, y + 58)
                dot(canvas, at, 15, color("accent") if full else color("accent-soft" if now else "surface-2"))
                ring(canvas, at, 15, color("accent" if full or now else "line-strong"), 4)
            y += 190
        before, now_text, share = self.change("beside", seconds, self.settings.get("beside", ""), 0.9)
        for text, opacity in ((before, 1 - share * 2), (now_text, share * 2 - 1)):
            if before == now_text:
                opacity = 1.0 if text is now_text else 0.0
            row = y
            for line in str(text or "").split("|"):
                write(canvas, line, (x, row), 52, weight=600, ink=color("ink"), opacity=max(0.0, opacity))
                row += 66


class Tour(Pacer):
    """The square explained: the bead goes along one side whenever a line names it."""

    def phase(self, seconds: float) -> Phase | None:
        """The side named last, traveled in four seconds and then left lit."""
        named = None
        for at, side in self.times("side"):
            if at <= seconds:
                named = (at, side)
        if named is None or named[1] is None:
            return None
        takes = self.counts[named[1]]
        share = min(0.9999, (seconds - named[0]) / takes)
        return Phase(int(named[1]), min(int(takes), int(seconds - named[0]) + 1), share)
