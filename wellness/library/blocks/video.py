"""A video: which one, where it pauses, and that it has captions and a transcript for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...domain import Block, Language, Problem, Step, VideoFacts
from ...domain.plain_text import mm_ss
from ..checks.suggestions import suggest
from .base import BlockType, CheckContext, Doc, Option, Parameters, PrepareContext, Snippet

_NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_LONGEST_SECONDS = 240
_SPARE_SECONDS = 20
"""People call a video of 3:16 three minutes long."""
_PAUSE = re.compile(r"^(\d{1,2}):([0-5]\d)$")


@dataclass(frozen=True)
class Video:
    """A video the page can play. `pauses` are in seconds; None means the video's own pauses.

    The file addresses are looked up when the page is shown.
    """

    key: str
    name: str
    pauses: tuple[int, ...] | None


def _argument(word: str) -> str:
    if not _NAME.match(word):
        raise ValueError("say which video: `/// video | its-name`; Videos lists the names")
    return word


def _pauses(value: str) -> tuple[int, ...]:
    """Parse `pauses: 0:45, 1:30` into seconds in order; `none` means no pauses."""
    if value == "none":
        return ()
    pauses = set()
    for piece in filter(None, (piece.strip() for piece in value.split(","))):
        match = _PAUSE.match(piece)
        if match is None:
            raise ValueError(f"write a pause as minutes and seconds, like 1:05, not {piece}")
        pauses.add(int(match.group(1)) * 60 + int(match.group(2)))
    return tuple(sorted(pauses))


def _check(block: Block, parameters: Parameters, around: CheckContext) -> Iterator[Problem]:
    """Captions are required by WCAG 2.2, 1.2.2; the transcript is for people who can't play the video."""
    name = parameters.argument
    video = next((video for video in around.videos if video.name == name), None)
    if video is None:
        message = f"there’s no video called {name}; Videos lists the names"
        yield around.error(block.line, message)
        return
    if Language.EN not in video.captions:
        yield around.error(block.line, f"{name} has no captions; upload it again with a captions file")
    if Language.EN not in video.transcripts:
        yield around.error(block.line, f"{name} has no transcript; upload it again with a captions file")
    if any(pause >= video.seconds for pause in parameters["pauses"] or ()):
        line = next((line for line, name, _ in block.number_options() if name == "pauses"), block.line)
        yield around.error(line, f"a pause comes after the end; the video is {mm_ss(video.seconds)} long")


def find_length_problems(steps: Sequence[Step], file: str, known: Sequence[VideoFacts]) -> list[Problem]:
    """Return problems for videos longer than their step, and for videos too long for a class."""
    lengths = {video.name: video.seconds for video in known}
    problems = []
    for step in steps:
        videos = [block for block in step.blocks if block.name == "video" and block.argument in lengths]
        seconds = sum(lengths[block.argument] for block in videos)
        if seconds > step.minutes * 60 + _SPARE_SECONDS:
            message = f"the video takes {mm_ss(seconds)}, but its step has {step.minutes} min; change one of them"
            problems.append(Problem(file, step.line, message))
        if seconds > _LONGEST_SECONDS:
            message = f"{mm_ss(seconds)} of video is long for a class; aim for at most {mm_ss(_LONGEST_SECONDS)}"
            problems.append(suggest(file, videos[0].line, message, "video-length"))
    return problems


def _prepare(block: Block, parameters: Parameters, making: PrepareContext) -> Video:
    return Video(making.key, parameters.argument, parameters["pauses"])


BLOCK: BlockType[Video] = BlockType(
    name="video",
    order=60,
    docs=(
        Doc(
            "/// video | its-name",
            "a video with captions and a transcript; `pauses: 0:45, 1:30` says where it pauses",
        ),
    ),
    argument=_argument,
    options=(Option("pauses", _pauses),),
    snippets=(
        Snippet(
            "video",
            "Video",
            "/// video | {video}\nThe same in words, for anyone who can't play it.\n///",
            "/// video | {video}\nLo mismo en palabras.\n///",
        ),
    ),
    data=Video,
    check=_check,
    prepare=_prepare,
)
