"""Sign in and out. The cookie has only the random key of a sign-in; the records know whose it is."""

from __future__ import annotations

import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ..domain import Person
from ..errors import Invalid, TooMany, Unavailable
from ..policy import Action, has_role
from ..records.people import email_key
from ..school import accounts
from .access import requires
from .http.rate_limits import WRONG_SIGN_INS, count, refuse_beyond, slow_down
from .http.security_log import Event, note_event
from .request import cookie, now, site, staff
from .translations import in_words
from .unsent import address_of, find_typed, name_in_tokens

bp = Blueprint("auth", __name__)
_HALF_A_YEAR = 180 * 24 * 60 * 60
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@dataclass(frozen=True, slots=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The user object of Flask-Login: key of a sign-in, the person, and when the password was last entered."""

    key: str
    person: Person
    confirmed_at: datetime

    def get_id(self) -> str:
        """Return the key, the only thing stored in the cookie."""
        return self.key


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Email and password; paste and password managers are welcome (WCAG 2.2, 3.3.8)."""

    email = StringField(_l("Email"), [InputRequired(_l("Enter your work email.")), Length(max=200)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=1000)])
    remember = BooleanField(
        _l("Keep me signed in on this device for 30 days"), description=_l("Not on a computer that others use.")
    )
    next = HiddenField(validators=[Length(max=2000)])


def register_sign_in(app: Flask) -> None:
    """Set up Flask-Login on `app`, with the sign-ins of the records."""
    # Templates use `actor`. Flask-Login's context processor would read the records even for the page that says they are down.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None  # it hashes the browser's address and agent; our keys are rows that can be ended

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(key: str) -> SignedIn | None:
        found = accounts.find_sign_in(site().records, key, now())
        if found is None:
            return None
        name_in_tokens(found.person)
        return SignedIn(key, found.person, found.confirmed_at)


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(Action.VISIT)
def sign_in() -> Response | tuple[str, int] | str:
    """Show the sign-in form, or sign in and redirect to `next`."""
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET":
        if (person := staff()) is not None:
            return redirect(_own_path(request.args.get("next", ""), person), code=303)
        return render_template("auth/sign_in.html", form=form)
    device = known_device(form.email.data or "")
    if not device:
        slow_down(WRONG_SIGN_INS, "sign-in")
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form), 422
    try:
        person, key = accounts.sign_in(
            site().records, form.email.data, form.password.data, now(), device, remember=form.remember.data,
            replaces=str(cookie.get("_user_id", "")),
        )  # fmt: skip
    except (Invalid, TooMany) as error:
        if not device:
            refuse_beyond(WRONG_SIGN_INS, "sign-in")
        count(WRONG_SIGN_INS, "sign-in")
        note_event(Event.WRONG_PASSWORD if isinstance(error, Invalid) else Event.ACCOUNT_WAITS)
        form.password.errors = [in_words(error.message)]
        return render_template("auth/sign_in.html", form=form), 422 if isinstance(error, Invalid) else 429
    open_browser(person, key, remember=form.remember.data)
    note_event(Event.SIGNED_IN, role=person.role.value, known_browser=bool(device))
    answer = redirect(_first_page(person, form.next.data or ""), code=303)
    _remember_device(answer, form.email.data, device or secrets.token_urlsafe(16))
    return answer


def _first_page(person: Person, target: str) -> str:
    """Return where a person who has just signed in goes: `target` if it is a path of this site, or what comes before it."""
    if person.has_temporary_password:
        return url_for("account.change_password")
    if target == url_for("account.unsent"):
        kept = find_typed(person)
        target = address_of(kept, 0) if kept is not None else ""
    return _own_path(target, person)


def open_browser(person: Person, key: str, *, remember: bool = False) -> None:
    """Let this browser use a new sign-in; no data of an earlier one survives it.

    With `remember` the cookie outlives the browser.
    """
    cookie.clear()
    cookie.permanent = remember
    login_user(SignedIn(key, person, now()))


def close_browser() -> None:
    """Let this browser forget its sign-in."""
    logout_user()
    cookie.clear()


@bp.post("/sign-out")
@requires(Action.SIGN_OUT)
def sign_out() -> Response:
    """End the sign-in in the browser and in the records."""
    with suppress(Unavailable):  # the browser forgets the key all the same
        accounts.sign_out(site().records, current_user.get_id())
    close_browser()
    note_event(Event.SIGNED_OUT)
    return redirect(url_for("browse.home"), code=303)


# A browser that has signed in before has a second cookie: a random device id with an HMAC over id and email. It does not sign
# anyone in; it only spares the device the waiting time caused by wrong passwords on other devices.


def known_device(email: str) -> str:
    """Return the id of this browser if the person with this email has signed in on it before, else an empty string."""
    name, _, seal = request.cookies.get(_device_cookie(), "").partition(".")
    return name if hmac.compare_digest(seal.encode(), _seal(email, name).encode()) else ""


def _remember_device(answer: Response, email: str, name: str) -> None:
    answer.set_cookie(
        _device_cookie(),
        f"{name}.{_seal(email, name)}",
        max_age=_HALF_A_YEAR,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )


def _device_cookie() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"


def _seal(email: str, name: str) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"known device\0{name}\0{email_key(email)}".encode(), "sha256").hexdigest()


def _own_path(target: str, person: Person) -> str:
    """Return `target` if it is a path of this site, else the person's first page; never another host (open redirect)."""
    if _OWN_PATH.fullmatch(target):
        return target
    return url_for("classroom.classes" if has_role(person, Action.TEACH) else "coach.grid")
