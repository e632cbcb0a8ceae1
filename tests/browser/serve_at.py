"""Serves an instance as `wellness serve` does, with the clock set to a given instant: HOME PORT INSTANT.

A test puts the clock forward by writing seconds into the instance's file `clock-forward`, so that nobody waits for a minute.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wellness.app import create_app
from wellness.config import read_settings
from wellness.server import serve

FORWARD = "clock-forward"


def main(home: str, port: str, instant: str) -> None:
    """Serve until terminated. Time goes on from `instant`."""
    starts_at, started_at = datetime.fromisoformat(instant), datetime.now(UTC)
    os.environ |= {"WELLNESS_HOME": home, "WELLNESS_PORT": port}  # for the processes it starts, too
    settings = read_settings()
    forward = Path(home) / FORWARD

    def clock() -> datetime:
        put = float(forward.read_text()) if forward.exists() else 0.0
        return starts_at + (datetime.now(UTC) - started_at) + timedelta(seconds=put)

    app = create_app(settings, clock=clock)
    app.extensions["wellness"].catalogue.refresh()
    serve(app, settings, lambda: print(settings.address, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
