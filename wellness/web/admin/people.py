"""The admin's pages of accounts: adding a person, one person's page, and the slip with a temporary password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from ...domain import Language, Person, Role
from ...errors import NotFound, worded
from ...policy import Action
from ...records import Records, classrooms, people, schools, sign_ins
from ...school import people as school_people
from ...school.planning import own_schools
from .. import labels
from ..access import requires
from ..confirm import ConfirmedForm, confirm, must_confirm
from ..forms import answer_form
from ..request import cookie, now, signed_in, site, today
from .forms import PersonForm
from .views import show_overview

bp = Blueprint("people", __name__, url_prefix="/admin/people")
_SLIP = "slip"
"""Where the cookie of the admin's own browser has a temporary password between the POST and the slip, once."""


@bp.get("/<person_id>")
@requires(Action.RUN_SCHOOL)
def person(person_id: str) -> str:
    """One person's account and what can be done with it."""
    return _page(person_id)


def _page(person_id: str, details: PersonForm | None = None, failed: ConfirmedForm | None = None) -> str:
    """The page; `details` and `failed` are forms that were refused, shown again with what was typed."""
    with site().records.reading() as tx:
        found = school_people.find_managed(tx, signed_in(), person_id)
        form = details or PersonForm(
            formdata=None, name=found.name, email=found.email, role=found.role.value, everywhere=found.reach.is_everywhere,
            school_ids=sorted(found.reach.school_ids), language=found.language.value,
        )  # fmt: skip
        form.offer_schools(own_schools(tx, signed_in()), signed_in())
        year = schools.find_nearest_year(tx, today())
        taught = (
            classrooms.list_classrooms(tx, year_id=year.id, on_day=year.nearest_day(today()), teacher_id=found.id)
            if year is not None
            else []
        )
        listed = sign_ins.list_sign_ins(tx, found.id, now())
        expires_at = people.password_expiry_of(tx, found.id)
    return render_template(
        "admin/person.html",
        person=found,
        role=labels.ROLES[found.role],
        form=form,
        action_form=failed or ConfirmedForm(formdata=None),
        blank_form=ConfirmedForm(formdata=None),
        must_confirm=must_confirm(),
        classrooms=taught,
        sign_ins=listed,
        password_expires_at=expires_at,
    )


@bp.post("")
@requires(Action.RUN_SCHOOL)
def add() -> Response | tuple[str, int]:
    """Add a member of staff with a temporary password."""
    form = PersonForm()

    def act() -> Response:
        confirm(form)
        added, password = school_people.add_person(
            site().records, signed_in(), email=form.email.data, name=form.name.data, role=Role(form.role.data),
            reach=form.reach, language=Language(form.language.data), at=now(),
        )  # fmt: skip
        return _show_slip(added, password)

    return answer_form(form, act, lambda: show_overview(form))


@bp.post("/<person_id>")
@requires(Action.RUN_SCHOOL)
def change(person_id: str) -> Response | tuple[str, int]:
    """Change name, email, role, school or language."""
    form = PersonForm()

    def act() -> Response:
        confirm(form)
        changed = school_people.change_person(
            site().records, signed_in(), person_id, name=form.name.data, email=form.email.data,
            role=Role(form.role.data), reach=form.reach, language=Language(form.language.data),
            at=now(),
        )  # fmt: skip
        flash(_("Saved: %(name)s.", name=changed.name), "good")
        return _back(person_id)

    return answer_form(form, act, lambda: _page(person_id, details=form))


@bp.post("/<person_id>/password")
@requires(Action.RUN_SCHOOL)
def set_password(person_id: str) -> Response | tuple[str, int]:
    """Set a new temporary password and show its slip."""
    form = ConfirmedForm()

    def act() -> Response:
        confirm(form)
        password = school_people.set_temporary_password(site().records, signed_in(), person_id, now())
        with site().records.reading() as tx:
            return _show_slip(people.get_person(tx, person_id), password)

    return answer_form(form, act, lambda: _page(person_id, failed=form))


@bp.get("/<person_id>/slip")
@requires(Action.RUN_SCHOOL)
def slip(person_id: str) -> str:
    """The slip to print or hand over; it is shown once."""
    held = cookie.pop(_SLIP, None)
    with site().records.reading() as tx:
        found = school_people.find_managed(tx, signed_in(), person_id)
        expires_at = people.password_expiry_of(tx, person_id)
    if not held or held[0] != person_id or expires_at is None:
        raise NotFound(worded("A temporary password is shown only once. Set a new one on the person’s page."))
    return render_template("admin/slip.html", person=found, password=held[1], expires_at=expires_at)


@bp.post("/<person_id>/sign-out")
@requires(Action.RUN_SCHOOL)
def end_sign_ins(person_id: str) -> Response | tuple[str, int]:
    """End every sign-in of the person."""
    return _act(person_id, school_people.end_sign_ins, _l("%(name)s is signed out everywhere."))


@bp.post("/<person_id>/close")
@requires(Action.RUN_SCHOOL)
def close(person_id: str) -> Response | tuple[str, int]:
    """Close the account."""
    return _act(person_id, school_people.close_person, _l("The account of %(name)s is closed."))


@bp.post("/<person_id>/reopen")
@requires(Action.RUN_SCHOOL)
def reopen(person_id: str) -> Response | tuple[str, int]:
    """Reopen the account."""
    return _act(person_id, school_people.reopen_person, _l("The account of %(name)s is open again."))


@bp.get("/<person_id>/remove")
@requires(Action.RUN_SCHOOL)
def removal(person_id: str) -> str:
    """What deleting the account would take away and what would stay."""
    return _removal_page(person_id, ConfirmedForm(formdata=None))


def _removal_page(person_id: str, form: ConfirmedForm) -> str:
    with site().records.reading() as tx:
        found = school_people.find_managed(tx, signed_in(), person_id)
        preview = school_people.preview_removal(tx, signed_in(), person_id)
    return render_template(
        "admin/person_removal.html", person=found, removal=preview, form=form, must_confirm=must_confirm()
    )


@bp.post("/<person_id>/remove")
@requires(Action.RUN_SCHOOL)
def remove(person_id: str) -> Response | tuple[str, int]:
    """Delete the account and everything about the person."""
    form = ConfirmedForm()

    def act() -> Response:
        confirm(form)
        with site().records.reading() as tx:
            name = school_people.find_managed(tx, signed_in(), person_id).name
        school_people.remove_person(site().records, signed_in(), person_id, now())
        flash(_("The account of %(name)s was deleted.", name=name), "good")
        return go_to(url_for("admin.overview", _anchor="people"), code=303)

    return answer_form(form, act, lambda: _removal_page(person_id, form))


AccountAction = Callable[[Records, Person | None, str, datetime], Person]


def _act(person_id: str, use_case: AccountAction, sentence: LazyString) -> Response | tuple[str, int]:
    """Run a use case on the account after the own password was confirmed, and say what happened."""
    form = ConfirmedForm()

    def act() -> Response:
        confirm(form)
        changed = use_case(site().records, signed_in(), person_id, now())
        flash(str(sentence) % {"name": changed.name}, "good")
        return _back(person_id)

    return answer_form(form, act, lambda: _page(person_id, failed=form))


def _back(person_id: str) -> Response:
    return go_to(url_for("people.person", person_id=person_id), code=303)


def _show_slip(person: Person, password: str) -> Response:
    cookie[_SLIP] = [person.id, password]
    return go_to(url_for("people.slip", person_id=person.id), code=303)
