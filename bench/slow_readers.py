"""Slow video readers beside a normal visitor, on the embedded server as `wellness serve` runs it.

python -m bench.slow_readers            prints the table
python -m bench.slow_readers --write    writes it into docs/performance.md too

Each round asks for the session page 40 times without and 40 times with the slow readers, in turn, so that the noise of
the machine falls on both. Readers take 100 kbit/s each and stay connected for the whole of their half of a round.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import tables
from bench.served import ask, instance, serving

PAGE = "/sessions/four-square-breathing"
BYTES_PER_SECOND = 100_000 // 8
REQUESTS, ROUNDS = 40, 3
SETTLE_SECONDS = 2.0
HEAD = (
    "slow readers",
    "really reading",
    "page alone, median (p95)",
    "page beside them, median (p95)",
    "ratio of medians",
)


def video_path(media: Path) -> str:
    """The address of the largest video of the instance."""
    video = max(media.glob("*/*.mp4"), key=lambda path: path.stat().st_size)
    return f"/media/{video.parent.name}/{video.name}"


class SlowReader(threading.Thread):
    """Reads a video at 100 kbit/s through a small window until told to stop."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(daemon=True)
        self._port, self._path = port, path
        self._leave = threading.Event()
        self.taken = 0

    def run(self) -> None:
        """Ask once, then take an eighth of a second's share eight times a second."""
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
            connection.connect(("127.0.0.1", self._port))
            connection.sendall(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            while not self._leave.wait(0.125):
                taken = connection.recv(BYTES_PER_SECOND // 8)
                if not taken:
                    return
                self.taken += len(taken)

    def leave(self) -> None:
        """Close the connection."""
        self._leave.set()
        self.join(timeout=5)


@contextmanager
def slow_readers(port: int, path: str, count: int) -> Iterator[list[SlowReader]]:
    """That many slow readers, all of them under way."""
    readers = [SlowReader(port, path) for _ in range(count)]
    for reader in readers:
        reader.start()
    deadline = time.monotonic() + 20
    while not all(reader.taken for reader in readers) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(SETTLE_SECONDS)
    try:
        yield readers
    finally:
        for reader in readers:
            reader.leave()


def measure(port: int, video: str, count: int) -> tuple[list[float], list[float], int]:
    """Page times without and with the readers, and how many readers were really reading."""
    alone: list[float] = []
    beside: list[float] = []
    served = 0
    for _ in range(ROUNDS):
        alone += [ask(port, PAGE) for _ in range(REQUESTS)]
        with slow_readers(port, video, count) as readers:
            beside += [ask(port, PAGE) for _ in range(REQUESTS)]
            served = sum(reader.taken > 0 and reader.is_alive() for reader in readers)
    return alone, beside, served


def table() -> str:
    """The results as Markdown."""
    lines = []
    with instance() as home, serving(home) as site:
        video = video_path(home / "media")
        for count in (8, 64):
            alone, beside, reading = measure(site.port, video, count)
            ratio = statistics.median(beside) / statistics.median(alone)
            described = tables.describe(alone), tables.describe(beside)
            lines.append((str(count), str(reading), *described, f"{ratio:.2f}"))
    return tables.rows(HEAD, lines)


if __name__ == "__main__":
    tables.run("slow readers", __doc__, table)
