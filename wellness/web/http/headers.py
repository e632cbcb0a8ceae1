"""Headers of every answer: what the browser may load, what a cache may keep. OWASP ASVS 5.0, V3.4 and V14.3."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from ...config import Settings
from ...media import MediaStore
from ..request import has_cookie, takes_gzip

View = TypeVar("View", bound=Callable[..., Response])

_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


def content_security_policy(media_url: str) -> str:
    """Nothing inline and nothing from another host, but for recordings a district keeps elsewhere (`MEDIA_URL`).

    There is no inline script or style in the site, so no nonce is needed.
    """
    elsewhere = f" {media_url}/" if media_url.startswith(("https://", "http://")) else ""
    return "; ".join((*_POLICY, f"img-src 'self'{elsewhere}", f"media-src 'self'{elsewhere}"))


CONTENT_SECURITY_POLICY = content_security_policy("/media")
"""The policy of a site that keeps its own recordings."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=(), "
        "browsing-topics=(), fullscreen=(self), autoplay=(self)"
    ),
}
"""On every answer, also on those that the server gives before the site is asked."""
_YEAR = 365 * 24 * 60 * 60


class CookieOnlyWhenUsed(SecureCookieSessionInterface):
    """Leaves answers alone that neither came with our cookie nor set it.

    Libraries look into the cookie on every request, and Flask then adds `Vary: Cookie`, which would keep a school's
    cache from sharing public pages. Without a cookie there was nothing to vary on.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie as Flask does, where there is one to set."""
        if session.modified or self.get_cookie_name(app) in request.cookies:
            super().save_session(app, session, response)


def register_headers(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer of `app`."""
    secure = [("Content-Security-Policy", content_security_policy(_media_origin(app, settings))), *ALWAYS.items()]
    app.session_interface = CookieOnlyWhenUsed()
    hsts = f"max-age={_YEAR}" + ("; includeSubDomains" if settings.hsts_subdomains else "")

    @app.after_request
    def set_headers(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}
        response.headers.extend([one for one in secure if one[0].lower() not in there])
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", hsts)
        _set_cache_rule(response)
        return response


def _media_origin(app: Flask, settings: Settings) -> str:
    """Where recordings come from. A bucket's own host counts too: the policy holds for where a redirect leads."""
    media: MediaStore = app.extensions["wellness"].media
    return settings.media_public_url or media.elsewhere or settings.media_url


def _set_cache_rule(response: Response) -> None:
    if request.endpoint == "static":
        # A style sheet names its fonts without a hash; a font that changes gets another name.
        hashed = "v" in request.args or (request.view_args or {}).get("filename", "").startswith("fonts/")
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if hashed else "public, no-cache"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"


def public(view: View) -> View:
    """Let shared caches keep the view's 200, unless the browser sent our cookie.

    For pages that are the same for everyone who reads them in one language: the view must not look at who is asking.
    """

    @wraps(view)
    def answer(**arguments: Any) -> Response:
        response = view(**arguments)
        return _set_public(response) if response.status_code == 200 and not has_cookie() else response

    return answer  # type: ignore[return-value]


def _set_public(response: Response) -> Response:
    """Caches ask again each time (ETag). A page with a token is not compressed: its length would tell (BREACH, 2013)."""
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Accept-Language, Accept-Encoding"
    response.add_etag(weak=True)  # weak, because the compressed page has the same one (RFC 9110, 8.8.1)
    if request.if_none_match.contains_weak(response.get_etag()[0] or ""):
        response.status_code = 304
        response.set_data(b"")
    elif takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
