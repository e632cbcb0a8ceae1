"""A day whose writes are recorded by the compiled record.c, and power cuts in it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.instance.test_backup import grow, older
from tests.support.callers import make_busy_instance
from tests.support.instances import make_instance, settings_of
from tests.support.processes import environment
from tests.support.scratch import CHECKOUT
from wellness.instance import backup_instance
from wellness.records import REVISIONS


def compile_recorder(folder: Path) -> Path:
    """Compile record.c with the compiler that `make soak` has seen to."""
    cc = subprocess.run([CHECKOUT / "scripts" / "find-cc"], capture_output=True, text=True, check=True).stdout.strip()
    source, target = Path(__file__).with_name("record.c"), folder / "record.so"
    subprocess.run([cc, "-shared", "-fPIC", "-O2", "-o", str(target), str(source), "-ldl"], check=True)
    return target


def prepare(act: str, root: Path) -> None:
    """The school on the morning of that day."""
    root.mkdir(parents=True)
    if act == "friday":
        make_busy_instance(root / "home")
    else:
        make_instance(root / "home")
    if act == "restore":
        backup_instance(settings_of(root / "home"), root / "ready.zip", lambda line: None)
        grow(root / "home")
    if act == "migrate":
        older(root / "home", REVISIONS[0])


def cut_power(act: str, recorder: Path, folder: Path, cuts: int, seed: int) -> list[dict[str, Any]]:
    """Record a day, cut the power in it that often, and return what was found each time."""
    root, before, notes = folder / "root", folder / "before", folder / "notes"
    prepare(act, root)
    shutil.copytree(root, before)
    day = [sys.executable, "-m", "tests.durability.powercut.day"]
    preload = {"LD_PRELOAD": str(recorder), "POWERCUT_ROOT": str(root), "POWERCUT_LOG": str(notes)}
    environ = environment(root) | {"PYTHONPATH": str(CHECKOUT)}
    subprocess.run([*day, "do", act, str(root)], cwd=CHECKOUT, env=environ | preload, check=True)
    (folder / "scratch").mkdir()
    command = [*day, "cut", act, str(root), str(before), str(notes), str(folder / "scratch"), str(cuts), str(seed)]
    ran = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return [json.loads(line) for line in ran.stdout.splitlines()]
