"""Views of a door card: anyone with the class code can run this week's session for the class and log it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import Classroom, Language, week_of
from ...errors import Invalid, NotFound
from ...policy import Action
from ...school import presenting
from .. import labels
from ..access import UnknownCode, open_door, requires
from ..forms import answer_form
from ..public.session_view import show_session
from ..request import actor, now, reader_language, school_zone, site, site_settings, today
from .beacons import receive_beacon
from .forms import CodeForm, OutcomeForm
from .outcomes import log_at_door, logged_notice, planned_slug, reasons, session_not_planned, shown_for

bp = Blueprint("door", __name__, url_prefix="/c")

ALWAYS_READY = "four-square-breathing"
"""The session a door card offers where nothing is planned."""
MAX_TYPED = 40


@bp.get("/")
@requires(Action.VISIT)
def enter() -> Response | tuple[str, int] | str:
    """Enter a class code; lowercase, spaces, hyphens and an O for a zero are accepted."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return render_template("teach/door_enter.html", form=CodeForm(formdata=None))
    return go_to(url_for("door.door", code=open_door(typed[:MAX_TYPED])[1]), code=303)


@bp.errorhandler(UnknownCode)
def ask_again(error: UnknownCode) -> tuple[str, int]:
    """Show the box again with the code that was typed."""
    typed = (request.view_args or {}).get("code") or request.args.get("code", "")
    form = CodeForm(formdata=None, code="".join(filter(str.isprintable, typed[:MAX_TYPED])))
    form.code.errors = [_(error.message)]
    return render_template("teach/door_enter.html", form=form), 404


@bp.get("/<code>")
@requires(Action.OPEN_OWN_DOOR)
def door(classroom: Classroom, code: str) -> str:
    """Show this week's session of the class with its log form."""
    return _door_page(classroom, code, OutcomeForm(formdata=None, on_day=today()))


@dataclass(frozen=True, slots=True)
class DoorDay:
    """A day for which the card can log, and the session of its week."""

    on_day: date
    slug: str
    title: str


def _slug_for(classroom: Classroom, on_day: date) -> str | None:
    """Return the session planned for the week of that day; where there is none, the one that is always ready."""
    slug = planned_slug(classroom, on_day)
    if slug is not None or on_day != today() or not site_settings().door_always_ready:
        return slug
    with site().records.reading() as tx:
        is_school_day = bool(presenting.list_door_days(tx, classroom, on_day))
    return ALWAYS_READY if is_school_day and site().catalogue.find_session(ALWAYS_READY, Language.EN) else None


def _list_days(classroom: Classroom) -> list[DoorDay]:
    """Return the days for which the card can log now. An earlier week's due day can be entered at any hour."""
    with site().records.reading() as tx:
        days = presenting.list_door_days(tx, classroom, today())
    settings = site_settings()
    is_open = settings.door_from_hour <= now().astimezone(school_zone()).hour < settings.door_to_hour
    found = [(day, _slug_for(classroom, day)) for day in days if is_open or day < week_of(today())]
    cards = site().catalogue.list_cards({slug for _, slug in found if slug}, reader_language())
    return [DoorDay(day, slug, cards[slug].title) for day, slug in found if slug in cards]


def _door_page(classroom: Classroom, code: str, form: OutcomeForm) -> str:
    slug = _slug_for(classroom, today())
    session = site().catalogue.find_session(slug, reader_language()) if slug else None
    with site().records.reading() as tx:
        due = presenting.list_due(tx, [classroom], today())
    cell, days, settings = due[0][1], _list_days(classroom), site_settings()
    return render_template(
        "teach/door.html",
        classroom=classroom,
        code=code,
        session=show_session(session, site().catalogue.list_languages(session.slug)) if session else None,
        is_planned=planned_slug(classroom, today()) is not None,
        can_start=any(day.on_day == today() for day in days),
        days=days,
        hours=(labels.hour_label(settings.door_from_hour), labels.hour_label(settings.door_to_hour)),
        cell=cell,
        state_label=str(labels.CELL_STATES[cell.state]),
        form=form,
        logged=logged_notice([classroom]),
    )


@bp.post("/<code>/open")
@requires(Action.OPEN_OWN_DOOR)
def open_session(classroom: Classroom, code: str) -> Response | tuple[str, int]:
    """Record that this week's session was opened and go to the presentation."""
    slug = _this_weeks(classroom)
    if today() not in [day.on_day for day in _list_days(classroom)]:
        return _door_page(classroom, code, OutcomeForm(formdata=None, on_day=today())), 422
    presenting.open_for(site().records, classroom, shown_for(slug), today(), now())
    variant = "short" if request.args.get("variant") == "short" else None
    return go_to(url_for("door.present", code=code, variant=variant), code=303)


@bp.get("/<code>/present")
@requires(Action.OPEN_OWN_DOOR)
def present(classroom: Classroom, code: str) -> str:
    """Show the presentation of this week's session to a substitute."""
    slug = _this_weeks(classroom)
    found = site().catalogue.get_session(slug, reader_language())
    shown = show_session(found, site().catalogue.list_languages(slug))
    return render_template(
        "teach/present.html",
        session=shown,
        steps=shown.steps,
        classroom=classroom,
        variant="short" if request.args.get("variant") == "short" else "whole",
        on_day=today().isoformat(),
        log_url=url_for("door.log", code=code),
        ran_url=url_for("door.ran", code=code),
        back_url=url_for("door.door", code=code),
        also_classes=[],
        is_door=True,
        reasons=[{"value": reason.key, "label": reason.label} for reason in reasons()],
    )


@bp.post("/<code>/ran")
@requires(Action.OPEN_OWN_DOOR)
def ran(classroom: Classroom, code: str) -> Response:
    """Receive a beacon of the presentation."""
    slug = _this_weeks(classroom)
    if request.form.get("slug", slug) != slug:
        raise session_not_planned()
    return receive_beacon(classroom, slug)


@bp.post("/<code>/log")
@requires(Action.OPEN_OWN_DOOR)
def log(classroom: Classroom, code: str) -> Response | tuple[str, int]:
    """Log this week's session as run by substitute."""
    form = OutcomeForm()

    def act() -> Response:
        slug = _find_slug(form, _list_days(classroom))
        logged = log_at_door(form, classroom, slug)
        if logged is None:
            return go_to(url_for("door.door", code=code, noted=1), code=303)
        return go_to(url_for("door.door", code=code, logged=logged.batch_id or "nothing"), code=303)

    return answer_form(form, act, lambda: _door_page(classroom, code, form))


@bp.post("/<code>/undo/<batch_id>")
@requires(Action.OPEN_OWN_DOOR)
def undo(classroom: Classroom, code: str, batch_id: str) -> Response:
    """Undo a batch that was logged with this door card."""
    presenting.undo(site().records, actor(), batch_id, now(), today())
    return go_to(url_for("door.door", code=code, undone=1), code=303)


def _find_slug(form: OutcomeForm, days: list[DoorDay]) -> str:
    """Return the session of the day in the form. Raises Invalid when the page is from an earlier day or plan."""
    chosen = next((day for day in days if day.on_day == form.on_day.data), None)
    if chosen is None:
        message = _(
            "The card can’t log %(day)s now. Check the day and try again, or ask the class’s teacher to enter it.",
            day=labels.day_label(form.on_day.data),
        )
        raise Invalid("Nothing was saved.", {"on_day": message})
    if form.slug.data not in ("", None, chosen.slug):
        message = _(
            "The plan has changed since this page was opened. This is the session now: %(title)s.", title=chosen.title
        )
        raise Invalid("Nothing was saved.", {"on_day": message})
    return chosen.slug


def _this_weeks(classroom: Classroom) -> str:
    slug = _slug_for(classroom, today())
    if slug is None:
        raise NotFound("Nothing is planned for this class this week. The library is open to everyone.")
    return slug
