"""Forms of teachers and substitutes: outcome of a session, other SEL lesson, class code."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional, ValidationError

from ...domain import Completeness, NotDoneReason, Outcome, ViewingState
from ...school.presenting import MAX_MINUTES, SecondEntry
from .. import labels
from ..forms import NumberField, WordedForm, choices

DONE, SHORTENED, NOT_DONE = "done", "shortened", "not-done"


class OutcomeForm(WordedForm):
    """Outcome of a session: done, shortened, or not done with a reason."""

    outcome = RadioField(
        _l("How did it go?"),
        choices=choices(((DONE, _l("Done")), (SHORTENED, _l("Shortened")), (NOT_DONE, _l("Not done, because…")))),
        validators=[InputRequired(_l("Choose how it went."))],
    )
    reason = SelectField(_l("Reason"), validate_choice=False)  # no Optional(): it would end the checks before ours
    minutes = NumberField(
        _l("Minutes"),
        [Optional(), NumberRange(1, MAX_MINUTES, _l("Enter minutes from 1 to 180."))],
        description=_l("Leave blank to use the session’s planned length."),
    )
    on_day = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))])
    slug = StringField(_l("Session"), [Length(max=80)], id="log-slug")
    classroom_id = SelectMultipleField(_l("Classes"), validate_choice=False)
    makes_up_for = DateField(_l("Counts for"), [Optional()])
    met_anyway = StringField(
        _l("No school that day"), [AnyOf(["", "yes"], _l("Choose one of the two buttons."))], default=""
    )
    second = StringField(
        _l("Already logged"), [AnyOf(["", *SecondEntry], _l("Choose one of the two buttons."))], default=""
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        reasons = ((reason.value, label) for reason, label in labels.REASONS.items())
        self.reason.choices = choices((("", _l("Choose a reason")), *reasons))

    def validate_reason(self, field: Field) -> None:
        """Require a known reason for a session that was not done."""
        if self.outcome.data == NOT_DONE and field.data not in [reason.value for reason in NotDoneReason]:
            raise ValidationError(_l("Choose why it wasn’t done. Any reason is fine."))

    def list_typed(self) -> list[tuple[str, str]]:
        """Return name and value of all that was sent, for the form that asks one more question about it."""
        own = (
            field
            for field in self
            if field.name not in ("csrf_token", "second", "met_anyway" if self.met_anyway.errors else "")
        )
        return [(field.name, value) for field in own for value in field.raw_data or ()]

    def read_second(self) -> SecondEntry:
        """Return what to do about a session that is logged for the week already; ask unless a button said so."""
        return SecondEntry(self.second.data or SecondEntry.ASK)

    def read(self, whole: int, short: int) -> Outcome:
        """Return the outcome, with the planned minutes (`whole` or `short`) when none were typed."""
        if self.outcome.data == NOT_DONE:
            return Outcome(ViewingState.NOT_DONE, reason=NotDoneReason(self.reason.data))
        extent = Completeness.WHOLE if self.outcome.data == DONE else Completeness.SHORTENED
        usual = whole if extent is Completeness.WHOLE else short
        return Outcome(ViewingState.DELIVERED, extent=extent, minutes=self.minutes.data or usual)


class OutsideLessonForm(WordedForm):
    """SEL minutes from another curriculum. The fields have ids of their own, because the page has another form."""

    on_day = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))], id="lesson-day")
    minutes = NumberField(
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
    title = StringField(_l("Lesson"), [Length(max=100)], description=_l("Its title, never a student’s name."))


class CodeForm(WordedForm):
    """Class code of a door card. A lookup writes nothing, so it needs no CSRF token and sets no cookie."""

    class Meta:
        """A lookup needs no token."""

        csrf = False

    code = StringField(_l("Class code"), [InputRequired(_l("Enter the code from the door card.")), Length(max=40)])
