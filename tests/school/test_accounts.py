"""Staff sign in: one answer for every wrong way, slower each time, and a sign-in ends when it has to."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.support.scratch import NOON, fresh_records, sqlite_url
from wellness.domain import EVERYWHERE, Person, Role
from wellness.errors import Invalid, TooMany
from wellness.records import Records, Writing, open_records, people, sign_ins
from wellness.school.accounts import find_sign_in, hash_password, sign_in, sign_out

PASSWORD = "four quiet words here"
WRONG = "five quiet words here"
EMAIL = "tessa@demo.test"
HASHED = hash_password(PASSWORD)


@pytest.fixture
def person(records: Records) -> Person:
    with records.writing() as tx:
        return people.add_person(tx, email=EMAIL, name="Tessa", role=Role.TEACHER, password_hash=HASHED, at=NOON)


def find_signed_in(records: Records, key: str, at: datetime) -> Person | None:
    """Who is signed in with this key."""
    found = find_sign_in(records, key, at)
    return found.person if found is not None else None


def answer(records: Records, email: str, password: str, at: datetime = NOON) -> str:
    with pytest.raises(Invalid) as refused:
        sign_in(records, email, password, at)
    assert refused.value.fields == {}
    return refused.value.message


def test_the_right_password_signs_in_whatever_the_case_of_the_address(records: Records, person: Person) -> None:
    signed_in, key = sign_in(records, " Tessa@Demo.Test ", PASSWORD, NOON)
    assert signed_in == person
    assert find_signed_in(records, key, NOON) == person
    assert len(key) >= 40
    assert sign_in(records, EMAIL, PASSWORD, NOON)[1] != key


def test_every_wrong_way_has_the_same_answer(records: Records, person: Person) -> None:
    answers = {
        answer(records, EMAIL, WRONG),
        answer(records, EMAIL, ""),
        answer(records, EMAIL, PASSWORD + "x"),
        answer(records, "nobody@demo.test", PASSWORD),
        answer(records, "", ""),
        answer(records, "x" * 10_000, "y" * 10_000),
    }
    with records.writing() as tx:
        people.close_account(tx, person.id)
    answers.add(answer(records, EMAIL, PASSWORD, NOON + timedelta(days=2)))
    assert len(answers) == 1


def test_a_morning_of_sign_ins_takes_the_memory_of_a_few_hashes() -> None:
    grown = subprocess.run([sys.executable, "-c", MORNING], check=True, capture_output=True, text=True)
    assert int(grown.stdout) < 5 * 19 * 1024 * 1024


MORNING = """
import resource, sys, threading
from wellness.school.accounts import hash_password, is_password_of

known, together = hash_password("four quiet words here"), threading.Barrier(24)

def sign_in():
    together.wait()
    assert is_password_of(known, "four quiet words here")

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

before = most()
people = [threading.Thread(target=sign_in) for _ in range(24)]
for one in people:
    one.start()
for one in people:
    one.join()
print(most() - before)
"""


def test_every_wrong_way_costs_one_verification(
    records: Records, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(records, "first@demo.test", WRONG)
    done: list[str] = []
    for name in ("verify", "hash"):
        monkeypatch.setattr(PasswordHasher, name, noting(name, getattr(PasswordHasher, name), done))
    for email in (EMAIL, "nobody@demo.test", ""):
        done.clear()
        answer(records, email, WRONG)
        assert done == ["verify"], email


def noting(name: str, original: Callable[..., object], done: list[str]) -> Callable[..., object]:
    """The library's own function, which also says that it was called."""

    def call(*arguments: object, **named: object) -> object:
        done.append(name)
        return original(*arguments, **named)

    return call


def test_a_password_is_compared_up_to_its_longest_length_only(records: Records) -> None:
    with records.writing() as tx:
        people.add_person(tx, email=EMAIL, name="T", role=Role.TEACHER, password_hash=hash_password("x" * 200), at=NOON)
    assert sign_in(records, EMAIL, "x" * 200, NOON)


# --- Back-off ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", [EMAIL, "nobody@demo.test"])
def test_after_some_wrong_passwords_the_account_waits_longer_each_time_known_or_not(
    records: Records, person: Person, email: str
) -> None:
    at = NOON
    for _ in range(sign_ins.FREE_FAILURES):
        answer(records, email, WRONG, at)
    waits = []
    for _ in range(12):
        with pytest.raises(TooMany) as refused:
            sign_in(records, email, PASSWORD, at)
        waits.append(refused.value.retry_after)
        at += timedelta(seconds=refused.value.retry_after)
        answer(records, email, WRONG, at)
    assert waits[0] <= 3
    assert waits == sorted(waits)
    assert waits[-1] == sign_ins.LONGEST_DELAY.total_seconds()


def test_waiting_is_per_account_and_a_try_while_waiting_does_not_lengthen_it(records: Records, person: Person) -> None:
    with records.writing() as tx:
        people.add_person(tx, email="cora@demo.test", name="Cora", role=Role.COACH, password_hash=HASHED, at=NOON)
    for _ in range(sign_ins.FREE_FAILURES):
        answer(records, EMAIL, WRONG)
    waits = set()
    for _ in range(5):
        with pytest.raises(TooMany) as refused:
            sign_in(records, EMAIL, PASSWORD, NOON)
        waits.add(refused.value.retry_after)
    assert len(waits) == 1
    assert sign_in(records, "cora@demo.test", PASSWORD, NOON)


def test_waiting_survives_a_restart_and_ends_with_the_right_password(tmp_path: Path) -> None:
    records = fresh_records(tmp_path)
    with records.writing() as tx:
        people.add_person(tx, email=EMAIL, name="Tessa", role=Role.TEACHER, password_hash=HASHED, at=NOON)
    for _ in range(sign_ins.FREE_FAILURES):
        answer(records, EMAIL, WRONG)
    records.close()
    reopened = open_records(sqlite_url(tmp_path))
    with pytest.raises(TooMany):
        sign_in(reopened, EMAIL, PASSWORD, NOON)
    later = NOON + timedelta(minutes=1)
    assert sign_in(reopened, EMAIL, PASSWORD, later)
    assert answer(reopened, EMAIL, WRONG, later), "one wrong password more does not wait again"
    assert sign_in(reopened, EMAIL, PASSWORD, later)
    reopened.close()


# --- The end of a sign-in ---------------------------------------------------------------------------------------------

ENDS: dict[str, Callable[[Writing, str], object]] = {
    "another password": lambda tx, person_id: people.set_password_hash(tx, person_id, HASHED),
    "another role": lambda tx, person_id: people.set_role(tx, person_id, Role.COACH, EVERYWHERE),
    "a closed account": people.close_account,
    "a removed account": people.remove_person,
    "signing out everywhere": sign_ins.end_all_sign_ins,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_it_ends_every_sign_in_of_the_person_at_once(
    records: Records, person: Person, end: Callable[[Writing, str], object]
) -> None:
    keys = [sign_in(records, EMAIL, PASSWORD, NOON)[1] for _ in range(2)]
    with records.writing() as tx:
        end(tx, person.id)
    assert [find_signed_in(records, key, NOON) for key in keys] == [None, None]


def test_another_language_or_a_newer_hash_does_not_end_it(records: Records, person: Person) -> None:
    _, key = sign_in(records, EMAIL, PASSWORD, NOON)
    with records.writing() as tx:
        people.renew_password_hash(tx, person.id, HASHED)
    assert find_signed_in(records, key, NOON) is not None


def test_signing_out_ends_this_sign_in_and_not_the_other(records: Records, person: Person) -> None:
    first, second = (sign_in(records, EMAIL, PASSWORD, NOON)[1] for _ in range(2))
    sign_out(records, first)
    sign_out(records, first)
    assert find_signed_in(records, first, NOON) is None
    assert find_signed_in(records, second, NOON) == person


@pytest.mark.parametrize("key", ["", "x", "0" * 43, "\0", "é" * 43])
def test_a_key_that_was_never_given_signs_nobody_in(records: Records, person: Person, key: str) -> None:
    sign_in(records, EMAIL, PASSWORD, NOON)
    assert find_signed_in(records, key, NOON) is None


def test_a_sign_in_that_is_used_lasts_until_its_longest_and_one_that_is_not_ends_sooner(
    records: Records, person: Person
) -> None:
    _, used = sign_in(records, EMAIL, PASSWORD, NOON)
    _, idle = sign_in(records, EMAIL, PASSWORD, NOON)
    at = NOON
    while at + timedelta(hours=6) < NOON + sign_ins.LONGEST:
        at += timedelta(hours=6)
        assert find_signed_in(records, used, at) == person
    assert find_signed_in(records, used, NOON + sign_ins.LONGEST) is None
    assert find_signed_in(records, idle, NOON + sign_ins.IDLE) is None


def test_an_old_hash_is_renewed_by_the_right_password_and_the_sign_in_holds(records: Records) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with records.writing() as tx:
        added = people.add_person(tx, email=EMAIL, name="Tessa", role=Role.TEACHER, password_hash=old, at=NOON)
    _, key = sign_in(records, EMAIL, PASSWORD, NOON)
    with records.reading() as tx:
        renewed = people.password_hash_of(tx, added.id)
    assert renewed is not None
    assert "m=19456,t=2,p=1" in renewed
    assert find_signed_in(records, key, NOON) is not None
    assert sign_in(records, EMAIL, PASSWORD, NOON)


def test_an_account_whose_hash_is_none_cannot_be_entered(records: Records) -> None:
    with records.writing() as tx:
        people.add_person(tx, email=EMAIL, name="Tessa", role=Role.TEACHER, password_hash="!", at=NOON)
    for password in ("", "!", PASSWORD):
        answer(records, EMAIL, password)


# --- Guesses at the same moment ---------------------------------------------------------------------------------------


def test_guesses_that_arrive_together_are_each_counted(records: Records, person: Person) -> None:
    def guess(number: int) -> str:
        try:
            sign_in(records, EMAIL, f"{WRONG} {number}", NOON)
        except Invalid:
            return "wrong"
        except TooMany:
            return "wait"
        return "in"

    with ThreadPoolExecutor(max_workers=20) as together:
        answers = Counter(together.map(guess, range(40)))
    assert answers == {"wrong": sign_ins.FREE_FAILURES, "wait": 40 - sign_ins.FREE_FAILURES}


# --- Hashes -----------------------------------------------------------------------------------------------------------


def test_a_hash_is_argon2id_as_owasp_advises_and_never_the_same_twice() -> None:
    assert HASHED.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password(PASSWORD) != HASHED
    assert PASSWORD not in HASHED
