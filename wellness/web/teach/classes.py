"""Views of teachers: My classes, a class, presenting, logging outcomes, other SEL lessons, door card, paper log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from ...catalogue import Card, Query
from ...domain import Classroom, Viewing, ViewingState, week_of
from ...policy import Action
from ...records import door_cards, outside_lessons, viewings
from ...school import presenting
from ...school.expectations import list_planned
from ...school.reporting import Cell, CellState
from ...training import parts
from ...training.parts import ModuleState
from .. import labels
from ..access import fetch_classroom, requires
from ..forms import answer_form
from ..public.session_view import show_session
from ..request import actor, last_school_day, now, reader_language, signed_in, site, today
from . import choose
from .beacons import receive_beacon
from .choose import MissedSession, list_missed, list_own_classes, list_quickest
from .forms import OutcomeForm, OutsideLessonForm
from .outcomes import CardSays, list_card_says, log_outcome, logged_notice, planned_slug, reasons, shown_for

bp = Blueprint("classroom", __name__, url_prefix="/teach")
choose.register(bp)

HISTORY = timedelta(weeks=52)
NOT_SAID = (CellState.DUE, CellState.UPCOMING, CellState.OPENED, CellState.PLAYED, CellState.NOTHING_LOGGED)


@dataclass(frozen=True, slots=True)
class Preparation:
    """A training module to complete before leading a session."""

    slug: str
    title: str
    language: str
    minutes_left: int


@dataclass(frozen=True, slots=True)
class DueClass:
    """One class with its session and status of this week. `prepares` is offered until an outcome is logged."""

    classroom: Classroom
    cell: Cell
    state_label: str
    session: Card | None
    is_open: bool
    prepares: Preparation | None = None
    logged: str = ""
    """Day and minutes of what a person logged for the week."""
    card_says: Sequence[CardSays] = ()
    quickest: Sequence[Card] = ()
    """Sessions to start where nothing is planned."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One viewing of the class's history."""

    viewing: Viewing
    title: str
    entered: str

    @property
    def note(self) -> str:
        """When it was logged or what it counts for, where that is not its own day."""
        notes = [_("late")] if self.viewing.is_late else []
        if self.viewing.is_make_up:
            notes.append(_("make-up for the week of %(day)s", day=labels.short_day_label(self.viewing.week_on)))
        return ", ".join(notes)


def _due_classes(own: list[Classroom]) -> list[DueClass]:
    with site().records.reading() as tx:
        due = presenting.list_due(tx, own, today())
    slugs = {cell.slug for _, cell in due if cell.slug}
    cards = site().catalogue.list_cards(slugs, reader_language())
    offered = _list_preparations({cell.slug for _, cell in due if cell.slug and cell.state in NOT_SAID})
    says = list_card_says(own)
    return [
        _due_class(classroom, cell, cards.get(cell.slug or ""), offered, says[classroom.id]) for classroom, cell in due
    ]


def _due_class(
    classroom: Classroom,
    cell: Cell,
    card: Card | None,
    offered: Mapping[str, Preparation | None],
    says: Sequence[CardSays],
) -> DueClass:
    return DueClass(
        classroom,
        cell,
        str(labels.CELL_STATES[cell.state]),
        card,
        cell.state in NOT_SAID,
        offered.get(cell.slug or ""),
        _logged_on(cell),
        says,
        [] if card else list_quickest(classroom),
    )


def _logged_on(cell: Cell) -> str:
    """Return the day, and the minutes of a different session, of the outcome that decides the week."""
    if cell.state is CellState.ANOTHER:
        last = max((one for one in cell.viewings if one.state is ViewingState.DELIVERED), key=lambda one: one.on_day)
        minutes = _("%(n)s min", n=last.minutes) if last.minutes else ""
        return ", ".join(filter(None, (labels.short_day_label(last.on_day), minutes)))
    if cell.viewing is None or cell.viewing.entered_at is None:
        return ""
    return labels.short_day_label(cell.viewing.on_day)


def _list_preparations(slugs: Iterable[str]) -> dict[str, Preparation | None]:
    """Return the module that prepares for each session, None when the reader has completed it and need not retake it."""
    here, reader = site(), reader_language()
    sessions = ((slug, here.catalogue.find_session(slug, reader)) for slug in slugs)
    named = {
        slug: here.catalogue.find_module(found.facts.module, reader) for slug, found in sessions if found is not None
    }
    modules = {slug: module for slug, module in named.items() if module is not None}
    with here.records.reading() as tx:
        states = parts.overview(tx, signed_in(), modules.values(), today()) if modules else []
    return {slug: _preparation(state) for slug, state in zip(modules, states, strict=True)}


def _preparation(state: ModuleState) -> Preparation | None:
    if state.completion is not None and not state.needs_refresher:
        return None
    module = state.module
    return Preparation(module.slug, module.title, module.language.value, state.minutes_left)


@bp.get("/")
@requires(Action.TEACH)
def classes() -> str:
    """Show My classes with what is due this week."""
    own = list_own_classes()
    return _classes_page(own, OutcomeForm(formdata=None, on_day=last_school_day(own)))


def _classes_page(own: list[Classroom], form: OutcomeForm) -> str:
    return render_template(
        "teach/classes.html",
        due=_due_classes(own),
        form=form,
        logged=logged_notice(own),
        today=today(),
        reasons=reasons(),
    )


@bp.post("/log")
@requires(Action.TEACH)
def log_classes() -> Response | tuple[str, int]:
    """Log an outcome for several classes at once, each with its planned session."""
    form = OutcomeForm()
    own = list_own_classes()
    chosen = [classroom for classroom in own if classroom.id in set(form.classroom_id.data or ())]

    def act() -> Response:
        logged = log_outcome(form, chosen)
        return go_to(url_for("classroom.classes", logged=logged.batch_id), code=303)

    return answer_form(form, act, lambda: _classes_page(own, form))


@bp.get("/classes/<classroom_id>")
@requires(Action.SEE_CLASS)
def classroom(classroom: Classroom) -> str:
    """Show one class: this week, log form, other SEL lessons and history."""
    on_day = last_school_day([classroom])
    form = OutcomeForm(formdata=None, on_day=on_day)
    return _classroom_page(classroom, form, OutsideLessonForm(formdata=None, on_day=on_day))


def _classroom_page(classroom: Classroom, form: OutcomeForm, lesson_form: OutsideLessonForm) -> str:
    first = today() - HISTORY
    with site().records.reading() as tx:
        held = viewings.list_viewings(tx, first=first, last=today(), classroom_ids=[classroom.id])
        lessons = outside_lessons.list_outside_lessons(tx, first=first, last=today(), classroom_ids=[classroom.id])
        door = door_cards.door_of(tx, classroom.id)
    cards = site().catalogue.list_cards({viewing.slug for viewing in held}, reader_language())
    history = [
        HistoryRow(
            viewing,
            cards[viewing.slug].title if viewing.slug in cards else viewing.slug,
            labels.entered_label(viewing.entered_by_name, viewing.entered_role),
        )
        for viewing in reversed(held)
    ]
    return render_template(
        "teach/classroom.html",
        classroom=classroom,
        due=_due_classes([classroom])[0],
        history=history,
        lessons=list(reversed(lessons)),
        door=door,
        door_code=door_cards.show_code(door.code) if door else "",
        form=form,
        lesson_form=lesson_form,
        logged=logged_notice([classroom]),
        sessions=_choices(),
        planned=_planned_titles(classroom),
        missed=list_missed([classroom])[classroom.id],
        today=today(),
    )


def _planned_titles(classroom: Classroom) -> dict[str, str]:
    """Return the title of what was planned for the class in each week (its Monday) that can still be logged."""
    with site().records.reading() as tx:
        planned = list_planned(tx, classroom, week_of(today() - timedelta(days=presenting.BACK_DAYS)), week_of(today()))
    cards = site().catalogue.list_cards({slug for slug in planned.values() if slug}, reader_language())
    return {week_on.isoformat(): cards[slug].title for week_on, slug in planned.items() if slug in cards}


def _choices() -> list[Card]:
    return site().catalogue.list_sessions(Query(), reader_language())


@bp.post("/classes/<classroom_id>/open/<slug>")
@requires(Action.LOG_VIEWING)
def open_session(classroom: Classroom, slug: str) -> Response:
    """Record that the session was opened for the class and go to the presentation."""
    presenting.open_for(site().records, classroom, shown_for(slug), today(), now())
    variant = "short" if request.args.get("variant") == "short" else None
    made_up = request.args.get("makes_up_for")
    target = url_for("classroom.present", classroom_id=classroom.id, slug=slug, variant=variant, makes_up_for=made_up)
    return go_to(target, code=303)


@bp.get("/classes/<classroom_id>/present/<slug>")
@requires(Action.LOG_VIEWING)
def present(classroom: Classroom, slug: str) -> str:
    """Show the presentation, one step per screen."""
    found = site().catalogue.get_session(slug, reader_language())
    missed = _find_missed(classroom, found.slug)
    others = [
        other for other in list_own_classes() if other.id != classroom.id and planned_slug(other, today()) == slug
    ]
    return render_template(
        "teach/present.html",
        session=show_session(found, site().catalogue.list_languages(slug)),
        steps=show_session(found, ()).steps,
        classroom=classroom,
        variant="short" if request.args.get("variant") == "short" else "whole",
        on_day=today().isoformat(),
        log_url=url_for("classroom.log", classroom_id=classroom.id),
        ran_url=url_for("classroom.ran", classroom_id=classroom.id),
        back_url=url_for("classroom.classes"),
        also_classes=[] if missed else others,
        missed=missed,
        is_make_up=missed is not None and request.args.get("makes_up_for") == missed.week_on.isoformat(),
        is_door=False,
        reasons=[{"value": reason.key, "label": reason.label} for reason in reasons()],
    )


def _find_missed(classroom: Classroom, slug: str) -> MissedSession | None:
    """Return the week for which the class can make the session up: the one asked for, else the latest."""
    if planned_slug(classroom, today()) == slug:
        return None
    missed = [one for one in list_missed([classroom])[classroom.id] if one.session.slug == slug]
    asked = [one for one in missed if one.week_on.isoformat() == request.args.get("makes_up_for")]
    return next(iter(asked + missed), None)


@bp.post("/classes/<classroom_id>/ran")
@requires(Action.LOG_VIEWING)
def ran(classroom: Classroom) -> Response:
    """Receive a beacon of the presentation."""
    return receive_beacon(classroom, request.form.get("slug", ""))


@bp.post("/classes/<classroom_id>/log")
@requires(Action.LOG_VIEWING)
def log(classroom: Classroom) -> Response | tuple[str, int]:
    """Log an outcome for this class and for the other classes that are checked."""
    form = OutcomeForm()

    def act() -> Response:
        own = [classroom, *_also(form, classroom)]
        logged = log_outcome(form, own)
        if len(own) > 1:
            return go_to(url_for("classroom.classes", logged=logged.batch_id), code=303)
        target = url_for("classroom.classroom", classroom_id=classroom.id, logged=logged.batch_id)
        return go_to(target, code=303)

    def page() -> str:
        return _classroom_page(classroom, form, OutsideLessonForm(formdata=None, on_day=last_school_day([classroom])))

    return answer_form(form, act, page)


@bp.post("/classes/<classroom_id>/card/<note_id>")
@requires(Action.LOG_VIEWING)
def answer_card(classroom: Classroom, note_id: str) -> Response:
    """Use what the door card says in place of what staff logged, or dismiss it."""
    use = request.form.get("answer") == "use"
    logged = presenting.answer_door_note(
        site().records, signed_in(), classroom, note_id, use=use, at=now(), today=today()
    )
    batch_id = logged.batch_id if logged else None
    return go_to(url_for("classroom.classroom", classroom_id=classroom.id, logged=batch_id), code=303)


def _also(form: OutcomeForm, classroom: Classroom) -> list[Classroom]:
    """Return the other checked classes; each needs the same permission."""
    ids = [other for other in form.classroom_id.data or () if other != classroom.id]
    return [fetch_classroom(other, Action.LOG_VIEWING) for other in ids]


@bp.post("/undo/<batch_id>")
@requires(Action.TEACH)
def undo(batch_id: str) -> Response:
    """Undo a logged batch."""
    touched = presenting.undo(site().records, actor(), batch_id, now(), today())
    if len(touched) == 1:
        return go_to(url_for("classroom.classroom", classroom_id=touched[0], undone=1), code=303)
    return go_to(url_for("classroom.classes", undone=1), code=303)


@bp.post("/classes/<classroom_id>/outside")
@requires(Action.LOG_VIEWING)
def add_lesson(classroom: Classroom) -> Response | tuple[str, int]:
    """Add an other SEL lesson."""
    form = OutsideLessonForm()

    def act() -> Response:
        presenting.log_outside_lesson(
            site().records, signed_in(), classroom,
            on_day=form.on_day.data, minutes=form.minutes.data, curriculum=form.curriculum.data,
            title=form.title.data or "", at=now(), today=today(),
        )  # fmt: skip
        return go_to(url_for("classroom.classroom", classroom_id=classroom.id) + "#outside", code=303)

    def page() -> str:
        outcome_form = OutcomeForm(formdata=None, on_day=last_school_day([classroom]))
        return _classroom_page(classroom, outcome_form, form)

    return answer_form(form, act, page)


@bp.post("/classes/<classroom_id>/outside/<lesson_id>/remove")
@requires(Action.LOG_VIEWING)
def remove_lesson(classroom: Classroom, lesson_id: str) -> Response:
    """Remove an other SEL lesson."""
    presenting.remove_outside_lesson(site().records, signed_in(), classroom, lesson_id, now())
    return go_to(url_for("classroom.classroom", classroom_id=classroom.id) + "#outside", code=303)


@bp.get("/classes/<classroom_id>/door")
@requires(Action.ISSUE_DOOR)
def door_card(classroom: Classroom) -> str:
    """Show the printable door card: QR code, class code and instructions for a substitute."""
    with site().records.reading() as tx:
        door = door_cards.door_of(tx, classroom.id)
    address = url_for("door.door", code=door.code, lang=None, _external=True) if door else ""
    return render_template(
        "teach/door_card.html",
        classroom=classroom,
        door=door,
        code=door_cards.show_code(door.code) if door else "",
        address=address,
        typed_address=url_for("door.enter", lang=None, _external=True),
        qr=door_qr(address) if address else "",
    )


def door_qr(address: str) -> Markup:
    """Return the QR code of a door card’s address."""
    import segno  # imported late: only this rare page needs it

    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(
        scale=6, border=2, omitsize=True, svgclass="qr", lineclass=None, title=_("QR code for this door card")
    )
    return Markup(svg)  # noqa: S704 - drawn by segno from our own address # nosec B704


@bp.post("/classes/<classroom_id>/door")
@requires(Action.ISSUE_DOOR)
def issue_door(classroom: Classroom) -> Response:
    """Make a new door card; the previous one stops working at once."""
    presenting.issue_door(site().records, signed_in(), classroom, now())
    return go_to(url_for("classroom.door_card", classroom_id=classroom.id), code=303)


@bp.post("/classes/<classroom_id>/door/revoke")
@requires(Action.ISSUE_DOOR)
def revoke_door(classroom: Classroom) -> Response:
    """Turn off the door card at once."""
    presenting.revoke_door(site().records, signed_in(), classroom, now())
    return go_to(url_for("classroom.door_card", classroom_id=classroom.id), code=303)


@bp.get("/paper")
@requires(Action.TEACH)
def paper() -> str:
    """Show this week's printable log, for days without internet."""
    return render_template("teach/paper_log.html", due=_due_classes(list_own_classes()), week_on=week_of(today()))
