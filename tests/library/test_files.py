"""The library: which files make an address, and what is said of those that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.scratch import small_library
from wellness.domain import Language
from wellness.errors import Unavailable
from wellness.library.files import Entry, Library


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_library(tmp_path / "library", feet="Feet")


def problems(root: Path) -> list[tuple[str, int, str]]:
    _, found = Library(root).read_all()
    return [(problem.file, problem.line, problem.message) for problem in found]


def test_a_file_is_a_slug_and_a_language(root: Path) -> None:
    (root / "sessions" / "feet.es.md").write_text("hola")
    (root / "pages" / "help.md").write_text("help")
    entries, found = Library(root).list_entries()
    assert found == []
    assert entries == [
        Entry("pages", "help", Language.EN, "pages/help.md"),
        Entry("sessions", "feet", Language.ES, "sessions/feet.es.md"),
        Entry("sessions", "feet", Language.EN, "sessions/feet.md"),
    ]


def test_a_translation_is_read_with_its_original(root: Path) -> None:
    (root / "sessions" / "feet.es.md").write_text("hola")
    texts, _ = Library(root).read_all()
    original = (root / "sessions" / "feet.md").read_text(encoding="utf-8")
    assert [(text.text, text.original) for text in texts] == [("hola", original), (original, None)]


@pytest.mark.parametrize(
    "name",
    [
        "Feet.md",
        "feet_2.md",
        "two words.md",
        "-feet.md",
        "feet-.md",
        "feet--two.md",
        "füße.md",
        "a" * 81 + ".md",
        "feet.ES.md",
    ],
)
def test_a_name_that_makes_no_address_is_a_problem(root: Path, name: str) -> None:
    (root / "sessions" / name).write_text("x")
    message = "use lowercase letters, numbers and hyphens in the file name, like four-square-breathing.md"
    assert problems(root) == [(f"sessions/{name}", 1, message)]


def test_a_language_that_the_site_does_not_have_is_a_problem(root: Path) -> None:
    (root / "sessions" / "feet.fr.md").write_text("x")
    assert problems(root) == [("sessions/feet.fr.md", 1, "the language “fr” isn’t supported; use .es.md for Spanish")]


@pytest.mark.parametrize("name", ["feet.txt", "feet.md~", "feet.md.bak", ".feet.md.new", ".feet.md", "README"])
def test_other_files_are_left_in_peace(root: Path, name: str) -> None:
    (root / "sessions" / name).write_text("x")
    assert problems(root) == []
    assert len(Library(root).fingerprint()) == 1


def test_the_lock_of_an_editor_hides_no_session(root: Path) -> None:
    """Emacs marks an open file with a link that leads nowhere."""
    os.symlink("coach@laptop.123:456", root / "sessions" / ".#feet.md")
    os.symlink("nowhere", root / "sessions" / "a-dead-link.md")
    os.symlink("a-circle.md", root / "sessions" / "a-circle.md")
    texts, found = Library(root).read_all()
    assert [text.file for text in texts] == ["sessions/feet.md"]
    assert found == []


def test_windows_line_ends_and_a_byte_order_mark_are_read_as_plain_text(root: Path) -> None:
    file = root / "sessions" / "feet.md"
    plain = file.read_text(encoding="utf-8")
    file.write_bytes(b"\xef\xbb\xbf" + plain.replace("\n", "\r\n").encode())
    texts, found = Library(root).read_all()
    assert (texts[0].text, found) == (plain, [])


def test_a_line_with_a_nul_is_named(root: Path) -> None:
    (root / "sessions" / "feet.md").write_bytes(b"---\ntitle: F\0eet\n---\n")
    message = "this line has a character that isn’t text (NUL); save the file again as UTF-8"
    assert problems(root) == [("sessions/feet.md", 2, message)]


def test_a_line_that_is_not_utf8_is_named(root: Path) -> None:
    (root / "sessions" / "feet.md").write_bytes("---\ntitle: Café\n---\n".encode("latin-1"))
    message = "this line isn’t UTF-8; save the file again with UTF-8 encoding"
    assert problems(root) == [("sessions/feet.md", 2, message)]


def test_a_huge_file_is_refused_without_being_read(root: Path) -> None:
    with (root / "sessions" / "feet.md").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert problems(root) == [("sessions/feet.md", 1, "the file is too long; the limit is 256 KB")]


def test_what_is_no_file_is_a_problem_and_not_waited_for(root: Path) -> None:
    (root / "sessions" / "folder.md").mkdir()
    os.mkfifo(root / "sessions" / "pipe.md")
    message = "this isn’t a file; move it out of the folder"
    assert problems(root) == [("sessions/folder.md", 1, message), ("sessions/pipe.md", 1, message)]


def test_an_empty_place_has_no_texts(tmp_path: Path) -> None:
    assert Library(tmp_path / "nowhere").read_all() == ([], [])


def test_a_folder_that_cannot_be_read_is_said_so(root: Path) -> None:
    for file in (root / "pages").iterdir():
        file.unlink()
    (root / "pages").rmdir()
    (root / "pages").write_text("not a folder")
    with pytest.raises(Unavailable, match="The pages stay as they were"):
        Library(root).fingerprint()


def test_the_fingerprint_changes_with_every_edit_and_only_then(root: Path) -> None:
    library = Library(root)
    seen = [library.fingerprint()]
    assert library.fingerprint() == seen[0]
    file = root / "sessions" / "feet.md"
    file.write_text("changed")
    seen.append(library.fingerprint())
    beside = root / "sessions" / ".new"
    beside.write_text("CHANGED")
    beside.replace(file)
    seen.append(library.fingerprint())
    file.rename(root / "sessions" / "hands.md")
    seen.append(library.fingerprint())
    (root / "sessions" / "hands.md").unlink()
    seen.append(library.fingerprint())
    assert len(set(seen)) == 5
