"""Limits on guessing, for each network that asks. Its address is never written down: the counters know it by a fingerprint
that nobody without the secret key can undo. What must survive a restart (wrong passwords) is in the records instead.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from flask import Flask, current_app, request

from ...config import Settings
from ...errors import TooMany

if TYPE_CHECKING:
    from .counters import Counters


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in so many seconds."""

    amount: int
    seconds: int = 60


WRONG_CODES = Limit(20)
"""Wrong class codes of one network until it is told to wait. Right codes still open: a whole school shares one address."""

GUESSES = Limit(100)
"""Wrong class codes until also a right one waits, where this network has not used it lately.

Without it the limit above would only change the words of the refusal: who goes on guessing would still see which code is
right. A code has 8 of 31 signs, 39.6 bits. With 2,000 live codes, 100 guesses a minute for a day (144,000 tries) find
one with a chance of 144,000 × 2,000 / 31^8 = 3.4e-4.
"""

USED_LATELY = Limit(1, seconds=8 * 24 * 60 * 60)
"""How long a network's right code is remembered as its own: from one Friday to the next."""

WRONG_SIGN_INS = Limit(60)
"""Wrong sign-ins of one network; each account has its own, slower limit in the records. Right ones are not counted: on
a Friday at eight a whole district signs in through one address."""


def register_limits(app: Flask, settings: Settings) -> None:
    """Give `app` its counters. Raises Misconfigured when Redis is wanted and cannot be used.

    The library is imported with the first try that is counted: the site starts sooner.
    """

    @cache
    def counters() -> Counters:
        from .counters import open_counters

        return open_counters(settings.rate_limit_url)

    app.extensions["wellness-counters"] = counters
    if settings.rate_limit_url != "memory://":
        counters()  # what is wrong with the address is told at the start


def refuse_beyond(limit: Limit, purpose: str) -> None:
    """Raise TooMany when this network has used up `limit` for `purpose`."""
    if is_beyond(limit, purpose):
        raise too_many()


def is_beyond(limit: Limit, purpose: str) -> bool:
    """Whether this network has used up `limit` for `purpose`."""
    return not _counters().has_room(limit, purpose, _fingerprint(network()))


def too_many() -> TooMany:
    """What a network is told that has used up a limit."""
    return TooMany("Too many tries from this network. Please wait a minute and try again.", retry_after=60)


def count(limit: Limit, purpose: str) -> None:
    """Count one try of this network."""
    _counters().count(limit, purpose, _fingerprint(network()))


def network() -> str:
    """The network that asks. Of an IPv6 address the first 64 bits: every single device there has all the others."""
    told = request.remote_addr or "127.0.0.1"
    try:
        address = ip_address(told.partition("%")[0])
    except ValueError:
        return told
    if not isinstance(address, IPv6Address):
        return told
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def note_used(code: str) -> None:
    """Remember that this network holds the card of this right code, without keeping either."""
    _counters().count(USED_LATELY, _fingerprint(f"{network()} {code}"))


def is_used_here(code: str) -> bool:
    """Whether this network has used this right code lately."""
    return not _counters().has_room(USED_LATELY, _fingerprint(f"{network()} {code}"))


def _fingerprint(text: str) -> str:
    """The same on every node, and tells nobody what it was made from."""
    return hmac.digest(str(current_app.secret_key).encode(), text.encode(), hashlib.sha256).hex()[:32]


def _counters() -> Counters:
    counters: Counters = current_app.extensions["wellness-counters"]()
    return counters
