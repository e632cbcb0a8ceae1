"""A class's page for coaches and admins: details, days, teachers, closing, merging, splitting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, render_template, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import Calendar, Classroom, Role, week_of
from ...policy import Action
from ...records import calendars, classrooms
from ...school import class_undo, classes, setup
from .. import labels
from ..access import requires
from ..forms import WordedForm, answer_form, choices
from ..request import now, signed_in, site, today
from .forms import ClassDetailsForm, ClassWeekdayForm, LastDayForm, MergeForm, SplitForm, TeacherDaysForm, TeacherForm

bp = Blueprint("classes", __name__, url_prefix="/admin/classes")


@bp.get("/<classroom_id>")
@requires(Action.CHANGE_CLASS)
def edit(classroom: Classroom) -> str:
    """One class and everything that can be changed about it."""
    return _page(classroom)


def _page(classroom: Classroom, failed: WordedForm | None = None) -> str:
    """The page; `failed` is the form that was refused, shown again with what was typed."""
    day = today()
    with site().records.reading() as tx:
        teachers = classrooms.list_teaching(tx, classroom.id)
        others = classes.list_merge_targets(tx, classroom, day)
        found_undo = class_undo.find_undo(tx, classroom)
        can_remove = not classrooms.has_history(tx, classroom.id)
        staff = setup.list_possible_teachers(tx, signed_in())
        calendar = calendars.load_calendar(tx, classroom)
    weekday_form = failed if isinstance(failed, ClassWeekdayForm) else _weekday_form(calendar, classroom, day)
    weekday_form.offer(labels.WEEKDAYS[calendar.weekday_of(week_of(day))], _coming(calendar, day))
    merge_form = failed if isinstance(failed, MergeForm) else MergeForm(formdata=None, last_on=day)
    merge_form.into_id.choices = choices((("", _("Choose a class")), *((one.id, one.name) for one in others)))
    details = {
        "name": classroom.name, "grade": classroom.grade, "size": classroom.size,
        "other_grades": [grade for grade in classroom.grades if grade != classroom.grade],
        "first_on": classroom.first_on, "last_on": classroom.last_on,
    }  # fmt: skip
    return render_template(
        "admin/class.html",
        classroom=classroom,
        section="admin" if signed_in().role is Role.ADMIN else "week",
        teachers=teachers,
        staff=[classes.describe_person(person) for person in staff],
        can_merge=bool(others),
        can_remove=can_remove,
        undo=found_undo,
        today=day,
        weekday_form=weekday_form,
        weekdays=_weekday_lines(calendar, classroom, day),
        form=failed if isinstance(failed, ClassDetailsForm) else ClassDetailsForm(formdata=None, **details),
        teacher_form=failed if isinstance(failed, TeacherForm) else TeacherForm(formdata=None, first_on=day),
        close_form=failed if isinstance(failed, LastDayForm) else LastDayForm(formdata=None, last_on=day),
        merge_form=merge_form,
        split_form=failed if isinstance(failed, SplitForm) else SplitForm(formdata=None, first_on=day),
        failed=failed,
    )


def _coming(calendar: Calendar, day: date) -> list[date]:
    """The Mondays of the year's weeks that are not over."""
    return [week_on for week_on in calendar.weeks if week_on >= week_of(day)]


def _weekday_form(calendar: Calendar, classroom: Classroom, day: date) -> ClassWeekdayForm:
    """The form with the day that counts now."""
    own = calendar.own_weekday_of(classroom.id, week_of(day))
    return ClassWeekdayForm(formdata=None, weekday=own)


def _weekday_lines(calendar: Calendar, classroom: Classroom, day: date) -> list[str]:
    """When the class's sessions are due, and from when on that changes."""
    own = calendar.own_weekday_of(classroom.id, week_of(day))
    weekday = calendar.weekday_of(week_of(day)) if own is None else own
    lines = [_("Sessions are due on %(day)s.", day=labels.WEEKDAYS[weekday])]
    for one in calendar.class_weekdays:
        if one.classroom_id == classroom.id and one.valid_from > week_of(day):
            changed = calendar.weekday_of(one.valid_from) if one.weekday is None else one.weekday
            week = labels.short_day_label(one.valid_from)
            lines.append(_("From %(week)s: %(day)s.", week=week, day=labels.WEEKDAYS[changed]))
    return lines


def _answer(classroom: Classroom, form: WordedForm, act: Callable[[], str]) -> Response | tuple[str, int]:
    """Answer a form of the page: `act` changes the class and returns what to say."""

    def change() -> Response:
        flash(act(), "good")
        return go_to(url_for("classes.edit", classroom_id=classroom.id), code=303)

    return answer_form(form, change, lambda: _page(classroom, form))


@bp.post("/<classroom_id>")
@requires(Action.CHANGE_CLASS)
def change(classroom: Classroom) -> Response | tuple[str, int]:
    """Change name, grade, size, first and last day."""
    form = ClassDetailsForm()

    def act() -> str:
        classes.change_class(
            site().records, signed_in(), classroom, name=form.name.data, grade=form.grade.data,
            other_grades=form.other_grades.data or [], size=form.size.data, first_on=form.first_on.data,
            last_on=form.last_on.data, at=now(),
        )  # fmt: skip
        return str(_("Saved: %(name)s.", name=form.name.data))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/weekday")
@requires(Action.CHANGE_CLASS)
def set_weekday(classroom: Classroom) -> Response | tuple[str, int]:
    """Let the class have its sessions on a day of its own, or on its school's."""
    form = ClassWeekdayForm()
    day = today()

    def act() -> str:
        classes.set_weekday(
            site().records, signed_in(), classroom, weekday=form.weekday.data,
            valid_from=form.valid_from.data, at=now(), today=day,
        )  # fmt: skip
        return str(_("Saved: %(name)s.", name=classroom.name))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/teachers")
@requires(Action.CHANGE_CLASS)
def add_teacher(classroom: Classroom) -> Response | tuple[str, int]:
    """Add a teacher from a day on."""
    form = TeacherForm()

    def act() -> str:
        added = classes.add_teacher(
            site().records, signed_in(), classroom, who=form.who.data, first_on=form.first_on.data, at=now()
        )
        return str(_("%(name)s teaches this class now.", name=added.name))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/teachers/<teaching_id>")
@requires(Action.CHANGE_CLASS)
def end_teacher(classroom: Classroom, teaching_id: str) -> Response | tuple[str, int]:
    """Set the last day of a teacher, or none with an empty field."""
    form = TeacherDaysForm()

    def act() -> str:
        classes.end_teacher(site().records, signed_in(), classroom, teaching_id, last_on=form.last_on.data, at=now())
        return str(_("The teachers of the class are saved."))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/close")
@requires(Action.CHANGE_CLASS)
def close(classroom: Classroom) -> Response | tuple[str, int]:
    """End the class with a day."""
    form = LastDayForm()

    def act() -> str:
        classes.close_class(site().records, signed_in(), classroom, last_on=form.last_on.data, at=now())
        return str(_("The class is closed. Everything logged for it is still here."))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/reopen")
@requires(Action.CHANGE_CLASS)
def reopen(classroom: Classroom) -> Response | tuple[str, int]:
    """Let the class meet until the school year ends."""

    def act() -> str:
        classes.reopen_class(site().records, signed_in(), classroom, now())
        return str(_("The class is open again."))

    return _answer(classroom, WordedForm(), act)


@bp.post("/<classroom_id>/merge")
@requires(Action.CHANGE_CLASS)
def merge(classroom: Classroom) -> Response | tuple[str, int]:
    """End the class and move its students and teachers to another one."""
    form = MergeForm()

    def act() -> str:
        other = classes.merge_into(
            site().records, signed_in(), classroom, form.into_id.data, last_on=form.last_on.data, at=now()
        )
        return str(_("This class was merged into %(name)s.", name=other.name))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/split")
@requires(Action.CHANGE_CLASS)
def split(classroom: Classroom) -> Response | tuple[str, int]:
    """Make a second class of some of the students."""
    form = SplitForm()

    def act() -> str:
        added = classes.split_class(
            site().records, signed_in(), classroom, name=form.name.data, size=form.size.data,
            first_on=form.first_on.data, at=now(),
        )  # fmt: skip
        return str(_("Added: %(name)s.", name=added.name))

    return _answer(classroom, form, act)


@bp.post("/<classroom_id>/undo/<int:change_id>")
@requires(Action.CHANGE_CLASS)
def undo(classroom: Classroom, change_id: int) -> Response | tuple[str, int]:
    """Undo that the class was closed, merged or split."""

    def act() -> str:
        class_undo.undo_change(site().records, signed_in(), classroom, change_id, now())
        return str(_("Undone. The class is as it was before."))

    return _answer(classroom, WordedForm(), act)


@bp.post("/<classroom_id>/remove")
@requires(Action.CHANGE_CLASS)
def remove(classroom: Classroom) -> Response | tuple[str, int]:
    """Remove a class that nothing was logged for."""
    form = WordedForm()

    def act() -> Response:
        classes.remove_class(site().records, signed_in(), classroom, now())
        flash(_("Removed: %(name)s.", name=classroom.name), "good")
        return go_to(url_for("admin.overview" if signed_in().role is Role.ADMIN else "coach.grid"), code=303)

    return answer_form(form, act, lambda: _page(classroom, form))
