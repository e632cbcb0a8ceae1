"""Style sheets, scripts, fonts and pictures: whole, packed for who takes it, and under an address that changes with them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from tests.support.demo_site import DemoSite
from wellness.files import SITE
from wellness.web.http.joining import in_order, joined, without_comments
from wellness.web.http.static_files import read_bundles, register_statics

HOST = "http://127.0.0.1"
CSS = SITE / "static" / "css"
BUNDLES = read_bundles(SITE / "static")
MODULES = sorted(file.relative_to(SITE / "static").as_posix() for file in (SITE / "static" / "js").rglob("*.js"))


def test_what_every_page_needs_is_one_style_sheet(demo: DemoSite) -> None:
    client = demo.app.test_client()
    html = client.get("/", base_url=HOST).text
    (address,) = re.findall(r'href="(/static/css/site\.css[^"]*)"', html)
    sheet = client.get(address, base_url=HOST)
    assert sheet.mimetype == "text/css"
    names = ("tokens.css", "base.css", "practice.css", "video.css")
    assert sheet.text == "\n".join(without_comments((CSS / name).read_text(encoding="utf-8")) for name in names)
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", BUNDLES)
def test_a_bundle_is_all_of_its_parts_and_no_file_of_its_own(demo: DemoSite, path: str) -> None:
    found = demo.app.test_client().get(f"/static/{path}", base_url=HOST)
    assert found.status_code == 200
    for part in BUNDLES[path]:
        lines = without_comments((SITE / "static" / part).read_text(encoding="utf-8")).splitlines()
        assert {line for line in lines if not line.startswith(("import ", "export "))} <= set(found.text.splitlines())
    assert not (SITE / "static" / path).exists()


@pytest.mark.parametrize("path", MODULES)
def test_a_script_brings_all_that_it_imports(demo: DemoSite, path: str) -> None:
    script = demo.app.test_client().get(f"/static/{path}", base_url=HOST)
    assert script.mimetype == "text/javascript"
    assert not re.search(r"^import ", script.text, re.MULTILINE)


@pytest.mark.parametrize(
    "path", ["css/site.css", "css/presentation.css", "css/staff.css", "js/session.js", "js/theme.js", "img/mark.svg"]
)
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
    before = _address(tmp_path, "a.css")
    assert before == _address(tmp_path, "a.css")
    (tmp_path / "a.css").write_text("a { color: rgb(0 0 0) }")
    assert _address(tmp_path, "a.css") != before


def test_a_script_gets_another_address_when_what_it_imports_changes(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\n\nb();\n')
    (tmp_path / "b.js").write_text("export const b = () => 1;\n")
    before = _address(tmp_path, "a.js")
    (tmp_path / "b.js").write_text("export const b = () => 22;\n")
    assert _address(tmp_path, "a.js") != before


def _address(folder: Path, path: str) -> str:
    (folder / "bundles.toml").touch()
    app = Flask("statics", static_folder=None)
    register_statics(app, folder)
    with app.test_request_context():
        return render_template_string("{{ static(path) }}", path=path)


def test_what_is_imported_stands_first_and_once(tmp_path: Path) -> None:
    modules = {
        "a.js": 'import { b } from "./more/b.js";\nimport { c } from "./c.js";\n',
        "more/b.js": 'import { c } from "../c.js";\nexport const b = c;\n',
        "c.js": "export const c = 1;\n",
    }
    (tmp_path / "more").mkdir()
    for name, text in modules.items():
        (tmp_path / name).write_text(text)
    files = in_order([tmp_path / "a.js", tmp_path / "more" / "b.js"])
    assert [file.name for file in files] == ["c.js", "b.js", "a.js"]
    assert joined(files).count("const c = 1;") == 1


@pytest.mark.parametrize(
    "line",
    [
        'import "./b.js";',
        'import b from "./b.js";',
        'import * as b from "./b.js";',
        'import { b as c } from "./b.js";',
        'import { b } from "elsewhere";',
        "export default 1;",
        "export { a };",
        "export let a = 1;",
    ],
)
def test_what_could_not_be_put_together_rightly_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.js").write_text(f"{line}\n")
    (tmp_path / "b.js").write_text("export const b = 1;\n")
    with pytest.raises(ValueError, match=r"a\.js cannot be put together: (im|ex)port"):
        joined([tmp_path / "a.js"])


def test_modules_that_need_each_other_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n')
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = 1;\n')
    with pytest.raises(ValueError, match=r"a\.js imports itself by way of b\.js"):
        in_order([tmp_path / "a.js"])


def test_only_remarks_on_lines_of_their_own_are_left_out() -> None:
    kept = 'const a = "/*"; /* here */\n// and here\nconst b = "*/";\n'
    assert without_comments(f"/** About\n * it. */\n{kept}  /* gone */\n") == kept
