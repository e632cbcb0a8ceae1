"""The voice: one synthesis for each cue by Debian's festival, kept so that a cue is only ever spoken once."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np

from videos.audio import RATE, Samples, silence

VOICE = "cmu_us_slt_arctic_hts"
# This voice ignores Duration_Stretch; its engine takes the rate of speech itself.
SPEECH_RATE = 0.83
SILENCE_LEVEL, SPOKEN_LEVEL = 0.004, 0.02
LOUDNESS = 0.1
# Between sentences of one cue; left to itself the voice runs short ones into each other.
SENTENCE_PAUSE = 0.5


class MissingTool(RuntimeError):
    """A program that videos are made with is not installed; the message says what to do."""


def require(program: str, packages: str) -> str:
    """Where a program is, or a plain sentence about how to get it."""
    found = shutil.which(program)
    if found is None:
        raise MissingTool(f"{program} is missing: on Debian, install it with: apt install {packages}")
    return found


class Voice:
    """Speaks texts into samples and remembers them in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._festival = require("festival", "festival festvox-us-slt-hts")
        self._spoken: dict[str, Samples] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def seconds(self, text: str) -> float:
        """How long the text takes to say."""
        return len(self.speak(text)) / RATE

    def speak(self, text: str) -> Samples:
        """The text as samples, without silence before and after, sentence by sentence."""
        sentences = [self._sentence(sentence) for sentence in re.split(r"(?<=[.?!])\s+", text)]
        pause = silence(SENTENCE_PAUSE)
        return np.concatenate([part for sentence in sentences for part in (sentence, pause)][:-1])

    def _sentence(self, text: str) -> Samples:
        if text not in self._spoken:
            self._spoken[text] = self._read_or_make(text)
        return self._spoken[text]

    def _read_or_make(self, text: str) -> Samples:
        path = self._folder / f"{hashlib.sha256(f'{VOICE} {SPEECH_RATE} {text}'.encode()).hexdigest()[:20]}.wav"
        if not path.is_file():
            self._synthesise(text, path)
        return _even(_trimmed(_resampled(*_read_wave(path))))

    def _synthesise(self, text: str, path: Path) -> None:
        words = text.replace("\\", " ").replace('"', "'")
        unfinished = path.with_suffix(".part")
        program = f"""
            (voice_{VOICE})
            (set! hts_engine_params (append hts_engine_params (list (list "-r" {SPEECH_RATE}))))
            (utt.save.wave (utt.synth (Utterance Text "{words}")) "{unfinished}" 'riff)
        """
        done = subprocess.run([self._festival, "--pipe"], input=program, text=True, capture_output=True, check=False)
        if done.returncode or not unfinished.is_file():
            raise MissingTool(
                "festival could not speak: on Debian, install its voice with: apt install festvox-us-slt-hts"
                f" ({done.stderr.strip()[:200]})"
            )
        unfinished.replace(path)


def _read_wave(path: Path) -> tuple[Samples, int]:
    with wave.open(str(path)) as opened:
        raw = opened.readframes(opened.getnframes())
        return np.frombuffer(raw, dtype="<i2").astype(np.float64) / 32768, opened.getframerate()


def _resampled(samples: Samples, rate: int) -> Samples:
    """To the video's rate, by stretching the spectrum: exact for a band-limited voice."""
    count = round(len(samples) * RATE / rate)
    spectrum = np.fft.rfft(samples)
    wider = np.zeros(count // 2 + 1, dtype=complex)
    wider[: len(spectrum)] = spectrum[: len(wider)]
    return np.fft.irfft(wider, count) * (count / len(samples))


def _even(samples: Samples) -> Samples:
    """As loud as every other sentence, measured where something is said."""
    loud = samples[np.abs(samples) > SPOKEN_LEVEL]
    level: Samples = samples * (LOUDNESS / np.sqrt(np.mean(loud**2)))
    return level


def _trimmed(samples: Samples) -> Samples:
    """Without the silence around it, with ends so short and soft that nothing clicks."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE_LEVEL)
    first, last = max(0, loud[0] - RATE // 50), min(len(samples), loud[-1] + RATE // 12)
    cut = samples[first:last].copy()
    edge = RATE // 100
    cut[:edge] *= np.linspace(0, 1, edge)
    cut[-edge:] *= np.linspace(1, 0, edge)
    return cut
