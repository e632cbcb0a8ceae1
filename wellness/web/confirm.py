"""Important changes ask for the person's own password when it was last entered more than ten minutes ago."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import Length

from ..errors import Invalid, TooMany, worded
from ..school import accounts
from .auth import known_device
from .forms import WordedForm
from .request import confirmed_at, now, sign_in_key, signed_in, site


class ConfirmedForm(WordedForm):
    """A form whose change needs the own password; the field is shown when `must_confirm`."""

    own_password = PasswordField(_l("Your own password"), [Length(max=1000)])


def must_confirm() -> bool:
    """Whether an important change asks for the own password now."""
    return now() - confirmed_at() > accounts.CONFIRM_EVERY


def confirm(form: ConfirmedForm) -> None:
    """Check the own password if it is due. Raises Invalid with the reason beside its field."""
    if not must_confirm():
        return
    typed, person = form.own_password.data or "", signed_in()
    if not typed:
        message = worded("Enter your own password to confirm this change.")
        raise Invalid("Nothing was saved.", {"own_password": message})
    try:
        accounts.confirm_password(site().records, sign_in_key(), person, typed, now(), known_device(person.email))
    except TooMany as error:
        raise Invalid(error.message, {"own_password": _(error.message)}) from error
