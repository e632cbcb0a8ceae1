"""The counters against guessing: in memory, or one for all nodes in a real Redis."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.processes import free_port
from tests.support.redis_server import PASSWORD, RedisServer, redis_server
from wellness.config import read_settings
from wellness.errors import Misconfigured, TooMany
from wellness.web.http.rate_limits import WRONG_CODES, WRONG_SIGN_INS, count, refuse_beyond, register_limits

ADDRESS, OTHER = "203.0.113.9", "203.0.113.10"
MOST = WRONG_CODES.amount


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def counted(redis: RedisServer) -> RedisServer:
    """A Redis without a count."""
    redis.stop()
    redis.start()
    return redis


def node(url: str = "memory://", key: str = "k" * 32) -> Flask:
    app = Flask(__name__)
    app.secret_key = key
    register_limits(app, read_settings({"RATE_LIMIT_URL": url}))
    return app


def tries(app: Flask, address: str = ADDRESS, *, most: int = 100) -> int:
    """How often a network may try on this node until it is refused."""
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        for number in range(most):
            try:
                refuse_beyond(WRONG_CODES, "class code")
            except TooMany as error:
                assert error.retry_after == 60
                return number
            count(WRONG_CODES, "class code")
    return most


def test_a_network_that_guesses_is_refused_and_no_other() -> None:
    app = node()
    assert tries(app) == MOST
    assert tries(app) == 0
    assert tries(app, OTHER, most=5) == 5
    with app.test_request_context(environ_base={"REMOTE_ADDR": ADDRESS}):
        refuse_beyond(WRONG_SIGN_INS, "sign-in")


def test_without_redis_each_node_counts_for_itself() -> None:
    assert [tries(node()), tries(node())] == [MOST, MOST]


def test_with_redis_the_nodes_count_together(counted: RedisServer) -> None:
    first, second = node(counted.url), node(counted.url)
    assert tries(first, most=15) == 15
    assert tries(second) == MOST - 15
    assert tries(first) == 0
    assert tries(second, OTHER, most=5) == 5


def test_no_address_is_in_redis_nor_what_leads_to_it_without_the_key(counted: RedisServer) -> None:
    tries(node(counted.url), most=1)
    tries(node(counted.url, key="x" * 32), most=1)
    keys = counted.list_keys()
    assert len(keys) == 2
    assert not any(ADDRESS in key for key in keys)


def test_while_redis_is_away_each_node_counts_for_itself_and_nobody_waits(
    counted: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    app = node(counted.url)
    assert tries(app, most=15) == 15
    counted.stop()
    began = time.monotonic()
    assert tries(app) == MOST
    assert time.monotonic() - began < 15
    assert "this node counts for itself" in caplog.text
    assert not any(secret in caplog.text for secret in (PASSWORD, ADDRESS))
    counted.start()
    assert tries(app) == MOST
    assert tries(node(counted.url)) == 0


WRONG = {
    "another host": ("redis://:{secret}@127.0.0.1:{port}/0", "isn't responding. Start it, or fix RATE_LIMIT_URL"),
    "a port that is none": ("redis://:{secret}@127.0.0.1:six/0", "Write it like redis://HOST:6379/0"),
}


@pytest.mark.parametrize(("url", "said"), WRONG.values(), ids=WRONG)
def test_a_redis_that_cannot_be_used_stops_the_start_without_its_password(
    url: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Misconfigured, match=said) as refused:
        node(url.format(secret=PASSWORD, port=free_port()))
    assert PASSWORD not in refused.value.message + caplog.text


def test_a_wrong_password_of_redis_stops_the_start(redis: RedisServer) -> None:
    with pytest.raises(Misconfigured, match="isn't responding") as refused:
        node(redis.url.replace(PASSWORD, "another"))
    assert "another" not in refused.value.message


def test_without_the_package_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("redis", "redis.backoff", "redis.retry"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Misconfigured, match=r"pip install 'wellness\[redis\]"):
        node("redis://127.0.0.1/0")


@pytest.mark.parametrize("url", ["memcached://h", "redis://", "memory://x", "h:6379", "mongodb://h"])
def test_an_address_of_something_else_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="RATE_LIMIT_URL must be memory://"):
        read_settings({"WELLNESS_HOME": str(tmp_path), "RATE_LIMIT_URL": url})
