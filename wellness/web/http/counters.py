"""Where tries are counted: in memory, or in Redis (`RATE_LIMIT_URL`), which all nodes share.

When Redis does not answer, each node counts for itself until it does: guessing stays slow and nobody is kept out.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from ...errors import Misconfigured
from .rate_limits import Limit

_log = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5
"""How long Redis may take: a person who signs in waits for it."""


class Counters:
    """Counts tries, in the common store or, while that does not answer, here."""

    def __init__(self, store: Storage) -> None:
        self._common = FixedWindowRateLimiter(store)
        self._own = FixedWindowRateLimiter(MemoryStorage())

    def has_room(self, limit: Limit, *key: str) -> bool:
        """Whether one more try is within the limit."""
        try:
            return self._common.test(_item(limit), *key)
        except StorageError as error:
            self._note(error)
            return self._own.test(_item(limit), *key)

    def count(self, limit: Limit, *key: str) -> None:
        """Count one try."""
        try:
            self._common.hit(_item(limit), *key)
        except StorageError as error:
            self._note(error)
            self._own.hit(_item(limit), *key)

    def _note(self, error: StorageError) -> None:
        _log.warning(
            "RATE_LIMIT_URL does not answer (%s); this node counts for itself", type(error.storage_error).__name__
        )


def open_counters(url: str) -> Counters:
    """The counters at `url`. Raises Misconfigured when Redis is wanted and cannot be used."""
    options = {} if url == "memory://" else _redis_options()
    try:
        store = storage_from_string(url, **options)
    except (ConfigurationError, ValueError) as error:
        raise Misconfigured("RATE_LIMIT_URL isn't a Redis address. Write it like redis://HOST:6379/0.") from error
    if not isinstance(store, Storage) or not store.check():
        raise Misconfigured("The Redis server at RATE_LIMIT_URL isn't responding. Start it, or fix RATE_LIMIT_URL.")
    return Counters(store)


@cache
def _item(limit: Limit) -> RateLimitItem:
    return RateLimitItemPerSecond(limit.amount, limit.seconds)


def _redis_options() -> dict[str, Any]:
    try:
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise Misconfigured(
            "RATE_LIMIT_URL names Redis, but redis isn't installed. Run: pip install 'wellness[redis]'."
        ) from error
    # Tried once more, because a connection may be from before a restart of Redis; never after a pause.
    waits = {"socket_connect_timeout": ANSWER_SECONDS, "socket_timeout": ANSWER_SECONDS, "retry": Retry(NoBackoff(), 1)}
    return {"wrap_exceptions": True, **waits}
