"""Public pages kept as they were made: the same bytes for all who read them in that language, compressed once.

A page is made again when what it was made from changed: the catalogue, or what an admin set for the site. Staff get the
kept page of their role, in which their name and the token of the sign-out form are put; nothing else of a public page is
personal, and a page cannot hold more of a person, because it is made for a stand-in who has no name.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import Callable, Hashable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, g, request
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.datastructures import Accept
from werkzeug.http import generate_etag, parse_accept_header, parse_etags

from ..domain import Person
from .headers import set_public
from .kept import Address, KeptPage, Reader, Way
from .request import Site, cookie, find_staff, for_short_texts, has_cookie, language_of, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Response])

ANSWERED = "wellness.answered"
"""Where a request's environment tells which kept page is answered in which way, for `web/front.py` to learn from."""

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
            person, here = find_staff(), site()
            if person is not None and "_flashes" in cookie:
                return view(**arguments)
            mark, address, reader = made_from(here), address_of(request.environ), reader_of(request.environ, person)
            page = here.kept.find(mark, address, reader)
            if page is None:
                if person is not None:
                    g.stand_in = _stand_in_for(person)
                response = view(**arguments)
                if response.status_code != 200:
                    return response
                page = _page_of(response.get_data(), seconds)
                here.kept.keep(mark, address, reader, page)
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


# --- What a kept page is kept under -----------------------------------------------------------------------------------
# All that a public page is made from, besides the texts: the address as it came, the reader's own language and role.


def made_from(here: Site) -> Hashable:
    """A mark of what pages are made from. Raises Unavailable when the settings were never read and cannot be."""
    return here.catalogue.stamp(), here.read_words()


def address_of(environ: WSGIEnvironment) -> Address:
    """Where the request asks. The language that is chosen by a link is part of the query."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    query = environ.get("QUERY_STRING", "")
    return environ["wsgi.url_scheme"], host, environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""), query


def reader_of(environ: WSGIEnvironment, person: Person | None) -> Reader:
    """For whom the page is."""
    if person is not None:
        return person.language.value, person.role.value
    return language_of(environ.get("HTTP_ACCEPT_LANGUAGE", "")), ""


# --- How it is answered -----------------------------------------------------------------------------------------------


def way_of(page: KeptPage, environ: WSGIEnvironment, *, has_own_cookie: bool) -> Way:
    """How the page is answered to somebody who is not signed in.

    The tag is weak: the compressed page has the same one (RFC 9110, 8.8.1). What a browser with our cookie is sent is
    not for a cache to share, although nobody is signed in.
    """
    if has_own_cookie:
        return Way.OWN_COOKIE
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and (known == page.etag or parse_etags(known).contains_weak(page.etag[3:-1])):
        return Way.UNCHANGED
    return Way.PACKED if takes_gzip(environ) else Way.PLAIN


def filled_in(page: KeptPage, name: str, token: str) -> bytes:
    """The page with who is signed in and with the token of the form to sign out."""
    return page.body.replace(NAME.encode(), str(escape(name)).encode()).replace(TOKEN.encode(), token.encode())


def _public(page: KeptPage) -> Response:
    """The page for everybody."""
    way = way_of(page, request.environ, has_own_cookie=has_cookie())
    request.environ[ANSWERED] = page, way
    if way is Way.OWN_COOKIE:
        return Response(page.body, mimetype="text/html")
    if way is Way.UNCHANGED:
        response = Response(status=304)
    else:
        response = Response(page.packed if way is Way.PACKED else page.body, mimetype="text/html")
    if way is Way.PACKED:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = page.etag
    return set_public(response)


def _private(page: KeptPage, person: Person) -> Response:
    """The page with who is signed in. It is not compressed: beside a secret, its length would tell (BREACH, 2013)."""
    request.environ[ANSWERED] = page, Way.SIGNED_IN
    return Response(filled_in(page, person.name, generate_csrf()), mimetype="text/html")


def takes_gzip(environ: WSGIEnvironment) -> bool:
    """Whether the browser reads what is compressed with gzip."""
    return _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))


@for_short_texts
def _takes_gzip(told: str) -> bool:
    return bool(parse_accept_header(told, Accept)["gzip"])
