"""One video from its text to its files."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import skia

from videos import captions, mixing
from videos.reel import Frame, Reel, contact_sheet
from videos.scenes.base import HEIGHT, WIDTH
from videos.script import read_video
from videos.timeline import Timeline, place
from videos.voice import Voice, require

ROOT = Path(__file__).parents[1]
MEDIA = ROOT / "static" / "media"
WORK = ROOT / "build" / "videos"
RATE = 20
POSTER_LIMIT = 25_000
POSTER_SIZE = (960, 540)
SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
# A frame is 3.5 MiB: through the usual pipe of 64 KiB, two busy programs would wait for each other all the time.
PIPE_BYTES = 1 << 20
LICENSE = "CC BY 4.0"
CREDITS = {
    "voice": "synthetic (CMU SLT, festival)",
    "music": "the Wellness team",
    "pictures": "the Wellness team",
    "licence": LICENSE,
}
COLORS = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
SMALL_X264 = ["-c:v", "libx264", "-profile:v", "high", "-preset", "slow", "-crf", "28", "-g", "120"]
X264 = ["-c:v", "libx264", "-profile:v", "high", "-preset", "veryfast", "-crf", "23", "-g", "120"]

Progress = Callable[[str, float], None]


def prepare(slug: str) -> tuple[Timeline, Voice]:
    """Speak every cue of a video and place it in time."""
    voice = Voice(WORK / "voice")
    return place(read_video(slug), voice.seconds), voice


def make(slug: str, progress: Progress, media: Path = MEDIA, only: str | None = None) -> dict[str, Any]:
    """Make all files of one video and enter it into the list; `only` keeps the rest as it was.

    `only` is "sound", "picture" or "small", which makes the smaller versions anew.
    """
    require("ffmpeg", "ffmpeg")
    media.mkdir(parents=True, exist_ok=True)
    work = WORK / slug
    work.mkdir(parents=True, exist_ok=True)
    progress("speaking", 0.0)
    timeline, voice = prepare(slug)
    reel, sound, picture = Reel(timeline), work / "sound.wav", work / "picture.mp4"
    if only not in ("picture", "small") or not sound.is_file():
        progress("mixing", 0.0)
        mixing.mix(timeline, voice, sound)
    if only not in ("sound", "small") or not picture.is_file():
        _encode(reel, picture, progress)
    if only != "small":
        _join(picture, sound, media / f"{slug}.mp4")
    _make_small(media / f"{slug}.mp4", work, lambda share: progress("shrinking", share))
    _write_poster(reel, media / f"{slug}.poster.jpg")
    write_texts(timeline, media)
    return _enter(timeline, media)


def write_texts(timeline: Timeline, media: Path = MEDIA) -> None:
    """Captions and transcripts in every language the video has."""
    for language in timeline.video.languages:
        name = f"{timeline.video.slug}.{language}"
        _put(captions.webvtt(timeline, language).encode(), media / f"{name}.vtt")
        _put(captions.transcript(timeline, language).encode(), media / f"{name}.txt")


def write_contact_sheet(slug: str, every: float) -> Path:
    """A sheet of small pictures, without encoding anything."""
    timeline, _voice = prepare(slug)
    path = WORK / f"{slug}.sheet.png"
    contact_sheet(Reel(timeline), every).save(str(path), skia.kPNG)
    return path


def _encode(reel: Reel, target: Path, progress: Progress) -> None:
    """The picture alone: frames are handed to ffmpeg as they are drawn."""
    unfinished = target.with_suffix(".part.mp4")
    command = [
        *[require("ffmpeg", "ffmpeg"), "-hide_banner", "-loglevel", "error", "-y"],
        *["-f", "rawvideo", "-pixel_format", "bgra", "-video_size", f"{WIDTH}x{HEIGHT}", "-framerate", str(RATE)],
        *["-i", "-", "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", *COLORS, *X264],
        *["-fflags", "+bitexact", "-flags:v", "+bitexact", str(unfinished)],
    ]
    total = round(reel.timeline.seconds * RATE)
    with subprocess.Popen(command, stdin=subprocess.PIPE, bufsize=0, pipesize=PIPE_BYTES) as encoder:
        assert encoder.stdin is not None
        for number, frame in enumerate(reel.frames(RATE)):
            _write_whole(encoder.stdin, frame)
            if number % RATE == 0:
                progress("drawing", number / total)
        encoder.stdin.close()
        if encoder.wait():
            raise RuntimeError("ffmpeg could not write the video; its own words are above.")
    unfinished.replace(target)
    progress("drawing", 1.0)


def _write_whole(pipe: IO[bytes], frame: Frame) -> None:
    """All of a frame; an unbuffered pipe may take it in parts."""
    left = frame.data.cast("B")
    while left:
        left = left[pipe.write(left) :]


def _join(picture: Path, sound: Path, target: Path) -> None:
    """Picture and sound in one file that begins to play before it has arrived."""
    unfinished = picture.with_name("video.mp4")
    command = [
        *[require("ffmpeg", "ffmpeg"), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"],
        *["-i", str(picture), "-i", str(sound), "-map", "0:v", "-map", "1:a", "-c:v", "copy"],
        # The "fast" coder: the default one puts back two decibels of peaks that the mix was held below.
        *["-c:a", "aac", "-aac_coder", "fast", "-b:a", "64k", "-movflags", "+faststart", "-map_metadata", "-1"],
        *["-fflags", "+bitexact", "-flags:a", "+bitexact", str(unfinished)],
    ]
    subprocess.run(command, check=True)
    _put(unfinished.read_bytes(), target)


def _make_small(video: Path, work: Path, progress: Callable[[float], None]) -> None:
    """A smaller picture and the sound alone, for weak networks; the sound is the video's own."""
    progress(0.0)
    alone, smaller = work / "small.m4a", work / "small.mp4"
    ffmpeg = [require("ffmpeg", "ffmpeg"), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-i", str(video)]
    kept = ["-c:a", "copy", "-movflags", "+faststart", "-map_metadata", "-1", "-fflags", "+bitexact"]
    subprocess.run([*ffmpeg, "-vn", *kept, str(alone)], check=True)
    scaled = ["-vf", "scale=854:480:flags=lanczos", *COLORS, *SMALL_X264, "-flags:v", "+bitexact"]
    subprocess.run([*ffmpeg, *scaled, *kept, str(smaller)], check=True)
    _put(alone.read_bytes(), video.with_suffix(".m4a"))
    _put(smaller.read_bytes(), video.with_suffix(".480.mp4"))
    progress(1.0)


def _put(data: bytes, target: Path) -> None:
    """A new file in the place of the old: a site that runs from this checkout may share the old one by a hard link."""
    beside = target.with_name(f".{target.name}.new")
    beside.write_bytes(data)
    beside.replace(target)


def _write_poster(reel: Reel, path: Path) -> None:
    """The best quality that still fits, smaller than the video: where it is shown it is seldom wider."""
    image = reel.image(reel.timeline.video.poster_at).resize(*POSTER_SIZE, SMOOTH)
    for quality in range(90, 40, -5):
        picture = bytes(image.encodeToData(skia.kJPEG, quality))
        if len(picture) <= POSTER_LIMIT:
            return _put(picture, path)
    raise RuntimeError(f"{path.name} does not fit into {POSTER_LIMIT} bytes; choose a simpler moment (poster_at).")


def _enter(timeline: Timeline, media: Path) -> dict[str, Any]:
    video, path = timeline.video, media / f"{timeline.video.slug}.mp4"
    entry = {
        "slug": video.slug,
        "title": video.titles,
        "seconds": round(timeline.seconds, 2),
        "size": path.stat().st_size,
        "languages": video.languages,
        "pause_points": timeline.pause_points,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "credits": CREDITS,
    }
    listed = media / "videos.json"
    entries = json.loads(listed.read_text(encoding="utf-8"))["videos"] if listed.is_file() else []
    entries = [other for other in entries if other["slug"] != video.slug] + [entry]
    entries.sort(key=lambda one: one["slug"])
    listed.write_text(json.dumps({"videos": entries}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return entry
