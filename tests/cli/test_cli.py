"""The command line as people use it: what each command says, how it ends, and what it refuses."""

from __future__ import annotations

import ast
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.support.processes import DEADLINE, WELLNESS, environment, free_port, wait_until_ready, wellness
from tests.support.scratch import CHECKOUT, NOON, changed, line_of, short_session, small_library
from wellness.cli import main
from wellness.config import KNOWN, read_settings
from wellness.doctor import LATER
from wellness.domain import EVERYWHERE, Reach, Role
from wellness.errors import Invalid
from wellness.files import PACKAGE
from wellness.instance import build_catalogue
from wellness.pdf import can_make_pdf
from wellness.records import Records, open_records, people, schools
from wellness.school.accounts import sign_in

PASSWORD = "four quiet words here"


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, groups too."""
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance with a key, records and two sessions; the environment points to it."""
    for name in (*KNOWN, "WELLNESS_TEST_SITE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    small_library(folder / "library", feet="Feet", hands="Hands")
    settings = read_settings({"WELLNESS_HOME": str(folder)})
    settings.secret_key_file.write_text("k" * 64)
    settings.secret_key_file.chmod(0o600)
    records = Records(settings.records_url)
    records.migrate()
    records.close()
    monkeypatch.setenv("WELLNESS_HOME", str(folder))
    return folder


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=answer)


def opened(home: Path) -> Records:
    return open_records(f"sqlite:///{home / 'records.db'}")


# --- Help -------------------------------------------------------------------------------------------------------------


def test_the_help_shows_the_way_to_a_first_start_and_every_setting() -> None:
    shown = run("--help").output
    for word in ("wellness init", "wellness demo", "wellness serve", *KNOWN):
        assert word in shown
    assert run("-h").output == shown


@pytest.mark.parametrize("words", list(commands(main)), ids=" ".join)
def test_the_help_of_each_command_teaches(words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    sentence = result.output.split("\n\n")[1].strip()
    assert len(sentence) > 20, result.output
    assert "." in sentence


def test_the_earlier_name_of_the_command_for_videos_still_works_and_is_not_listed() -> None:
    assert "Replace the voice of a video" in run("film", "voice", "--help").output
    assert "film" not in run("--help").output


def test_a_command_that_is_none_is_refused_with_the_way_to_help() -> None:
    result = run("serv")
    assert result.exit_code == 2
    assert "No such command 'serv'" in result.output


def test_the_version_is_told() -> None:
    ran = wellness(Path("nowhere"), "--version")
    assert ran.stdout.startswith("wellness, version ")


def test_a_mistake_in_the_settings_is_one_sentence_and_exit_1(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLNESS_PORT", "http")
    for words in (["serve"], ["check"], ["init"], ["people", "list"], ["catalogue", "build"]):
        result = run(*words)
        assert (result.exit_code, result.output) == (
            1, "Error: WELLNESS_PORT must be a number from 1 to 65535.\n",
        )  # fmt: skip


# --- Check and catalogue ----------------------------------------------------------------------------------------------


def test_check_of_a_good_library_ends_well(home: Path) -> None:
    result = run("check")
    assert (result.exit_code, result.output) == (0, "2 files: 0 errors, 0 warnings\n")


def test_check_lists_every_problem_with_its_file_and_line_and_exits_1(home: Path) -> None:
    broken = changed(short_session("Feet", "Close your eyes."), ("minutes: 12", "minutes: twelve"))
    (home / "library" / "sessions" / "feet.md").write_text(broken, encoding="utf-8")
    (home / "library" / "sessions" / "Odd Name.md").write_text("x")
    ran = wellness(home, "check")
    assert ran.returncode == 1
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("sessions/Odd Name.md:1: use lowercase letters, numbers and hyphens in the file name")
    assert lines[1:3] == [
        f"sessions/feet.md:{line_of(broken, 'minutes: twelve')}: minutes must be a whole number, like 12",
        f"sessions/feet.md:{line_of(broken, 'Close your')}"
        ": warning: “Close your eyes”: try “Eyes open or looking down, your choice.” Closed eyes can feel unsafe",
    ]
    assert lines[3] == "2 files: 2 errors, 1 warning"


def test_check_with_warnings_only_ends_well(home: Path) -> None:
    (home / "library" / "sessions" / "feet.md").write_text(short_session("Feet", "Close your eyes."), encoding="utf-8")
    result = run("check")
    assert result.exit_code == 0
    assert "2 files: 0 errors, 1 warning" in result.output


def test_check_takes_another_folder_and_needs_no_instance(tmp_path: Path) -> None:
    ran = wellness(tmp_path / "nowhere", "check", str(CHECKOUT / "content"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " 0 errors" in ran.stdout.splitlines()[-1]
    assert not (tmp_path / "nowhere").exists()


def test_check_of_nothing_is_not_a_success(tmp_path: Path) -> None:
    result = run("check", str(tmp_path))
    assert result.exit_code == 1
    assert f"There is no content in {tmp_path}. Run `wellness init`, or name a folder to check." in result.output


def test_building_the_catalogue_says_what_was_read_and_what_is_wrong(home: Path) -> None:
    (home / "library" / "sessions" / "broken.md").write_text("x")
    ran = wellness(home, "catalogue", "build")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "Catalog: 3 files read, 1 problem",
        "sessions/broken.md:1: start the file with its details between two lines of `---`",
    ]
    assert (home / "catalogue.db").exists()


# --- People -----------------------------------------------------------------------------------------------------------


def add(*more: str, answer: str = "") -> Result:
    words = ["people", "add", "coach@school.org", "--name", "Jo Coach", "--role", "coach"]
    return run(*words, *more, answer=answer or f"{PASSWORD}\n{PASSWORD}\n")


def test_a_person_who_was_added_can_sign_in_and_the_password_is_not_shown(home: Path) -> None:
    result = add()
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "Jo Coach can sign in as coach@school.org."
    assert PASSWORD not in result.output
    records = opened(home)
    person, _ = sign_in(records, "coach@school.org", PASSWORD, NOON)
    records.close()
    assert (person.role, person.reach) == (Role.COACH, EVERYWHERE)


def test_a_person_may_belong_to_a_school(home: Path) -> None:
    records = opened(home)
    with records.writing() as tx:
        school = schools.add_school(tx, "Elm School")
    refused = add("--school", "Elm")
    assert refused.exit_code == 1
    assert "There's no school called Elm. The schools are: Elm School." in refused.output
    assert add("--school", "Elm School").exit_code == 0
    with records.reading() as tx:
        found = people.find_person_by_email(tx, "coach@school.org")
    records.close()
    assert found is not None
    assert found.reach == Reach.of(school.id)


WRONG_PEOPLE = {
    "no address": (["nonsense", "--name", "Jo", "--password", PASSWORD], "email: Enter a complete email address"),
    "no name": (["a@b.org", "--name", " ", "--password", PASSWORD], "name: Enter the name."),
    "a short password": (["a@b.org", "--name", "Jo", "--password", "short"], "password: Use 12 to 200 characters"),
    "no such role": (["a@b.org", "--name", "Jo", "--role", "boss", "--password", PASSWORD], "'boss' is not one of"),
    "no address at all": (["--name", "Jo", "--password", PASSWORD], "Missing argument 'EMAIL'"),
}


@pytest.mark.parametrize(("words", "says"), WRONG_PEOPLE.values(), ids=WRONG_PEOPLE)
def test_a_person_with_mistakes_is_refused_with_what_to_mend(home: Path, words: list[str], says: str) -> None:
    result = run("people", "add", *words)
    assert result.exit_code in (1, 2)
    assert says in result.output
    assert "Traceback" not in result.output
    assert run("people", "list").output == ""


def test_the_same_address_twice_is_refused(home: Path) -> None:
    add()
    result = add()
    assert result.exit_code == 1
    assert "already an account" in result.output


def test_two_passwords_that_differ_are_asked_again(home: Path) -> None:
    result = add(answer=f"{PASSWORD}\nanother one here\n{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert "do not match" in result.output


def test_people_are_listed_exported_and_removed(home: Path) -> None:
    add()
    assert run("people", "list").output == "coach@school.org  coach  Jo Coach\n"
    exported = run("people", "export", "coach@school.org")
    assert '"Jo Coach"' in exported.output
    assert "argon2" not in exported.output
    assert run("people", "remove", "coach@school.org", answer="n\n").exit_code == 1
    assert run("people", "list").output != ""
    assert run("people", "remove", "coach@school.org", "--yes").exit_code == 0
    assert run("people", "list").output == ""
    for words in (["export"], ["remove", "--yes"]):
        result = run("people", *words, "coach@school.org")
        assert result.exit_code == 1
        assert (
            "There's no account with the email coach@school.org. `wellness people list` shows all accounts."
            in result.output
        )


def temporary_in(result: Result) -> str:
    """The temporary password that a command printed."""
    found = re.search(r"Temporary password: (\S+)", result.output)
    assert found is not None, result.output
    return found[1]


def test_a_temporary_password_is_printed_and_has_to_be_changed(home: Path) -> None:
    made = [temporary_in(add("--temporary")), temporary_in(run("people", "password", "coach@school.org"))]
    assert made[0] != made[1]
    records = opened(home)
    person, _ = sign_in(records, "coach@school.org", made[1], datetime.now(UTC))
    assert person.has_temporary_password
    with pytest.raises(Invalid):
        sign_in(records, "coach@school.org", made[0], datetime.now(UTC))
    records.close()


def test_an_account_is_renamed_closed_opened_and_given_another_role(home: Path) -> None:
    add()
    renamed = run("people", "rename", "coach@school.org", "--name", "Jo New", "--email", "jo@school.org")
    assert renamed.output == "Saved: Jo New, jo@school.org.\n"
    assert run("people", "role", "jo@school.org", "admin").output == "Jo New is now: admin, all schools.\n"
    for words in (
        ["close", "jo@school.org"],
        ["role", "jo@school.org", "teacher"],
        ["remove", "jo@school.org", "--yes"],
    ):
        refused = run("people", *words)
        assert (refused.exit_code, "last admin" in refused.output) == (1, True), refused.output
    run("people", "add", "admin@school.org", "--name", "Ada", "--role", "admin", "--password", PASSWORD)
    assert "is closed" in run("people", "close", "jo@school.org").output
    assert "jo@school.org  admin  Jo New  (closed)" in run("people", "list").output
    assert run("people", "open", "jo@school.org").output == "Jo New can sign in again.\n"
    assert run("people", "rename", "jo@school.org").exit_code == 2


def test_without_an_instance_the_way_to_one_is_said(tmp_path: Path) -> None:
    for words in (["people", "list"], ["serve"], ["demo"]):
        ran = wellness(tmp_path / "none", *words)
        assert ran.returncode == 1
        assert "wellness init" in ran.stderr
        assert "Traceback" not in ran.stderr
    assert not (tmp_path / "none" / "records.db").exists()


# --- Demo, doctor, serve ----------------------------------------------------------------------------------------------


def test_the_demo_is_refused_where_there_are_real_people(home: Path) -> None:
    add()
    refused = run("demo")
    assert refused.exit_code == 1
    assert "Error: " in refused.output
    quiet = run("demo", "--unless-real")
    assert (quiet.exit_code, quiet.output) == (
        0, "Demo: not loaded, because this site is set up for a real school.\n",
    )  # fmt: skip
    assert run("people", "list").output == "coach@school.org  coach  Jo Coach\n"


def test_the_doctor_finds_a_good_instance_well(home: Path) -> None:
    build_catalogue(read_settings({"WELLNESS_HOME": str(home)}), lambda _: None)
    ran = wellness(home, "doctor")
    assert ran.returncode == 0, ran.stdout
    assert {line[:3] for line in ran.stdout.splitlines()} == {"ok "}
    assert "k" * 64 not in ran.stdout


FAULTS = {
    "no instance": (lambda home: (home / "secret-key").unlink(), "ERROR    secret key: There's no secret key"),
    "an open key": (lambda home: (home / "secret-key").chmod(0o644), "can be read by others. Run: chmod 600"),
    "no records": (lambda home: (home / "records.db").unlink(), "ERROR    records: The records aren't set up"),
    "damaged records": (lambda home: (home / "records.db").write_bytes(b"x" * 5000), "ERROR    records: "),
    "no texts": (lambda home: [file.unlink() for file in home.rglob("*.md")], "ERROR    library: no content"),
}


@pytest.mark.parametrize(("damage", "says"), FAULTS.values(), ids=FAULTS)
def test_the_doctor_says_what_is_wrong_and_exits_1(home: Path, damage: object, says: str) -> None:
    damage(home)  # type: ignore[operator]
    result = run("doctor")
    assert result.exit_code == 1
    assert says in result.output


def test_the_doctor_and_the_start_name_a_library_that_is_imported_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("nh3", "segno"):
        monkeypatch.setitem(sys.modules, name, None)  # as Python itself notes that there is none
    said = "The libraries nh3 and segno are missing. Reinstall the site with all its requirements"
    looked = run("doctor")
    assert (looked.exit_code, f"ERROR    libraries: {said}" in looked.output) == (1, True)
    assert run("serve").output == f"Error: {said}.\n"


def test_all_libraries_that_are_imported_later_are_looked_for() -> None:
    told = (
        "import sys; before = set(sys.modules); import wellness.app, wellness.server; print(*set(sys.modules) - before)"
    )
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout.split()
    imported = {
        name.split(".")[0]
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _imported(node)
    }
    extras = {"weasyprint", "redis", "boto3", "botocore"}
    only_types = {"_typeshed"}
    known = {*sys.stdlib_module_names, *(name.split(".")[0] for name in loaded), *extras, *only_types}
    assert imported - known == set(LATER)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        (
            "weasyprint",
            "ok       certificates: print from the browser. For PDF files, run: pip install 'wellness[pdf]'",
        ),
        ("boto3", "ok       bucket: none. To store videos in one, run pip install 'wellness[s3]' and set MEDIA_URL"),
    ],
)
def test_the_doctor_says_what_an_extra_would_bring(
    home: Path, monkeypatch: pytest.MonkeyPatch, missing: str, says: str
) -> None:
    can_make_pdf.cache_clear()
    monkeypatch.setitem(sys.modules, missing, None)
    assert says in run("doctor").output.splitlines()
    can_make_pdf.cache_clear()


def test_the_doctor_names_a_mistake_in_the_settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WELLNESS_PROT", "80")
    result = run("doctor")
    assert result.exit_code == 1
    assert "ERROR    settings: WELLNESS_PROT isn't a setting" in result.output


def test_a_taken_port_is_said_with_the_way_to_another(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = wellness(home, "serve", WELLNESS_PORT=str(port))
    assert ran.returncode == 1
    assert f"Error: Port {port} on 127.0.0.1 is in use" in ran.stderr
    assert f"WELLNESS_PORT={port + 1}" in ran.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_the_server_says_where_it_is_and_stops_when_told(home: Path, sign: signal.Signals) -> None:
    port = free_port()
    server = subprocess.Popen(
        [WELLNESS, "serve"],
        env=environment(home, WELLNESS_PORT=str(port)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_until_ready(server)
        server.send_signal(sign)
        said, _ = server.communicate(timeout=DEADLINE)
    finally:
        server.kill()
    assert server.returncode in (0, -sign)
    assert "Traceback" not in said
