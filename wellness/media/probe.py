"""Inspect a video or audio file with ffprobe, in a limited process, reading only that file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Invalid, worded
from .ffmpeg import ToolFailed, Tools, read_only, run

LOOK_SECONDS = 30
MAX_PIXELS = 4096 * 2304
BROKEN = worded("This file can’t be read all the way through. Save it again as MP4 and upload it again.")
_NO_PICTURE = worded("This file has no video.")
_NO_SOUND = worded("This file has no sound.")
_TOO_LARGE = worded("The video is larger than 4K. Save it at 1280 × 720 and upload it again.")
_NO_LENGTH = worded("The video has no length. Save it again as MP4 and upload it again.")


@dataclass(frozen=True, slots=True)
class Probe:
    """The properties of a file: length in seconds, display size in pixels, codecs."""

    kind: str
    seconds: float
    width: int
    height: int
    picture: str
    sound: str | None

    @property
    def has_sound(self) -> bool:
        """Whether there is an audio stream."""
        return self.sound is not None


def probe_video(tools: Tools, kind: str, file: Path) -> Probe:
    """Inspect a video of that format. Raises Invalid, field `file`, when it can't be used."""
    found = _look(tools, kind, file)
    stream = next((one for one in found["streams"] if _is_moving(one)), None)
    if stream is None:
        raise _refused(_NO_PICTURE)
    width, height = _shown_size(stream)
    if width * height > MAX_PIXELS:
        raise _refused(_TOO_LARGE)
    if width < 16 or height < 16:
        raise _refused(_NO_PICTURE)
    return Probe(kind, _length(tools, kind, file, found, "v:0"), width, height, stream["codec_name"], _sound(found))


def probe_sound(tools: Tools, kind: str, file: Path) -> float:
    """Return the length in seconds of an audio file of that format. Raises Invalid, field `file`."""
    found = _look(tools, kind, file)
    if _sound(found) is None:
        raise _refused(_NO_SOUND)
    return _length(tools, kind, file, found, "a:0")


def _look(tools: Tools, kind: str, file: Path) -> dict[str, Any]:
    asked = ["-show_entries", "format=duration:stream=codec_type,codec_name,width,height,sample_aspect_ratio,duration"]
    asked += ["-show_entries", "stream_disposition=attached_pic:stream_tags=rotate:stream_side_data=rotation"]
    found: dict[str, Any] = json.loads(_ask(tools, kind, file, ["-of", "json", *asked]))
    return {"streams": found.get("streams", []), "format": found.get("format", {})}


def _ask(tools: Tools, kind: str, file: Path, asked: list[str]) -> str:
    try:
        return run([tools.ffprobe, "-v", "error", *asked, *read_only(kind, file)], seconds=LOOK_SECONDS)
    except ToolFailed as error:
        raise _refused(BROKEN) from error


def _is_moving(stream: dict[str, Any]) -> bool:
    """Whether a stream is a video and not a song's cover picture, which ffmpeg also calls video."""
    is_cover = stream.get("disposition", {}).get("attached_pic") == 1
    return stream.get("codec_type") == "video" and bool(stream.get("codec_name")) and not is_cover


def _shown_size(stream: dict[str, Any]) -> tuple[int, int]:
    """Return the display width and height: pixels may not be square, and phones rotate videos."""
    width, height = int(stream.get("width", 0)), int(stream.get("height", 0))
    across, _, down = str(stream.get("sample_aspect_ratio", "1:1")).partition(":")
    if across.isdecimal() and down.isdecimal() and int(across) and int(down):
        width = round(width * int(across) / int(down))
    turned = [side.get("rotation", 0) for side in stream.get("side_data_list", [])]
    turned.append(stream.get("tags", {}).get("rotate", 0))
    return (height, width) if any(int(float(turn)) % 180 for turn in turned) else (width, height)


def _sound(found: dict[str, Any]) -> str | None:
    sounds = (one.get("codec_name") for one in found["streams"] if one.get("codec_type") == "audio")
    return next((sound for sound in sounds if sound), None)


def _length(tools: Tools, kind: str, file: Path, found: dict[str, Any], stream: str) -> float:
    """Return the file's stated length; when missing, as in browsers' recordings, the last timestamp."""
    stated = found["format"].get("duration", "")
    seconds = _number(stated)
    if seconds <= 0:
        asked = ["-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0"]
        seconds = max(map(_number, _ask(tools, kind, file, asked).split()), default=0.0)
    if seconds <= 0:
        raise _refused(_NO_LENGTH)
    return seconds


def _number(text: str) -> float:
    try:
        return float(text.strip(","))
    except ValueError:
        return 0.0


def _refused(message: str) -> Invalid:
    return Invalid("The file wasn’t uploaded.", {"file": message})
