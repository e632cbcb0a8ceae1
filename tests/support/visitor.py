"""A browser for tests of real servers: it keeps cookies, follows redirections, fills in forms, and looks at no pixels.

Cookies belong to a host, not to a port: one visitor is the same person on every node.
"""

from __future__ import annotations

from collections.abc import Sequence
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, ProxyHandler, build_opener
from xml.etree.ElementTree import Element

from tests.support.pages import Page, fields_of
from wellness.demo import PASSWORD


class Visitor:
    """One person's browser."""

    def __init__(self) -> None:
        cookies = HTTPCookieProcessor(CookieJar())
        self._opener = build_opener(ProxyHandler({}), cookies)
        self._presser = build_opener(ProxyHandler({}), cookies, StaysThere)

    def ask(self, address: str, data: Sequence[tuple[str, str]] | None = None) -> Page:
        """What comes back, whatever it is; with `data` it is posted."""
        return _page(self._opener, address, data)

    def press(self, address: str, data: Sequence[tuple[str, str]]) -> Page:
        """The answer to a press alone: where it leads is not opened."""
        return _page(self._presser, address, data)

    def open(self, address: str) -> Page:
        """The page at an address."""
        page = self.ask(address)
        assert page.status == 200, f"{address} answered {page.status}: {page.main}"
        return page

    def submit(self, page: Page, form: Element, **typed: str) -> Page:
        """Type into a form of the page, press, and go where it leads."""
        fields = [(name, value) for name, value in fields_of(form) if name not in typed]
        return self.ask(urljoin(page.path, form.get("action", "")), [*fields, *typed.items()])

    def sign_in(self, node: str, email: str) -> None:
        """Sign in as somebody of the demo."""
        page = self.open(f"{node}/sign-in")
        assert self.submit(page, page.form("/sign-in"), email=email, password=PASSWORD).path.startswith(
            f"{node}/teach/"
        )


class StaysThere(HTTPRedirectHandler):
    """Goes nowhere."""

    def redirect_request(self, *_answer: object) -> None:
        """A redirection is an answer like any other."""


def _page(opener: OpenerDirector, address: str, data: Sequence[tuple[str, str]] | None) -> Page:
    body = None if data is None else urlencode(data).encode()
    try:
        answer = opener.open(address, body, timeout=60)
    except HTTPError as error:
        answer = error
    with answer:
        return Page(answer.url, answer.status, answer.headers, answer.read().decode())
