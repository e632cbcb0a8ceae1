"""The production server: waitress, on every system, with poll so that slow readers don't hold it up."""

from __future__ import annotations

import logging
import select
import socket
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from functools import lru_cache
from typing import Any

import waitress
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import WSGITask
from waitress.utilities import Error
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_cookie

from .config import Settings
from .domain import Person
from .errors import Misconfigured, Unavailable
from .policy import Action, has_role
from .records import sign_ins
from .watching import use_epoll
from .web.http.headers import ALWAYS, CONTENT_SECURITY_POLICY
from .web.http.security_log import note_upload_refused
from .web.http.uploads import LARGEST, upload_folder
from .web.request import Site

THREADS = 8
CONNECTION_LIMIT = 4000
"""With waitress's own limit of 100, or select(), a few slow readers stop everyone (docs/decisions/0006)."""

LARGE_AT_ONCE = 2
"""Large bodies that one person may be sending."""

OTHER_FILES = 128
"""Open files besides the connections and the videos that are sent on them: records, catalogue, the workshop."""


class SmallUnlessUpload(HTTPRequestParser):  # type: ignore[misc]
    """Takes a large body only on the routes for recordings and packs, and only from staff who may write.

    waitress reads a body whole before the site is asked; otherwise anybody could fill the disk from any address.
    """

    gate: UploadGate
    adj: Any
    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request and choose how much may follow it."""
        super().parse_header(header_plus)
        has_length = "CONTENT_LENGTH" in self.headers
        # RFC 9112, 6.1: a length beside chunks is an attack. An Expect without a body would wait for the next request.
        if (self.chunked and has_length) or ("EXPECT" in self.headers and not self.chunked and not self.content_length):
            raise ParsingError("a body of two lengths, or none")
        if self.chunked or self.content_length >= self.gate.small:
            person_id = self.gate.admit(self.command, self.path, self.headers.get("COOKIE", ""))
            if person_id:
                # However the connection ends, waitress drops the request.
                weakref.finalize(self, self.gate.leave, person_id)
            else:
                self.adj = _taking(self.adj, self.gate.small)

    def received(self, data: bytes) -> int:
        """Read on; what the server itself refuses is refused in our words."""
        consumed: int = super().received(data)
        if self.error is not None and not isinstance(self.error, Refusal):
            self.error = Refusal(self.error)
            self.expect_continue = False
        return consumed


class UploadGate:
    """Decides at the head of a request whether a large body may follow: which route, whose sign-in, how many already."""

    def __init__(self, app: Flask) -> None:
        serializer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert serializer is not None, "the app has a secret key"
        self.small: int = app.config["MAX_CONTENT_LENGTH"]
        self._read_cookie = serializer.loads
        self._cookie_name = app.config["SESSION_COOKIE_NAME"]
        self._routes = app.url_map.bind("localhost")
        self._site: Site = app.extensions["wellness"]
        self._sending: Counter[str] = Counter()

    def admit(self, method: str, path: str, cookies: str) -> str:
        """Return the id of the person who may send a large body here, and count it; else an empty string."""
        try:
            endpoint, _ = self._routes.match(path, method=method)
        except HTTPException:
            return ""
        if endpoint not in LARGEST:
            return ""
        person = self._find_person(cookies)
        if person is None or not has_role(person, Action.WRITE) or self._sending[person.id] >= LARGE_AT_ONCE:
            note_upload_refused()
            return ""
        self._sending[person.id] += 1
        return person.id

    def leave(self, person_id: str) -> None:
        """Count one large body less."""
        self._sending[person_id] -= 1

    def _find_person(self, cookies: str) -> Person | None:
        # Large bodies are rare, so the server's loop can afford this one look at the records.
        try:
            key = self._read_cookie(parse_cookie(cookies).get(self._cookie_name, "")).get("_user_id", "")
            with self._site.records.asking() as tx:
                found = sign_ins.find_sign_in(tx, key, self._site.clock())
        except (BadSignature, UnicodeError, Unavailable):
            return None
        return found.person if found is not None else None


@lru_cache(maxsize=4)
def _taking(adj: Any, most: int) -> Any:
    """The server's settings with another limit for a body, made once and not for each request."""
    other = copy(adj)
    other.max_request_body_size = most
    return other


class KeepsConnection(WSGITask):  # type: ignore[misc]
    """Leaves the connection open after an answer that has no body.

    waitress closes it after each 204 and 304, although these end with their headers (RFC 9112,
    6.3). Every beacon and every page that had not changed cost the next request a new connection.
    """

    _ends_with_head = False

    def build_response_header(self) -> bytes:
        """The head of the answer."""
        wants_close = self.request.headers.get("CONNECTION", "").lower() == "close"
        self._ends_with_head = self.version == "1.1" and not self.has_body and not wants_close
        try:
            head: bytes = super().build_response_header()
        finally:
            self._ends_with_head = False
        return head

    def set_close_on_finish(self) -> None:
        """Close the connection after this answer."""
        if not self._ends_with_head:
            super().set_close_on_finish()


class Refusal(Error):  # type: ignore[misc]
    """A request that never reaches the site: too large, or not HTTP."""

    def __init__(self, refused: Error) -> None:
        super().__init__("")
        self.code, self.reason = refused.code, refused.reason

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """The status, the headers and the sentence."""
        said = _REFUSALS.get(self.code, "This server couldn't read that request. Nothing was saved.")
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        headers.append(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        return f"{self.code} {self.reason}", [*headers, *ALWAYS.items()], f"{said}\n".encode()


_REFUSALS = {
    413: "That's too large, so nothing was saved. Try a smaller file or a shorter text.",
    431: "Your browser sent too many cookies. Delete this site's cookies and try again.",
}


def serve(app: Flask, settings: Settings, ready: Callable[[], None]) -> None:
    """Serve until interrupted; `ready` is called once the port is bound. Raises Misconfigured when it cannot be."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _refuse_taken_port(settings)
    SmallUnlessUpload.gate = UploadGate(app)
    # waitress keeps a large body in a temporary file: on the disk of the recordings, not in a /tmp that may be memory.
    tempfile.tempdir = str(upload_folder(settings))
    HTTPChannel.parser_class, HTTPChannel.task_class = SmallUnlessUpload, KeepsConnection
    try:
        server = waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            connection_limit=_connection_limit(),
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
    if settings.epoll:
        use_epoll(server)
    ready()
    try:
        server.run()
    finally:
        server.close()


def _connection_limit() -> int:
    """How many connections are taken at once, after this process was allowed the open files for them.

    A shell usually allows 1,024, and one too many is refused to records and videos as well: a thousand silent browsers
    would stop the site. Each may read a video, which is one more open file. Where the limit cannot be raised, fewer
    connections are accepted.
    """
    try:
        import resource
    except ImportError:  # Windows counts them otherwise
        return CONNECTION_LIMIT
    wanted = 2 * CONNECTION_LIMIT + OTHER_FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY or allowed >= wanted:
        return CONNECTION_LIMIT
    raised = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    with suppress(OSError, ValueError):  # macOS says no to more than its own limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, most))
        allowed = raised
    return max(1, min(CONNECTION_LIMIT, (allowed - OTHER_FILES) // 2))


def _refuse_taken_port(settings: Settings) -> None:
    """waitress sets SO_REUSEADDR; another server already listening would not always be noticed."""
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.settimeout(1)
        if probe.connect_ex((settings.host, settings.port)) == 0:
            raise Misconfigured(_taken(settings, None))


def _taken(settings: Settings, error: OSError | None) -> str:
    reason = f" ({error.strerror})" if error is not None else ""
    return (
        f"Port {settings.port} on {settings.host} is in use or not allowed{reason}. "
        f"Stop the other program, or choose another port with WELLNESS_PORT={settings.port + 1}."
    )
