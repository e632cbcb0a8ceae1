"""Beacons: a page reports which seconds of a practice or video ran, and they become coverage of a viewing."""

from __future__ import annotations

import re
from datetime import date, timedelta

from flask import Response, request

from ...domain import MAX_MEDIA_SECONDS, Classroom
from ...errors import Invalid, TooMany
from ...school import presenting
from ..forms import read_number
from ..request import now, site, today
from .outcomes import shown_for

BEACON_DAYS = 7
"""Days a beacon may be late: the page stores it while it is offline and sends it later."""

_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
_PART = re.compile(r"[a-z0-9-]{1,40}")
MAX_RANGES = 200


def receive_beacon(classroom: Classroom, slug: str) -> Response:
    """Store the seconds of a beacon and answer 204. Idempotent. Raises Invalid or TooMany for a malformed beacon."""
    form = request.form
    try:
        on_day = date.fromisoformat(form.get("on_day", ""))
    except ValueError as error:
        raise Invalid("We couldn’t read that. Nothing was saved.") from error
    duration = read_number(form.get("duration", "")) or 0
    part, ranges = form.get("part", ""), _read_ranges(form.get("ranges", ""))
    if not _PART.fullmatch(part) or not 0 < duration <= MAX_MEDIA_SECONDS:
        raise Invalid("We couldn’t read that. Nothing was saved.")
    if not today() - timedelta(days=BEACON_DAYS) <= on_day <= today():
        raise Invalid("That day is too long ago or in the future. Nothing was saved.")
    presenting.note_ran(
        site().records, classroom, shown_for(slug), on_day, part=part, duration=duration, ranges=ranges, at=now()
    )
    return Response(status=204)


def _read_ranges(text: str) -> list[tuple[int, int]]:
    pieces = [piece for piece in text.split(",") if piece]
    if len(pieces) > MAX_RANGES:
        raise TooMany("That was too much at once. Nothing was saved.", retry_after=60)
    matches = [_RANGE.fullmatch(piece) for piece in pieces]
    if not all(matches):
        raise Invalid("We couldn’t read that. Nothing was saved.")
    return [(int(match.group(1)), int(match.group(2))) for match in matches if match]
