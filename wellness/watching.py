"""Watching many connections at once: the server looks only at those for which something may have changed.

waitress asks each open connection, before each wait, whether it wants to read or write. Of 2,000 browsers that keep their
connections open nearly all want nothing new, and asking them took more of a request's time than answering it: a Friday of 2,000
classes was answered more slowly the more of them waited. Where the system has epoll it remembers what was asked.
"""

from __future__ import annotations

import select
import time
from collections import deque
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer

Connections = dict[int, Any]
"""What waitress calls its map: who reads and writes at an open file's number."""


def use_epoll(server: Any) -> None:
    """Let a server of waitress wait like this, where the system has epoll; elsewhere it waits in its own way."""
    if hasattr(select, "epoll"):
        server.asyncore = EpollLoop(server.map if isinstance(server, MultiSocketServer) else server._map)


class EpollLoop:
    """The loop of one server, in place of waitress's own. Everything waitress decides is asked of its objects as it asks.

    A connection changes its mind when something arrives or was sent, or while one of the server's threads answers its
    request. Once in `timeout` seconds all are asked, as waitress itself would at the latest: it closes silent ones so.
    """

    def __init__(self, connections: Connections) -> None:
        """Watch what is in `connections`; what is added to it later comes by itself."""
        self._connections = connections
        self._poll = select.epoll()
        self._asked: dict[int, int] = {}
        self._changed: deque[Any] = deque()
        self._answering: set[Any] = set()
        for server in [one for one in connections.values() if isinstance(one, BaseWSGIServer)]:
            server.channel_class = type("WatchedChannel", (_WatchedChannel,), {"watch": self})

    def loop(self, timeout: float, map: Connections, use_poll: bool) -> None:
        """Serve until nothing is left to serve, or an exception ends it. The arguments are those of waitress."""
        all_asked = 0.0
        with self._poll:
            while map:
                if time.monotonic() - all_asked >= timeout:
                    self._changed.extend(map.values())
                    all_asked = time.monotonic()
                self._ask_those_that_changed()
                for number, events in self._poll.poll(timeout):
                    found = map.get(number)
                    if found is not None:
                        wasyncore.readwrite(found, events)
                        self._changed.append(found)

    def note(self, changed: Any) -> None:
        """It may want something else than before."""
        self._changed.append(changed)

    def begin(self, channel: Any) -> None:
        """A thread answers its request now, so it may change at any time."""
        self._answering.add(channel)

    def end(self, channel: Any) -> None:
        """The thread is done with it. Noted before it is let go: the loop may have woken up in between."""
        self._changed.append(channel)
        self._answering.discard(channel)

    def forget(self, number: int | None) -> None:
        """This number is about to be closed; the next connection may get it."""
        if number is not None and self._asked.pop(number, 0):
            with suppress(OSError, ValueError):  # the loop may have ended
                self._poll.unregister(number)

    def _ask_those_that_changed(self) -> None:
        for channel in list(self._answering):
            self._ask(channel)
        for _ in range(len(self._changed)):
            self._ask(self._changed.popleft())

    def _ask(self, one: Any) -> None:
        number = one._fileno
        if number not in self._connections or self._connections[number] is not one:
            return  # closed meanwhile
        wanted = (select.EPOLLIN | select.EPOLLPRI) if one.readable() else 0
        if one.writable() and not one.accepting:
            wanted |= select.EPOLLOUT
        before = self._asked.get(number, 0)
        if wanted == before:
            return
        try:
            if not wanted:  # else the system would tell again and again that the other side has gone
                self._poll.unregister(number)
            elif before:
                self._poll.modify(number, wanted)
            else:
                self._poll.register(number, wanted)
        except OSError:  # a thread of the server closes it in this moment
            self._asked.pop(number, None)
        else:
            self._asked[number] = wanted


class _WatchedChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that tells its watch when it may want something else."""

    watch: EpollLoop

    def add_channel(self, map: Connections | None = None) -> None:
        """It is open."""
        super().add_channel(map)
        self.watch.note(self)

    def del_channel(self, map: Connections | None = None) -> None:
        """It is about to be closed."""
        self.watch.forget(self._fileno)
        super().del_channel(map)

    def service(self) -> None:
        """Answer its request, in a thread of the server."""
        self.watch.begin(self)
        try:
            super().service()
        finally:
            self.watch.end(self)
