"""The pictures a film can show, by the names its text calls them."""

from __future__ import annotations

from films.scenes.base import Picture
from films.scenes.body import Body
from films.scenes.card import Closing, Title
from films.scenes.landscape import Landscape
from films.scenes.moves import Moves
from films.scenes.pacer import Pacer, Tour
from films.scenes.senses import Sense
from films.scenes.sheet import Sheet
from films.scenes.window import Window
from films.scenes.words import Words

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
