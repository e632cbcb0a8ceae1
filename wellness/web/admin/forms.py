"""What an admin enters: settings, schools, years, people, classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    FloatField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ...domain import EVERYWHERE, GRADES, Person, Reach, School, Term
from ...errors import Invalid
from ...records.settings import LEAST_HOURS, MOST_HOURS, list_time_zones
from ...school.classes import MAX_SIZE
from ...school.presenting import MAX_MINUTES
from ...school.targets import MOST_MINUTES
from .. import labels
from ..confirm import ConfirmedForm
from ..forms import ManyField, NumberField, WordedForm, choices
from ..teach.forms import DONE, NOT_DONE, SHORTENED


class SettingsForm(WordedForm):
    """What an admin sets for the whole site; `seen` is the revision the form was filled from."""

    seen = HiddenField(validators=[Length(max=64)])
    site_name = StringField(_l("Site name"), [InputRequired(), Length(max=60)])
    district = StringField(_l("District"), [Length(max=100)])
    time_zone = SelectField(_l("Time zone"), validate_choice=False)
    module_hours = FloatField(
        _l("Contact hours per training module"),
        [Optional(), NumberRange(LEAST_HOURS, MOST_HOURS, _l("Enter contact hours from 0.25 to 10."))],
        description=_l(
            "One number for all modules, if your district sets one. Leave blank to use each module’s own hours."
        ),
    )
    certificate_issuer = StringField(
        _l("Certificates issued by"),
        [Length(max=100)],
        description=_l(
            "Shown on every certificate. Leave blank to use the district, or the school if there is no district."
        ),
    )
    certificates_keep_names = BooleanField(
        _l("Keep the name on a person’s certificates when their account is deleted"),
        description=_l("A certificate can be verified either way. Without this, it no longer shows the name."),
    )
    door_from_hour = SelectField(_l("Door cards work from"), coerce=int)
    door_to_hour = SelectField(_l("Door cards work until"), coerce=int)
    door_always_ready = BooleanField(_l("Door cards offer four-square breathing when nothing is planned"))
    contacts = TextAreaField(
        _l("Student support contacts"),
        [Length(max=5000)],
        description=_l("One person per line: school; name and role; place; how to reach them."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        hours = [(hour, labels.hour_label(hour)) for hour in range(25)]
        self.door_from_hour.choices = choices(hours[:-1])
        self.door_to_hour.choices = choices(hours[1:])

    def offer_time_zones(self) -> None:
        """Fill the select: zones of the United States by their usual names, then every place; the saved one stays."""
        names = list_time_zones()
        saved = [self.time_zone.data] if self.time_zone.data and self.time_zone.data not in names else []
        self.time_zone.choices = choices(time_zone_labels([*saved, *names]))


def time_zone_labels(names: Sequence[str]) -> list[tuple[str, object]]:
    """Return each zone with its usual name."""
    return [(name, labels.US_TIME_ZONES.get(name, name.replace("_", " "))) for name in names]


class TargetForm(WordedForm):
    """The SEL minutes per class and week, and the day from which on they count."""

    minutes = NumberField(
        _l("SEL minutes per class per week"),
        [InputRequired(), NumberRange(1, MOST_MINUTES, _l("Enter minutes from 1 to 300."))],
        id="target-minutes",
    )
    valid_from = DateField(
        _l("From"),
        [InputRequired(_l("Choose the first day."))],
        id="target-from",
        description=_l("Weeks that are due before this day keep the goal they had."),
    )


class PatternsForm(WordedForm):
    """One control of each kind, for the page of all components."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), Length(max=100)])
    minutes = NumberField(
        _l("Minutes"), [InputRequired(), NumberRange(1, MAX_MINUTES, _l("Enter minutes from 1 to 180."))]
    )
    grade = SelectField(_l("Grade"), choices=choices(zip(GRADES, GRADES, strict=True)))
    note = TextAreaField(_l("Note"), [Length(max=500)])
    outcome = RadioField(
        _l("How did it go?"),
        choices=choices(((DONE, _l("Done")), (SHORTENED, _l("Shortened")), (NOT_DONE, _l("Not done, because…")))),
        validators=[InputRequired(_l("Choose how it went."))],
    )
    classes = ManyField(_l("Classes"), choices=choices((("7a", "7A Advisory"), ("7b", "7B Advisory"))))
    late = BooleanField(_l("late"))


class SchoolForm(WordedForm):
    """A new school of the district."""

    name = StringField(_l("School name"), [InputRequired(_l("Enter the name.")), Length(max=100)], id="school-name")


class TimeZoneForm(WordedForm):
    """A school's own time zone."""

    time_zone = SelectField(_l("Time zone"), validate_choice=False, id="school-time-zone")

    def offer(self, district: str) -> None:
        """Fill the select, with that of the district first."""
        of_district = _("The district’s (%(zone)s)", zone=labels.US_TIME_ZONES.get(district, district))
        self.time_zone.choices = choices((("", of_district), *time_zone_labels(list_time_zones())))


class SchoolDaysForm(WordedForm):
    """The first and last day of a school in a year."""

    first_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    last_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])


class CloseSchoolForm(WordedForm):
    """The last day of a school that is closed."""

    closed_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))], id="school-closed-on")


class YearForm(WordedForm):
    """A new school year, in one term or two."""

    name = StringField(
        _l("Name of the school year"),
        [InputRequired(_l("Enter the name.")), Length(max=40)],
        description=_l("Like 2026-27."),
        id="year-name",
    )
    starts_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    second_term_on = DateField(
        _l("First day of the second semester"),
        [Optional()],
        description=_l("Leave blank if the year has no semesters."),
    )

    @property
    def terms(self) -> list[tuple[str, date]]:
        """The terms with their first days, once the form is valid."""
        if self.second_term_on.data is None:
            return []
        return [("First semester", self.starts_on.data), ("Second semester", self.second_term_on.data)]

    def refuse(self, error: Invalid) -> None:
        """Put what is wrong with the terms beside the second semester, the only one that is typed."""
        if "terms" in error.fields:
            error.fields["second_term_on"] = error.fields.pop("terms")
        super().refuse(error)


TERMS = 4
"""The most terms of a year: quarters."""


def _term_name(number: int) -> StringField:
    label = _l("Name of term %(number)s", number=number)
    return StringField(
        label, [Length(max=40)], description=_l("Like Fall semester or Quarter 1.") if number == 1 else ""
    )


def _term_day(number: int) -> DateField:
    return DateField(_l("First day of term %(number)s", number=number), [Optional()])


class ChangeYearForm(WordedForm):
    """A school year: its name, its days and up to four terms. The first term begins with the year."""

    name = StringField(_l("Name of the school year"), [InputRequired(_l("Enter the name.")), Length(max=40)])
    starts_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    term_name_1, term_name_2, term_name_3, term_name_4 = map(_term_name, range(1, TERMS + 1))
    term_on_2, term_on_3, term_on_4 = map(_term_day, range(2, TERMS + 1))

    @property
    def later_terms(self) -> list[tuple[Field, Field]]:
        """Name and first day of the second term and those after it."""
        return [(self._fields[f"term_name_{n}"], self._fields[f"term_on_{n}"]) for n in range(2, TERMS + 1)]

    @property
    def terms(self) -> list[tuple[str, date]]:
        """The terms with their first days, once the form is valid."""
        later = [(name.data.strip(), day.data) for name, day in self.later_terms if day.data is not None]
        return [((self.term_name_1.data or "").strip() or "Year", self.starts_on.data), *later]

    def show_terms(self, terms: Sequence[Term]) -> None:
        """Fill in the terms of a year."""
        for number, term in enumerate(terms[:TERMS], start=1):
            self._fields[f"term_name_{number}"].data = term.name
            if number > 1:
                self._fields[f"term_on_{number}"].data = term.starts_on

    def refuse(self, error: Invalid) -> None:
        """Put what is wrong with the terms beside the first of their days."""
        if "terms" in error.fields:
            error.fields["term_on_2"] = error.fields.pop("terms")
        super().refuse(error)

    def validate(self, extra_validators: Any = None) -> bool:
        """Each later term has a name and a day, or neither."""
        is_valid = bool(super().validate(extra_validators))
        for name, day in self.later_terms:
            if bool((name.data or "").strip()) != (day.data is not None) and not day.errors:
                wrong = name if day.data is not None else day
                wrong.errors = [*wrong.errors, _("Enter both the name and the first day of the term.")]
                is_valid = False
        return is_valid


class PersonForm(ConfirmedForm):
    """A member of staff, new or changed. It shares its page with other forms, hence the ids."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), Length(max=100)], id="person-name")
    email = EmailField(_l("Email"), [InputRequired(_l("Enter the work email.")), Length(max=200)])
    role = SelectField(_l("Role"), choices=choices((role.value, label) for role, label in labels.ROLES.items()))
    everywhere = BooleanField(_l("All schools"))
    school_ids = ManyField(_l("Schools"), validate_choice=False)
    language = SelectField(_l("Language"), choices=choices((one.value, name) for one, name in labels.LANGUAGES.items()))

    def offer_schools(self, listed: Collection[School], admin: Person) -> None:
        """Fill the list of schools; only an admin of all schools can give all schools."""
        self.school_ids.choices = choices((school.id, school.name) for school in listed)
        if not admin.reach.is_everywhere:
            del self.everywhere
        if len(listed) == 1 and not admin.reach.is_everywhere and self.school_ids.data is None:
            self.school_ids.data = [school.id for school in listed]

    @property
    def reach(self) -> Reach:
        """The schools that were chosen."""
        is_everywhere = bool(self.everywhere and self.everywhere.data)  # the field is not offered to every admin
        return EVERYWHERE if is_everywhere else Reach.of(*(self.school_ids.data or []))


GRADE_CHOICES = tuple((grade, grade) for grade in GRADES)


def _other_grades() -> ManyField:
    return ManyField(
        _l("Other grades in the class"),
        choices=choices(GRADE_CHOICES),
        description=_l("For a mixed class. It follows the plan of the grade above."),
    )


class ClassroomForm(WordedForm):
    """A new class: a name, a grade and a size, and no list of students."""

    name = StringField(
        _l("Name"),
        [InputRequired(_l("Enter the name.")), Length(max=60)],
        id="class-name",
        description=_l("Like Room 12 or Advisory 7-2. Never a student’s name."),
    )
    school_id = SelectField(_l("School"), validate_choice=False, id="class-school")
    grade = SelectField(_l("Grade"), choices=choices((("", _l("Choose a grade")), *GRADE_CHOICES)))
    other_grades = _other_grades()
    size = NumberField(_l("Number of students"), [InputRequired(), NumberRange(1, MAX_SIZE)])
    teacher_ids = ManyField(_l("Teachers"), validate_choice=False)


class ClassDetailsForm(WordedForm):
    """A class’s name, grades, size, first and last day."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), Length(max=60)])
    grade = SelectField(_l("Grade"), choices=choices(GRADE_CHOICES))
    other_grades = _other_grades()
    size = NumberField(_l("Number of students"), [InputRequired(), NumberRange(1, MAX_SIZE)])
    first_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    last_on = DateField(
        _l("Last day"), [Optional()], description=_l("Leave blank if the class meets until the school year ends.")
    )


def _weekday(value: int | str | None) -> int | None:
    """A weekday as it was typed, or as a view gives it; empty for that of the school."""
    return int(value) if value not in (None, "") else None


class ClassWeekdayForm(WordedForm):
    """The weekday on which a class’s sessions are due, from a week on."""

    weekday = SelectField(_l("Sessions are due on"), coerce=_weekday, id="class-weekday", validate_choice=False)
    valid_from = SelectField(
        _l("From the week of"),
        [InputRequired(_l("Choose a week."))],
        coerce=date.fromisoformat,
        id="weekday-from",
        validate_choice=False,
    )

    def offer(self, school_day: object, weeks: Iterable[date]) -> None:
        """Fill the lists: the school’s day first, and the weeks that are not over."""
        as_school = _("The same day as the school (%(day)s)", day=school_day)
        self.weekday.choices = choices((("", as_school), *labels.WEEKDAYS.items()))
        self.valid_from.choices = choices((week.isoformat(), labels.short_day_label(week)) for week in weeks)


class TeacherForm(WordedForm):
    """A person who teaches a class, from a day on."""

    who = StringField(
        _l("Teacher"),
        [InputRequired(_l("Enter a name.")), Length(max=320)],
        description=_l("Type a name or email and choose from the list."),
    )
    first_on = DateField(_l("From"), [InputRequired(_l("Choose the first day."))], id="teacher-first-on")


class TeacherDaysForm(WordedForm):
    """The last day of a teacher in a class; empty while the person teaches it."""

    last_on = DateField(_l("Last day"), [Optional()])


class LastDayForm(WordedForm):
    """The last day of a class."""

    last_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))], id="close-last-on")


class MergeForm(WordedForm):
    """The class that takes over the students of another."""

    into_id = SelectField(_l("Merge into"), validate_choice=False)
    last_on = DateField(_l("Last day of this class"), [InputRequired(_l("Choose the last day."))], id="merge-last-on")


class SplitForm(WordedForm):
    """The second class that some of the students go to."""

    name = StringField(
        _l("Name of the new class"), [InputRequired(_l("Enter the name.")), Length(max=60)], id="split-name"
    )
    size = NumberField(_l("Students who move to it"), [InputRequired(), NumberRange(1, MAX_SIZE)], id="split-size")
    first_on = DateField(_l("Its first day"), [InputRequired(_l("Choose the first day."))], id="split-first-on")
