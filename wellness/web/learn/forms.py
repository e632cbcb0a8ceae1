"""Forms of training: class and day of the trial, chosen viewing, certificate code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length

from ..forms import NumberField, WordedForm


class FridayForm(WordedForm):
    """Class and day planned for the trial of a module."""

    classroom_id = SelectField(_l("Class"), [InputRequired(_l("Choose a class."))], validate_choice=False)
    planned_on = DateField(_l("Day"), [InputRequired(_l("Choose a day, like 2026-11-20."))])


class TrialForm(WordedForm):
    """Delivered viewing that was the trial of a module."""

    viewing_id = NumberField(_l("Which of your Fridays was it?"), [InputRequired(_l("Choose one of your Fridays."))])


class CertificateForm(WordedForm):
    """Code of a certificate. A lookup writes nothing, so it needs no CSRF token and sets no cookie."""

    class Meta:
        """A lookup needs no token."""

        csrf = False

    code = StringField(_l("Certificate code"), [Length(max=80)])
