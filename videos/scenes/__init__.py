"""The pictures a video can show, by the names its text calls them."""

from __future__ import annotations

from videos.scenes.base import Picture
from videos.scenes.body import Body
from videos.scenes.card import Closing, Title
from videos.scenes.landscape import Landscape
from videos.scenes.moves import Moves
from videos.scenes.pacer import Pacer, Tour
from videos.scenes.senses import Sense
from videos.scenes.sheet import Sheet
from videos.scenes.window import Window
from videos.scenes.words import Words

PICTURES: dict[str, type[Picture]] = {
    "title": Title,
    "closing": Closing,
    "words": Words,
    "landscape": Landscape,
    "tour": Tour,
    "pacer": Pacer,
    "sense": Sense,
    "body": Body,
    "moves": Moves,
    "sheet": Sheet,
    "window": Window,
}
