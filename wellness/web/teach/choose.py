"""Choosing a session for a class: the ones it missed, the quickest ones and the whole library, on any day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request

from ...catalogue import Card, Query
from ...domain import Classroom
from ...policy import Action
from ...records import classrooms, schools
from ...school import presenting
from ..access import requires
from ..request import reader_language, signed_in, site, today

QUICK = 4
"""Sessions offered where nothing is planned."""


def register(bp: Blueprint) -> None:
    """Add these pages to the teachers' blueprint."""
    bp.add_url_rule("/classes/<classroom_id>/run", view_func=choose_session)
    bp.add_url_rule("/run/<slug>", view_func=choose_class)


@dataclass(frozen=True, slots=True)
class MissedSession:
    """A session that was planned for an earlier week (its Monday) and not done."""

    week_on: date
    session: Card


@dataclass(frozen=True, slots=True)
class OwnClass:
    """A class of the reader; `missed` is the latest week for which it still owes the session."""

    classroom: Classroom
    missed: MissedSession | None


def list_own_classes() -> list[Classroom]:
    """Return the classes that the signed-in person teaches this year."""
    with site().records.reading() as tx:
        year = schools.find_nearest_year(tx, today())
        if year is None:
            return []
        on_day = year.nearest_day(today())
        return classrooms.list_classrooms(tx, year_id=year.id, on_day=on_day, teacher_id=signed_in().id)


def list_quickest(classroom: Classroom) -> list[Card]:
    """Return the shortest sessions for the class's grades."""
    found = site().catalogue.list_sessions(Query(band=classroom.band.value), reader_language())
    return sorted(found, key=lambda card: (card.minutes, card.short_minutes, card.title))[:QUICK]


def list_missed(own: Sequence[Classroom]) -> dict[str, list[MissedSession]]:
    """Return by class the sessions it missed in the last weeks and the library still has, newest first."""
    with site().records.reading() as tx:
        missed = presenting.list_missed(tx, own, today())
    slugs = {cell.slug for cells in missed.values() for cell in cells if cell.slug}
    cards = site().catalogue.list_cards(slugs, reader_language())
    return {
        classroom_id: [MissedSession(cell.week_on, cards[cell.slug]) for cell in cells if cell.slug in cards]
        for classroom_id, cells in missed.items()
    }


@requires(Action.LOG_VIEWING)
def choose_session(classroom: Classroom) -> str:
    """Show every session of the library with a button that starts it for this class."""
    words = request.args.get("q", "")[:100]
    return render_template(
        "teach/choose_session.html",
        classroom=classroom,
        words=words,
        missed=[] if words else list_missed([classroom])[classroom.id],
        quickest=[] if words else list_quickest(classroom),
        sessions=site().catalogue.list_sessions(Query(text=words), reader_language()),
    )


@requires(Action.TEACH)
def choose_class(slug: str) -> str:
    """Show the reader's classes with a button that starts this session for each."""
    session = site().catalogue.get_session(slug, reader_language())
    own = list_own_classes()
    missed = list_missed(own)
    return render_template(
        "teach/choose_class.html",
        session=session,
        own=[
            OwnClass(classroom, next((one for one in missed[classroom.id] if one.session.slug == session.slug), None))
            for classroom in own
        ],
    )
