"""What stands in deploy/: units, image and compose file name things that are there. No container engine runs here."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.proxy import SITE
from tests.support.scratch import CHECKOUT
from wellness.cli import main
from wellness.config import ENVS, KNOWN, read_settings
from wellness.web.http.uploads import LARGEST

DEPLOY = CHECKOUT / "deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("wellness*.*") if path.suffix in (".service", ".timer"))
LOCK = (DEPLOY / "requirements.txt").read_text(encoding="utf-8")


def read_unit(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return unit


def read_compose() -> dict[str, Any]:
    told: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return told


# --- Units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_commands_that_exist_with_the_rights_of_nobody_else(name: str) -> None:
    unit = read_unit(name)
    if name.endswith(".timer"):
        assert name.replace(".timer", ".service") in UNITS
        assert unit["Timer"]["Persistent"] == "true"
        return
    service = unit["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("wellness", "true", "strict")
    for line in (service[key] for key in ("ExecStartPre", "ExecStart") if key in service):
        program, command, *rest = line.split()
        assert program.removeprefix("-") == "/opt/wellness/bin/wellness"
        assert command in main.commands, line
        options = {option for parameter in main.commands[command].params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, line


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # not a system with systemd: the test above has read them
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8").replace("/opt/wellness/bin/wellness", "/bin/true")
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = subprocess.run(
        [analyze, "verify", *(str(tmp_path / name) for name in UNITS)], capture_output=True, text=True, check=False
    )
    ours = [line for line in said.stderr.splitlines() if "wellness" in line]
    assert ours == []


def test_every_setting_in_the_example_exists_and_is_taken() -> None:
    text = (DEPLOY / "wellness.env").read_text(encoding="utf-8")
    examples = {env.name: env.example for env in ENVS.values()}
    for name, value in re.findall(r"^#([A-Z_0-9]+)=(.*)$", text, re.MULTILINE):
        assert name.startswith("AWS_") or examples[name] == value
    live = dict(re.findall(r"^([A-Z_0-9]+)=(.*)$", text, re.MULTILINE))
    assert live.keys() <= set(KNOWN)
    settings = read_settings(live)
    assert (settings.proxies, settings.accel) == (1, "/accel/media")
    assert f"alias {settings.media}/;" in SITE


def test_what_nginx_lets_through_is_what_the_site_takes() -> None:
    (allowed,) = re.findall(r"client_max_body_size (\d+)m;\n        proxy_request", SITE)
    assert 0 <= int(allowed) * 1024**2 - max(LARGEST.values()) <= 1024**2


# --- Image and compose file -------------------------------------------------------------------------------------------


def test_the_image_is_made_from_files_that_are_here_and_runs_without_rights() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        *sources, _target = [word for word in line.split() if not word.startswith("--")]
        assert [source for source in sources if not (CHECKOUT / source).exists()] == []
    assert "--require-hashes" in text
    assert text.index("USER wellness") < text.index("CMD [")
    built = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = built["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert [folder for folder in packed if f"COPY {folder} {folder}\n" not in text] == []


def test_the_lock_of_the_image_has_a_hash_for_each_and_what_a_district_needs() -> None:
    names = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==", LOCK, re.MULTILINE)
    assert {"boto3", "psycopg", "redis", "waitress", "hatchling"} <= set(names)
    assert len(re.findall(r"==.*\\\n    --hash=sha256:", LOCK)) == len(names)
    assert "http" not in LOCK
    base = (CHECKOUT / "requirements.txt").read_text(encoding="utf-8")
    ours, theirs = (dict(re.findall(r"^([a-z0-9.-]+)==([^ \\;]+)", text, re.MULTILINE)) for text in (LOCK, base))
    assert {name: version for name, version in theirs.items() if ours.get(name) != version} == {}


def test_the_compose_file_names_files_settings_and_parts_that_are_here() -> None:
    compose = read_compose()
    services = compose["services"]
    assert set(services) == {"one", "two", "nginx", "db", "counters"}
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for told in service.get("volumes", ()):
            source = told.split(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).exists() or source == "./tls", told
    for node in (services["one"], services["two"]):
        build = node["build"]
        assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
        assert set(node["environment"]) - {"SECRET_KEY"} <= set(KNOWN)
        assert (node["read_only"], node["cap_drop"]) == (True, ["ALL"])


def test_the_compose_file_turns_the_site_of_nginx_into_its_own() -> None:
    """Its `sed` lines are run as they stand."""
    script = str(read_compose()["services"]["nginx"]["command"][2]).replace("$$", "$")
    line = script.split(" /site.conf >")[0].replace("\\\n", " ")
    made = subprocess.run(
        ["sh", "-c", f"{line} {DEPLOY / 'nginx.conf'}"],
        env={"SITE_NAME": "school.test", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert re.findall(r"^    server (\S+);", made, re.MULTILINE) == ["one:8000", "two:8000"]
    assert set(re.findall(r"^    server_name (\S+);", made, re.MULTILINE)) == {"school.test"}


def test_the_health_check_asks_the_site_by_its_own_name(tmp_path: Path) -> None:
    import os
    import sys

    from tests.support.processes import WELLNESS, environment, free_port, serving, wellness

    port = free_port()
    environ = environment(tmp_path / "home", WELLNESS_PORT=str(port), WELLNESS_TRUSTED_HOSTS="school.test,other.test")
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    assert wellness(tmp_path / "home", "init").returncode == 0
    ask = [str(DEPLOY / "is-well")]
    with serving([WELLNESS, "serve"], environ, tmp_path, port):
        assert subprocess.run(ask, env=environ, check=False).returncode == 0
    away = subprocess.run(ask, env=environ, capture_output=True, text=True, check=False)
    assert away.returncode == 1
    assert away.stderr.startswith("The site isn't responding: ")
