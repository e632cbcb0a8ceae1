"""The music: a soft pad and a few plucked notes, composed here and computed; nobody else's rights are in it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from videos.audio import RATE, Samples, add, convolve, room, silence

CHORD_SECONDS = 11.0
CROSSING = 5.0
# Chords as half tones above the key's root; each move keeps at least one note.
PROGRESSIONS = {
    "bright": [(0, 7, 16, 23), (-3, 9, 16, 19), (5, 12, 16, 21), (-5, 7, 14, 19)],
    "warm": [(0, 7, 14, 16), (-3, 7, 12, 16), (-7, 5, 12, 19), (-5, 2, 14, 19)],
    "dusk": [(0, 7, 14, 19), (-4, 8, 12, 19), (-7, 5, 12, 20), (-9, 7, 10, 15)],
}
SCALES = {"bright": (0, 2, 4, 7, 9), "warm": (0, 2, 4, 7, 9), "dusk": (0, 3, 5, 7, 10)}
ROOTS = {"C": 48, "D": 50, "Eb": 51, "E": 52, "F": 53, "G": 43, "A": 45, "Bb": 46}


def compose(seconds: float, settings: dict[str, Any]) -> Samples:
    """The music of a video in two channels, softly begun and softly ended."""
    root = ROOTS[settings.get("key", "D")]
    mood = settings.get("mood", "warm")
    chance = np.random.default_rng(settings.get("seed", 1))
    left, right = silence(seconds), silence(seconds)
    for index in range(int(seconds / CHORD_SECONDS) + 1):
        chord = PROGRESSIONS[mood][index % len(PROGRESSIONS[mood])]
        _lay_chord(left, right, root, chord, index * CHORD_SECONDS - CROSSING / 2)
    if settings.get("notes", True):
        _lay_notes(left, right, root + 24, SCALES[mood], chance)
    wet = [convolve(side, room(3.2, 0.35, seed)) for side, seed in ((left, 11), (right, 12))]
    both = np.stack([left * 0.7 + wet[0] * 0.5, right * 0.7 + wet[1] * 0.5], axis=1)
    return _faded(both / np.max(np.abs(both)), 3.0, 6.0)


def _lay_chord(left: Samples, right: Samples, root: int, chord: tuple[int, ...], at: float) -> None:
    length = CHORD_SECONDS + CROSSING
    skipped = max(0.0, -at)
    for place, interval in enumerate(chord):
        loudness = 0.26 if place == 0 else 0.17
        for track, detune, phase in ((left, 0.9985, 0.0), (right, 1.0015, 1.7)):
            tone = _pad_tone(_frequency(root + interval) * detune, length, phase + place) * loudness
            add(track, tone[round(skipped * RATE) :], max(0.0, at))


@cache
def _pad_tone(frequency: float, seconds: float, phase: float) -> Samples:
    """One held tone: few partials, a slow swell of its own, a rise and a fall as long as the crossing."""
    time = np.arange(round(seconds * RATE)) / RATE
    breath = 1 + 0.18 * np.sin(2 * np.pi * 0.09 * time + phase)
    turn = np.exp(2j * np.pi * frequency * time + 1j * phase)
    # Partials 1 to 4 from one turning number: sin(nx) is the imaginary part of its n-th power.
    tone = (turn * (1.0 + turn * (0.22 + turn * (0.08 + turn * 0.03)))).imag
    rise = np.clip(np.minimum(time, seconds - time) / CROSSING, 0, 1)
    held: Samples = tone * breath * np.sin(rise * np.pi / 2) ** 2
    return held


def _lay_notes(left: Samples, right: Samples, root: int, scale: tuple[int, ...], chance: np.random.Generator) -> None:
    """Now and then a note, never in a hurry and never on a beat one could march to."""
    at, step = 4.0, 2
    while at < len(left) / RATE - 9:
        step = int(np.clip(step + chance.integers(-2, 3), 0, 2 * len(scale) - 1))
        octave, degree = divmod(step, len(scale))
        note = _plucked(_frequency(root + scale[degree] + 12 * octave))
        side = chance.uniform(0.35, 0.65)
        add(left, note * side * 0.16, at)
        add(right, note * (1 - side) * 0.16, at)
        at += float(chance.choice([2.75, 2.75, 4.125, 5.5]))


def _plucked(frequency: float) -> Samples:
    time = np.arange(round(4.0 * RATE)) / RATE
    tone = np.sin(2 * np.pi * frequency * time) + 0.25 * np.sin(4 * np.pi * frequency * time) * np.exp(-3 * time)
    return tone * np.exp(-1.3 * time) * np.clip(time / 0.03, 0, 1) * np.clip((4.0 - time) / 0.5, 0, 1)


def _frequency(note: float) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


def _faded(samples: Samples, rise: float, fall: float) -> Samples:
    time = np.arange(len(samples)) / RATE
    end = len(samples) / RATE
    curve = np.clip(time / rise, 0, 1) * np.clip((end - time) / fall, 0, 1)
    faded: Samples = samples * (np.sin(curve * np.pi / 2) ** 2)[:, None]
    return faded
