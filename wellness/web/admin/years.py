"""The admin's pages of school years: changing and removing them."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import SchoolYear
from ...errors import Invalid
from ...policy import Action
from ...records import rollovers, schools
from ...school import years
from ..access import requires
from ..forms import answer_form
from ..request import now, signed_in, site, today
from . import turn
from .forms import ChangeYearForm

bp = Blueprint("years", __name__, url_prefix="/admin/years")
turn.register(bp)


@bp.get("/<year_id>")
@requires(Action.RUN_SITE)
def year(year_id: str) -> str:
    """A school year to change or remove."""
    found = _get(year_id)
    form = ChangeYearForm(formdata=None, name=found.name, starts_on=found.starts_on, ends_on=found.ends_on)
    form.show_terms(found.terms)
    return _page(found, form)


def _page(found: SchoolYear, form: ChangeYearForm) -> str:
    with site().records.reading() as tx:
        turns = [one for one in rollovers.list_rollovers(tx) if found.id in (one.from_year_id, one.to_year_id)]
    return render_template("admin/year.html", year=found, form=form, turns=turns)


def _get(year_id: str) -> SchoolYear:
    with site().records.reading() as tx:
        return schools.get_year(tx, year_id)


@bp.post("/<year_id>")
@requires(Action.RUN_SITE)
def change(year_id: str) -> Response | tuple[str, int]:
    """Change the year's name, days and terms."""
    found, form = _get(year_id), ChangeYearForm()

    def act() -> Response:
        years.change_year(
            site().records, signed_in(), year_id, name=form.name.data, starts_on=form.starts_on.data,
            ends_on=form.ends_on.data, terms=form.terms, at=now(), today=today(),
        )  # fmt: skip
        site().plan_edits += 1
        flash(_("Saved."), "good")
        return go_to(url_for("years.year", year_id=year_id), code=303)

    return answer_form(form, act, lambda: _page(found, form))


@bp.post("/<year_id>/remove")
@requires(Action.RUN_SITE)
def remove(year_id: str) -> Response | tuple[str, int]:
    """Remove a year that has no classes and no plan."""
    found = _get(year_id)
    try:
        years.remove_year(site().records, signed_in(), year_id, at=now())
    except Invalid as error:
        form = ChangeYearForm(formdata=None, name=found.name, starts_on=found.starts_on, ends_on=found.ends_on)
        form.show_terms(found.terms)
        form.refuse(error)
        return _page(found, form), 422
    flash(_("Removed: %(name)s.", name=found.name), "good")
    return go_to(url_for("admin.overview"), code=303)
