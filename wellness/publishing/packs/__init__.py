"""Packs: chosen texts with their videos in one zip that opens from a USB drive, and importing such a pack.

`archive` reads a zip that nobody trusts, `exporting` makes one, `pages` are what a person sees who opens it, `importing`
shows what would change and then makes drafts. Nothing that comes with a pack is published by itself.
"""

from .export import export_pack
from .file import Pack, open_pack
from .import_ import Arrival, ArrivingText, ArrivingVideo, PackPreview, import_pack, preview_pack

__all__ = [
    "Arrival",
    "ArrivingText",
    "ArrivingVideo",
    "Pack",
    "PackPreview",
    "export_pack",
    "import_pack",
    "open_pack",
    "preview_pack",
]
