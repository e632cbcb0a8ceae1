"""Texts that show a recording: which one, whether everybody gets it, whether it fits into its step."""

from __future__ import annotations

import pytest

from tests.support.scratch import changed, docs_example, line_of
from wellness.domain import Block, Language, Problem, Severity, VideoFacts
from wellness.library.blocks import BLOCKS
from wellness.library.prepared import Text, prepare
from wellness.library.session import parse_session

EN, ES = Language.EN, Language.ES
FEET = VideoFacts("feet", 100, (EN,), (EN,))
OPENING = "/// video | feet\n"


def text(block: str = OPENING) -> str:
    """The example of the guide with a video in its Video step of two minutes."""
    example = docs_example()
    heading = next(line for line in example.split("\n") if line.startswith("## Video"))
    assert "(2 min" in heading
    return changed(example, (heading, f"{heading}\n\n{block}///"))


def problems(block: str = OPENING, video: VideoFacts = FEET) -> list[Problem]:
    """What the check says with that block and that one recording."""
    file = "sessions/x.md"
    return list(parse_session("x", EN, text(block), file, videos=(video,)).problems)


def test_a_recording_with_captions_and_transcript_is_welcome() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("/// video\n", "say which video: `/// video | its-name`; Videos lists the names"),
        ("/// video | ../feet\n", "say which video: `/// video | its-name`; Videos lists the names"),
        ("/// video | Feet\n", "say which video: `/// video | its-name`; Videos lists the names"),
        ("/// video | hands\n", "there’s no video called hands"),
        ("/// video | feet\nspeed: 2\n", "`speed` isn’t an option of this video"),
        ("/// video | feet\npauses: 45\n", "write a pause as minutes and seconds, like 1:05"),
        ("/// video | feet\npauses: 0:45, 1:40\n", "a pause comes after the end; the video is 1:40 long"),
    ],
)
def test_what_cannot_be_shown_is_an_error_at_its_line(block: str, says: str) -> None:
    (problem,) = problems(block)
    assert says in problem.message
    assert problem.severity is Severity.ERROR
    first = line_of(text(block), "/// video")
    assert problem.line in (first, first + 1)


@pytest.mark.parametrize(
    ("video", "says"),
    [
        (VideoFacts("feet", 100, (), (EN,)), "feet has no captions"),
        (VideoFacts("feet", 100, (ES,), (EN,)), "feet has no captions"),
        (VideoFacts("feet", 100, (EN,), ()), "feet has no transcript"),
        (VideoFacts("feet", 141, (EN,), (EN,)), "the video takes 2:21, but its step has 2 min"),
    ],
)
def test_a_recording_that_leaves_somebody_out_or_does_not_fit_is_an_error(video: VideoFacts, says: str) -> None:
    (problem,) = problems(video=video)
    assert says in problem.message
    assert problem.severity is Severity.ERROR


def test_a_few_seconds_more_than_its_minutes_are_what_people_call_two_minutes() -> None:
    assert problems(video=VideoFacts("feet", 140, (EN,), (EN,))) == []


def test_more_than_four_minutes_are_allowed_with_a_warning() -> None:
    long = text().replace("(2 min", "(5 min", 1)
    found = parse_session("x", EN, long, "sessions/x.md", videos=(VideoFacts("feet", 250, (EN,), (EN,)),)).problems
    assert [problem.severity for problem in found if "4:10 of video is long" in problem.message] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("written", "read"),
    [("", None), ("none", ()), ("0:45", (45,)), ("1:30, 0:45, 0:45", (45, 90)), ("10:00,", (600,))],
)
def test_pauses_are_read_in_order_and_can_be_none(written: str, read: tuple[int, ...] | None) -> None:
    options = (("pauses", written),) if written else ()
    parameters, wrong = BLOCKS["video"].read(Block("video", "", 1, 2, "feet", options, (2,)))
    assert (parameters["pauses"], wrong) == (read, [])


def test_a_text_is_prepared_with_the_name_of_its_recording_and_its_pauses() -> None:
    outcome = prepare(Text("sessions", "x", EN, "sessions/x.md", text(f"{OPENING}pauses: 0:45\n"), None, (FEET,)))
    assert outcome.document is not None
    assert '"name":"feet"' in outcome.document
    assert '"pauses":[45]' in outcome.document
