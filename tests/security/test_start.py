"""A start with something wrong: real processes say every mistake in one sentence, all at once, and end with 1."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from tests.support.processes import WELLNESS, environment, free_port, serving, wellness
from tests.support.scratch import copy_instance
from wellness import doctor
from wellness.cli import main
from wellness.config import read_settings
from wellness.doctor import LIFETIME, RELEASED, examine_start
from wellness.errors import Misconfigured
from wellness.records import audit_log, open_records

CAP_DAC_OVERRIDE, PR_CAPBSET_DROP = 1, 24


@pytest.fixture
def home(instance: Path, tmp_path: Path) -> Path:
    """An instance of one's own."""
    return copy_instance(instance, tmp_path / "home")


def refused(home: Path, **settings: str) -> list[str]:
    """The sentences with which a start is refused."""
    ran = wellness(home, "serve", **settings)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    said = ran.stderr.removeprefix("Error: ").splitlines()
    assert all(line.endswith(".") and len(line) > 30 for line in said), said
    return said


def _later_entry(home: Path) -> None:
    records = open_records(read_settings({"WELLNESS_HOME": str(home)}).records_url)
    with records.writing() as tx:
        audit_log.note(tx, None, datetime.now(UTC) + timedelta(days=3), "test", "clock")
    records.close()


def _shorten(home: Path) -> None:
    (home / "secret-key").write_text("short")


def _cut(home: Path) -> None:
    (home / "records.db").write_bytes(b"not a database" * 500)


FAULTS: dict[str, tuple[Callable[[Path], object], dict[str, str], str]] = {
    "an unknown setting": (str, {"WELLNESS_PROT": "80"}, "WELLNESS_PROT isn't a setting. The settings are: "),
    "no instance": (shutil.rmtree, {}, "doesn't exist. Run `wellness init`"),
    "no secret": (lambda home: (home / "secret-key").unlink(), {}, "There's no secret key in "),
    "a short secret": (_shorten, {}, "is incomplete. Delete it and run `wellness init`"),
    "no records": (lambda home: (home / "records.db").unlink(), {}, "The records aren't set up for this version. Run"),
    "broken records": (_cut, {}, "isn't a complete database. Restore the last backup"),
    "records elsewhere": (str, {"RECORDS_URL": "sqlite:////nowhere/records.db"}, "Run `wellness init`"),
    "records of a kind": (str, {"RECORDS_URL": "mysql://h/d"}, "RECORDS_URL must start with sqlite:/// or postgresql"),
    "records that do not answer": (
        str,
        {"RECORDS_URL": "postgresql+psycopg://someone:hidden@127.0.0.1:1/none"},
        "RECORDS_URL",
    ),
    "a clock that went back": (_later_entry, {}, "but the records were written on "),
    "a counter of a kind": (str, {"RATE_LIMIT_URL": "nonsense"}, "RATE_LIMIT_URL must be memory:// or start with"),
    "a counter that is not whole": (str, {"RATE_LIMIT_URL": "redis://h:port"}, "RATE_LIMIT_URL isn't a Redis address"),
    "a counter that does not answer": (
        str,
        {"RATE_LIMIT_URL": "redis://:hidden@127.0.0.1:1/"},
        "The Redis server at RATE_LIMIT_URL isn't responding.",
    ),
    "media over plain HTTP": (str, {"MEDIA_URL": "http://a.org"}, "MEDIA_URL must start with https://"),
    "names with a path": (
        str,
        {"WELLNESS_TRUSTED_HOSTS": "https://a.org/"},
        "WELLNESS_TRUSTED_HOSTS is a list of host names",
    ),
    "no address of ours": (str, {"WELLNESS_HOST": "no.such.invalid"}, "WELLNESS_HOST is 'no.such.invalid'"),
    "a folder that is a file": (
        lambda home: (shutil.rmtree(home / "media"), (home / "media").write_text("x")),
        {},
        "media can't be written to (Not a directory)",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_stops_the_start_with_one_sentence_that_says_how_to_fix_it(home: Path, fault: str) -> None:
    damage, settings, says = FAULTS[fault]
    damage(home)
    said = refused(home, **settings)
    assert len(said) == 1 or not home.exists()
    assert any(says in line for line in said), said
    assert "hidden" not in str(said), "a password in an address is not shown"


@pytest.mark.parametrize("fault", FAULTS)
def test_the_doctor_explains_the_same_and_goes_on_looking(home: Path, fault: str) -> None:
    damage, settings, says = FAULTS[fault]
    damage(home)
    ran = CliRunner().invoke(main, ["doctor"], env={"WELLNESS_HOME": str(home), **settings})
    assert ran.exit_code == 1
    wrong = [line for line in ran.stdout.splitlines() if line.startswith("ERROR ")]
    assert any(says in line for line in wrong), ran.stdout
    assert ran.stdout.count("\n") >= 8, "one fault does not hide the rest"
    assert "hidden" not in ran.stdout


def test_everything_that_is_wrong_is_said_at_once(home: Path) -> None:
    _later_entry(home)
    _shorten(home)
    said = refused(home, WELLNESS_PROT="80", WELLNESS_PORT="http", MEDIA_URL="ftp://a", WELLNESS_HOST="no.such.invalid")
    for wrong in ("WELLNESS_PROT", "WELLNESS_PORT", "MEDIA_URL", "secret key", "The clock says", "WELLNESS_HOST"):
        assert sum(wrong in line for line in said) >= 1, wrong
    assert len(said) == 6


@pytest.mark.skipif(sys.platform != "linux", reason="rights are taken from a process by the kernel of Linux")
@pytest.mark.parametrize("folder", ["", "library", "media"])
def test_a_folder_that_cannot_be_written_stops_the_start(home: Path, folder: str) -> None:
    """Root may write everywhere, so this right is taken from the process first."""
    libc = ctypes.CDLL(None)
    (home / folder).chmod(0o555)
    ran = subprocess.run(
        [WELLNESS, "serve"],
        env=environment(home), capture_output=True, text=True, check=False,
        preexec_fn=lambda: libc.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0),
    )  # fmt: skip
    (home / folder).chmod(0o755)
    assert ran.returncode == 1, ran.stdout
    assert f"The folder {(home / folder)} can't be written to (Permission denied). Give the account" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("settings", "warns"),
    [
        ({}, False),
        ({"WELLNESS_HOST": "0.0.0.0"}, True),
        ({"WELLNESS_PROXIES": "1"}, True),
        ({"WELLNESS_PROXIES": "1", "WELLNESS_TRUSTED_HOSTS": "school.org, .district.org"}, False),
    ],
)
def test_a_site_that_others_can_reach_and_that_answers_to_any_name_starts_with_a_warning(
    home: Path, settings: dict[str, str], warns: bool
) -> None:
    port = free_port()
    environ = environment(home, WELLNESS_PORT=str(port), **settings)
    with (home / "errors").open("w") as errors:
        server = subprocess.Popen([WELLNESS, "serve"], env=environ, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert server.stdout is not None
            assert "Wellness is at" in server.stdout.readline()
        finally:
            server.terminate()
            server.communicate()
    assert ("Set WELLNESS_TRUSTED_HOSTS to the names" in (home / "errors").read_text()) is warns
    doctor_said = CliRunner().invoke(main, ["doctor"], env={"WELLNESS_HOME": str(home), **settings})
    assert doctor_said.exit_code == 0, doctor_said.stdout
    assert ("warning  address:" in doctor_said.stdout) is warns


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (RELEASED - timedelta(days=1), "which is before this version was made"),
        (datetime(1970, 1, 1, tzinfo=UTC), "The clock says 1970-01-01"),
        (RELEASED + LIFETIME + timedelta(days=1), "which is far from now"),
    ],
)
def test_a_clock_far_off_stops_the_start(home: Path, monkeypatch: pytest.MonkeyPatch, at: datetime, says: str) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return at

    monkeypatch.setattr(doctor, "datetime", Stopped)
    monkeypatch.setenv("WELLNESS_HOME", str(home))
    with pytest.raises(Misconfigured, match=says):
        examine_start()


def test_a_library_that_is_missing_is_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir()
    away = "raise ModuleNotFoundError(\"No module named 'sqlalchemy'\", name='sqlalchemy')"
    (tmp_path / "hidden" / "sqlalchemy.py").write_text(away)
    for command in ("serve", "doctor", "check"):
        ran = wellness(home, command, PYTHONPATH=str(tmp_path / "hidden"))
        assert ran.returncode == 1, command
        missing = "Error: The library sqlalchemy is missing. Reinstall the site with all its requirements.\n"
        assert ran.stderr == missing


def test_a_good_instance_starts(home: Path) -> None:
    port = free_port()
    with serving([WELLNESS, "serve"], environment(home, WELLNESS_PORT=str(port)), home, port) as address:
        assert urlopen(address).status == 200
