"""Make the versions of a video with ffmpeg: 720p and 480p, sound only, a poster, a short silent preview.

Nothing is upscaled. The camera's metadata (place, device, name) is removed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import Invalid, StorageFull, WellnessError, worded
from .ffmpeg import ToolFailed, Tools, read_only, run
from .probe import BROKEN, Probe, probe_video
from .store import AUDIO, POSTER, PREVIEW, SMALL, WHOLE

LOUDNESS = -18
"""Loudness target in LUFS, for a voice in a classroom."""
POSTER_BYTES = 25 * 1024
PREVIEW_SECONDS = 4
MISSING_SECONDS = 2.0
"""Seconds that a video may be shorter than it states."""

Percent = Callable[[int], None]

_BOXES = {WHOLE: (1280, 720), SMALL: (854, 480)}
_SOUND = ["-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]
_CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1", "-dn", "-sn", "-fflags", "+bitexact"]
_THREADS = ["-threads", str(min(4, os.cpu_count() or 1))]
"""More threads would need more memory than a tool has."""
_PROGRESS = ["-progress", "pipe:1", "-stats_period", "0.2", "-nostats"]
_POSTERS = [(width, quality) for width in (1280, 960, 640) for quality in (3, 5, 8, 12, 18)]
_LONG = worded(
    "Processing took too long and was stopped. Upload a shorter video, or try again when the server is less busy."
)
_CUT = worded(
    "The file is cut off before its end. Copy it again from the phone or computer that "
    "recorded it, and upload it again."
)
FULL = worded("The disk is full, so the video wasn’t saved. Free up some space, then try again.")


@dataclass(frozen=True, slots=True)
class Making:
    """What to make versions of: the recording, what is in it, where to put them, and how.

    `file_bytes` is how large one file may become (0 is any), `is_levelled` asks for LOUDNESS.
    """

    source: Path
    probe: Probe
    folder: Path
    is_levelled: bool = False
    file_bytes: int = 0


def deadline(seconds: float) -> float:
    """Return the most seconds that processing a video of that length may take."""
    return 120 + 30 * seconds


def make_versions(tools: Tools, making: Making, percent: Percent) -> Probe:
    """Make every version in the folder, reporting progress from 0 to 100. Return the properties of the largest one.

    Raises Invalid when the recording cannot be read to its end, StorageFull when the disk is full.
    """
    sound = _level(tools, making) if making.is_levelled and making.probe.has_sound else []
    _make_videos(tools, making, sound, lambda share: percent(round(share * 90)))
    made = probe_video(tools, "mov", making.folder / WHOLE)
    if made.seconds < making.probe.seconds - MISSING_SECONDS:
        raise _refused(_CUT)
    _make_poster(tools, making, made)
    percent(95)
    _make_preview(tools, making, made)
    percent(100)
    return made


def replace_voice(
    tools: Tools, making: Making, voice: tuple[str, Path], files: dict[str, Path], percent: Percent
) -> None:
    """Replace the sound of `files` by a voice, leveled to LOUDNESS; the picture is copied unchanged.

    `voice` is the kind and the file of the sound; `making.probe` tells of the video. The sound is cut or goes on in
    silence to the video's length. Raises as `make_versions`.
    """
    kind, recording = voice
    level = _level(tools, Making(recording, making.probe, making.folder), kind)
    level = [level[0], f"{level[1]},apad"]
    length = ["-t", f"{making.probe.seconds:.3f}"]
    for done, (file, picture) in enumerate(files.items(), start=1):
        inputs = [*read_only("mov", picture), *read_only(kind, recording)]
        made = ["-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", *level, *_SOUND, *length]
        _run(tools, making, [*inputs, *made, *_mp4(making, file)], None)
        percent(round(90 * done / (len(files) + 1)))
    made = ["-map", "0:a:0", *level, *_SOUND[:3], "96k", *_SOUND[4:], *length]
    _run(tools, making, [*read_only(kind, recording), *made, *_mp4(making, AUDIO)], None)
    percent(100)


# --- Pictures and sound -----------------------------------------------------------------------------------------------


def _make_videos(tools: Tools, making: Making, sound: list[str], told: Callable[[float], None]) -> None:
    probe = making.probe
    sizes = {WHOLE: fit(probe, WHOLE)}
    if sizes[WHOLE] != fit(probe, SMALL):
        sizes[SMALL] = fit(probe, SMALL)
    outputs: list[str] = []
    for file, (width, height) in sizes.items():
        outputs += ["-map", "0:v:0", "-vf", f"scale={width}:{height}:flags=lanczos,setsar=1,format=yuv420p"]
        outputs += [
            "-c:v",
            "libx264",
            "-preset",
            "faster",
            "-profile:v",
            "high",
            "-crf",
            "22" if file == WHOLE else "24",
        ]
        outputs += ["-maxrate", "2500k" if file == WHOLE else "900k", "-bufsize", "5000k", "-g", "60", "-fpsmax", "30"]
        outputs += ["-map", "0:a:0", *sound, *_SOUND] if probe.has_sound else []
        outputs += _mp4(making, file)
    if probe.has_sound:
        outputs += ["-map", "0:a:0", *sound, *_SOUND[:3], "96k", *_SOUND[4:], *_mp4(making, AUDIO)]
    _run(tools, making, [*_THREADS, *read_only(probe.kind, making.source), *outputs], told)


def fit(probe: Probe, file: str) -> tuple[int, int]:
    """Return the size of a version: within its box, same aspect ratio, even, never larger than the original."""
    width, height = _BOXES[file]
    share = min(1.0, width / probe.width, height / probe.height)
    return max(2, round(probe.width * share / 2) * 2), max(2, round(probe.height * share / 2) * 2)


def _mp4(making: Making, file: str) -> list[str]:
    return [
        *_CLEAN,
        *_THREADS,
        "-flags:v",
        "+bitexact",
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
        f"file:{making.folder / file}",
    ]


def _level(tools: Tools, making: Making, kind: str = "") -> list[str]:
    """Return the filter that levels the sound to LOUDNESS, from a first measuring pass."""
    wanted = f"I={LOUDNESS}:TP=-1.5:LRA=11"
    measure = ["-map", "0:a:0", "-af", f"loudnorm={wanted}:print_format=json", "-f", "null", "-"]
    command = [tools.ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info"]
    said = _measured([*command, *read_only(kind or making.probe.kind, making.source), *measure], making)
    found = re.search(r"\{[^{}]*\}\s*\Z", said)
    told = json.loads(found.group()) if found else {}
    if "inf" in str(told.get("input_i", "-inf")):  # silence has no loudness
        return ["-af", "anull"]
    names = {
        "input_i": "measured_I",
        "input_tp": "measured_TP",
        "input_lra": "measured_LRA",
        "input_thresh": "measured_thresh",
    }
    measured = ":".join(f"{name}={float(told[key])}" for key, name in names.items())
    return ["-af", f"loudnorm={wanted}:{measured}:offset={float(told['target_offset'])}:linear=true"]


def _make_poster(tools: Tools, making: Making, made: Probe) -> None:
    """Make a poster from the first third, in the best quality that fits into POSTER_BYTES."""
    poster = making.folder / POSTER
    for width, quality in _POSTERS:
        shot = [
            "-ss",
            f"{made.seconds * 0.3:.2f}",
            *read_only("mov", making.folder / WHOLE),
            "-map",
            "0:v:0",
            "-frames:v",
            "1",
        ]
        shape = [
            "-vf",
            f"scale=min({width}\\,iw):-2",
            "-q:v",
            str(quality),
            *_CLEAN,
            "-f",
            "mjpeg",
            "-y",
            f"file:{poster}",
        ]
        _run(tools, making, [*shot, *shape], None)
        if poster.stat().st_size <= POSTER_BYTES:
            return


def _make_preview(tools: Tools, making: Making, made: Probe) -> None:
    start = ["-ss", f"{made.seconds * 0.2:.2f}", "-t", str(PREVIEW_SECONDS)]
    small = ["-map", "0:v:0", "-an", "-vf", "scale=min(480\\,iw):-2,format=yuv420p", "-fpsmax", "15"]
    coded = ["-c:v", "libx264", "-preset", "faster", "-crf", "30"]
    _run(
        tools, making, [*start, *read_only("mov", making.folder / WHOLE), *small, *coded, *_mp4(making, PREVIEW)], None
    )


# --- Running ffmpeg ---------------------------------------------------------------------------------------------------


def _run(tools: Tools, making: Making, arguments: list[str], told: Callable[[float], None] | None) -> None:
    seconds = making.probe.seconds

    def on_line(line: str) -> None:
        key, _, value = line.partition("=")
        if told is not None and key == "out_time_us" and value.isdecimal() and seconds > 0:
            told(min(1.0, int(value) / 1_000_000 / seconds))

    command = [tools.ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error", *_PROGRESS, *arguments]
    try:
        run(command, seconds=deadline(seconds), on_line=on_line, file_bytes=making.file_bytes)
    except ToolFailed as error:
        raise _in_words(error) from error


def _measured(command: list[str], making: Making) -> str:
    try:
        return run(command, seconds=deadline(making.probe.seconds), errors_too=True)
    except ToolFailed as error:
        raise _in_words(error) from error


def _in_words(error: ToolFailed) -> WellnessError:
    if error.is_full:
        return StorageFull(FULL)
    return _refused(_LONG if error.is_late else BROKEN)


def _refused(message: str) -> Invalid:
    return Invalid("The file wasn’t uploaded.", {"file": message})
