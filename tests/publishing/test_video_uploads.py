"""Bringing a recording, with real files, a real ffmpeg and processes that are really killed."""

from __future__ import annotations

import io
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import WELLNESS
from tests.support.recordings import (
    CAPTIONS,
    decodes,
    ffmpeg,
    inside,
    is_faststart,
    loudness,
    make_tone,
    make_video,
    pictures_sum,
)
from tests.support.scratch import CHECKOUT, NOON, bundled_videos
from wellness.config import Settings, read_settings
from wellness.domain import JobState, Language, MediaJob
from wellness.errors import Invalid, Misconfigured, NotFound
from wellness.instance import init_instance
from wellness.media import MediaStore
from wellness.media.ffmpeg import MISSING
from wellness.media.job_folder import JobFolder, JobOrder
from wellness.media.store import StoredVideoFacts
from wellness.media_worker import open_worker
from wellness.publishing.video_uploads import (
    Limits,
    StartedUpload,
    get_work,
    list_work,
    reconcile_jobs,
    start_again,
    start_upload,
    start_voice,
    wait_for,
)
from wellness.records import Records, audit_log, media_jobs

ODD = '-i 50%d "Tessa\'s" café: part\n1; $(rm) [a]*.mp4'
"""A name of a file as they come from phones, shells and mischief."""


@dataclass
class Desk:
    """An instance with what brings recordings to it; keeps the processes it started."""

    settings: Settings
    records: Records
    store: MediaStore
    at: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, job_id: str, lock: int) -> None:
        """Start the work as the site does."""
        self.processes.append(open_worker(job_id, lock))

    def bring(self, file: Path, *, captions: str | None = CAPTIONS, **options: Any) -> StartedUpload:
        """Bring the file with English captions."""
        given = {}
        if captions is not None:
            (self.at / "given.vtt").write_text(captions)
            given = {Language.EN: self.at / "given.vtt"}
        return start_upload(
            self.records, self.store, options.pop("start", self.start), file, given, at=now(), **options
        )

    def refused(self, file: Path, **options: Any) -> dict[str, str]:
        """The fields that are wrong; nothing was begun."""
        with pytest.raises(Invalid) as error:
            self.bring(file, **options)
        assert self.store.list_media() == []
        assert self.jobs() == []
        assert not (self.store.root / ".work").exists()
        return error.value.fields

    def finish(self, job: MediaJob) -> tuple[MediaJob, list[int]]:
        """The job when it is over, and the percentages that were told."""
        told: list[int] = []
        over = wait_for(self.records, self.store, job.id, lambda now: told.append(now.percent), now)
        for process in self.processes:
            process.wait()
        return over, told

    def jobs(self) -> list[MediaJob]:
        """Every job as it stands in the records."""
        with self.records.reading() as tx:
            return media_jobs.list_jobs(tx)

    def leftovers(self) -> list[str]:
        """What is in the store's folder besides recordings and locks."""
        found = {path.name for path in self.store.root.iterdir()} - {
            medium.digest for medium in self.store.list_media()
        }
        working = {path.name for path in (self.store.root / ".work").glob("*")} - {".turn"}
        return sorted((found - {".lock", ".work"}) | working)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def desk(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("WELLNESS_HOME", str(tmp_path))
    settings = read_settings()
    opened = Desk(settings, records, MediaStore(settings.media), tmp_path)
    yield opened
    for process in opened.processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `large.mp4` (1280 × 720, its index at the end), `small.mp4` (ready to play) and `silent.webm`."""
    folder = tmp_path_factory.mktemp("videos")
    make_video(folder / "large.mp4", "-metadata", "comment=Room 12, Elm Street")
    make_video(folder / "small.mp4", "-movflags", "+faststart", "-metadata", "comment=Room 12", size="320x180")
    ffmpeg("-i", folder / "small.mp4", "-an", "-c:v", "libvpx", "-deadline", "realtime", folder / "silent.webm")
    return folder


@pytest.fixture(scope="session")
def slow_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video whose noise takes a while to compress, and a lot of space."""
    path = tmp_path_factory.mktemp("videos") / "noise.mp4"
    return make_video(path, "-vf", "noise=alls=80:allf=t", size="640x360", rate=10)


# --- The whole way ----------------------------------------------------------------------------------------------------


def test_a_recording_becomes_versions_poster_preview_captions_and_transcript(desk: Desk, videos: Path) -> None:
    odd = desk.at / ODD
    shutil.copy(videos / "large.mp4", odd)
    with zipfile.ZipFile(odd, "a") as polyglot:  # a zip file behind the video
        polyglot.writestr("hidden.html", "<script>hidden words</script>")
    brought = desk.bring(odd, title="Feet on the floor", is_levelled=True)
    odd.unlink()
    job, told = desk.finish(brought.job)

    assert (job.state, job.percent, job.problem) == (JobState.READY, 100, None)
    assert told == sorted(told)
    assert len(set(told)) >= 3
    medium = desk.store.get_medium("i-50-d-tessa-s-cafe-part-1-rm-a")
    assert (medium.digest, medium.title, medium.seconds) == (job.digest, "Feet on the floor", 3)
    assert [version.label for version in medium.versions] == ["720p", "480p", "audio"]
    paths = {file: desk.store.path_of(medium.digest, file) for file in medium.files}
    for file, size in (("720.mp4", (1280, 720)), ("480.mp4", (854, 480))):
        found = inside(paths[file])
        assert (found["video"]["codec_name"], found["audio"]["codec_name"]) == ("h264", "aac")
        assert (found["video"]["width"], found["video"]["height"]) == size
        assert found["video"]["pix_fmt"] == "yuv420p"
        assert abs(found["seconds"] - 3) < 0.2
        assert is_faststart(paths[file])
        assert decodes(paths[file])
    assert "video" not in inside(paths["audio.m4a"])
    assert is_faststart(paths["audio.m4a"])
    assert "audio" not in inside(paths["preview.mp4"])
    assert paths["poster.jpg"].stat().st_size <= 25 * 1024
    assert inside_picture(paths["poster.jpg"]) == (1280, 720)
    assert paths["captions.en.vtt"].read_text() == CAPTIONS
    assert paths["transcript.en.txt"].read_text() == "Feet on the floor.\n"
    assert abs(loudness(paths["720.mp4"]) + 18) <= 1
    for path in paths.values():
        assert b"Elm Street" not in path.read_bytes()
        assert b"hidden" not in path.read_bytes()
    assert desk.store.check() == []
    assert desk.leftovers() == []
    with desk.records.reading() as tx:
        assert [(entry.action, entry.object) for entry in audit_log.list_audit(tx)] == [
            ("bring recording", medium.name)
        ]


def inside_picture(path: Path) -> tuple[int, int]:
    command = ["ffprobe", "-v", "error", "-of", "csv=p=0", "-show_entries", "stream=width,height", str(path)]
    width, height = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().split(",")
    return int(width), int(height)


def test_nothing_is_made_larger_and_silence_stays_silent(desk: Desk, videos: Path) -> None:
    job, _ = desk.finish(desk.bring(videos / "silent.webm").job)
    assert job.problem is None
    medium = desk.store.get_medium("silent")
    assert [version.label for version in medium.versions] == ["180p"]
    found = inside(desk.store.path_of(medium.digest, "720.mp4"))
    assert (found["video"]["width"], found["video"]["height"]) == (320, 180)
    assert "audio" not in found


def test_a_video_from_a_phone_stands_upright(desk: Desk, videos: Path) -> None:
    turned = desk.at / "turned.mp4"
    ffmpeg("-i", videos / "small.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", turned)
    desk.finish(desk.bring(turned).job)
    facts = desk.store.get_medium("turned").facts
    assert (facts.width, facts.height) == (180, 320)


def test_a_recording_of_a_browser_has_no_length_of_its_own(desk: Desk, videos: Path) -> None:
    live = desk.at / "live.webm"
    ffmpeg("-i", videos / "silent.webm", "-c", "copy", "-f", "webm", "-live", "1", live)
    assert "duration" not in subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", str(live)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    job, _ = desk.finish(desk.bring(live).job)
    assert job.problem is None
    assert desk.store.get_medium("live").seconds in (2, 3)


def test_two_recordings_take_turns(desk: Desk, videos: Path) -> None:
    first = desk.bring(videos / "small.mp4", name="first")
    second = desk.bring(videos / "small.mp4", name="second")
    assert [desk.finish(one.job)[0].state for one in (first, second)] == [JobState.READY] * 2
    assert [medium.name for medium in desk.store.list_media()] == ["first", "second"]


def test_warnings_of_the_captions_are_told_and_do_not_stop(desk: Desk, videos: Path) -> None:
    long_line = CAPTIONS.replace("Feet on the floor.", "Feet, floorboards, flagstonesandallthat")
    brought = desk.bring(videos / "small.mp4", captions=long_line)
    assert [problem.line for problem in brought.warnings] == [4]
    assert desk.finish(brought.job)[0].state is JobState.READY


# --- What is refused --------------------------------------------------------------------------------------------------


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("video.mp4", "video")
    return data.getvalue()


BROKEN = "This file can’t be read all the way through. Save it again as MP4 and upload it again."


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"just words", "We can’t use this type of video. Save it as MP4, MOV, WebM or MKV and upload it again."),
        (zipped(), "zip file"),
        (b"<!DOCTYPE html><video src=x>", "web page"),
        (b"\n <svg xmlns='http://www.w3.org/2000/svg'>", "web page"),
        (
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
            "This is a playlist, not a video or audio file. Upload the file itself.",
        ),
        (
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            "This is a playlist, not a video or audio file. Upload the file itself.",
        ),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (b"%PDF-1.7", "document"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 5000, BROKEN),
        (b"\0\0\0\x18ftypmp42\0\0\0\0#EXTM3U\nfile:///etc/passwd\n" * 9, BROKEN),
        (b"\x1a\x45\xdf\xa3" + b"\xff" * 5000, BROKEN),
        (b"RIFF\0\0\0\0AVI " + b"LIST" * 900, BROKEN),
        (b"\x47" + b"\0" * 187 + (b"\x47" + b"\xff" * 187) * 20, BROKEN),
    ],
)
def test_what_is_no_recording_is_refused_whatever_its_name(desk: Desk, data: bytes, word: str) -> None:
    file = desk.at / "friday.mp4"
    file.write_bytes(data)
    fields = desk.refused(file)
    assert set(fields) == {"file"}
    assert word in fields["file"] or (word == BROKEN and "This file has no video." in fields["file"])


def test_a_folder_a_missing_file_and_a_sound_are_refused(desk: Desk) -> None:
    assert desk.refused(desk.at)["file"] == "We couldn’t find that file."
    assert desk.refused(desk.at / "gone.mp4")["file"] == "We couldn’t find that file."
    assert "This file has no video." in desk.refused(make_tone(desk.at / "tone.m4a", 1))["file"]
    assert (
        "We can’t use this type of video. Save it as MP4, MOV, WebM or MKV and upload it again."
        in desk.refused(make_tone(desk.at / "tone.wav", 1))["file"]
    )


def test_what_is_too_long_or_too_large_for_the_disk_is_refused(desk: Desk, videos: Path) -> None:
    small = videos / "small.mp4"
    too_long = desk.refused(small, limits=Limits(minutes=0))["file"]
    assert too_long == (
        "It’s 0:03 long, and the limit is 0 minutes. "
        "Cut it into shorter videos, or ask the person who runs the site to raise the limit."
    )
    assert "Free up some space first." in desk.refused(small, limits=Limits(spare_bytes=1 << 60))["file"]


@pytest.mark.parametrize("name", ["../friday", "a/b", "C:\\videos\\friday", "..", "Friday", "friday.mp4"])
def test_a_name_with_a_path_in_it_is_refused(desk: Desk, videos: Path, name: str) -> None:
    assert set(desk.refused(videos / "small.mp4", name=name)) == {"name"}


def test_captions_are_needed_and_have_to_fit(desk: Desk, videos: Path) -> None:
    small = videos / "small.mp4"
    assert "Add captions" in desk.refused(small, captions=None)["captions"]
    late = CAPTIONS.replace("00:02.500", "00:09.000")
    assert desk.refused(small, captions=late)["captions"].startswith("line 3: this caption ends at 0:09.000")
    assert "… and 88 more" in desk.refused(small, captions="WEBVTT\n\n" + "stray\n\n" * 100)["captions"]
    with pytest.raises(Invalid) as refused:
        start_upload(desk.records, desk.store, desk.start, small, {Language.ES: desk.at / "gone.vtt"}, at=NOON)
    assert set(refused.value.fields) == {"captions_es"}


def test_everything_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    (desk.at / "page.mp4").write_text("<html>")
    fields = desk.refused(desk.at / "page.mp4", name="../x", title="a\nb", captions="")
    assert set(fields) == {"file", "name", "title", "captions"}


def test_a_video_that_breaks_off_is_found_out(desk: Desk, tmp_path: Path) -> None:
    whole = make_video(tmp_path / "whole.mp4", "-movflags", "+faststart", "-g", 5, size="320x180", seconds=6)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    job, _ = desk.finish(desk.bring(cut).job)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert (
        "The file is cut off before its end. Copy it again from the phone or computer that recorded it, and upload it again."
        in job.problem
        or BROKEN in job.problem
    )
    assert desk.store.list_media() == []


# --- What goes wrong on the way ---------------------------------------------------------------------------------------


class FarEnough(Exception):
    """The work is as far as the test wanted it."""


def follow(desk: Desk, job_id: str, percent: int) -> None:
    """Return when the work is that far, but not done."""

    def look(job: MediaJob) -> None:
        assert not job.is_over
        if job.percent >= percent:
            raise FarEnough

    with suppress(FarEnough):
        wait_for(desk.records, desk.store, job_id, look, now)


def processes_on(job_id: str) -> list[str]:
    """Command lines of the processes that know the job."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found += [command for command in [path.read_bytes().decode("utf-8", "replace")] if job_id in command]
    return found


@pytest.mark.parametrize("percent", [0, 40])
def test_a_killed_worker_leaves_nothing_half_made_and_can_start_again(
    desk: Desk, slow_video: Path, percent: int
) -> None:
    job_id = desk.bring(slow_video, name="noise").job.id
    follow(desk, job_id, percent)
    desk.processes[-1].kill()
    desk.processes[-1].wait()
    job = get_work(desk.records, desk.store, job_id, now())
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem == "Processing stopped before it finished, and nothing was saved. Please try again."
    assert desk.store.list_media() == []
    assert desk.leftovers() == [job_id]
    if sys.platform == "linux":
        while processes_on(job_id):
            pass
        for made in (desk.store.root / ".work" / job_id).glob("made/*.mp4"):
            assert b"moov" not in made.read_bytes()  # ffmpeg ended with the worker, and not because it was done

    start_again(desk.records, desk.store, desk.start, job_id, now())
    job, told = desk.finish(job)
    assert job.problem is None
    assert told == sorted(told)
    assert desk.store.check() == []
    assert desk.leftovers() == []


def test_a_full_disk_is_said_and_the_work_can_start_again(desk: Desk, slow_video: Path) -> None:
    def start_with_little_space(job_id: str, lock: int) -> None:
        desk.start(job_id, lock)
        resource.prlimit(desk.processes[-1].pid, resource.RLIMIT_FSIZE, (500_000, 500_000))

    job = desk.bring(slow_video, name="noise", start=start_with_little_space).job
    job, _ = desk.finish(job)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert "disk is full" in job.problem
    assert desk.store.list_media() == []
    assert list((desk.store.root / ".work" / job.id).glob("made/*")) == []

    start_again(desk.records, desk.store, desk.start, job.id, now())
    assert desk.finish(job)[0].state is JobState.READY
    assert desk.store.check() == []


def test_a_process_that_cannot_start_is_a_failed_job(desk: Desk, videos: Path) -> None:
    job = desk.bring(videos / "small.mp4", start=lambda job_id, lock: None).job
    assert job.state is JobState.FAILED
    again = start_again(desk.records, desk.store, desk.start, job.id, now())
    assert desk.finish(again)[0].state is JobState.READY


def test_a_worker_killed_after_keeping_the_recording_has_made_it(desk: Desk, videos: Path) -> None:
    job = desk.bring(videos / "small.mp4", start=lambda job_id, lock: None).job
    with desk.records.writing() as tx:
        media_jobs.begin_again(tx, job.id, NOON)
    with desk.store.building() as folder:
        shutil.copy(videos / "small.mp4", folder / "720.mp4")
        medium = desk.store.add(folder, StoredVideoFacts("small", {}, 3, 320, 180, job=job.id), NOON)
    (settled,) = list_work(desk.records, desk.store, NOON)
    assert (settled.state, settled.digest) == (JobState.READY, medium.digest)
    assert desk.leftovers() == []


def test_starting_again_is_refused_without_files_and_harmless_while_it_runs(desk: Desk, slow_video: Path) -> None:
    with pytest.raises(NotFound):
        start_again(desk.records, desk.store, desk.start, "nothing-like-it", now())
    job = desk.bring(slow_video, name="noise").job
    assert start_again(desk.records, desk.store, desk.start, job.id, now()).state is not JobState.FAILED
    assert len(desk.processes) == 1
    desk.processes[0].kill()
    desk.processes[0].wait()
    shutil.rmtree(desk.store.root / ".work" / job.id)
    with pytest.raises(Invalid, match=r"The uploaded file is gone\. Upload it again\."):
        start_again(desk.records, desk.store, desk.start, job.id, now())


def test_a_job_of_another_node_is_left_to_it_until_nothing_is_heard_of_it(desk: Desk) -> None:
    """It has no folder here, because that node has a disk of its own."""
    with desk.records.writing() as tx:
        media_jobs.add_job(tx, "elsewhere-1", name="small", title="Small", by=None, at=NOON)
    for later, state in ((0, JobState.WAITING), (60, JobState.WAITING), (61, JobState.FAILED)):
        (job,) = list_work(desk.records, desk.store, NOON + timedelta(minutes=later))
        assert job.state is state


def test_old_jobs_and_their_files_go_after_a_week(desk: Desk, videos: Path) -> None:
    job = desk.bring(videos / "small.mp4", start=lambda job_id, lock: None).job
    reconcile_jobs(desk.records, desk.store, job.changed_at + timedelta(days=6))
    assert (desk.store.root / ".work" / job.id / "source").exists()
    reconcile_jobs(desk.records, desk.store, job.changed_at + timedelta(days=8))
    assert desk.jobs() == []
    assert desk.leftovers() == []


def test_a_working_folder_that_nobody_knows_is_swept_unless_somebody_is_there(desk: Desk) -> None:
    nobodys, taken = (JobFolder(desk.store.root, name * 12) for name in ("a", "b"))
    locks = [place.take(is_new=True) for place in (nobodys, taken)]
    assert None not in locks
    os.close(locks[0] or 0)
    reconcile_jobs(desk.records, desk.store, NOON)
    assert desk.leftovers() == ["b" * 12]
    assert taken.read_order() is None
    os.close(locks[1] or 0)
    reconcile_jobs(desk.records, desk.store, NOON)
    assert desk.leftovers() == []


@pytest.mark.parametrize("job", ["", ".", "..", "../../etc", "a/b", "x" * 41, "short"])
def test_no_job_leads_out_of_the_store(desk: Desk, job: str) -> None:
    with pytest.raises(ValueError):
        JobFolder(desk.store.root, job)


# --- Without ffmpeg ---------------------------------------------------------------------------------------------------


@pytest.fixture
def without_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.usefixtures("without_ffmpeg")
def test_without_ffmpeg_no_video_is_taken(desk: Desk, videos: Path) -> None:
    assert desk.refused(videos / "small.mp4") == {"file": MISSING}


# --- Another voice ----------------------------------------------------------------------------------------------------


def voiced(desk: Desk, recording: Path, **captions: Path) -> StartedUpload:
    given = {Language(language): path for language, path in captions.items()}
    return start_voice(desk.records, desk.store, desk.start, "feet", recording, given, at=now())


@pytest.fixture
def feet(desk: Desk, videos: Path) -> Desk:
    """A desk with a video that came with the site."""
    with desk.store.building() as folder:
        shutil.copy(videos / "small.mp4", folder / "720.mp4")
        (folder / "poster.jpg").write_bytes(b"poster")
        for language in ("en", "es"):
            (folder / f"captions.{language}.vtt").write_text(CAPTIONS)
            (folder / f"transcript.{language}.txt").write_text("As it was.\n")
        by = {"voice": "synthetic", "music": "us", "pictures": "us"}
        desk.store.add(folder, StoredVideoFacts("feet", {"en": "Feet"}, 3, 320, 180, (), by, "bundled"), NOON)
    return desk


def test_a_video_gets_another_voice_and_keeps_its_picture(feet: Desk) -> None:
    before = feet.store.get_medium("feet")
    job, _ = feet.finish(voiced(feet, make_tone(feet.at / "voice.wav", 4.5)).job)
    assert job.problem is None
    after = feet.store.get_medium("feet")
    assert after.digest != before.digest
    old, new = (feet.store.path_of(medium.digest, "720.mp4") for medium in (before, after))
    assert pictures_sum(old) == pictures_sum(new)
    assert abs(loudness(new) + 18) <= 1
    assert abs(inside(new)["seconds"] - 3) < 0.2
    assert is_faststart(new)
    assert "audio.m4a" in after.files
    assert feet.store.read_transcript(after, Language.ES) == "As it was.\n"
    assert after.facts.credits == {"voice": "recorded at school", "pictures": "us"}
    assert after.facts.origin == "brought"
    assert feet.store.check() == []


def test_a_shorter_voice_goes_on_in_silence_with_captions_of_its_own(feet: Desk) -> None:
    (feet.at / "new.vtt").write_text(CAPTIONS.replace("Feet", "Both feet"))
    job, _ = feet.finish(voiced(feet, make_tone(feet.at / "voice.mp3", 1.5), en=feet.at / "new.vtt").job)
    assert job.problem is None
    video = feet.store.get_medium("feet")
    for file in ("720.mp4", "audio.m4a"):
        assert abs(float(inside(feet.store.path_of(video.digest, file))["audio"]["duration"]) - 3) < 0.2
    assert feet.store.read_transcript(video, Language.EN) == "Both feet on the floor.\n"
    assert feet.store.read_transcript(video, Language.ES) == "As it was.\n"


def test_a_voice_that_does_not_fit_is_refused(feet: Desk, videos: Path) -> None:
    with pytest.raises(Invalid) as refused:
        voiced(feet, make_tone(feet.at / "long.wav", 6))
    assert refused.value.fields["file"].startswith("The audio is 0:06 long and the video is 0:03 long.")
    with pytest.raises(Invalid) as refused:
        voiced(feet, CHECKOUT / "README.md")
    assert (
        "We can’t use this type of audio file. Save it as WAV, FLAC, M4A or MP3 and upload it again."
        in refused.value.fields["file"]
    )
    with pytest.raises(NotFound):
        start_voice(feet.records, feet.store, feet.start, "hands", videos / "small.mp4", {}, at=NOON)
    assert feet.jobs() == []


@pytest.mark.usefixtures("without_ffmpeg")
def test_a_voice_needs_ffmpeg(desk: Desk) -> None:
    with desk.store.building() as folder:
        (folder / "720.mp4").write_bytes(b"video")
        desk.store.add(folder, StoredVideoFacts("feet", {}, 3, 320, 180), NOON)
    with pytest.raises(Invalid) as refused:
        voiced(desk, CHECKOUT / "README.md")
    assert "ffmpeg is not installed here" in refused.value.fields["file"]


def test_a_video_that_was_replaced_meanwhile_keeps_its_new_voice(feet: Desk) -> None:
    place = JobFolder(feet.store.root, "f" * 24)
    lock = place.take(is_new=True)
    assert lock is not None
    place.prepare(JobOrder("feet", "Feet", "wav", True, "0" * 16), make_tone(feet.at / "voice.wav", 3), {})
    with feet.records.writing() as tx:
        job = media_jobs.add_job(tx, "f" * 24, name="feet", title="Feet", by=None, at=now())
    feet.start(job.id, lock)
    os.close(lock)
    job, _ = feet.finish(job)
    assert job.problem is not None
    assert (
        "Someone replaced this video in the meantime, so your voice wasn’t added. Start again with the new video."
        in job.problem
    )


# --- The commands -----------------------------------------------------------------------------------------------------


@pytest.fixture
def command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("WELLNESS_HOME", str(desk.settings.home))

    def run(*arguments: object) -> tuple[int, str]:
        done = subprocess.run(
            [WELLNESS, *map(str, arguments)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    return run


def test_the_commands_bring_list_and_check(desk: Desk, videos: Path, command: Callable[..., tuple[int, str]]) -> None:
    (desk.at / "given.vtt").write_text(CAPTIONS)
    code, said = command("media", "add", videos / "small.mp4", "--captions", desk.at / "given.vtt", "--name", "feet")
    assert (code, said.splitlines()[-1]) == (0, command("media", "list")[1].strip())
    assert said.splitlines()[-1].startswith("feet  0:03  180p ")
    assert command("media", "check") == (0, "1 video: 0 errors, 0 warnings\n")
    (desk.store.root / desk.store.get_medium("feet").digest / "720.mp4").unlink()
    code, said = command("media", "check")
    assert code == 1
    assert "720.mp4:1: the file is missing; upload “feet” again" in said
    assert "1 video: 1 error, 0 warnings" in said


def test_the_commands_refuse_with_sentences(desk: Desk, videos: Path, command: Callable[..., tuple[int, str]]) -> None:
    code, said = command("media", "add", CHECKOUT / "README.md", "--name", "../feet")
    assert code == 1
    assert [line.split(":")[0].strip() for line in said.splitlines()] == ["Error", "name", "file", "captions"]
    code, said = command("media", "add", videos / "small.mp4", "--session", "no-such-session")
    assert (code, said) == (1, "Error: There's no session called no-such-session in the library.\n")
    assert "There’s no video with that name." in command("video", "voice", "feet", videos / "small.mp4")[1]
    assert "We couldn’t find that upload." in command("media", "again", "nothing")[1]


def test_failed_work_is_listed_and_started_again(
    desk: Desk, videos: Path, command: Callable[..., tuple[int, str]]
) -> None:
    job = desk.bring(videos / "small.mp4", start=lambda job_id, lock: None).job
    assert command("media", "list")[1].startswith(
        f"{job.id}  failed  0 %  small  Processing stopped before it finished"
    )
    code, said = command("media", "again", job.id)
    assert (code, said.splitlines()[-1].split()[0]) == (0, "small")


def test_the_doctor_says_that_ffmpeg_is_missing(command: Callable[..., tuple[int, str]], without_ffmpeg: None) -> None:
    said = command("doctor")[1]
    assert "ok       ffmpeg: ffmpeg and ffprobe not found" in said
    assert "ok       videos: 0 videos" in said


def test_an_instance_has_the_videos_that_come_with_the_site(tmp_path: Path) -> None:
    settings = read_settings({"WELLNESS_HOME": str(tmp_path / "instance")})
    stray = settings.media / ".new-0000"
    stray.mkdir(parents=True)
    said: list[str] = []
    for _ in range(2):
        init_instance(settings, said.append)
    assert not stray.exists()
    store = MediaStore(settings.media)
    bundled = sorted(video.name for video in bundled_videos())
    assert [medium.name for medium in store.list_media()] == bundled
    assert "Videos: up to date" in said


@pytest.mark.parametrize("minutes", ["0", "-1", "241", "ten"])
def test_the_longest_recording_is_a_setting(minutes: str) -> None:
    with pytest.raises(Misconfigured, match="WELLNESS_MEDIA_MINUTES"):
        read_settings({"WELLNESS_MEDIA_MINUTES": minutes})
    assert read_settings({"WELLNESS_MEDIA_MINUTES": "20"}).media_minutes == 20
    assert read_settings({}).media_minutes == 15
