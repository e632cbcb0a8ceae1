"""The plan: which session for which grades in which week, and what one class does instead."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...catalogue import Card, Query
from ...domain import Classroom, Language, School, SchoolYear, week_of, weeks_between
from ...errors import Invalid
from ...policy import Action, has_role
from ...records import calendars
from ...school import plan_changes, planning
from ...school.expectations import WeekOver
from ...school.moves import Move
from ...school.plan_changes import OpenWeek, PlannedWeek, Unconfirmed
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..request import now, reader_language, signed_in, site, today
from .amendments import asked_change, describe_moves, past_week_url
from .forms import AS_GRADE, NOTHING, ClassPlanForm, PlanForm
from .weeks import asked_week, asked_year, list_years


def register(bp: Blueprint) -> None:
    """Add the plan to the coach's blueprint."""
    bp.add_url_rule("/plan", view_func=plan)
    bp.add_url_rule("/plan", view_func=plan_week, methods=["POST"])
    bp.add_url_rule("/plan/undo/<batch_id>", view_func=undo_plan, methods=["POST"])
    bp.add_url_rule("/plan/classes/<classroom_id>", view_func=class_plan)
    bp.add_url_rule("/plan/classes/<classroom_id>", view_func=plan_class, methods=["POST"])


@requires(Action.SEE_PLAN)
def plan() -> str:
    """Which session for which grades in which week."""
    form = PlanForm(formdata=None, week_on=asked_week(asked_year()), grades=[], school_ids=[])
    return _plan_page(form)


def _plan_page(form: PlanForm, moves: Sequence[Move] = ()) -> str:
    year = asked_year()
    with site().records.reading() as tx:
        weeks = planning.list_weeks(tx, signed_in(), year)
        own = planning.own_schools(tx, signed_in())
    cards = _cards()
    _fill_choices(form, year, [school for school in own if school.is_open_on(today())], cards)
    return render_template(
        "coach/plan.html",
        year=year,
        years=list_years(),
        weeks=weeks,
        cards=cards,
        form=form,
        moves=describe_moves(moves),
        changed=_changed_batch(),
        this_week=week_of(today()),
        several_schools=len(own) > 1,
        may_plan=has_role(signed_in(), Action.PLAN),
    )


def _cards() -> dict[str, Card]:
    return {card.slug: card for card in site().catalogue.list_sessions(Query(), reader_language())}


def _known_slugs() -> set[str]:
    return {card.slug for card in site().catalogue.list_sessions(Query(), Language.EN)}


def _fill_choices(form: PlanForm, year: SchoolYear, own: list[School], cards: dict[str, Card]) -> None:
    weeks = weeks_between(year.starts_on, year.ends_on)
    listed = [(school.id, school.name) for school in own]
    form.week_on.choices = choices((w.isoformat(), _("Week of %(day)s", day=labels.short_day_label(w))) for w in weeks)
    form.slug.choices = choices(
        [("", _("Nothing (remove from the plan)")), *((c.slug, c.title) for c in cards.values())]
    )
    form.school_ids.choices = choices(listed)


def _changed_batch() -> str:
    """Return the change that was just made, if it can be undone; else nothing."""
    batch_id = request.args.get("changed", "")
    if not batch_id or not has_role(signed_in(), Action.PLAN):
        return ""
    with site().records.reading() as tx:
        return batch_id if plan_changes.may_undo_plan(tx, signed_in(), batch_id) else ""


@requires(Action.PLAN)
def plan_week() -> Response | tuple[str, int]:
    """Plan a session for grades and schools in a week."""
    form = PlanForm()
    moves: list[Move] = []

    def act() -> Response:
        planned = PlannedWeek(
            form.week_on.data, tuple(form.school_ids.data or ()), tuple(form.grades.data or ()), form.slug.data or None
        )
        try:
            batch_id = plan_changes.plan_week(
                site().records, signed_in(), planned,
                known_slugs=_known_slugs(), at=now(), confirmed=form.confirmed.data or "",
            )  # fmt: skip
        except WeekOver as over:
            flash(_(over.message), "caution")
            return go_to(past_week_url(asked_change(form)), code=303)
        except Unconfirmed as asked:
            form.confirmed.data = asked.seen
            moves.extend(asked.moves)
            raise
        site().plan_edits += 1
        flash(_("Plan saved."), "good")
        if planned.slug is not None and (without := _schools_without_due_day(planned)):
            schools = ", ".join(school.name for school in without)
            flash(
                _("There’s no school for sessions that week, so nothing is due: %(schools)s.", schools=schools),
                "caution",
            )
        shown = url_for("coach.plan", year=asked_year().id, changed=batch_id)
        return go_to(f"{shown}#week-{planned.week_on}", code=303)

    return answer_form(form, act, lambda: _plan_page(form, moves))


def _schools_without_due_day(planned: PlannedWeek) -> list[School]:
    with site().records.reading() as tx:
        of_schools = calendars.load_calendars(tx, year_id=asked_year().id, school_ids=planned.school_ids)
        own = [school for school in planning.own_schools(tx, signed_in()) if school.id in of_schools]
    return [school for school in own if of_schools[school.id].due_day(planned.week_on) is None]


@requires(Action.PLAN)
def undo_plan(batch_id: str) -> Response:
    """Plan again what was planned before a change."""
    try:
        week_on = plan_changes.undo_plan(site().records, signed_in(), batch_id, now())
    except Invalid as error:
        flash(_(error.message), "caution")
        return go_to(url_for("coach.plan"), code=303)
    site().plan_edits += 1
    flash(_("Undone. The plan is as it was before."), "good")
    return go_to(url_for("coach.plan", week=week_on) + f"#week-{week_on}", code=303)


# --- One class --------------------------------------------------------------------------------------------------------


@requires(Action.CHANGE_CLASS)
def class_plan(classroom: Classroom) -> str:
    """What one class does in the weeks that are open, and the form to plan something else for it."""
    return _class_page(classroom, ClassPlanForm(formdata=None, week_on=week_of(today()), slug=AS_GRADE))


def _class_page(classroom: Classroom, form: ClassPlanForm, moves: Sequence[Move] = ()) -> str:
    with site().records.reading() as tx:
        weeks = plan_changes.list_open_weeks(tx, classroom)
    cards = _cards()
    form.week_on.choices = choices((one.week_on.isoformat(), _week_label(one, cards)) for one in weeks)
    form.slug.choices = choices(
        [
            (AS_GRADE, _("The same as the grade")),
            *((card.slug, card.title) for card in cards.values()),
            (NOTHING, _("Nothing")),
        ]
    )
    return render_template(
        "coach/class_plan.html",
        classroom=classroom,
        form=form,
        weeks=weeks,
        exceptions=[one for one in weeks if one.is_exception],
        cards=cards,
        moves=describe_moves(moves),
        changed=_changed_batch(),
    )


def _week_label(week: OpenWeek, cards: dict[str, Card]) -> str:
    title = cards[week.grade_slug].title if week.grade_slug in cards else week.grade_slug
    day = labels.short_day_label(week.week_on)
    return str(_("Week of %(day)s: %(title)s", day=day, title=title or _("nothing planned")))


@requires(Action.CHANGE_CLASS)
def plan_class(classroom: Classroom) -> Response | tuple[str, int]:
    """Plan something else for one class in a week, or end that."""
    form = ClassPlanForm()
    moves: list[Move] = []

    def act() -> Response:
        try:
            batch_id = plan_changes.plan_class(
                site().records, signed_in(), classroom, form.planned,
                known_slugs=_known_slugs(), at=now(), confirmed=form.confirmed.data or "",
            )  # fmt: skip
        except Unconfirmed as asked:
            form.confirmed.data = asked.seen
            moves.extend(asked.moves)
            raise
        site().plan_edits += 1
        flash(_("Plan saved."), "good")
        return go_to(url_for("coach.class_plan", classroom_id=classroom.id, changed=batch_id), code=303)

    return answer_form(form, act, lambda: _class_page(classroom, form, moves))
