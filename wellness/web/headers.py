"""Headers of every answer: what the browser may load, what a cache may keep. OWASP ASVS 5.0, V3.4 and V14.3."""

from __future__ import annotations

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

from ..config import Settings
from ..media import MediaStore
from .seals import RememberedSeals

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

    _made: tuple[object, URLSafeTimedSerializer | None] | None = None

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty one where no cookie came, without making the signer that would read it."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Made once for a secret: Flask makes one to read the cookie of each request, and one to write it."""
        secrets = (app.secret_key, tuple(app.config["SECRET_KEY_FALLBACKS"] or ()))
        if self._made is None or self._made[0] != secrets:
            plain = super().get_signing_serializer(app)
            self._made = (secrets, RememberedSeals(plain) if plain is not None else None)
        return self._made[1]

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie as Flask does, where there is one to set."""
        if session.modified or self.get_cookie_name(app) in request.cookies:
            super().save_session(app, session, response)


def register_headers(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer of `app`."""
    secure = [("Content-Security-Policy", content_security_policy(_media_origin(app, settings))), *ALWAYS.items()]
    app.session_interface = CookieOnlyWhenUsed()

    @app.after_request
    def set_headers(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}
        response.headers.extend([one for one in secure if one[0].lower() not in there])
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
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


def set_public(response: Response) -> Response:
    """Let caches keep a page that is the same for all who read it in this language; they ask again each time (ETag)."""
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Accept-Language, Accept-Encoding"
    return response
