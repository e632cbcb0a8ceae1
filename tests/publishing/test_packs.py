"""Packs: the same choice gives the same bytes, a page without the internet, and nothing hostile comes in."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.recordings import CAPTIONS, make_video
from tests.support.scratch import NOON, Cast, add_cast, changed, fresh_records, short_session, small_library
from wellness.catalogue import Catalogue
from wellness.cli import main
from wellness.domain import Language, TextKey, TextKind
from wellness.errors import Invalid, NotFound, StorageFull
from wellness.library.files import Library
from wellness.library.sandbox import Sandbox
from wellness.library.starters import read_starter
from wellness.media import MediaStore
from wellness.media.store import StoredVideoFacts
from wellness.publishing import drafts, publish
from wellness.publishing.packs import Arrival, export_pack, import_pack, preview_pack
from wellness.publishing.packs.file import MAX_PACK_BYTES
from wellness.publishing.sync import sync
from wellness.stores import Stores

FEET, HANDS = TextKey(TextKind.SESSION, "feet"), TextKey(TextKind.SESSION, "hands")
PIES = replace(FEET, language=Language.ES)
CHOICES = TextKey(TextKind.TRAINING, "choices")
WITH_VIDEO = changed(
    short_session("Feet with a video"),
    (
        "Watch how it looks. It is as plain as it sounds.",
        "/// video | feet\n///\n\nSee [hands](/sessions/hands) and [help](/help).",
    ),
)
SPANISH = """---
title: Pies
summary: Dos minutos.
purpose: Practicar.
skill: calma
---
"""


@dataclass(frozen=True, slots=True)
class School:
    """One site: its desk and its people."""

    desk: Stores
    cast: Cast

    def titles(self) -> dict[str, str]:
        """Each draft's key and title."""
        states = drafts.list_texts(self.desk, NOON)
        return {state.key.file: state.title for state in states if state.draft is not None}


@pytest.fixture(scope="module")
def workshop() -> Iterator[Sandbox]:
    opened = Sandbox(processes=1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_video(tmp_path_factory.mktemp("video") / "feet.mp4", size="320x180", seconds=3)


@pytest.fixture
def open_school(tmp_path: Path, workshop: Sandbox) -> Iterator[Callable[..., School]]:
    opened: list[Stores] = []

    def make(name: str, **texts: str) -> School:
        home = tmp_path / name
        home.mkdir()
        root = small_library(home / "library")
        (root / "training").mkdir()
        for file, text in texts.items():
            (root / file.replace("__", "/")).with_suffix(".md").write_text(text, encoding="utf-8")
        records, media = fresh_records(home), MediaStore(home / "media")
        with records.writing() as tx:
            cast = add_cast(tx)
        desk = Stores(
            records, Catalogue(home / "catalogue.db", Library(root), workshop, media.list_facts), workshop, media
        )
        opened.append(desk)
        sync(desk, NOON)
        return School(desk, cast)

    yield make
    for desk in opened:
        desk.catalogue.release()
        desk.records.close()


def bring(school: School, video: Path, name: str = "feet", title: str = "Feet, seen") -> None:
    """Keep the video, with captions and a transcript, as if it had been brought."""
    store = school.desk.media
    with store.building() as folder:
        (folder / "720.mp4").write_bytes(video.read_bytes())
        (folder / "captions.en.vtt").write_text(CAPTIONS, encoding="utf-8")
        (folder / "transcript.en.txt").write_text("Feet on the floor.\n", encoding="utf-8")
        store.add(
            folder, StoredVideoFacts(name, {"en": title}, 3.0, 320, 180, credits={"voice": "Jo <b>Coach</b>"}), NOON
        )


@pytest.fixture
def ours(open_school: Callable[..., School], video: Path) -> School:
    """A school with a video, two sessions and a training module."""
    school = open_school(
        "ours",
        sessions__feet=WITH_VIDEO,
        sessions__hands=short_session("Hands"),
        training__choices=read_starter("training-module", ""),
    )
    bring(school, video)
    spanish = SPANISH + WITH_VIDEO.split("---\n", 2)[2]
    (school.desk.library.root / "sessions" / "feet.es.md").write_text(spanish, encoding="utf-8")
    sync(school.desk, NOON)
    return school


@pytest.fixture
def pack(ours: School, tmp_path: Path) -> Path:
    """A pack of everything that school has."""
    target = tmp_path / "friday.zip"
    export_pack(ours.desk, ["feet", "hands", "training/choices"], target)
    return target


@pytest.fixture
def theirs(open_school: Callable[..., School]) -> School:
    return open_school("theirs")


# --- Making a pack ----------------------------------------------------------------------------------------------------


def test_a_pack_has_the_texts_their_translations_videos_pages_licenses_and_sums(ours: School, pack: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        names = set(archive.namelist())
        assert names == {
            "index.html", "LICENSES.txt", "pack.json",
            "texts/sessions/feet.md", "texts/sessions/feet.es.md", "texts/sessions/hands.md", "texts/training/choices.md",
            "pages/sessions/feet.html", "pages/sessions/feet.es.html", "pages/sessions/hands.html",
            "pages/training/choices.html",
            "media/feet/720.mp4", "media/feet/captions.en.vtt", "media/feet/transcript.en.txt",
        }  # fmt: skip
        register = json.loads(archive.read("pack.json"))
        for name in names - {"pack.json"}:
            assert register["files"][name]["sha256"] == hashlib.sha256(archive.read(name)).hexdigest()
        assert archive.read("texts/sessions/feet.md").decode() == WITH_VIDEO
        assert (
            "sessions/feet.md: Feet with a video\n  The Wellness team, CC BY 4.0"
            in archive.read("LICENSES.txt").decode()
        )


def test_two_packs_of_the_same_choice_are_the_same_to_the_byte(ours: School, pack: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    export_pack(ours.desk, ["training/choices", "hands", "feet", "feet"], again)
    assert again.read_bytes() == pack.read_bytes()


def test_pages_of_a_pack_lead_only_to_what_is_in_it(pack: Path) -> None:
    with zipfile.ZipFile(pack) as archive:
        names = set(archive.namelist())
        for name in [name for name in names if name.endswith(".html")]:
            html = archive.read(name).decode()
            assert "<script" not in html
            for address in re.findall(r'(?:href|src|poster)="([^"]+)"', html):
                parts = (Path("/") / name).parent / address
                assert str(parts.resolve()).lstrip("/") in names, (name, address)
        feet = archive.read("pages/sessions/feet.html").decode()
        assert '<a href="../../pages/sessions/hands.html">hands</a> and help.' in feet
        assert '<html lang="es">' in archive.read("pages/sessions/feet.es.html").decode()
        assert "Feet on the floor." in feet


def test_a_pack_is_not_made_of_nothing_of_unknown_texts_or_of_texts_with_errors(ours: School, tmp_path: Path) -> None:
    target = tmp_path / "none.zip"
    for slugs, kind in (
        ([], Invalid),
        (["none"], NotFound),
        (["feet", "../feet"], NotFound),
        (["pages/help"], NotFound),
    ):
        with pytest.raises(kind):
            export_pack(ours.desk, slugs, target)
    (ours.desk.library.root / "sessions" / "hands.md").write_text("---\n---\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"The pack wasn’t made\. sessions/hands\.md has problems\. Fix them first\."):
        export_pack(ours.desk, ["hands"], target)
    with pytest.raises(StorageFull):
        export_pack(ours.desk, ["feet"], tmp_path / "none" / "a.zip")
    assert not list(tmp_path.glob("*.zip")) and not list(tmp_path.glob(".*.new"))


# --- Bringing one in --------------------------------------------------------------------------------------------------


def test_looking_at_a_pack_writes_nothing(theirs: School, pack: Path) -> None:
    look = preview_pack(theirs.desk, pack)
    assert {text.key: text.arrival for text in look.texts} == dict.fromkeys((FEET, PIES, HANDS, CHOICES), Arrival.NEW)
    assert [(medium.name, medium.title, medium.arrival) for medium in look.media] == [
        ("feet", "Feet, seen", Arrival.NEW)
    ]
    assert theirs.titles() == {}
    assert theirs.desk.media.list_media() == []


def test_texts_come_in_as_drafts_with_their_videos_and_can_be_published(
    ours: School, theirs: School, pack: Path
) -> None:
    keys = import_pack(theirs.desk, pack, theirs.cast.coach, NOON)
    assert keys == [FEET, PIES, HANDS, CHOICES]
    assert theirs.titles()["sessions/feet.md"] == "Feet with a video"
    medium = theirs.desk.media.get_medium("feet")
    assert medium.digest == ours.desk.media.get_medium("feet").digest
    assert theirs.desk.media.check() == []
    assert theirs.desk.catalogue.find_session("feet", Language.EN) is None
    publish.publish(theirs.desk, HANDS, theirs.cast.coach, NOON, version=drafts.open_text(theirs.desk, HANDS).version)
    publish.publish(theirs.desk, FEET, theirs.cast.coach, NOON, version=drafts.open_text(theirs.desk, FEET).version)
    session = theirs.desk.catalogue.find_session("feet", Language.EN)
    assert session is not None
    assert session.title == "Feet with a video"


def test_a_pack_brought_in_twice_changes_nothing_the_second_time(theirs: School, pack: Path) -> None:
    import_pack(theirs.desk, pack, theirs.cast.coach, NOON)
    look = preview_pack(theirs.desk, pack)
    assert {one.arrival for one in (*look.texts, *look.media)} == {Arrival.SAME}
    assert import_pack(theirs.desk, pack, theirs.cast.coach, NOON) == []


def test_changed_and_conflicting_texts_are_told_apart_and_nothing_is_overwritten(
    open_school: Callable[..., School], pack: Path
) -> None:
    own = short_session("Our own hands")
    school = open_school("mixed", sessions__feet=short_session("Our feet"), sessions__hands=own)
    version = drafts.open_text(school.desk, HANDS).version
    draft = short_session("Our half-written hands")
    drafts.save_draft(school.desk, HANDS, draft, school.cast.coach, NOON, version=version)
    look = {text.key: text for text in preview_pack(school.desk, pack).texts}
    assert look[FEET].arrival is Arrival.CHANGED
    assert look[HANDS].arrival is Arrival.CONFLICTING
    assert look[HANDS].ours == draft
    assert HANDS not in import_pack(school.desk, pack, school.cast.coach, NOON)
    assert drafts.open_text(school.desk, HANDS).text == draft
    beside = replace(HANDS, slug="hands-2")
    assert import_pack(school.desk, pack, school.cast.coach, NOON, chosen=[HANDS]) == [beside]
    assert drafts.open_text(school.desk, HANDS).text == draft
    assert drafts.open_text(school.desk, beside).text == short_session("Hands")
    session = school.desk.catalogue.find_session("feet", Language.EN)
    assert session is not None
    assert session.title == "Our feet"


def test_an_older_text_of_this_site_is_not_brought_back_unasked(ours: School, pack: Path) -> None:
    newer = short_session("Newer hands")
    version = drafts.save_draft(
        ours.desk, HANDS, newer, ours.cast.coach, NOON, version=drafts.open_text(ours.desk, HANDS).version
    )
    publish.publish(ours.desk, HANDS, ours.cast.coach, NOON, version=version.version)
    look = {text.key: text for text in preview_pack(ours.desk, pack).texts}
    assert (look[HANDS].arrival, look[HANDS].was_ours) == (Arrival.CHANGED, True)
    assert import_pack(ours.desk, pack, ours.cast.coach, NOON) == []


def test_another_video_of_the_same_name_stays_ours(theirs: School, pack: Path, video: Path) -> None:
    bring(theirs, video, title="Our own feet")
    before = theirs.desk.media.get_medium("feet")
    (theirs.desk.media.root / before.digest / "720.mp4").stat()
    with theirs.desk.media.building() as folder:
        (folder / "720.mp4").write_bytes(video.read_bytes() + b"\0" * 8)
        (folder / "captions.en.vtt").write_text(CAPTIONS, encoding="utf-8")
        theirs.desk.media.add(folder, StoredVideoFacts("feet", {"en": "Ours"}, 3.0, 320, 180), NOON.replace(hour=18))
    assert [medium.arrival for medium in preview_pack(theirs.desk, pack).media] == [Arrival.CONFLICTING]
    import_pack(theirs.desk, pack, theirs.cast.coach, NOON)
    assert theirs.desk.media.get_medium("feet").title == "Ours"


# --- Hostile packs ----------------------------------------------------------------------------------------------------

Files = dict[str, bytes]


def unpack(pack: Path) -> Files:
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def seal(target: Path, files: Files, *, register: bool = True, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip whose register agrees with what is in it, so that only the planted fault can be the reason."""
    if register:
        told = json.loads(files["pack.json"])
        told["files"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
            if name != "pack.json"
        }
        files = {**files, "pack.json": json.dumps(told).encode()}
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target


def refused(school: School, pack: Path) -> str:
    """Why the pack is refused; nothing may have come in."""
    with pytest.raises(Invalid) as caught:
        import_pack(school.desk, pack, school.cast.coach, NOON)
    assert school.titles() == {}
    assert school.desk.media.list_media() == []
    assert not list(school.desk.media.root.glob(".new-*"))
    return caught.value.fields["file"]


STRANGE = "This pack has files that don’t belong in a pack. Ask for a pack made by this site."
STRANGE_VIDEO = "A video in this pack is incomplete or isn’t a video. Ask for a pack made by this site."
NOT_UTF8 = "A file in this pack isn’t UTF-8. Ask for a pack made by this site."
UNSAVABLE = "A file in this pack contains characters that can’t be saved. Ask for a pack made by this site."

NAMES = [
    "../evil.md", "texts/sessions/../../evil.md", "/etc/passwd", "C:\\evil.md", "texts\\sessions\\evil.md", "evil.exe",
    "texts/sessions/UPPER.md", "texts/sessions/a.fr.md", "texts/pages/help.md", "media/feet/media.json", "media/feet/.lock",
    "media/../texts/sessions/x.md", "texts/sessions/", "texts/sessions/a\u202emd.md", "pages/sessions/x.svg", "~/.ssh/id",
    f"texts/sessions/{'a' * 300}.md",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_does_not_belong_into_a_pack_is_refused(
    name: str, theirs: School, pack: Path, tmp_path: Path
) -> None:
    told = refused(theirs, seal(tmp_path / "bad.zip", {**unpack(pack), name: b"x"}))
    assert told == STRANGE


def entry_of(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry


@pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR | 0o755])
def test_links_devices_and_folders_are_refused(mode: int, theirs: School, pack: Path, tmp_path: Path) -> None:
    target = seal(tmp_path / "bad.zip", {**unpack(pack), "texts/sessions/link.md": b"/etc/passwd"})
    files = unpack(target)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(entry_of(name, mode if name.endswith("link.md") else stat.S_IFREG | 0o644), data)
    assert refused(theirs, target) == STRANGE


def test_the_same_name_twice_is_refused(theirs: School, pack: Path, tmp_path: Path) -> None:
    target = seal(tmp_path / "bad.zip", unpack(pack))
    with warnings.catch_warnings(), zipfile.ZipFile(target, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("texts/sessions/hands.md", "another")
    assert refused(theirs, target) == STRANGE


@pytest.mark.parametrize("name", ["texts/sessions/hands.md", "media/feet/720.mp4", "index.html"])
def test_a_file_that_was_changed_is_refused(name: str, theirs: School, pack: Path, tmp_path: Path) -> None:
    files = unpack(pack)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    assert "damaged" in refused(theirs, seal(tmp_path / "bad.zip", files, register=False))


def test_a_file_too_few_or_too_many_is_refused(theirs: School, pack: Path, tmp_path: Path) -> None:
    files = unpack(pack)
    assert "damaged" in refused(
        theirs, seal(tmp_path / "more.zip", {**files, "texts/sessions/x.md": b"x"}, register=False)
    )
    del files["texts/sessions/hands.md"]
    assert "damaged" in refused(theirs, seal(tmp_path / "less.zip", files, register=False))


def test_a_broken_zip_is_refused_wherever_it_is_broken(theirs: School, pack: Path, tmp_path: Path) -> None:
    whole, bad = pack.read_bytes(), tmp_path / "bad.zip"
    for place in range(0, len(whole), max(1, len(whole) // 40)):
        bad.write_bytes(whole[:place])
        assert "damaged" in refused(theirs, bad)
    for place in range(0, len(whole) - 30_000, max(1, len(whole) // 25)):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert refused(theirs, bad)


def test_a_file_that_is_no_zip_is_refused(theirs: School, tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"hello", b"PK\x05\x06", b"PK\x05\x06" + b"\0" * 18, b"<html>" * 5000)):
        bad = tmp_path / f"{number}.zip"
        bad.write_bytes(data)
        assert "damaged" in refused(theirs, bad)


def test_a_bomb_is_refused_before_it_is_unpacked(theirs: School, pack: Path, tmp_path: Path) -> None:
    files = unpack(pack)
    bomb = seal(tmp_path / "bomb.zip", {**files, "media/feet/480.mp4": b"\0" * 200_000_000})
    assert bomb.stat().st_size < 1_000_000
    assert "too big" in refused(theirs, bomb)
    many = seal(tmp_path / "many.zip", {**files, **{f"texts/sessions/s{n}.md": b"x" for n in range(2_100)}})
    assert "too big" in refused(theirs, many)
    long = seal(tmp_path / "long.zip", {**files, "texts/sessions/long.md": bytes(range(256)) * 1_025})
    assert "too big" in refused(theirs, long)


def lie(target: Path, name: str, size: int) -> None:
    """Make the zip declare another size for a file, in both places where it does."""
    data = bytearray(target.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place, start = -1, 0
        while (start := data.find(mark, start)) >= 0:
            head = 30 if offset == 22 else 46
            if data[start + head : start + head + len(name)] == name.encode():
                place = start
            start += 4
        struct.pack_into("<I", data, place + offset, size)
    target.write_bytes(bytes(data))


def test_a_zip_that_lies_about_a_size_is_refused(theirs: School, pack: Path, tmp_path: Path) -> None:
    target = seal(tmp_path / "lie.zip", {**unpack(pack), "texts/sessions/lie.md": b"a" * 20_000})
    lie(target, "texts/sessions/lie.md", 100)
    assert "damaged" in refused(theirs, target)


def test_two_names_for_the_same_bytes_are_refused(theirs: School, pack: Path, tmp_path: Path) -> None:
    target = seal(
        tmp_path / "overlap.zip", {**unpack(pack), "texts/sessions/a.md": b"same", "texts/sessions/b.md": b"same"}
    )
    data = bytearray(target.read_bytes())
    first = data.find(b"PK\x03\x04", data.find(b"texts/sessions/a.md") - 40)
    directory = data.rfind(b"PK\x01\x02", 0, data.rfind(b"texts/sessions/b.md"))
    struct.pack_into("<I", data, directory + 42, first)
    target.write_bytes(bytes(data))
    assert refused(theirs, target) == STRANGE


REGISTERS = [
    b"", b"[]", b"{}", b"\xff\xfe", b'{"format": 1, "files": {"a": 1}}', b"[" * 100_000,
    b'{"format": 1, "format": 1, "files": {}}',
    b'{"format": 1, "files": {"index.html": {"sha256": "", "bytes": "x"}}}', b'{"format": 1, "files": []}',
]  # fmt: skip


@pytest.mark.parametrize("register", REGISTERS)
def test_a_register_that_cannot_be_read_is_refused(register: bytes, theirs: School, pack: Path, tmp_path: Path) -> None:
    bad = seal(tmp_path / "bad.zip", {**unpack(pack), "pack.json": register}, register=False, method=zipfile.ZIP_STORED)
    assert "damaged" in refused(theirs, bad)


def test_a_pack_of_a_newer_site_says_so(theirs: School, pack: Path, tmp_path: Path) -> None:
    files = unpack(pack)
    files["pack.json"] = files["pack.json"].replace(b'"format": 1', b'"format": 2')
    assert "This pack comes from a newer version of this software. Update this site first." in refused(
        theirs, seal(tmp_path / "new.zip", files, register=False)
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [("Ñ".encode("latin-1"), NOT_UTF8), ("Hello".encode("utf-16"), NOT_UTF8), (b"a\0b", UNSAVABLE)],
)
def test_a_text_in_another_encoding_is_refused(
    data: bytes, reason: str, theirs: School, pack: Path, tmp_path: Path
) -> None:
    bad = seal(tmp_path / "bad.zip", {**unpack(pack), "texts/sessions/hands.md": data})
    assert refused(theirs, bad) == reason


MEDIA = {
    "a page named like a video": {"media/feet/720.mp4": b"<html><script>alert(1)</script></html>"},
    "a page named like a picture": {"media/feet/poster.jpg": b"<svg onload=alert(1)>"},
    "captions that are none": {"media/feet/captions.en.vtt": b"<script>"},
    "a transcript that is no text": {"media/feet/transcript.en.txt": b"\xff\xfe\x00"},
    "a video nobody has told of": {"media/other/720.mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 200},
    "captions without a video": {"media/other/captions.en.vtt": CAPTIONS.encode()},
}


@pytest.mark.parametrize("name", MEDIA)
def test_a_recording_that_is_none_is_refused_and_nothing_comes_in(
    name: str, theirs: School, pack: Path, tmp_path: Path
) -> None:
    assert refused(theirs, seal(tmp_path / "bad.zip", {**unpack(pack), **MEDIA[name]})) == STRANGE_VIDEO


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../../evil"}, {"name": "hands"}, {"seconds": -1}, {"seconds": "x"}, {"seconds": 1e9},
        {"titles": {"xx": "No"}},
        {"origin": "elsewhere"}, {"more": 1}, {"width": -4}, {"pauses": [{"at": -1, "label": "x"}]}, {"credits": {"a": "b\nc"}},
    ],
)  # fmt: skip
def test_facts_of_a_recording_that_cannot_be_true_are_refused(
    change: dict[str, object], theirs: School, pack: Path, tmp_path: Path
) -> None:
    files = unpack(pack)
    told = json.loads(files["pack.json"])
    told["media"]["feet"] |= change
    bad = seal(tmp_path / "bad.zip", {**files, "pack.json": json.dumps(told).encode()})
    assert refused(theirs, bad) == STRANGE_VIDEO


def test_a_pack_that_is_too_big_is_not_even_read(theirs: School, tmp_path: Path) -> None:
    big = tmp_path / "big.zip"
    with big.open("wb") as file:
        file.truncate(MAX_PACK_BYTES + 1)
    assert "too big" in refused(theirs, big)


# --- The command ------------------------------------------------------------------------------------------------------


def test_a_pack_goes_from_one_site_to_another_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner().invoke
    monkeypatch.setenv("WELLNESS_HOME", str(tmp_path / "home"))
    assert run(main, ["init"]).exit_code == 0
    ours = tmp_path / "home" / "library" / "sessions" / "kind-self-talk.md"
    ours.write_text(short_session("Kinder"), encoding="utf-8")
    target = tmp_path / "friday.zip"
    made = run(main, ["pack", "export", str(target), "four-square-breathing", "kind-self-talk"])
    assert made.exit_code == 0, made.output
    assert "sessions/four-square-breathing.es.md" in made.output
    assert run(main, ["pack", "export", str(target), "none"]).exit_code == 1
    looked = run(main, ["pack", "import", str(target)])
    assert "same        sessions/kind-self-talk.md  " in looked.output
    assert "Nothing was imported. Use --write to import new and changed items as drafts." in looked.output
    assert "There’s no admin account yet." in run(main, ["pack", "import", str(target), "--write"]).output
    person = ["people", "add", "ada@demo.test", "--name", "Ada", "--role", "admin", "--password", "four-square-1"]
    assert run(main, person).exit_code == 0
    assert "Drafts: none" in run(main, ["pack", "import", str(target), "--write"]).output
    monkeypatch.setenv("WELLNESS_HOME", str(tmp_path / "other"))
    assert run(main, ["init"]).exit_code == 0
    assert run(main, ["people", "add", "cora@demo.test", *person[3:5], "--role", "coach", *person[-2:]]).exit_code == 0
    brought = run(main, ["pack", "import", str(target), "--write", "--by", "cora@demo.test"])
    assert "changed     sessions/kind-self-talk.md" in brought.output, brought.output
    assert "Drafts: sessions/kind-self-talk.md" in brought.output
    assert "There's no file" in run(main, ["pack", "import", str(tmp_path / "gone.zip")]).output
