"""Template values of a module's check: questions to answer, and questions with answer and feedback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ...domain import CheckTry, QuestionKind
from ...library.blocks.question import PreparedQuestion
from ...library.prepared import PreparedModule, PreparedModulePart, PreparedPart
from ...training import check
from ..forms import read_number
from ..public.session_view import as_html

QUESTION_KINDS: dict[QuestionKind, LazyString] = {
    QuestionKind.CHOOSE_ONE: _l("choose one"),
    QuestionKind.CHOOSE_SEVERAL: _l("choose all that fit"),
    QuestionKind.PUT_IN_ORDER: _l("put in order"),
    QuestionKind.WHAT_WOULD_YOU_SAY: _l("in your own words, not scored"),
}
UNANSWERED: dict[QuestionKind, LazyString] = {
    QuestionKind.CHOOSE_ONE: _l("Choose one of the answers."),
    QuestionKind.CHOOSE_SEVERAL: _l("Choose at least one answer."),
    QuestionKind.PUT_IN_ORDER: _l("Give each line its own number."),
}


@dataclass(frozen=True, slots=True)
class ShownOption:
    """One option to choose from; without feedback, so that the page cannot give the answer away."""

    key: str
    html: Markup


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question to answer, with the saved answer. `places` maps options to positions in a put-in-order question."""

    key: str
    number: int
    kind: str
    kind_label: str
    prompt: Markup
    options: tuple[ShownOption, ...]
    chosen: tuple[str, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    words: str = ""
    most: int = check.MAX_WORDS


@dataclass(frozen=True, slots=True)
class AnsweredOption:
    """One option after submitting, with its feedback."""

    html: Markup
    feedback: Markup
    is_right: bool
    is_chosen: bool
    said: str


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question after submitting, with answer and feedback."""

    key: str
    number: int
    kind: str
    prompt: Markup
    options: tuple[AnsweredOption, ...]
    is_graded: bool
    is_right: bool
    words: str


Answers = dict[str, tuple[str, ...]]


def show_check(
    part: PreparedModulePart, answers: Mapping[str, Sequence[str]], typed: MultiDict[str, str] | None = None
) -> list[tuple[PreparedPart | None, ShownQuestion | None]]:
    """Return the blocks of a check with the saved answers; `typed` is a form to show again after an error."""
    shown: list[tuple[PreparedPart | None, ShownQuestion | None]] = []
    number = 0
    for block in part.parts:
        question = block.get(PreparedQuestion)
        if question is None:
            shown.append((block, None))
            continue
        number += 1
        shown.append((None, _show_question(question, number, answers.get(question.key, ()), typed)))
    return shown


def _show_question(
    question: PreparedQuestion, number: int, answer: Sequence[str], typed: MultiDict[str, str] | None
) -> ShownQuestion:
    is_said = question.kind is QuestionKind.WHAT_WOULD_YOU_SAY
    places = {key: place for place, key in enumerate(answer, start=1)}
    if typed is not None and question.kind is QuestionKind.PUT_IN_ORDER:
        places = {
            key: place
            for key, value in _typed_places(question, typed).items()
            if (place := read_number(value)) is not None
        }
    return ShownQuestion(
        key=question.key,
        number=number,
        kind=question.kind.value,
        kind_label=str(QUESTION_KINDS[question.kind]),
        prompt=as_html(question.prompt),
        options=() if is_said else tuple(ShownOption(one.key, as_html(one.html)) for one in question.options),
        chosen=() if is_said else tuple(answer),
        places=places,
        words=answer[0] if is_said and answer else "",
    )


def read_answers(module: PreparedModule, typed: MultiDict[str, str]) -> Answers:
    """Read the answers of the check form; empty for a question without an answer or with an incomplete order."""
    return {question.key: _read_answer(question, typed) for question in module.questions}


def _read_answer(question: PreparedQuestion, typed: MultiDict[str, str]) -> tuple[str, ...]:
    if question.kind is not QuestionKind.PUT_IN_ORDER:
        return tuple(one for one in typed.getlist(question.key) if one.strip())
    places = _typed_places(question, typed)
    wanted = {str(place) for place in range(1, len(question.options) + 1)}
    if set(places.values()) != wanted or len(places) != len(wanted):
        return ()
    return tuple(sorted(places, key=lambda key: int(places[key])))


def _typed_places(question: PreparedQuestion, typed: MultiDict[str, str]) -> dict[str, str]:
    found = {option.key: typed.get(f"{question.key}-{option.key}", "")[:3] for option in question.options}
    return {key: value for key, value in found.items() if value}


def find_unanswered(module: PreparedModule, answers: Answers) -> dict[str, str]:
    """Return messages for unanswered graded questions, by question. Open questions are optional."""
    return {one.key: str(UNANSWERED[one.kind]) for one in module.graded if not answers[one.key]}


def show_answers(module: PreparedModule, one: CheckTry) -> list[AnsweredQuestion]:
    """Return the questions of a try with answers, right answers and feedback."""
    return [
        show_answered(question, number, one.answers.get(question.key, ()))
        for number, question in enumerate(module.questions, start=1)
    ]


def show_answered(question: PreparedQuestion, number: int, answer: tuple[str, ...]) -> AnsweredQuestion:
    """Return one question with answer and feedback, as `number` on the page; an empty answer shows the right one."""
    is_order = question.kind is QuestionKind.PUT_IN_ORDER
    options = []
    for place, option in enumerate(question.in_order, start=1):
        is_chosen = option.key in answer
        if is_order:
            was = answer.index(option.key) + 1 if is_chosen else None
            said = _place_said(place, was)
            is_right = was == place
        else:
            said = _option_said(option.is_right, is_chosen) if question.kind.is_graded else ""
            is_right = option.is_right
        options.append(AnsweredOption(as_html(option.html), as_html(option.feedback), is_right, is_chosen, said))
    is_all_right = (answer == question.right) if is_order else set(answer) == set(question.right)
    return AnsweredQuestion(
        key=question.key,
        number=number,
        kind=question.kind.value,
        prompt=as_html(question.prompt),
        options=tuple(options),
        is_graded=question.kind.is_graded,
        is_right=question.kind.is_graded and is_all_right,
        words=answer[0] if answer and not question.kind.is_graded else "",
    )


def _option_said(is_right: bool, is_chosen: bool) -> str:
    if is_right:
        return str(_("Right answer, and yours") if is_chosen else _("Right answer"))
    return str(_("Your answer")) if is_chosen else ""


def _place_said(place: int, was: int | None) -> str:
    if was is None:
        return ""
    return str(_("You put it here") if was == place else _("You put it at number %(place)s", place=was))
