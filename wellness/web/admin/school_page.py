"""A school's page: name, time zone, its own days in each school year, closing and reopening."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import Calendar
from ...policy import Action
from ...records import calendars
from ...records import schools as records_schools
from ...school import schools
from ..access import requires
from ..forms import WordedForm, answer_form
from ..request import now, signed_in, site, site_settings, today
from .forms import CloseSchoolForm, SchoolDaysForm, SchoolForm, TimeZoneForm

bp = Blueprint("schools", __name__, url_prefix="/admin/schools/<school_id>")


def show_school(school_id: str, failed: WordedForm | None = None, year_id: str = "") -> str:
    """The page; `failed` is the form that was refused, shown again; with `year_id` it is that of the year's days."""
    settings, day = site_settings(), today()
    with site().records.reading() as tx:
        found = records_schools.get_school(tx, school_id)
        years = [one for one in reversed(records_schools.list_years(tx)) if one.ends_on >= day or one.id == year_id]
        of = calendars.load_calendars_of_schools(tx, [school_id])
    day_forms = [
        (one, _days_form(known, one.id, failed if one.id == year_id else None))
        for one in years
        if (known := of.get((school_id, one.id))) is not None
    ]
    zone_form = failed if isinstance(failed, TimeZoneForm) else TimeZoneForm(formdata=None, time_zone=found.time_zone)
    zone_form.offer(settings.time_zone)
    return render_template(
        "admin/school.html",
        school=found,
        form=failed if isinstance(failed, SchoolForm) else SchoolForm(formdata=None, name=found.name),
        zone_form=zone_form,
        day_forms=day_forms,
        close_form=failed if isinstance(failed, CloseSchoolForm) else CloseSchoolForm(formdata=None, closed_on=day),
        failed=failed,
    )


def _days_form(known: Calendar, year_id: str, failed: WordedForm | None) -> SchoolDaysForm:
    """The form of one year, whose fields have ids of their own on the page."""
    form = failed if isinstance(failed, SchoolDaysForm) else None
    form = form or SchoolDaysForm(formdata=None, first_on=known.first_on, last_on=known.last_on)
    form.first_on.id, form.last_on.id = f"first-{year_id}", f"last-{year_id}"
    return form


def _answer(school_id: str, form: WordedForm, act: Callable[[], None], year_id: str = "") -> Response | tuple[str, int]:
    def change() -> Response:
        act()
        site().plan_edits += 1
        flash(_("Saved."), "good")
        return go_to(url_for("admin.school", school_id=school_id), code=303)

    return answer_form(form, change, lambda: show_school(school_id, form, year_id))


@bp.post("/zone")
@requires(Action.RUN_SITE)
def set_time_zone(school_id: str) -> Response | tuple[str, int]:
    """Give the school a time zone of its own, or the district's."""
    form = TimeZoneForm()
    zone = form.time_zone.data or ""
    return _answer(
        school_id, form, lambda: schools.set_time_zone(site().records, signed_in(), school_id, zone, at=now())
    )


@bp.post("/days/<year_id>")
@requires(Action.RUN_SITE)
def set_days(school_id: str, year_id: str) -> Response | tuple[str, int]:
    """Set the school's first and last day in a school year."""
    form = SchoolDaysForm()

    def act() -> None:
        schools.set_days(
            site().records, signed_in(), school_id, year_id, first_on=form.first_on.data, last_on=form.last_on.data, at=now()
        )  # fmt: skip

    return _answer(school_id, form, act, year_id)


@bp.post("/close")
@requires(Action.RUN_SITE)
def close(school_id: str) -> Response | tuple[str, int]:
    """Close the school after a day."""
    form = CloseSchoolForm()

    def act() -> None:
        schools.close_school(site().records, signed_in(), school_id, closed_on=form.closed_on.data, at=now())

    return _answer(school_id, form, act)


@bp.post("/reopen")
@requires(Action.RUN_SITE)
def reopen(school_id: str) -> Response | tuple[str, int]:
    """Open a closed school again."""
    form = WordedForm()
    return _answer(school_id, form, lambda: schools.reopen_school(site().records, signed_in(), school_id, at=now()))
