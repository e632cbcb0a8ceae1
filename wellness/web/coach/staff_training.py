"""The coach's view of staff training: progress by person and module, assignments, the monthly roster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from ...catalogue import Query
from ...domain import Language, Person, School
from ...library.prepared import PreparedModule
from ...policy import Action
from ...records import publications
from ...school.planning import own_schools
from ...training import assignments, reflections, scope
from ...training import roster as training_roster
from ...training.standing import ModuleState
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..http.csv import csv_answer
from ..request import now, reader_language, signed_in, site, today
from .forms import AssignForm

bp = Blueprint("coach_training", __name__, url_prefix="/coach")

LATELY = timedelta(weeks=4)
"""How far back the page looks for sessions that were led without their module."""

MONTHS = 12
"""How many months the roster offers to choose from."""

STATES: dict[str, LazyString] = {
    "not-started": _l("Not started"),
    "started": _l("Started"),
    "completed": _l("Completed"),
    "practised": _l("Practiced"),
    "refresher": _l("Refresher due"),
    "asked": _l("Assigned, not done yet"),
}


@dataclass(frozen=True, slots=True)
class StandingCell:
    """One person and one module, in words; `key` is one of STATES. `refresher` and `due` are empty where they don't apply."""

    state: ModuleState
    key: str
    said: str
    refresher: str
    due: str


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One person; a cell for each module shown, None where the filter leaves it out."""

    person: Person
    schools: str
    cells: tuple[StandingCell | None, ...]


@dataclass(frozen=True, slots=True)
class StandingPage:
    """What was asked for, once for the screen, the paper and the spreadsheet."""

    filters: dict[str, Any]
    modules: list[PreparedModule]
    chosen: list[PreparedModule]
    schools: list[School]
    rows: list[StandingRow]


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggested module: the person led a session that it prepares for."""

    module: PreparedModule
    session_title: str
    class_name: str
    on_day: date


@dataclass(frozen=True, slots=True)
class PersonOffers:
    """One person and the modules suggested to them."""

    person: Person
    offers: list[Offer]


@dataclass(frozen=True, slots=True)
class SharedWords:
    """A reflection that a member of staff shared, with its module's title."""

    shared: reflections.Shared
    module_title: str


# --- Staff progress ---------------------------------------------------------------------------------------------------


@bp.get("/training")
@requires(Action.LEAD_TRAINING)
def standing() -> str:
    """Progress of the staff at the coach's schools by module, and what is assigned."""
    form = AssignForm(
        formdata=None,
        slug=request.args.get("offer", ""),
        person_ids=request.args.getlist("to"),
        school_ids=[],
        due_on=today() + timedelta(weeks=2),
    )
    return _standing_page(form)


@bp.get("/training.csv")
@requires(Action.LEAD_TRAINING)
def standing_csv() -> Response:
    """The same cells as a table for a spreadsheet."""
    heads = (
        "school", "name", "module", "slug", "state", "parts_done", "parts", "completed_on", "practised_on",
        "refresher_since", "due_on",
    )  # fmt: skip
    shown = _read_standing()
    rows = (_csv_row(row, cell) for row in shown.rows for cell in row.cells if cell is not None)
    return csv_answer(f"training-{today()}.csv", heads, rows)


def _csv_row(row: StandingRow, cell: StandingCell) -> list[object]:
    state, done = cell.state, cell.state.completion
    return [
        row.schools,
        row.person.name,
        state.module.title,
        state.module.slug,
        cell.key.replace("-", " "),
        state.done_parts,
        len(state.counted),
        done.completed_on if done else "",
        (done.practised_on or "") if done else "",
        (state.module.again_since or "") if state.needs_refresher else "",
        state.due_on or "",
    ]


def _read_standing() -> StandingPage:
    """Read the filters and the records once, for the screen, print and CSV."""
    modules = site().catalogue.list_modules(reader_language())
    filters: dict[str, Any] = {name: request.args.get(name, "") for name in ("school", "module", "state")}
    state = filters["state"] if filters["state"] in STATES else ""
    chosen = [module for module in modules if filters["module"] in ("", module.slug)]
    with site().records.reading() as tx:
        own = own_schools(tx, signed_in())
        found = training_roster.standing(tx, signed_in(), chosen, today())
    by_person: dict[str, list[training_roster.RosterStatus]] = {}
    for one in found:
        if filters["school"] in ("", *one.school_ids):
            by_person.setdefault(one.person.id, []).append(one)
    rows = [
        StandingRow(stands[0].person, stands[0].school, tuple(_cell(one.state, state) for one in stands))
        for stands in by_person.values()
    ]
    return StandingPage(filters, modules, chosen, own, [row for row in rows if any(row.cells)])


def _cell(state: ModuleState, wanted: str) -> StandingCell | None:
    """The state in words, None when it is not the one that was asked for."""
    cell = StandingCell(state, _key(state), _said(state), _refresher(state), _due(state))
    if wanted == "asked":
        return cell if cell.due else None
    return cell if wanted in ("", cell.key) else None


def _key(state: ModuleState) -> str:
    if state.needs_refresher:
        return "refresher"
    if state.completion is not None:
        return str(state.completion.level.value)
    return "started" if state.is_begun else "not-started"


def _said(state: ModuleState) -> str:
    done = state.completion
    if done is None:
        if not state.is_begun:
            return str(STATES["not-started"])
        return str(_("%(done)s of %(all)s parts", done=state.done_parts, all=len(state.counted)))
    if done.practised_on is not None:
        return str(_("Practiced %(day)s", day=labels.short_day_label(done.practised_on)))
    return str(_("Completed %(day)s", day=labels.short_day_label(done.completed_on)))


def _refresher(state: ModuleState) -> str:
    if not state.needs_refresher or state.module.again_since is None:
        return ""
    return str(_("refresher due since %(day)s", day=labels.short_day_label(state.module.again_since)))


def _due(state: ModuleState) -> str:
    if state.due_on is None:
        return ""
    day = labels.short_day_label(state.due_on)
    return str(_("was due %(day)s", day=day) if state.is_overdue else _("due %(day)s", day=day))


def _standing_page(form: AssignForm) -> str:
    shown = _read_standing()
    titles = {module.slug: module.title for module in shown.modules}
    with site().records.reading() as tx:
        staff = scope.list_in_scope(tx, signed_in(), today())
        asked = assignments.list_assignments(tx, signed_in(), today())
        words_shared = reflections.list_shared(tx, signed_in(), today())
    form.slug.choices = choices((("", _("Choose a module")), *titles.items()))
    form.school_ids.choices = choices((school.id, school.name) for school in shown.schools)
    form.person_ids.choices = choices((person.id, person.name) for person in staff)
    return render_template(
        "coach/training.html",
        page=shown,
        states=STATES,
        csv_url=url_for("coach_training.standing_csv", **{key: value for key, value in shown.filters.items() if value}),
        form=form,
        asked=asked,
        titles=titles,
        offers=_offers(shown.modules),
        weeks=LATELY.days // 7,
        shared=[SharedWords(one, titles.get(one.reflection.slug, one.reflection.slug)) for one in words_shared],
    )


def _offers(modules: list[PreparedModule]) -> list[PersonOffers]:
    """People who led a session since `LATELY` without its module; for each module the latest session."""
    known = {module.slug: module for module in modules}
    sessions = {card.slug: card.title for card in site().catalogue.list_sessions(Query(), reader_language())}
    prepares = {slug: site().catalogue.get_session(slug, Language.EN).facts.module for slug in sessions}
    prepares = {slug: module for slug, module in prepares.items() if module in known}
    with site().records.reading() as tx:
        found = training_roster.unprepared(tx, signed_in(), prepares, today() - LATELY, today())
    people: dict[str, PersonOffers] = {}
    for one in {(one.person.id, one.module_slug): one for one in found}.values():
        offer = Offer(known[one.module_slug], sessions[one.slug], one.classroom.name, one.on_day)
        people.setdefault(one.person.id, PersonOffers(one.person, [])).offers.append(offer)
    return list(people.values())


# --- Assignments ------------------------------------------------------------------------------------------------------


@bp.post("/training/assign")
@requires(Action.LEAD_TRAINING)
def assign() -> Response | tuple[str, int]:
    """Assign a module to schools or people."""
    form = AssignForm()

    def act() -> Response:
        assignments.assign(
            site().records, signed_in(), slug=form.slug.data,
            known_slugs={module.slug for module in site().catalogue.list_modules(Language.EN)},
            school_ids=form.school_ids.data or [], person_ids=form.person_ids.data or [],
            due_on=form.due_on.data, at=now(), today=today(),
        )  # fmt: skip
        flash(_("Assigned. It’s in their list now, with its due date."), "good")
        return go_to(url_for("coach_training.standing") + "#asked", code=303)

    return answer_form(form, act, lambda: _standing_page(form))


@bp.post("/training/assignments/<assignment_id>/withdraw")
@requires(Action.LEAD_TRAINING)
def withdraw(assignment_id: str) -> Response:
    """Remove an assignment."""
    assignments.withdraw(site().records, signed_in(), assignment_id, now(), today())
    flash(_("Assignment removed. Work that was already done stays."), "good")
    return go_to(url_for("coach_training.standing") + "#asked", code=303)


# --- The month's roster -----------------------------------------------------------------------------------------------


@bp.get("/training/roster")
@requires(Action.LEAD_TRAINING)
def roster() -> str:
    """Who completed what in a month, to print and to send."""
    month = _asked_month()
    rows = _read_roster(month)
    with site().records.reading() as tx:
        published = publications.list_first_published(tx, {row.completion.revision for row in rows})
    return render_template(
        "coach/training_roster.html",
        month=month,
        months=[(one.isoformat()[:7], labels.month_label(one)) for one in _months(month)],
        rows=rows,
        versions={rev: labels.version_label(rev, published) for rev in {row.completion.revision for row in rows}},
        levels=labels.LEVELS,
        csv_url=url_for("coach_training.roster_csv", month=month.isoformat()[:7]),
    )


@bp.get("/training/roster.csv")
@requires(Action.LEAD_TRAINING)
def roster_csv() -> Response:
    """The same rows as a table for a spreadsheet."""
    heads = (
        "name", "school", "module", "slug", "revision", "level", "contact_hours", "completed_on", "practised_on",
        "code", "issuer",
    )  # fmt: skip
    month = _asked_month()
    return csv_answer(f"training-roster-{month.isoformat()[:7]}.csv", heads, map(_roster_row, _read_roster(month)))


def _roster_row(row: training_roster.RosterRow) -> list[object]:
    one = row.completion
    return [
        labels.person_label(one.person_name),
        row.school,
        one.title,
        one.slug,
        one.revision,
        one.level.value,
        f"{one.hours:g}",
        one.completed_on,
        one.practised_on or "",
        one.code,
        one.issuer,
    ]


def _read_roster(month: date) -> list[training_roster.RosterRow]:
    with site().records.reading() as tx:
        return training_roster.month(tx, signed_in(), month.year, month.month, today())


def _asked_month() -> date:
    """The first day of the month in the address, or of this one."""
    try:
        return date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return today().replace(day=1)


def _months(shown: date) -> list[date]:
    """The latest months, the newest first, and the one that is shown."""
    newest = today().year * 12 + today().month - 1
    latest = {date(number // 12, number % 12 + 1, 1) for number in range(newest - MONTHS + 1, newest + 1)}
    return sorted(latest | {shown}, reverse=True)
