"""The one mapping from errors to pages: status, what happened, whether anything was saved, what to do."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from ..errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PasswordChangeNeeded,
    SignInNeeded,
    StorageFull,
    TooMany,
    Unavailable,
    Uncertain,
    WellnessError,
)
from ..files import is_full
from .http.cross_site import FromElsewhere
from .http.security_log import Event, note_event, note_limit
from .request import find_staff
from .translations import in_words
from .unsent import keep_typed

_log = logging.getLogger(__name__)

STATUSES: dict[type[WellnessError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
    StorageFull: 507,
    Unavailable: 503,
}

_TITLES = {
    400: _l("That didn’t come through"),
    403: _l("You don’t have access to this page"),
    404: _l("We couldn’t find that page"),
    405: _l("That address can’t be used that way"),
    409: _l("Someone else changed this first"),
    413: _l("That’s too large"),
    422: _l("Something needs fixing"),
    429: _l("Too many tries"),
    500: _l("Something went wrong on our end"),
    503: _l("The site isn’t available right now"),
    507: _l("The site is out of space"),
}
_SAVED = {
    400: _l("Nothing was saved."),
    409: _l("Your change wasn’t saved."),
    413: _l("Nothing was saved."),
    422: _l("Nothing was saved."),
    429: _l("Nothing was saved."),
    500: _l("We’re not sure it was saved. Check before you enter it again."),
    503: _l("Nothing was saved. You can try again."),
    507: _l("Nothing was saved. You can still use the sessions."),
}
_MESSAGES = {
    400: _l("Go back and try again."),
    404: _l("The address may have a typo, or the page may have moved. This week’s session and the library are below."),
    405: _l("Go back and use the buttons on the page."),
    413: _l("Try a smaller file or a shorter text."),
    429: _l("Please wait a minute and try again."),
    507: _l(
        "The disk is full, so nothing was saved. Ask the person who runs the site to free up space, then try again."
    ),
    500: _l("The details are in the site’s log under the code below. Please tell the person who runs this site."),
}


@dataclass(frozen=True, slots=True)
class ErrorAction:
    """Where a person can go from an error page."""

    label: str
    href: str


def register_errors(app: Flask) -> None:
    """Give `app` its error pages."""
    app.register_error_handler(SignInNeeded, _ask_to_sign_in)
    app.register_error_handler(PasswordChangeNeeded, _ask_for_own_password)
    app.register_error_handler(WellnessError, _show_wellness_error)
    app.register_error_handler(CSRFError, _show_csrf_error)
    app.register_error_handler(FromElsewhere, _show_from_elsewhere)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(Exception, _show_unforeseen)


def _ask_to_sign_in(error: SignInNeeded) -> Response:
    if keep_typed():
        return _ask_to_sign_in_and_return()
    if request.method == "POST":
        flash(_("You’re signed out, so this wasn’t saved. Sign in and try again."), "caution")
        return redirect(url_for("auth.sign_in"), code=303)  # type: ignore[return-value]
    target = request.full_path.rstrip("?")
    return redirect(url_for("auth.sign_in", next=target), code=303)  # type: ignore[return-value]


def _ask_to_sign_in_and_return() -> Response:
    flash(_("You were signed out. What you typed is safe: sign in, then press Save again."), "caution")
    return redirect(url_for("auth.sign_in", next=url_for("account.unsent")), code=303)  # type: ignore[return-value]


def _ask_for_own_password(error: PasswordChangeNeeded) -> Response:
    flash(_(error.message), "caution")
    return redirect(url_for("account.change_password"), code=303)  # type: ignore[return-value]


def _show_wellness_error(error: WellnessError) -> Response:
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 500)
    if isinstance(error, Forbidden):
        note_event(Event.NO_RIGHT)
    if status >= 500:
        saved = "" if isinstance(error, Uncertain) else None  # its message says all that is known
        return _page(status, in_words(error.message), reference=_note(error, status), saved=saved)
    response = _page(status, in_words(error.message), conflict=error if isinstance(error, Conflict) else None)
    if isinstance(error, TooMany):
        note_limit(request.endpoint or "unknown")
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _show_csrf_error(error: CSRFError) -> Response:
    if keep_typed():
        if find_staff() is None:
            return _ask_to_sign_in_and_return()
        return redirect(url_for("account.unsent"), code=303)  # type: ignore[return-value]
    message = _(
        "The page was open too long, or your browser didn’t keep this site’s cookie. Go back, reload "
        "the page and try again. If it keeps happening, allow cookies for this site."
    )
    return _page(400, message)


def _show_from_elsewhere(_error: FromElsewhere) -> Response:
    note_event(Event.FROM_ANOTHER_SITE)
    return _page(400, _("That came from a page on another site. Open the page on this site and try again."))


def _show_http_error(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # another host's name: no address of ours can be written into a page
        return Response("This site isn't set up for that address.\n", 400, mimetype="text/plain")
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _page(status, str(_MESSAGES.get(status, "")))
    if status == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _show_unforeseen(error: Exception) -> Response:
    status = 507 if isinstance(error, OSError) and is_full(error) else 500
    return _page(status, str(_MESSAGES[status]), reference=_note(error, status))


def _note(error: Exception, status: int) -> str:
    """Write the error into the log under an id that the page shows too."""
    reference = secrets.token_hex(4)
    endpoint = request.endpoint or "unknown"
    _log.error("error %s: status %d at %s", reference, status, endpoint, exc_info=error)
    return reference


def _page(
    status: int, message: str, *, reference: str = "", conflict: Conflict | None = None, saved: str | None = None
) -> Response:
    actions = [
        ErrorAction(_("This week’s session"), url_for("browse.home")),
        ErrorAction(_("The library"), url_for("browse.library")),
        ErrorAction(_("Talk to someone"), url_for("browse.help")),
    ]
    body = render_template(
        "error.html",
        status=status,
        title=_TITLES.get(status, HTTPStatus(status).phrase),
        message=message,
        saved=(_SAVED.get(status, "") if saved is None else saved) if request.method == "POST" else "",
        actions=actions,
        reference=reference,
        conflict=conflict,
    )
    response = make_response(body, status)
    response.headers["Cache-Control"] = "no-store"
    return response
