"""Adding no-school days from a school's calendar file: choose the file, tick what holds, one button, one undo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import School
from ...errors import Forbidden, Invalid, worded
from ...policy import Action
from ...school import calendar_import, planning
from ...school.calendar_file import FileEvent
from ...school.calendar_import import ImportKind, Proposal
from .. import labels
from ..access import requires
from ..forms import answer_form, choices
from ..request import now, signed_in, site, site_settings, today
from .forms import ImportForm, PickForm
from .weeks import asked_year


def register(bp: Blueprint) -> None:
    """Add the import to the coach's blueprint."""
    bp.add_url_rule("/calendar/import", view_func=calendar_file)
    bp.add_url_rule("/calendar/import", view_func=read_calendar_file, methods=["POST"])
    bp.add_url_rule("/calendar/import/save", view_func=import_days, methods=["POST"])
    bp.add_url_rule("/calendar/import/<import_id>/undo", view_func=undo_import, methods=["POST"])


@requires(Action.PLAN)
def calendar_file() -> str:
    """Choose the calendar file and the schools that it is for."""
    return _file_page(ImportForm(formdata=None, school_ids=[school.id for school in _own()]))


def _own() -> list[School]:
    day = today()
    with site().records.reading() as tx:
        return planning.open_schools(tx, signed_in(), day)


def _file_page(form: ImportForm) -> str:
    form.school_ids.choices = choices((school.id, school.name) for school in _own())
    return render_template("coach/import_file.html", year=asked_year(), form=form)


@requires(Action.PLAN)
def read_calendar_file() -> Response | tuple[str, int]:
    """Show what the file proposes. Nothing is saved."""
    form = ImportForm()

    def act() -> Response:
        own = {school.id: school for school in _own()}
        chosen = [own[school_id] for school_id in form.school_ids.data or [] if school_id in own]
        if not chosen:
            raise Invalid("Nothing was read.", {"school_ids": worded("Choose at least one school.")})
        data = form.file.data.read() if form.file.data else b""
        if not data:
            raise Invalid("Nothing was read.", {"file": worded("Choose a calendar file.")})
        zone = ZoneInfo(chosen[0].time_zone or site_settings().time_zone)
        year, day = asked_year(), today()
        with site().records.reading() as tx:
            found = calendar_import.propose(tx, year, [school.id for school in chosen], data, zone, day)
        return Response(_proposals_page(found, chosen), mimetype="text/html")

    return answer_form(form, act, lambda: _file_page(form))


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal in words; `value` is what its checkbox sends."""

    value: str
    days: str
    title: str
    hint: str
    is_ticked: bool


def _proposals_page(found: list[Proposal], chosen: list[School]) -> str:
    new = [one for one in found if one.missing]
    form = PickForm(formdata=None)
    form.school_ids.choices = choices((school.id, school.name) for school in chosen)
    return render_template(
        "coach/import.html",
        year=asked_year(),
        form=form,
        schools=chosen,
        meant=[_row(one) for one in new if one.kind is not ImportKind.OTHER],
        other=[_row(one) for one in new if one.kind is ImportKind.OTHER],
        there=[_row(one) for one in found if not one.missing and one.kind is not ImportKind.OTHER],
    )


def _row(one: Proposal) -> Row:
    event = one.event
    hints = {
        ImportKind.CLOSED: _("No school"),
        ImportKind.HALF_DAY: _("Half day, sessions happen"),
        ImportKind.ASK: _("Do students have no school on that day? Check it if so."),
        ImportKind.OTHER: "",
    }
    value = json.dumps([event.uid, event.first_on.isoformat(), event.last_on.isoformat(), one.kind.value, event.title])
    return Row(
        value, labels.day_range_label(event.first_on, event.last_on), event.title, hints[one.kind], one.is_ticked
    )


@requires(Action.PLAN)
def import_days() -> Response:
    """Add the entries that were ticked."""
    form = PickForm()
    year = asked_year()
    calendar_import.add_events(
        site().records, signed_in(), year, [_picked(value) for value in form.pick.data or []],
        school_ids=list(dict.fromkeys(form.school_ids.data or [])), at=now(), today=today(),
    )  # fmt: skip
    site().plan_edits += 1
    flash(_("No-school days added."), "good")
    return go_to(url_for("coach.calendar", year=year.id) + "#imports", code=303)


def _picked(value: str) -> tuple[FileEvent, ImportKind]:
    """Read the value of a checkbox. Raises Forbidden for one that this page didn't make."""
    try:
        uid, first_on, last_on, kind, title = json.loads(value)
        event = FileEvent(str(uid)[:500], date.fromisoformat(first_on), date.fromisoformat(last_on), str(title)[:100])
        return event, ImportKind(kind)
    except (ValueError, TypeError) as error:
        raise Forbidden("Choose the calendar file again.") from error


@requires(Action.PLAN)
def undo_import(import_id: str) -> Response:
    """Remove what an import added."""
    calendar_import.undo_import(site().records, signed_in(), import_id, at=now(), today=today())
    site().plan_edits += 1
    flash(_("No-school days removed. They count as school days again."), "good")
    return go_to(url_for("coach.calendar", year=request.args.get("year")) + "#days", code=303)
