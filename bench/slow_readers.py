"""Slow video readers beside a normal visitor, on the embedded server as `wellness serve` runs it.

python bench/slow_readers.py            prints the table
python bench/slow_readers.py --write    writes it into docs/performance.md too

Each round asks for the session page 40 times without and 40 times with the slow readers, in turn, so that the noise of
the machine falls on both. Readers take 100 kbit/s each and stay connected for the whole of their half of a round.
"""

from __future__ import annotations

import argparse
import http.client
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = "/sessions/four-square-breathing"
BYTES_PER_SECOND = 100_000 // 8
REQUESTS, ROUNDS = 40, 3
SETTLE_SECONDS = 2.0
START, END = "<!-- slow readers -->", "<!-- /slow readers -->"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_site() -> Iterator[tuple[int, str]]:
    """A served instance: its port and the path of a film."""
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        environ = {**os.environ, "WELLNESS_HOME": home, "WELLNESS_PORT": str(port)}
        wellness = str(Path(sys.executable).with_name("wellness"))
        subprocess.run([wellness, "init"], env=environ, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([wellness, "demo"], env=environ, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([wellness, "serve"], env=environ, stdout=subprocess.DEVNULL)
        try:
            wait_until_up(port)
            yield port, film_path(Path(home) / "media")
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_until_up(port: int) -> None:
    """Return when the site answers; raises TimeoutError after 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            ask(port, "/healthz")
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the site did not come up")


def film_path(media: Path) -> str:
    """The address of the largest film of the instance."""
    film = max(media.glob("*/*.mp4"), key=lambda path: path.stat().st_size)
    return f"/media/{film.parent.name}/{film.name}"


def ask(port: int, path: str) -> float:
    """Seconds until the whole page is here, on a connection of its own."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise OSError(f"{path} answered {answer.status}")
    return time.perf_counter() - begun


class SlowReader(threading.Thread):
    """Reads a film at 100 kbit/s through a small window until told to stop."""

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


def measure(port: int, film: str, count: int) -> tuple[list[float], list[float], int]:
    """Page times without and with the readers, and how many readers were really reading."""
    alone: list[float] = []
    beside: list[float] = []
    served = 0
    for _ in range(ROUNDS):
        alone += [ask(port, PAGE) for _ in range(REQUESTS)]
        with slow_readers(port, film, count) as readers:
            beside += [ask(port, PAGE) for _ in range(REQUESTS)]
            served = sum(reader.taken > 0 and reader.is_alive() for reader in readers)
    return alone, beside, served


def describe(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def table(port: int, film: str) -> str:
    """The results as Markdown."""
    rows = [
        "| slow readers | really reading | page alone, median (p95) | page beside them, median (p95) | ratio of medians |"
    ]
    rows.append("|--:|--:|--:|--:|--:|")
    for count in (8, 64):
        alone, beside, served = measure(port, film, count)
        (a, a95), (b, b95) = describe(alone), describe(beside)
        rows.append(f"| {count} | {served} | {a:.1f} ms ({a95:.1f}) | {b:.1f} ms ({b95:.1f}) | {b / a:.2f} |")
    return "\n".join(rows)


def main() -> None:
    """Measure, print, and write when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    arguments = parser.parse_args()
    with running_site() as (port, film):
        result = table(port, film)
    print(result)
    if arguments.write:
        page = ROOT / "docs" / "performance.md"
        text = page.read_text(encoding="utf-8")
        before, after = text.split(START)[0], text.split(END)[1]
        machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
        page.write_text(f"{before}{START}\n\n{result}\n\nMeasured on: {machine}.\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
