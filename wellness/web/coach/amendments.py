"""Changing a week that is over: what the change would do, its reason, and the way back."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from ...catalogue import Query
from ...domain import ExpectationKind, week_of, weeks_between
from ...errors import Invalid, worded
from ...policy import Action
from ...school import amendments, planning
from ...school.amendments import Effect, WeekChange
from ...school.moves import Move
from .. import labels
from ..access import requires
from ..forms import choices
from ..request import now, reader_language, signed_in, site, today
from .forms import AmendForm, PlanForm
from .weeks import asked_week, asked_year

LEFT_OUT = "-"
"""What the form sends instead of a session to leave the week out; nothing stands for no plan."""


def register(bp: Blueprint) -> None:
    """Add the pages to the coach's blueprint."""
    bp.add_url_rule("/plan/past", view_func=past_week)
    bp.add_url_rule("/plan/past", view_func=change_past_week, methods=["POST"])
    bp.add_url_rule("/plan/past/<int:amendment_id>/undo", view_func=undo_past_week, methods=["POST"])


@requires(Action.PLAN)
def past_week() -> str:
    """Choose a past week and see what a change would do to its numbers."""
    form = AmendForm(request.args)
    if "grades" not in request.args:
        form.week_on.data = asked_week(asked_year())
        return _page(form, None)
    try:
        with site().records.reading() as tx:
            effect = amendments.preview(tx, signed_in(), asked_change(form), today())
    except Invalid as error:
        form.refuse(error)
        return _page(form, None)
    form.seen.data = effect.seen
    return _page(form, effect)


@requires(Action.PLAN)
def change_past_week() -> Response | tuple[str, int]:
    """Change the week, with a reason; or lead to what the change would do."""
    form = AmendForm()
    try:
        change = asked_change(form)
    except Invalid as error:
        form.refuse(error)
        return _page(form, None), 422
    if "see" in request.form or not form.seen.data:
        return go_to(past_week_url(change), code=303)
    try:
        amendments.amend(
            site().records, signed_in(), change, reason=form.reason.data or "", seen=form.seen.data or "", at=now()
        )
    except Invalid as error:
        form.refuse(error)
        return _page(form, _effect(change, form)), 422
    site().plan_edits += 1
    flash(_("The past week was changed. The week grid and the report show it as a footnote."), "good")
    return go_to(url_for("coach.grid", week=change.week_on.isoformat()), code=303)


def past_week_url(change: WeekChange) -> str:
    """Return the address that shows what the change would do."""
    slug = LEFT_OUT if change.kind is ExpectationKind.LEFT_OUT else change.slug or ""
    return url_for(
        "coach.past_week", week_on=change.week_on, slug=slug, grades=change.grades, school_ids=change.school_ids
    )


def _effect(change: WeekChange, form: AmendForm) -> Effect | None:
    """What the refused change would do now, so that the page shows the newest numbers."""
    try:
        with site().records.reading() as tx:
            effect = amendments.preview(tx, signed_in(), change, today())
    except Invalid:
        return None
    form.seen.data = effect.seen
    return effect


@requires(Action.PLAN)
def undo_past_week(amendment_id: int) -> Response:
    """Give the week back what it expected before the change."""
    try:
        undone = amendments.undo(site().records, signed_in(), amendment_id, now())
    except Invalid as error:
        flash(_(error.message), "caution")
        return go_to(url_for("coach.grid"), code=303)
    site().plan_edits += 1
    flash(_("Undone. The week counts as it did before the change."), "good")
    return go_to(url_for("coach.grid", week=undone.week_on.isoformat()), code=303)


def asked_change(form: PlanForm) -> WeekChange:
    """Return what the form asks the week to expect. Raises Invalid without a week."""
    week_on = form.week_on.data
    if week_on is None or week_on != week_of(week_on):
        raise Invalid("Nothing was changed.", {"week_on": worded("Choose a week.")})
    slug = form.slug.data or None
    kind = ExpectationKind.SESSION if slug else ExpectationKind.NOTHING_PLANNED
    if slug == LEFT_OUT:
        slug, kind = None, ExpectationKind.LEFT_OUT
    return WeekChange(
        week_on=week_on,
        school_ids=tuple(form.school_ids.data or ()),
        grades=tuple(form.grades.data or ()),
        kind=kind,
        slug=slug,
    )


def _page(form: AmendForm, effect: Effect | None) -> str:
    year = asked_year()
    with site().records.reading() as tx:
        own = planning.own_schools(tx, signed_in())
    cards = site().catalogue.list_sessions(Query(), reader_language())
    past = [week_on for week_on in weeks_between(year.starts_on, year.ends_on) if week_on <= today()]
    form.week_on.choices = choices(
        (one.isoformat(), _("Week of %(day)s", day=labels.short_day_label(one))) for one in reversed(past)
    )
    form.slug.choices = choices(
        [
            *((card.slug, card.title) for card in cards),
            ("", _("Nothing was planned")),
            (LEFT_OUT, _("Leave the week out (weather, no school)")),
        ]
    )
    form.school_ids.choices = choices((school.id, school.name) for school in own)
    return render_template(
        "coach/past_week.html",
        form=form,
        effect=effect,
        moves=describe_moves(effect.moves if effect is not None else ()),
        year=year,
    )


def describe_moves(moves: Iterable[Move]) -> list[str]:
    """Return what a change does to classes, a sentence for each status that changes."""
    return [
        ngettext(
            "%(num)s class that reads “%(before)s” will read “%(after)s”.",
            "%(num)s classes that read “%(before)s” will read “%(after)s”.",
            move.classes,
            before=labels.CELL_STATES[move.before],
            after=labels.CELL_STATES[move.after],
        )
        for move in moves
    ]
