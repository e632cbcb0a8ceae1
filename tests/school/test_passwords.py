"""Which passwords people may choose."""

from __future__ import annotations

from pathlib import Path

import pytest

from wellness.errors import Invalid
from wellness.school import passwords
from wellness.school.passwords import check_new_password

NAMES = ("Wellness", "Juniper County Schools", "Ms. Josefina Marlowe-Tran", "josefina@demo.test")
LONG, EASY, NAMED = "12 to 200 characters", "easy to guess", "made of your name"


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("", LONG),
        ("x" * 11, LONG),
        ("four-square", LONG),
        ("x" * 201, LONG),
        ("            ", EASY),
        ("aaaaaaaaaaaa", EASY),
        ("123456789012", EASY),
        ("987654321098", EASY),
        ("abcdefghijklm", EASY),
        ("qwertyuiopas", EASY),
        ("password1234", EASY),
        ("Password-2026!", EASY),
        ("passwordpassword", EASY),
        ("abcabcabcabc", EASY),
        ("1qaz2wsx3edc", EASY),
        ("wellness1234", NAMED),
        ("Wellness-abcd", NAMED),
        ("junipercounty", NAMED),
        ("Juniper County 26", NAMED),
        ("josefina.tran.12", NAMED),
        ("marlowe tran marlowe", NAMED),
    ],
)
def test_a_password_that_is_short_or_easy_to_guess_is_refused_with_the_reason(password: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_new_password(password, NAMES)
    assert said in refused.value.fields["password"]


@pytest.mark.parametrize(
    "password",
    ["seven new words here", "größe grüne gabel", "x1" + "y7z" * 66, "kf7m-x2qp-9rtd", "tran likes green bicycles"],
)
def test_any_characters_make_a_password(password: str) -> None:
    check_new_password(password, NAMES)


def test_every_common_password_is_refused_and_a_word_with_digits_too() -> None:
    lines = (Path(passwords.__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    common = [line for line in lines if not line.startswith("#")]
    assert len(common) == 10_000
    taken = []
    for word in common:
        for typed in (word, word + "2026" * 3 if word.isalpha() else word):
            try:
                check_new_password(typed[:200])
            except Invalid:
                continue
            taken.append(typed)
    assert taken == []
