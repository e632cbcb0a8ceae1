"""What changes something has to come from a page of this site.

Every form carries a CSRF token too. This is the second check: it still works where a token leaked or a subdomain planted a
cookie, and it needs no referrer, which some people's browsers never send.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFError

_LOOKING = ("GET", "HEAD", "OPTIONS", "TRACE")


class FromElsewhere(CSRFError):  # type: ignore[misc]
    """The request was made by a page of another site."""


def register_cross_site(app: Flask) -> None:
    """Let `app` refuse what another site's page sends, before it is read."""

    @app.before_request
    def refuse_what_comes_from_elsewhere() -> None:
        if request.method not in _LOOKING and not _is_from_here():
            raise FromElsewhere


def _is_from_here() -> bool:
    """As Filippo Valsorda's "Cross-Site Request Forgery" (2025) and Go's CrossOriginProtection decide it.

    `Sec-Fetch-Site` cannot be set by a page; browsers leave it out over plain HTTP, and then `Origin` tells. Without
    either, it is not a browser, so no cookie can be misused.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.host != ""
    except ValueError:  # `http://[` is no address
        return False
