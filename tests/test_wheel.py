"""The wheel: built from the checkout, installed elsewhere, initialized and served from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.processes import environment, free_port, serving
from tests.support.scratch import CHECKOUT


def run(*command: str, folder: Path, environ: dict[str, str] | None = None) -> str:
    ran = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(CHECKOUT),
        folder=folder,
    )
    (built,) = folder.glob("wellness-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `wellness` command of a new environment that has the wheel, and borrows only the libraries of this one."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"), folder=folder)
    python = folder / "venv" / "bin" / "python"
    site = Path(run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip())
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
        folder=folder,
    )
    # Only the folder of libraries is added, not its .pth files, so the editable checkout is not among them.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin" / "wellness"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(folder: str, pattern: str) -> set[str]:
    return {f"wellness/_site/{path.relative_to(CHECKOUT).as_posix()}" for path in (CHECKOUT / folder).rglob(pattern)}


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("content", "*.md"),
        ("templates", "*.html"),
        ("static", "*.css"),
        ("static", "*.js"),
        ("static", "*.woff2"),
        ("static", "*.svg"),
        ("static", "LICENSE*"),
        ("translations", "*.mo"),
    ],
)
def test_the_wheel_holds_what_the_pages_are_made_of(wheel: Path, folder: str, pattern: str) -> None:
    expected = tracked(folder, pattern)
    assert expected, f"there is no {folder}/**/{pattern}"
    assert expected - names(wheel) == set()


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    modules = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "wellness").rglob("*.py")}
    assert modules - names(wheel) == set()
    odd = [name for name in names(wheel) if not re.match(r"wellness/|wellness-[\d.]+\.dist-info/", name)]
    assert odd == []
    assert not [name for name in names(wheel) if re.search(r"\.(db|pyc)$|secret|^instance/", name)]


def get(address: str) -> tuple[str, bytes]:
    with urlopen(address) as answer:
        return answer.headers["Content-Type"], answer.read()


def test_the_installed_wheel_makes_a_site_in_an_empty_folder_and_serves_it(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    environ = environment(tmp_path / "instance", WELLNESS_PORT=str(port))
    said = run(str(installed), "init", folder=tmp_path, environ=environ)
    assert f"Ready: {tmp_path / 'instance'}" in said
    assert len(list((tmp_path / "instance" / "library" / "sessions").glob("*.md"))) >= 14
    assert "0 errors" in run(str(installed), "check", folder=tmp_path, environ=environ)
    with serving([str(installed), "serve"], environ, tmp_path, port) as address:
        kind, page = get(f"{address}/sessions/four-square-breathing")
        assert kind.startswith("text/html")
        text = page.decode()
        assert "Four-square breathing" in text
        sheets = re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', text)
        assert sheets
        styles = ""
        for sheet in sheets:
            kind, css = get(address + sheet.replace("&amp;", "&"))
            assert kind.startswith("text/css")
            styles += css.decode()
        fonts = re.findall(r"url\([\"']?([^)\"']+\.woff2)", styles + text)
        fonts += re.findall(r'href="([^"]+\.woff2[^"]*)"', text)
        assert fonts
        font = fonts[0] if fonts[0].startswith("/") else "/static/" + fonts[0].removeprefix("../")
        kind, data = get(address + font)
        assert kind == "font/woff2"
        assert data[:4] == b"wOF2"
        _, spanish = get(f"{address}/?lang=es")
        assert 'lang="es"' in spanish.decode()
    assert sorted(os.listdir(tmp_path)) == ["instance"]


def test_the_installed_program_is_not_the_checkout(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    where = run(str(python), "-c", "import wellness; print(wellness.__file__)", folder=tmp_path).strip()
    assert Path(where).is_relative_to(installed.parents[1])
