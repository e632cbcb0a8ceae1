"""The recordings a text can show: which one, where it pauses, and that nobody is left out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...domain import Block, FilmFacts, Language, Problem, Severity, Step
from ...domain.plain_text import mm_ss

_NAME = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_LONGEST_SECONDS = 240
_SPARE_SECONDS = 20
"""A film of 3:16 is what people call three minutes."""
_PAUSE = re.compile(r"^(\d{1,2}):([0-5]\d)$")


def find_video_problems(block: Block, file: str, known: Sequence[FilmFacts]) -> list[Problem]:
    """What is wrong with one block, if it is a video: its name, its options, its captions and transcript.

    Captions are WCAG 2.2, 1.2.2; the transcript is for who cannot play the video at all.
    """
    if block.name != "video":
        return []
    problems = [
        Problem(file, number, f"`{key}` is not an option of a video; it has: pauses")
        for number, key, _ in block.number_options()
        if key != "pauses"
    ]
    film = next((film for film in known if film.name == block.argument), None)
    if not _NAME.match(block.argument):
        message = "say which recording: `/// video | its-name`; `wellness media list` shows the names"
        return [*problems, Problem(file, block.line, message)]
    if film is None:
        message = f"there is no recording called {block.argument}; `wellness media list` shows those there are"
        return [*problems, Problem(file, block.line, message)]
    if Language.EN not in film.captions:
        problems.append(Problem(file, block.line, f"{film.name} has no captions; bring it again with a captions file"))
    if Language.EN not in film.transcripts:
        problems.append(
            Problem(file, block.line, f"{film.name} has no transcript; bring it again with a captions file")
        )
    return problems + _pause_problems(block, file, film)


def find_length_problems(steps: Sequence[Step], file: str, known: Sequence[FilmFacts]) -> list[Problem]:
    """Recordings that do not fit into the minutes of their step, and one longer than a class stays with."""
    lengths = {film.name: film.seconds for film in known}
    problems = []
    for step in steps:
        films = [block for block in step.blocks if block.name == "video" and block.argument in lengths]
        seconds = sum(lengths[block.argument] for block in films)
        if seconds > step.minutes * 60 + _SPARE_SECONDS:
            message = f"the recording takes {mm_ss(seconds)}, but its step has {step.minutes} min; change one of them"
            problems.append(Problem(file, step.line, message))
        if seconds > _LONGEST_SECONDS:
            message = f"{mm_ss(seconds)} of video is long for a class; aim for at most {mm_ss(_LONGEST_SECONDS)}"
            problems.append(Problem(file, films[0].line, message, Severity.WARNING))
    return problems


def read_pauses(block: Block) -> tuple[int, ...] | None:
    """The pause points of a video in seconds, in order: `pauses: 0:45, 1:30`, or `none` for no pause at all.

    None when the text does not say: the recording's own are kept then. Raises ValueError for anything else.
    """
    told = block.option("pauses").strip()
    if not told:
        return None
    if told == "none":
        return ()
    pauses = []
    for piece in filter(None, (piece.strip() for piece in told.split(","))):
        match = _PAUSE.match(piece)
        if match is None:
            raise ValueError(f"write a pause as minutes and seconds, like 1:05, not {piece}")
        pauses.append(int(match.group(1)) * 60 + int(match.group(2)))
    return tuple(sorted(set(pauses)))


def _pause_problems(block: Block, file: str, film: FilmFacts) -> list[Problem]:
    line = next((number for number, key, _ in block.number_options() if key == "pauses"), block.line)
    try:
        late = [pause for pause in read_pauses(block) or () if pause >= film.seconds]
    except ValueError as error:
        return [Problem(file, line, str(error))]
    if late:
        message = f"a pause comes after the end; the recording is {mm_ss(film.seconds)} long"
        return [Problem(file, line, message)]
    return []
