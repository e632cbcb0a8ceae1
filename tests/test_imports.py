"""The import contracts of pyproject.toml hold, and each has been seen to fail on a planted import."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.scratch import CHECKOUT

CONTRACTS = [
    contract["id"]
    for contract in tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
]

PLANTED: dict[str, list[tuple[str, str]]] = {
    "layers": [
        ("errors.py", "from . import domain"),
        ("domain/week.py", "from .. import policy"),
        ("policy.py", "from . import records"),
        ("library/front_matter.py", "from ..records import people"),
        ("records/people.py", "from ..library import front_matter"),
        ("records/people.py", "from ..media import store"),
        ("media/store.py", "from ..library import front_matter"),
        ("records/people.py", "from .. import catalogue"),
        ("catalogue/__init__.py", "from ..school import reporting"),
        ("catalogue/__init__.py", "from ..publishing import drafts"),
        ("catalogue/__init__.py", "from ..training import parts"),
        ("publishing/drafts.py", "from ..web import labels"),
        ("publishing/drafts.py", "from ..instance import backup"),
        ("school/planning.py", "from ..publishing import drafts"),
        ("training/parts.py", "from ..publishing import drafts"),
        ("records/drafts.py", "from ..publishing import drafts"),
        ("records/training.py", "from ..training import parts"),
        ("school/reporting/grid.py", "from ...web import labels"),
        ("training/parts.py", "from ..web import labels"),
        ("web/coach/grid.py", "from ... import app"),
        ("web/coach/grid.py", "from ... import doctor"),
        ("app.py", "from . import cli"),
        ("config.py", "from . import policy"),
        ("files.py", "from . import config"),
        ("instance/backup.py", "from .. import web"),
        ("logs.py", "from . import config"),
        ("lonely.py", "import json"),
    ],
    "settings": [
        ("publishing/drafts.py", "from .. import config"),
        ("school/reporting/grid.py", "from ... import config"),
        ("training/completion.py", "from .. import config"),
        ("library/files.py", "from .. import config"),
        ("instance/backup.py", "from .. import config"),
    ],
    "boto3": [("media/bucket_store.py", "import boto3"), ("web/public/media.py", "import botocore")],
    "pure": [("domain/content.py", "import pydantic"), ("policy.py", "import sqlite3"), ("errors.py", "import flask")],
    "flask": [
        ("school/presenting.py", "import flask"),
        ("publishing/publish.py", "import flask"),
        ("training/check.py", "import flask"),
        ("records/people.py", "import werkzeug"),
        ("library/body.py", "import jinja2"),
    ],
    "sqlalchemy": [
        ("school/reporting/grid.py", "import sqlalchemy"),
        ("web/coach/grid.py", "from sqlalchemy import text"),
        ("training/standing.py", "import sqlalchemy"),
        ("cli/__init__.py", "import alembic"),
    ],
    "sqlite-utils": [("records/plans.py", "import sqlite_utils"), ("web/public/pages.py", "import sqlite_utils")],
    "markdown": [("library/prepared.py", "import markdown"), ("web/public/pages.py", "import nh3")],
    "weasyprint": [("web/public/pages.py", "import weasyprint"), ("catalogue/__init__.py", "import weasyprint")],
    "argon2": [("school/setup.py", "import argon2"), ("records/people.py", "import argon2")],
}  # fmt: skip


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """What lint-imports says of the package in the folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    if contract is not None:
        command += ["--contract", contract]
    environ = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts in a folder of their own."""
    shutil.copytree(CHECKOUT / "wellness", tmp_path / "wellness", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_module_imports_only_what_it_may() -> None:
    ran = lint(CHECKOUT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in ran.stdout


def test_every_contract_is_seen_to_fail() -> None:
    assert sorted(PLANTED) == sorted(CONTRACTS)


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [(contract, file, line) for contract, planted in PLANTED.items() for file, line in planted],
    ids=[f"{contract}: {file}: {line}" for contract, planted in PLANTED.items() for file, line in planted],
)
def test_a_planted_import_breaks_its_contract(copy: Path, contract: str, file: str, line: str) -> None:
    target = copy / "wellness" / file
    target.write_text((target.read_text(encoding="utf-8") if target.exists() else "") + f"\n{line}\n", encoding="utf-8")
    ran = lint(copy, contract)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Contracts: 0 kept, 1 broken." in ran.stdout, ran.stdout + ran.stderr
