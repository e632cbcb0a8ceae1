"""The training modules that come with the site: each whole, with sources, scenarios, the real pacer and something to see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.scratch import CHECKOUT
from wellness.domain import Block, Language, PartKind, Question, QuestionKind, TrainingModule, VideoFacts
from wellness.library.blocks.question import read_question
from wellness.library.checks.rendered import read_rendered
from wellness.library.front_matter_edit import read_form
from wellness.library.session import Checked
from wellness.library.training_module import parse_training

MODULES = sorted((CHECKOUT / "content" / "training").glob("*.md"))
VIDEOS = tuple(
    VideoFacts(script.stem, 180, (Language.EN,), (Language.EN,)) for script in (CHECKOUT / "videos").glob("*.yml")
)
"""The videos that the project makes, whether or not they have been made here."""

EXPECTED = {
    "adapting-for-every-student",
    "four-square-breathing-safely",
    "leading-a-two-minute-discussion",
    "running-a-friday-session",
    "trauma-sensitive-wording-and-choice",
    "what-tier-1-is",
    "when-a-student-discloses",
    "your-own-regulation-first",
}


def name_of(path: Path) -> str:
    return path.stem


def checked_of(path: Path) -> Checked[TrainingModule]:
    return parse_training(path.stem, Language.EN, path.read_text(encoding="utf-8"), path.name, videos=VIDEOS)


def module_of(path: Path) -> TrainingModule:
    module = checked_of(path).content
    assert module is not None
    return module


def blocks_of(module: TrainingModule, kind: PartKind) -> tuple[Block, ...]:
    return next(part.blocks for part in module.parts if part.kind is kind)


def questions_of(module: TrainingModule) -> list[Question]:
    return [read_question(block) for block in blocks_of(module, PartKind.CHECK) if block.name == "question"]


def test_the_eight_modules_come_with_the_site() -> None:
    assert {path.stem for path in MODULES} == EXPECTED


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_passes_the_check_without_a_word(path: Path) -> None:
    assert [str(problem) for problem in checked_of(path).problems] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_names_its_sources_its_hours_and_its_licence(path: Path) -> None:
    module = module_of(path)
    assert len(module.sources) >= 2
    assert module.hours == 0.25
    assert module.license == "CC BY 4.0"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_has_five_graded_scenarios_and_says_something_to_every_answer(path: Path) -> None:
    questions = questions_of(module_of(path))
    graded = [question for question in questions if question.kind.is_graded]
    assert len(graded) == 5
    assert [option.text for question in questions for option in question.options if not option.feedback] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_right_answer_has_no_usual_place_and_is_not_told_by_its_length(path: Path) -> None:
    chosen = [one for one in questions_of(module_of(path)) if one.kind is QuestionKind.CHOOSE_ONE]
    assert len({[option.is_right for option in one.options].index(True) for one in chosen}) > 1
    longest = [max(one.options, key=lambda option: len(option.text)).is_right for one in chosen]
    assert longest.count(False) >= 2


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_shows_something_runs_the_pacer_and_asks_two_things_to_reflect_on(path: Path) -> None:
    module = module_of(path)
    see = blocks_of(module, PartKind.SEE)
    assert any(block.name == "video" or "\n> " in f"\n{block.text}" for block in see)
    assert any(block.name == "practice" and block.argument == "breathing" for block in blocks_of(module, PartKind.DO))
    assert sum(block.name == "ask" for block in blocks_of(module, PartKind.REFLECT)) == 2


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_links_of_a_module_lead_to_pages_that_exist(path: Path) -> None:
    blocks = [block for part in module_of(path).parts for block in part.blocks]
    addresses = {address for block in blocks for _, address in read_rendered(block, "").addresses}
    assert addresses <= {"/help"}


def test_the_module_on_disclosure_names_the_law_and_the_numbers() -> None:
    text = (CHECKOUT / "content" / "training" / "when-a-student-discloses.md").read_text(encoding="utf-8")
    for said in (
        "7B-301",
        "14-318.6",
        "every person 18 or older",
        "115C-76.45",
        "115C-376.5",
        "within five working days",
        "[988](tel:988)",
        "[911](tel:911)",
        "department of social services",
        "the date and the time",
    ):
        assert said in text


def test_the_module_on_disclosure_has_the_police_among_the_steps_and_cites_each_law_as_a_source() -> None:
    path = CHECKOUT / "content" / "training" / "when-a-student-discloses.md"
    order = next(one for one in questions_of(module_of(path)) if one.kind is QuestionKind.PUT_IN_ORDER)
    assert any("police" in option.text for option in order.options)
    text, sources = path.read_text(encoding="utf-8"), " ".join(module_of(path).sources)
    laws = set(re.findall(r"\b(?:7B|14|115C)-\d+(?:\.\d+)?(?:\(g\))?|10A NCAC 70A \.\d+", text.split("---", 2)[2]))
    assert len(laws) >= 8
    assert {law for law in laws if law not in sources} == set()


def test_the_module_that_prepares_for_a_session_exists() -> None:
    sessions = [path for path in (CHECKOUT / "content" / "sessions").glob("*.md") if ".es." not in path.name]
    named = {path.stem: read_form(path.read_text(encoding="utf-8")).line("module") for path in sessions}
    assert {module for module in named.values() if module} <= EXPECTED
    assert named["four-square-breathing"] == "four-square-breathing-safely"
