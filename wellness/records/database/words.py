"""Words as columns. What one engine cannot keep, none is given, so that a school can always move."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import Dialect
from sqlalchemy.types import TypeDecorator

from ...errors import Invalid, worded

_NOT_TEXT = worded("What you entered contains a character that can't be saved. Nothing was saved. Retype that part.")


class Text(TypeDecorator[str]):
    """Words without the character NUL, which SQLite keeps and PostgreSQL refuses."""

    impl = sqlalchemy.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """What goes into the column or is looked for in it. Raises Invalid, as `faults.translated` passes it on."""
        if value is not None and "\0" in value:
            raise Invalid(_NOT_TEXT)
        return value
