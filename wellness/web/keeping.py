"""Public pages kept as they were made: the same bytes for all who read them in that language, compressed once.

A page is made again when what it was made from changed: the catalogue, or what an admin set for the site. Staff get the
kept page of their role, in which their name and the token of the sign-out form are put; nothing else of a public page is
personal, and a page cannot hold more of a person, because it is made for a stand-in who has no name.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, g, request
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.http import generate_etag

from ..domain import Person
from .headers import set_public
from .kept import KeptPage
from .request import cookie, find_staff, has_cookie, reader_language, site, site_settings

View = TypeVar("View", bound=Callable[..., Response])

_FORGED = f"{secrets.token_hex(12)}"
NAME, TOKEN = f"name-{_FORGED}", f"token-{_FORGED}"
"""Stand for a person's name and token in a kept page. Nobody can write them into a text, since nobody knows them."""


def kept(seconds: float | None = None) -> Callable[[View], View]:
    """Keep what the view answers; for so many seconds at most where it shows more than the catalogue and the settings.

    For public pages only: the view must not look at who is asking but through the templates' `actor`.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def answer(**arguments: Any) -> Response:
            person = find_staff()
            if person is not None and "_flashes" in cookie:
                return view(**arguments)
            made_from = (site().catalogue.stamp(), site_settings())
            whose = person.role if person is not None else None
            key = (request.host_url, request.full_path, reader_language(), whose)
            page = site().kept.find(made_from, key)
            if page is None:
                if person is not None:
                    g.stand_in = _stand_in_for(person)
                response = view(**arguments)
                if response.status_code != 200:
                    return response
                page = _page_of(response.get_data(), seconds)
                site().kept.keep(made_from, key, page)
            return _private(page, person) if person is not None else _public(page)

        return answer  # type: ignore[return-value]

    return mark


def stand_in() -> Person | None:
    """For whom the page is made that will be kept, or None while a page is made for whoever asks."""
    found: Person | None = g.get("stand_in")
    return found


def _stand_in_for(person: Person) -> Person:
    """Somebody of the same role, of whom a page can say nothing else."""
    return Person(id="", email="", name=NAME, role=person.role, school_id=None, language=person.language, version=0)


def _page_of(body: bytes, seconds: float | None) -> KeptPage:
    until = time.monotonic() + seconds if seconds is not None else float("inf")
    return KeptPage(body, gzip.compress(body, 6, mtime=0), f'W/"{generate_etag(body)}"', until)


def _public(page: KeptPage) -> Response:
    """The page for everybody. The tag is weak: the compressed page has the same one (RFC 9110, 8.8.1)."""
    if has_cookie():  # ours, but nobody is signed in: what this browser is sent is still not for a cache to share
        return Response(page.body, mimetype="text/html")
    if request.if_none_match.contains_weak(page.etag[3:-1]):
        response = Response(status=304)
    elif takes_gzip():
        response = Response(page.packed, mimetype="text/html")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(page.body, mimetype="text/html")
    response.headers["ETag"] = page.etag
    return set_public(response)


def _private(page: KeptPage, person: Person) -> Response:
    """The page with who is signed in. It is not compressed: beside a secret, its length would tell (BREACH, 2013)."""
    body = page.body.replace(NAME.encode(), str(escape(person.name)).encode())
    return Response(body.replace(TOKEN.encode(), generate_csrf().encode()), mimetype="text/html")


def takes_gzip() -> bool:
    """Whether the browser reads what is compressed with gzip."""
    return bool(request.accept_encodings["gzip"])
