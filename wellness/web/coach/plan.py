"""The plan: which session for which grades in which week, and no-school days."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...catalogue import Card, Query
from ...domain import Language, School, SchoolYear, week_of, weeks_between
from ...policy import Action
from ...school import closures, planning
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..request import now, reader_language, signed_in, site, today
from .forms import NoSchoolForm, PlanForm
from .weeks import asked_week, current_year


def register(bp: Blueprint) -> None:
    """Add the plan to the coach's blueprint."""
    bp.add_url_rule("/plan", view_func=plan)
    bp.add_url_rule("/plan", view_func=plan_week, methods=["POST"])
    bp.add_url_rule("/plan/days", view_func=close_school, methods=["POST"])
    bp.add_url_rule("/plan/days/<closure_id>/remove", view_func=open_school, methods=["POST"])


@requires(Action.PLAN)
def plan() -> str:
    """Which session for which grades in which week."""
    form = PlanForm(formdata=None, week_on=asked_week(current_year()), grades=[], school_ids=[])
    return _plan_page(form, NoSchoolForm(formdata=None))


def _plan_page(form: PlanForm, day_form: NoSchoolForm) -> str:
    year = current_year()
    with site().records.reading() as tx:
        weeks = planning.list_weeks(tx, signed_in(), year)
        own = planning.own_schools(tx, signed_in())
    cards = {card.slug: card for card in site().catalogue.list_sessions(Query(), reader_language())}
    _fill_choices(form, day_form, year, own, cards)
    return render_template(
        "coach/plan.html",
        year=year,
        weeks=weeks,
        cards=cards,
        form=form,
        day_form=day_form,
        this_week=week_of(today()),
        several_schools=len(own) > 1,
    )


def _fill_choices(
    form: PlanForm, day_form: NoSchoolForm, year: SchoolYear, own: list[School], cards: dict[str, Card]
) -> None:
    weeks = weeks_between(year.starts_on, year.ends_on)
    listed = [(school.id, school.name) for school in own]
    everywhere = [("", _("All schools"))] if signed_in().school_id is None else []
    form.week_on.choices = choices((w.isoformat(), _("Week of %(day)s", day=labels.short_day_label(w))) for w in weeks)
    form.slug.choices = choices(
        [("", _("Nothing (remove from the plan)")), *((c.slug, c.title) for c in cards.values())]
    )
    form.school_ids.choices = choices(listed)
    day_form.school_id.choices = choices([*everywhere, *listed])


@requires(Action.PLAN)
def plan_week() -> Response | tuple[str, int]:
    """Plan a session for grades and schools in a week."""
    form = PlanForm()

    def act() -> Response:
        planning.plan_week(
            site().records, signed_in(), school_ids=form.school_ids.data or [], week_on=form.week_on.data,
            grades=form.grades.data or [], slug=form.slug.data or None,
            known_slugs={card.slug for card in site().catalogue.list_sessions(Query(), Language.EN)}, at=now(),
        )  # fmt: skip
        site().plan_edits += 1
        flash(_("Plan saved."), "good")
        return go_to(url_for("coach.plan") + f"#week-{form.week_on.data}", code=303)

    return answer_form(form, act, lambda: _plan_page(form, NoSchoolForm(formdata=None)))


@requires(Action.PLAN)
def close_school() -> Response | tuple[str, int]:
    """Note a day without school."""
    day_form = NoSchoolForm()

    def act() -> Response:
        with site().records.reading() as tx:
            own = [school.id for school in planning.own_schools(tx, signed_in())]
        closures.add_closure(
            site().records, signed_in(), school_ids=[day_form.school_id.data] if day_form.school_id.data else own,
            first_on=day_form.first_on.data, last_on=day_form.last_on.data or day_form.first_on.data,
            reason=day_form.reason.data, at=now(),
        )  # fmt: skip
        site().plan_edits += 1
        flash(_("No-school day added."), "good")
        return go_to(url_for("coach.plan") + f"#week-{week_of(day_form.first_on.data)}", code=303)

    def page() -> str:
        plan_form = PlanForm(formdata=None, week_on=asked_week(current_year()), grades=[], school_ids=[])
        return _plan_page(plan_form, day_form)

    return answer_form(day_form, act, page)


@requires(Action.PLAN)
def open_school(closure_id: str) -> Response:
    """There is school on these days after all."""
    closures.remove_closure(site().records, signed_in(), closure_id=closure_id, at=now())
    site().plan_edits += 1
    flash(_("No-school day removed. It counts as a school day again."), "good")
    return go_to(url_for("coach.plan"), code=303)
