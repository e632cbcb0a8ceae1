"""A real Redis for the tests, on a port of loopback, that keeps nothing and is gone when the process that needs it is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NoRedis

from tests.support.processes import free_port, wait_until

FINDER = Path(__file__).parents[2] / "scripts" / "find-redis"
PASSWORD = "a-password-of-redis"

KEEPER = """
"$1" --port "$2" --bind 127.0.0.1 --requirepass "$3" --save "" --appendonly no > /dev/null &
cat > /dev/null
kill $!
wait
"""
"""Keeps the server until its standard input ends, which it does however this process ends."""


class RedisServer:
    """A Redis that can be stopped and started."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._lives = ExitStack()
        self._program = subprocess.run([FINDER], check=True, capture_output=True, text=True).stdout.strip()

    def start(self) -> None:
        """Start it, empty, and return when it answers."""
        command = ["/bin/sh", "-c", KEEPER, "sh", self._program, str(self.port), PASSWORD]
        keeper = subprocess.Popen(command, stdin=subprocess.PIPE, cwd="/", start_new_session=True)
        self._lives.callback(keeper.communicate)
        wait_until(self._answers)

    def stop(self) -> None:
        """End it."""
        self._lives.close()

    def list_keys(self) -> list[str]:
        """The name of everything in it."""
        with Redis.from_url(self.url) as client:
            return [key.decode() for key in client.scan_iter()]

    def _answers(self) -> bool:
        with Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except NoRedis:
                return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A Redis until the block ends."""
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
