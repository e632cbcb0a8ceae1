"""The texts to begin with: each whole and without a problem, so that a coach begins with something that can be published."""

from __future__ import annotations

import pytest

from tests.support.scratch import changed, docs_example, docs_module
from wellness.domain import Language, TextKind
from wellness.errors import NotFound
from wellness.library.front_matter_edit import outline, read_form
from wellness.library.prepared import Text, prepare
from wellness.library.starters import STARTERS, Starter, get_starter, list_starters, read_starter


def name_of(starter: Starter) -> str:
    return starter.name


@pytest.mark.parametrize("starter", list_starters(), ids=name_of)
def test_each_starter_can_be_published_as_it_is(starter: Starter) -> None:
    text = read_starter(starter.name, "")
    outcome = prepare(Text(starter.kind.value, "new", Language.EN, f"{starter.kind.value}/new.md", text))
    assert outcome.problems == ()
    assert outcome.document is not None


def test_the_example_of_the_guide_is_the_starter_of_the_usual_session() -> None:
    assert docs_example() == (STARTERS / "twelve-minutes.md").read_text(encoding="utf-8")


def test_the_example_of_a_training_module_in_the_guide_is_its_starter() -> None:
    assert docs_module() == (STARTERS / "training-module.md").read_text(encoding="utf-8")


def test_every_starter_file_is_offered_and_nothing_else() -> None:
    assert sorted(path.stem for path in STARTERS.glob("*")) == sorted(starter.name for starter in list_starters())


def test_the_starters_are_as_long_as_their_names_say() -> None:
    assert outline(read_starter("twelve-minutes", "")).minutes == 12
    assert outline(read_starter("five-minutes", "")).minutes == 5
    assert "/// practice | breathing" in read_starter("breathing-practice", "")
    assert get_starter("training-module").kind is TextKind.TRAINING


@pytest.mark.parametrize("starter", list_starters(), ids=name_of)
def test_a_starter_takes_the_title_it_is_given_and_changes_nothing_else(starter: Starter) -> None:
    text = read_starter(starter.name, "")
    title = read_form(text).line("title")
    assert read_starter(starter.name, "Monday: softly") == changed(text, (f"title: {title}", 'title: "Monday: softly"'))
    assert read_starter(starter.name, "  ") == text


@pytest.mark.parametrize("name", ["", "none", "../sessions/body-scan", "twelve-minutes.md"])
def test_there_is_no_other_starter(name: str) -> None:
    with pytest.raises(NotFound):
        read_starter(name, "Title")
