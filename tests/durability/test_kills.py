"""What the site said is saved is there once, however the server ends: real servers, really killed, on real disks."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.support.callers import Caller, Friday, make_busy_instance, served, some, start_server

ROUNDS = 3
"""`tests.durability.soak` does 200."""


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    home = tmp_path / "home"
    friday = Friday(home, make_busy_instance(home))
    for number in range(ROUNDS):
        server = start_server(home)
        friday.run_until_killed(server, after=some(number, 20, 60))
        server.stop()
    assert friday.saved.refused == []
    assert friday.saved.count >= 60
    assert friday.find_faults() == []


ROUNDS = 6
"""Twice as many presses of a class are fewer than the answers there are, so that none is the same as the one before."""


def test_two_servers_on_one_file_lose_and_double_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    codes = make_busy_instance(home)
    friday = Friday(home, codes)
    with served(home) as first, served(home) as second:

        def call(port: int, code: str, what: str) -> None:
            caller = Caller(port)
            caller.enter(code)
            for _ in range(ROUNDS):
                friday.call_once(caller, code, what)
            caller.close()

        threads = [
            threading.Thread(target=call, args=(server.port, code, what))
            for server in (first, second)
            for code in codes
            for what in ("press", "beam")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert friday.saved.refused == []
    assert friday.saved.count == 2 * len(codes) * 2 * ROUNDS
    assert friday.find_faults() == []
