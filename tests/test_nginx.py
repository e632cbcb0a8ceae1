"""deploy/nginx.conf in a real nginx, in front of two real nodes: videos, caching, uploads, and what is never kept."""

from __future__ import annotations

import html
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.processes import WELLNESS, environment, free_port, serving, wellness
from tests.support.proxy import NAME, Answer, Browser, Proxy, proxied
from tests.support.scratch import CHECKOUT
from wellness.media import MediaStore, StoredVideo

SLUG = "four-square-breathing"
PAGE = f"/sessions/{SLUG}"
EMAIL, PASSWORD, PERSON = "coach@school.test", "correct horse battery", "Zebulon Marker"
STAFF_PAGES = ("/", PAGE, "/sessions", "/coach/", "/admin/", "/admin/settings", "/coach/studio/", "/about")


@dataclass
class Front:
    """A proxy with one site behind it, on two ports."""

    proxy: Proxy
    nodes: tuple[Browser, ...]
    medium: StoredVideo
    data: bytes
    stop: Callable[[], None]
    folder: Path

    @property
    def video(self) -> str:
        return f"/media/{self.medium.digest}/480.mp4"

    def signed_in(self) -> Browser:
        browser = self.proxy.browser()
        page = browser.ask("/sign-in")
        form = {"csrf_token": token_in(page), "email": EMAIL, "password": PASSWORD}
        answer = browser.ask(
            "/sign-in",
            "POST",
            urlencode(form).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Referer=f"https://{NAME}/sign-in",
            Origin=f"https://{NAME}",
        )
        assert answer.status in (302, 303), answer.body.decode()
        return browser

    def until(self, path: str, *wanted: str, **headers: str) -> Answer:
        """Ask until nginx says one of these of its cache."""
        end = time.monotonic() + 20
        while (answer := self.proxy.ask(path, **headers)).kept not in wanted:
            assert time.monotonic() < end, f"{path}: {answer.status} {answer.kept!r}, never {wanted}"
        return answer


def token_in(page: Answer) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())
    assert found is not None, page.body.decode()
    return html.unescape(found.group(1))


@pytest.fixture(scope="module")
def nginx() -> str:
    found = subprocess.run([CHECKOUT / "scripts" / "find-nginx"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


@pytest.fixture(scope="module")
def front(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    home, ports = folder / "home", (free_port(), free_port())
    folder.chmod(0o755)
    settings = {"WELLNESS_TRUSTED_HOSTS": NAME, "WELLNESS_PROXIES": "1", "WELLNESS_ACCEL": "/accel/media"}
    assert wellness(home, "init").returncode == 0
    added = wellness(home, "people", "add", EMAIL, "--name", PERSON, "--role", "admin", "--password", PASSWORD)
    assert added.returncode == 0, added.stderr
    medium = MediaStore(home / "media").get_medium(SLUG)
    data = (home / "media" / medium.digest / "480.mp4").read_bytes()
    (folder / "nginx").mkdir()
    with ExitStack() as outer, ExitStack() as nodes:
        for port in ports:
            nodes.enter_context(
                serving([WELLNESS, "serve"], environment(home, WELLNESS_PORT=str(port), **settings), home, port)
            )
        proxy = outer.enter_context(proxied(folder / "nginx", nginx, ports, home / "media"))
        yield Front(proxy, tuple(Browser(port, None) for port in ports), medium, data, nodes.close, folder / "nginx")


# --- The way in -------------------------------------------------------------------------------------------------------


def test_who_comes_without_tls_is_sent_to_it(front: Front) -> None:
    answer = Browser(front.proxy.plain, None).ask("/sessions?grade=6")
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/sessions?grade=6")


def test_the_site_knows_that_it_is_reached_by_tls_under_its_name(front: Front) -> None:
    answer = front.proxy.ask("/sign-in")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Server" not in answer.headers or answer.headers["Server"] == "nginx"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-wellness=") and "; Secure;" in cookie and "HttpOnly" in cookie
    assert front.proxy.ask("/", Host="evil.example").status == 400


# --- Videos ------------------------------------------------------------------------------------------------------------


def test_nginx_sends_videos_whole_and_in_parts(front: Front) -> None:
    told = front.nodes[0].ask(front.video)
    assert (told.headers["X-Accel-Redirect"], told.body) == (f"/accel{front.video}", b"")
    whole = front.proxy.ask(front.video)
    assert (whole.status, whole.body) == (200, front.data)
    part = front.proxy.ask(front.video, Range="bytes=1000-1999")
    assert (part.status, part.body) == (206, front.data[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(front.data)}"
    assert front.proxy.ask(front.video, Range=f"bytes={len(front.data)}-").status == 416
    for answer in (whole, part):
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "X-Accel-Redirect" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/accel{video}", "/accel/media/", "/media/../records.db", "/media/{digest}/media.json"]
)
def test_nothing_but_videos_is_sent_from_their_folder(front: Front, path: str) -> None:
    assert front.proxy.ask(path.format(video=front.video, digest=front.medium.digest)).status in (400, 404)


# --- What nginx keeps -------------------------------------------------------------------------------------------------


def test_a_public_page_is_kept_a_moment_then_asked_for_again(front: Front) -> None:
    path = f"{PAGE}?moment"
    first = front.proxy.ask(path)
    assert (first.status, first.kept) == (200, "MISS")
    assert first.headers["Cache-Control"] == "public, no-cache"
    kept = front.until(path, "HIT")
    assert (kept.body, kept.headers["ETag"]) == (first.body, first.headers["ETag"])
    again = front.until(path, "REVALIDATED", "EXPIRED")
    assert (again.status, again.body) == (200, first.body)


def test_a_browser_that_has_the_page_gets_none(front: Front) -> None:
    tag = front.proxy.ask(PAGE).headers["ETag"]
    assert tag == front.nodes[0].ask(PAGE, X_Forwarded_Proto="https").headers["ETag"]
    assert front.proxy.ask(PAGE, If_None_Match=tag).status == 304
    assert front.until(PAGE, "HIT", If_None_Match=tag).status == 304


def test_each_language_gets_its_own(front: Front) -> None:
    for _ in range(3):
        for language in ("en", "es"):
            answer = front.proxy.ask(PAGE, Accept_Language=language)
            assert f'<html lang="{language}"'.encode() in answer.body


def test_what_the_site_packs_arrives_packed_and_nginx_packs_nothing_else(front: Front) -> None:
    style = re.search(r'href="(/static/css/[^"]+)"', front.proxy.ask(PAGE).body.decode())
    assert style is not None
    for path in (PAGE, html.unescape(style.group(1))):
        for encoding in ("gzip", "identity"):
            told = front.nodes[0].ask(path, Accept_Encoding=encoding, X_Forwarded_Proto="https")
            sent = front.proxy.ask(path, Accept_Encoding=encoding)
            assert sent.body == told.body
            assert sent.headers.get("Content-Encoding") == told.headers.get("Content-Encoding")
            assert sent.headers["ETag"] == told.headers["ETag"]
    staff = front.signed_in().ask("/", Accept_Encoding="gzip")
    assert PERSON.encode() in staff.body


# --- What nobody keeps ------------------------------------------------------------------------------------------------


def test_what_staff_see_is_kept_by_no_cache(front: Front) -> None:
    staff = front.signed_in()
    careless = Browser(front.proxy.careless, None)
    careless_staff = Browser(front.proxy.careless, None, cookies=staff.cookies)
    shown = 0
    for path in (*STAFF_PAGES, "/admin/settings/x.css", "/coach/x.css", "/sign-in"):
        for with_cookie, without in ((staff, front.proxy.browser()), (careless_staff, careless)):
            own = with_cookie.ask(path)
            shown += PERSON.encode() in own.body
            assert own.kept in ("", "BYPASS", "MISS"), f"{path}: {own.kept}"
            others = [without.ask(path), Browser(without.port, without.tls).ask(path)]
            assert not [answer for answer in others if PERSON.encode() in answer.body], path
            assert all(one.kept != "HIT" or one.headers["Cache-Control"] == "public, no-cache" for one in others), path
            assert with_cookie.ask(path).kept != "HIT", path
    assert shown >= 2 * 6, "the pages show who is signed in"


def test_a_page_that_was_kept_for_all_is_not_shown_to_staff(front: Front) -> None:
    front.until(PAGE, "HIT")
    own = front.signed_in().ask(PAGE)
    assert (own.kept, PERSON.encode() in own.body) == ("BYPASS", True)
    assert own.headers["Cache-Control"] == "no-store"


# --- Uploads ----------------------------------------------------------------------------------------------------------


def test_large_bodies_are_taken_only_where_videos_are_brought(front: Front) -> None:
    large = b"x" * (1024 * 1024 + 4096)
    refused = front.proxy.browser().ask("/sign-in", "POST", large)
    assert refused.status == 413
    assert refused.body == b"That's too large, so nothing was saved. Try a smaller file or a shorter text.\n"
    staff = front.signed_in()
    token = token_in(staff.ask("/coach/studio/media"))
    parts = [
        b'Content-Disposition: form-data; name="csrf_token"\r\n\r\n' + token.encode(),
        b'Content-Disposition: form-data; name="file"; filename="feet.mp4"\r\n\r\n' + large,
    ]
    body = b"".join(b"--limit\r\n" + part + b"\r\n" for part in parts) + b"--limit--\r\n"
    answer = staff.ask(
        "/coach/studio/media",
        "POST",
        body,
        Content_Type="multipart/form-data; boundary=limit",
        Referer=f"https://{NAME}/coach/studio/media",
        Origin=f"https://{NAME}",
    )
    assert answer.status == 422, answer.body.decode()[:500]
    assert PERSON.encode() in answer.body, "it is the site that looked at the video and refused it"


def test_a_large_body_of_somebody_unknown_is_refused_before_it_lies_on_the_disk(front: Front) -> None:
    """nginx took 2 GB from anybody under /coach/studio/ and asked the site only once it was whole."""
    for path in ("/coach/studio/media", "/coach/studio/packs/look", "/coach/studio/anything-1"):
        with (
            socket.create_connection(("127.0.0.1", front.proxy.secure), timeout=20) as plain,
            front.proxy.tls.wrap_socket(plain) as connection,
        ):
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 2100000000\r\n\r\n".encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 413"), path
            with suppress(OSError):  # it may be closed already
                connection.sendall(b"x" * 3_000_000)
            lying = [one for one in front.folder.joinpath("client_body").rglob("*") if one.is_file()]
            assert sum(one.stat().st_size for one in lying) < 65_536


# --- A node goes ------------------------------------------------------------------------------------------------------


def test_pages_that_were_seen_stay_while_the_site_is_away_and_the_rest_says_so(front: Front) -> None:
    """The last: it ends both nodes."""
    staff = front.signed_in()
    before = front.proxy.ask(PAGE)
    front.stop()
    kept = front.until(PAGE, "STALE")
    assert (kept.status, kept.body) == (200, before.body)
    for answer in (front.proxy.ask("/sign-in"), staff.ask(PAGE), staff.ask("/admin/")):
        assert answer.status == 503
        assert answer.body.startswith(b"The site isn't responding right now.")
        assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("10", "no-store")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
