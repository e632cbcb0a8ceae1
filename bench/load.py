"""A load on kept connections: the same requests again and again, each answer read whole and looked at."""

from __future__ import annotations

import socket
import ssl
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.served import Served
from bench.tables import percentile

CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as bytes, or what makes the next one, and the status it must be answered with."""

    name: str
    sent: bytes | Callable[[], bytes]
    status: int = 200

    def next(self) -> bytes:
        """The bytes of the next request."""
        return self.sent if isinstance(self.sent, bytes) else self.sent()


@dataclass(slots=True)
class Answered:
    """What a round of one request took: seconds each, CPU seconds of the server for all."""

    seconds: list[float]
    cpu: float = 0.0

    @property
    def micros(self) -> float:
        """Server CPU per request, in millionths of a second."""
        return self.cpu / max(1, len(self.seconds)) * 1e6

    @property
    def p50(self) -> float:
        """Median, in milliseconds."""
        return statistics.median(self.seconds) * 1000

    @property
    def p99(self) -> float:
        """99th percentile, in milliseconds."""
        return percentile(self.seconds, 99) * 1000


def request(path: str, *, method: str = "GET", headers: Sequence[str] = (), body: str = "") -> bytes:
    """A request of HTTP/1.1 as a browser's, with gzip taken."""
    form = (f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded") if body else ()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept-Encoding: gzip",
        "Accept-Language: en",
        *headers,
        *form,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Connection:
    """One connection that is kept."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._port, self._tls = port, tls
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            self._socket = self._tls.wrap_socket(self._socket)
        self._left = b""

    def ask(self, asked: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        self._socket.sendall(asked)
        data = self._left
        while b"\r\n\r\n" not in data:
            data += self._receive()
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0 if status in (204, 304) else _length(head)
        while len(rest) < length:
            rest += self._receive()
        self._left = rest[length:]
        if b"connection: close" in head.lower():
            self._socket.close()
            self._open()
        return status, head, rest[:length]

    def _receive(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without its length")


def run(served: Served, asked: Asked, times: int, connections: int = CONNECTIONS) -> Answered:
    """Ask so many times over a few connections at once. Raises RuntimeError for another status than the one named."""
    taken: list[list[float]] = [[] for _ in range(connections)]
    wrong: list[object] = []

    def work(own: list[float]) -> None:
        connection = Connection(served.port, tls)
        try:
            for _ in range(times // connections):
                begun = time.perf_counter()
                status, _, _ = connection.ask(asked.next())
                own.append(time.perf_counter() - begun)
                if status != asked.status:
                    wrong.append(status)
                    return
        except OSError as error:
            wrong.append(error)
        finally:
            connection.close()

    tls = served.tls()
    before = served.cpu_seconds()
    threads = [threading.Thread(target=work, args=(own,)) for own in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{asked.name} was answered with {wrong[0]}")
    return Answered([one for own in taken for one in own], served.cpu_seconds() - before)
