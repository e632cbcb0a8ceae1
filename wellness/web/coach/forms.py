"""What a coach enters: the plan, no-school days, classroom visits, assigned training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    Field,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from ...domain import GRADES, ClassPlanRule, Closure, ClosureKind, Seen, WalkthroughItem
from ...domain.plain_text import without_control_characters
from ...school.closures import HAPPENED, LEAVE_OUT, ClosedRange
from ...school.plan_changes import ClassWeekPlan
from .. import labels
from ..forms import ManyField, WordedForm, choices


def _week(value: date | str) -> date:
    """A week as it was typed, or as a view gives it to choose it beforehand."""
    return value if isinstance(value, date) else date.fromisoformat(value)


class PlanForm(WordedForm):
    """Which session for which grades of which schools in a week."""

    week_on = SelectField(_l("Week"), [InputRequired(_l("Choose a week."))], coerce=_week, validate_choice=False)
    slug = SelectField(_l("Session"), validate_choice=False)
    grades = ManyField(_l("Grades"), choices=choices(zip(GRADES, GRADES, strict=True)), validate_choice=False)
    school_ids = ManyField(_l("Schools"), validate_choice=False)
    confirmed = HiddenField()


AS_GRADE, NOTHING = "=", ""
"""What the form of one class's week sends instead of a session."""


class ClassPlanForm(WordedForm):
    """What one class does in a week instead of its grade's session."""

    week_on = SelectField(_l("Week"), [InputRequired(_l("Choose a week."))], coerce=_week, validate_choice=False)
    slug = SelectField(_l("Session"), validate_choice=False)
    confirmed = HiddenField()

    @property
    def planned(self) -> ClassWeekPlan:
        """What the form asks for, once it is valid."""
        slug = self.slug.data
        if slug == AS_GRADE:
            return ClassWeekPlan(self.week_on.data, ClassPlanRule.AS_GRADE)
        rule = ClassPlanRule.NOTHING if slug == NOTHING else ClassPlanRule.SESSION
        return ClassWeekPlan(self.week_on.data, rule, slug or None)


class AmendForm(PlanForm):
    """What a past week should have expected, and why it is changed. `seen` is what the preview was worked out from."""

    reason = StringField(_l("Reason"), [InputRequired(_l("Say why. The reason is shown with the numbers."))])
    seen = HiddenField()


CLOSED_DAYS = {
    "closed": _l("No school"),
    "sessions": _l("Half day, sessions happen"),
    "no sessions": _l("Half day, no sessions"),
}


class ClosureForm(WordedForm):
    """No-school days or half days: one day or several, in one school or several."""

    first_on = DateField(_l("First day"), [InputRequired(_l("Choose a day, like 2026-11-26."))], id="closed-first")
    last_on = DateField(_l("Last day"), [Optional()], description=_l("Leave blank if it’s one day."), id="closed-last")
    kind = RadioField(_l("What kind of day?"), choices=choices(CLOSED_DAYS.items()), default="closed")
    reason = StringField(_l("Reason"), [InputRequired(_l("Enter a reason, like Thanksgiving break.")), Length(max=100)])
    school_ids = ManyField(_l("Schools"), validate_choice=False)
    decision = RadioField(_l("What happens to the session?"), validate_choice=False)

    @property
    def entered(self) -> ClosedRange:
        """The days, once the form is valid."""
        kind = ClosureKind.CLOSED if self.kind.data == "closed" else ClosureKind.HALF_DAY
        last_on = self.last_on.data or self.first_on.data
        return ClosedRange(self.first_on.data, last_on, kind, self.kind.data == "sessions", self.reason.data)

    def show(self, closure: Closure, school_ids: Sequence[str]) -> None:
        """Fill in a closure that is there."""
        self.first_on.data, self.last_on.data, self.reason.data = closure.first_on, closure.last_on, closure.reason
        self.school_ids.data = list(school_ids)
        half_day = "sessions" if closure.holds_sessions else "no sessions"
        self.kind.data = "closed" if closure.kind is ClosureKind.CLOSED else half_day

    def ask(self, days: Sequence[date]) -> None:
        """Offer what can happen to the session that was due on one of the days; leaving it out is chosen beforehand."""
        later = [(day.isoformat(), _("Move it to %(day)s", day=labels.day_label(day))) for day in days]
        left_out = (LEAVE_OUT, _("Leave this week out. Nobody is expected to do it."))
        self.decision.choices = choices([left_out, *later, (HAPPENED, _("The session happened anyway."))])
        self.decision.data = LEAVE_OUT


class ImportForm(WordedForm):
    """A calendar file and the schools that it is for."""

    file = FileField(
        _l("Calendar file"), description=_l("Export it from your calendar program. It can have up to 1 MB.")
    )
    school_ids = ManyField(_l("Schools"), validate_choice=False)


class PickForm(WordedForm):
    """The entries of a calendar file that were ticked."""

    pick = ManyField(validate_choice=False)
    school_ids = ManyField(_l("Schools"), validate_choice=False)


class WeekdayForm(WordedForm):
    """The weekday on which the sessions of schools are due, from a week on."""

    weekday = SelectField(_l("Sessions are due on"), coerce=int, choices=choices(labels.WEEKDAYS.items()), default=4)
    valid_from = SelectField(
        _l("From the week of"), [InputRequired(_l("Choose a week."))], coerce=_week, validate_choice=False
    )
    weekday_school_ids = ManyField(_l("Schools"), validate_choice=False)


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
    led_by = RadioField(
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

    def validate_led_by(self, field: Field) -> None:
        """Who led it is one of the class's teachers, or a substitute."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_l("Choose who led the session."))


class AssignForm(WordedForm):
    """A training module to ask for: of whole schools, of single persons, or of both, and by when."""

    slug = SelectField(_l("Module"), validate_choice=False, id="assign-module")
    school_ids = ManyField(_l("All teachers at"), validate_choice=False)
    person_ids = ManyField(_l("Or specific people"), validate_choice=False)
    due_on = DateField(_l("Due date"), [InputRequired(_l("Choose a day, like 2026-12-04."))])
