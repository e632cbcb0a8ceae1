"""What people enter. Every form keeps what was typed and says what is wrong beside the field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    FloatField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from ..domain import GRADES, Extent, NotDoneReason, Outcome, Seen, ViewingState, WalkthroughItem
from ..domain.plain_text import without_control_characters
from ..errors import Invalid
from ..records.settings import LEAST_HOURS, MOST_HOURS
from ..school.presenting import MAX_MINUTES
from . import labels

DONE, SHORTENED, NOT_DONE = "done", "shortened", "not-done"


def choices(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """The choices of a field, from values and their labels."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class ManyField(SelectMultipleField):  # type: ignore[misc]
    """Several of a list, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _week(value: date | str) -> date:
    """A week as it was typed, or as a view gives it to choose it beforehand."""
    return value if isinstance(value, date) else date.fromisoformat(value)


class WordedForm(FlaskForm):  # type: ignore[misc]
    """A form that can show what a use case refused."""

    def refuse(self, error: Invalid) -> None:
        """Put the messages of `error` beside their fields; what belongs to no field stands at the top."""
        for name, message in error.fields.items():
            field: Field | None = self._fields.get(name)
            if field is not None:
                field.errors = [*field.errors, _(message)]
            else:
                self.form_errors.append(_(message))
        if not error.fields:
            self.form_errors.append(_(error.message))


def answer_form(form: WordedForm, act: Callable[[], Response], page: Callable[[], str]) -> Response | tuple[str, int]:
    """Answer a posted form: what `act` returns (a redirect with 303), else its page again with 422 and the reasons.

    `act` calls the use case, which raises Invalid for what it refuses.
    """
    if form.validate():
        try:
            return act()
        except Invalid as error:
            form.refuse(error)
    return page(), 422


class OutcomeForm(WordedForm):
    """How it went: done, shortened, or not done because…"""

    outcome = RadioField(
        _l("How did it go?"),
        choices=choices(((DONE, _l("Done")), (SHORTENED, _l("Shortened")), (NOT_DONE, _l("Not done, because…")))),
        validators=[InputRequired(_l("Choose how it went."))],
    )
    reason = SelectField(_l("Reason"), validate_choice=False)  # no Optional(): it would end the checks before ours
    minutes = IntegerField(
        _l("Minutes"),
        [Optional(), NumberRange(1, MAX_MINUTES, _l("Enter minutes from 1 to 180."))],
        description=_l("Leave blank to use the session's planned length."),
    )
    on_day = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))])
    slug = StringField(_l("Session"), [Length(max=80)], id="log-slug")
    classroom_id = SelectMultipleField(_l("Classes"), validate_choice=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        reasons = ((reason.value, label) for reason, label in labels.REASONS.items())
        self.reason.choices = choices((("", _l("Choose a reason")), *reasons))

    def validate_reason(self, field: Field) -> None:
        """A session that was not done has a reason; any other has none."""
        if self.outcome.data == NOT_DONE and field.data not in [reason.value for reason in NotDoneReason]:
            raise ValidationError(_l("Choose why it wasn't done. Any reason is fine."))

    def read(self, whole: int, short: int) -> Outcome:
        """The outcome, with the session's own minutes where none were typed."""
        if self.outcome.data == NOT_DONE:
            return Outcome(ViewingState.NOT_DONE, reason=NotDoneReason(self.reason.data))
        extent = Extent.WHOLE if self.outcome.data == DONE else Extent.SHORTENED
        usual = whole if extent is Extent.WHOLE else short
        return Outcome(ViewingState.DELIVERED, extent=extent, minutes=self.minutes.data or usual)


class OutsideLessonForm(WordedForm):
    """SEL minutes taught from another curriculum. It shares its page with another form, hence the ids."""

    on_day = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))], id="lesson-day")
    minutes = IntegerField(
        _l("Minutes"),
        [
            InputRequired(_l("Enter the minutes.")),
            NumberRange(1, MAX_MINUTES, _l("Enter minutes from 1 to 180.")),
        ],
        id="lesson-minutes",
    )
    curriculum = StringField(
        _l("Curriculum"), [InputRequired(_l("Enter the curriculum it came from.")), Length(max=100)]
    )
    title = StringField(_l("Lesson"), [Length(max=100)], description=_l("Its title, never a student's name."))


class PlanForm(WordedForm):
    """Which session for which grades of which schools in a week."""

    week_on = SelectField(_l("Week"), [InputRequired(_l("Choose a week."))], coerce=_week, validate_choice=False)
    slug = SelectField(_l("Session"), validate_choice=False)
    grades = ManyField(_l("Grades"), choices=choices(zip(GRADES, GRADES, strict=True)), validate_choice=False)
    school_ids = ManyField(_l("Schools"), validate_choice=False)


class NoSchoolForm(WordedForm):
    """A day without school."""

    on_day = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-26."))])
    reason = StringField(_l("Reason"), [InputRequired(_l("Enter a reason, like Thanksgiving break.")), Length(max=100)])
    school_id = SelectField(_l("School"), validate_choice=False)


class CodeForm(WordedForm):
    """The code on a class's door card, typed in any way. It is looked up, not written: no token, so no cookie."""

    class Meta:
        """A lookup needs no token."""

        csrf = False

    code = StringField(_l("Class code"), [InputRequired(_l("Enter the code from the door card.")), Length(max=40)])


class SettingsForm(WordedForm):
    """What an admin sets for the whole site; `seen` is the revision the form was filled from."""

    seen = HiddenField(validators=[Length(max=64)])
    site_name = StringField(_l("Site name"), [InputRequired(), Length(max=60)])
    district = StringField(_l("District"), [Length(max=100)])
    time_zone = StringField(
        _l("Time zone"), [InputRequired(), Length(max=60)], description=_l("Like America/New_York.")
    )
    minutes_target = IntegerField(_l("SEL minutes per class per week"), [InputRequired(), NumberRange(1, 300)])
    module_hours = FloatField(
        _l("Contact hours per training module"),
        [Optional(), NumberRange(LEAST_HOURS, MOST_HOURS, _l("Enter contact hours from 0.25 to 10."))],
        description=_l(
            "One number for all modules, if your district sets one. Leave blank to use each module's own hours."
        ),
    )
    certificate_issuer = StringField(
        _l("Certificates issued by"),
        [Length(max=100)],
        description=_l(
            "Shown on every certificate. Leave blank to use the district, or the school if there is no district."
        ),
    )
    contacts = TextAreaField(
        _l("Student support contacts"),
        [Length(max=5000)],
        description=_l("One person per line: school; name and role; place; how to reach them."),
    )


class PatternsForm(WordedForm):
    """One control of each kind, for the page of all components."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), Length(max=100)])
    minutes = IntegerField(
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


class PersonForm(WordedForm):
    """A new member of staff. It shares its page with the next form, hence the ids."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter the name.")), Length(max=100)], id="person-name")
    email = EmailField(_l("Email"), [InputRequired(_l("Enter the work email.")), Length(max=200)])
    role = SelectField(_l("Role"), choices=choices((role.value, label) for role, label in labels.ROLES.items()))
    school_id = SelectField(_l("School"), validate_choice=False, id="person-school")
    password = PasswordField(
        _l("Temporary password"),
        [InputRequired(_l("Enter a temporary password.")), Length(max=200)],
        description=_l("At least 10 characters. Three or four words work well."),
    )


class ClassroomForm(WordedForm):
    """A new class: a name, a grade and a size, and no list of students."""

    name = StringField(
        _l("Name"),
        [InputRequired(_l("Enter the name.")), Length(max=60)],
        id="class-name",
        description=_l("Like Room 12 or Advisory 7-2. Never a student's name."),
    )
    school_id = SelectField(_l("School"), validate_choice=False, id="class-school")
    grade = SelectField(_l("Grade"), choices=choices(zip(GRADES, GRADES, strict=True)))
    size = IntegerField(_l("Number of students"), [InputRequired(), NumberRange(1, 60)])
    teacher_ids = ManyField(_l("Teachers"), validate_choice=False)


SUBSTITUTE = "substitute"
"""Who led a visited session, when it was none of the class's teachers."""

VISIT_WORDS = 300
"""The most characters of a glow or of a next step."""


def _seen(item: WalkthroughItem) -> RadioField:
    """What a coach says of one item of a visit."""
    answers = choices((seen.value, label) for seen, label in labels.SEEN.items())
    return RadioField(labels.WALKTHROUGH_ITEMS[item], [InputRequired(_l("Choose one of the four."))], choices=answers)


def _visit_words(label: object, missing: object, hint: object) -> TextAreaField:
    """One thing a coach writes to the teacher: a sentence or two."""
    too_long = _l("Use 300 characters or fewer.")
    checks = [InputRequired(missing), Length(max=VISIT_WORDS, message=too_long)]
    return TextAreaField(
        label, checks, description=hint, filters=[lambda text: text and without_control_characters(text)]
    )


class VisitForm(WordedForm):
    """What a coach notes of a visit to a class: five items, one glow, one next step.

    `visit_id` is made with the form, so that sending it twice makes one visit.
    """

    visit_id = HiddenField(validators=[InputRequired(), Length(max=40)])
    slug = SelectField(_l("Session"), validate_choice=False)
    on_day = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))])
    teacher_id = RadioField(
        _l("Who led the session?"), [InputRequired(_l("Choose who led the session."))], validate_choice=False
    )
    item_choices = _seen(WalkthroughItem.CHOICES)
    item_alongside = _seen(WalkthroughItem.ALONGSIDE)
    item_alternative = _seen(WalkthroughItem.ALTERNATIVE)
    item_passing = _seen(WalkthroughItem.PASSING)
    item_closing = _seen(WalkthroughItem.CLOSING)
    glow = _visit_words(
        _l("A glow"), _l("Write one thing that went well."), _l("One thing that went well, as you saw it.")
    )
    next_step = _visit_words(
        _l("A next step"), _l("Write one small thing to try next."), _l("One small thing to try next Friday.")
    )

    @property
    def item_fields(self) -> list[Field]:
        """The five items, in order."""
        return [self._fields[f"item_{item.value}"] for item in WalkthroughItem]

    @property
    def items(self) -> dict[WalkthroughItem, Seen]:
        """What was said of each item, once the form is valid."""
        return {item: Seen(self._fields[f"item_{item.value}"].data) for item in WalkthroughItem}

    @property
    def has_wrong_facts(self) -> bool:
        """Whether the session or the day has to be looked at."""
        return any(field.errors for field in (self.slug, self.on_day))

    def validate_slug(self, field: Field) -> None:
        """The session is one of the list."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_l("Choose a session from the list."))

    def validate_teacher_id(self, field: Field) -> None:
        """Who led it is one of the class's teachers, or a substitute."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_l("Choose who led the session."))


class AssignForm(WordedForm):
    """A training module to ask for: of whole schools, of single persons, or of both, and by when."""

    slug = SelectField(_l("Module"), validate_choice=False, id="assign-module")
    school_ids = ManyField(_l("All teachers at"), validate_choice=False)
    person_ids = ManyField(_l("Or specific people"), validate_choice=False)
    due_on = DateField(_l("Due date"), [InputRequired(_l("Choose a day, like 2026-12-04."))])


class FridayForm(WordedForm):
    """Which class, and which day, for the real Friday of a training module."""

    classroom_id = SelectField(_l("Class"), [InputRequired(_l("Choose a class."))], validate_choice=False)
    planned_on = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))])


class TrialForm(WordedForm):
    """Which delivered viewing was the real Friday of a training module."""

    viewing_id = IntegerField(_l("Which of your Fridays was it?"), [InputRequired(_l("Choose one of your Fridays."))])


class CertificateForm(WordedForm):
    """The code of a certificate, typed in any way. It is looked up, not written: no token, so no cookie."""

    class Meta:
        """A lookup needs no token."""

        csrf = False

    code = StringField(_l("Certificate code"), [Length(max=80)])
