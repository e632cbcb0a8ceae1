"""Small real recordings, made by ffmpeg in the test, and what is inside a file."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

CAPTIONS = "WEBVTT\n\n00:00:00.200 --> 00:00:02.500\nFeet on the floor.\n"


def ffmpeg(*arguments: object) -> str:
    """Run ffmpeg, politely; returns what it said."""
    command = ["nice", "ffmpeg", "-hide_banner", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace").stderr


def make_video(
    path: Path, *extra: object, size: str = "1280x720", seconds: float = 3, rate: int = 6, sound: bool = True
) -> Path:
    """Moving color bars with a tone; H.264 and AAC in what the name's end says."""
    pictures = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={rate}:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    ffmpeg(*pictures, *tone, *coded, *extra, path)
    return path


def make_tone(path: Path, seconds: float, volume: float = 0.05) -> Path:
    """A quiet tone, as a recorded voice might be."""
    ffmpeg("-f", "lavfi", "-i", f"sine=frequency=300:duration={seconds}", "-af", f"volume={volume}", path)
    return path


def inside(path: Path) -> dict[str, Any]:
    """What ffprobe says: `seconds`, and for each stream by its type the codec, size and shape of the pixels."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    streams = {one["codec_type"]: one for one in found["streams"]}
    return {"seconds": float(found["format"]["duration"]), "tags": found["format"].get("tags", {}), **streams}


def decodes(path: Path) -> bool:
    """Whether every frame can be decoded without a word of complaint."""
    return ffmpeg("-v", "error", "-i", path, "-f", "null", "-") == ""


def loudness(path: Path) -> float:
    """The integrated loudness in LUFS."""
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", ffmpeg("-i", path, "-af", "ebur128", "-f", "null", "-"))[-1])


def pictures_sum(path: Path) -> str:
    """A sum over the coded pictures: the same when they were copied as they are."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-f", "md5", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def is_faststart(path: Path) -> bool:
    """Whether the index stands in front of the data."""
    data = path.read_bytes()
    return 0 < data.find(b"moov") < data.find(b"mdat")
