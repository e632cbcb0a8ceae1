"""A browser for tests that looks at every page it is given, as GOV.UK's notifications-admin does.

`open` and `submit` refuse a page that is not what a page of this site has to be: one heading of the first level, labels,
living links, a token in every form, nothing inline, nothing from another host. So every test of a page is a test of that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from wellness.web.http.headers import CONTENT_SECURITY_POLICY
from wellness.web.http.static_files import read_bundles

HOST = "localhost"
_TYPED = ("input", "select", "textarea")
_PRESSED = ("submit", "button", "reset", "image")
_LOADED = {
    "script": "src",
    "link": "href",
    "img": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "track": "src",
}


# --- A page -----------------------------------------------------------------------------------------------------------


@dataclass
class Page:
    """One answer in HTML."""

    path: str
    status: int
    headers: Any
    html: str

    @cached_property
    def _parser(self) -> html5lib.HTMLParser:
        return html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)

    @cached_property
    def root(self) -> Element:
        """The parsed page."""
        root: Element = self._parser.parse(self.html)
        return root

    @property
    def mistakes(self) -> list[str]:
        """Where the HTML is not well-formed."""
        assert self.root is not None
        return [f"line {place[0]}: {code} {data}" for place, code, data in self._parser.errors]

    @property
    def title(self) -> str:
        """The title of the window."""
        return text_of(self.find("title"))

    @property
    def heading(self) -> str:
        """The one heading of the first level."""
        return text_of(self.find("h1"))

    @cached_property
    def text(self) -> str:
        """All that stands on the page."""
        return text_of(self.find("body"))

    @property
    def main(self) -> str:
        """What stands between the head and the foot of the page."""
        return text_of(self.find("main"))

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """The elements of these tags, in order, with these attributes (`class_` has the word among others)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.root.iter()
            if element.tag in tags
            and all(
                value in element.get(name, "").split() if name == "class" else element.get(name) == value
                for name, value in wanted.items()
            )
        ]

    def find(self, *tags: str, **attributes: str) -> Element:
        """The first such element; fails when there is none."""
        found = self.all(*tags, **attributes)
        assert found, f"{self.path} has no {tags} {attributes}"
        return found[0]

    def texts(self, *tags: str, **attributes: str) -> list[str]:
        """What stands in each such element."""
        return [text_of(element) for element in self.all(*tags, **attributes)]

    def by_id(self, id_: str) -> Element | None:
        """The element with that id."""
        return next((element for element in self.root.iter() if element.get("id") == id_), None)

    def rows(self) -> list[list[str]]:
        """The cells of every row of the page's tables."""
        return [[text_of(cell) for cell in row if cell.tag in ("th", "td")] for row in self.all("tr")]

    def beside(self, name: str) -> str:
        """What is said to be wrong beside the field of that name, as assistive technology finds it."""
        controls = [control for control in self.all(*_TYPED) if control.get("name") == name]
        groups = [group for group in self.all("fieldset") if group.get("id") == name]
        described = " ".join(one.get("aria-describedby", "") for one in (*controls, *groups)).split()
        return " ".join(text_of(self.by_id(one)) for one in described if one.endswith("-error"))

    def form(self, action: str) -> Element:
        """The one form that goes to an address ending in `action`."""
        found = [form for form in self.all("form") if urlsplit(form.get("action", "")).path.endswith(action)]
        assert len(found) == 1, f"{self.path}: {len(found)} forms go to {action}"
        return found[0]

    def links(self) -> list[str]:
        """Where the links of the page lead."""
        return [link.get("href", "") for link in self.all("a")]


def text_of(element: Element | None) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def fields_of(form: Element) -> list[tuple[str, str]]:
    """What the browser would send of a form as it stands, without a button."""
    found: list[tuple[str, str]] = []
    for control in form.iter():
        name = control.get("name")
        if name is None or control.tag not in _TYPED or control.get("type") in _PRESSED:
            continue
        if control.tag == "select":
            options = [option for option in control.iter() if option.tag == "option"]
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            found += [(name, option.get("value", text_of(option))) for option in chosen]
        elif control.get("type") not in ("checkbox", "radio") or control.get("checked") is not None:
            found.append((name, control.get("value", "") if control.tag == "input" else control.text or ""))
    return found


# --- The browser ------------------------------------------------------------------------------------------------------


@dataclass
class PageClient:
    """A browser with a cookie jar that inspects every page."""

    app: Flask
    titles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = self.app.test_client()

    def fetch(self, path: str, **options: Any) -> TestResponse:
        """The bare answer, not inspected."""
        answer = self.http.open(path, buffered=True, **options)
        answer.request.environ["wsgi.input"].close()  # a large form is a temporary file that werkzeug leaves open
        return answer

    def open(self, path: str, status: int = 200, **options: Any) -> Page:
        """The page at an address, inspected."""
        return self._page(path, self.fetch(path, **options), status)

    def submit(self, form: Element, status: int = 303, **typed: Any) -> Page:
        """Type into a form by the names of its fields, press, and go where it leads. The page is inspected.

        A button with a name is pressed by naming it: `outcome="done"`.
        """
        names = {control.get("name") for control in form.iter()}
        assert set(typed) <= names, f"the form has no {set(typed) - names}"
        data: dict[str, Any] = {}
        for name, value in fields_of(form):
            data.setdefault(name, []).append(value)
        data |= typed
        if form.get("method", "get") == "get":
            query = {name: value for name, value in data.items() if value != [""]}
            return self.open(form.get("action", ""), status=status if status != 303 else 200, query_string=query)
        return self.send(form.get("action", ""), data, status)

    def send(self, path: str, data: dict[str, Any], status: int = 303) -> Page:
        """Post to an address; a redirection is followed. The page is inspected."""
        answer = self.fetch(path, method="POST", data=data)
        if answer.status_code != 303:
            return self._page(path, answer, status)
        assert status == 303, f"{path} answered 303 to {answer.location}, not {status}"
        return self.open(answer.location)

    def any_token(self) -> str:
        """A token that any form of this browser may send."""
        text = self.fetch("/sign-in", follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
        assert found is not None
        return found[1]

    def sign_in(self, email: str, password: str, status: int = 303, **asked: str) -> Page:
        """Sign in through the form."""
        page = self.open("/sign-in", query_string=asked)
        return self.submit(page.form("/sign-in"), status, email=email, password=password)

    def crawl(self, *starts: str, each: int = 400) -> dict[str, Page]:
        """The pages that can be reached by links from these, each opened once; of one kind no more than `each`."""
        kinds: Counter[str] = Counter()
        seen: dict[str, Page] = {}
        wrong: list[str] = []
        waiting = list(starts)
        while waiting:
            address = waiting.pop(0)
            if address in seen:
                continue
            kinds[self._kind(address)] += 1
            if kinds[self._kind(address)] > each:
                continue
            answer = self.fetch(address)
            if answer.mimetype != "text/html":
                assert answer.status_code == 200, f"{address} answered {answer.status_code}"
                continue
            page = seen[address] = Page(address, answer.status_code, answer.headers, answer.get_data(as_text=True))
            wrong += [f"{address} ({page.status}): {what}" for what in self._wrong(page, answer)]
            waiting += [link.partition("#")[0] for link in page.links() if _leads_on(link, address)]
        assert not wrong, "\n".join(wrong)
        assert {page.status for page in seen.values()} == {200}, [
            page.path for page in seen.values() if page.status != 200
        ]
        return seen

    def _kind(self, address: str) -> str:
        parts = urlsplit(address)
        endpoint, _ = self.app.url_map.bind(HOST).match(parts.path)
        return f"{endpoint} {sorted(query_of(address))}"

    def _page(self, path: str, answer: TestResponse, status: int) -> Page:
        text = answer.get_data(as_text=True)
        said = re.search(r"<main.*?</main>", text, re.S)
        assert answer.status_code == status, f"{path} answered {answer.status}, not {status}:\n{said and said[0]}"
        assert answer.mimetype == "text/html", f"{path} is {answer.mimetype}"
        page = Page(path, status, answer.headers, text)
        found = self._wrong(page, answer)
        assert not found, "\n".join([f"{path} ({status}):", *found])
        return page

    def _wrong(self, page: Page, answer: TestResponse) -> list[str]:
        return [*inspect(page, self.app), *self._same_title(page, answer)]

    def _same_title(self, page: Page, answer: TestResponse) -> Iterator[str]:
        if page.status != 200:
            return
        first = self.titles.setdefault(page.title, answer.request.path)
        if first != answer.request.path:
            yield f"the title “{page.title}” is that of {first} too"


# --- What a page has to be --------------------------------------------------------------------------------------------


def inspect(page: Page, app: Flask) -> Iterator[str]:
    """Everything that is wrong with a page."""
    yield from page.mistakes
    yield from _frame(page)
    yield from _headings(page)
    yield from _references(page)
    yield from _labels(page)
    yield from _nothing_inline(page)
    yield from _own_host(page)
    yield from _forms(page)
    yield from _addresses(page, app)


def _frame(page: Page) -> Iterator[str]:
    if page.root.get("lang") not in ("en", "es"):
        yield "the page has no language"
    if not page.title or page.title.startswith("·"):
        yield "the page has no title"
    if page.headers.get("Content-Security-Policy") != CONTENT_SECURITY_POLICY:
        yield "the page has no content security policy"
    if not any(urlsplit(link).path == "/help" for link in page.links()):
        yield "the page does not say where to talk to someone"
    if len(page.all("main")) != 1:
        yield "the page needs one main part"


def _headings(page: Page) -> Iterator[str]:
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    yield from (f"a heading jumps from h{a} to h{b}" for a, b in pairwise(levels) if b > a + 1)
    yield from ("a heading is empty" for heading in page.all("h1", "h2", "h3", "h4") if not text_of(heading))


def _references(page: Page) -> Iterator[str]:
    ids = Counter(element.get("id") for element in page.root.iter() if element.get("id") is not None)
    yield from (f"the id {one} stands there {times} times" for one, times in ids.items() if times > 1)
    for element in page.root.iter():
        for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
            if name == "for" and element.tag not in ("label", "output"):
                continue
            named = element.get(name, "").split()
            yield from (f"{name} names {one}, which is not there" for one in named if one not in ids)
    for link in page.links():
        if link.startswith("#") and link[1:] not in ids:
            yield f"a link leads to {link}, which is not there"


def _labels(page: Page) -> Iterator[str]:
    labeled = {label.get("for") for label in page.all("label") if text_of(label)}
    wrapped = {id(inner) for label in page.all("label") if text_of(label) for inner in label.iter()}
    for control in page.all(*_TYPED):
        if control.get("type") in ("hidden", *_PRESSED) or id(control) in wrapped:
            continue
        if control.get("id") not in labeled and not (control.get("aria-label") or control.get("aria-labelledby")):
            yield f"the field {control.get('name')} has no label"
    for pressed in page.all("a", "button", "summary"):
        if not text_of(pressed) and not pressed.get("aria-label"):
            yield f"a {pressed.tag} says nothing: {pressed.attrib}"
    yield from (f"the image {image.get('src')} has no alt" for image in page.all("img") if image.get("alt") is None)
    yield from ("a group of fields has no legend" for group in page.all("fieldset") if not _has(group, "legend"))


def _has(element: Element, tag: str) -> bool:
    return any(text_of(inner) for inner in element.iter() if inner.tag == tag)


def _nothing_inline(page: Page) -> Iterator[str]:
    for element in page.root.iter():
        if not isinstance(element.tag, str):
            continue
        yield from (
            f"{element.tag} has an attribute {name}"
            for name in element.attrib
            if name == "style" or name.startswith("on")
        )
        if element.tag == "style" or (element.tag == "script" and element.get("src") is None):
            yield f"an inline {element.tag}"


def _own_host(page: Page) -> Iterator[str]:
    loaded = [element.get(attribute) for tag, attribute in _LOADED.items() for element in page.all(tag)]
    sent = [form.get("action") for form in page.all("form")]
    for address in (*loaded, *sent):
        if address is not None and (urlsplit(address).netloc or urlsplit(address).scheme):
            yield f"{address} is another host"


def _forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        if form.get("method") == "dialog":
            continue
        if form.get("action") is None:
            yield "a form does not say where it goes"
        tokens = [one.get("value") for one in form.iter() if one.tag == "input" and one.get("name") == "csrf_token"]
        if form.get("method") == "post" and (len(tokens) != 1 or not tokens[0]):
            yield f"the form to {form.get('action')} has no token"
        if form.get("method") != "post" and tokens:
            yield f"the form to {form.get('action')} shows its token in the address"


def _addresses(page: Page, app: Flask) -> Iterator[str]:
    asked = [(link, "GET") for link in page.links()]
    asked += [(str(one.get(_LOADED[one.tag])), "GET") for one in page.all("script", "link", "img")]
    asked += [(form.get("action", ""), form.get("method", "get").upper()) for form in page.all("form")]
    for address, method in dict.fromkeys(asked):
        if method != "DIALOG" and not _resolves(app, page, address, method):
            yield f"{method} {address!r} leads nowhere"


def _resolves(app: Flask, page: Page, address: str, method: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme:
        return parts.scheme in ("https", "tel", "sms", "mailto")
    if not parts.path:
        return bool(parts.query or parts.fragment)
    known = app.extensions.setdefault("pages-known", {})
    key = (parts.path, method)
    if key not in known:
        known[key] = parts.path.startswith("/") and _matches(app, parts.path, method)
    return bool(known[key])


def _matches(app: Flask, path: str, method: str) -> bool:
    try:
        endpoint, arguments = app.url_map.bind(HOST).match(path, method=method)
    except (HTTPException, RequestRedirect):
        return False
    if endpoint != "static":
        return True
    folder = Path(app.static_folder or "")
    files = read_bundles(folder).get(arguments["filename"], [arguments["filename"]])
    return all((folder / file).is_file() for file in files)


def _leads_on(link: str, address: str) -> bool:
    """Whether a crawl follows a link: one language at a time, so that each page is looked at once."""
    return link.startswith("/") and query_of(link).get("lang") == query_of(address).get("lang")


def query_of(address: str) -> dict[str, str]:
    """The query of an address."""
    return dict(parse_qsl(urlsplit(address).query))


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Which of these names stand in a text."""
    return [name for name in names if name in text]
