"""What staff enter in training: the class and day of the real Friday, a certificate's code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length

from ..forms import WordedForm


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
