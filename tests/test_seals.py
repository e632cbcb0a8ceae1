"""Seals that are remembered say what they would say if each was read anew."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from wtforms.validators import ValidationError

from tests.demo_site import DemoSite
from wellness.web import seals
from wellness.web.request import cookie
from wellness.web.seals import RememberedSeals, Tokens

COOKIE = {"_user_id": "a key", "_fresh": True, "csrf_token": "something random"}


class Ago(TimestampSigner):
    """Seals as if it were some seconds ago."""

    seconds = 0

    def get_timestamp(self) -> int:
        return super().get_timestamp() - self.seconds


def plain(*secrets: str, signer: type[TimestampSigner] = TimestampSigner) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(secrets) or ["secret"], salt="cookie", signer=signer)


def sealed_ago(seconds: int, held: dict[str, Any]) -> str:
    class Then(Ago):
        pass

    Then.seconds = seconds
    return str(plain(signer=Then).dumps(held))


@pytest.fixture
def remembered() -> RememberedSeals:
    return RememberedSeals(plain())


def test_a_seal_is_read_as_it_was_written_the_first_time_and_the_tenth(remembered: RememberedSeals) -> None:
    sealed = str(plain().dumps(COOKIE))
    assert [remembered.loads(sealed, max_age=60) for _ in range(10)] == [COOKIE] * 10
    assert remembered.loads(sealed.encode(), max_age=60) == COOKIE
    assert remembered.loads(sealed, 60, return_timestamp=True)[0] == COOKIE
    assert remembered.loads(str(remembered.dumps(COOKIE))) == COOKIE


def test_a_wrong_seal_is_refused_each_time_also_beside_the_right_one(remembered: RememberedSeals) -> None:
    sealed = str(plain().dumps(COOKIE))
    remembered.loads(sealed)
    body, _, rest = sealed.partition(".")
    for wrong in (
        sealed[:-2],
        sealed + "x",
        f"{body}x.{rest}",
        str(plain("another secret").dumps(COOKIE)),
        "",
        "..",
        "x",
    ):
        for _ in range(2):
            with pytest.raises(BadSignature):
                remembered.loads(wrong, max_age=60)
    with pytest.raises(BadSignature):
        remembered.loads(sealed, salt="another salt")


@pytest.mark.parametrize("seconds", [100, -100])
def test_a_remembered_seal_becomes_too_old_like_any_other(remembered: RememberedSeals, seconds: int) -> None:
    sealed = sealed_ago(seconds, COOKIE)
    assert remembered.loads(sealed) == COOKIE  # from now on it is remembered
    for _ in range(2):
        with pytest.raises(SignatureExpired):
            remembered.loads(sealed, max_age=99)
    if seconds > 0:
        assert remembered.loads(sealed, max_age=200) == COOKIE


def test_the_seals_of_an_earlier_secret_are_read_too() -> None:
    both = RememberedSeals(plain("earlier", "secret"))
    sealed = str(plain("earlier").dumps(COOKIE))
    assert [both.loads(sealed) for _ in range(2)] == [COOKIE] * 2


def test_what_is_given_belongs_to_who_asked(remembered: RememberedSeals) -> None:
    for held in (COOKIE, {"_flashes": [["notice", "Saved."]]}):
        sealed = str(plain().dumps(held))
        for _ in range(3):
            given = remembered.loads(sealed)
            assert given == held
            given["csrf_token"] = "changed"
            given.get("_flashes", []).append(["notice", "Another."])


def test_not_more_seals_are_remembered_than_fit(remembered: RememberedSeals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "MOST", 20)
    tokens = Tokens("secret")
    for number in range(50):
        sealed = str(plain().dumps({"number": number}))
        assert remembered.loads(sealed) == {"number": number}
        tokens.token_of(str(number))
        assert len(remembered._read) <= 20
        assert len(tokens._made) <= 20
    long = str(plain().dumps({"long": "".join(chr(200 + number) for number in range(900))}))
    before = len(remembered._read)
    remembered.loads(long)
    assert len(long) > seals.LONG
    assert len(remembered._read) == before


def test_a_token_is_one_that_flask_wtf_takes_for_its_own_cookie_only(demo: DemoSite) -> None:
    tokens = Tokens(str(demo.app.secret_key))
    first, second = tokens.token_of("first"), tokens.token_of("second")
    assert tokens.token_of("first") == first
    with demo.app.test_request_context("/"):
        cookie["csrf_token"] = "first"
        validate_csrf(first)
        with pytest.raises(ValidationError):
            validate_csrf(second)


def test_a_token_is_made_anew_after_a_minute() -> None:
    tokens = Tokens("secret")
    tokens._made["random"] = "of before", time.monotonic() - seals.TOKEN_SECONDS + 30
    assert tokens.token_of("random") == "of before"
    tokens._made["random"] = "of before", time.monotonic() - seals.TOKEN_SECONDS
    assert tokens.token_of("random") != "of before"
