"""Which passwords people may choose: long ones that are not easy to guess (NIST SP 800-63B, 3.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ..errors import Invalid, worded

MIN_PASSWORD = 12
MAX_PASSWORD = 200

_COMMON = Path(__file__).parent / "common_passwords.txt"
_RUNS = ("0123456789" * 20, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_LEFT_OVER = 8
"""How many characters a password needs besides the names in it."""


def check_new_password(password: str, names: Iterable[str] = ()) -> None:
    """Raise Invalid with the field `password` for one that is too short, too long, common, or made of `names`.

    `names` are those of the site, the district and the person. There are no rules about kinds of characters.
    """
    message = ""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        message = worded("Use 12 to 200 characters. Three or four words work well.")
    elif _is_easy(_plain(password)):
        message = worded("That password is easy to guess. Three or four words that don’t belong together work well.")
    elif _is_made_of(_plain(password), names):
        message = worded("Choose a password that isn’t made of your name or the name of the site, school or district.")
    if message:
        raise Invalid("The password wasn’t saved.", {"password": message})


def _plain(text: str) -> str:
    """Return the letters and digits in lowercase: what guessers vary least."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _is_easy(plain: str) -> bool:
    """Whether it is a common password, also one with digits around it or repeated, or a run over the keyboard."""
    core = plain.strip("0123456789")
    unit = _repeated_part(plain)
    common = _common_passwords()
    is_run = any(plain in run or plain[::-1] in run for run in _RUNS)
    return bool({plain, core, unit} & common) or len(unit) < 5 or is_run


def _repeated_part(plain: str) -> str:
    """Return the shortest text that gives `plain` when it is repeated: "abc" for "abcabcabcabc", else all of it."""
    return plain[: (plain + plain).find(plain, 1)] if plain else ""


def _is_made_of(plain: str, names: Iterable[str]) -> bool:
    words = {_plain(word) for name in names for word in re.split(r"[\W_]+", name)}
    for word in sorted((word for word in words if len(word) > 2), key=len, reverse=True):
        plain = plain.replace(word, "\0")
    return "\0" in plain and len(plain.replace("\0", "")) < _LEFT_OVER


@cache
def _common_passwords() -> frozenset[str]:
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(_plain(line) for line in lines if line[:2] not in ("# ", "#")) - {""}
