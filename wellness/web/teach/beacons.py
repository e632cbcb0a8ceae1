"""Beacons: a page reports which seconds of a practice or video ran, and they become coverage of a viewing."""

from __future__ import annotations

import re
from datetime import date, timedelta

from flask import Response, request

from ...domain import Classroom, Language, week_of
from ...errors import Invalid, TooMany
from ...library.blocks.practice import Practice
from ...library.blocks.video import Video
from ...policy import DoorHolder
from ...school import presenting
from ..forms import read_number
from ..request import actor, now, site, today
from .outcomes import shown_for

BEACON_DAYS = 7
"""Days a beacon of staff may be late: the page stores it while it is offline and sends it later. With a door card only
days of this week count: what is older would change a week that is over."""

_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")
MAX_RANGES = 200


def receive_beacon(classroom: Classroom, slug: str) -> Response:
    """Store the seconds of a beacon and answer 204. Idempotent.

    Raises Invalid for a malformed beacon, a part that the session does not have, another length than the part's, or a
    day that is too long ago; TooMany for too many ranges.
    """
    form = request.form
    try:
        on_day = date.fromisoformat(form.get("on_day", ""))
    except ValueError as error:
        raise Invalid("We couldn’t read that. Nothing was saved.") from error
    part, ranges = form.get("part", ""), _read_ranges(form.get("ranges", ""))
    if not part:
        raise Invalid("We couldn’t read that. Nothing was saved.")
    shown = shown_for(slug)
    seconds = _find_seconds(slug, part)
    # The page rounds the length of a video, and what a page of an hour ago says may be one second off.
    if seconds is None or abs((read_number(form.get("duration", "")) or 0) - seconds) > 1:
        raise Invalid("We couldn’t read that. Nothing was saved.")
    first = week_of(today()) if isinstance(actor(), DoorHolder) else today() - timedelta(days=BEACON_DAYS)
    if not first <= on_day <= today():
        raise Invalid("That day is too long ago or in the future. Nothing was saved.")
    presenting.note_ran(site().records, classroom, shown, on_day, part=part, duration=seconds, ranges=ranges, at=now())
    return Response(status=204)


def _find_seconds(slug: str, part: str) -> int | None:
    """Return the length in seconds of the session's video or practice with this key, in any language; else None."""
    for language in Language:
        session = site().catalogue.find_session(slug, language)
        for one in (one for step in session.steps for one in step.parts) if session is not None else ():
            if isinstance(one.data, Practice) and one.data.key == part:
                return max(1, one.data.seconds)
            if isinstance(one.data, Video) and one.data.key == part:
                video = site().media.find_medium(one.data.name)
                return video.seconds if video is not None else None
    return None


def _read_ranges(text: str) -> list[tuple[int, int]]:
    pieces = [piece for piece in text.split(",") if piece]
    if len(pieces) > MAX_RANGES:
        raise TooMany("That was too much at once. Nothing was saved.", retry_after=60)
    matches = [_RANGE.fullmatch(piece) for piece in pieces]
    if not all(matches):
        raise Invalid("We couldn’t read that. Nothing was saved.")
    return [(int(match.group(1)), int(match.group(2))) for match in matches if match]
