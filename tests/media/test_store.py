"""The store of recordings: whole or not there, named by content, asked for by names that cannot leave it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.scratch import CHECKOUT, NOON
from wellness.domain import Language
from wellness.errors import Invalid, Misconfigured, NotFound
from wellness.media import MediaStore, StoredVideo
from wellness.media.store import CONTENT_TYPES, Pause, StoredVideoFacts

LATER = NOON + timedelta(hours=1)
VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHello there\n"
FILES = {"720.mp4": "picture", "480.mp4": "small", "captions.en.vtt": VTT, "transcript.en.txt": "Hello there\n"}


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def facts(name: str = "feet", **other: Any) -> StoredVideoFacts:
    return StoredVideoFacts(
        **{"name": name, "titles": {"en": "Feet"}, "seconds": 9.7, "width": 1280, "height": 720, **other}
    )


def put(store: MediaStore, told: StoredVideoFacts | None = None, at: Any = NOON, **files: str) -> StoredVideo:
    """A recording with these files; `whole="x"` stands for 720.mp4."""
    wanted = {**FILES, "720.mp4": files.get("whole", "picture")}
    with store.building() as folder:
        for file, text in wanted.items():
            (folder / file).write_text(text)
        return store.add(folder, told or facts(), at)


# --- Keeping and finding ----------------------------------------------------------------------------------------------


def test_a_store_that_is_not_there_is_empty(store: MediaStore) -> None:
    assert store.list_media() == []
    assert store.find_medium("feet") is None
    assert store.check() == []
    with pytest.raises(NotFound):
        store.get_medium("feet")


def test_what_is_kept_is_found_by_its_name(store: MediaStore) -> None:
    kept = put(store, facts(pauses=(Pause(2.5, "Breathe"),), credits={"voice": "Jo"}))
    found = MediaStore(store.root).get_medium("feet")
    assert found == kept
    assert [(version.label, version.file, version.bytes) for version in found.versions] == [
        ("720p", "720.mp4", 7),
        ("480p", "480.mp4", 5),
    ]
    assert (found.seconds, found.facts.pauses, found.poster) == (9, (Pause(2.5, "Breathe"),), None)
    assert found.captions == {"en": "captions.en.vtt"}
    assert store.read_transcript(found, Language.EN) == "Hello there\n"
    assert store.address(found, "720.mp4") == f"/media/{found.digest}/720.mp4"
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", found.digest]


def test_the_same_content_is_one_recording_and_other_content_another(store: MediaStore) -> None:
    first, again, other = put(store), put(store, at=LATER), put(store, at=LATER, whole="another picture")
    assert first.digest == again.digest != other.digest
    assert again.added_at == NOON


def test_a_name_leads_to_the_newest_and_an_old_text_can_come_back(store: MediaStore) -> None:
    first = put(store)
    second = put(store, at=LATER, whole="another picture")
    assert store.get_medium("feet") == second
    assert store.path_of(first.digest, "720.mp4").read_text() == "picture"
    third = put(store, at=LATER + timedelta(hours=1))
    assert third.digest == first.digest
    assert store.get_medium("feet").digest == first.digest
    assert MediaStore(store.root).list_media() == store.list_media() == [third]


def test_a_recording_made_by_another_process_is_seen(store: MediaStore) -> None:
    assert store.list_media() == []
    put(MediaStore(store.root))
    assert [medium.name for medium in store.list_media()] == ["feet"]


# --- Names and addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", "Feet", "a b", "../feet", "a/b", "a\\b", "..", ".", "-a", "a-", "a--b", "a.b", "é", "a\n", "a" * 81, "a\0"],
)
def test_a_name_that_is_none_is_refused(store: MediaStore, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        put(store, facts(name))
    assert set(refused.value.fields) == {"name"}
    assert store.list_media() == []


HOSTILE = [
    "media.json",
    ".lock",
    "..",
    ".",
    "",
    "../media.json",
    "720.mp4/",
    "720.mp4\0",
    "720.MP4",
    "720.mp4\n",
    "/etc/passwd",
]
HOSTILE += [
    "..%2f720.mp4",
    "..\\720.mp4",
    "captions.en.vtt.html",
    "captions.../x.vtt",
    "captions.EN.vtt",
    "720.mp4.php",
    "~",
]


@pytest.mark.parametrize("file", HOSTILE)
def test_an_address_never_leaves_the_recording(store: MediaStore, file: str) -> None:
    kept = put(store)
    with pytest.raises(NotFound):
        store.path_of(kept.digest, file)


@pytest.mark.parametrize("digest", ["", ".", "..", ".work", "../media", "A" * 16, "0" * 16, "0" * 15, "/", "é" * 16])
def test_no_other_folder_is_reached(store: MediaStore, digest: str) -> None:
    put(store)
    (store.root / ".work").mkdir()
    (store.root / ".work" / "720.mp4").write_text("no")
    with pytest.raises(NotFound):
        store.path_of(digest, "720.mp4")


def test_a_link_in_a_recording_is_not_followed(store: MediaStore) -> None:
    kept = put(store)
    (store.root / kept.digest / "audio.m4a").symlink_to("/etc/passwd")
    with pytest.raises(NotFound):
        store.path_of(kept.digest, "audio.m4a")


def test_every_file_has_a_type_that_runs_nothing(store: MediaStore) -> None:
    kept = put(store)
    for file in kept.files:
        assert Path(file).suffix in CONTENT_TYPES
    assert not any("html" in kind or "svg" in kind or "javascript" in kind for kind in CONTENT_TYPES.values())


def test_files_that_are_none_of_a_recording_are_not_taken(store: MediaStore) -> None:
    with store.building() as folder, pytest.raises(ValueError):
        store.add(folder, facts(), NOON)
    with store.building() as folder:
        (folder / "720.mp4").touch()
        (folder / "index.html").touch()
        with pytest.raises(ValueError):
            store.add(folder, facts(), NOON)
    assert store.list_media() == []
    assert [path.name for path in store.root.iterdir() if path.name != ".lock"] == []


# --- Checking ---------------------------------------------------------------------------------------------------------


def test_the_check_finds_what_is_missing_changed_or_does_not_fit(store: MediaStore) -> None:
    kept = put(store, facts(seconds=2))
    (problem,) = store.check()
    assert "after the video’s end" in problem.message
    folder = store.root / kept.digest
    (folder / "480.mp4").unlink()
    (folder / "720.mp4").write_text("damaged")
    (store.root / ("0" * 16)).mkdir()
    said = [str(problem) for problem in store.check()]
    assert any("480.mp4:1: the file is missing; upload “feet” again" in line for line in said)
    assert any("720.mp4:1: the file was changed" in line for line in said)
    assert any("media.json:1: the details can’t be read; upload the video again" in line for line in said)
    assert store.get_medium("feet").digest == kept.digest


def test_bringing_a_damaged_recording_again_mends_it(store: MediaStore) -> None:
    kept = put(store)
    (store.root / kept.digest / "720.mp4").write_text("damaged")
    put(store, facts(job="anew"), LATER)
    assert store.check() == []


# --- All or nothing ---------------------------------------------------------------------------------------------------

ADDER = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from wellness.media.store import StoredVideoFacts, MediaStore

left = int(sys.argv[2])

def count(event, arguments):  # the process is gone before its last touch of the disk happens
    global left
    if event == "open" or event.startswith(("os.", "shutil.")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

store = MediaStore(Path(sys.argv[1]))
store.list_media()
sys.addaudithook(count)
with store.building() as folder:
    for file in ("720.mp4", "480.mp4"):
        (folder / file).write_bytes(sys.argv[2].encode() * 50000)
    (folder / "captions.en.vtt").write_text("WEBVTT\\n\\n00:00:01.000 --> 00:00:02.000\\nHello\\n")
    store.add(folder, StoredVideoFacts("video", {"en": sys.argv[2]}, 9, 640, 360), datetime.now(UTC))
"""


def test_a_process_killed_at_any_touch_of_the_disk_leaves_the_old_or_the_new(store: MediaStore) -> None:
    put(store, facts("video", titles={"en": "0"}))
    shown, kills = {"0"}, 0
    while True:
        kills += 1
        done = subprocess.run([sys.executable, "-c", ADDER, str(store.root), str(kills)], cwd=CHECKOUT)
        new = store.get_medium("video").title
        assert new in {str(kills), *shown}
        shown = {new}
        assert [problem for problem in store.check() if "480.mp4" in str(problem) or "720.mp4" in str(problem)] == []
        store.sweep()
        assert not list(store.root.glob(".new-*"))
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert kills > 10
    assert shown == {str(kills)}
    assert store.check() == []


# --- Videos that come with the site ------------------------------------------------------------------------------------


def bundle(folder: Path, picture: bytes = b"video", **other: Any) -> Path:
    """A folder as it comes with the site, with one video."""
    folder.mkdir(exist_ok=True)
    (folder / "feet.mp4").write_bytes(picture)
    (folder / "feet.poster.jpg").write_bytes(b"poster")
    for language in ("en", "es"):
        (folder / f"feet.{language}.vtt").write_text(VTT)
        (folder / f"feet.{language}.txt").write_text("Hello\n")
    video: dict[str, Any] = {"slug": "feet", "title": {"en": "Feet", "es": "Pies"}, "seconds": 9.5}
    video |= {"sha256": hashlib.sha256(picture).hexdigest(), "pause_points": [], "credits": {}, **other}
    (folder / "videos.json").write_text(json.dumps({"videos": [video]}))
    return folder


def test_bundled_videos_are_delivered_once_without_ffmpeg(store: MediaStore, tmp_path: Path) -> None:
    videos = bundle(tmp_path / "videos", pause_points=[{"at": 6.5, "label": "Feel"}], credits={"voice": "synthetic"})
    assert store.deliver(videos, NOON) == 1
    assert store.deliver(videos, LATER) == 0
    video = store.get_medium("feet")
    titles, pauses = {"en": "Feet", "es": "Pies"}, (Pause(6.5, "Feel"),)
    assert video.facts == StoredVideoFacts("feet", titles, 9.5, 1280, 720, pauses, {"voice": "synthetic"}, "bundled")
    assert (video.title, video.title_in(Language.ES)) == ("Feet", "Pies")
    assert set(video.files) == {
        "720.mp4", "poster.jpg", "captions.en.vtt", "captions.es.vtt", "transcript.en.txt", "transcript.es.txt",
    }  # fmt: skip
    assert video.added_at == NOON
    assert store.check() == []
    assert store.path_of(video.digest, "720.mp4").stat().st_ino == (videos / "feet.mp4").stat().st_ino


def test_a_new_video_replaces_the_bundled_one_but_never_a_coachs(store: MediaStore, tmp_path: Path) -> None:
    store.deliver(bundle(tmp_path / "videos"), NOON)
    assert store.deliver(bundle(tmp_path / "newer", b"newer video"), LATER) == 1
    own = put(store, at=LATER + timedelta(hours=1))
    assert store.deliver(bundle(tmp_path / "newest", b"newest video"), LATER + timedelta(hours=2)) == 0
    assert store.get_medium("feet") == own


def test_a_video_without_its_bytes_is_refused(store: MediaStore, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="feet"):
        store.deliver(bundle(tmp_path / "videos", sha256="0" * 64), NOON)
    assert store.list_media() == []
    assert store.deliver(tmp_path, NOON) == 0


def test_videos_are_copied_where_the_disk_cannot_link(store: MediaStore, tmp_path: Path) -> None:
    videos = bundle(tmp_path / "videos")
    there = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else tmp_path
    elsewhere = MediaStore(there / f"wellness-{os.getpid()}")
    try:
        assert elsewhere.deliver(videos, NOON) == 1
        assert elsewhere.check() == []
    finally:
        subprocess.run(["rm", "-r", str(elsewhere.root)], check=True)
