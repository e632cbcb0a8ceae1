"""A training module's file: eight parts in their order, minutes that add up, every problem at its line."""

from __future__ import annotations

import pytest

from tests.scratch import changed, line_of
from wellness.content.prepared import MODULE_JSON, Text, prepare
from wellness.content.source import Checked
from wellness.content.starters import read_starter
from wellness.content.training import parse_training, read_training_facts
from wellness.domain import Language, PartKind, TrainingModule

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
    assert [part.minutes for part in module.parts] == [1, 3, 4, 3, 3, 2, 2, 0]
    assert (module.minutes, module.licence, module.parts[1].title) == (18, "CC BY 4.0", "Two openings")


ERRORS = {
    "minutes that do not add up": (("(4 min)", "(5 min)"), "## Why", "add up to 19 minutes, but the facts say 18"),
    "a module that is too short": (("minutes: 18", "minutes: 14"), "minutes:", "minutes must be at least 15"),
    "a module that is too long": (("minutes: 18", "minutes: 26"), "minutes:", "minutes must be at most 25"),
    "no licence": (("licence: CC BY 4.0\n", ""), "---", "`licence:` is missing"),
    "a part without its minutes": (("yourself (4 min)", "yourself"), "## Do it", "needs its minutes at the end"),
    "an unknown part": (("## Reflect:", "## Think:"), "## Think", "“Think” is no part of a training module"),
    "a missing part": (("## Reflect:", "## Think:"), "---", "a training module needs a part “Reflect”, like"),
    "a part twice": (("## Do it:", "## See it:"), "## See it: Take", "and each comes once"),
    "parts in another order": (("## See it:", "## Plan:"), "## Do it", "“Do it” comes before “Plan”"),
    "words before the parts": (("## Why", "Hello.\n\n## Why"), "Hello.", "this stands before the first part"),
    "an unknown practice": (("practice | timer", "practice | yoga"), "/// practice", "say which practice"),
    "an unknown recording": (("/// ask", "/// video | none\n///\n\n/// ask"), "/// video", "there is no recording"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_with_a_module_is_said_at_its_line(name: str) -> None:
    swap, where, message = ERRORS[name]
    text = changed(GOOD, swap)
    checked = check(text)
    assert checked.content is None
    assert [problem.line for problem in checked.errors if message in problem.message] == [line_of(text, where)]


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
    assert "has to stand beside its translation" in alone.problems[0].message


def test_a_module_is_prepared_as_the_catalogue_keeps_it() -> None:
    outcome = prepare(Text("training", "choices", Language.EN, FILE, GOOD))
    assert outcome.document is not None
    module = MODULE_JSON.validate_json(outcome.document)
    assert module.title == "Words that leave a choice"
    assert "<p>A student who cannot do" in module.parts[0].parts[0].html
    assert "pretend or refuse" in outcome.words
