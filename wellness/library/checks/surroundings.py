"""The full check of a text in the studio: `prepare`'s problems, and those that need other pages, the plan or the grades.

Errors: a link to a page of this site that does not exist, a picture that is not there. Warnings: words too hard for the
grades, a session longer than the time classes have, the same topic four weeks running.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ...domain import Band, Block, Competency, Language, Need, Problem, TextKey, TextKind, VideoFacts
from ..blocks import is_for_everyone
from ..body import Part, cut_body, no_heading
from ..front_matter import Source, split_front_matter
from ..front_matter_edit import read_form, read_kind
from ..prepared import Text
from ..sandbox import Sandbox
from ..session import STEP_HEADING, is_session_heading
from ..training_module import is_module_heading
from .reading_level import measure
from .suggestions import suggest

USUAL_SLOT = 12
"""Minutes that a school sets aside for a session; the shipped sessions are this long."""
WEEKS_RUNNING = 4
_HARD_SENTENCE, _LONG_SENTENCE = 7, 10
"""In an easy text, a sentence is reported when it is this many grades above the readers and this many words long."""

_FOR_STAFF = ("/teach", "/coach", "/training", "/admin", "/c/", "/certificates")
"""Staff pages, whose addresses the check doesn't know."""


Addresses = tuple[tuple[int, str], ...]
"""(line, address) pairs of links to this site, as in `Outcome.addresses`."""


@dataclass(frozen=True, slots=True)
class PlannedTopic:
    """A planned week: the session's slug and its topic, which is the competency and the first need."""

    week_on: date
    slug: str
    competency: Competency
    need: Need | None


@dataclass(frozen=True, slots=True)
class Context:
    """What the check needs to know in addition to the text.

    `addresses` are the pages and media that exist ("/help", "/sessions/body-scan"), `modules` the slugs of the training
    modules, both None when unknown; `slot_minutes` is the time a class has; `plans` has one sequence for each grade of
    each school, week by week.
    """

    addresses: frozenset[str] | None = None
    modules: frozenset[str] | None = None
    slot_minutes: int = USUAL_SLOT
    plans: tuple[tuple[PlannedTopic, ...], ...] = ()


def check_text(
    workshop: Sandbox,
    key: TextKey,
    text: str,
    original: str | None = None,
    videos: tuple[VideoFacts, ...] = (),
    context: Context = Context(),
) -> list[Problem]:
    """Return all problems of a text by line. `original` is the English text of a translation."""
    asked = Text(key.kind.value, key.slug, key.language, key.file, text, original, videos)
    outcome = next(workshop.prepare([asked]))
    return sorted([*outcome.problems, *find_surrounding_problems(key, text, outcome.addresses, context)])


def find_surrounding_problems(key: TextKey, text: str, addresses: Addresses, context: Context) -> list[Problem]:
    """Return problems with links, reading level, time and plan. Never raises for a half-written text.

    `addresses` are those of the text's outcome.
    """
    source = split_front_matter(text)
    if source is None:
        return []
    parts = _parts_of(source, key)
    problems = list(_link_problems(addresses, key.file, context.addresses))
    if key.kind is TextKind.SESSION and key.language is Language.EN:
        steps = [part for part in parts if read_kind(part.heading) and STEP_HEADING.match(part.heading)]
        shown = [block for step in steps for block in step.blocks if is_for_everyone(block.name)]
        facts = _Facts.of(text)
        problems += _level_problems(shown, facts, key.file)
        problems += _slot_problems(facts, context.slot_minutes, key.file)
        problems += _topic_problems(key, facts, context)
        problems += _module_problems(facts, key.file, context.modules)
    return sorted(problems)


def find_link_problems(key: TextKey, addresses: Addresses, known: frozenset[str]) -> list[Problem]:
    """Return problems for broken links, the only ones of these that stop publishing."""
    return list(_link_problems(addresses, key.file, known))


def _parts_of(source: Source, key: TextKey) -> tuple[Part, ...]:
    is_heading = {TextKind.SESSION: is_session_heading, TextKind.TRAINING: is_module_heading}.get(key.kind, no_heading)
    return cut_body(source.body, source.body_line, key.file, is_heading)[0]


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts that these checks need, as far as they can be read, and their lines."""

    minutes: int | None
    bands: tuple[Band, ...]
    competency: Competency | None
    need: Need | None
    module: str
    lines: dict[str, int]

    @classmethod
    def of(cls, text: str) -> _Facts:
        form = read_form(text)
        needs = form.entries("needs")
        minutes = form.line("minutes")
        lines = {line.split(":")[0]: number for number, line in reversed(list(enumerate(text.split("\n"), start=1)))}
        return cls(
            int(minutes) if re.fullmatch(r"\d{1,4}", minutes) else None,
            tuple(band for band in Band if band.value in form.entries("grades")),
            next((one for one in Competency if one.value == form.line("competency")), None),
            next((one for one in Need if needs and one.value == needs[0]), None),
            form.line("module"),
            lines,
        )


def _link_problems(found: Addresses, file: str, addresses: frozenset[str] | None) -> Iterator[Problem]:
    if addresses is None:
        return
    for line, address in found:
        known = address.rstrip("/") or "/"
        if known in addresses or address.startswith(_FOR_STAFF):
            continue
        if address.startswith("/media/"):
            message = f"{address[:80]} doesn’t exist; check the file’s address"
        else:
            near = difflib.get_close_matches(known[:200], addresses, n=1)
            hint = f"did you mean {near[0]}?" if near else "check the page’s address"
            message = f"the link {address[:80]} is broken; {hint}"
        yield Problem(file, line, message)


def _level_problems(shown: list[Block], facts: _Facts, file: str) -> Iterator[Problem]:
    level = measure(shown)
    if level is None or not facts.bands:
        return
    band = facts.bands[0]
    wanted = int(band.grades[-1])
    hardest, grades = level.hardest, band.value.replace("-", "–")
    words = " ".join(hardest.text.split()[:30])
    if level.grade > wanted:
        message = (
            f"students need about grade {level.grade} to read this, but the youngest are in grades {grades}; "
            f"the hardest sentence is “{words}”; use shorter sentences and shorter words"
        )
        yield suggest(file, hardest.line, message, "reading-level", words)
    elif hardest.grade > wanted + _HARD_SENTENCE and hardest.words >= _LONG_SENTENCE:
        message = (
            f"“{words}” reads at about grade {hardest.grade:.0f}, but the youngest are in grades {grades}; "
            "split it into two sentences, or use shorter words"
        )
        yield suggest(file, hardest.line, message, "reading-level", words)


def _slot_problems(facts: _Facts, slot: int, file: str) -> Iterator[Problem]:
    if facts.minutes is not None and facts.minutes > slot:
        message = (
            f"the session takes {facts.minutes} minutes, but classes have {slot}; remove a step, or make some shorter"
        )
        yield suggest(file, facts.lines.get("minutes", 1), message, "class-time")


def _module_problems(facts: _Facts, file: str, modules: frozenset[str] | None) -> Iterator[Problem]:
    if modules is None or not facts.module or facts.module in modules:
        return
    near = difflib.get_close_matches(facts.module[:200], modules, n=1)
    hint = f"did you mean {near[0]}?" if near else "check the module’s address, or leave it out"
    message = f"there’s no training module called {facts.module[:80]}; {hint}"
    yield suggest(file, facts.lines.get("module", 1), message, "training-module", facts.module[:80])


def _topic_problems(key: TextKey, facts: _Facts, context: Context) -> Iterator[Problem]:
    if facts.competency is None:
        return
    topic = (facts.competency, facts.need)
    for plan in context.plans:
        run = _longest_run(key.slug, topic, plan)
        if len(run) >= WEEKS_RUNNING:
            words = facts.competency.value.replace("-", " ") + (f", {facts.need.value}" if facts.need else "")
            first = f"{run[0].week_on:%B} {run[0].week_on.day}"
            message = (
                f"the plan has the same topic ({words}) {len(run)} weeks in a row, starting {first}; "
                "plan a different topic in between, or choose a different competency or first need"
            )
            yield suggest(key.file, facts.lines.get("competency", 1), message, "same-topic", words)
            return


def _longest_run(
    slug: str, topic: tuple[Competency, Need | None], plan: Sequence[PlannedTopic]
) -> Sequence[PlannedTopic]:
    """Return the longest run of weeks with this topic that includes this session."""
    longest: list[PlannedTopic] = []
    run: list[PlannedTopic] = []
    for week in sorted(plan, key=lambda one: one.week_on):
        same = week.slug == slug or (week.competency, week.need) == topic
        run = [*run, week] if same else []
        if len(run) > len(longest) and any(one.slug == slug for one in run):
            longest = run
    return longest
