"""Captions: what is read, what is refused with its line, what is written again, and the transcript made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellness.domain import Severity
from wellness.media.captions import read_captions

GOOD = """WEBVTT

NOTE made by hand

1
00:00:00.500 --> 00:00:03.000
Breathe in, if you like.

00:00:04.000 --> 00:00:09.000 line:0
<v Jo>Now <b>out</b> &amp; slowly,
as long as you want.
"""


def said(text: str | bytes, seconds: float | None = 10) -> list[str]:
    """Every problem as LINE severity: message."""
    data = text.encode() if isinstance(text, str) else text
    found = read_captions(data, "c.vtt", seconds).problems
    return [f"{problem.line} {problem.severity.value}: {problem.message}" for problem in found]


def only(text: str | bytes, seconds: float | None = 10) -> str:
    """The one problem there is."""
    (problem,) = said(text, seconds)
    return problem


def cue(times: str, text: str = "Hello") -> str:
    """A file with one caption, whose times stand in line 3."""
    return f"WEBVTT\n\n{times}\n{text}\n"


# --- What is read -----------------------------------------------------------------------------------------------------


def test_good_captions_have_no_problem_and_know_their_lines() -> None:
    read = read_captions(GOOD.encode(), "c.vtt", 10)
    assert read.problems == ()
    assert [(one.line, one.start, one.end) for one in read.cues] == [(6, 500, 3000), (9, 4000, 9000)]
    assert read.cues[1].text == "Now out & slowly,\nas long as you want."


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: t.replace("\n", "\r")]
)
def test_a_mark_at_the_start_and_other_line_ends_change_nothing(change: object) -> None:
    assert callable(change)
    assert read_captions(change(GOOD).encode(), "c.vtt", 10) == read_captions(GOOD.encode(), "c.vtt", 10)


def test_what_is_written_again_is_read_the_same() -> None:
    read = read_captions(GOOD.encode(), "c.vtt", 10)
    again = read_captions(read.as_webvtt().encode(), "c.vtt", 10)
    assert read.as_webvtt().startswith("WEBVTT\n\n00:00:00.500 --> 00:00:03.000\nBreathe")
    assert [(one.start, one.end, one.raw_text, one.settings) for one in again.cues] == [
        (one.start, one.end, one.raw_text, one.settings) for one in read.cues
    ]
    assert "NOTE" not in read.as_webvtt()


def test_subrip_is_taken_with_its_own_lines() -> None:
    srt = (
        "1\n00:00:01,000 --> 00:00:03,500\n<font color=red>Feet</font> {\\an8}down\n\n2\n0:00:04,000 --> 0:00:04,500\n"
        + ("Far too many words for half a second\n")
    )
    read = read_captions(srt.encode(), "c.srt", 10)
    assert [problem.line for problem in read.errors] == [6]
    assert "00:00:01.000 --> 00:00:03.500\nFeet down" in read.as_webvtt()


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "word"),
    [
        (b"", 1, "empty"),
        (b"  \n\n", 1, "empty"),
        (b"WEBVTT\n\n\xe9t\xe9\n", 3, "UTF-8"),
        ("WEBVTT\n".encode("utf-16"), 1, "UTF-16"),
        (b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHi\0\n", 4, "this isn’t a text file; save the captions as text"),
        (b"WEBVTT\n\n" + b"a" * 300_000, 1, "too long"),
        (b"WEBVTT\n", 1, "no caption"),
        (b"<html><body>", 1, "write only WEBVTT on the first line"),
        (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nHi\n", 1, "write only WEBVTT on the first line"),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes, line: int, word: str) -> None:
    problem = only(data)
    assert problem.startswith(f"{line} error: ")
    assert word in problem


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        (cue("00:00:03.000 --> 00:00:02.000"), 3, "must come after"),
        (cue("00:00:02.000 --> 00:00:02.000"), 3, "must come after"),
        (cue("00:00:01,000 --> 00:00:02.000"), 3, "write the times like"),
        (cue("1 --> 2"), 3, "write the times like"),
        (cue("00:00:01.000 --> 00:00:02.000", ""), 3, "empty"),
        (cue("00:00:01.000 --> 00:00:02.000 line:x"), 3, "take it out"),
        (cue("00:00:01.000 --> 00:00:02.000 line:1 line:2"), 3, "“line:2” after the times"),
        (cue("00:00:01.000 --> 00:60:02.000"), 3, "write the times like"),
        (cue("00:00:01.000 --> 00:00:02.000", "Hello <3"), 3, "write &lt;"),
        (cue("00:00:09.000 --> 00:00:10.600"), 3, "after the video’s end at 0:10.000"),
        (cue("00:00:01.000 --> 00:00:02.000", "Hello\n\nthere"), 6, "no times above"),
        (cue("00:00:01.000 --> 00:00:02.000", "Hello\n00:00:03.000 --> 00:00:04.000\nthere"), 5, "empty line before"),
        ("WEBVTT\n\nOne\ntwo\n00:00:01.000 --> 00:00:02.000\nHello\n", 5, "empty line before"),
        ("WEBVTT\n00:00:01.000 --> 00:00:02.000\nHello\n", 2, "empty line between"),
        (cue("00:00:01.000 --> 00:00:02.000", "one two three four"), 3, "show it for 1.8 seconds"),
    ],
)
def test_each_mistake_is_named_with_its_line(text: str, line: int, word: str) -> None:
    problems = [
        problem
        for problem in said(text)
        if "this file has no captions; write at least one, with its times above it" not in problem
    ]
    assert any(problem.startswith(f"{line} error: ") and word in problem for problem in problems), problems


def test_captions_that_overlap_or_go_back_are_named() -> None:
    overlap = cue("00:00:01.000 --> 00:00:03.000") + "\n00:00:02.500 --> 00:00:04.000\nthere\n"
    assert "6 error: the caption in line 3 is still shown; end it at 0:02.500 or earlier" in said(overlap)
    back = cue("00:00:05.000 --> 00:00:06.000") + "\n00:00:01.000 --> 00:00:02.000\nthere\n"
    assert "6 error: this caption starts before the one in line 3; put them in order" in said(back)


def test_all_problems_are_named_at_once() -> None:
    text = cue("00:00:03.000 --> 00:00:02.000") + "\nstray\n\n00:00:04.000 --> 00:00:20.000\nHi\n"
    assert [problem.split()[0] for problem in said(text)] == ["3", "6", "8"]


def test_half_a_second_after_the_end_is_forgiven() -> None:
    assert said(cue("00:00:09.000 --> 00:00:10.500")) == []
    assert said(cue("00:00:09.000 --> 00:10:00.000"), seconds=None) == []


@pytest.mark.parametrize(
    ("words", "severity"),
    [(13, None), (14, Severity.WARNING), (16, Severity.WARNING), (17, Severity.ERROR)],
)
def test_reading_speed_warns_over_130_words_a_minute_and_refuses_over_160(
    words: int, severity: Severity | None
) -> None:
    text = "\n".join(" ".join(["to"] * part) for part in (words // 2, words - words // 2))
    found = read_captions(cue("00:00:00.000 --> 00:00:06.000", text).encode(), "c.vtt", 10).problems
    assert [problem.severity for problem in found] == ([severity] if severity else [])


def test_long_and_many_lines_are_warnings() -> None:
    problem = only(cue("00:00:00.000 --> 00:00:09.000", "Fine\n" + "x" * 38))
    assert problem == "5 warning: the line has 38 characters; break it so no line has more than 37"
    assert "3 lines cover" in only(cue("00:00:00.000 --> 00:00:09.000", "a\nb\nc"))


def test_styles_are_left_out() -> None:
    text = "WEBVTT\n\nSTYLE\n::cue { background: url(//x) }\n\n00:00:01.000 --> 00:00:02.000\nHello\n"
    assert only(text) == "3 warning: STYLE isn’t used; the site has its own style"
    assert "url" not in read_captions(text.encode(), "c.vtt").as_webvtt()


# --- The transcript ---------------------------------------------------------------------------------------------------


def test_a_pause_begins_a_paragraph_of_the_transcript() -> None:
    text = "WEBVTT\n"
    for start, words in ((1, "First,\nif you like."), (3, "Then."), (7, "After a pause.")):
        text += f"\n00:00:0{start}.000 --> 00:00:0{start + 2}.000\n{words}\n"
    assert read_captions(text.encode(), "c.vtt").as_transcript() == "First, if you like. Then.\n\nAfter a pause.\n"


# --- Hostile files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 250_000 + "x",
        "1\n00:00:01,000 --> 00:00:03,000\n" + "<font" * 40_000,
        cue("00:00:01.000 --> 00:00:02.000", "<" * 200_000),
        cue("00:00:01.000 --> 00:00:02.000", "<v " + " " * 200_000),
        cue("00:00:01.000 --> 00:00:02.000 " + "line:0 " * 30_000),
        "WEBVTT\n\n" + "00:00:01.000 --> 00:00:02.000\n" * 8000,
        "WEBVTT\n\n" + " " * 200_000 + "-->",
        "9" * 250_000,
    ],
)
def test_a_hostile_file_is_read_in_the_end(text: str) -> None:
    assert read_captions(text.encode(), "c.vtt", 10).problems


@given(st.binary(max_size=300) | st.text(alphabet="WEBVT \n0123:.,->NOTE<b>&", max_size=300).map(str.encode))
def test_whatever_is_read_without_an_error_can_be_written(data: bytes) -> None:
    for start in (b"", b"WEBVTT\n\n", b"WEBVTT\n\n00:00:01.000 --> 00:00:09.000\n"):
        read = read_captions(start + data, "c.vtt", 10)
        assert read.cues or read.problems
        if not read.errors:
            assert not read_captions(read.as_webvtt().encode(), "c.vtt", 10).errors
            assert read.as_transcript()
