"""What was typed is still there after a sign-in had ended, for every form of the site.

The token of each form names the person it was made for. When such a form arrives without that person's sign-in, or with
a token of an earlier one, its fields are kept for that person alone. After the next sign-in the page with the form is
shown again, filled in. Passwords and files are never kept.
"""

from __future__ import annotations

import secrets
from functools import cache
from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, Response, current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeTimedSerializer
from wtforms import PasswordField

from ..domain import Person
from ..errors import StorageFull, Unavailable
from ..records.unsent_forms import UnsentForm
from ..school import unsent_forms
from .request import cookie, find_staff, now, site, wants_json

_CSRF_FIELD = "csrf_token"
_STEP = "unsent"
"""In an address: which of the pages that may have the form is shown. In the cookie: a form is waiting to be saved."""
_CHOSEN = ("checkbox", "radio")
_LEFT_ALONE = ("file", "password", "submit", "button", "image", "reset")


# --- Whose form it is -------------------------------------------------------------------------------------------------


def name_in_tokens(person: Person) -> None:
    """Let the tokens of this browser's forms name the person who is signed in."""
    if _CSRF_FIELD not in cookie:
        cookie[_CSRF_FIELD] = f"{secrets.token_hex(20)}.{person.id}"


def _person_in_token() -> str:
    """Return the id of the person that the sent form was made for; empty for a visitor's form or a forged token."""
    signed = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token")
    try:
        secret = signed.loads(request.form.get(_CSRF_FIELD, ""))
    except BadSignature:
        return ""
    return str(secret).partition(".")[2]


@cache
def password_fields() -> frozenset[str]:
    """Return the names of every field that takes a password."""
    forms, names = [FlaskForm], set()
    while forms:
        form = forms.pop()
        forms += form.__subclasses__()
        names |= {
            name for name in dir(form) if getattr(getattr(form, name, None), "field_class", None) is PasswordField
        }
    return frozenset(names)


# --- Keeping ----------------------------------------------------------------------------------------------------------


def keep_typed() -> bool:
    """Keep what was sent for the person whose form it is, and say whether it was kept.

    Nothing is kept of a form of another person than the one who is signed in, or of what a script sends.
    """
    person_id, actor = _person_in_token(), find_staff()
    if request.method != "POST" or wants_json() or not person_id or (actor is not None and actor.id != person_id):
        return False
    hidden = password_fields() | {_CSRF_FIELD}
    fields = {name: texts for name, texts in request.form.lists() if name not in hidden}
    action = "/" + request.path.lstrip("/\\")
    try:
        return unsent_forms.keep_form(
            site().records, person_id, page=_page_of_form(), action=action, fields=fields, at=now()
        )
    except (Unavailable, StorageFull):
        return False


def _page_of_form() -> str:
    """Return the path of the page that the form was on."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return request.path
    kept = [pair for pair in parse_qsl(came_from.query) if pair[0] != _STEP]
    path = "/" + came_from.path.lstrip("/\\")  # two slashes would lead to another host
    return path + (f"?{urlencode(kept)}" if kept else "")


# --- Showing it again -------------------------------------------------------------------------------------------------


def find_typed(person: Person) -> UnsentForm | None:
    """Return what is kept for this person."""
    return unsent_forms.find_form(site().records, person.id, now())


def address_of(kept: UnsentForm, step: int) -> str:
    """Return where the form may be shown: the page it was on, where it was sent, the pages above, last a plain list."""
    action = kept.action.rstrip("/")
    above = action.rpartition("/")[0]
    pages = list(dict.fromkeys([kept.page, kept.action, above or "/", f"{above}/", above.rpartition("/")[0] or "/"]))
    if step >= len(pages):
        return url_for("account.unsent", listed=1)
    return f"{pages[step]}{'&' if '?' in pages[step] else '?'}{_STEP}={step}"


def register_unsent(app: Flask) -> None:
    """Let `app` fill in the form of a page that is opened for it, and forget it once it was saved."""

    @app.after_request
    def fill_or_forget(response: Response) -> Response:
        if request.method == "GET" and _STEP in request.args:
            return _filled(response)
        if request.method == "POST" and response.status_code == 303 and _is_saved():
            cookie.pop(_STEP, None)
            if (person := find_staff()) is not None:
                unsent_forms.forget_form(site().records, person.id)
        return response


def _is_saved() -> bool:
    return cookie.get(_STEP) == request.path


def _filled(response: Response) -> Response:
    person = find_staff()
    kept = find_typed(person) if person is not None else None
    if kept is None:
        return response
    step = request.args.get(_STEP, 0, type=int)
    is_page = response.status_code == 200 and response.mimetype == "text/html" and not response.direct_passthrough
    form = find_form(response.get_data(as_text=True), kept) if is_page else None
    if form is None:
        return redirect(address_of(kept, max(step, 0) + 1), code=303)  # type: ignore[return-value]
    cookie[_STEP] = kept.action
    response.set_data(form.filled(kept, render_template("_unsent.html", has_file=form.has_file)))
    response.headers["Cache-Control"] = "no-store"
    return response


# --- One form of a page -----------------------------------------------------------------------------------------------

Attributes = dict[str, str | None]


class Control:
    """A start tag in a form, and where it is in the page; `text_end` is where a textarea's text ends."""

    def __init__(self, tag: str, attributes: Attributes, start: int, end: int, select: str = "") -> None:
        self.tag, self.attributes, self.start, self.end = tag, attributes, start, end
        self.name = select or attributes.get("name") or ""
        self.kind = (attributes.get("type") or "").lower()
        self.text_end = end

    def written(self, typed: list[str]) -> str:
        """Return the tag with what was typed in it; `typed` loses what a text field takes."""
        changed = dict(self.attributes)
        if self.tag == "option" or self.kind in _CHOSEN:
            mark = "selected" if self.tag == "option" else "checked"
            changed.pop(mark, None)
            if (self.attributes.get("value") or ("" if self.tag == "option" else "on")) in typed:
                changed[mark] = None
        elif self.tag == "input" and typed:
            changed["value"] = typed.pop(0)
        words = [name if value is None else f'{name}="{escape(value)}"' for name, value in changed.items()]
        text = escape(typed.pop(0)) if self.tag == "textarea" and typed else None
        return f"<{' '.join([self.tag, *words])}>" + ("" if text is None else f"\n{text}")


class PageForm:
    """A form of a page with its controls."""

    def __init__(self, page: FormReader, attributes: Attributes, start: int) -> None:
        self.page, self.attributes, self.start = page, attributes, start
        self.controls: list[Control] = []

    @property
    def has_file(self) -> bool:
        """Whether a file can be chosen in it."""
        return any(control.kind == "file" for control in self.controls)

    def is_of(self, kept: UnsentForm) -> bool:
        """Whether the kept fields are those of this form."""
        names = {control.name for control in self.controls}
        return urlsplit(self.attributes.get("action") or "").path == kept.action and set(kept.fields) <= names

    def filled(self, kept: UnsentForm, notice: str) -> str:
        """Return the page with this form filled in, and a notice above it."""
        typed = {name: list(texts) for name, texts in kept.fields.items()}
        pieces, at = [self.page.html[: self.start], notice], self.start
        for control in self.controls:
            is_left_alone = control.kind in _LEFT_ALONE or control.name == _CSRF_FIELD or control.tag == "button"
            if is_left_alone or (control.name not in typed and not _is_chosen_from(control)):
                continue
            pieces += [self.page.html[at : control.start], control.written(typed.get(control.name, []))]
            at = control.text_end
        return "".join([*pieces, self.page.html[at:]])


def _is_chosen_from(control: Control) -> bool:
    """Whether the control sends nothing when it is not chosen."""
    return control.tag == "option" or control.kind in _CHOSEN


class FormReader(HTMLParser):
    """Finds the forms of a page with the places of their controls."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.forms: list[PageForm] = []
        self._lines = [0]
        for line in html.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._open: PageForm | None = None
        self._select = ""
        self._textarea: Control | None = None
        self.feed(html)

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form or a control of the open form."""
        attributes, start = dict(attrs), self._place()
        if tag == "form":
            self._open = PageForm(self, attributes, start)
            self.forms.append(self._open)
        elif tag == "select":
            self._select = attributes.get("name") or ""
        if self._open is None or tag not in ("input", "textarea", "option", "button"):
            return
        end = start + len(self.get_starttag_text() or "")
        control = Control(tag, attributes, start, end, self._select if tag == "option" else "")
        self._open.controls.append(control)
        self._textarea = control if tag == "textarea" else self._textarea

    def handle_endtag(self, tag: str) -> None:
        """Close the form, the select or the textarea."""
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._textarea is not None:
            self._textarea.text_end = self._place()
            self._textarea = None


def find_form(html: str, kept: UnsentForm) -> PageForm | None:
    """Return the first form of the page that the kept fields belong to."""
    return next((form for form in FormReader(html).forms if form.is_of(kept)), None)
