"""The pictures of a whole video, frame by frame: scenes dissolve into each other and nothing is ever cut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import skia
from numpy.typing import NDArray

from videos.pictures.easing import eased
from videos.pictures.palette import color
from videos.scenes import PICTURES
from videos.scenes.base import HEIGHT, WIDTH
from videos.timeline import Timeline

DISSOLVE = 1.2
FADE_IN, FADE_OUT = 1.0, 2.0

Frame = NDArray[np.uint8]


class Reel:
    """Draws any moment of a video."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        video = timeline.video
        self._pictures = [
            PICTURES[placed.scene.picture](placed, video.titles, video.drawing) for placed in timeline.scenes
        ]
        self._pixels: Frame = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
        self._surface = skia.Surface(self._pixels, skia.ColorType.kBGRA_8888_ColorType)

    def frame(self, seconds: float) -> Frame:
        """The pixels of a moment (BGRA). The array is reused for the next one."""
        canvas = self._surface.getCanvas()
        at = self._scene_at(seconds)
        since = seconds - self.timeline.scenes[at].start
        if at and since < DISSOLVE:
            before = self.timeline.scenes[at - 1]
            self._pictures[at - 1].draw(canvas, before.seconds + since)
            canvas.saveLayerAlpha(None, round(255 * eased(since / DISSOLVE)))
            self._pictures[at].draw(canvas, since)
            canvas.restore()
        else:
            self._pictures[at].draw(canvas, since)
        self._veil(canvas, seconds)
        self._surface.flushAndSubmit()
        return self._pixels

    def frames(self, rate: int) -> Iterator[Frame]:
        """Every frame of the video."""
        for number in range(round(self.timeline.seconds * rate)):
            yield self.frame(number / rate)

    def image(self, seconds: float) -> skia.Image:
        """A moment as a picture to keep."""
        self.frame(seconds)
        return self._surface.makeImageSnapshot()

    def _scene_at(self, seconds: float) -> int:
        starts = [placed.start for placed in self.timeline.scenes]
        return max(index for index, start in enumerate(starts) if start <= seconds + 1e-9)

    def _veil(self, canvas: skia.Canvas, seconds: float) -> None:
        """Paper over the first and the last moment."""
        shown = min(eased(seconds / FADE_IN), eased((self.timeline.seconds - seconds) / FADE_OUT))
        if shown < 1:
            canvas.drawColor(skia.ColorSetA(color("paper"), round(255 * (1 - shown))))


def contact_sheet(reel: Reel, every: float) -> skia.Image:
    """Small pictures of the whole video on one sheet, for looking it through."""
    times = np.arange(every / 2, reel.timeline.seconds, every)
    columns, small = 5, (512, 288)
    rows = -(-len(times) // columns)
    sheet = skia.Surface(columns * small[0], rows * small[1])
    for index, seconds in enumerate(times):
        image = reel.image(float(seconds)).resize(*small, skia.SamplingOptions(skia.FilterMode.kLinear))
        sheet.getCanvas().drawImage(image, (index % columns) * small[0], (index // columns) * small[1])
    return sheet.makeImageSnapshot()
