"""A coach's visits to classes: noting one on a phone, and the page that coach and teacher both see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...catalogue import Query
from ...domain import Classroom, School, Walkthrough, WalkthroughItem
from ...errors import NotFound, worded
from ...policy import Action
from ...records import classrooms, people, schools
from ...school.planning import own_schools
from ...training import visits
from ...training.visits import SOMEBODY_WHO_LEFT, SUBSTITUTE, leader_of
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..request import last_school_day, now, reader_language, signed_in, site, today, wants_json
from ..teach.outcomes import planned_slug
from .forms import VisitForm

bp = Blueprint("visits", __name__)

RECENT = 100
"""How many visits a list shows."""

NO_SUCH_VISIT = worded("You don’t have a visit at this address.")


@dataclass(frozen=True, slots=True)
class SchoolClasses:
    """The classes of one school, to choose from."""

    school: School
    classrooms: tuple[Classroom, ...]


@dataclass(frozen=True, slots=True)
class ShownVisit:
    """A visit with the names that it tells of. `title` is that of the session, `who` led it, `coach` logged it."""

    visit: Walkthrough
    class_name: str
    title: str
    who: str
    coach: str
    is_mine: bool


# --- What both sides see ----------------------------------------------------------------------------------------------


@bp.get("/training/visits")
@requires(Action.TAKE_TRAINING)
def received() -> str:
    """The visits to sessions that the signed-in person led."""
    with site().records.reading() as tx:
        held = visits.list_for_teacher(tx, signed_in())
    return render_template("learn/visits.html", visits=_shown(held))


@bp.get("/training/visits/<visit_id>")
@requires(Action.TAKE_TRAINING)
def visit(visit_id: str) -> str:
    """One visit, for the person who led the session and for the school's coaches."""
    with site().records.reading() as tx:
        found = visits.get(tx, signed_in(), visit_id)
    return render_template(
        "learn/visit.html",
        shown=_shown([found])[0],
        items=[(labels.WALKTHROUGH_ITEMS[item], labels.SEEN[found.items[item]]) for item in WalkthroughItem],
        lead=_lead(found),
        is_for_me=found.teacher_id == signed_in().id,
    )


def _lead(visit: Walkthrough) -> str:
    """Who wrote it, and for whom."""
    coach = labels.person_label(visit.coach_name)
    if visit.teacher_id == signed_in().id:
        return str(_("Written for you by %(coach)s. Thank you for hosting the visit.", coach=coach))
    if visit.teacher_name:
        return str(_("Written by %(coach)s. %(who)s sees the same words.", coach=coach, who=visit.teacher_name))
    return str(_("Written by %(coach)s. Led by: %(who)s.", coach=coach, who=_who_led(visit)))


def _who_led(visit: Walkthrough) -> str:
    return str(_("a substitute")) if visit.led_by_substitute else labels.person_label(visit.teacher_name)


def _shown(held: Iterable[Walkthrough]) -> list[ShownVisit]:
    held = list(held)
    cards = site().catalogue.list_cards({visit.slug for visit in held}, reader_language())
    with site().records.reading() as tx:
        rooms = {visit.classroom_id: classrooms.get_classroom(tx, visit.classroom_id, visit.on_day) for visit in held}
    return [
        ShownVisit(
            visit,
            rooms[visit.classroom_id].name,
            cards[visit.slug].title if visit.slug in cards else visit.slug,
            _who_led(visit),
            labels.person_label(visit.coach_name),
            visit.coach_id == signed_in().id,
        )
        for visit in held
    ]


# --- What the coach notes ---------------------------------------------------------------------------------------------


@bp.get("/coach/visits")
@requires(Action.LEAD_TRAINING)
def noted() -> str:
    """What I noted, newest first, and the class to visit next."""
    with site().records.reading() as tx:
        held = visits.list_for_coach(tx, signed_in(), limit=RECENT)
    return render_template("coach/visits.html", visits=_shown(held), schools=_classes(), limit=RECENT)


def _classes() -> list[SchoolClasses]:
    with site().records.reading() as tx:
        year = schools.find_nearest_year(tx, today())
        held = (
            classrooms.list_classrooms(tx, year_id=year.id, on_day=year.nearest_day(today()))
            if year is not None
            else []
        )
        own = own_schools(tx, signed_in())
    return [
        SchoolClasses(school, tuple(classroom for classroom in held if classroom.school_id == school.id))
        for school in own
    ]


@bp.get("/coach/visits/start")
@requires(Action.LEAD_TRAINING)
def start() -> Response:
    """Redirect to the visit form of the chosen class."""
    chosen = request.args.get("classroom", "")
    if not chosen:
        return go_to(url_for("visits.noted"), code=303)
    return go_to(url_for("visits.note", classroom_id=chosen), code=303)


@bp.get("/coach/classes/<classroom_id>/visit")
@requires(Action.NOTE_WALKTHROUGH)
def note(classroom: Classroom) -> str:
    """The walkthrough: class, session, day and teacher are filled in where they can be known."""
    form = VisitForm(
        formdata=None,
        visit_id=visits.new_visit_id(),
        slug=planned_slug(classroom, today()) or "",
        on_day=last_school_day([classroom]),
    )
    _fill_choices(form, classroom)
    answers = [choice.value for choice in form.led_by.choices]
    form.led_by.data = answers[0] if len(answers) <= 2 else None
    return _visit_page(classroom, form)


@bp.post("/coach/classes/<classroom_id>/visit")
@requires(Action.NOTE_WALKTHROUGH)
def save(classroom: Classroom) -> Response | tuple[str, int]:
    """Save the visit. The form's own id makes a second submit of it the same visit."""
    form = VisitForm()
    _fill_choices(form, classroom)

    def act() -> Response:
        kept = visits.note(
            site().records, signed_in(), classroom, **_noted(form), at=now(), today=today(),
            walkthrough_id=form.visit_id.data,
        )  # fmt: skip
        return _saved(kept.id)

    return answer_form(form, act, lambda: _visit_page(classroom, form))


@bp.get("/coach/classes/<classroom_id>/visits/<visit_id>")
@requires(Action.NOTE_WALKTHROUGH)
def edit(classroom: Classroom, visit_id: str) -> str:
    """The form with a visit that this coach logged, to edit it."""
    found = _own_visit(classroom, visit_id)
    said = {f"item_{item.value}": seen.value for item, seen in found.items.items()}
    form = VisitForm(
        formdata=None, visit_id=found.id, slug=found.slug, on_day=found.on_day, led_by=leader_of(found),
        glow=found.glow, next_step=found.next_step, **said,
    )  # fmt: skip
    _fill_choices(form, classroom, found)
    return _visit_page(classroom, form, found)


@bp.post("/coach/classes/<classroom_id>/visits/<visit_id>")
@requires(Action.NOTE_WALKTHROUGH)
def change(classroom: Classroom, visit_id: str) -> Response | tuple[str, int]:
    """Save the edited visit."""
    found, form = _own_visit(classroom, visit_id), VisitForm()
    _fill_choices(form, classroom, found)

    def act() -> Response:
        visits.change(site().records, signed_in(), visit_id, **_noted(form), at=now(), today=today())
        return _saved(visit_id)

    return answer_form(form, act, lambda: _visit_page(classroom, form, found))


@bp.post("/coach/classes/<classroom_id>/visits/<visit_id>/remove")
@requires(Action.NOTE_WALKTHROUGH)
def remove(classroom: Classroom, visit_id: str) -> Response:
    """Delete a visit that this coach logged."""
    _own_visit(classroom, visit_id)
    visits.remove(site().records, signed_in(), visit_id, now())
    flash(_("Visit deleted."), "good")
    return go_to(url_for("visits.noted"), code=303)


def _saved(visit_id: str) -> Response:
    """Redirect to the visit's page; as JSON for the form's script, because fetch cannot read where a redirect leads."""
    flash(_("Visit saved. The teacher can see it now."), "good")
    address = url_for("visits.visit", visit_id=visit_id)
    return jsonify(url=address) if wants_json() else go_to(address, code=303)


def _own_visit(classroom: Classroom, visit_id: str) -> Walkthrough:
    with site().records.reading() as tx:
        found = visits.get(tx, signed_in(), visit_id)
    if found.classroom_id != classroom.id or found.coach_id != signed_in().id:
        raise NotFound(NO_SUCH_VISIT)
    return found


def _noted(form: VisitForm) -> dict[str, Any]:
    """What a valid form says of the visit."""
    return {
        "slug": form.slug.data,
        "on_day": form.on_day.data,
        "led_by": form.led_by.data,
        "items": form.items,
        "glow": form.glow.data,
        "next_step": form.next_step.data,
    }


def _fill_choices(form: VisitForm, classroom: Classroom, held: Walkthrough | None = None) -> None:
    """The sessions of the library and the teachers of the class, and those that a visit names already."""
    sessions = {card.slug: card.title for card in site().catalogue.list_sessions(Query(), reader_language())}
    teacher_ids = set(classroom.teacher_ids)
    if held is not None:
        sessions.setdefault(held.slug, held.slug)
        teacher_ids |= {held.teacher_id or ""}
    with site().records.reading() as tx:
        teachers = [(one.id, one.name) for one in people.list_people(tx, inactive=True) if one.id in teacher_ids]
    form.slug.choices = choices((("", _("Choose a session")), *sessions.items()))
    others = [(SUBSTITUTE, _("A substitute"))]
    if held is not None and leader_of(held) == SOMEBODY_WHO_LEFT:
        others.append((SOMEBODY_WHO_LEFT, labels.person_label(None)))
    form.led_by.choices = choices((*teachers, *others))


def _visit_page(classroom: Classroom, form: VisitForm, held: Walkthrough | None = None) -> str:
    titles = {choice.value: choice.label for choice in form.slug.choices if choice.value}
    return render_template(
        "coach/visit.html",
        classroom=classroom,
        form=form,
        held=held,
        session_title=titles.get(form.slug.data, ""),
        today=today(),
    )
