"""Serves an instance as `wellness serve` does, on the Friday of this week: a door card works on no other day.

Measuring and its test run on any day of the week, at any hour.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from wellness.app import create_app
from wellness.config import read_settings
from wellness.server import serve

COMMAND = [sys.executable, "-m", "bench.on_friday"]

_STARTED_AT = datetime.now(UTC)
_FRIDAY = (_STARTED_AT + timedelta(days=4 - _STARTED_AT.weekday())).replace(hour=15, minute=0)
"""Late morning in every time zone of the United States."""


def now() -> datetime:
    """The time of the site: it starts on Friday and goes on."""
    return _FRIDAY + (datetime.now(UTC) - _STARTED_AT)


def main() -> None:
    """Serve until terminated."""
    settings = read_settings()
    app = create_app(settings, clock=now)
    app.extensions["wellness"].catalogue.refresh()
    serve(app, settings, lambda: print(settings.address, flush=True))


if __name__ == "__main__":
    main()
