"""An instance: made once, brought up to date as often as one likes, and what coaches did stays."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from tests.support.scratch import CHECKOUT, changed, copy_instance, short_session
from wellness import instance
from wellness.config import Settings, read_settings
from wellness.domain import Problem
from wellness.errors import Misconfigured
from wellness.records import open_records

SESSIONS = ("body-scan.md", "kind-self-talk.md")


def make_site(folder: Path) -> None:
    """What comes with the site, in a folder of its own: two sessions and a page."""
    for kind, names in (("sessions", SESSIONS), ("pages", ("help.md",))):
        (folder / "content" / kind).mkdir(parents=True)
        for name in names:
            shutil.copy(CHECKOUT / "content" / kind / name, folder / "content" / kind)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Only this comes with the site."""
    make_site(tmp_path / "site")
    monkeypatch.setattr(instance, "SITE", tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture
def new(tmp_path: Path) -> Settings:
    """Settings of an instance that is not there yet."""
    return read_settings({"WELLNESS_HOME": str(tmp_path / "deep" / "home")})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an instance that was made once; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("made")
    make_site(folder / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(instance, "SITE", folder / "site")
        init(read_settings({"WELLNESS_HOME": str(folder / "home")}))
    return folder / "home"


@pytest.fixture
def settings(made: Path, new: Settings) -> Settings:
    """Settings of an instance that is there."""
    copy_instance(made, new.home)
    return new


def init(settings: Settings) -> tuple[list[Problem], list[str]]:
    said: list[str] = []
    return instance.init_instance(settings, said.append), said


def everything(folder: Path) -> dict[str, bytes]:
    """The files that matter and what is in them; the catalogue is derived and made again."""
    kept = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".lock", ".migrating"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept if path.name != "catalogue.db"}


def test_init_makes_an_instance_whole(site: Path, new: Settings) -> None:
    problems, said = init(new)
    assert problems == []
    assert new.read_secret_key()
    assert {path.name for path in (new.library / "sessions").iterdir()} == set(SESSIONS)
    assert new.catalogue.exists()
    open_records(new.records_url).close()
    assert f"Library: 3 files copied to {new.library}" in said


def test_init_twice_is_the_same_as_once(site: Path, settings: Settings) -> None:
    before = everything(settings.home)
    _, said = init(settings)
    assert everything(settings.home) == before
    assert "Library: up to date" in said
    assert not any("Secret key" in line for line in said)


def test_the_secret_key_is_for_its_owner_only_and_never_said(
    site: Path, new: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    _, said = init(new)
    key = new.read_secret_key()
    assert stat.S_IMODE(new.secret_key_file.stat().st_mode) == 0o600
    assert len(key) >= 60
    assert key not in "\n".join(said) + "".join(capfd.readouterr())


def test_with_a_key_of_all_nodes_none_is_made(site: Path, new: Settings) -> None:
    shared = new.model_copy(update={"secret_key": "k" * 32})
    init(shared)
    assert not shared.secret_key_file.exists()


def test_a_text_that_a_coach_edited_stays_although_a_newer_one_comes(site: Path, settings: Settings) -> None:
    own = settings.library / "sessions" / "body-scan.md"
    edited = changed(own.read_text(encoding="utf-8"), ("title: ", "title: Our "))
    own.write_text(edited, encoding="utf-8")
    newer = short_session("A newer one")
    (site / "content" / "sessions" / "body-scan.md").write_text(newer, encoding="utf-8")
    init(settings)
    assert own.read_text(encoding="utf-8") == edited


def test_a_text_that_nobody_edited_is_brought_up_to_date_again_and_again(site: Path, settings: Settings) -> None:
    for title in ("A newer one", "A newer one still"):
        (site / "content" / "sessions" / "body-scan.md").write_text(short_session(title), encoding="utf-8")
        _, said = init(settings)
        assert title in (settings.library / "sessions" / "body-scan.md").read_text(encoding="utf-8")
        assert f"Library: 1 file copied to {settings.library}" in said


def test_an_edit_that_was_taken_back_lets_newer_texts_in_again(site: Path, settings: Settings) -> None:
    own = settings.library / "sessions" / "body-scan.md"
    kept = own.read_bytes()
    own.write_bytes(kept + b"\nedited\n")
    init(settings)
    own.write_bytes(kept)
    (site / "content" / "sessions" / "body-scan.md").write_text(short_session("A newer one"), encoding="utf-8")
    init(settings)
    assert "A newer one" in own.read_text(encoding="utf-8")


def test_a_text_that_a_coach_deleted_stays_away(site: Path, settings: Settings) -> None:
    (settings.library / "sessions" / "body-scan.md").unlink()
    for _ in range(2):  # the second time nothing may bring it back either
        init(settings)
        assert not (settings.library / "sessions" / "body-scan.md").exists()


def test_a_new_text_of_the_site_comes_and_a_coachs_own_stays(site: Path, settings: Settings) -> None:
    (settings.library / "sessions" / "our-own.md").write_text(short_session("Our own"), encoding="utf-8")
    (site / "content" / "sessions" / "new.md").write_text(short_session("New"), encoding="utf-8")
    init(settings)
    assert {path.name for path in (settings.library / "sessions").iterdir()} == {*SESSIONS, "our-own.md", "new.md"}


def test_a_coachs_own_text_with_the_name_of_a_new_one_is_not_overwritten(site: Path, settings: Settings) -> None:
    own = settings.library / "sessions" / "new.md"
    own.write_text(short_session("Our own"), encoding="utf-8")
    (site / "content" / "sessions" / "new.md").write_text(short_session("New"), encoding="utf-8")
    init(settings)
    assert "Our own" in own.read_text(encoding="utf-8")


def test_init_lists_the_problems_of_the_library(site: Path, settings: Settings) -> None:
    (settings.library / "sessions" / "broken.md").write_text("nothing", encoding="utf-8")
    problems, _ = init(settings)
    assert [problem.file for problem in problems] == ["sessions/broken.md"]


@pytest.mark.parametrize("where", ["home", "library", "home/inside"])
def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(site: Path, tmp_path: Path, where: str) -> None:
    (tmp_path / "home").mkdir()
    if where == "library":
        (tmp_path / "home" / "library").write_text("a file")
        home = tmp_path / "home"
    else:
        (tmp_path / "taken").write_text("a file")
        home = tmp_path / "taken" / where
    with pytest.raises(Misconfigured, match=r"can't be written to .*\. Choose a different folder with WELLNESS_HOME"):
        init(read_settings({"WELLNESS_HOME": str(home)}))


@pytest.mark.parametrize("register", ["", "{", "[]", '{"sessions/body-scan.md": 1}'])
def test_a_damaged_list_of_what_was_delivered_loses_no_edit(site: Path, settings: Settings, register: str) -> None:
    own = settings.library / "sessions" / "body-scan.md"
    own.write_text(short_session("Our own"), encoding="utf-8")
    (settings.library / ".delivered.json").write_text(register)
    init(settings)
    assert "Our own" in own.read_text(encoding="utf-8")
