"""One's own account: password, language, where one is signed in, and one's own data as a file."""

from __future__ import annotations

import json

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from werkzeug.wrappers import Response

from ...domain import Language
from ...errors import Invalid, TooMany
from ...policy import Action
from ...records import people, schools, sign_ins
from ...school import accounts
from .. import labels
from ..access import requires
from ..auth import close_browser, known_device, open_browser
from ..forms import answer_form
from ..request import now, sign_in_key, signed_in, site
from ..unsent import address_of, find_typed
from .forms import LanguageForm, PasswordForm

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@requires(Action.OWN_ACCOUNT)
def overview() -> str:
    """Name, role, language, sign-ins."""
    return _overview(LanguageForm(formdata=None, language=signed_in().language.value))


def _overview(form: LanguageForm) -> str:
    person = signed_in()
    with site().records.reading() as tx:
        listed = sign_ins.list_sign_ins(tx, person.id, now(), sign_in_key())
        own = [school.name for school in schools.list_schools(tx) if school.id in person.reach.school_ids]
    return render_template(
        "account/overview.html", form=form, sign_ins=listed, schools=own, role=labels.ROLES[person.role]
    )


@bp.post("/language")
@requires(Action.OWN_ACCOUNT)
def change_language() -> Response | tuple[str, int]:
    """Change the language of one's own pages."""
    form = LanguageForm()

    def act() -> Response:
        accounts.change_language(site().records, signed_in(), Language(form.language.data))
        refresh()
        flash(_("Language saved."), "good")
        return redirect(url_for("account.overview"), code=303)

    return answer_form(form, act, lambda: _overview(form))


@bp.route("/password", methods=["GET", "POST"])
@requires(Action.CHANGE_PASSWORD)
def change_password() -> Response | tuple[str, int] | str:
    """Change one's own password; every other sign-in ends."""
    form, person = PasswordForm(), signed_in()

    def page() -> str:
        return render_template("account/password.html", form=form, person=person)

    def act() -> Response:
        try:
            changed, key = accounts.change_password(
                site().records, person, current=form.current.data, new=form.password.data, at=now(),
                device=known_device(person.email),
            )  # fmt: skip
        except TooMany as error:
            raise Invalid(error.message, {"current": error.message}) from error
        open_browser(changed, key)
        flash(_("Your password was changed. You’re signed out everywhere else."), "good")
        return redirect(url_for("account.overview"), code=303)

    return page() if not form.is_submitted() else answer_form(form, act, page)


@bp.post("/sign-out")
@requires(Action.OWN_ACCOUNT)
def sign_out_everywhere() -> Response:
    """End every sign-in, this one too."""
    accounts.sign_out_everywhere(site().records, signed_in(), now())
    close_browser()
    return redirect(url_for("browse.home"), code=303)


@bp.get("/unsent")
@requires(Action.OWN_ACCOUNT)
def unsent() -> Response | str:
    """Lead to the form that was sent after the sign-in had ended, or list what was typed where it can't be shown."""
    kept = find_typed(signed_in())
    if kept is None:
        return redirect(url_for("account.overview"), code=303)
    if "listed" not in request.args:
        return redirect(address_of(kept, 0), code=303)
    return render_template("account/unsent.html", kept=kept)


@bp.get("/data.json")
@requires(Action.OWN_ACCOUNT)
def export() -> Response:
    """Everything recorded about oneself, as a file."""
    with site().records.reading() as tx:
        found = people.export_person(tx, signed_in().id)
    text = json.dumps(found, indent=2, default=str, ensure_ascii=False)
    headers = {"Content-Disposition": 'attachment; filename="my-wellness-data.json"'}
    return Response(text + "\n", mimetype="application/json", headers=headers)
