"""Views of training: modules, their parts, notes, the check, the plan and the trial on a real Friday."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...catalogue import Card
from ...domain import CheckTry, Classroom, Completion, PartKind, Walkthrough, answers_needed
from ...errors import Invalid, NotFound, worded
from ...library.prepared import PreparedModule, PreparedModulePart
from ...policy import Action
from ...records import Reading, classrooms, publications, viewings
from ...training import (
    check,
    reflections,
)
from ...training import (
    completion as training_completion,
)
from ...training import (
    friday as training_friday,
)
from ...training import (
    parts as training_parts,
)
from ...training import (
    visits as training_visits,
)
from ...training.completion import list_certificates
from ...training.friday import Candidate
from ...training.parts import ModuleState
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..request import now, reader_language, signed_in, site, site_settings, today, wants_json
from ..translations import fields_in_words, in_words
from .check_view import Answers, find_unanswered, read_answers, show_answers, show_check
from .forms import FridayForm, TrialForm
from .module_view import (
    PART_KEYS,
    check_part,
    due_label,
    find_line,
    find_part,
    find_shown,
    part_lines,
    progress_label,
    refresher_label,
    show_modules,
    tries_words,
)
from .own_words import Material, OwnWords, list_places, show_material, show_written

bp = Blueprint("training", __name__, url_prefix="/training")

PART = "<any(why, 'see-it', 'do-it', 'say-it', check, reflect, plan, try):part>"
"""URL converter for the parts of a module."""

OFFERED = 12
"""Number of delivered viewings to choose the trial from."""

NO_SUCH_PART = worded("This module doesn’t have that part.")
NO_SUCH_PLACE = worded("We couldn’t find that question in this module.")
NO_SUCH_TRY = worded("We couldn’t find that try.")


@dataclass(frozen=True, slots=True)
class TrialChoice:
    """A delivered viewing that may be chosen as the trial."""

    id: int
    day: date
    class_name: str
    title: str
    language: str
    is_chosen: bool


# --- Modules ----------------------------------------------------------------------------------------------------------


@bp.get("/")
@requires(Action.TAKE_TRAINING)
def modules() -> str:
    """List all modules with progress, certificates, and the number of visits to the reader's classes."""
    listed = site().catalogue.list_modules(reader_language())
    with site().records.reading() as tx:
        states = training_parts.overview(tx, signed_in(), listed, today())
        certificates = list_certificates(tx, signed_in())
        visits = len(training_visits.list_for_teacher(tx, signed_in()))
    return render_template("learn/modules.html", cards=show_modules(states), certificates=certificates, visits=visits)


@bp.get("/<slug>")
@requires(Action.TAKE_TRAINING)
def module(slug: str) -> str | Response:
    """Show one module: parts, progress and the button to continue."""
    found = _get_module(slug)
    if found.slug != slug:
        return _redirect_renamed(found)
    state = _state(found)
    lines = part_lines(state)
    go_on = find_line(lines, state.current)
    with site().records.reading() as tx:
        has_words = bool(reflections.list_own(tx, signed_in(), slug))
        published = publications.list_first_published(tx, [found.revision])
    return render_template(
        "learn/module.html",
        module=found,
        state=state,
        lines=lines,
        go_on=go_on,
        go_on_words=_go_on_words(state),
        standing=progress_label(state),
        asked=due_label(state),
        again=refresher_label(state),
        best=tries_words(state),
        needed=answers_needed(len(found.graded), found.pass_mark),
        hours=training_completion.contact_hours(found, site_settings()),
        languages=site().catalogue.list_module_languages(slug),
        has_words=has_words,
        version=labels.version_label(found.revision, published, with_year=True),
        can_begin_again=_can_begin_again(state),
    )


def _can_begin_again(state: ModuleState) -> bool:
    """Whether only the trial is left of a completed module."""
    return state.completion is not None and state.current in (None, PartKind.TRY)


def _go_on_words(state: ModuleState) -> str:
    if state.current is None:
        return ""
    part = state.part(state.current)
    label = str(labels.PART_KINDS[part.kind])
    if part.minutes:
        label = str(_("%(part)s (%(n)s min)", part=label, n=part.minutes))
    begins = not state.done_parts and not any(one.seen_at for one in state.parts)
    return str(_("Start with: %(part)s", part=label) if begins else _("Continue with: %(part)s", part=label))


@bp.post("/<slug>/again")
@requires(Action.TAKE_TRAINING)
def begin_again(slug: str) -> Response:
    """Start a completed module over."""
    found = _get_module(slug)
    training_parts.start_over(site().records, signed_in(), found.slug)
    return go_to(url_for("training.module", slug=found.slug), code=303)


@bp.get("/<slug>/completed")
@requires(Action.TAKE_TRAINING)
def completed(slug: str) -> str:
    """Show the page after completion: thanks, certificate, and the trial if it is left."""
    found = _get_module(slug)
    state = _state(found)
    if state.completion is None:
        raise NotFound(worded("You haven’t completed this module yet."))
    trial = find_line(part_lines(state), PartKind.TRY)
    return render_template(
        "learn/completed.html",
        module=found,
        completion=state.completion,
        go_on=trial if trial is not None and not trial.is_done else None,
    )


# --- Parts ------------------------------------------------------------------------------------------------------------


@bp.get(f"/<slug>/{PART}")
@requires(Action.TAKE_TRAINING)
def part(slug: str, part: str) -> str | Response:
    """Show one part of a module."""
    found = _get_module(slug)
    if found.slug != slug:
        return _redirect_renamed(found, part=part)
    this = _get_part(found, part)
    if this.kind is PartKind.CHECK:
        return _check_page(found)
    return _part_page(found, this)


def _part_page(
    module: PreparedModule,
    part: PreparedModulePart,
    *,
    friday: FridayForm | None = None,
    trial: TrialForm | None = None,
    mistaken: OwnWords | None = None,
) -> str:
    with site().records.reading() as tx:
        written = {one.place: one for one in reflections.list_own(tx, signed_in(), module.slug)}
    shown: list[Material] = [
        (block, mistaken if own is not None and mistaken is not None and own.place == mistaken.place else own)
        for block, own in show_material(module, part, written)
    ]
    frame = _frame(module, part)
    if part.kind is PartKind.PLAN:
        frame |= _plan_context(frame["state"], friday)
    if part.kind is PartKind.TRY:
        frame |= _trial_context(frame["state"], trial)
    return render_template("learn/part.html", **frame, parts=shown)


def _frame(module: PreparedModule, part: PreparedModulePart) -> dict[str, Any]:
    """Return the template values that every page of a part needs."""
    state = _state(module)
    lines = part_lines(state)
    place = next(place for place, line in enumerate(lines) if line.kind is part.kind)
    return {
        "module": module,
        "state": state,
        "lines": lines,
        "here": lines[place],
        "number": place + 1,
        "before": lines[place - 1] if place else None,
        "after": lines[place + 1] if place + 1 < len(lines) else None,
        "go_on": find_line(lines, state.current),
    }


@bp.post(f"/<slug>/{PART}/seen")
@requires(Action.TAKE_TRAINING)
def seen(slug: str, part: str) -> Response:
    """Record that the reader opened this part (sent by the page's script)."""
    found = _get_module(slug)
    training_parts.see_part(site().records, signed_in(), found.slug, _get_part(found, part).kind, now())
    return Response(status=204)


@bp.post(f"/<slug>/{PART}/done")
@requires(Action.TAKE_TRAINING)
def finish(slug: str, part: str) -> Response:
    """Mark the part done and go to the next one."""
    found = _get_module(slug)
    this = _get_part(found, part)
    completion = training_parts.finish_part(site().records, signed_in(), found, this.kind, now(), today())
    return _go_on(found, completion)


def _go_on(module: PreparedModule, completion: Completion | None) -> Response:
    """Redirect to the next part, or after the last one to the page of completion."""
    if completion is not None:
        return go_to(url_for("training.completed", slug=module.slug), code=303)
    state = _state(module)
    if state.current in (None, PartKind.TRY):
        return go_to(url_for("training.module", slug=module.slug), code=303)
    assert state.current is not None
    return go_to(url_for("training.part", slug=module.slug, part=PART_KEYS[state.current]), code=303)


# --- Notes ------------------------------------------------------------------------------------------------------------


@bp.post(f"/<slug>/{PART}/words")
@requires(Action.TAKE_TRAINING)
def save_words(slug: str, part: str) -> Response | tuple[str, int] | tuple[Response, int]:
    """Save a note; share it or stop sharing it."""
    found = _get_module(slug)
    this = _get_part(found, part)
    text = request.form.get("text", "")
    own = _place(found, request.form.get("place", ""))
    try:
        reflections.write(site().records, signed_in(), found.slug, own.place, own.plain_prompt, text, now())
        _share_or_not(found.slug, own.place, request.form.get("do", "save"), has_text=bool(text.strip()))
    except Invalid as error:
        said = " ".join(fields_in_words(error).values()) or in_words(error.message)
        if wants_json():
            return jsonify(said=said), 422
        return _part_page(found, this, mistaken=replace(own, text=text, error=said)), 422
    if wants_json():
        fresh = _place(found, own.place)
        return jsonify(state=render_template("learn/_words_state.html", own=fresh), shared=fresh.is_shared)
    return go_to(f"{url_for('training.part', slug=found.slug, part=part)}#{own.place}", code=303)


def _share_or_not(slug: str, place: str, what: str, *, has_text: bool) -> None:
    if what == "share" and has_text:
        reflections.share(site().records, signed_in(), slug, place, now())
    elif what == "keep" and has_text:
        reflections.keep_private(site().records, signed_in(), slug, place, now())


def _place(module: PreparedModule, place: str) -> OwnWords:
    with site().records.reading() as tx:
        written = {one.place: one for one in reflections.list_own(tx, signed_in(), module.slug)}
    found = list_places(module, written).get(place)
    if found is None:
        raise NotFound(NO_SUCH_PLACE)
    return found


@bp.get("/<slug>/notes")
@requires(Action.TAKE_TRAINING)
def notes(slug: str) -> str:
    """Show all notes of the reader in a module, to read and print."""
    found = _get_module(slug)
    with site().records.reading() as tx:
        written = reflections.list_own(tx, signed_in(), found.slug)
    return render_template("learn/notes.html", module=found, own=show_written(found, written))


@bp.post("/<slug>/notes")
@requires(Action.TAKE_TRAINING)
def change_note(slug: str) -> Response:
    """Share, stop sharing or delete one note."""
    found = _get_module(slug)
    place, what = request.form.get("place", ""), request.form.get("do", "")
    if what == "remove":
        reflections.write(site().records, signed_in(), found.slug, place, "", "", now())
    else:
        _share_or_not(found.slug, place, what, has_text=True)
    return go_to(url_for("training.notes", slug=found.slug), code=303)


# --- The check --------------------------------------------------------------------------------------------------------


def _check_page(
    module: PreparedModule,
    shown: PreparedModule | None = None,
    *,
    try_id: str = "",
    errors: dict[str, str] | None = None,
) -> str:
    """Return the page of the check at revision `shown`, with the saved answers, or the typed ones after an error."""
    asked = shown or module
    frame = _frame(module, check_part(module))
    state: ModuleState = frame["state"]
    with site().records.reading() as tx:
        kept = check.saved_answers(tx, signed_in(), module.slug, asked.revision)
        tries = check.list_tries(tx, signed_in(), module.slug)
    typed = request.form if errors else None
    answers = read_answers(asked, typed) if typed is not None else kept
    parts = show_check(check_part(asked), answers, typed)
    missing = state.part(PartKind.CHECK).missing
    return render_template(
        "learn/check.html",
        **frame,
        is_open=state.is_check_open,
        missing=[line for line in frame["lines"] if line.kind in missing],
        parts=parts,
        questions=[question for _, question in parts if question is not None],
        revision=asked.revision,
        try_id=try_id or check.new_try_id(),
        needed=answers_needed(len(asked.graded), asked.pass_mark),
        graded=len(asked.graded),
        tries=len(tries),
        best=tries_words(state),
        last_try=tries[-1].id if tries else "",
        errors=errors or {},
    )


@bp.post("/<slug>/answers")
@requires(Action.TAKE_TRAINING)
def answers(slug: str) -> Response | tuple[Response, int]:
    """Save the answers so far. The script sends the whole form; only changed answers are written."""
    found = _get_module(slug)
    asked = _asked(found)
    typed = read_answers(asked, request.form)
    with site().records.reading() as tx:
        kept = check.saved_answers(tx, signed_in(), found.slug, asked.revision)
    try:
        for key, answer in typed.items():
            if answer != kept.get(key, ()):
                check.save_answer(site().records, signed_in(), found.slug, asked.revision, key, answer, now())
    except Invalid as error:
        return jsonify(said=" ".join(fields_in_words(error).values())), 422
    return jsonify(saved=True)


@bp.post("/<slug>/hand-in")
@requires(Action.TAKE_TRAINING)
def hand_in(slug: str) -> Response | tuple[str, int]:
    """Submit the check. The same form counts once, however often it arrives."""
    found = _get_module(slug)
    asked = _asked(found)
    try_id = request.form.get("try_id", "")
    given: Answers = read_answers(asked, request.form)
    missing = find_unanswered(asked, given)
    if missing:
        return _check_page(found, asked, try_id=try_id, errors=missing), 422
    try:
        one = check.submit(
            site().records, signed_in(), asked, found, try_id=try_id, answers=given, at=now(), today=today()
        )
    except Invalid as error:
        if not error.fields:
            raise
        return _check_page(found, asked, try_id=try_id, errors=fields_in_words(error)), 422
    return go_to(url_for("training.result", slug=found.slug, try_id=one.id), code=303)


def _asked(module: PreparedModule) -> PreparedModule:
    """Return the module at the revision of the form. Raises Invalid when that is unknown."""
    shown = find_shown(module, request.form.get("revision", ""))
    if shown is None:
        raise Invalid(worded("This check has expired. Open it again; your new answers will count."))
    return shown


@bp.get("/<slug>/check/<try_id>")
@requires(Action.TAKE_TRAINING)
def result(slug: str, try_id: str) -> str:
    """Show one try with answers, right answers and feedback."""
    found = _get_module(slug)
    with site().records.reading() as tx:
        tries = check.list_tries(tx, signed_in(), found.slug)
    one = next((one for one in tries if one.id == try_id), None)
    if one is None:
        raise NotFound(NO_SUCH_TRY)
    shown = find_shown(found, one.revision)
    frame = _frame(found, check_part(found))
    state: ModuleState = frame["state"]
    return render_template(
        "learn/result.html",
        **frame,
        one=one,
        try_number=tries.index(one) + 1,
        shown=shown or found,
        answers=show_answers(shown, one) if shown is not None else [],
        needed=_needed(shown, one),
        has_changed=shown is None or one.revision not in _published_revisions(found),
        completion=state.completion,
        best=tries_words(state),
    )


def _needed(shown: PreparedModule | None, one: CheckTry) -> int:
    return answers_needed(one.graded, shown.pass_mark) if shown is not None else one.graded


def _published_revisions(module: PreparedModule) -> set[str]:
    """Return the published revisions, one per language."""
    languages = site().catalogue.list_module_languages(module.slug)
    return {site().catalogue.get_module(module.slug, language).revision for language in languages}


# --- The plan and the trial -------------------------------------------------------------------------------------------


def _plan_context(state: ModuleState, form: FridayForm | None) -> dict[str, Any]:
    planned = state.facilitation
    if form is None:
        form = FridayForm(
            formdata=None,
            classroom_id=planned.classroom_id if planned is not None else None,
            planned_on=planned.planned_on if planned is not None else None,
        )
    form.classroom_id.choices = choices((one.id, one.name) for one in _own_classes())
    return {"form": form, "planned": _planned_words(state)}


def _planned_words(state: ModuleState) -> str:
    planned = state.facilitation
    if planned is None or planned.planned_on is None or planned.classroom_id is None:
        return ""
    with site().records.reading() as tx:
        name = classrooms.get_classroom(tx, planned.classroom_id, planned.planned_on).name
    return str(_("Planned: %(day)s with %(name)s", day=labels.day_label(planned.planned_on), name=name))


def _own_classes() -> list[Classroom]:
    with site().records.reading() as tx:
        return training_friday.list_own_classrooms(tx, signed_in(), today())


@bp.post("/<slug>/friday")
@requires(Action.TAKE_TRAINING)
def plan(slug: str) -> Response | tuple[str, int]:
    """Plan the trial with a class and a day."""
    found = _get_module(slug)
    this = _get_part(found, PART_KEYS[PartKind.PLAN])
    form = FridayForm()
    chosen = next((one for one in _own_classes() if one.id == form.classroom_id.data), None)

    def act() -> Response:
        completion = training_friday.plan(
            site().records, signed_in(), found, chosen, form.planned_on.data, now(), today()
        )
        flash(_("Your plan is saved."), "good")
        return _go_on(found, completion)

    return answer_form(form, act, lambda: _part_page(found, this, friday=form))


def _trial_context(state: ModuleState, form: TrialForm | None) -> dict[str, Any]:
    with site().records.reading() as tx:
        held = training_friday.list_candidates(tx, signed_in(), today(), limit=OFFERED)
        chosen = _find_chosen(tx, state)
        visits = training_visits.list_for_teacher(tx, signed_in())
    cards = site().catalogue.list_cards({one.viewing.slug for one in held}, reader_language())
    return {
        "form": form or TrialForm(formdata=None),
        "candidates": [_show_candidate(one, cards.get(one.viewing.slug), chosen) for one in held],
        "chosen": _chosen_words(chosen),
        "visit_id": next((one.id for one in visits if chosen is not None and _is_of(one, chosen)), ""),
        "planned": "" if chosen is not None else _planned_words(state),
    }


def _find_chosen(tx: Reading, state: ModuleState) -> Candidate | None:
    """Return the chosen viewing, also when it is too old to be on offer."""
    chosen_id = state.facilitation.viewing_id if state.facilitation is not None else None
    viewing = viewings.list_known(tx, {chosen_id}).get(chosen_id) if chosen_id is not None else None
    return (
        None
        if viewing is None
        else Candidate(viewing, classrooms.get_classroom(tx, viewing.classroom_id, viewing.on_day))
    )


def _show_candidate(one: Candidate, card: Card | None, chosen: Candidate | None) -> TrialChoice:
    return TrialChoice(
        id=one.viewing.id,
        day=one.viewing.on_day,
        class_name=one.classroom.name,
        title=card.title if card is not None else one.viewing.slug,
        language=card.language.value if card is not None else "en",
        is_chosen=chosen is not None and one.viewing.id == chosen.viewing.id,
    )


def _is_of(visit: Walkthrough, chosen: Candidate) -> bool:
    """Whether the visit was to this viewing."""
    viewing = chosen.viewing
    return (visit.classroom_id, visit.slug, visit.on_day) == (viewing.classroom_id, viewing.slug, viewing.on_day)


def _chosen_words(chosen: Candidate | None) -> str:
    if chosen is None:
        return ""
    day = labels.day_label(chosen.viewing.on_day)
    return str(_("%(day)s with %(name)s", day=day, name=chosen.classroom.name))


@bp.post("/<slug>/trial")
@requires(Action.TAKE_TRAINING)
def choose(slug: str) -> Response | tuple[str, int]:
    """Choose the viewing of the trial."""
    found = _get_module(slug)
    this = _get_part(found, PART_KEYS[PartKind.TRY])
    form = TrialForm()

    def act() -> Response:
        practiced = training_friday.choose(
            site().records, signed_in(), found.slug, form.viewing_id.data, now(), today()
        )
        if practiced is not None:
            flash(_("Your certificate now says you practiced this with a class."), "good")
        return go_to(url_for("training.part", slug=found.slug, part=PART_KEYS[PartKind.TRY]), code=303)

    return answer_form(form, act, lambda: _part_page(found, this, trial=form))


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _get_module(slug: str) -> PreparedModule:
    return site().catalogue.get_module(slug, reader_language())


def _get_part(module: PreparedModule, key: str) -> PreparedModulePart:
    found = find_part(module, key)
    if found is None:
        raise NotFound(NO_SUCH_PART)
    return found


def _state(module: PreparedModule) -> ModuleState:
    with site().records.reading() as tx:
        return training_parts.state_of(tx, signed_in(), module, today())


def _redirect_renamed(module: PreparedModule, **more: str) -> Response:
    """Redirect permanently from a former slug of a module."""
    query = {key: value for key, value in request.args.items() if key == "lang"}
    address = url_for(request.endpoint or "training.module", slug=module.slug, **more, **query)  # type: ignore[arg-type]
    return go_to(address, 308)
