"""Attacks leave a trace: one line in the log for each sign-in, refusal and limit, without addresses, emails or codes.

A network is known by a keyed fingerprint that changes every day: lines of one day can be told apart, and nobody learns
from the log who was there. Requirements: ASVS 5.0, 16.3.1 to 16.3.3.
"""

from __future__ import annotations

import hmac
import logging
from enum import StrEnum

from flask import current_app, request

from ..request import now
from .rate_limits import Limit, is_first, network

_log = logging.getLogger("wellness.security")

ONCE_A_MINUTE = Limit(1)


class Event(StrEnum):
    """What is written down."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - words of the log # nosec B105
    ACCOUNT_WAITS = "account waits"
    LIMIT_REACHED = "limit reached"
    FROM_ANOTHER_SITE = "refused, from another site"
    NO_RIGHT = "refused, no right"
    CARD_FIRST_USED = "card first used on a network"
    UPLOAD_REFUSED = "upload refused"
    """By the server, before there is a request."""


def note_event(event: Event, **facts: str | bool) -> None:
    """Write one line about the request that is being answered."""
    where = {"network": _todays_name(network()), "endpoint": request.endpoint or "unknown"}
    _log.info(event.value, extra={"facts": where | facts})


def note_upload_refused() -> None:
    """Write one line about a large body that was refused at its head."""
    _log.info(Event.UPLOAD_REFUSED.value)


def note_limit(limit: str) -> None:
    """Write one line a minute that this network has reached a limit."""
    if is_first(ONCE_A_MINUTE, f"noted {limit}"):
        note_event(Event.LIMIT_REACHED, limit=limit)


def _todays_name(address: str) -> str:
    secret = str(current_app.secret_key).encode()
    return hmac.digest(secret, f"{now().date()} {address}".encode(), "sha256").hex()[:12]
