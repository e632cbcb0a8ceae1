"""Clients that are slow on purpose, in a process of their own: video readers, and browsers that never finish asking.

python -m bench.slow_clients KIND PORT CERTIFICATE COUNT PATH

It says `ready` when all of them are under way, goes on until its standard input ends, and then says how many were still held.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.served import Served

KINDS = ("videos", "headers", "bodies")
BYTES_PER_SECOND = 100_000 // 8
PAUSE = 1.0
"""Seconds between two bytes of what a slow browser sends."""


class Slow:
    """One slow client. `alive` until the server hangs up."""

    def __init__(self, kind: str, path: str) -> None:
        self._kind, self._path = kind, path
        self.begun = self.alive = False

    async def run(self, port: int, tls: ssl.SSLContext | None) -> None:
        """Until the server hangs up or the program ends."""
        try:
            reader, writer = await asyncio.open_connection(
                sock=await _connected(port), ssl=tls, server_hostname="127.0.0.1" if tls else None, limit=4096
            )
            self.alive = True
            if self._kind == "videos":
                await self._read(reader, writer)
            else:
                await self._drip(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            self.begun, self.alive = True, False

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        while await reader.read(BYTES_PER_SECOND // 8):
            self.begun = True
            await asyncio.sleep(1 / 8)

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        writer.write((head + ("X-Slow: " if self._kind == "headers" else "Content-Length: 9000\r\n\r\n")).encode())
        gone = asyncio.ensure_future(reader.read(1))
        while not gone.done():
            writer.write(b"a")
            self.begun = True
            await asyncio.wait([gone], timeout=PAUSE)


async def _connected(port: int) -> socket.socket:
    """With a small window, so that the server has to wait with the rest as it would for a slow line."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    return made


async def _main(kind: str, port: str, trusted: str, count: str, path: str) -> None:
    tls = Served(0, 0, None, trusted).tls()  # type: ignore[arg-type]
    clients = [Slow(kind, path) for _ in range(int(count))]
    tasks = [asyncio.ensure_future(one.run(int(port), tls)) for one in clients]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while not all(one.begun for one in clients):
                await asyncio.sleep(0.05)
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(sum(one.alive for one in clients), flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def slow_clients(kind: str, served: Served, count: int, path: str) -> Iterator[list[int]]:
    """That many of them until the block ends; then the list holds how many the server still had."""
    command = [sys.executable, "-m", "bench.slow_clients", kind, str(served.port), served.trusted, str(count), path]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    held: list[int] = []
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield held
    finally:
        said, _ = process.communicate()
        held.append(int(said.split()[0]))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
