"""Limits on guessing. Counters live in memory or in Redis (`RATE_LIMIT_URL`), keyed by a network address that is never
written down; what must survive a restart (wrong passwords) is in the records instead."""

from __future__ import annotations

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from ..config import Settings
from ..errors import TooMany

WRONG_CODES = parse("20 per minute")
"""Wrong class codes of one network. Right codes are not counted: a whole school shares one address.

A code has 8 of 31 signs, 39.6 bits. With 2,000 live codes, 20 guesses a minute for a day (28,800 tries) find one with a
chance of 28,800 × 2,000 / 31^8 = 6.8e-5.
"""

SIGN_INS = parse("60 per minute")
"""Sign-in attempts of one network; each account has its own, slower limit in the records."""


def register_limits(app: Flask, settings: Settings) -> None:
    """Give `app` its counters."""
    app.extensions["wellness-limits"] = FixedWindowRateLimiter(storage_from_string(settings.rate_limit_url))


def refuse_beyond(limit: RateLimitItem, purpose: str) -> None:
    """Raise TooMany when this network has used up `limit` for `purpose`."""
    if not _counters().test(limit, purpose, _network()):
        raise TooMany("Too many tries from this network. Please wait a minute and try again.", retry_after=60)


def count(limit: RateLimitItem, purpose: str) -> None:
    """Count one try of this network."""
    _counters().hit(limit, purpose, _network())


def _network() -> str:
    return request.remote_addr or "127.0.0.1"


def _counters() -> FixedWindowRateLimiter:
    counters: FixedWindowRateLimiter = current_app.extensions["wellness-limits"]
    return counters
