"""Style sheets, scripts, fonts and pictures: whole, packed for who takes it, and under an address that changes with them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from tests.demo_site import DemoSite
from wellness.config import SITE
from wellness.web.statics import TOGETHER, register_statics

HOST = "http://127.0.0.1"
CSS = SITE / "static" / "css"


def test_what_every_page_needs_is_one_style_sheet(demo: DemoSite) -> None:
    client = demo.app.test_client()
    html = client.get("/", base_url=HOST).text
    (address,) = re.findall(r'href="(/static/css/site\.css[^"]*)"', html)
    sheet = client.get(address, base_url=HOST)
    assert sheet.mimetype == "text/css"
    assert sheet.text == "\n".join((CSS / name).read_text(encoding="utf-8") for name in ("tokens.css", "base.css"))
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", TOGETHER)
def test_what_goes_together_is_all_of_its_parts_and_no_file_of_its_own(demo: DemoSite, path: str) -> None:
    sheet = demo.app.test_client().get(f"/static/{path}", base_url=HOST)
    assert sheet.text == "\n".join((SITE / "static" / part).read_text(encoding="utf-8") for part in TOGETHER[path])
    assert not (SITE / "static" / path).exists()


@pytest.mark.parametrize("path", ["css/site.css", "css/session.css", "css/staff.css", "js/player.js", "img/mark.svg"])
def test_text_comes_packed_to_who_takes_it(demo: DemoSite, path: str) -> None:
    client = demo.app.test_client()
    plain = client.get(f"/static/{path}", base_url=HOST)
    packed = client.get(f"/static/{path}", base_url=HOST, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    again = client.get(f"/static/{path}", base_url=HOST, headers={"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304


def test_a_font_is_sent_as_it_is(demo: DemoSite) -> None:
    path = "/static/fonts/atkinson-next-latin.woff2"
    with demo.app.test_client().get(path, base_url=HOST, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.data == (SITE / path[1:]).read_bytes()
        assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    "path", ["css/none.css", "css/", "", "../pyproject.toml", "css/..%2f..%2fpyproject.toml", "..%2f..%2fx.css", "css"]
)
def test_what_is_no_file_of_ours_is_not_found(demo: DemoSite, path: str) -> None:
    assert demo.app.test_client().get(f"/static/{path}", base_url=HOST).status_code == 404


def test_a_file_that_changes_gets_another_address(tmp_path: Path) -> None:

    (tmp_path / "a.css").write_text("a { color: red }")
    app = Flask("statics", static_folder=None)
    register_statics(app, tmp_path)

    def address() -> str:
        with app.test_request_context():
            return render_template_string("{{ static('a.css') }}")

    before = address()
    assert before == address()
    (tmp_path / "a.css").write_text("a { color: rgb(0 0 0) }")
    assert address() != before
