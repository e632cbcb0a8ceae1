"""Detect a file's type by its first bytes (magic numbers): names prove nothing, and ffmpeg must not guess."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import Invalid, worded

_HEAD_BYTES = 4096

PICTURES = {
    "mov": "MP4 or MOV",
    "matroska": "WebM or MKV",
    "avi": "AVI",
    "mpegts": "MPEG-TS",
    "mpeg": "MPEG",
    "asf": "WMV",
}
"""Accepted video formats: ffmpeg's demuxer name, and the name for people."""
SOUNDS = {"wav": "WAV", "flac": "FLAC", "mp3": "MP3", "ogg": "Ogg", "mov": "M4A", "matroska": "WebM"}
"""Accepted audio formats."""

_ZIP = worded("This is a zip file (or an Office file), not a video or audio file. Unzip it first.")
_WEB_PAGE = worded("This is a web page, not a video or audio file. Download the file itself and upload that.")
_DOCUMENT = worded("This is a document, not a video or audio file.")
_PICTURE = worded("This is a picture, not a video or audio file.")
_LIST = worded("This is a playlist, not a video or audio file. Upload the file itself.")
_PROGRAM = worded("This is a program, not a video or audio file.")
_ELSE: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"), _ZIP),
    (re.compile(rb"\s*(<!doctype|<html|<head|<body|<script|<\?xml|<svg|<!--)", re.IGNORECASE), _WEB_PAGE),
    (re.compile(rb"%PDF|\xd0\xcf\x11\xe0"), _DOCUMENT),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0", re.DOTALL), _PICTURE),
    (re.compile(rb"\s*(#EXTM3U|ffconcat)"), _LIST),
    (re.compile(rb"MZ|\x7fELF|#!"), _PROGRAM),
)
_EMPTY = worded("The file is empty. Copy it again and check its size.")
_UNKNOWN = worded("We can’t use this type of video. Save it as MP4, MOV, WebM or MKV and upload it again.")
_UNKNOWN_SOUND = worded("We can’t use this type of audio file. Save it as WAV, FLAC, M4A or MP3 and upload it again.")


def kind_of_video(file: Path) -> str:
    """Return the video format of a file. Raises Invalid, field `file`, with what it is instead."""
    head = _head(file)
    kind = _known(head)
    if kind not in PICTURES:
        raise Invalid("The file wasn’t uploaded.", {"file": _what_else(head, _UNKNOWN)})
    return kind


def kind_of_sound(file: Path) -> str:
    """Return the audio format of a file. Raises Invalid, field `file`, with what it is instead."""
    head = _head(file)
    kind = _known(head)
    if kind not in SOUNDS:
        raise Invalid("The file wasn’t uploaded.", {"file": _what_else(head, _UNKNOWN_SOUND)})
    return kind


def _head(file: Path) -> bytes:
    try:
        if not file.is_file():
            raise Invalid("The file wasn’t uploaded.", {"file": worded("We couldn’t find that file.")})
        with file.open("rb") as opened:
            return opened.read(_HEAD_BYTES)
    except OSError as error:
        message = worded("The file can’t be read. Check its permissions.")
        raise Invalid("The file wasn’t uploaded.", {"file": message}) from error


def _known(head: bytes) -> str:
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"skip") or (head[4:8] == b"free" and len(head) > 16):
        return "mov"
    if head.startswith(b"RIFF") and head[8:12] in (b"AVI ", b"WAVE"):
        return "avi" if head[8:12] == b"AVI " else "wav"
    if head[:1] == b"\x47" and head[188:189] == b"\x47" and head[376:377] == b"\x47":
        return "mpegts"
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xf3", b"\xf2", b"\xfa")):
        return "mp3"
    starts = {
        b"\x1a\x45\xdf\xa3": "matroska",
        b"\x00\x00\x01\xba": "mpeg",
        b"\x30\x26\xb2\x75": "asf",
        b"fLaC": "flac",
        b"OggS": "ogg",
    }
    return starts.get(head[:4], "")


def _what_else(head: bytes, unknown: str) -> str:
    if not head:
        return _EMPTY
    return next((said for start, said in _ELSE if start.match(head)), unknown)
