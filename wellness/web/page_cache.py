"""An HTTP cache in front of Flask, for GET and HEAD without a cookie.

It stores what Flask answered with `Cache-Control: public` and answers the same request again without asking Flask.
A request with any cookie is Flask's, so nothing that is made for one person can be stored or sent to another.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.http import is_resource_modified, remove_entity_headers

from ..errors import WellnessError
from .request import language_of, takes_gzip

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)

MAX_BYTES = 8 * 1024 * 1024
MAX_AGE = 2.0
"""Seconds. The home page shows the plan, which another node can change; the version below does not cover it."""

_VARIES_BY = {"accept-language", "accept-encoding"}
"""The request headers that are part of the key. An answer that varies by another one is not stored."""

Headers = list[tuple[str, str]]


class _Stored(NamedTuple):
    headers: Headers
    body: bytes
    etag: str
    expires: float


class PageCache:
    """WSGI middleware: a cache of public pages in memory, bounded in bytes, least recently used out first."""

    def __init__(
        self,
        app: WSGIApplication,
        version: Callable[[], Hashable],
        *,
        max_bytes: int = MAX_BYTES,
        max_age: float = MAX_AGE,
    ) -> None:
        """In front of `app`. When `version()` changes, everything stored is forgotten."""
        self._app, self._version, self._max_bytes, self._max_age = app, version, max_bytes, max_age
        self._pages: OrderedDict[Hashable, _Stored] = OrderedDict()
        self._made_from: Hashable = None
        self._bytes = 0
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_COOKIE" in environ:
            return self._app(environ, start_response)
        try:
            version = self._version()
        except WellnessError:
            return self._app(environ, start_response)
        except Exception:
            _log.exception("the version of the pages could not be read; Flask answers")
            return self._app(environ, start_response)
        key = _key_of(environ)
        page = self._find(version, key)
        if page is not None:
            return _answer(page, environ, start_response)
        return self._ask(version, key, environ, start_response)

    def _ask(
        self, version: Hashable, key: Hashable, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Flask's own answer, stored when it may be."""
        answered: list[Any] = []

        def start(status: str, headers: Headers, *exc_info: Any) -> Callable[[bytes], object]:
            answered[:] = status, headers.copy()
            return start_response(status, headers, *exc_info)

        chunks = self._app(environ, start)
        if environ["REQUEST_METHOD"] != "GET" or not _may_store(*answered):
            return chunks
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        headers: Headers = answered[1]
        etag = dict(headers)["ETag"]
        # The version was read before Flask was asked, so a page is never older than the version it is stored under.
        self._store(version, key, _Stored(headers, body, etag, time.monotonic() + self._max_age))
        return [body]

    def _find(self, version: Hashable, key: Hashable) -> _Stored | None:
        with self._lock:
            if version != self._made_from:
                self._pages.clear()
                self._bytes, self._made_from = 0, version
            page = self._pages.get(key)
            if page is None or page.expires < time.monotonic():
                return None
            self._pages.move_to_end(key)
            return page

    def _store(self, version: Hashable, key: Hashable, page: _Stored) -> None:
        with self._lock:
            if version != self._made_from or len(page.body) > self._max_bytes:
                return
            replaced = self._pages.pop(key, None)
            self._pages[key] = page
            self._bytes += len(page.body) - (len(replaced.body) if replaced else 0)
            while self._bytes > self._max_bytes:
                self._bytes -= len(self._pages.popitem(last=False)[1].body)


def _key_of(environ: WSGIEnvironment) -> Hashable:
    """Scheme, host, mount point, path and query as they came; then the two headers that a public page varies by."""
    return (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST") or (environ["SERVER_NAME"], environ["SERVER_PORT"]),
        environ.get("SCRIPT_NAME", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        language_of(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
        takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")),
    )


def _may_store(status: str, headers: Headers) -> bool:
    """Whole public HTML pages only: a style sheet or a video is read from its file, which has a time and ranges."""
    given = {name.lower(): value.lower() for name, value in headers}
    rules = {rule.strip() for rule in given.get("cache-control", "").split(",")}
    return (
        status.startswith("200 ")
        and "public" in rules
        and not rules & {"private", "no-store"}
        and "set-cookie" not in given
        and "etag" in given
        and given.get("content-type", "").startswith("text/html")
        and {name.strip() for name in given.get("vary", "").split(",") if name.strip()} <= _VARIES_BY
    )


def _answer(page: _Stored, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    headers = page.headers.copy()
    if not is_resource_modified(environ, etag=page.etag):
        remove_entity_headers(headers)
        start_response("304 NOT MODIFIED", headers)
        return []
    start_response("200 OK", headers)
    return [page.body] if environ["REQUEST_METHOD"] == "GET" else []
