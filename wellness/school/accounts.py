"""Sign-in and passwords of staff.

An unknown email and a wrong password get the same answer after the same time, and each wrong try makes the next one wait
longer.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..domain import Person
from ..errors import Invalid, TooMany, worded
from ..records import Records, people, sign_ins

MIN_PASSWORD = 10
MAX_PASSWORD = 200

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


def check_new_password(password: str) -> None:
    """Raise Invalid for a password that is too short or too long; no rules about characters (NIST SP 800-63B, 3.1.1)."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        message = worded("Use 10 to 200 characters. Three or four words work well.")
        raise Invalid("The password wasn't saved.", {"password": message})


def sign_in(records: Records, email: str, password: str, at: datetime, device: str = "") -> tuple[Person, str]:
    """Sign in and return the person and the random key of the new sign-in.

    `device` is the random id of a browser on which this person has signed in before; such a browser waits only for its own
    wrong tries. Raises Invalid for a wrong email or password, without saying which, and TooMany while the account is locked.
    """
    with records.reading() as tx:
        wait = sign_ins.failures(tx, email, at, device).wait(at)
        person = people.find_person_by_email(tx, email)
        known = people.password_hash_of(tx, person.id) if person is not None and person.is_active else None
    if wait:
        raise TooMany("Too many tries for this email. Please wait a little and try again.", retry_after=wait)
    dummy = (
        _dummy_hash()
    )  # for every sign-in: made only for unknown emails, the first one after a start took twice as long
    is_right = is_password_of(known or dummy, password[:MAX_PASSWORD])
    if person is None or known is None or not is_right:
        with records.writing() as tx:
            sign_ins.note_failure(tx, email, at, device)
        raise Invalid("That email and password don't match.")
    with records.writing() as tx:
        sign_ins.clear_failures(tx, email, device)
        if _hasher.check_needs_rehash(known):
            people.renew_password_hash(tx, person.id, hash_password(password))
        return person, sign_ins.start_sign_in(tx, person.id, at)


def sign_out(records: Records, key: str) -> None:
    """End the sign-in with this key."""
    with records.writing() as tx:
        sign_ins.end_sign_in(tx, key)


def find_signed_in(records: Records, key: str, at: datetime) -> Person | None:
    """Return the person of a sign-in key, or None: signed out, idle, expired, account closed, password or role changed."""
    with records.asking() as tx:
        found = sign_ins.find_sign_in(tx, key, at)
    if found is None:
        return None
    if found.wants_note(at):
        with records.writing() as tx:
            sign_ins.note_last_use(tx, key, at)
    return found.person


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    """Return a hash to check when there is no account, so that the answer takes as long as for a wrong password."""
    return hash_password("not the password of any account")
