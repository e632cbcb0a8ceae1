"""Attacks leave a trace: each refusal is one line of its kind, with nothing in it about who was there."""

from __future__ import annotations

import json
import logging

import pytest

from tests.security.test_large_requests import cookie_of
from tests.support.demo_site import DemoSite
from tests.support.pages import PageClient
from wellness.demo import PASSWORD
from wellness.logs import OneLine
from wellness.server import UploadGate
from wellness.web.http.rate_limits import WRONG_CODES

EMAIL = "teacher@demo.test"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "wellness.security")
    return caplog


def take(log: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """The lines since the last look, as they stand in the log."""
    lines = [OneLine().format(record) for record in log.records if record.name == "wellness.security"]
    log.clear()
    assert not any(secret in line for line in lines for secret in ("127.0.0.1", "@", "wrong horse"))
    return [json.loads(line) for line in lines]


def said(log: pytest.LogCaptureFixture) -> list[str]:
    return [str(event["said"]) for event in take(log)]


def test_signing_in_and_out_and_wrong_passwords(demo: DemoSite, log: pytest.LogCaptureFixture) -> None:
    browser = demo.browser()
    page = browser.sign_in(EMAIL, PASSWORD)
    (event,) = take(log)
    assert (event["said"], event["role"], event["known_browser"]) == ("signed in", "teacher", False)
    page = browser.submit(page.form("/sign-out"))
    assert said(log) == ["signed out"]
    for _ in range(5):
        browser = demo.browser()
        browser.sign_in(EMAIL, "wrong horse", 422)
    assert said(log) == ["wrong password"] * 5
    demo.browser().sign_in(EMAIL, PASSWORD, 429)
    assert said(log) == ["account waits"]


def test_a_limit_is_written_down_once_a_minute(demo: DemoSite, log: pytest.LogCaptureFixture) -> None:
    browser = demo.browser()
    for number in range(WRONG_CODES.amount + 4):
        browser.fetch(f"/c/WRONG{number:03}")
    (event,) = take(log)
    assert (event["said"], event["limit"]) == ("limit reached", "door.door")


def test_what_is_refused(demo: DemoSite, log: pytest.LogCaptureFixture) -> None:
    teacher = demo.signed_in("teacher")
    take(log)
    assert teacher.fetch("/admin/").status_code == 403
    (event,) = take(log)
    assert (event["said"], event["endpoint"]) == ("refused, no right", "admin.overview")
    sent = {"Origin": "https://evil.example"}
    assert teacher.fetch("/sign-out", method="POST", headers=sent).status_code == 400
    assert said(log) == ["refused, from another site"]
    gate = UploadGate(demo.app)
    assert gate.admit("POST", "/coach/studio/media", cookie_of(teacher)) == ""
    assert said(log) == ["upload refused"]


def test_the_first_use_of_a_card_on_a_network(demo: DemoSite, log: pytest.LogCaptureFixture) -> None:
    browser, code = demo.browser(), demo.door().code
    browser.open(f"/c/{code}")
    browser.open(f"/c/{code}")
    (event,) = take(log)
    assert event["said"] == "card first used on a network"
    assert code not in json.dumps(event)


def test_a_network_has_another_name_each_day(demo: DemoSite, log: pytest.LogCaptureFixture) -> None:
    names = []
    for _ in range(3):
        wrong_sign_in(demo.browser())
        names += [event["network"] for event in take(log)]
        demo.clock.go(hours=12)
    assert (len(set(names)) == 2 and names[0] == names[1]) or names[1] == names[2]


def wrong_sign_in(browser: PageClient) -> None:
    browser.sign_in("nobody@demo.test", "wrong horse", 422)
