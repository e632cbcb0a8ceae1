"""What every form shares: it keeps what was typed and shows what is wrong beside the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import (
    Field,
    IntegerField,
    SelectChoice,
    SelectMultipleField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from ..errors import Invalid
from .translations import in_words


def choices(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """The choices of a field, from values and their labels."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


_NUMBER = re.compile(r"-?[0-9]{1,9}")


def read_number(text: str) -> int | None:
    """Return the whole number of up to nine digits, or None.

    `int` also takes `１０`, `1_0` and numbers that no database holds.
    """
    return int(text) if _NUMBER.fullmatch(text) else None


class NumberField(IntegerField):  # type: ignore[misc]
    """A whole number."""

    data: Any

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed. Raises ValueError when it's no number."""
        if not valuelist:
            return
        self.data = read_number(valuelist[0].strip())
        if self.data is None:
            raise ValueError(self.gettext("Not a valid integer value."))


class ManyField(SelectMultipleField):  # type: ignore[misc]
    """Several of a list, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WordedForm(FlaskForm):  # type: ignore[misc]
    """A form that can show what a use case refused."""

    def refuse(self, error: Invalid) -> None:
        """Put the messages of `error` beside their fields, or at the top when they belong to no field."""
        for name, message in error.fields.items():
            field: Field | None = self._fields.get(name)
            if field is not None:
                field.errors = [*field.errors, in_words(message)]
            else:
                self.form_errors.append(in_words(message))
        if not error.fields:
            self.form_errors.append(in_words(error.message))


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
