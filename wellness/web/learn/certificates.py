"""Views of certificates: anyone with the code sees the certificate, as a page, print version or PDF."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask import redirect as go_to
from werkzeug.wrappers import Response

from ...domain import Completion
from ...errors import NotFound, worded
from ...pdf import can_make_pdf, make_pdf
from ...policy import Action
from ...records import publications
from ...training.completion import find_certificate
from .. import labels
from ..access import requires
from ..http.rate_limits import WRONG_CODES, Limit, count, refuse_beyond
from ..request import site, staff
from .forms import CertificateForm

bp = Blueprint("certificates", __name__, url_prefix="/certificates")

FILES = Limit(30)
"""PDFs per network; each takes up to a second of CPU."""

NO_SUCH_CERTIFICATE = worded(
    "We couldn’t find a certificate with that code. Check each character; codes never contain the "
    "numbers 0 or 1. Capitals, spaces and dashes don’t matter."
)


@bp.get("/")
@requires(Action.VISIT)
def enter() -> Response | str:
    """Enter a certificate code; capitals, spaces and dashes do not matter."""
    typed = "".join(request.args.get("code", "").split())[:80]
    if not typed:
        return render_template("learn/certificate_enter.html", form=CertificateForm(formdata=None))
    return go_to(url_for("certificates.certificate", code=typed.replace("/", "-")), code=303)


@bp.get("/<code>")
@requires(Action.VISIT)
def certificate(code: str) -> Response:
    """Show the certificate with this code."""
    found = _find(code)
    if found.code != code:
        return _hidden(go_to(url_for("certificates.certificate", code=found.code), 308))
    page = render_template(
        "learn/certificate.html",
        **_stated(found),
        can_make_pdf=can_make_pdf(),
        is_mine=(person := staff()) is not None and person.id == found.person_id,
    )
    return _hidden(make_response(page))


@bp.get("/<code>.pdf")
@requires(Action.VISIT)
def file(code: str) -> Response:
    """Return the certificate as a PDF. Raises Unavailable when PDFs cannot be made here."""
    found = _find(code)
    refuse_beyond(FILES, "certificate files")
    count(FILES, "certificate files")
    html = render_template("learn/certificate_paper.html", **_stated(found))
    response = make_response(make_pdf(html, Path(current_app.static_folder or "")))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="certificate-{found.code[:8]}.pdf"'
    return _hidden(response)


def _find(code: str) -> Completion:
    """Return the certificate. Raises NotFound for a wrong code, and TooMany after many wrong codes from one network."""
    with site().records.reading() as tx:
        found = find_certificate(tx, code)
    if found is None:
        refuse_beyond(WRONG_CODES, "certificate code")
        count(WRONG_CODES, "certificate code")
        raise NotFound(NO_SUCH_CERTIFICATE)
    return found


def _stated(found: Completion) -> dict[str, object]:
    with site().records.reading() as tx:
        published = publications.list_first_published(tx, [found.revision])
    return {
        "certificate": found,
        "version": labels.version_label(found.revision, published, with_year=True),
        "shown_code": "-".join(found.code[place : place + 5] for place in range(0, len(found.code), 5)),
        "address": url_for("certificates.certificate", code=found.code, lang=None, _external=True),
        "enter_address": url_for("certificates.enter", lang=None, _external=True),
    }


def _hidden(response: Response) -> Response:
    """Forbid indexing and caching of the response, because it names a person."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response
