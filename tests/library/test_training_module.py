"""A training module's file: eight parts in their order, minutes that add up, every problem at its line."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.support.scratch import changed, line_of
from wellness.domain import Language, PartKind, Severity, TrainingModule
from wellness.library.prepared import MODULE_JSON, Text, prepare
from wellness.library.session import Checked
from wellness.library.starters import read_starter
from wellness.library.training_module import parse_training, read_training_facts

GOOD = read_starter("training-module", "")
FILE = "training/choices.md"


def check(text: str) -> Checked[TrainingModule]:
    return parse_training("choices", Language.EN, text, FILE)


def test_a_module_has_its_eight_parts_with_their_minutes() -> None:
    checked = check(GOOD)
    assert checked.problems == ()
    module = checked.content
    assert module is not None
    assert [part.kind for part in module.parts] == list(PartKind)
    assert [part.minutes for part in module.parts] == [1, 2, 3, 3, 5, 2, 2, 0]
    assert (module.minutes, module.license, module.parts[1].title) == (18, "CC BY 4.0", "Two openings")
    assert (module.pass_mark, module.hours) == (80, 0.25)


@pytest.mark.parametrize("written", ["2026-09-01", '"2026-09-01"'])
def test_a_module_can_ask_to_be_taken_again_since_a_day(written: str) -> None:
    module = check(changed(GOOD, ("hours: 0.25\n", f"hours: 0.25\nagain_since: {written}\n"))).content
    assert module is not None and module.again_since == date(2026, 9, 1)


def test_the_pass_mark_and_the_hours_need_not_be_said() -> None:
    module = check(changed(GOOD, ("pass: 80\n", ""), ("hours: 0.25\n", ""))).content
    assert module is not None
    assert (module.pass_mark, module.hours) == (80, None)


ERRORS = {
    "minutes that do not add up": (("(3 min)", "(4 min)"), "## Why", "add up to 19 minutes, but the details say 18"),
    "a module that is too short": (("minutes: 18", "minutes: 14"), "minutes:", "minutes must be at least 15"),
    "a module that is too long": (("minutes: 18", "minutes: 26"), "minutes:", "minutes must be at most 25"),
    "no license": (("license: CC BY 4.0\n", ""), "---", "`license:` is missing"),
    "a part without its minutes": (("yourself (3 min)", "yourself"), "## Do it", "needs its minutes at the end"),
    "an unknown part": (("## Reflect:", "## Think:"), "## Think", "“Think” isn’t a part of a training module"),
    "a missing part": (("## Reflect:", "## Think:"), "---", "a training module needs a part “Reflect”, like"),
    "a part twice": (("## Do it:", "## See it:"), "## See it: Take", "and each comes once"),
    "parts in another order": (("## See it:", "## Plan:"), "## Do it", "“Do it” comes before “Plan”"),
    "words before the parts": (
        ("## Why", "Hello.\n\n## Why"),
        "Hello.",
        "this comes before the first part; put it under a heading with ##",
    ),
    "an unknown practice": (("practice | timer", "practice | yoga"), "/// practice", "say which practice"),
    "an unknown recording": (("/// ask", "/// video | none\n///\n\n/// ask"), "/// video", "there’s no video called"),
    "a pass mark over all": (("pass: 80", "pass: 101"), "pass:", "pass must be at most 100"),
    "a pass mark of nothing": (("pass: 80", "pass: 0"), "pass:", "pass must be at least 1"),
    "a pass mark in words": (("pass: 80", "pass: most"), "pass:", "pass must be a whole number"),
    "hours without end": (("hours: 0.25", "hours: .inf"), "hours:", "hours must be a number, like 0.5"),
    "hours in words": (("hours: 0.25", "hours: half"), "hours:", "hours must be a number, like 0.5"),
    "a day in words": (
        ("hours: 0.25", "again_since: soon"),
        "again_since:",
        "again_since must be a date, like 2026-09-01",
    ),
    "a day as a number": (
        ("hours: 0.25", "again_since: 20260901"),
        "again_since:",
        "again_since must be a date, like 2026-09-01",
    ),
    "a moment": (
        ("hours: 0.25", "again_since: 2026-09-01 10:30:00"),
        "again_since:",
        "again_since must be a date, like 2026-09-01",
    ),
    "too many hours": (("hours: 0.25", "hours: 11"), "hours:", "hours must be at most 10"),
    "a fact almost right": (("pass: 80", "pas: 80"), "pas:", "did you mean `pass`?"),
    "a question outside": (
        ("/// ask", "/// question | What Would You Say"),
        "| What Would You Say",
        "a question with answers belongs in the Check of a training module; use `/// ask` for one to talk about",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_with_a_module_is_said_at_its_line(name: str) -> None:
    swap, where, message = ERRORS[name]
    text = changed(GOOD, swap)
    checked = check(text)
    assert checked.content is None
    assert [problem.line for problem in checked.errors if message in problem.message] == [line_of(text, where)]


def without_questions(text: str, kept: int = 0) -> str:
    """The text with only the last `kept` of its questions."""
    pieces = re.split(r"(?s)(/// question.*?\n///\n\n)", text)
    questions = [number for number, piece in enumerate(pieces) if piece.startswith("/// question")]
    return "".join(piece for number, piece in enumerate(pieces) if number not in questions[: len(questions) - kept])


@pytest.mark.parametrize("kept", [0, 1])
def test_a_check_in_which_nothing_can_be_right_cannot_be_passed(kept: int) -> None:
    text = without_questions(GOOD, kept)
    errors = check(text).errors
    assert [error.line for error in errors] == [line_of(text, "## Check")]
    assert "no one can pass: no question here has a right answer; add `/// question | choose one`" in errors[0].message


def test_fewer_than_five_questions_are_worth_a_word() -> None:
    text = without_questions(GOOD, 4)
    checked = check(text)
    assert checked.content is not None
    assert [(one.line, one.severity) for one in checked.problems] == [(line_of(text, "## Check"), Severity.WARNING)]
    assert "4 of the usual 5 questions" in checked.problems[0].message
    assert check(without_questions(GOOD, 5)).problems == ()


def test_a_wrong_answer_may_say_what_one_better_does_not_say() -> None:
    unsafe = "Close your eyes, everyone must join."
    wrong = changed(GOOD, ("Ask them to sit up.", unsafe))
    assert check(wrong).problems == ()
    right = changed(GOOD, ("Leave it, and go on.", unsafe))
    assert {(one.line, one.severity) for one in check(right).problems} == {(line_of(right, unsafe), Severity.WARNING)}
    feedback = changed(GOOD, ("That takes the choice back.", unsafe))
    assert {one.line for one in check(feedback).problems} == {line_of(feedback, unsafe)}
    told = changed(GOOD, ("Read both aloud, slowly.", '- "Close your eyes." leaves no choice.'))
    assert check(told).problems == ()
    quoted = changed(GOOD, ("That takes the choice back.", "“Close your eyes” takes the choice back."))
    assert check(quoted).problems == ()


def test_a_translation_takes_its_minutes_from_the_original() -> None:
    spanish = changed(
        GOOD[GOOD.index("## Why") :],
        ("## Why", "## Por qué"), ("## See it", "## Verlo"), ("## Do it", "## Hacerlo"), ("## Say it", "## Decirlo"),
        ("## Check", "## Comprobar"), ("## Reflect", "## Reflexionar"), ("## Plan", "## Planear"), ("## Try", "## Probar"),
    )  # fmt: skip
    spanish = f"---\ntitle: Palabras\nsummary: Cómo decirlo.\n---\n\n{spanish}"
    checked = parse_training("choices", Language.ES, spanish, FILE, read_training_facts(GOOD, FILE))
    assert checked.problems == ()
    assert checked.content is not None
    assert (checked.content.title, checked.content.minutes) == ("Palabras", 18)
    alone = prepare(Text("training", "choices", Language.ES, FILE, spanish))
    assert ".md, must be in the same folder and have no problems" in alone.problems[0].message


def test_a_module_is_prepared_as_the_catalogue_keeps_it() -> None:
    outcome = prepare(Text("training", "choices", Language.EN, FILE, GOOD))
    assert outcome.document is not None
    module = MODULE_JSON.validate_json(outcome.document)
    assert module.title == "Words that leave a choice"
    assert "<p>A student who cannot do" in module.parts[0].parts[0].html
    assert "pretend or refuse" in outcome.words
