"""What voice and music have in common: samples, filters in the frequency domain, a small room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Samples = NDArray[np.float64]


def silence(seconds: float, channels: int = 1) -> Samples:
    """So many seconds of nothing."""
    shape = (round(seconds * RATE),) if channels == 1 else (round(seconds * RATE), channels)
    return np.zeros(shape)


def add(track: Samples, samples: Samples, at: float) -> None:
    """Lay samples onto a track, cut off where the track ends."""
    first = round(at * RATE)
    room = max(0, len(track) - first)
    track[first : first + len(samples[:room])] += samples[:room]


def convolve(samples: Samples, response: Samples) -> Samples:
    """Convolution of one channel, as long as the samples were."""
    size = _good_size(len(samples) + len(response))
    product = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[: len(samples)]


def _good_size(least: int) -> int:
    """A length whose spectrum is quick to compute."""
    return min(odd << max(0, (-(-least // odd) - 1).bit_length()) for odd in (1, 3, 5, 9, 15))


def room(seconds: float, darkness: float, seed: int) -> Samples:
    """The sound of a room: noise that dies away in so many seconds and loses its treble on the way."""
    count = round(seconds * RATE)
    noise = np.random.default_rng(seed).standard_normal(count)
    kernel = np.hanning(max(3, round(darkness * RATE / 1000)))
    soft = np.convolve(noise, kernel / kernel.sum(), mode="same")
    response = soft * np.exp(-6.9 * np.arange(count) / count)
    response[: RATE // 100] *= np.linspace(0, 1, RATE // 100)
    level: Samples = response / np.sqrt(np.sum(response**2))
    return level


def smooth(values: Samples, attack: float, release: float, rate: int) -> Samples:
    """Follow values with one speed upward and another downward (seconds)."""
    up, down = 1 - np.exp(-1 / (attack * rate)), 1 - np.exp(-1 / (release * rate))
    followed, level = np.empty_like(values), 0.0
    for index, value in enumerate(values):
        level += (value - level) * (up if value > level else down)
        followed[index] = level
    return followed
