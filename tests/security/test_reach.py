"""What can be fetched by its address: pages, and nothing else that lies on the machine."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest

from tests.browser.school import Site
from tests.support.demo_site import DemoSite
from wellness.library.files import is_slug
from wellness.media.store import is_servable


@pytest.mark.parametrize(
    "address",
    [
        "/.git/config",
        "/records.db",
        "/catalogue.db",
        "/secret-key",
        "/library/sessions/four-square-breathing.md",
        "/static/../wellness/app.py",
        "/static/%2e%2e/wellness/app.py",
        "/static/..%2fwellness/app.py",
        "/static//etc/passwd",
        "/static/../templates/base.html",
        "/metrics",
        "/debug",
        "/console",
        "/backup",
        "/teach/classes.css",
    ],
)
def test_nothing_of_the_instance_can_be_fetched(demo: DemoSite, address: str) -> None:
    assert demo.signed_in("admin").fetch(address).status_code in (404, 308)


# --- Names that lead out of their folder ------------------------------------------------------------------------------

UP = (
    "../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "%252e%252e%252f", "..%c0%af", "..%ef%bc%8f", "....//", "..;/",
    ".%00./",
)  # fmt: skip
SECRETS = ("secret-key", "records.db", "etc/passwd")
NAMES = [
    *(up * depth + file for up in UP for depth in (1, 2, 4) for file in SECRETS),
    "/etc/passwd", "%2fetc%2fpasswd", "//etc/passwd", "file:///etc/passwd", "C:%5cboot.ini", "\\\\host\\share",
    "secret-key", "records.db", "records.db-wal", "catalogue.db", ".git/config", ".git/HEAD", ".env", "pyproject.toml",
    "%00", "a%00.md", "a%0d%0aSet-Cookie:x=y", "%0a", "%f0%9f%92%a9", "%ff%fe", ".", "..", "~root", "aux.md", "*", "?x",
    "a" * 300, "%41" * 300, "four-square-breathing.md", "four-square-breathing%00.md", "Four-Square-Breathing",
    "four-square-breathing/", "four-square-breathing%20", "four_square", "-", "--", "a--b", "-a", "a-",
]  # fmt: skip
PLACES = (
    "/{}", "/static/{}", "/media/{}", "/media/{}/720.mp4", "/media/0123456789abcdef/{}", "/sessions/{}", "/sessions/{}/print",
    "/practices/{}", "/library/{}", "/instance/{}",
)  # fmt: skip


def test_no_name_leads_out_of_its_folder(shared_site: Site) -> None:
    """Sent as they are, by a client that tidies nothing up."""
    secrets = [
        (shared_site.home / "secret-key").read_bytes(),
        b"root:x:0:",
        b"SQLite format 3",
        b"[build-system]",
        b"[core]",
    ]
    connection = http.client.HTTPConnection(shared_site.address.removeprefix("http://"))
    assert len(NAMES) > 79
    for place in PLACES:
        for name in NAMES:
            connection.putrequest("GET", place.format(name), skip_host=True)
            connection.putheader("Host", "localhost")
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status in (200, 301, 303, 308, 400, 404), (place, name, answer.status)
            assert answer.status != 200 or b"<main" in body, (place, name)
            assert "x" not in answer.headers.get("Set-Cookie", ""), (place, name)
            assert not any(secret in body for secret in secrets), (place, name)
            if answer.getheader("Connection") == "close":
                connection.close()
    connection.close()


def test_no_such_name_is_one_of_a_text_or_of_a_file_of_a_recording() -> None:
    assert [name for name in NAMES if is_slug(name)] == ["secret-key"]
    assert [name for name in NAMES if is_servable(name)] == []
    assert is_slug("four-square-breathing") and is_servable("720.mp4")


# --- Rights on the disk -----------------------------------------------------------------------------------------------


def test_what_is_secret_can_be_read_by_its_owner_alone(shared_site: Site) -> None:
    """Whoever else has an account on that computer: hashes of passwords, door codes and the key of the cookies."""
    found = [path for path in Path(shared_site.home).iterdir() if path.name.startswith(("secret-key", "records.db"))]
    assert len(found) >= 2
    assert [path.name for path in found if path.suffix != ".migrating" and path.stat().st_mode & 0o077] == []
