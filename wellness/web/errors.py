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
    SignInNeeded,
    StorageFull,
    TooMany,
    Unavailable,
    Uncertain,
    WellnessError,
)
from .http.cross_site import FromElsewhere

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
    400: _l("That did not reach us whole"),
    403: _l("This page is for other staff"),
    404: _l("There is nothing at this address"),
    405: _l("This address cannot be used that way"),
    409: _l("Someone else was here in the meantime"),
    413: _l("That is too large"),
    422: _l("Something needs another look"),
    429: _l("Too many tries"),
    500: _l("Something went wrong on our side"),
    503: _l("The site cannot answer just now"),
    507: _l("The site has run out of space"),
}
_SAVED = {
    400: _l("Nothing was saved."),
    409: _l("Your change was not saved."),
    413: _l("Nothing was saved."),
    422: _l("Nothing was saved."),
    429: _l("Nothing was saved."),
    500: _l("We cannot say for certain that it was saved; look before you enter it again."),
    503: _l("Nothing was saved. You can press the button again."),
    507: _l("Nothing was saved. Reading the sessions goes on."),
}
_MESSAGES = {
    400: _l("Go back one page and try once more."),
    404: _l(
        "The address may have a typing mistake, or the page has moved. The library and this week's session are below."
    ),
    405: _l("Go back and use the buttons on the page."),
    413: _l("Send something smaller."),
    429: _l("Please wait a minute and try again."),
    500: _l("It is written in the site's log under the number below. Please tell the person who runs this site."),
}


@dataclass(frozen=True, slots=True)
class ErrorAction:
    """Where a person can go from an error page."""

    label: str
    href: str


def register_errors(app: Flask) -> None:
    """Give `app` its error pages."""
    app.register_error_handler(SignInNeeded, _ask_to_sign_in)
    app.register_error_handler(WellnessError, _show_wellness_error)
    app.register_error_handler(CSRFError, _show_csrf_error)
    app.register_error_handler(FromElsewhere, _show_from_elsewhere)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(Exception, _show_unforeseen)


def _ask_to_sign_in(error: SignInNeeded) -> Response:
    if request.method == "POST":
        flash(_("Your sign-in has ended, so this was not saved. Sign in and press it once more."), "caution")
        return redirect(url_for("auth.sign_in"), code=303)  # type: ignore[return-value]
    target = request.full_path.rstrip("?")
    return redirect(url_for("auth.sign_in", next=target), code=303)  # type: ignore[return-value]


def _show_wellness_error(error: WellnessError) -> Response:
    status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 500)
    if status >= 500:
        saved = "" if isinstance(error, Uncertain) else None  # its message says all that is known
        return _page(status, _(error.message), reference=_note(error, status), saved=saved)
    response = _page(status, _(error.message), conflict=error if isinstance(error, Conflict) else None)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _show_csrf_error(error: CSRFError) -> Response:
    message = _(
        "The page was open for a long time, or this browser did not keep the site's cookie. Go back, load the page again "
        "and press once more. If it happens every time, allow cookies for this site."
    )
    return _page(400, message)


def _show_from_elsewhere(_error: FromElsewhere) -> Response:
    return _page(400, _("This was sent by a page of another site. Open the page here and press there."))


def _show_http_error(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # another host's name: no address of ours can be written into a page
        return Response("This site does not answer to that name.\n", 400, mimetype="text/plain")
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _page(status, str(_MESSAGES.get(status, "")))
    if status == 405 and error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _show_unforeseen(error: Exception) -> Response:
    return _page(500, str(_MESSAGES[500]), reference=_note(error, 500))


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
        ErrorAction(_("This week's session"), url_for("browse.home")),
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
