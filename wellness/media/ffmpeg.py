"""ffmpeg and ffprobe: found on PATH, run in limited processes, killed at a deadline."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..errors import Misconfigured, worded

MISSING = worded(
    "ffmpeg is not installed here, so no video can be uploaded: the person who runs the site can install it (on Debian: "
    "apt install ffmpeg)."
)
_MEMORY_BYTES = 3 * 1024**3
_LAUNCHER = Path(__file__).with_name("limited_process.py")
_ERROR_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Tools:
    """Paths of ffmpeg and ffprobe."""

    ffmpeg: str
    ffprobe: str


class ToolFailed(Exception):
    """A tool ended with an error, was killed or took too long; `is_full` when the disk was full."""

    def __init__(self, said: str, *, is_full: bool = False, is_late: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.is_full = is_full
        self.is_late = is_late


def find_tools() -> Tools | None:
    """Return ffmpeg and ffprobe from PATH, or None unless both are installed."""
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    return Tools(ffmpeg, ffprobe) if ffmpeg and ffprobe else None


def get_tools() -> Tools:
    """Return ffmpeg and ffprobe from PATH. Raises Misconfigured when one is missing."""
    tools = find_tools()
    if tools is None:
        raise Misconfigured(MISSING)
    return tools


def read_only(kind: str, file: Path) -> list[str]:
    """Return ffmpeg arguments to open `file` only as that format: no other file, no network."""
    return ["-protocol_whitelist", "file", "-f", kind, "-i", f"file:{file.absolute()}"]


def run(
    command: Sequence[str],
    *,
    seconds: float,
    on_line: Callable[[str], None] | None = None,
    file_bytes: int = 0,
    errors_too: bool = False,
) -> str:
    """Run a tool and return what it wrote, or give each line to `on_line` as it comes.

    It is killed after `seconds`, may write files of `file_bytes` at most (0: any) and has 3 GiB of memory. Its
    stderr is returned as well with `errors_too`. Raises ToolFailed.
    """
    limits = [
        str(number) for number in (os.getpid(), int(seconds) * (os.cpu_count() or 1) + 1, _MEMORY_BYTES, file_bytes)
    ]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - the arguments are ours, and no shell reads them # nosec B603
            [sys.executable, "-I", "-S", str(_LAUNCHER), *limits, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if errors_too else errors,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            encoding="utf-8",
            errors="replace",
        )
        with _deadline(process, seconds) as late:
            assert process.stdout is not None
            written = _read(process.stdout, on_line)
            process.wait()
        if process.returncode != 0 or late.is_set():
            raise _failure(process.returncode, errors, is_late=late.is_set())
    return written


def _read(stdout: IO[str], on_line: Callable[[str], None] | None) -> str:
    if on_line is None:
        return stdout.read()
    for line in stdout:
        on_line(line.rstrip("\n"))
    return ""


@contextmanager
def _deadline(process: subprocess.Popen[str], seconds: float) -> Iterator[threading.Event]:
    """Kill the process after `seconds`, or when the block is left by an error; the event says that it was late."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()
        process.wait()


def _failure(code: int, errors: IO[bytes], *, is_late: bool) -> ToolFailed:
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _ERROR_BYTES))
    said = errors.read().decode("utf-8", "replace").strip()
    is_full = code == -signal.SIGXFSZ or "No space left on device" in said or "File too large" in said
    return ToolFailed(said or f"ended with {code}", is_full=is_full, is_late=is_late or code == -signal.SIGXCPU)
