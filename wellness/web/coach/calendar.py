"""The calendar of a coach's schools: no-school days, half days and the weekday on which sessions are due."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import School, SchoolYear, week_of
from ...policy import Action
from ...records import calendars
from ...school import closures, planning
from ...school.closures import DecisionNeeded
from .. import labels
from ..access import requires
from ..forms import WordedForm, answer_form, choices
from ..request import now, signed_in, site, today
from .forms import ClosureForm, WeekdayForm
from .weeks import asked_year, list_years


def register(bp: Blueprint) -> None:
    """Add the calendar to the coach's blueprint."""
    bp.add_url_rule("/calendar", view_func=calendar)
    bp.add_url_rule("/calendar", view_func=add_closure, methods=["POST"])
    bp.add_url_rule("/calendar/weekday", view_func=set_weekday, methods=["POST"])
    bp.add_url_rule("/calendar/days/<closure_id>", view_func=closure)
    bp.add_url_rule("/calendar/days/<closure_id>", view_func=change_closure, methods=["POST"])
    bp.add_url_rule("/calendar/days/<closure_id>/remove", view_func=remove_closure, methods=["POST"])


@requires(Action.PLAN)
def calendar() -> str:
    """The no-school days of a year, a form to add some, and the weekday of each school."""
    return _page()


def _page(failed: WordedForm | None = None) -> str:
    """The page; `failed` is the form that did not validate, shown again with what was typed."""
    year = asked_year()
    with site().records.reading() as tx:
        own = planning.open_schools(tx, signed_in(), today())
        off = planning.list_closed_days(tx, own, year)
        imports = calendars.list_imports(tx, [school.id for school in own], year.starts_on, year.ends_on)
        of = calendars.load_calendars(tx, year_id=year.id, school_ids=[school.id for school in own])
    all_own = [school.id for school in own]
    form = failed if isinstance(failed, ClosureForm) else ClosureForm(formdata=None, school_ids=all_own)
    weekday_form = failed if isinstance(failed, WeekdayForm) else WeekdayForm(formdata=None, weekday_school_ids=all_own)
    _fill_choices(form, weekday_form, own, year)
    week_on = min(max(week_of(today()), week_of(year.starts_on)), week_of(year.ends_on))
    return render_template(
        "coach/calendar.html",
        year=year,
        years=list_years(),
        off=off,
        imports=imports,
        form=form,
        weekday_form=weekday_form,
        weekdays=[(school, labels.WEEKDAYS[of[school.id].weekday_of(week_on)]) for school in own],
        several_schools=len(own) > 1,
    )


def _fill_choices(form: ClosureForm, weekday_form: WeekdayForm, own: list[School], year: SchoolYear) -> None:
    listed = choices((school.id, school.name) for school in own)
    form.school_ids.choices = weekday_form.weekday_school_ids.choices = listed
    weekday_form.valid_from.choices = choices(
        (week.isoformat(), labels.short_day_label(week)) for week in _coming(year)
    )


def _coming(year: SchoolYear) -> list[date]:
    """The Mondays of the year that are not over; of a year that is over, none."""
    first = max(week_of(today()), week_of(year.starts_on))
    return [week for week in planning.weeks_of(year) if week >= first]


@requires(Action.PLAN)
def add_closure() -> Response | tuple[str, int]:
    """Add no-school days or half days."""
    form = ClosureForm()

    def act() -> Response:
        _save(form)
        flash(_("No-school days added."), "good")
        return go_to(url_for("coach.calendar", year=request.args.get("year")) + "#days", code=303)

    return answer_form(form, act, lambda: _page(form))


def _save(form: ClosureForm, *, replaces: str | None = None) -> None:
    try:
        closures.add_closure(
            site().records, signed_in(), form.entered, school_ids=form.school_ids.data or [], at=now(), today=today(),
            decision=form.decision.data or "", replaces=replaces,
        )  # fmt: skip
    except DecisionNeeded as needed:
        form.ask(needed.days)
        raise
    site().plan_edits += 1


@requires(Action.PLAN)
def closure(closure_id: str) -> str:
    """No-school days to change or remove."""
    with site().records.reading() as tx:
        mine = closures.list_own_together(tx, signed_in(), closure_id)
    form = ClosureForm(formdata=None)
    form.show(mine[0], [one.school_id for one in mine])
    return _closure_page(closure_id, form)


def _closure_page(closure_id: str, form: ClosureForm) -> str:
    with site().records.reading() as tx:
        form.school_ids.choices = choices((one.id, one.name) for one in planning.own_schools(tx, signed_in()))
    return render_template("coach/closure.html", closure_id=closure_id, form=form)


@requires(Action.PLAN)
def change_closure(closure_id: str) -> Response | tuple[str, int]:
    """Change these days, their reason or their schools."""
    form = ClosureForm()
    with site().records.reading() as tx:
        closures.list_own_together(tx, signed_in(), closure_id)  # raises NotFound for those of another school

    def act() -> Response:
        _save(form, replaces=closure_id)
        flash(_("Saved."), "good")
        return go_to(url_for("coach.calendar", week=form.first_on.data) + "#days", code=303)

    return answer_form(form, act, lambda: _closure_page(closure_id, form))


@requires(Action.PLAN)
def remove_closure(closure_id: str) -> Response:
    """There is school on these days after all."""
    closures.remove_closure(site().records, signed_in(), closure_id=closure_id, at=now(), today=today())
    site().plan_edits += 1
    flash(_("No-school days removed. They count as school days again."), "good")
    return go_to(url_for("coach.calendar", year=request.args.get("year")) + "#days", code=303)


@requires(Action.PLAN)
def set_weekday() -> Response | tuple[str, int]:
    """Make sessions due on another weekday."""
    form = WeekdayForm()

    def act() -> Response:
        closures.set_weekday(
            site().records, signed_in(), school_ids=form.weekday_school_ids.data or [], weekday=form.weekday.data,
            valid_from=form.valid_from.data, at=now(), today=today(),
        )  # fmt: skip
        site().plan_edits += 1
        flash(_("Saved."), "good")
        return go_to(url_for("coach.calendar", year=request.args.get("year")) + "#weekdays", code=303)

    return answer_form(form, act, lambda: _page(form))
