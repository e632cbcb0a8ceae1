"""Public pages from the cache are what Flask answers, and nothing that is made for one person gets into it."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask, request_started
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from tests.support.demo_site import DemoSite
from tests.support.pages import PageClient
from wellness.app import create_app
from wellness.web.page_cache import PageCache

SESSION = "/sessions/four-square-breathing"
PUBLIC = (
    "/",
    "/sessions/",
    "/sessions/?need=focus&minutes=8",
    "/sessions/?q=%F0%9F%90%A2&lang=xx",
    SESSION,
    f"{SESSION}?lang=es",
    f"{SESSION}/family",
    f"{SESSION}/print",
    "/practices/",
    "/help",
    "/about",
    "/what-we-record?lang=es",
)
NEVER_STORED = (
    "/sessions",
    "/sessions/none-such",
    "/nothing",
    "/healthz",
    "/sign-in",
    "/static/css/site.css",
    "/teach/",
)
LANGUAGES = (None, "es-MX,es;q=0.9,en;q=0.1", f"fr, {'x' * 300}")
ENCODINGS = ("gzip;q=0", "gzip", "br, *;q=0.1")
TAGS = (None, "the page's own", '"another"', "*")

Answer = tuple[str, list[tuple[str, str]], bytes]


class Server:
    """Calls an application as a server does, and counts how often Flask was asked."""

    def __init__(self, app: Flask) -> None:
        self._app, self.asked = app, 0
        request_started.connect(self._count, app)

    def _count(self, *_sender: object, **_more: object) -> None:
        self.asked += 1

    def __call__(self, environ: dict[str, Any], *, flask_alone: bool = False) -> Answer:
        """The status, the headers in their order, and the body."""
        started: list[Any] = []
        app = Flask.wsgi_app.__get__(self._app) if flask_alone else self._app.wsgi_app

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            started.extend((status, list(headers)))

        answer = app(dict(environ), start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return started[0], started[1], body

    def asks_flask(self, environ: dict[str, Any]) -> bool:
        """Whether Flask is asked for this request although it was answered just before."""
        self(environ)
        self.asked = 0
        self(environ)
        return self.asked > 0


@pytest.fixture
def server(demo: DemoSite) -> Server:
    return Server(demo.app)


def environ_of(path: str, *, host: str = "127.0.0.1", scheme: str = "http", method: str = "GET", **headers: Any) -> Any:
    """A request as a server hands it over; headers that are None are not sent."""
    sent = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    return EnvironBuilder(path, f"{scheme}://{host}", method=method, headers=Headers(sent)).get_environ()


def cookie_of(browser: PageClient, app: Flask) -> str:
    """The header with the browser's cookie."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = browser.http.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}"


def requests(server: Server, path: str) -> Iterator[dict[str, Any]]:
    """One page in every way in which browsers ask for it."""
    for language, encoding, tag, method in product(LANGUAGES, ENCODINGS, TAGS, ("GET", "HEAD")):
        known = tag
        if tag == "the page's own":
            known = dict(server(environ_of(path, Accept_Language=language))[1])["ETag"]
        yield environ_of(path, method=method, Accept_Language=language, Accept_Encoding=encoding, If_None_Match=known)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_cached_page_is_header_by_header_what_flask_answers(demo: DemoSite, path: str) -> None:
    server = Server(demo.app)
    for environ in requests(server, path):
        server({**environ, "REQUEST_METHOD": "GET", "HTTP_IF_NONE_MATCH": ""})
        server.asked = 0
        cached = server(environ)
        assert server.asked == 0, f"{path}: {environ}"
        status, headers, body = server(environ, flask_alone=True)
        assert (cached[0], sorted(cached[1]), cached[2]) == (status, sorted(headers), body), f"{path}: {environ}"


@pytest.mark.parametrize("path", NEVER_STORED)
def test_what_is_not_a_public_page_is_flasks_each_time(server: Server, path: str) -> None:
    assert server.asks_flask(environ_of(path))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
def test_another_method_is_flasks(server: Server, method: str) -> None:
    server(environ_of(SESSION))
    environ = environ_of(SESSION) | {"REQUEST_METHOD": method}
    assert server(environ) == server(environ, flask_alone=True)


def test_a_page_comes_compressed_where_gzip_is_read_and_is_the_same(server: Server) -> None:
    for _ in range(2):
        plain = server(environ_of(SESSION))
        packed = server(environ_of(SESSION, Accept_Encoding="br, gzip"))
        assert "Content-Encoding" not in dict(plain[1])
        assert dict(packed[1])["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed[2]) == plain[2]
        assert len(packed[2]) < len(plain[2]) / 3


def test_a_page_is_stored_for_the_host_and_the_mount_it_was_asked_from(demo: DemoSite) -> None:
    """Addresses in a page (og:image) and the transport security belong to that host and scheme alone."""
    app = create_app(demo.settings.model_copy(update={"trusted_hosts": ()}), clock=demo.clock)
    server = Server(app)
    asked = [
        environ_of(SESSION, host=host, scheme=scheme) for host in ("a.test", "b.test") for scheme in ("http", "https")
    ]
    asked += [{**asked[0], "SCRIPT_NAME": "/mounted"}, {**asked[0], "HTTP_HOST": "a.test:8000"}]
    for environ in asked:
        server(environ)
    found = [server(environ) for environ in asked]
    assert [one[2] for one in found] == [server(environ, flask_alone=True)[2] for environ in asked]
    assert len({one[2] for one in found}) == len(found)
    assert [("Strict-Transport-Security" in dict(one[1])) for one in found] == [False, True, False, True, False, False]
    app.extensions["wellness"].close()


def test_a_host_that_is_not_the_sites_is_refused_although_the_page_is_cached(demo: DemoSite) -> None:
    app = create_app(
        demo.settings.model_copy(update={"trusted_hosts": ("school.org",), "proxies": 1}), clock=demo.clock
    )
    server = Server(app)
    for _ in range(3):
        assert server(environ_of(SESSION, host="school.org"))[0] == "200 OK"
        assert server(environ_of(SESSION, host="evil.test"))[0] == "400 BAD REQUEST"
        assert server(environ_of(SESSION, host="school.org", X_Forwarded_Host="evil.test"))[0] == "400 BAD REQUEST"
        assert server(environ_of(SESSION, host="evil.test", X_Forwarded_Host="school.org"))[0] == "200 OK"
    app.extensions["wellness"].close()


# --- Nothing of one person reaches another ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", SESSION, "/sessions/", "/help"])
def test_staff_and_visitors_never_get_each_others_page(demo: DemoSite, server: Server, path: str) -> None:
    teacher, coach = (cookie_of(demo.signed_in(key), demo.app) for key in ("teacher", "coach"))
    names = [demo.person(key).name for key in ("teacher", "coach")]
    for _ in range(2):
        for cookie, name, other in ((teacher, *names), (coach, *reversed(names))):
            assert server.asks_flask(environ_of(path, Cookie=cookie))
            _, headers, body = server(environ_of(path, Cookie=cookie))
            assert name in body.decode()
            assert other not in body.decode()
            assert dict(headers)["Cache-Control"] == "no-store"
        visitor = server(environ_of(path))[2].decode()
        assert not [name for name in (*names, "csrf_token", "Sign out") if name in visitor]


@pytest.mark.parametrize("cookie", ["theme=dark", "wellness=", "__Host-wellness=abc.def.ghi", "x"])
def test_any_cookie_is_flasks_to_judge(server: Server, cookie: str) -> None:
    server(environ_of(SESSION))
    assert server.asks_flask(environ_of(SESSION, Cookie=cookie))


def test_a_class_devices_cookie_is_answered_by_flask(demo: DemoSite, server: Server) -> None:
    device = demo.browser()
    device.open(f"/c/{demo.door().code}")
    assert server.asks_flask(environ_of(SESSION, Cookie=cookie_of(device, demo.app)))


def test_a_flashed_message_is_shown_once_on_a_public_page(demo: DemoSite) -> None:
    coach, same = demo.signed_in("coach"), demo.signed_in("coach")
    token = coach.any_token()
    assert (
        coach.fetch("/account/language", method="POST", data={"csrf_token": token, "language": "en"}).status_code == 303
    )
    notice = 'class="notice '
    assert notice not in demo.browser().open(SESSION).html
    assert notice not in same.open(SESSION).html
    assert notice in coach.open(SESSION).html
    assert notice not in coach.open(SESSION).html
    assert notice not in demo.browser().open(SESSION).html


# --- Never older than the texts and the settings ----------------------------------------------------------------------


def test_a_rebuilt_catalogue_shows_at_once(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    assert "Cached and changed" not in demo.browser().open(SESSION).text
    file = demo.settings.library / "sessions" / "four-square-breathing.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Four-square breathing", "title: Cached and changed"), encoding="utf-8")
    demo.catalogue.build()
    assert "Cached and changed" in demo.browser().open(SESSION).text


def test_another_processs_catalogue_shows_at_once(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    demo.browser().open(SESSION)
    other = create_app(demo.settings, clock=demo.clock)
    file = demo.settings.library / "sessions" / "four-square-breathing.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Four-square breathing", "title: Built elsewhere"), encoding="utf-8")
    other.extensions["wellness"].catalogue.build()
    assert "Built elsewhere" in demo.browser().open(SESSION).text
    other.extensions["wellness"].close()


def test_a_file_edited_outside_the_studio_shows_although_nobody_asks_flask(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    server, environ = Server(demo.app), environ_of(SESSION)
    server(environ)
    file = demo.settings.library / "sessions" / "four-square-breathing.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Four-square breathing", "title: Edited beside"), encoding="utf-8")
    end = time.monotonic() + 30
    while b"Edited beside" not in server(environ)[2]:
        assert time.monotonic() < end


@pytest.mark.parametrize("path", ["/", SESSION, "/help"])
def test_a_setting_that_an_admin_saves_shows_at_once(demo: DemoSite, path: str) -> None:
    assert "Another name" not in demo.browser().open(path).text
    admin = demo.signed_in("admin")
    form = admin.open("/admin/settings").form("/admin/settings")
    admin.submit(form, site_name="Another name")
    assert "Another name" in demo.browser().open(path).text


def test_a_visitors_page_comes_although_the_records_are_away(demo: DemoSite, server: Server) -> None:
    teacher = demo.signed_in("teacher")
    teacher.open(SESSION)
    assert Client(demo.app).open(environ_of(SESSION)).status_code == 200
    demo.records.close()
    (demo.home / "records.db").rename(demo.home / "away.db")
    for environ in (environ_of(SESSION), environ_of(SESSION, Cookie=cookie_of(teacher, demo.app))):
        status, _, body = server(environ)
        assert status == "200 OK"
        assert "Sign out" not in body.decode(), "while nobody can say who is signed in, the page is a visitor's"


def test_an_unforeseen_fault_is_flasks_error_page(demo: DemoSite, server: Server) -> None:
    server(environ_of(SESSION))
    demo.catalogue.path.unlink()
    demo.catalogue.path.symlink_to(demo.catalogue.path)  # to look at it is an error of the system
    status, headers, _ = server(environ_of(SESSION))
    assert status == "500 INTERNAL SERVER ERROR"
    assert dict(headers)["Content-Security-Policy"]


# --- The cache by itself ----------------------------------------------------------------------------------------------

STORABLE = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, no-cache", "ETag": 'W/"1"'}


class Counted:
    """A small application that counts how often each path was asked for."""

    def __init__(self, headers: dict[str, str] = STORABLE, status: str = "200 OK", size: int = 100) -> None:
        self.headers, self.status, self.size, self.paths = headers, status, size, []  # type: ignore[var-annotated]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.paths.append(environ["PATH_INFO"])
        start_response(self.status, list(self.headers.items()))
        return [b"x" * self.size]


def ask(cache: PageCache, path: str = "/", **more: Any) -> bytes:
    return b"".join(cache(environ_of(path, **more), lambda *started: lambda chunk: None))


@pytest.mark.parametrize(
    ("headers", "status", "stored"),
    [
        ({}, "200 OK", True),
        ({"Vary": "Accept-Language, Accept-Encoding"}, "200 OK", True),
        ({"Vary": "Accept-Language, Cookie"}, "200 OK", False),
        ({"Vary": "*"}, "200 OK", False),
        ({"Cache-Control": "no-store"}, "200 OK", False),
        ({"Cache-Control": "private"}, "200 OK", False),
        ({"Cache-Control": "public, no-store"}, "200 OK", False),
        ({"Set-Cookie": "a=b"}, "200 OK", False),
        ({"Content-Type": "text/css"}, "200 OK", False),
        ({}, "404 NOT FOUND", False),
        ({}, "206 PARTIAL CONTENT", False),
    ],
)
def test_only_whole_public_pages_are_stored(headers: dict[str, str], status: str, stored: bool) -> None:
    app = Counted({**STORABLE, **headers}, status)
    cache = PageCache(app, lambda: 1)
    assert [ask(cache), ask(cache)] == [b"x" * 100] * 2
    assert len(app.paths) == (1 if stored else 2)


def test_a_page_without_an_etag_is_not_stored() -> None:
    app = Counted({name: value for name, value in STORABLE.items() if name != "ETag"})
    cache = PageCache(app, lambda: 1)
    ask(cache), ask(cache)
    assert len(app.paths) == 2


def test_the_answer_to_head_is_not_stored() -> None:
    app = Counted()
    cache = PageCache(app, lambda: 1)
    ask(cache, method="HEAD")
    assert ask(cache) == b"x" * 100
    assert ask(cache, method="HEAD") == b""
    assert len(app.paths) == 2


def test_pages_beyond_the_limit_in_bytes_go_by_last_use() -> None:
    app = Counted()
    cache = PageCache(app, lambda: 1, max_bytes=300, max_age=3600)
    for path in ("/a", "/b", "/c", "/a", "/d", "/a", "/c", "/d", "/b"):
        ask(cache, path)
    assert app.paths == ["/a", "/b", "/c", "/d", "/b"], "/b was used least lately when /d came"
    app.size = 301
    ask(cache, "/large"), ask(cache, "/large"), ask(cache, "/d")
    assert app.paths[5:] == ["/large", "/large"], "larger than the whole cache: not stored, and nothing goes for it"


def test_a_page_that_is_too_old_is_asked_for_again() -> None:
    app = Counted()
    cache = PageCache(app, lambda: 1, max_age=-1)
    ask(cache), ask(cache)
    assert len(app.paths) == 2


def test_a_page_made_while_the_version_changed_is_not_used_for_the_new_one() -> None:
    version = [1]

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        made_from = version[0]
        version[0] = 2
        start_response("200 OK", list(STORABLE.items()))
        return [str(made_from).encode()]

    cache = PageCache(app, lambda: version[0])
    assert [ask(cache), ask(cache), ask(cache)] == [b"1", b"2", b"2"]
