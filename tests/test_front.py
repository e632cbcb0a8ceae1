"""Kept pages that are answered before Flask: to the last header what Flask answers, and never more than Flask would."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from flask import Flask, request_started
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from tests.demo_site import DemoSite
from tests.pages import PageClient, fields_of
from wellness.app import create_app
from wellness.records import people
from wellness.web.keeping import NAME, TOKEN

SESSION = "/sessions/four-square-breathing"
KEPT = (
    "/sessions/",
    "/sessions/?need=focus&minutes=8",
    "/sessions/?q=breath",
    "/sessions/?q=%F0%9F%90%A2&lang=xx",
    SESSION,
    f"{SESSION}?lang=es",
    f"{SESSION}?lang=en",
    f"{SESSION}/family",
    f"{SESSION}/print",
    "/practices/",
    "/help",
    "/about",
    "/what-we-record?lang=es",
    "/accessibility",
)
OTHERS = (
    "/",
    "/sessions",
    "/sessions/none-such",
    "/nothing",
    "/healthz",
    "/sign-in",
    "/static/css/site.css",
    "/teach/",
)
LANGUAGES = (None, "es-MX,es;q=0.9,en;q=0.1", f"fr, {'x' * 300}")
CODINGS = ("gzip;q=0", "gzip", "br, *;q=0.1")
TAGS = (None, "the page's own", '"another"', "*")

Told = tuple[str, list[tuple[str, str]], bytes]


class Asked:
    """Asks an application as a server does, and sees whether Flask was asked."""

    def __init__(self, app: Flask) -> None:
        self._app, self.flask_asked = app, 0
        request_started.connect(self._note, app)

    def _note(self, *_told: object, **_more: object) -> None:
        self.flask_asked += 1

    def __call__(self, environ: dict[str, Any], *, flask_alone: bool = False) -> Told:
        """The status, the headers in their order, and the body without the token, which is another each second."""
        told: list[Any] = []
        below = Flask.wsgi_app.__get__(self._app) if flask_alone else self._app.wsgi_app

        def start(status: str, headers: list[tuple[str, str]], trouble: object = None) -> Any:
            told.extend((status, list(headers)))

        answer = below(dict(environ), start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return told[0], told[1], re.sub(rb'(name="csrf_token"[^>]* value=")[^"]+', rb"\1", body)


@pytest.fixture
def ask(demo: DemoSite) -> Asked:
    return Asked(demo.app)


def environ_of(path: str, **options: Any) -> dict[str, Any]:
    """A request as a server hands it over; headers that are None are not sent."""
    host, scheme = options.pop("host", "127.0.0.1"), options.pop("scheme", "http")
    method, headers = (
        options.pop("method", "GET"),
        {name: value for name, value in options.items() if value is not None},
    )
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return EnvironBuilder(path, f"{scheme}://{host}", method=method, headers=Headers(sent)).get_environ()


def cookie_of(browser: PageClient, app: Flask) -> str:
    """The header with the browser's cookie."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = browser.http.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}"


def tag_of(told: Told) -> str | None:
    return dict(told[1]).get("ETag")


def requests(ask: Asked, path: str, cookie: str | None) -> Iterator[dict[str, Any]]:
    """One page in every way in which browsers ask for it."""
    for language, coding, tag, method in product(LANGUAGES, CODINGS, TAGS, ("GET", "HEAD")):
        known = tag
        if tag is not None and not tag.startswith(('"', "*")):
            known = tag_of(ask(environ_of(path, Accept_Language=language, Cookie=cookie)))
        yield environ_of(
            path, method=method, Accept_Language=language, Accept_Encoding=coding, If_None_Match=known, Cookie=cookie
        )


def who_asks(demo: DemoSite) -> dict[str, str | None]:
    """The cookies that browsers come with."""
    name = demo.app.config["SESSION_COOKIE_NAME"]
    teacher, class_device, coach, gone = (
        demo.signed_in("teacher"),
        demo.browser(),
        demo.signed_in("coach"),
        demo.browser(),
    )
    for browser in (teacher, coach):
        browser.open(SESSION)
    class_device.open(f"/c/{demo.door().code}")
    gone.open("/sign-in")
    with gone.http.session_transaction() as cookie:
        cookie.update(_user_id="no sign-in of this name")
    return {
        "nobody": None,
        "nobody, with a cookie of something else": f"{name}-known=abc; theme=dark",
        "a class": cookie_of(class_device, demo.app),
        "a teacher": "theme=dark; " + cookie_of(teacher, demo.app),
        "a coach": cookie_of(coach, demo.app),
        "whose sign-in has ended": cookie_of(gone, demo.app),
        "who made up a cookie": f"{name}=eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "with an empty cookie": f"{name}=",
    }


QUICK = {"nobody", "nobody, with a cookie of something else", "a class", "a teacher", "a coach"}


@pytest.mark.parametrize("path", KEPT)
def test_every_way_of_asking_for_a_kept_page_is_answered_as_flask_answers(
    demo: DemoSite, ask: Asked, path: str
) -> None:
    for who, cookie in who_asks(demo).items():
        for environ in requests(ask, path, cookie):
            ask(environ)
            ask(environ)
            ask.flask_asked = 0
            told = ask(environ)
            assert (ask.flask_asked == 0) == (who in QUICK), f"{who} at {path}: {environ}"
            assert told == ask(environ, flask_alone=True), f"{who} at {path}: {environ}"
            assert not {NAME.encode(), TOKEN.encode()} & set(re.findall(rb"(?:name|token)-[0-9a-f]{24}", told[2]))


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_not_kept_is_answered_by_flask(demo: DemoSite, ask: Asked, path: str) -> None:
    for cookie in who_asks(demo).values():
        for environ in (environ_of(path, Cookie=cookie), environ_of(path, method="HEAD", Cookie=cookie)):
            ask(environ)
            assert without_changing(ask(environ)) == without_changing(ask(environ, flask_alone=True))


def without_changing(told: Told) -> Told:
    """Without the cookie of a new form and the time of a file, which differ from one asking to the next."""
    return told[0], [one for one in told[1] if one[0] not in ("Set-Cookie", "Date")], told[2]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"])
def test_another_method_is_flasks_to_answer(ask: Asked, method: str) -> None:
    ask(environ_of(SESSION))
    environ = environ_of(SESSION) | {"REQUEST_METHOD": method}
    assert ask(environ) == ask(environ, flask_alone=True)


def test_a_page_is_kept_for_the_name_and_the_way_it_was_asked_for(demo: DemoSite) -> None:
    """An address in a page (og:image) and the transport security belong to the host and scheme of that request alone."""
    app = create_app(replace(demo.settings, trusted_hosts=()), clock=demo.clock)
    ask = Asked(app)
    asked = [
        environ_of(SESSION, host=host, scheme=scheme) for host in ("a.test", "b.test") for scheme in ("http", "https")
    ]
    asked += [{**asked[0], "SCRIPT_NAME": "/mounted"}, {**asked[0], "HTTP_HOST": "a.test:8000"}]
    for environ in asked:
        ask(environ)
    found = [ask(environ) for environ in asked]
    assert found == [ask(environ, flask_alone=True) for environ in asked]
    assert len({one[2] for one in found}) == len(found)
    assert [("Strict-Transport-Security" in dict(one[1])) for one in found] == [False, True, False, True, False, False]
    app.extensions["wellness"].close()


def test_a_name_that_is_not_the_sites_is_refused_although_the_page_is_kept(demo: DemoSite) -> None:
    app = create_app(replace(demo.settings, trusted_hosts=("school.org",), proxies=1), clock=demo.clock)
    ask = Asked(app)
    for _ in range(3):
        assert ask(environ_of(SESSION, host="school.org"))[0] == "200 OK"
        assert ask(environ_of(SESSION, host="evil.test"))[0] == "400 BAD REQUEST"
        assert ask(environ_of(SESSION, host="school.org", X_Forwarded_Host="evil.test"))[0] == "400 BAD REQUEST"
        assert ask(environ_of(SESSION, host="evil.test", X_Forwarded_Host="school.org"))[0] == "200 OK"
    app.extensions["wellness"].close()


def test_a_request_for_another_protocol_is_flasks_to_answer(ask: Asked) -> None:
    ask(environ_of(SESSION))
    environ = environ_of(SESSION, Connection="Upgrade", Upgrade="websocket")
    assert ask(environ) == ask(environ, flask_alone=True)


# --- Who is signed in -------------------------------------------------------------------------------------------------


def test_a_sign_in_that_ends_is_over_on_the_next_kept_page(demo: DemoSite, ask: Asked) -> None:
    teacher = demo.signed_in("teacher")
    teacher.open(SESSION)
    person, environ = demo.person("teacher"), environ_of(SESSION, Cookie=cookie_of(teacher, demo.app))
    ask(environ)
    ask.flask_asked = 0
    assert person.name in ask(environ)[2].decode()
    assert ask.flask_asked == 0
    with demo.records.writing() as tx:
        people.deactivate(tx, person.id)
    assert person.name not in ask(environ)[2].decode()


def test_half_a_day_without_use_ends_a_sign_in_and_kept_pages_are_use(demo: DemoSite, ask: Asked) -> None:
    teacher = demo.signed_in("teacher")
    teacher.open(SESSION)
    name, environ = demo.person("teacher").name, environ_of(SESSION, Cookie=cookie_of(teacher, demo.app))
    for _ in range(3):
        demo.clock.go(hours=11)
        assert name in ask(environ)[2].decode()
    demo.clock.go(hours=13)
    assert name not in ask(environ)[2].decode()


def test_the_token_of_a_page_answered_before_flask_signs_out(demo: DemoSite, ask: Asked) -> None:
    teacher = demo.signed_in("teacher")
    teacher.open(SESSION)
    teacher.open(SESSION)
    ask.flask_asked = 0
    shown = teacher.open(SESSION)
    assert ask.flask_asked == 0
    teacher.submit(shown.form("/sign-out"))
    assert teacher.fetch("/teach/").status_code == 303


def test_a_first_page_gives_the_token_a_cookie_and_no_other_browser_gets_that(demo: DemoSite, ask: Asked) -> None:
    first, second = demo.signed_in("teacher"), demo.signed_in("teacher2")
    assert "Set-Cookie" in first.fetch(SESSION).headers
    assert "Set-Cookie" not in first.fetch(SESSION).headers
    answer = second.fetch(SESSION)
    assert "Set-Cookie" in answer.headers
    assert cookie_of(first, demo.app) != cookie_of(second, demo.app)


def test_a_fault_that_nobody_foresaw_is_flasks_error_page(demo: DemoSite, ask: Asked) -> None:
    ask(environ_of(SESSION))
    demo.catalogue.path.unlink()
    demo.catalogue.path.symlink_to(demo.catalogue.path)  # to look at it is an error of the system
    told = ask(environ_of(SESSION))
    assert told[0] == "500 INTERNAL SERVER ERROR"
    assert dict(told[1])["Content-Security-Policy"]


def test_two_people_of_one_role_get_pages_of_the_right_length(demo: DemoSite, ask: Asked) -> None:
    names = {demo.person(key).name for key in ("teacher", "teacher2")}
    assert len({len(name) for name in names}) == 2, "else this test shows nothing"
    for key in ("teacher", "teacher2", "teacher", "teacher2"):
        browser = demo.signed_in(key)
        browser.open(SESSION)
        answer = browser.fetch(SESSION)
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_a_notice_that_waits_is_shown_although_the_page_is_kept(demo: DemoSite) -> None:
    coach, same = demo.signed_in("coach"), demo.signed_in("coach")
    form = coach.open("/coach/plan").form("/coach/plan/days")
    typed = dict(fields_of(form)) | {"on_day": "2026-12-18", "reason": "Snow", "school_id": ""}
    assert coach.fetch("/coach/plan/days", method="POST", data=typed).status_code == 303
    for _ in range(3):
        assert "is noted." not in same.open(SESSION).text
    assert "The day without school is noted." in coach.open(SESSION).text
    assert "is noted." not in coach.open(SESSION).text


def test_a_text_that_is_edited_shows_on_a_page_that_nobody_asks_flask_for(demo_with_library: DemoSite) -> None:
    demo = demo_with_library
    ask, environ = Asked(demo.app), environ_of(SESSION)
    ask(environ)
    file = demo.settings.library / "sessions" / "four-square-breathing.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: Four-square breathing", "title: Edited beside"), encoding="utf-8")
    end = time.monotonic() + 30
    while b"Edited beside" not in ask(environ)[2]:
        assert time.monotonic() < end


def test_a_visitors_page_comes_although_the_records_are_away(demo: DemoSite, ask: Asked) -> None:
    client = Client(demo.app)
    teacher = demo.signed_in("teacher")
    teacher.open(SESSION)
    environ = environ_of(SESSION, Cookie=cookie_of(teacher, demo.app))
    assert client.open(environ_of(SESSION)).status_code == 200
    demo.records.close()
    file = demo.home / "records.db"
    file.rename(demo.home / "away.db")
    for asked in (environ_of(SESSION), environ):
        told = ask(asked)
        assert told == ask(asked, flask_alone=True)
        assert told[0] == "200 OK"
        assert "Sign out" not in told[2].decode(), "who cannot be asked about is nobody"
