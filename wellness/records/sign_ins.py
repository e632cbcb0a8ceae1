"""Who is signed in, and the delay after wrong passwords. Both live here so that they survive a restart.

A sign-in is a row; the browser holds a random key, the row only its fingerprint. Ending the row ends the sign-in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, delete, insert, or_, select, update

from ..domain import Person
from ..errors import NotFound
from .database.transactions import Reading, Writing
from .people import WITH_SCHOOLS, account_digest, people_from
from .schema import person, sign_in, sign_in_failure

IDLE = timedelta(hours=12)
"""A sign-in that is not used for this long ends."""

LONGEST = timedelta(days=7)
"""A sign-in ends after this long, however much it is used."""

REMEMBERED = timedelta(days=30)
"""How long a sign-in lasts, used or not, when the person asked to stay signed in on the device."""

SEEN_EVERY = timedelta(minutes=10)
"""How exactly `seen_at` is kept, so that a page does not cost a write each time."""

FREE_FAILURES = 5
"""Wrong passwords before the delays begin."""

LONGEST_DELAY = timedelta(minutes=15)

FORGET_FAILURES = timedelta(days=1)
"""Wrong passwords are forgotten so long after the last one."""

# --- Sign-ins ---------------------------------------------------------------------------------------------------------


_STILL_VALID = (
    sign_in.c.expires_at > bindparam("at"),
    or_(sign_in.c.is_remembered, sign_in.c.seen_at > bindparam("not_idle")),
    sign_in.c.person_version == person.c.version,
    person.c.is_active,
)

# Made once: every page of staff asks it.
_HOLDS = (
    WITH_SCHOOLS.add_columns(sign_in.c.seen_at, sign_in.c.confirmed_at)
    .join(sign_in, sign_in.c.person_id == person.c.id)
    .where(sign_in.c.key_digest == bindparam("digest"), *_STILL_VALID)
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A valid sign-in, and whose it is. `confirmed_at`: when the password was last entered in this browser."""

    person: Person
    seen_at: datetime
    confirmed_at: datetime

    def wants_note(self, at: datetime) -> bool:
        """Whether `note_seen` is due, so that the sign-in is not taken for idle."""
        return at - self.seen_at >= SEEN_EVERY


def start_sign_in(tx: Writing, person_id: str, at: datetime, *, remember: bool = False) -> str:
    """Sign the person in, for 30 days with `remember`. Returns the random key for the cookie; only its fingerprint is stored.

    Raises NotFound for an unknown person.
    """
    version = tx.execute(select(person.c.version).where(person.c.id == person_id)).scalar_one_or_none()
    if version is None:
        raise NotFound("We couldn’t find that person.")
    tx.execute(delete(sign_in).where(sign_in.c.expires_at <= at))
    key = secrets.token_urlsafe(32)
    times = {
        "created_at": at,
        "seen_at": at,
        "confirmed_at": at,
        "expires_at": at + (REMEMBERED if remember else LONGEST),
    }
    whose = {"key_digest": _digest(key), "person_id": person_id, "person_version": version}
    tx.execute(insert(sign_in).values(**whose, **times, is_remembered=remember))
    return key


def find_sign_in(tx: Reading, key: str, at: datetime) -> SignIn | None:
    """The sign-in that is valid at `at`, or None: signed out, idle, too old, account closed, password or role changed."""
    rows = tx.execute(_HOLDS, {"digest": _digest(key), "at": at, "not_idle": at - IDLE}).all()
    return SignIn(people_from(rows)[0], rows[0].seen_at, rows[0].confirmed_at) if rows else None


def note_last_use(tx: Writing, key: str, at: datetime) -> None:
    """The sign-in was used at `at`. Ask `SignIn.wants_note` first; a clock that went back changes nothing."""
    known = (sign_in.c.key_digest == _digest(key)) & (sign_in.c.seen_at < at)
    tx.execute(update(sign_in).where(known).values(seen_at=at))


def note_confirmed(tx: Writing, key: str, at: datetime) -> None:
    """The password was entered again at `at` in the browser with this key."""
    tx.execute(update(sign_in).where(sign_in.c.key_digest == _digest(key)).values(confirmed_at=at))


@dataclass(frozen=True, slots=True)
class ListedSignIn:
    """A browser where somebody is signed in: since when, when it was last used, and whether it is the asking one."""

    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_own: bool


def list_sign_ins(tx: Reading, person_id: str, at: datetime, key: str = "") -> list[ListedSignIn]:
    """The browsers where this person is signed in at `at`, last used first; `key` is that of the asking browser."""
    rows = tx.execute(
        select(sign_in)
        .join(person, person.c.id == sign_in.c.person_id)
        .where(sign_in.c.person_id == person_id, *_STILL_VALID)
        .order_by(sign_in.c.seen_at.desc()),
        {"at": at, "not_idle": at - IDLE},
    )
    own = _digest(key)
    return [ListedSignIn(row.created_at, row.seen_at, row.expires_at, row.key_digest == own) for row in rows]


def end_sign_in(tx: Writing, key: str) -> None:
    """Sign out. Harmless when it had ended."""
    tx.execute(delete(sign_in).where(sign_in.c.key_digest == _digest(key)))


def end_all_sign_ins(tx: Writing, person_id: str) -> None:
    """Sign the person out everywhere."""
    tx.execute(delete(sign_in).where(sign_in.c.person_id == person_id))


# --- Wrong passwords --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong passwords in a row for one typed email, and until when the next try has to wait."""

    count: int = 0
    blocked_until: datetime | None = None

    def wait(self, at: datetime) -> int:
        """Whole seconds the next try has to wait, 0 when it may be made. Never longer than the longest delay."""
        if self.blocked_until is None or self.blocked_until <= at:
            return 0
        if self.blocked_until - at > LONGEST_DELAY:
            return 0  # noted by a clock that was ahead and was put right: it would block until then
        return min(int((self.blocked_until - at) / timedelta(seconds=1)) + 1, int(LONGEST_DELAY.total_seconds()))


# `device` is the random name of a browser that this person has signed in with before, "" for all others together. Who
# does not know the password can so make strangers wait, and not the person (OWASP, "Slow down online guessing attacks
# with device cookies").


def failures(tx: Reading, email: str, at: datetime, device: str = "") -> Failures:
    """The wrong passwords for a typed email, known to us or not; those of a day ago are forgotten."""
    row = tx.execute(
        select(sign_in_failure).where(
            sign_in_failure.c.account_digest == account_digest(email, device),
            sign_in_failure.c.last_at > at - FORGET_FAILURES,
        )
    ).one_or_none()
    return Failures() if row is None else Failures(row.failures, row.blocked_until)


def note_failure(tx: Writing, email: str, at: datetime, device: str = "") -> Failures:
    """One more wrong password. From the fifth on the next try waits 2, 4, 8… seconds, at most 15 minutes."""
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.last_at <= at - FORGET_FAILURES))
    count = failures(tx, email, at, device).count + 1
    delay = delay_after(count)
    noted = Failures(count, at + delay if delay else None)
    values = {"failures": count, "last_at": at, "blocked_until": noted.blocked_until}
    account = account_digest(email, device)
    known = sign_in_failure.c.account_digest == account
    if tx.execute(update(sign_in_failure).where(known).values(values)).rowcount == 0:
        tx.execute(insert(sign_in_failure).values(account_digest=account, **values))
    return noted


def clear_failures(tx: Writing, email: str, device: str = "") -> None:
    """The right password was entered: the wrong ones are forgotten."""
    tx.execute(delete(sign_in_failure).where(sign_in_failure.c.account_digest == account_digest(email, device)))


def delay_after(count: int) -> timedelta:
    """How long the next try waits after `count` wrong passwords in a row."""
    if count < FREE_FAILURES:
        return timedelta()
    return min(timedelta(seconds=2 ** min(count - FREE_FAILURES + 1, 20)), LONGEST_DELAY)


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
