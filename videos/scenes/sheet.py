"""A sheet of paper that fills while one talks: a worry, two boxes, a ring round one thing, a next step."""

from __future__ import annotations

from typing import Any

import skia

from videos.pictures.easing import coming
from videos.pictures.lettering import width_of, write
from videos.pictures.palette import color
from videos.pictures.pencil import card, part_of, relative_path, stroke
from videos.scenes.base import Picture

LEFT_BOX, RIGHT_BOX = (110.0, 258.0), (660.0, 258.0)
BOX = (510.0, 222.0)
INK_SPEED = 16.0
RING = "M-44 -18c10-28 40-34 64-26c26 8 34 30 28 52c-8 30-44 42-74 32c-26-9-32-38-18-58"


class Sheet(Picture):
    """Lines of the script add with `worry`, `boxes`, `mine`, `not_mine`, `ring` and `step`; `keep` begins with some."""

    def draw(self, canvas: skia.Canvas, seconds: float) -> None:
        """Everything written so far."""
        self.paper(canvas)
        card(canvas, 64, 44, 1152, 566, color("surface"))
        for at, text in self._all("worry"):
            write(canvas, "Worry", (110, 128), 50, ink=color("warm"), opacity=coming(seconds, at - 0.6))
            self._hand(canvas, str(text), (290, 128), 46, at, seconds)
        for at, _yes in self._all("boxes"):
            self._boxes(canvas, coming(seconds, at, 1.6))
        self._items(canvas, "mine", LEFT_BOX, seconds)
        self._items(canvas, "not_mine", RIGHT_BOX, seconds)
        for at, row in self._all("ring"):
            self._ring(canvas, int(row), coming(seconds, at, 2.2))
        for at, text in self._all("step"):
            write(canvas, "Next step", (110, 560), 50, ink=color("warm"), opacity=coming(seconds, at - 0.6))
            self._hand(canvas, str(text), (360, 560), 48, at, seconds)

    def _all(self, key: str) -> list[tuple[float, Any]]:
        kept = self.settings.get("keep", {}).get(key, [])
        return [(-100.0, value) for value in (kept if isinstance(kept, list) else [kept])] + self.times(key)

    def _boxes(self, canvas: skia.Canvas, share: float) -> None:
        for (x, y), name in ((LEFT_BOX, "Up to me"), (RIGHT_BOX, "Not up to me")):
            shape = skia.Path()
            shape.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeXYWH(x, y, *BOX), 22, 22))
            if share > 0:
                canvas.drawPath(part_of(shape, share), stroke(color("ink"), 5))
            write(canvas, name, (x + 8, y - 22), 52, opacity=share)

    def _items(self, canvas: skia.Canvas, key: str, box: tuple[float, float], seconds: float) -> None:
        for row, (at, text) in enumerate(self._all(key)):
            self._hand(canvas, str(text), (box[0] + 34, box[1] + 62 + 62 * row), 48, at, seconds)

    def _hand(
        self, canvas: skia.Canvas, text: str, at: tuple[float, float], size: float, begins: float, seconds: float
    ) -> None:
        """Words that appear from left to right, as fast as a calm hand writes."""
        share = (seconds - begins) * INK_SPEED / max(1, len(text))
        if share <= 0:
            return
        width = width_of(text, size, 500) + 20
        canvas.save()
        canvas.clipRect(
            skia.Rect.MakeXYWH(at[0] - 10, at[1] - size, 10 + width * min(1.0, share), size * 1.5), doAntiAlias=True
        )
        write(canvas, text, at, size, weight=500)
        canvas.restore()

    def _ring(self, canvas: skia.Canvas, row: int, share: float) -> None:
        """A ring drawn by hand round one of the words in the left box."""
        if share <= 0:
            return
        width = width_of(str(self._all("mine")[row][1]), 48, 500)
        drawn = part_of(relative_path(RING), share)
        drawn.transform(skia.Matrix.Scale((width / 2 + 26) / 50, 36 / 50))
        drawn.offset(LEFT_BOX[0] + 34 + width / 2, LEFT_BOX[1] + 47 + 62 * row)
        canvas.drawPath(drawn, stroke(color("warm"), 6))
