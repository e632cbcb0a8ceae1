"""The one tree of errors. Every branch knows what to tell a person; `web/errors.py` maps each to a page and a status.

A message is one or two plain sentences: what happened, whether anything was saved, what to do next. It never names a
file of the machine, a table or an exception.
"""

from __future__ import annotations

from collections.abc import Mapping


class Sentence(str):
    """A sentence with its `values` filled in, that `template` can be translated and filled again."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Sentence:
        """`template` has a `%(name)s` for each of `values`."""
        made = super().__new__(cls, template % values)
        made.template, made.values = template, values
        return made


def worded(text: str, **values: object) -> str:
    """Mark a sentence for the translators; the web translates it when it is shown.

    `%(name)s` in the text stands for a value: an f-string would reach a Spanish page in English.
    """
    return Sentence(text, values) if values else text


class WellnessError(Exception):
    """Anything this site refuses or cannot do, said in words that may be shown to the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(WellnessError):
    """It does not exist, or not for this person: both get the same answer, so that existence never leaks."""


class Forbidden(WellnessError):
    """The person's role does not include this action at all."""


class SignInNeeded(WellnessError):
    """The action is for staff, and the request has no sign-in."""


class PasswordChangeNeeded(WellnessError):
    """The person signed in with a temporary password and has to choose their own first."""


class Invalid(WellnessError):
    """What was entered cannot be accepted; `fields` says why beside each field. Nothing was saved."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields or {})


class Conflict(WellnessError):
    """Somebody else got there first; `theirs` and `yours` are both shown so that a person can choose."""

    def __init__(self, message: str, *, theirs: str, yours: str) -> None:
        super().__init__(message)
        self.theirs = theirs
        self.yours = yours


class TooMany(WellnessError):
    """Too many tries; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(WellnessError):
    """The records or the catalogue cannot answer now. Nothing was saved; the request can be repeated."""


class Uncertain(Unavailable):
    """The records stopped answering at the very moment of saving: it was saved whole or not at all, and we can't know which."""


class StorageFull(Unavailable):
    """The disk is full. Nothing was saved; reading goes on."""


class Misconfigured(WellnessError):
    """A setting or the instance folder is wrong; the message is one sentence that says how to fix it."""
