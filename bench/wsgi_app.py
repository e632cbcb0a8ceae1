"""The site for servers that ask for a WSGI application; its settings are those of the environment. For measuring only."""

from __future__ import annotations

from datetime import UTC, datetime

from wellness.app import create_app
from wellness.config import read_settings
from wellness.publishing.sync import sync

app = create_app(read_settings())
_here = app.extensions["wellness"]
sync(_here, datetime.now(UTC))
