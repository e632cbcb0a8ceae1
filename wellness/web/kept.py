"""The bytes of pages that were made, kept for who asks next."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

MOST_BYTES = 32 * 1024 * 1024
"""What the kept pages may take together. A library of 1,000 sessions in two languages needs most of it."""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as bytes. `until` is when it has to be made again whatever happens, by the clock that only goes forward."""

    body: bytes
    packed: bytes
    etag: str
    until: float

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return len(self.body) + len(self.packed)


class KeptPages:
    """The kept pages of one process: the ones not asked for longest are forgotten first. Safe between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._mark: Hashable = None
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, mark: Hashable, key: Hashable) -> KeptPage | None:
        """The page, unless it was made from something else than what `mark` names, or its time is over."""
        with self._lock:
            if mark != self._mark:
                self._pages.clear()
                self._mark, self._bytes = mark, 0
            page = self._pages.get(key)
            if page is None or page.until < time.monotonic():
                return None
            self._pages.move_to_end(key)
            return page

    def forget(self) -> None:
        """Make every page again: somebody here changed the plan and looks what became of it."""
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def keep(self, mark: Hashable, key: Hashable, page: KeptPage) -> None:
        """Keep the page, unless what it was made from has changed meanwhile."""
        with self._lock:
            if mark != self._mark or page.size > self._most:
                return
            before = self._pages.pop(key, None)
            self._bytes += page.size - (before.size if before else 0)
            self._pages[key] = page
            while self._bytes > self._most:
                self._bytes -= self._pages.popitem(last=False)[1].size
