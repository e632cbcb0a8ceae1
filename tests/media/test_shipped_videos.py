"""The videos that come with the site: they play, they are level, and every spoken cue has its caption."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.scratch import CHECKOUT
from videos.captions import SOUNDS
from videos.script import ScriptError, Video, read_video, slugs
from videos.timeline import WORDS_A_MINUTE, Timeline, place

MEDIA = CHECKOUT / "static" / "media"
LIST = json.loads((MEDIA / "videos.json").read_text(encoding="utf-8"))["videos"]
SLUGS = [entry["slug"] for entry in LIST]
CAPTIONED = [(entry["slug"], language) for entry in LIST for language in entry["languages"]]
CUE = re.compile(r"^(?:\d+\n)?(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.+)$", re.DOTALL)
MOST_WORDS_A_MINUTE = 130


@dataclass(frozen=True)
class Cue:
    start: float
    end: float
    text: str


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    found = shutil.which(program)
    assert found, f"{program} is missing: on Debian, install it with: apt install ffmpeg"
    return subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, check=False)


def video(slug: str) -> Path:
    return MEDIA / f"{slug}.mp4"


def entry_of(slug: str) -> dict[str, Any]:
    return next(entry for entry in LIST if entry["slug"] == slug)


def probe(path: Path) -> dict[str, Any]:
    done = run("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", path)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stream(facts: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in facts["streams"] if one["codec_type"] == kind)


def cues_of(slug: str, language: str) -> list[Cue]:
    head, *blocks = (MEDIA / f"{slug}.{language}.vtt").read_text(encoding="utf-8").strip().split("\n\n")
    assert head.startswith("WEBVTT")
    cues = []
    for block in blocks:
        found = CUE.match(block)
        assert found, f"not a cue: {block!r}"
        hours, minutes, seconds, end_hours, end_minutes, end_seconds, text = found.groups()
        start = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        cues.append(Cue(start, int(end_hours) * 3600 + int(end_minutes) * 60 + float(end_seconds), text))
    return cues


def joined(text: str) -> str:
    return " ".join(text.split())


# --- The files --------------------------------------------------------------------------------------------------------


def test_there_are_six_videos_a_text_to_each_and_a_session_to_each() -> None:
    assert len(SLUGS) == 6
    assert sorted(SLUGS) == slugs()
    sessions = {path.stem for path in (CHECKOUT / "content" / "sessions").glob("*.md")}
    assert set(SLUGS) <= sessions
    assert sum("es" in entry["languages"] for entry in LIST) == 2
    assert "es" in entry_of("four-square-breathing")["languages"]


def test_all_videos_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in MEDIA.iterdir()) <= 52_000_000


@pytest.mark.parametrize("slug", SLUGS)
def test_a_video_is_h264_and_aac_in_720p_and_two_to_four_minutes_long(slug: str) -> None:
    facts = probe(video(slug))
    picture, sound = stream(facts, "video"), stream(facts, "audio")
    assert (picture["codec_name"], picture["width"], picture["height"]) == ("h264", 1280, 720)
    assert picture["profile"] in {"Main", "High"}
    assert picture["pix_fmt"] == "yuv420p"
    assert picture["avg_frame_rate"] in {"20/1", "24/1", "25/1"}
    assert sound["codec_name"] == "aac"
    assert 120 <= float(facts["format"]["duration"]) <= 240
    assert video(slug).stat().st_size <= 6 * 2**20


@pytest.mark.parametrize("slug", SLUGS)
def test_a_video_is_decoded_from_end_to_end_without_an_error(slug: str) -> None:
    done = run("ffmpeg", "-v", "error", "-xerror", "-threads", "1", "-i", video(slug), "-f", "null", "-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_video_can_begin_to_play_before_it_has_arrived(slug: str) -> None:
    boxes = []
    with video(slug).open("rb") as opened:
        while head := opened.read(8):
            size, name = struct.unpack(">I4s", head)
            boxes.append(name.decode("ascii"))
            opened.seek(size - 8, 1)
    assert boxes.index("moov") < boxes.index("mdat")


@pytest.mark.parametrize("slug", SLUGS)
def test_all_videos_are_equally_loud_and_none_is_clipped(slug: str) -> None:
    done = run(
        "ffmpeg",
        "-hide_banner",
        "-i",
        video(slug),
        "-vn",
        "-af",
        "ebur128=peak=true:framelog=verbose",
        "-f",
        "null",
        "-",
    )
    assert done.returncode == 0, done.stderr
    loudness, peak = (float(re.findall(rf"{name}: +(-?[0-9.]+)", done.stderr)[-1]) for name in ("I", "Peak"))
    assert -19 <= loudness <= -17
    assert peak <= -1.5


@pytest.mark.parametrize("slug", SLUGS)
def test_the_poster_is_light_and_has_the_shape_of_the_video(slug: str) -> None:
    poster = MEDIA / f"{slug}.poster.jpg"
    assert poster.stat().st_size <= 25_000
    picture = stream(probe(poster), "video")
    assert (picture["width"], picture["height"]) == (960, 540)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_list_of_videos_says_what_the_files_are(slug: str) -> None:
    entry, path = entry_of(slug), video(slug)
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry["size"] == path.stat().st_size
    assert abs(entry["seconds"] - float(probe(path)["format"]["duration"])) < 0.2
    assert entry["title"] == read_video(slug).titles
    assert "synthetic" in entry["credits"]["voice"]
    assert entry["credits"]["licence"] == "CC BY 4.0"
    assert all(0 < point["at"] < entry["seconds"] and point["label"] for point in entry["pause_points"])


# --- Captions and transcripts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "language"), CAPTIONED)
def test_the_captions_are_every_spoken_cue_in_order_and_nothing_else(slug: str, language: str) -> None:
    spoken = [joined(cue.text) for cue in cues_of(slug, language) if cue.text != SOUNDS[language]]
    assert spoken == [joined(line.texts[language]) for line in read_video(slug).lines]
    assert cues_of(slug, language)[0].text == SOUNDS[language]


@pytest.mark.parametrize(("slug", "language"), CAPTIONED)
def test_captions_follow_each_other_inside_the_video(slug: str, language: str) -> None:
    cues, clock = cues_of(slug, language), 0.0
    for cue in cues:
        assert clock <= cue.start < cue.end, cue
        clock = cue.end
    assert clock <= entry_of(slug)["seconds"]


@pytest.mark.parametrize(("slug", "language"), CAPTIONED)
def test_captions_can_be_read_by_a_slow_reader(slug: str, language: str) -> None:
    for cue in cues_of(slug, language):
        assert len(cue.text.split("\n")) <= 2, cue
        assert max(len(line) for line in cue.text.split("\n")) <= 37, cue
        assert len(cue.text.split()) * 60 / (cue.end - cue.start) <= MOST_WORDS_A_MINUTE, cue


@pytest.mark.parametrize(("slug", "language"), CAPTIONED)
def test_the_transcript_says_what_is_spoken_and_what_is_seen(slug: str, language: str) -> None:
    text, video = (MEDIA / f"{slug}.{language}.txt").read_text(encoding="utf-8"), read_video(slug)
    assert text.startswith(video.titles[language])
    assert all(line.texts[language] in text for line in video.lines)
    assert all(scene.shows[language] in text for scene in video.scenes)
    assert "CC BY 4.0" in text


# --- What is said -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_a_video_offers_open_eyes_and_stopping_and_orders_nobody_about(slug: str) -> None:
    said = " ".join(line.texts["en"] for line in read_video(slug).lines).lower()
    assert "stop" in said
    for unsafe in ("close your eyes", "you must", "have to do", "everyone", "calm down", "clear your mind", "relax"):
        assert unsafe not in said
    assert "hold your breath" not in said


@pytest.mark.parametrize(
    "slug", ["four-square-breathing", "five-senses-grounding", "body-scan", "wind-down-for-the-weekend"]
)
def test_a_video_for_sitting_still_says_that_eyes_may_stay_open(slug: str) -> None:
    video = read_video(slug)
    shown = " ".join([*(line.texts["en"] for line in video.lines), *(str(scene.settings) for scene in video.scenes)])
    assert re.search(r"eyes open", shown, re.IGNORECASE)


# --- The timeline -----------------------------------------------------------------------------------------------------


def timeline_of(video: Video, seconds_a_word: float) -> Timeline:
    return place(video, lambda text: len(text.split()) * seconds_a_word)


@pytest.mark.parametrize("slug", SLUGS)
def test_pauses_are_kept_whatever_the_voice(slug: str) -> None:
    for placed in timeline_of(read_video(slug), 0.3).scenes:
        for line, after in zip(placed.lines, placed.lines[1:], strict=False):
            if after.line.at is None and line.line.beat is None and line.line.at is None:
                assert after.start - line.voice_end >= line.line.pause - 1e-6
            assert line.caption_end < after.start


def test_a_voice_too_slow_for_counted_lines_is_refused_by_the_line() -> None:
    with pytest.raises(ScriptError, match=r"would begin before the last one ends|Too little time"):
        timeline_of(read_video("four-square-breathing"), 2.5)


def test_a_video_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(ScriptError, match=r"There are: .*body-scan"):
        read_video("four-squares")


def test_captions_are_given_more_time_than_the_limit_asks() -> None:
    assert WORDS_A_MINUTE < MOST_WORDS_A_MINUTE
