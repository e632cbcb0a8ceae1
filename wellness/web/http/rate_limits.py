"""Limits on guessing, for each network that asks. Its address is never written down: the counters know it by a fingerprint
that nobody without the secret key can undo. What must survive a restart (wrong passwords) is in the records instead.

Tries are counted in memory, or in Redis (`RATE_LIMIT_URL`), which all nodes share. When Redis does not answer, each node
counts for itself until it does: guessing stays slow and nobody is locked out.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import threading
import time
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import ConfigurationError, StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from ...config import Settings
from ...domain import Person
from ...errors import Misconfigured, TooMany
from ...policy import DoorHolder
from ..request import site

_log = logging.getLogger(__name__)

ANSWER_SECONDS = 0.5
"""How long Redis may take: a person who signs in waits for it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in so many seconds."""

    amount: int
    seconds: int = 60


WRONG_CODES = Limit(20)
"""Wrong codes of one network before it is told to wait. Right codes still open: a whole school shares one address."""

USED_LATELY = Limit(1, seconds=8 * 24 * 60 * 60)
"""How long a network's right code is remembered as its own: from one Friday to the next."""

WRONG_SIGN_INS = Limit(60)
"""Wrong sign-ins of one network; each account has its own, slower limit in the records. Right ones are not counted, and
still let in: on a Friday at eight a whole district signs in through one address."""

SLOWLY = Limit(5, seconds=1)
"""Tries of a network that has used up a limit of wrong ones, right or wrong.

A right secret is never refused because of other people's wrong ones, so guessing has to be slow instead. At five tries a
second, a day (432,000 tries) finds one of 2,000 live class codes of 10 of 31 characters with a chance of
432,000 × 2,000 / 31^10 = 1.1e-6, and one of 8 characters, as cards had before, with 1.0e-3.
"""

PRESS_SECONDS = 10

QUEUE_SECONDS = 2.5
"""How long a try waits for its turn before it is refused."""

_places = threading.BoundedSemaphore(2)
"""Who waits occupies a thread of the server; two of eight are left to them."""


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

    def count(self, limit: Limit, *key: str) -> bool:
        """Count one try. Returns whether it is within the limit."""
        try:
            return self._common.hit(_item(limit), *key)
        except StorageError as error:
            self._note(error)
            return self._own.hit(_item(limit), *key)

    def _note(self, error: StorageError) -> None:
        _log.warning(
            "RATE_LIMIT_URL does not answer (%s); this node counts for itself", type(error.storage_error).__name__
        )


def register_limits(app: Flask, settings: Settings) -> None:
    """Give `app` its counters. Raises Misconfigured when Redis is wanted and cannot be used."""
    app.extensions["wellness-counters"] = open_counters(settings.rate_limit_url)


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


def refuse_beyond(limit: Limit, purpose: str) -> None:
    """Raise TooMany when this network has used up `limit` for `purpose`."""
    if is_beyond(limit, purpose):
        raise too_many()


def slow_down(limit: Limit, purpose: str) -> None:
    """Let a network that has used up `limit` try slowly: wait for its turn. Raises TooMany when too many wait."""
    if not is_beyond(limit, purpose):
        return
    if is_beyond(SLOWLY, purpose):
        _wait_for_turn(purpose)
    count(SLOWLY, purpose)


def _wait_for_turn(purpose: str) -> None:
    if not _places.acquire(blocking=False):
        raise too_many()
    try:
        end = time.monotonic() + QUEUE_SECONDS
        while is_beyond(SLOWLY, purpose):
            if time.monotonic() > end:
                raise too_many()
            time.sleep(0.1)
    finally:
        _places.release()


def is_beyond(limit: Limit, purpose: str) -> bool:
    """Whether this network has used up `limit` for `purpose`."""
    return not _counters().has_room(limit, purpose, _fingerprint(network()))


def too_many() -> TooMany:
    """The refusal for a network that has used up a limit."""
    return TooMany("Too many tries from this network. Please wait a minute and try again.", retry_after=60)


def count(limit: Limit, purpose: str) -> None:
    """Count one try of this network."""
    _counters().count(limit, purpose, _fingerprint(network()))


def count_press(who: Person | DoorHolder) -> None:
    """Count a press of this person, or with this class's door card. Raises TooMany beyond what a hand can do.

    A phone with a photographed card, or a stolen sign-in, could else keep the records busy for everybody.
    """
    most = site().settings.presses
    if isinstance(who, DoorHolder):
        key, limit = who.classroom_id, Limit(most // 10, PRESS_SECONDS)
    else:
        key, limit = who.id, Limit(most, PRESS_SECONDS)
    if not _counters().count(limit, "press", _fingerprint(key)):
        raise TooMany("That was too much at once. Nothing was saved.", retry_after=PRESS_SECONDS)


def network() -> str:
    """The network that asks. Of an IPv6 address the first 64 bits: every single device there has all the others."""
    address_text = request.remote_addr or "127.0.0.1"
    try:
        address = ip_address(address_text.partition("%")[0])
    except ValueError:
        return address_text
    if not isinstance(address, IPv6Address):
        return address_text
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def is_first(limit: Limit, purpose: str) -> bool:
    """Count one try of this network, and return whether it is within the limit."""
    return _counters().count(limit, purpose, _fingerprint(network()))


def note_used(code: str) -> bool:
    """Remember that this network holds the card of this right code, without keeping either.

    Returns whether it is the first time in eight days.
    """
    return _counters().count(USED_LATELY, _fingerprint(f"{network()} {code}"))


def is_used_here(code: str) -> bool:
    """Whether this network has used this right code lately."""
    return not _counters().has_room(USED_LATELY, _fingerprint(f"{network()} {code}"))


def _fingerprint(text: str) -> str:
    """A digest that is the same on every node and does not reveal what it was made from."""
    return hmac.digest(str(current_app.secret_key).encode(), text.encode(), hashlib.sha256).hex()[:32]


def _counters() -> Counters:
    counters: Counters = current_app.extensions["wellness-counters"]
    return counters
