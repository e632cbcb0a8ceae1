"""Limits on guessing. Counters live in memory or in Redis (`RATE_LIMIT_URL`, shared by all nodes), keyed by a fingerprint
of the network's address that nobody without the secret key can undo; what must survive a restart (wrong passwords) is in
the records instead.

When Redis does not answer, each node counts for itself until it does: guessing stays slow and nobody is kept out.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import Any

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from ..config import Settings
from ..errors import Misconfigured, TooMany

_log = logging.getLogger(__name__)

WRONG_CODES = parse("20 per minute")
"""Wrong class codes of one network. Right codes are not counted: a whole school shares one address.

A code has 8 of 31 signs, 39.6 bits. With 2,000 live codes, 20 guesses a minute for a day (28,800 tries) find one with a
chance of 28,800 × 2,000 / 31^8 = 6.8e-5.
"""

SIGN_INS = parse("60 per minute")
"""Sign-in attempts of one network; each account has its own, slower limit in the records."""

ANSWER_SECONDS = 0.5
"""How long Redis may take: a person who signs in waits for it."""


class Counters:
    """Counts tries, in the common store or, while that does not answer, here."""

    def __init__(self, limiter: Limiter) -> None:
        self._common = limiter.limiter
        self._own = FixedWindowRateLimiter(MemoryStorage())

    def has_room(self, limit: RateLimitItem, *key: str) -> bool:
        """Whether one more try is within the limit."""
        try:
            return bool(self._common.test(limit, *key))
        except StorageError as error:
            self._note(error)
            return self._own.test(limit, *key)

    def count(self, limit: RateLimitItem, *key: str) -> None:
        """Count one try."""
        try:
            self._common.hit(limit, *key)
        except StorageError as error:
            self._note(error)
            self._own.hit(limit, *key)

    def _note(self, error: StorageError) -> None:
        _log.warning(
            "RATE_LIMIT_URL does not answer (%s); this node counts for itself", type(error.storage_error).__name__
        )


def register_limits(app: Flask, settings: Settings) -> None:
    """Give `app` its counters. Raises Misconfigured when Redis is wanted and cannot be used."""
    url = settings.rate_limit_url
    options = {} if url == "memory://" else _redis_options()
    try:
        limiter = Limiter(
            get_remote_address, app=app, storage_uri=url, storage_options=options, strategy="fixed-window"
        )
    except (ConfigurationError, ValueError) as error:
        raise Misconfigured("RATE_LIMIT_URL names no Redis: it must be like redis://HOST:6379/0.") from error
    if limiter.storage is None or not limiter.storage.check():
        raise Misconfigured("The Redis that RATE_LIMIT_URL names does not answer: start it, or mend RATE_LIMIT_URL.")
    app.extensions["wellness-counters"] = Counters(limiter)


def _redis_options() -> dict[str, Any]:
    try:
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise Misconfigured(
            "RATE_LIMIT_URL names Redis, but the package redis is not installed: install wellness[redis]."
        ) from error
    # Tried once more, because a connection may be from before a restart of Redis; never after a pause.
    waits = {"socket_connect_timeout": ANSWER_SECONDS, "socket_timeout": ANSWER_SECONDS, "retry": Retry(NoBackoff(), 1)}
    return {"wrap_exceptions": True, **waits}


def refuse_beyond(limit: RateLimitItem, purpose: str) -> None:
    """Raise TooMany when this network has used up `limit` for `purpose`."""
    if not _counters().has_room(limit, purpose, _network()):
        raise TooMany("Too many tries from this network. Please wait a minute and try again.", retry_after=60)


def count(limit: RateLimitItem, purpose: str) -> None:
    """Count one try of this network."""
    _counters().count(limit, purpose, _network())


def _network() -> str:
    """The network that asks, in a form that is the same on every node and tells nobody the address."""
    key, address = str(current_app.secret_key).encode(), get_remote_address().encode()
    return hmac.digest(key, address, hashlib.sha256).hex()[:32]


def _counters() -> Counters:
    counters: Counters = current_app.extensions["wellness-counters"]
    return counters
