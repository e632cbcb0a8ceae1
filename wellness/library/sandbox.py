"""Prepare texts in separate processes, limited to 2 seconds and 256 MB per file, so that no text can stop the site."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ..domain import Problem
from .prepared import Outcome, Text, prepare
from .sketch import sketch

if TYPE_CHECKING:
    from pebble import ProcessPool

_log = logging.getLogger(__name__)

SECONDS_EACH = 2.0
_MEMORY_BYTES = 256 * 1024 * 1024


def _limit() -> None:
    """Set the limits, once in each new process. macOS ignores the address-space limit; the time limit works everywhere."""
    if sys.platform == "linux":
        import resource

        already = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (already + _MEMORY_BYTES, already + _MEMORY_BYTES))


class Sandbox:
    """A pool of processes that prepare texts. It starts at the first text; `close` ends it."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or min(2, os.cpu_count() or 1)
        self._pool: ProcessPool | None = None
        self._lock = Lock()

    def prepare(self, texts: Iterable[Text]) -> Iterator[Outcome]:
        """Yield the outcomes in the order of `texts`, each as soon as it is ready.

        A text that takes too long or too much memory gets a problem, and so does one on which our own code fails: the
        other texts continue, and the error is logged.
        """
        return self._run(prepare, texts)

    def sketch(self, text: Text) -> Outcome:
        """Return as much of a half-written text as can be shown, with the problems that `prepare` finds."""
        return next(self._run(sketch, [text]))

    def _run(self, make: Callable[[Text], Outcome], texts: Iterable[Text]) -> Iterator[Outcome]:
        from pebble import ProcessExpired  # not before the first text, so that the site starts faster

        pool = self._open_pool()
        waiting = [(text, pool.schedule(make, args=[text], timeout=SECONDS_EACH)) for text in texts]
        for text, future in waiting:
            try:
                outcome = future.result()
            except (FutureTimeout, ProcessExpired, MemoryError, RecursionError):
                message = "this takes too long to prepare; look for very long runs of [ or * or deeply nested lists"
                outcome = Outcome(None, "", (Problem(text.file, 1, message),))
            except Exception:
                _log.exception("%s could not be prepared", text.file)
                message = "this can’t be prepared because of a bug in the site; please report it and include the file"
                outcome = Outcome(None, "", (Problem(text.file, 1, message),))
            yield outcome

    def close(self) -> None:
        """End the processes. The next `prepare` starts new ones."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join()
                self._pool = None

    def _open_pool(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                from pebble import ProcessPool

                # "spawn" everywhere: a fork would copy locks held by the server's threads, and its database connections.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(max_workers=self._processes, initializer=_limit, context=context)
            return self._pool
