"""A file's text becomes a session or a page, with every problem at its line and in a coach's words."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scratch import CHECKOUT, bundled_videos, changed, docs_example, line_of
from wellness.domain import Language, Problem, Severity, StepKind
from wellness.library.files import Library
from wellness.library.prepared import prepare
from wellness.library.session import Checked, Session, parse_page, parse_session, read_original_facts, revision_of

GOOD = docs_example()


def check(text: str) -> Checked[Session]:
    return parse_session("feet-on-the-floor", Language.EN, text, "sessions/feet-on-the-floor.md")


# --- What is good -----------------------------------------------------------------------------------------------------


def test_the_example_of_the_guide_is_read_as_it_stands_without_a_single_problem() -> None:
    checked = check(GOOD)
    assert checked.problems == ()
    session = checked.content
    assert session is not None
    assert [step.kind for step in session.steps] == list(StepKind)
    assert [step.minutes for step in session.steps] == [1, 2, 2, 2, 3, 1, 1]
    assert [step.short_minutes for step in session.steps] == [1, 0, 0, 2, 0, 1, 1]
    assert [section.name for section in session.sections] == ["before", "adaptations", "stop", "families"]
    assert session.steps[1].title == "This or that"
    assert (session.minutes, session.short_minutes, session.revision) == (12, 5, revision_of(GOOD))
    assert session.steps[0].line == line_of(GOOD, "## Preview")


LIBRARY = Library(CHECKOUT / "content")
TEXTS, UNREAD = LIBRARY.read_all(bundled_videos())


def test_the_library_that_comes_with_the_site_is_read_whole() -> None:
    assert UNREAD == []
    assert len([text for text in TEXTS if text.kind == "sessions" and text.language is Language.EN]) >= 12
    assert len([text for text in TEXTS if text.kind == "sessions" and text.language is Language.ES]) >= 2


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.file)
def test_no_text_of_the_site_has_an_error(text: object) -> None:
    outcome = prepare(text)  # type: ignore[arg-type]
    assert outcome.document is not None
    assert [str(problem) for problem in outcome.problems if problem.severity is Severity.ERROR] == []


# --- What is wrong ----------------------------------------------------------------------------------------------------

ERRORS = {
    "minutes that do not add up": (
        ("## Talk: With one person (3 min)", "## Talk: With one person (4 min)"),
        "## Preview",
        "add up to 13 minutes, but the details say 12",
    ),
    "short minutes that do not add up": (
        ("short: 5", "short: 6"),
        "## Preview",
        "with `short` add up to 5 minutes, but the details say short: 6",
    ),
    "a short variant without practice": (
        ("(2 min, short 2)", "(2 min)"),
        "## Preview",
        "the five-minute version has no practice; give one a `short` time",
    ),
    "a step of no minutes": (
        ("This or that (2 min)", "This or that (0 min)"),
        "## Welcome",
        "a step takes at least 1 minute",
    ),
    "a step without minutes": (
        ("This or that (2 min)", "This or that"),
        "## Welcome",
        "needs its minutes at the end, like `## Welcome: This or that (2 min)`",
    ),
    "a step of endless digits": (
        ("This or that (2 min)", f"This or that ({'9' * 300} min)"),
        "## Welcome",
        "needs its minutes at the end",
    ),
    "no such kind of step": (
        ("## Welcome: This", "## Hello: This"),
        "## Hello",
        "“Hello” isn’t a kind of step; start with one of: Preview, Welcome",
    ),
    "no such section": (("## Before class", "## Notes"), "## Notes", "“Notes” is neither a step nor a section"),
    "a section twice": (
        ("## When to stop", "## Before class:"),
        "## Before class:",
        "the section “Before class:” is there twice",
    ),
    "steps in the wrong order": (
        ("## Closing: One place (1 min, short 1)", "## Welcome: One place (1 min, short 1)"),
        "## Welcome: One place",
        "“Welcome” comes before “Talk” in a session",
    ),
    "words before the first step": (
        ("## Preview:", "Hello.\n\n## Preview:"),
        "Hello.",
        "this comes before the first step; put it under a heading with ##",
    ),
    "no look around": (
        ("## Look around: Back in the room (1 min, short 1)", "### Around"),
        None,
        "a session needs a step “Look around”",
    ),
    "no families": (("## For families", "### For the family"), None, "the section `## For families` is missing"),
    "one question": (
        ("/// ask\nWhat would make it easier to remember? You may pass.\n///", ""),
        "## Talk",
        "the talk has 1 of its two questions",
    ),
    "no question for dinner": (
        ("/// ask\nWhen today", "/// teacher\nWhen today"),
        "## For families",
        "add a question for dinner",
    ),
    "no such practice": (
        ("/// practice | timer", "/// practice | stretching"),
        "/// practice",
        "say which practice: `/// practice | breathing`",
    ),
    "a practice without a name": (("/// practice | timer", "/// practice"), "/// practice", "say which practice"),
    "an option of another practice": (
        ("seconds: 60", "rounds: 4"),
        "rounds: 4",
        "`rounds` isn’t an option of this practice; the options are: seconds",
    ),
    "seconds in words": (("seconds: 60", "seconds: a minute"), "seconds:", "seconds must be a whole number, like 4"),
    "seconds without end": (
        ("seconds: 60", f"seconds: {'9' * 300}"),
        "seconds:",
        "seconds must be a whole number, like 4",
    ),
    "no seconds": (("seconds: 60", "seconds: 0"), "seconds:", "seconds must be a whole number"),
    "too many seconds": (("seconds: 60", "seconds: 601"), "seconds:", "the limit is 600 seconds"),
    "too many rounds": (
        ("| timer\nseconds: 60", "| breathing\nrounds: 9"),
        "rounds:",
        "the limit is 8 rounds; that’s long enough for a whole class",
    ),
    "no such pattern": (
        ("| timer\nseconds: 60", "| breathing\npattern: 4x4"),
        "pattern:",
        "enter the pattern as four numbers, like 4-4-4-4",
    ),
    "a long hold": (
        ("| timer\nseconds: 60", "| breathing\nrounds: 2\npattern: 4-9-4-4"),
        "pattern:",
        "a hold can be at most 7 counts",
    ),
    "holds by another word": (
        ("| timer\nseconds: 60", "| breathing\nholds: maybe"),
        "holds:",
        "holds must be `on` or `off`",
    ),
    "a heading of three signs": (
        ("## For families", "### For families"),
        "### For families",
        "write `## For families` at the very left",
    ),
    "a block that is none": (("/// say", "/// shout"), "/// shout", "there’s no block called `shout`"),
    "a block without an end": (
        ("You choose how much of it you do.\n///", "You choose how much of it you do."),
        "/// say",
        "the block `/// say` never ends",
    ),
    "a step that shows nothing": (
        ("Think of one place you could use this before Monday.", ""),
        "## Closing",
        "this step shows nothing to the class; add a line of text",
    ),
    "a top heading": (
        ("About ten minutes.", "# Title\n\nAbout ten minutes."),
        "# Title",
        "headings inside a step start with ###",
    ),
    "a heading that jumps": (
        ("About ten minutes.", "##### Title\n\nAbout ten minutes."),
        "##### Title",
        "this heading skips a level; use ###",
    ),
    "a link to a script": (
        ("Mornings or", "[Mornings](javascript:alert(1)) or"),
        "Mornings",
        "the link javascript:alert(1) can’t be used",
    ),
    "an unsafe web link": (
        ("Mornings or", "[Mornings](http://example.org) or"),
        "Mornings",
        "can’t be used; links start with https://, / or tel:",
    ),
    "a link by reference": (
        ("Mornings or", "[a]: http://example.org\n\n[Mornings][a] or"),
        "[Mornings][a] or",
        "can’t be used; links start with https://, / or tel:",
    ),
    "a picture from elsewhere": (
        ("Mornings or", "![a sun](https://example.org/a.png) or"),
        "![a sun]",
        "isn’t on this site; upload it and use /media/…",
    ),
    "a picture without words": (
        ("Mornings or", "![](/media/a.png) or"),
        "![](",
        "the picture has no description for people who can’t see it; write ![what it shows](…)",
    ),
    "an old and a broken fact": (("minutes: 12", "minutes: 1:30"), "minutes:", "minutes must be a whole number"),
}


@pytest.mark.parametrize(("swap", "where", "says"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_named_with_its_line_and_how_to_mend_it(
    swap: tuple[str, str], where: str | None, says: str
) -> None:
    text = changed(GOOD, swap)
    checked = check(text)
    found = [problem for problem in checked.errors if says in problem.message]
    assert found, [str(problem) for problem in checked.problems]
    assert found[0].line == (1 if where is None else line_of(text, where))
    assert checked.content is None


def test_all_errors_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = changed(GOOD, ("minutes: 12", "minutes: x"), ("/// say", "/// shout"), ("seconds: 60", "seconds: no"))
    lines = [problem.line for problem in check(text).errors]
    assert lines == sorted(lines)
    assert {line_of(text, piece) for piece in ("minutes: x", "/// shout", "seconds: no")} <= set(lines)


def test_no_choice_for_those_who_sit_out_is_an_error() -> None:
    text = GOOD.replace("/// choice", "/// teacher")
    assert [problem.line for problem in check(text).errors] == [line_of(text, "## Preview")]
    assert (
        "there’s no choice for students who sit out; add a block `/// choice` to the preview"
        in check(text).errors[0].message
    )


def test_a_breathing_practice_needs_to_say_when_to_stop() -> None:
    without = changed(
        GOOD,
        (
            "## When to stop\n\nIf somebody looks unsettled, offer water or a short walk and go on without comment.\n",
            "",
        ),
    )
    assert check(without).problems == ()
    breathing = changed(without, ("| timer\nseconds: 60", "| breathing\nrounds: 2"))
    assert [problem.message for problem in check(breathing).errors] == ["the section `## When to stop` is missing"]


def test_a_practice_without_written_steps_is_an_error() -> None:
    text = re.sub(r"(?s)seconds: 60\n.*?///", "seconds: 60\n///", GOOD, count=1)
    assert [problem.line for problem in check(text).errors] == [line_of(text, "/// practice")]


WARNINGS = {
    "a crowded screen": (
        ("Mornings or", "word " * 70 + "Mornings or"),
        "## Welcome",
        "words on one screen are hard to read from the back row",
    ),
    "HTML": (("Mornings or", "<b>Mornings</b> or"), "<b>", "HTML isn’t shown (`<b>`)"),
    "an unsafe sentence": (
        ("Mornings or", "Close your eyes. Mornings or"),
        "Close your eyes",
        "“Close your eyes”: try “Eyes open",
    ),
}


@pytest.mark.parametrize(("swap", "where", "says"), WARNINGS.values(), ids=WARNINGS)
def test_a_warning_is_named_with_its_line_and_does_not_stop_the_session(
    swap: tuple[str, str], where: str, says: str
) -> None:
    text = changed(GOOD, swap)
    checked = check(text)
    assert checked.content is not None
    assert [(problem.line, problem.severity) for problem in checked.problems if says in problem.message] == [
        (line_of(text, where), Severity.WARNING)
    ]


# --- Files as they come -----------------------------------------------------------------------------------------------


def first_message(text: str) -> tuple[int, str]:
    problem = check(text).errors[0]
    return problem.line, problem.message


@pytest.mark.parametrize("text", ["", "\n", "# Title\n\nwords", "---\ntitle: a\n", GOOD.replace("---", "***")])
def test_a_file_without_facts_says_how_to_begin(text: str) -> None:
    assert first_message(text) == (1, "start the file with its details between two lines of `---`")


def test_a_sign_that_is_no_text_is_named_by_its_line() -> None:
    text = changed(GOOD, ("Mornings", "Morn\0ings"))
    assert first_message(text) == (
        line_of(text, "Morn"),
        "this line has a character that can’t be saved; save the file as UTF-8",
    )


def test_a_byte_order_mark_changes_nothing_but_the_revision() -> None:
    checked = check("\ufeff" + GOOD)
    assert checked.problems == ()
    assert checked.content is not None


def test_a_text_of_more_than_256_kilobytes_is_refused_before_it_is_read() -> None:
    assert first_message(GOOD + "x" * 256 * 1024) == (1, "the file is too long; the limit is 256 KB")
    assert first_message(GOOD + "é" * 131_072) == (1, "the file is too long; the limit is 256 KB")


# --- Translations and pages -------------------------------------------------------------------------------------------


def text_of(file: str) -> str:
    return (CHECKOUT / "content" / file).read_text(encoding="utf-8")


def test_a_translation_has_its_own_words_and_the_facts_of_its_original() -> None:
    original = read_original_facts(text_of("sessions/four-square-breathing.md"), "a.md")
    assert original is not None
    checked = parse_session(
        "x", Language.ES, text_of("sessions/four-square-breathing.es.md"), "x.es.md", original, bundled_videos()
    )
    assert checked.content is not None
    assert checked.content.minutes == original.minutes
    assert checked.content.needs == original.needs
    assert checked.content.title != original.title


def test_a_fact_that_a_translation_repeats_is_an_error() -> None:
    original = read_original_facts(text_of("sessions/four-square-breathing.md"), "a.md")
    text = text_of("sessions/four-square-breathing.es.md").replace("skill:", "minutes: 12\nskill:", 1)
    checked = parse_session("x", Language.ES, text, "x.es.md", original, bundled_videos())
    assert [problem.line for problem in checked.errors] == [line_of(text, "minutes: 12")]


def test_a_page_is_facts_and_markdown_under_plain_headings() -> None:
    page = parse_page("p", Language.EN, "---\ntitle: T\nsummary: S\n---\nHello.\n\n## More\n\nWords.\n", "p.md")
    assert page.problems == ()
    assert page.content is not None
    assert [(block.name, block.text) for block in page.content.blocks] == [
        ("text", "Hello."), ("heading", "More"), ("text", "Words."),
    ]  # fmt: skip


def test_a_page_has_its_own_facts_only() -> None:
    page = parse_page("p", Language.EN, "---\ntitle: T\nminutes: 3\n---\nHello.\n", "p.md")
    assert [(problem.line, problem.message.split(";")[0]) for problem in page.errors] == [
        (1, "`summary:` is missing from the details at the top"),
        (3, "`minutes` isn’t a detail this file can have"),
    ]


# --- Whatever a coach does to a good file -----------------------------------------------------------------------------

LINES = GOOD.rstrip("\n").split("\n")
SEVERAL = [text_of("sessions/four-square-breathing.md").rstrip("\n").split("\n"), LINES]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good file of which lines were deleted, doubled, moved, cut or scrambled."""
    lines = list(draw(st.sampled_from(SEVERAL)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        act = draw(st.sampled_from(["delete", "double", "move", "cut", "scramble", "insert"]))
        if act == "delete":
            del lines[at]
        elif act == "double":
            lines.insert(at, lines[at])
        elif act == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif act == "cut":
            lines[at] = lines[at][: draw(st.integers(0, 20))]
        elif act == "scramble":
            lines[at] = "".join(random.Random(draw(st.integers(0, 999))).sample(lines[at], len(lines[at])))
        else:
            lines.insert(at, draw(st.text(max_size=30)))
        lines = lines or [""]
    return "\n".join(lines) + "\n"


def lies_within(problem: Problem, text: str) -> bool:
    return 1 <= problem.line <= max(1, text.count("\n")) and problem.message.strip() != ""


@given(mutated())
def test_a_mutated_file_never_stops_the_check_and_every_problem_lies_within_it(text: str) -> None:
    checked = check(text)
    assert [problem for problem in checked.problems if not lies_within(problem, text)] == []
    assert (checked.content is None) == bool(checked.errors)


@given(mutated())
def test_a_mutated_page_never_stops_the_check(text: str) -> None:
    checked = parse_page("p", Language.ES, text, "p.es.md")
    assert [problem for problem in checked.problems if not lies_within(problem, text)] == []
    assert (checked.content is None) == bool(checked.errors)
