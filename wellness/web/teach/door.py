"""Views of a door card: anyone with the class code can run this week's session for the class and log it."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask import redirect as go_to
from werkzeug.wrappers import Response

from ...domain import Classroom, Language, week_of
from ...errors import NotFound
from ...policy import Action
from ...records import door_cards
from ...school import presenting
from .. import labels
from ..access import requires
from ..forms import answer_form
from ..public.session_view import show_session
from ..request import actor, now, reader_language, site, today
from .beacons import receive_beacon
from .forms import CodeForm, OutcomeForm
from .outcomes import log_at_door, logged_notice, planned_slug, reasons, session_not_planned, shown_for

bp = Blueprint("door", __name__, url_prefix="/c")


@bp.get("/")
@requires(Action.VISIT)
def enter() -> Response | tuple[str, int] | str:
    """Enter a class code; lowercase, spaces, hyphens and an O for a zero are accepted."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return render_template("teach/door_enter.html", form=CodeForm(formdata=None))
    code = door_cards.read_code(typed[:40])
    return go_to(url_for("door.door", code=code or "unreadable"), code=303)


@bp.get("/<code>")
@requires(Action.OPEN_OWN_DOOR)
def door(classroom: Classroom, code: str) -> str:
    """Show this week's session of the class with its log form."""
    return _door_page(classroom, code, OutcomeForm(formdata=None, on_day=today()))


def _door_page(classroom: Classroom, code: str, form: OutcomeForm) -> str:
    slug = planned_slug(classroom, today())
    session = site().catalogue.find_session(slug, reader_language()) if slug else None
    with site().records.reading() as tx:
        due = presenting.list_due(tx, [classroom], today())
    cell = due[0][1]
    return render_template(
        "teach/door.html",
        classroom=classroom,
        code=code,
        session=show_session(session, site().catalogue.list_languages(session.slug)) if session else None,
        cell=cell,
        state_label=str(labels.CELL_STATES[cell.state]),
        form=form,
        logged=logged_notice([classroom]),
        today=today(),
    )


@bp.post("/<code>/open")
@requires(Action.OPEN_OWN_DOOR)
def open_session(classroom: Classroom, code: str) -> Response:
    """Record that this week's session was opened and go to the presentation."""
    slug = _this_weeks(classroom)
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
        on_day = form.on_day.data
        is_this_week = week_of(today()) <= on_day <= today()
        if not is_this_week or form.slug.data not in ("", planned_slug(classroom, on_day)):
            raise session_not_planned()
        slug = form.slug.data or planned_slug(classroom, on_day)
        if slug is None:
            raise session_not_planned()
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


def _this_weeks(classroom: Classroom) -> str:
    slug = planned_slug(classroom, today())
    if slug is None or site().catalogue.find_session(slug, Language.EN) is None:
        raise NotFound("Nothing is planned for this class this week. The library is open to everyone.")
    return slug
