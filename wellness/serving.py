"""Serving with waitress: real, on every system, and unmoved by slow readers when told to use poll."""

from __future__ import annotations

import logging
import select
import socket
from collections.abc import Callable
from copy import copy
from typing import Any

import waitress
from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from .config import Settings
from .errors import Misconfigured
from .web.uploads import LARGEST, UPLOAD_PATHS

THREADS = 8
CONNECTION_LIMIT = 4000
"""With waitress's own limit of 100, or select(), a few slow readers stop everyone (docs/decisions/0006)."""


class SmallUnlessUpload(HTTPRequestParser):  # type: ignore[misc]
    """Takes large bodies only where recordings and packs are brought, and only with a cookie.

    waitress reads a body whole before the site is asked; otherwise anybody could fill the disk from any address.
    """

    small = 0
    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request and choose how much may follow it."""
        super().parse_header(header_plus)
        if not self.path.startswith(UPLOAD_PATHS) or "COOKIE" not in self.headers:
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = self.small


def serve(app: Flask, settings: Settings, ready: Callable[[], None]) -> None:
    """Serve until interrupted; `ready` is called once the port is bound. Raises Misconfigured when it cannot be."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _refuse_taken_port(settings)
    SmallUnlessUpload.small = app.config["MAX_CONTENT_LENGTH"]
    HTTPChannel.parser_class = SmallUnlessUpload
    try:
        server = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            connection_limit=CONNECTION_LIMIT,
            asyncore_use_poll=hasattr(select, "poll"),
            channel_timeout=75,
            ident="",
            max_request_body_size=max(LARGEST.values()),
            # With a proxy in front the site reads these headers itself (ProxyFix). They were cleared there too, and all
            # visitors of a district shared one address and its limits.
            clear_untrusted_proxy_headers=settings.proxies == 0,
        )
    except OSError as error:
        raise Misconfigured(_taken(settings, error)) from error
    ready()
    try:
        server.run()
    finally:
        server.close()


def _refuse_taken_port(settings: Settings) -> None:
    """waitress sets SO_REUSEADDR; another server already listening would not always be noticed."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.settimeout(1)
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise Misconfigured(_taken(settings, None))


def _taken(settings: Settings, error: OSError | None) -> str:
    reason = f" ({error.strerror})" if error is not None else ""
    return (
        f"Port {settings.port} on {settings.host} is in use or not allowed{reason}: "
        f"stop the other program, or choose another port with WELLNESS_PORT={settings.port + 1}."
    )
