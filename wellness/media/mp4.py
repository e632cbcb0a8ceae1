"""Reads just enough of an MP4 to take one that is ready to play, where there is no ffmpeg to look at it.

Ready means: H.264 pictures of at most 1280 × 720, AAC sound or none, nothing else, and its index in front ("faststart").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import Invalid, worded
from .probe import Probe

MAX_WIDTH, MAX_HEIGHT = 1280, 720
MAX_BITS_PER_SECOND = 4_000_000
_MAX_INDEX_BYTES = 16 * 1024 * 1024
_WHAT_IS_READY = worded(
    "ffmpeg is not installed here, so only an MP4 that is ready to play is taken: H.264 and AAC, at most 1280 × 720 and "
    "4 Mbit/s, with its index in front (“web optimized” or “faststart”). Save it like that, or install ffmpeg."
)
_DEPTH = 8
_INSIDE = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_TOLD = {b"udta", b"meta", b"uuid"}
"""Boxes that tell of the camera, the place or the person, and nothing that is needed to play."""


@dataclass(frozen=True, slots=True)
class _Box:
    path: tuple[bytes, ...]
    start: int
    payload: int
    end: int


@dataclass(slots=True)
class _Track:
    handler: bytes = b""
    codec: bytes = b""
    width: int = 0
    height: int = 0


def probe_ready(file: Path) -> Probe:
    """What a ready MP4 holds. Raises Invalid, field `file`, when it is not ready or cannot be read."""
    try:
        with file.open("rb") as opened:
            tops = list(_top_boxes(file))
            index = next(box for box in tops if box.path == (b"moov",))
            if index.end - index.start > _MAX_INDEX_BYTES:
                raise ValueError("the index is too large")
            opened.seek(index.start)
            data = opened.read(index.end - index.start)
        data_at = min(box.start for box in tops if box.path == (b"mdat",))
        return _judge(data, is_faststart=index.start < data_at, size=file.stat().st_size)
    except (OSError, ValueError, StopIteration, struct.error) as error:
        raise Invalid("The recording was not taken.", {"file": _WHAT_IS_READY}) from error


def forget_who_filmed(file: Path) -> None:
    """Blank the boxes that tell of place, camera and person, in place: every other byte stays where it is."""
    with file.open("r+b") as opened:
        told = [box for box in _top_boxes(file) if box.path[-1] in _TOLD]
        index = next(box for box in _top_boxes(file) if box.path == (b"moov",))
        opened.seek(index.start)
        data = opened.read(index.end - index.start)
        boxes = [box for box in _boxes(data, 0, len(data), ()) if box.path[-1] in _TOLD]
        told += [
            _Box(box.path, box.start + index.start, box.payload + index.start, box.end + index.start) for box in boxes
        ]
        for box in told:
            opened.seek(box.start + 4)
            opened.write(b"free")
            opened.seek(box.payload)
            opened.write(bytes(box.end - box.payload))


def _judge(data: bytes, *, is_faststart: bool, size: int) -> Probe:
    seconds, tracks = 0.0, []
    for box in _boxes(data, 0, len(data), ()):
        payload = data[box.payload : box.end]
        if box.path[-1] == b"mvhd":
            seconds = _seconds(payload)
        elif box.path[-1] == b"trak":
            tracks.append(_Track())
        elif tracks:
            _note(tracks[-1], box.path[-1], payload)
    pictures = [track for track in tracks if track.handler == b"vide"]
    sounds = [track for track in tracks if track.handler == b"soun"]
    if len(pictures) != 1 or len(sounds) > 1 or len(tracks) != len(pictures) + len(sounds):
        raise ValueError("one picture and one sound are expected")
    if pictures[0].codec not in (b"avc1", b"avc3") or any(sound.codec != b"mp4a" for sound in sounds):
        raise ValueError("another codec")
    width, height = pictures[0].width, pictures[0].height
    fits = 16 <= width <= MAX_WIDTH and 16 <= height <= MAX_HEIGHT
    if not fits or not is_faststart or seconds <= 0 or size * 8 > MAX_BITS_PER_SECOND * seconds:
        raise ValueError("outside the limits")
    return Probe("mov", seconds, width, height, "h264", "aac" if sounds else None)


def _note(track: _Track, kind: bytes, payload: bytes) -> None:
    if kind == b"hdlr":
        track.handler = payload[8:12]
    elif kind == b"stsd":
        track.codec = payload[12:16]
    elif kind == b"tkhd":
        width, height = struct.unpack(">II", payload[-8:])
        track.width, track.height = width >> 16, height >> 16


def _seconds(payload: bytes) -> float:
    if payload[0] == 1:
        scale, length = struct.unpack(">IQ", payload[20:32])
    else:
        scale, length = struct.unpack(">II", payload[12:20])
    return float(length / scale) if scale else 0.0


def _top_boxes(file: Path) -> Iterator[_Box]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        at = 0
        while at + 8 <= size:
            opened.seek(at)
            box = _box(opened.read(16), at, size, ())
            yield box
            at = box.end


def _boxes(data: bytes, start: int, end: int, path: tuple[bytes, ...]) -> Iterator[_Box]:
    at = start
    while at + 8 <= end:
        box = _box(data[at : at + 16], at, end, path)
        yield box
        if box.path[-1] in _INSIDE and len(path) < _DEPTH:
            yield from _boxes(data, box.payload, box.end, box.path)
        at = box.end


def _box(head: bytes, at: int, end: int, path: tuple[bytes, ...]) -> _Box:
    size, kind = struct.unpack(">I4s", head[:8])
    payload = at + 8
    if size == 1:
        (size,) = struct.unpack(">Q", head[8:16])
        payload = at + 16
    elif size == 0:
        size = end - at
    if size < payload - at or at + size > end:
        raise ValueError("a box that does not fit")
    return _Box((*path, kind), at, payload, at + size)
