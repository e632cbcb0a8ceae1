"""Serves an instance as `wellness serve` does, with the clock set to a given instant: HOME PORT INSTANT."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

from wellness.app import create_app
from wellness.config import read_settings
from wellness.serving import serve


def main(home: str, port: str, instant: str) -> None:
    """Serve until terminated. Time goes on from `instant`."""
    starts_at, started_at = datetime.fromisoformat(instant), datetime.now(UTC)
    settings = read_settings({**os.environ, "WELLNESS_HOME": home, "WELLNESS_PORT": port})
    app = create_app(settings, clock=lambda: starts_at + (datetime.now(UTC) - started_at))
    app.extensions["wellness"].catalogue.refresh()
    serve(app, settings, lambda: print(settings.address, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
