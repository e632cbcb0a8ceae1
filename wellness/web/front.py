"""Before Flask: a kept public page is answered with the headers that Flask sent with it before.

The first answer of each kind is Flask's, with all its checks, and passes through here; its headers are kept with the page.
The next one needs no more than the same address (host, path and query as they came), the same language and the same role.
Whatever is not plainly that is Flask's to answer: another method, an address that is not kept, a page made from older
texts, a notice that waits to be shown, a cookie or a sign-in that does not hold. Who is signed in is asked of the records
each time, as on every page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_login import COOKIE_NAME as REMEMBERED
from itsdangerous import BadSignature
from werkzeug.http import parse_cookie

from .. import signing_in
from ..domain import Person
from ..errors import Unavailable, WellnessError
from .keeping import ANSWERED, address_of, filled_in, made_from, reader_of, way_of
from .kept import Headers, KeptPage, Way
from .request import RECORDS_AWAY, Site
from .seals import Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)


class KeptFirst:
    """The site with its kept pages in front of it."""

    def __init__(self, app: Flask, below: WSGIApplication, keep_up: Callable[[Site], None]) -> None:
        """In front of `below`, which is Flask. `keep_up` brings the catalogue up to the texts when it is time."""
        self._app, self._below, self._keep_up = app, below, keep_up
        self._cookie_name = app.config["SESSION_COOKIE_NAME"]
        self._longest = int(app.permanent_session_lifetime.total_seconds())
        self._sealed = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        self._tokens = Tokens(app.secret_key)  # type: ignore[arg-type]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._below(environ, start_response)
        try:
            found = self._find(environ)
        except Exception:
            _log.exception("a kept page could not be answered; it is made as if it was not kept")
            found = None
        if found is None:
            return self._below(environ, _learning(environ, start_response))
        way, headers, body = found
        start_response(way.status, headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []

    def _find(self, environ: WSGIEnvironment) -> tuple[Way, Headers, bytes] | None:
        here: Site = self._app.extensions["wellness"]
        address = address_of(environ)
        if not here.kept.knows(address) or "HTTP_UPGRADE" in environ:
            return None
        try:
            self._keep_up(here)
            cookie = self._cookie_of(environ.get("HTTP_COOKIE", ""))
            person = self._signed_in(here, cookie)
            mark = made_from(here)
        except Unavailable as error:
            environ[RECORDS_AWAY] = error.message  # it may have taken seconds to find out: nobody waits for it twice
            return None
        except (_NotOurs, WellnessError):
            return None
        page = here.kept.find(mark, address, reader_of(environ, person))
        if page is None:
            return None
        if person is not None:
            return self._private(page, person, cookie)
        way = way_of(page, environ, has_own_cookie=bool(cookie))
        headers = page.heads.get(way)
        return (way, headers.copy(), _body_of(page, way)) if headers is not None else None

    def _cookie_of(self, sent: str) -> dict[str, Any]:
        """What our cookie holds, nothing when none came. Raises _NotOurs where Flask has to say what it is worth."""
        if self._cookie_name not in sent:
            return {}
        if REMEMBERED in sent:
            raise _NotOurs
        cookies = parse_cookie(sent)
        if self._cookie_name not in cookies:
            return {}
        try:
            cookie = self._sealed.loads(cookies[self._cookie_name], max_age=self._longest)
        except BadSignature as error:
            raise _NotOurs from error
        if not cookie or "_flashes" in cookie:
            raise _NotOurs
        found: dict[str, Any] = cookie
        return found

    def _signed_in(self, here: Site, cookie: dict[str, Any]) -> Person | None:
        """Who is signed in, asked of the records. Raises _NotOurs for a sign-in that has ended, Unavailable as they do."""
        if "_user_id" not in cookie:
            return None
        person = signing_in.find_signed_in(here.records, cookie["_user_id"], here.clock())
        if person is None:
            raise _NotOurs
        return person

    def _private(self, page: KeptPage, person: Person, cookie: dict[str, Any]) -> tuple[Way, Headers, bytes] | None:
        headers = page.heads.get(Way.SIGNED_IN)
        if headers is None or not isinstance(cookie.get("csrf_token"), str):
            return None
        body = filled_in(page, person.name, self._tokens.token_of(cookie["csrf_token"]))
        length = ("Content-Length", str(len(body)))
        return Way.SIGNED_IN, [length if one[0] == length[0] else one for one in headers], body


class _NotOurs(Exception):
    """Nothing that this layer may decide."""


def _body_of(page: KeptPage, way: Way) -> bytes:
    return {Way.PACKED: page.packed, Way.UNCHANGED: b""}.get(way, page.body)


def _learning(environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
    """Keep the headers of Flask's answer where it is a kept page, unless they set a cookie."""

    def start(status: str, headers: Headers, *trouble: Any) -> Callable[[bytes], object]:
        page, way = environ.get(ANSWERED, (None, None))
        if way is not None and status == way.status and "Set-Cookie" not in {name for name, _ in headers}:
            page.heads[way] = headers.copy()
        return start_response(status, headers, *trouble)

    return start
