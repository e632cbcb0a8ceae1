"""Shared by teachers' pages and door cards: log an outcome, and the notice with its Undo button."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import request
from flask_babel import gettext as _

from ...domain import Classroom, Language, NotDoneReason, Viewing, week_of
from ...errors import Invalid, NotFound, worded
from ...records import door_notes, outcomes
from ...records.door_notes import DoorNote
from ...records.outcomes import ViewingChange
from ...school import presenting
from ...school.expectations import find_planned
from .. import labels
from ..public.session_view import Labeled
from ..request import actor, now, reader_language, site, today
from .forms import OutcomeForm


@dataclass(frozen=True, slots=True)
class LoggedNotice:
    """Text of the notice after logging; `batch_id` for Undo is empty when nothing changed."""

    batch_id: str
    text: str
    is_late: bool = False
    sessions: tuple[str, ...] = ()
    """Which session was logged for which day, and for which classes another one was planned."""
    earlier: tuple[str, ...] = ()


def shown_for(slug: str) -> presenting.ShownVersion:
    """Return slug, revision and language of the published session. Raises NotFound."""
    session = site().catalogue.get_session(slug, reader_language())
    return presenting.ShownVersion(session.slug, session.revision, session.language)


def planned_slug(classroom: Classroom, on_day: date) -> str | None:
    """Return the session planned for the class in the week of `on_day`, None without one in the library."""
    with site().records.reading() as tx:
        slug = find_planned(tx, classroom, week_of(on_day))
    if slug is None or site().catalogue.find_session(slug, Language.EN) is None:
        return None
    return slug


def log_outcome(form: OutcomeForm, own: Sequence[Classroom]) -> presenting.Logged:
    """Log the form's outcome for these classes, with the session in the form or else each class's planned session.

    Raises Invalid with the field that is wrong.
    """
    on_day: date = form.on_day.data
    pairs: list[tuple[Classroom, presenting.ShownVersion]] = []
    for classroom in own:
        slug = form.slug.data or planned_slug(classroom, form.makes_up_for.data or on_day)
        if slug is None:
            message = _(
                "Nothing was planned for %(name)s that week. Open the class page and choose a session.",
                name=classroom.name,
            )
            raise Invalid("Nothing was saved.", {"classroom_id": message})
        pairs.append((classroom, shown_for(slug)))
    if not pairs:
        raise Invalid("Nothing was saved.", {"classroom_id": worded("Choose at least one class.")})
    session = site().catalogue.get_session(pairs[0][1].slug, Language.EN)
    outcome = form.read(session.minutes, session.short_minutes)
    try:
        return presenting.log_outcome(
            site().records, actor(), pairs,
            on_day=on_day, outcome=outcome, at=now(), today=today(),
            second=form.read_second(), makes_up_for=form.makes_up_for.data, met_anyway=form.met_anyway.data == "yes",
        )  # fmt: skip
    except presenting.NoSchoolThatDay as error:
        reason = error.closure.reason if error.closure is not None else _("Weekend")
        day = labels.day_label(on_day)
        question = _("%(day)s has no school (%(reason)s).", day=day, reason=reason)
        raise Invalid(error.message, {"met_anyway": question}) from error
    except presenting.AlreadyLogged as error:
        names = {classroom.id: classroom.name for classroom in own}
        raise Invalid(error.message, {"second": _already_logged(error.already, names)}) from error


def log_at_door(form: OutcomeForm, classroom: Classroom, slug: str) -> presenting.Logged | None:
    """Log the form's outcome with the door card; None when the teacher gets it as a note.

    The minutes are at most the session's own.
    """
    session = site().catalogue.get_session(slug, Language.EN)
    outcome = form.read(session.minutes, session.short_minutes)
    if outcome.minutes is not None:
        outcome = replace(outcome, minutes=min(outcome.minutes, session.minutes))
    return presenting.log_at_door(
        site().records, (classroom, shown_for(slug)), on_day=form.on_day.data, outcome=outcome, at=now(), today=today()
    )


@dataclass(frozen=True, slots=True)
class CardSays:
    """A door note in words."""

    id: str
    text: str


def list_card_says(own: Sequence[Classroom]) -> dict[str, list[CardSays]]:
    """Return by class what its door card says against what staff logged."""
    with site().records.reading() as tx:
        notes = door_notes.list_door_notes(tx, [classroom.id for classroom in own])
    titles = _titles({note.slug for listed in notes.values() for note in listed})
    return {
        classroom_id: [CardSays(note.id, _card_says(note, titles[note.slug])) for note in listed]
        for classroom_id, listed in notes.items()
    }


def _card_says(note: DoorNote, title: str) -> str:
    text: str = _(
        "The door card says otherwise: %(said)s. %(title)s, %(day)s, entered %(at)s.",
        said=labels.outcome_label(note.outcome),
        title=title,
        day=labels.day_label(note.on_day),
        at=labels.moment_label(note.at),
    )
    return text


def _already_logged(already: Sequence[Viewing], names: Mapping[str, str]) -> str:
    """Return one sentence for each session that is logged for the week already."""
    titles = _titles({viewing.slug for viewing in already})
    return " ".join(
        _(
            "%(name)s already has %(title)s for that week: %(said)s, %(day)s.",
            name=names[viewing.classroom_id],
            title=titles[viewing.slug],
            said=labels.outcome_label(viewing),
            day=labels.day_label(viewing.on_day),
        )
        for viewing in already
    )


def _titles(slugs: Collection[str]) -> dict[str, str]:
    """Return the titles of sessions; the slug of one that is no longer in the library."""
    cards = site().catalogue.list_cards(slugs, reader_language())
    return {slug: cards[slug].title if slug in cards else slug for slug in slugs}


def logged_notice(own: Sequence[Classroom]) -> LoggedNotice | None:
    """Return the notice for the batch in `?logged=`, None unless it was for one of the actor's classes."""
    batch_id = request.args.get("logged", "")
    if not batch_id:
        return None
    names = {classroom.id: classroom.name for classroom in own}
    with site().records.reading() as tx:
        batch = outcomes.list_batch(tx, batch_id)
    if not batch:  # logging the same outcome again leaves no change to undo
        return LoggedNotice("", _("That was already recorded. Nothing changed."))
    standing = [change for change in batch if change.undone_at is None and change.classroom_id in names]
    changes = [change for change in standing if not change.is_withdrawal]
    if not changes:
        return None
    said = labels.outcome_label(changes[0].after)
    listed = ", ".join(names[change.classroom_id] for change in changes)
    earlier = tuple(
        f"{names[change.classroom_id]}: {labels.outcome_label(change.before)}, {labels.short_day_label(change.on_day)}"
        for change in standing
        if change.before is not None and change.before.entered_at is not None
    )
    sessions = _sessions_of(changes, {classroom.id: classroom for classroom in own})
    return LoggedNotice(batch_id, f"{said}: {listed}", changes[0].after.is_late, sessions, earlier)


def _sessions_of(changes: Sequence[ViewingChange], own: Mapping[str, Classroom]) -> tuple[str, ...]:
    """Return which sessions were logged for which day, and which other session was planned that week."""
    weeks = {change.id: change.after.makes_up_for or change.on_day for change in changes}
    planned = {change.id: planned_slug(own[change.classroom_id], weeks[change.id]) for change in changes}
    titles = _titles({change.slug for change in changes} | {slug for slug in planned.values() if slug})
    logged = {f"{titles[change.slug]} · {labels.day_label(change.on_day)}": None for change in changes}
    different = [
        _(
            "%(name)s: %(planned)s was planned for that week, so this counts as a different session.",
            name=own[change.classroom_id].name,
            planned=titles[slug],
        )
        for change in changes
        if (slug := planned[change.id]) is not None and slug != change.slug
    ]
    made_up = {change.after.makes_up_for: None for change in changes if change.after.makes_up_for}
    made_up_for = [_("It counts for the week of %(day)s.", day=labels.short_day_label(day)) for day in made_up]
    return (*logged, *made_up_for, *different)


def reasons() -> list[Labeled]:
    """Return the reasons for *not done* with their labels."""
    return [Labeled(reason.value, str(labels.REASONS[reason])) for reason in NotDoneReason]


def session_not_planned() -> NotFound:
    """Return the error for a session that is not this class's."""
    return NotFound("This session isn’t planned for the class this week.")
