"""The settings' goals of SEL minutes: adding, correcting and removing them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import MinutesTarget
from ...errors import NotFound
from ...policy import Action
from ...records import minutes_targets
from ...school import targets
from ..access import requires
from ..forms import WordedForm, answer_form
from ..request import now, signed_in, site
from .forms import TargetForm
from .views import show_settings

bp = Blueprint("targets", __name__, url_prefix="/admin/settings/goals")


@bp.post("/")
@requires(Action.RUN_SITE)
def add() -> Response | tuple[str, int]:
    """Set a goal from a day on."""
    form = TargetForm()
    return _answer(form, lambda: _save(form), lambda: show_settings(None, form))


@bp.get("/<day>")
@requires(Action.RUN_SITE)
def target(day: str) -> str:
    """One goal to correct or remove."""
    found = _get(day)
    return _page(found, TargetForm(formdata=None, minutes=found.minutes, valid_from=found.valid_from))


def _page(found: MinutesTarget, form: TargetForm) -> str:
    return render_template("admin/target.html", target=found, form=form)


def _get(day: str) -> MinutesTarget:
    with site().records.reading() as tx:
        found = [one for one in minutes_targets.list_targets(tx) if one.valid_from.isoformat() == day]
    if not found:
        raise NotFound("We couldn’t find that minutes goal.")
    return found[0]


@bp.post("/<day>")
@requires(Action.RUN_SITE)
def change(day: str) -> Response | tuple[str, int]:
    """Correct a goal's minutes or day."""
    found, form = _get(day), TargetForm()
    return _answer(form, lambda: _save(form, found.valid_from), lambda: _page(found, form))


@bp.post("/<day>/remove")
@requires(Action.RUN_SITE)
def remove(day: str) -> Response | tuple[str, int]:
    """Withdraw a goal."""
    found, form = _get(day), WordedForm()
    shown = TargetForm(formdata=None, minutes=found.minutes, valid_from=found.valid_from)

    def act() -> None:
        targets.remove_target(site().records, signed_in(), found.valid_from, at=now())

    def page() -> str:
        shown.form_errors = form.form_errors
        return _page(found, shown)

    return _answer(form, act, page)


def _save(form: TargetForm, replaces: date | None = None) -> None:
    entered = MinutesTarget(form.valid_from.data, form.minutes.data)
    targets.set_target(site().records, signed_in(), entered, at=now(), replaces=replaces)


def _answer(form: WordedForm, act: Callable[[], None], page: Callable[[], str]) -> Response | tuple[str, int]:
    def change_goals() -> Response:
        act()
        flash(_("Minutes goal saved."), "good")
        return go_to(url_for("admin.settings", _anchor="goals"), code=303)

    return answer_form(form, change_goals, page)
