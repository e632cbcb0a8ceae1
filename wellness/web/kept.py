"""The bytes of pages that were made, kept for who asks next."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from enum import Enum, auto

MOST_BYTES = 32 * 1024 * 1024
"""What the kept pages may take together. A library of 1,000 sessions in two languages needs most of it."""

Address = tuple[str, str, str, str, str]
"""Where a page is: scheme, host, mount, path and query, each as the server was given it."""

Reader = tuple[str, str]
"""For whom a page is: the reader's own language, and the role of who is signed in, or nothing."""

Headers = list[tuple[str, str]]


class Way(Enum):
    """The ways in which a kept page is answered."""

    PACKED = auto()
    PLAIN = auto()
    UNCHANGED = auto()
    OWN_COOKIE = auto()
    """To a browser with our cookie in which nobody is signed in."""
    SIGNED_IN = auto()

    @property
    def status(self) -> str:
        """The status of such an answer, as Flask writes it."""
        return "304 NOT MODIFIED" if self is Way.UNCHANGED else "200 OK"


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as bytes. `until` is when it has to be made again whatever happens, by the clock that only goes forward.

    `heads` are the headers that were sent with it, by the way of answering: `web/front.py` sends the same again.
    """

    body: bytes
    packed: bytes
    etag: str
    until: float
    heads: dict[Way, Headers] = field(default_factory=dict, compare=False)

    @property
    def size(self) -> int:
        """Bytes it takes."""
        return len(self.body) + len(self.packed)


class KeptPages:
    """The kept pages of one process: the ones not asked for longest are forgotten first. Safe between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._pages: OrderedDict[tuple[Address, Reader], KeptPage] = OrderedDict()
        self._readers: Counter[Address] = Counter()
        self._mark: Hashable = None
        self._bytes = 0
        self._lock = threading.Lock()

    def knows(self, address: Address) -> bool:
        """Whether a page is kept for anybody at this address. Quick, and may be over at once."""
        return address in self._readers

    def find(self, mark: Hashable, address: Address, reader: Reader) -> KeptPage | None:
        """The page, unless it was made from something else than what `mark` names, or its time is over."""
        with self._lock:
            if mark != self._mark:
                self._forget()
                self._mark = mark
            page = self._pages.get((address, reader))
            if page is None or page.until < time.monotonic():
                return None
            self._pages.move_to_end((address, reader))
            return page

    def forget(self) -> None:
        """Make every page again: somebody here changed the plan and looks what became of it."""
        with self._lock:
            self._forget()

    def keep(self, mark: Hashable, address: Address, reader: Reader, page: KeptPage) -> None:
        """Keep the page, unless what it was made from has changed meanwhile."""
        with self._lock:
            if mark != self._mark or page.size > self._most:
                return
            if (address, reader) in self._pages:
                self._drop((address, reader))
            self._bytes += page.size
            self._pages[address, reader] = page
            self._readers[address] += 1
            while self._bytes > self._most:
                self._drop(next(iter(self._pages)))

    def _drop(self, key: tuple[Address, Reader]) -> None:
        self._bytes -= self._pages.pop(key).size
        self._readers[key[0]] -= 1
        if not self._readers[key[0]]:
            del self._readers[key[0]]

    def _forget(self) -> None:
        self._pages.clear()
        self._readers.clear()
        self._bytes = 0
