"""What people enter about their own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.validators import EqualTo, InputRequired, Length

from .. import labels
from ..forms import WordedForm, choices


class LanguageForm(WordedForm):
    """The language of the person's own pages."""

    language = SelectField(_l("Language"), choices=choices((one.value, name) for one, name in labels.LANGUAGES.items()))


class PasswordForm(WordedForm):
    """A new password for oneself; paste and password managers are welcome (WCAG 2.2, 3.3.8)."""

    current = PasswordField(
        _l("Current password"), [InputRequired(_l("Enter your current password.")), Length(max=1000)]
    )
    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a new password.")), Length(max=1000)],
        description=_l("At least 12 characters. Three or four words work well."),
    )
    again = PasswordField(
        _l("New password again"),
        [InputRequired(_l("Enter the new password again.")), EqualTo("password", _l("The two new passwords differ."))],
    )
