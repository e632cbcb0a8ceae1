"""The admin's pages: people, classes, settings and the audit log."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from ...catalogue import Query
from ...domain import GRADES, SiteSettings, target_on
from ...policy import Action, has_role
from ...records import audit_log as records_audit_log
from ...records import classrooms, minutes_targets, schools
from ...school import classes, rollover, setup, targets, years
from ...school import people as school_people
from ...school.planning import own_schools
from .. import labels
from ..access import requires
from ..confirm import must_confirm
from ..forms import WordedForm, answer_form, choices
from ..public.session_view import show_session
from ..request import now, reader_language, signed_in, site, site_settings, today
from .class_list import asked_classes
from .forms import ClassroomForm, PatternsForm, PersonForm, SchoolForm, SettingsForm, TargetForm, YearForm
from .school_page import show_school

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/")
@requires(Action.RUN_SCHOOL)
def overview() -> str:
    """Schools, classes and people at a glance, and what is not set up yet."""
    return show_overview()


def show_overview(failed: WordedForm | None = None) -> str:
    """The page; `failed` is the form that did not validate, shown again with what was typed."""
    person_form = failed if isinstance(failed, PersonForm) else PersonForm(formdata=None)
    class_form = failed if isinstance(failed, ClassroomForm) else ClassroomForm(formdata=None)
    with site().records.reading() as tx:
        listed = own_schools(tx, signed_in())
        year = schools.find_year(tx, request.args.get("year", ""), today())
        year_list = list(reversed(schools.list_years(tx)))
        year_to_turn = rollover.find_year_to_turn(tx, today())
        found = (
            classrooms.list_classrooms(tx, year_id=year.id, on_day=year.nearest_day(today()))
            if year is not None
            else []
        )
        own = [classroom for classroom in found if signed_in().reach.includes(classroom.school_id)]
        staff_list = school_people.list_managed(tx, signed_in())
        teachers = setup.list_possible_teachers(tx, signed_in())
    person_form.offer_schools(listed, signed_in())
    class_form.school_id.choices = choices((s.id, s.name) for s in listed if s.is_open_on(today()))
    class_form.teacher_ids.choices = choices((person.id, classes.describe_person(person)) for person in teachers)
    return render_template(
        "admin/overview.html",
        schools=listed,
        school_names={school.id: school.name for school in listed},
        year=year,
        years=year_list,
        year_to_turn=year_to_turn if has_role(signed_in(), Action.RUN_SITE) else None,
        class_list=asked_classes(own, year.id if year is not None else ""),
        grades=GRADES,
        without_teacher=[classroom for classroom in own if not classroom.teacher_ids],
        people=staff_list,
        roles=labels.ROLES,
        must_confirm=must_confirm(),
        runs_site=has_role(signed_in(), Action.RUN_SITE),
        person_form=person_form,
        class_form=class_form,
        school_form=failed if isinstance(failed, SchoolForm) else SchoolForm(formdata=None),
        year_form=failed if isinstance(failed, YearForm) else YearForm(formdata=None),
    )


@bp.post("/schools")
@requires(Action.RUN_SITE)
def add_school() -> Response | tuple[str, int]:
    """Add a school."""
    form = SchoolForm()

    def act() -> Response:
        added = setup.add_school(site().records, signed_in(), name=form.name.data, at=now())
        flash(_("Added: %(name)s.", name=added.name), "good")
        return go_to(url_for("admin.overview"), code=303)

    return answer_form(form, act, lambda: show_overview(form))


@bp.get("/schools/<school_id>")
@requires(Action.RUN_SITE)
def school(school_id: str) -> str:
    """One school."""
    return show_school(school_id)


@bp.post("/schools/<school_id>")
@requires(Action.RUN_SITE)
def rename_school(school_id: str) -> Response | tuple[str, int]:
    """Give the school another name."""
    form = SchoolForm()

    def act() -> Response:
        renamed = setup.rename_school(site().records, signed_in(), school_id, name=form.name.data, at=now())
        flash(_("Saved: %(name)s.", name=renamed.name), "good")
        return go_to(url_for("admin.school", school_id=school_id), code=303)

    return answer_form(form, act, lambda: show_school(school_id, form))


@bp.post("/years")
@requires(Action.RUN_SITE)
def add_year() -> Response | tuple[str, int]:
    """Add a school year."""
    form = YearForm()

    def act() -> Response:
        added = years.add_year(
            site().records, signed_in(), name=form.name.data, starts_on=form.starts_on.data,
            ends_on=form.ends_on.data, terms=form.terms, at=now(), today=today(),
        )  # fmt: skip
        flash(_("Added: %(name)s.", name=added.name), "good")
        return go_to(url_for("admin.overview", year=added.id), code=303)

    return answer_form(form, act, lambda: show_overview(form))


@bp.post("/classes")
@requires(Action.RUN_SCHOOL)
def add_classroom() -> Response | tuple[str, int]:
    """Add a class."""
    form = ClassroomForm()

    def act() -> Response:
        added = setup.add_classroom(
            site().records, signed_in(), name=form.name.data, school_id=form.school_id.data, grade=form.grade.data,
            other_grades=form.other_grades.data or [], size=form.size.data,
            teacher_ids=form.teacher_ids.data or [], at=now(), today=today(), year_id=request.args.get("year", ""),
        )  # fmt: skip
        flash(_("Added: %(name)s.", name=added.name), "good")
        return go_to(url_for("admin.overview", year=added.year_id, _anchor="add-class"), code=303)

    return answer_form(form, act, lambda: show_overview(form))


@bp.get("/settings")
@requires(Action.RUN_SITE)
def settings() -> str:
    """The settings of the whole site."""
    return _settings_page(_filled_settings())


def _filled_settings() -> SettingsForm:
    current = site_settings(fresh=True)
    return SettingsForm(
        formdata=None,
        site_name=current.site_name,
        district=current.district,
        time_zone=current.time_zone,
        module_hours=current.module_hours,
        certificates_keep_names=current.certificates_keep_names,
        certificate_issuer=current.certificate_issuer,
        door_from_hour=current.door_from_hour,
        door_to_hour=current.door_to_hour,
        door_always_ready=current.door_always_ready,
        contacts=setup.write_contacts(current.contacts),
        seen=setup.revision_of(current),
    )


def _settings_page(form: SettingsForm) -> str:
    form.offer_time_zones()
    return show_settings(form, TargetForm(formdata=None, valid_from=today()))


def show_settings(form: SettingsForm | None, target_form: TargetForm) -> str:
    """The page with these forms; without `form` the settings as they are."""
    if form is None:
        form = _filled_settings()
        form.offer_time_zones()
    day = today()
    with site().records.reading() as tx:
        listed, first = minutes_targets.list_targets(tx), targets.first_open_day(tx)
    return render_template(
        "admin/settings.html",
        form=form,
        target_form=target_form,
        targets=[(one, one.valid_from >= first) for one in listed],
        current=target_on(listed, day),
    )


@bp.post("/settings")
@requires(Action.RUN_SITE)
def change_settings() -> Response | tuple[str, int]:
    """Keep new settings."""
    form = SettingsForm()

    def act() -> Response:
        changed = SiteSettings(
            site_name=form.site_name.data,
            district=form.district.data or "",
            time_zone=form.time_zone.data,
            door_from_hour=form.door_from_hour.data,
            door_to_hour=form.door_to_hour.data,
            door_always_ready=form.door_always_ready.data,
            module_hours=form.module_hours.data,
            certificates_keep_names=form.certificates_keep_names.data,
            certificate_issuer=" ".join((form.certificate_issuer.data or "").split()),
            contacts=setup.read_contacts(form.contacts.data or ""),
        )
        setup.change_settings(site().records, signed_in(), changed, now(), seen=form.seen.data or "")
        site_settings(fresh=True)
        flash(_("Settings saved."), "good")
        return go_to(url_for("admin.settings"), code=303)

    return answer_form(form, act, lambda: _settings_page(form))


@bp.get("/patterns")
@requires(Action.RUN_SITE)
def patterns() -> str:
    """Every component in one place, for developers who build a page."""
    bad_form = PatternsForm(formdata=MultiDict({"bad-minutes": "900", "bad-grade": "6"}), prefix="bad-")
    bad_form.validate()
    slug = next((card.slug for card in site().catalogue.list_sessions(Query(), reader_language())), "")
    session = show_session(site().catalogue.get_session(slug, reader_language()), ())
    return render_template("patterns.html", form=PatternsForm(formdata=None), bad_form=bad_form, session=session)


@bp.get("/audit")
@requires(Action.RUN_SCHOOL)
def audit_log() -> str:
    """What staff changed, newest first."""
    with site().records.reading() as tx:
        is_everywhere = signed_in().reach.is_everywhere
        own = None if is_everywhere else [person.id for person in school_people.list_managed(tx, signed_in())]
        entries = records_audit_log.list_audit(tx, limit=200, of=own)
    return render_template("admin/audit.html", entries=entries)
