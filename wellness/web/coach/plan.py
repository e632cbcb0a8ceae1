"""The plan: which session for which grades in which week."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...catalogue import Card, Query
from ...domain import Language, School, SchoolYear, week_of, weeks_between
from ...policy import Action, has_role
from ...school import planning
from ...school.expectations import WeekOver
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..request import now, reader_language, signed_in, site, today
from .amendments import asked_change, past_week_url
from .forms import PlanForm
from .weeks import asked_week, asked_year, list_years


def register(bp: Blueprint) -> None:
    """Add the plan to the coach's blueprint."""
    bp.add_url_rule("/plan", view_func=plan)
    bp.add_url_rule("/plan", view_func=plan_week, methods=["POST"])


@requires(Action.SEE_PLAN)
def plan() -> str:
    """Which session for which grades in which week."""
    form = PlanForm(formdata=None, week_on=asked_week(asked_year()), grades=[], school_ids=[])
    return _plan_page(form)


def _plan_page(form: PlanForm) -> str:
    year = asked_year()
    with site().records.reading() as tx:
        weeks = planning.list_weeks(tx, signed_in(), year)
        own = planning.own_schools(tx, signed_in())
    cards = {card.slug: card for card in site().catalogue.list_sessions(Query(), reader_language())}
    _fill_choices(form, year, own, cards)
    return render_template(
        "coach/plan.html",
        year=year,
        years=list_years(),
        weeks=weeks,
        cards=cards,
        form=form,
        this_week=week_of(today()),
        several_schools=len(own) > 1,
        may_plan=has_role(signed_in(), Action.PLAN),
    )


def _fill_choices(form: PlanForm, year: SchoolYear, own: list[School], cards: dict[str, Card]) -> None:
    weeks = weeks_between(year.starts_on, year.ends_on)
    listed = [(school.id, school.name) for school in own]
    form.week_on.choices = choices((w.isoformat(), _("Week of %(day)s", day=labels.short_day_label(w))) for w in weeks)
    form.slug.choices = choices(
        [("", _("Nothing (remove from the plan)")), *((c.slug, c.title) for c in cards.values())]
    )
    form.school_ids.choices = choices(listed)


@requires(Action.PLAN)
def plan_week() -> Response | tuple[str, int]:
    """Plan a session for grades and schools in a week."""
    form = PlanForm()

    def act() -> Response:
        try:
            planning.plan_week(
                site().records, signed_in(), school_ids=form.school_ids.data or [], week_on=form.week_on.data,
                grades=form.grades.data or [], slug=form.slug.data or None,
                known_slugs={card.slug for card in site().catalogue.list_sessions(Query(), Language.EN)}, at=now(),
            )  # fmt: skip
        except WeekOver as over:
            flash(_(over.message), "caution")
            return go_to(past_week_url(asked_change(form)), code=303)
        site().plan_edits += 1
        flash(_("Plan saved."), "good")
        return go_to(url_for("coach.plan", year=asked_year().id) + f"#week-{form.week_on.data}", code=303)

    return answer_form(form, act, lambda: _plan_page(form))
