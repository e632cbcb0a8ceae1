"""Voice over music: the voice made warm, the music stepping back while somebody speaks, one loudness for all videos."""

from __future__ import annotations

import re
import subprocess
import wave
from pathlib import Path

import numpy as np

from videos import music
from videos.audio import RATE, Samples, add, convolve, room, silence, smooth
from videos.timeline import Timeline
from videos.voice import Voice, require

LOUDNESS = -18.0
TRUE_PEAK = -2.2
MUSIC_LEVEL = 0.032
MUSIC_UNDER_VOICE = 0.5
# Cut rumble, add body, take off some buzz and hiss, even out the level.
WARMTH = (
    "highpass=f=75,equalizer=f=190:t=q:w=0.9:g=2.5,equalizer=f=420:t=q:w=1:g=-1.5,equalizer=f=2600:t=q:w=1.2:g=1.0,"
    "equalizer=f=5200:t=q:w=1:g=-3,lowpass=f=10500,"
    "acompressor=threshold=-24dB:ratio=2.5:attack=12:release=180:knee=6dB:makeup=1"
)


def mix(timeline: Timeline, voice: Voice, final: Path) -> None:
    """The video's sound as a WAV file at the right loudness."""
    work = final.parent
    spoken = _voice_track(timeline, voice)
    warm = _filtered(spoken, WARMTH, work)
    near = convolve(warm, room(0.35, 0.2, 5)) * 0.10
    both = np.stack([warm + near, warm + near], axis=1)
    pad = music.compose(timeline.seconds, timeline.video.music)[: len(both)]
    both += pad * (MUSIC_LEVEL * _ducking(timeline))[: len(both), None]
    loose = work / "mixed.wav"
    _write_wave(loose, both / max(1.0, float(np.max(np.abs(both)))))
    _level(loose, final)


def _voice_track(timeline: Timeline, voice: Voice) -> Samples:
    track = silence(timeline.seconds)
    for placed in timeline.lines:
        for piece, at in zip(placed.line.pieces, placed.piece_starts, strict=True):
            add(track, voice.speak(piece), at)
    level: Samples = track * (0.25 / np.max(np.abs(track)))
    return level


def _ducking(timeline: Timeline) -> Samples:
    """How loud the music is: down a moment before somebody speaks, back up slowly in the pauses."""
    steps_a_second = 100
    wanted = np.zeros(round(timeline.seconds * steps_a_second) + 2)
    for placed in timeline.lines:
        first, last = ((placed.start - 0.5) * steps_a_second, (placed.voice_end + 0.4) * steps_a_second)
        wanted[max(0, round(first)) : round(last)] = 1.0
    down = smooth(wanted, attack=0.25, release=1.1, rate=steps_a_second)
    time = np.arange(round(timeline.seconds * RATE)) / RATE
    followed = np.interp(time, np.arange(len(down)) / steps_a_second, down)
    return 1.0 - (1.0 - MUSIC_UNDER_VOICE) * followed


def _filtered(samples: Samples, filters: str, work: Path) -> Samples:
    before, after = work / "voice.wav", work / "voice-warm.wav"
    _write_wave(before, samples[:, None])
    _ffmpeg("-i", before, "-af", filters, "-ar", str(RATE), "-c:a", "pcm_s16le", after)
    with wave.open(str(after)) as opened:
        warm = np.frombuffer(opened.readframes(opened.getnframes()), dtype="<i2").astype(np.float64) / 32768
    return np.pad(warm, (0, max(0, len(samples) - len(warm))))[: len(samples)]


def _level(loose: Path, final: Path) -> None:
    """To the loudness of all videos: measured, lifted in one piece, peaks held below the limit."""
    gain = LOUDNESS - loudness_of(loose)["loudness"]
    for _attempt in range(3):
        limit = 10 ** (TRUE_PEAK / 20)
        limiter = f"alimiter=limit={limit:.4f}:attack=4:release=80:level=disabled"
        filters = f"volume={gain:.3f}dB,aresample=96000,{limiter},aresample={RATE}"
        _ffmpeg("-i", loose, "-af", filters, "-c:a", "pcm_s16le", final)
        missing = LOUDNESS - loudness_of(final)["loudness"]
        if abs(missing) < 0.35:
            return
        gain += missing


def loudness_of(path: Path) -> dict[str, float]:
    """Integrated loudness (LUFS) and true peak (dB) of a file."""
    done = _ffmpeg("-i", path, "-vn", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
    loudness, peak = (re.findall(rf"{name}: +(-?[0-9.]+)", done)[-1] for name in ("I", "Peak"))
    return {"loudness": float(loudness), "peak": float(peak)}


def _ffmpeg(*arguments: str | Path) -> str:
    program = require("ffmpeg", "ffmpeg")
    command = [program, "-hide_banner", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def _write_wave(path: Path, samples: Samples) -> None:
    whole = (np.clip(samples, -1, 1) * 32767).round().astype("<i2")
    with wave.open(str(path), "wb") as opened:
        opened.setnchannels(samples.shape[1])
        opened.setsampwidth(2)
        opened.setframerate(RATE)
        opened.writeframes(whole.tobytes())
