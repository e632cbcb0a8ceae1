"""Sign-in and passwords of staff.

An unknown email and a wrong password get the same answer after the same time, and each wrong try makes the next one wait
longer.
"""

from __future__ import annotations

import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..domain import Language, Person
from ..errors import Invalid, TooMany, worded
from ..records import Reading, Records, audit_log, people, settings, sign_ins, unsent_forms
from ..records.sign_ins import SignIn
from .passwords import MAX_PASSWORD, check_new_password

TEMPORARY_FOR = timedelta(days=14)
"""How long a temporary password works."""

CONFIRM_EVERY = timedelta(minutes=10)
"""Important changes ask for the password again when it was last entered longer ago than this."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike on paper: i, l, o, 0, 1."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB, t=2, p=1: OWASP's password storage cheat sheet; the library's own default takes 64 MiB for each sign-in."""


_hashing = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1), thread_name_prefix="hashing")
"""At most four threads for hashing, started at the first password. The C library never returns the 19 MiB of a thread's last
hash: when every server thread hashed, a morning of sign-ins left 130 MiB allocated.
"""


def hash_password(password: str) -> str:
    """Return the Argon2 hash of a password, to be stored."""
    return _hashing.submit(_hasher.hash, password).result()


def is_password_of(known: str, password: str) -> bool:
    """Whether the stored hash `known` matches the password; False also for a malformed hash."""
    try:
        return _hashing.submit(_hasher.verify, known, password).result()
    except (VerificationError, InvalidHashError):
        return False


def make_temporary_password() -> str:
    """Return a random password that is easy to copy from paper: three groups of four characters, 59 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def names_to_avoid(tx: Reading) -> list[str]:
    """Return the names of the site and the district, which are too easy to guess for a password."""
    current = settings.load_settings(tx)
    return [current.site_name, current.district]


def sign_in(
    records: Records,
    email: str,
    password: str,
    at: datetime,
    device: str = "",
    *,
    remember: bool = False,
    replaces: str = "",
) -> tuple[Person, str]:
    """Sign in and return the person and the random key of the new sign-in.

    `remember` keeps it for 30 days, `replaces` is the key that the browser had before, which ends.
    `device` is the random id of a browser on which this person has signed in before; such a browser waits only for its own
    wrong tries. Raises Invalid for a wrong email or password, without saying which, and TooMany while the account is locked.
    """
    person, known = _check_password(records, email, password, at, device)
    with records.writing() as tx:
        sign_ins.clear_failures(tx, email, device)
        unsent_forms.remove_old_forms(tx, at)
        expires_at = people.password_expiry_of(tx, person.id)
        if expires_at is None or expires_at > at:
            if _hasher.check_needs_rehash(known):
                people.renew_password_hash(tx, person.id, hash_password(password))
            sign_ins.end_sign_in(tx, replaces)
            return person, sign_ins.start_sign_in(tx, person.id, at, remember=remember)
    raise Invalid("This temporary password has expired. Ask your admin for a new one.")


def confirm_password(records: Records, key: str, person: Person, password: str, at: datetime, device: str = "") -> None:
    """Check the person's own password again in the browser with this sign-in key, and remember when.

    Raises Invalid with the field `own_password` when it is wrong, TooMany after many wrong ones.
    """
    _check_own_password(records, person, password, "own_password", at, device)
    with records.writing() as tx:
        sign_ins.clear_failures(tx, person.email, device)
        sign_ins.note_confirmed(tx, key, at)


def change_password(
    records: Records, person: Person, *, current: str, new: str, at: datetime, device: str = ""
) -> tuple[Person, str]:
    """Change the person's own password and return the person and the key of a new sign-in; all others end.

    Raises Invalid with the fields `current` and `password`, TooMany after many wrong passwords.
    """
    with records.reading() as tx:
        check_new_password(new, [*names_to_avoid(tx), person.name, person.email])
    if new == current:
        message = worded("Choose a password that is different from the current one.")
        raise Invalid("The password wasn’t saved.", {"password": message})
    _check_own_password(records, person, current, "current", at, device)
    hashed = hash_password(new)
    with records.writing() as tx:
        sign_ins.clear_failures(tx, person.email, device)
        changed = people.set_password_hash(tx, person.id, hashed)
        audit_log.note(tx, person, at, "change own password", person.role.value, about=person.id)
        return changed, sign_ins.start_sign_in(tx, person.id, at)


def change_language(records: Records, person: Person, language: Language) -> None:
    """Set the language of the person's own pages."""
    with records.writing() as tx:
        people.set_language(tx, person.id, language)


def sign_out_everywhere(records: Records, person: Person, at: datetime) -> None:
    """End every sign-in of the person, in this browser too."""
    with records.writing() as tx:
        sign_ins.end_all_sign_ins(tx, person.id)
        audit_log.note(tx, person, at, "sign out everywhere", person.role.value, about=person.id)


def _check_own_password(records: Records, person: Person, password: str, field: str, at: datetime, device: str) -> None:
    try:
        _check_password(records, person.email, password, at, device)
    except Invalid as error:
        raise Invalid("Nothing was saved.", {field: worded("That’s not your password.")}) from error


def _check_password(records: Records, email: str, password: str, at: datetime, device: str) -> tuple[Person, str]:
    """Return the person with this email and password, and the stored hash. Raises Invalid or TooMany.

    The try counts as a wrong one before the slow hash is computed, in the transaction that reads the wait: tries that
    arrive at the same moment are each counted. The caller clears the count of a right one.
    """
    with records.writing() as tx:
        if wait := sign_ins.failures(tx, email, at, device).wait(at):
            raise TooMany("Too many tries for this email. Please wait a little and try again.", retry_after=wait)
        sign_ins.note_failure(tx, email, at, device)
        person = people.find_person_by_email(tx, email)
        known = people.password_hash_of(tx, person.id) if person is not None and person.is_active else None
    dummy = _dummy_hash()  # made for every sign-in: made for unknown emails only, their first one took twice as long
    is_right = is_password_of(known or dummy, password[:MAX_PASSWORD])
    if person is None or known is None or not is_right:
        raise Invalid("That email and password don’t match.")
    return person, known


def sign_out(records: Records, key: str) -> None:
    """End the sign-in with this key."""
    with records.writing() as tx:
        sign_ins.end_sign_in(tx, key)


def find_sign_in(records: Records, key: str, at: datetime) -> SignIn | None:
    """Return the sign-in of a key, or None: signed out, idle, expired, account closed, password or role changed."""
    with records.asking() as tx:
        found = sign_ins.find_sign_in(tx, key, at)
    if found is not None and found.wants_note(at):
        with records.writing() as tx:
            sign_ins.note_last_use(tx, key, at)
    return found


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    """Return a hash to check when there is no account, so that the answer takes as long as for a wrong password."""
    return hash_password("not the password of any account")
