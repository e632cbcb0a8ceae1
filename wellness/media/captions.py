"""Captions: read, checked with every problem and its line, written as WebVTT and as a transcript.

The rules are those of WebVTT (https://www.w3.org/TR/webvtt1/), strictly, with two exceptions: a line of spaces counts as empty,
and SRT is turned into WebVTT first. What is written again is made from what was read: nothing else of an uploaded file is kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..domain import Problem, Severity
from ..domain.plain_text import mm_ss, with_unix_line_ends

MAX_CAPTION_BYTES = 256 * 1024
GOOD_SPEED, MAX_SPEED = 130, 160
"""Words per minute (DCMP captioning key for children): above the first is a warning, above the second an error."""
LINE_LENGTH, LINES = 37, 2
"""Characters per line and lines per caption (BBC subtitle guidelines)."""
PARAGRAPH_PAUSE = 1500
"""Milliseconds of silence that start a new paragraph of the transcript."""
_GRACE = 500
"""Milliseconds that captions may be longer than the video: players stop at the last frame."""

_SRT_TIMES = re.compile(r"^\s*(\d+:\d{1,2}:\d{1,2})[,.](\d{1,3})\s*-->\s*(\d+:\d{1,2}:\d{1,2})[,.](\d{1,3})\s*$")
_SRT_MARKS = re.compile(r"</?font[^<>]*>|\{\\[^{}]*\}")
_SRT_START = re.compile(r"(\d+[ \t]*\n)?[ \t]*\d+:\d{1,2}:\d{1,2},\d{1,3}[ \t]*-->")
_LEFT_OUT = ("STYLE", "REGION")
_TIME = r"(?:([0-9]{2,4}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"  # Python refuses to read numbers of 4,300 digits
_CUE_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(\s.*)?")
_PERCENT = r"(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]+)?)%"
_SETTING = re.compile(
    rf"vertical:(?:rl|lr)|line:(?:-?[0-9]+|{_PERCENT})(?:,(?:start|center|end))?"
    rf"|position:{_PERCENT}(?:,(?:line-left|center|line-right))?|size:{_PERCENT}"
    r"|align:(?:start|center|end|left|right)|region:\S+"
)
_TIMES = "write the times like 00:00:05.000 --> 00:00:08.000, with a period before the thousandths"


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: the line of its times in the file, start and end in milliseconds, and its text without marks."""

    line: int
    start: int
    end: int
    text: str
    raw_text: str
    settings: str = ""

    @property
    def words(self) -> int:
        """Number of words."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True)
class Captions:
    """The valid captions of one file, in order, and all problems by line."""

    cues: tuple[Cue, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the captions from being shown."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def as_webvtt(self) -> str:
        """Return the captions as a new WebVTT file."""
        cues = (
            f"\n{_timestamp(cue.start)} --> {_timestamp(cue.end)} {cue.settings}".rstrip() + f"\n{cue.raw_text}\n"
            for cue in self.cues
        )
        return "".join(["WEBVTT\n", *cues])

    def as_transcript(self) -> str:
        """Return the transcript: a new paragraph after each longer pause."""
        paragraphs: list[list[str]] = []
        last_end = None
        for cue in self.cues:
            if last_end is None or cue.start - last_end >= PARAGRAPH_PAUSE:
                paragraphs.append([])
            paragraphs[-1].append(" ".join(cue.text.split()))
            last_end = cue.end
        return "".join(" ".join(words) + "\n\n" for words in paragraphs).rstrip("\n") + "\n"


def read_captions(data: bytes, file: str, seconds: float | None = None) -> Captions:
    """Read a WebVTT or SRT file. `file` is the name for the problems, `seconds` the length of the video if known."""
    text, problem = _decode(data, file)
    if problem is not None:
        return Captions((), (problem,))
    lines = text.split("\n")
    first_line = 1
    if _SRT_START.match(text.lstrip()):
        lines, first_line = ["WEBVTT", "", *map(_from_srt, lines)], -1
    cues, problems = _read_blocks(lines, first_line, file)
    if not cues and not problems:
        problems.append(Problem(file, 1, "this file has no captions; write at least one, with its times above it"))
    problems += _check_times(cues, file, seconds)
    for cue in cues:
        problems += _check_reading(cue, file)
    return Captions(tuple(cues), tuple(sorted(problems)))


# --- From bytes to cues -----------------------------------------------------------------------------------------------


def _decode(data: bytes, file: str) -> tuple[str, Problem | None]:
    if len(data) > MAX_CAPTION_BYTES:
        return "", Problem(file, 1, "the file is too long for captions; the limit is 256 KB")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Problem(file, 1, "the file is UTF-16; save it again with UTF-8 encoding")
    try:
        text = with_unix_line_ends(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return "", Problem(file, line, "this line isn’t UTF-8; save the file again with UTF-8 encoding")
    if "\0" in text:
        return "", Problem(
            file, text[: text.index("\0")].count("\n") + 1, "this isn’t a text file; save the captions as text"
        )
    if not text.strip():
        return "", Problem(file, 1, "the file is empty; write WEBVTT on the first line and the captions below it")
    return text, None


def _from_srt(line: str) -> str:
    """Convert a line from SRT to WebVTT: a period before milliseconds, two-digit hours, no SRT markup."""
    times = _SRT_TIMES.match(line)
    if times is None:
        return _SRT_MARKS.sub("", line)
    start, start_rest, end, end_rest = times.groups()
    return f"{_padded(start)}.{start_rest.zfill(3)} --> {_padded(end)}.{end_rest.zfill(3)}"


def _padded(clock: str) -> str:
    return ":".join(part.zfill(2) for part in clock.split(":"))


def _read_blocks(lines: Sequence[str], first_line: int, file: str) -> tuple[list[Cue], list[Problem]]:
    blocks = list(_blocks(lines, first_line))
    cues: list[Cue] = []
    problems: list[Problem] = []
    if re.fullmatch(r"WEBVTT([ \t].*)?", blocks[0][1][0]) is None or blocks[0][0] > 1:
        problems.append(Problem(file, 1, "write only WEBVTT on the first line, then leave an empty line"))
        blocks = [block for at, block in enumerate(blocks) if at or "-->" in "".join(block[1])]
    else:
        header = blocks.pop(0)
        stray = next((at for at, line in enumerate(header[1]) if "-->" in line), None)
        if stray is not None:
            problems.append(
                Problem(file, header[0] + stray, "leave an empty line between WEBVTT and the first caption")
            )
    for line, block in blocks:
        found = _read_block(line, block, file)
        if isinstance(found, Cue):
            cues.append(found)
        elif found is not None:
            problems.append(found)
    return cues, problems


def _blocks(lines: Sequence[str], first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each block of non-empty lines, with the number of its first line."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], start=first_line):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _read_block(line: int, block: list[str], file: str) -> Cue | Problem | None:
    """Return the cue of a block, its problem, or None for a comment."""
    if re.match(r"NOTE(\s|$)", block[0]):
        return None
    if block[0].rstrip() in _LEFT_OUT:
        return Problem(file, line, f"{block[0].strip()} isn’t used; the site has its own style", Severity.WARNING)
    arrows = [at for at, text in enumerate(block) if "-->" in text]
    if not arrows:
        return Problem(file, line, "this text has no times above it; an empty line ends a caption, so delete that line")
    # One line may be above the times, the cue's identifier. Any other is text of the caption before.
    misplaced = arrows[1:] or [at for at in arrows if at > 1]
    if misplaced:
        return Problem(file, line + misplaced[0], "leave an empty line before the times of each caption")
    return _read_cue(line + arrows[0], block[arrows[0]], block[arrows[0] + 1 :], file)


def _read_cue(line: int, times: str, text: Sequence[str], file: str) -> Cue | Problem:
    match = _CUE_TIMES.fullmatch(times)
    if match is None:
        return Problem(file, line, _TIMES)
    settings = (match[9] or "").split()
    names = [setting.partition(":")[0] for setting in settings]
    for at, setting in enumerate(settings):
        if not _SETTING.fullmatch(setting) or names[at] in names[:at]:
            return Problem(file, line, f"WebVTT does not allow “{setting[:40]}” after the times; take it out")
    raw_text = "\n".join(text)
    plain = _without_tags(raw_text)
    if plain is None:
        return Problem(file, line, "a “<” without its “>” hides the rest of this caption; write &lt; for it")
    start, end = _milliseconds(*match.groups()[:4]), _milliseconds(*match.groups()[4:8])
    return Cue(line, start, end, html.unescape(plain), raw_text, " ".join(settings))


def _milliseconds(hours: str | None, minutes: str, seconds: str, rest: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)


def _without_tags(text: str) -> str | None:
    """Return cue text without tags, which end at the next “>”; None when that is missing.

    One pass: `re.sub("<[^>]*>", "", text)` takes quadratic time for a row of “<”.
    """
    pieces, at = [], 0
    while (start := text.find("<", at)) >= 0:
        end = text.find(">", start)
        if end < 0:
            return None
        pieces.append(text[at:start])
        at = end + 1
    return "".join(pieces) + text[at:]


# --- What is wrong with them ------------------------------------------------------------------------------------------


def _check_times(cues: Sequence[Cue], file: str, seconds: float | None) -> Iterator[Problem]:
    for cue in cues:
        if cue.end <= cue.start:
            yield Problem(file, cue.line, f"the end {_clock(cue.end)} must come after the start {_clock(cue.start)}")
        elif seconds is not None and cue.end > seconds * 1000 + _GRACE:
            message = (
                f"this caption ends at {_clock(cue.end)}, after the video’s end at {_clock(round(seconds * 1000))}"
            )
            yield Problem(file, cue.line, f"{message}; these may be the captions of a different video")
    for before, cue in pairwise(cues):
        if cue.start < before.start:
            yield Problem(
                file, cue.line, f"this caption starts before the one in line {before.line}; put them in order"
            )
        elif cue.start < before.end:
            message = f"the caption in line {before.line} is still shown; end it at {_clock(cue.start)} or earlier"
            yield Problem(file, cue.line, message)


def _check_reading(cue: Cue, file: str) -> Iterator[Problem]:
    if not cue.text.strip():
        yield Problem(file, cue.line, "this caption is empty; write its text below its times, or delete the times")
        return
    yield from _check_speed(cue, file)
    lines = cue.text.split("\n")
    if len(lines) > LINES:
        message = f"{len(lines)} lines cover the picture; use at most {LINES}, or make two captions of it"
        yield Problem(file, cue.line, message, Severity.WARNING)
    for number, line in enumerate(lines, start=cue.line + 1):
        if len(line) > LINE_LENGTH:
            message = f"the line has {len(line)} characters; break it so no line has more than {LINE_LENGTH}"
            yield Problem(file, number, message, Severity.WARNING)


def _check_speed(cue: Cue, file: str) -> Iterator[Problem]:
    shown = cue.end - cue.start
    if shown <= 0 or cue.words * 60_000 <= GOOD_SPEED * shown:
        return
    needed = cue.words * 60 / GOOD_SPEED
    how = f"{cue.words} words in {shown / 1000:.1f} seconds"
    mend = f"show it for {needed:.1f} seconds or use fewer words"
    if cue.words * 60_000 > MAX_SPEED * shown:
        yield Problem(file, cue.line, f"{how} are too fast for children to read (at most {MAX_SPEED} a minute); {mend}")
    else:
        yield Problem(file, cue.line, f"{how} are fast for younger readers; {mend}", Severity.WARNING)


def _clock(milliseconds: int) -> str:
    """Format milliseconds as 1:05.250."""
    return f"{mm_ss(milliseconds // 1000)}.{milliseconds % 1000:03}"


def _timestamp(milliseconds: int) -> str:
    hours, rest = divmod(milliseconds, 3_600_000)
    return f"{hours:02}:{rest // 60_000:02}:{rest // 1000 % 60:02}.{rest % 1000:03}"
