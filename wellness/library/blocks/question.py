"""The questions of a training module: the answers, which are right, and the feedback for each.

Written so that a coach can read them in a plain file: `- [x] Leave it. | Resting is a way to take part.`
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...domain import Block, Option, Problem, Question, QuestionKind
from ..markdown import render_line, render_markdown
from ..marks import plain_line
from .base import BlockType, CheckContext, Parameters, Place, PrepareContext

QUESTION_WORDS: dict[str, QuestionKind] = {
    **{kind.value: kind for kind in QuestionKind},
    "elegir una": QuestionKind.CHOOSE_ONE,
    "elegir varias": QuestionKind.CHOOSE_SEVERAL,
    "poner en orden": QuestionKind.PUT_IN_ORDER,
    "qué diría": QuestionKind.WHAT_WOULD_YOU_SAY,
}
MIN_ANSWERS, MAX_ANSWERS, MIN_IN_ORDER = 2, 10, 3

_KNOWN = ", ".join(kind.value for kind in QuestionKind)
_BOX = r"\[ {0,3}(?P<mark>[xX✓✔]?) {0,3}\](?![(\[:])"
_ITEM = re.compile(
    r"^ {0,3}(?:[-*](?= |$)|[-*+–—•]? *(?=" + _BOX.replace("?P<mark>", "") + r")|(?P<number>\d{1,2})[.)](?= |$))"
    rf" *(?P<box>{_BOX})? *(?P<words>.*)$"
)
_LIKE = {
    QuestionKind.CHOOSE_ONE: "`- [x] the right answer | what to say to it`, and `- [ ]` for the others",
    QuestionKind.CHOOSE_SEVERAL: "`- [x] a right answer | what to say to it`, and `- [ ]` for the others",
    QuestionKind.PUT_IN_ORDER: "`1. the first thing`, `2. the second`, in the right order",
    QuestionKind.WHAT_WOULD_YOU_SAY: "`- one way to say it | why it works`",
}


@dataclass(frozen=True)
class PreparedOption:
    """One answer of a question: its text (one line) and its feedback (paragraphs)."""

    key: str
    html: str
    is_right: bool
    feedback: str


@dataclass(frozen=True)
class PreparedQuestion:
    """A question the page can ask. `options` are in display order, `right` is the right answer, see `domain.grade`.

    For "what would you say", the options are example answers shown after the teacher has answered.
    """

    key: str
    kind: QuestionKind
    prompt: str
    options: tuple[PreparedOption, ...]
    right: tuple[str, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the options that can be chosen."""
        return frozenset(option.key for option in self.options)

    @property
    def in_order(self) -> tuple[PreparedOption, ...]:
        """The options in the correct order for "put in order", else in display order."""
        if self.kind is not QuestionKind.PUT_IN_ORDER:
            return self.options
        return tuple(sorted(self.options, key=lambda option: self.right.index(option.key)))


@dataclass(frozen=True, slots=True)
class _Item:
    """One list item with its continuation lines. `after` is text after the list that belongs to no item."""

    line: int
    number: str
    has_box: bool
    is_marked: bool
    lines: list[str]
    is_after: bool = False

    @property
    def text(self) -> str:
        return _halves(" ".join(self.lines))[0]

    @property
    def feedback(self) -> str:
        return _halves(" ".join(self.lines))[1]


def kind_of(block: Block) -> QuestionKind | None:
    """Return the kind of question of a block, or None when it is unknown."""
    return _kind(block.argument)


def _kind(word: str) -> QuestionKind | None:
    return QUESTION_WORDS.get(re.sub(r"[\s-]+", " ", word).strip(" ?¿").casefold())


def read_question(block: Block) -> Question:
    """Return the question of a block without problems, options in file order. Raises ValueError for an unknown kind."""
    kind = kind_of(block)
    if kind is None:
        raise ValueError(f"{block.argument!r} is not a kind of question")
    prompt, items = _read(block)
    options = tuple(
        Option(_key_of(item.text), item.text, item.feedback, _is_right(kind, item), item.line) for item in items
    )
    return Question(kind, prompt, options, block.line)


def shuffle(question: Question, seed: str) -> tuple[Option, ...]:
    """Return the options in display order: shuffled for "put in order", the same for the same `seed`, never already correct."""
    if question.kind is not QuestionKind.PUT_IN_ORDER:
        return question.options
    mixed = tuple(sorted(question.options, key=lambda option: hashlib.sha256(f"{seed} {option.key}".encode()).digest()))
    return mixed if mixed != question.options else (*mixed[1:], mixed[0])


def blank_wrong_answers(block: Block) -> Block:
    """Return the block with its wrong answers blanked, line for line: they may contain phrases the wording check finds."""
    if block.name != "question":
        return block
    starts = {item.line: item.has_box and not item.is_marked for item in _read(block)[1]}
    lines, is_wrong = [], False
    for number, line in enumerate(block.text.split("\n"), start=block.text_line):
        is_wrong = starts.get(number, is_wrong)
        lines.append(_halves(line)[1] if is_wrong else line)
    return replace(block, text="\n".join(lines))


def _argument(word: str) -> QuestionKind:
    kind = _kind(word)
    if kind is None:
        raise ValueError(f"say which kind of question: `/// question | choose one`; the kinds are: {_KNOWN}")
    return kind


def _check(block: Block, parameters: Parameters, around: CheckContext) -> Iterator[Problem]:
    kind = parameters.argument
    prompt, items = _read(block)
    found = [*_prompt_problems(prompt, block), *_number_problems(kind, items, block)]
    looked_at = items[: MAX_ANSWERS + 1]
    counted = Counter(_key_of(item.text) for item in looked_at if item.text)
    for item in looked_at:
        found += [(item.line, message) for message in _item_problems(kind, item)]
        if counted.pop(_key_of(item.text), 0) > 1:
            found.append((item.line, "this answer is there twice; use each answer once"))
    for line, message in found:
        yield around.error(line, message)


def _prepare(block: Block, parameters: Parameters, making: PrepareContext) -> PreparedQuestion:
    question = read_question(block)
    options = tuple(
        PreparedOption(option.key, render_line(option.text), option.is_right, render_markdown(option.feedback))
        for option in shuffle(question, making.revision)
    )
    return PreparedQuestion(making.key, question.kind, render_markdown(question.prompt), options, question.right)


def _html(block: Block, question: PreparedQuestion) -> str:
    """Return the prompt and the answers without telling which are right."""
    if question.kind is QuestionKind.WHAT_WOULD_YOU_SAY:
        return question.prompt
    return question.prompt + "<ul>" + "".join(f"<li>{option.html}</li>" for option in question.options) + "</ul>"


def _read(block: Block) -> tuple[str, list[_Item]]:
    """Return the text before the list, and the list's items."""
    prompt: list[str] = []
    items: list[_Item] = []
    is_open = False
    for number, line in enumerate(block.text.split("\n"), start=block.text_line):
        match = _ITEM.match(plain_line(line))
        if match is not None:
            items.append(
                _Item(number, match["number"] or "", bool(match["box"]), bool(match["mark"]), [match["words"].strip()])
            )
            is_open = True
        elif not items:
            prompt.append(line)
        elif not line.strip():
            is_open = False
        elif is_open or line.startswith("  "):
            items[-1].lines.append(line.strip())
        else:
            items.append(_Item(number, "", has_box=False, is_marked=False, lines=[line.strip()], is_after=True))
    return "\n".join(prompt).strip(), items


def _halves(words: str) -> tuple[str, str]:
    text, _, feedback = f" {words} ".partition(" | ")
    return text.strip(), feedback.strip()


def _is_right(kind: QuestionKind, item: _Item) -> bool:
    return item.is_marked if kind in _CHOOSE else kind is QuestionKind.PUT_IN_ORDER


def _key_of(text: str) -> str:
    """Return a key for an answer that doesn't reveal its position, since the position can be the right answer."""
    return hashlib.sha256(text.casefold().encode()).hexdigest()[:8]


_CHOOSE = (QuestionKind.CHOOSE_ONE, QuestionKind.CHOOSE_SEVERAL)


def _prompt_problems(prompt: str, block: Block) -> Iterator[tuple[int, str]]:
    if not prompt:
        yield block.line, "this question is empty; write the question before the answers"


def _number_problems(kind: QuestionKind, items: list[_Item], block: Block) -> Iterator[tuple[int, str]]:
    right = sum(item.is_marked for item in items)
    if kind is QuestionKind.WHAT_WOULD_YOU_SAY:
        if not items:
            yield block.line, f"add an answer to compare with: {_LIKE[kind]}"
    elif kind is QuestionKind.PUT_IN_ORDER:
        if len(items) < MIN_IN_ORDER:
            yield block.line, f"there’s nothing to put in order; write at least {MIN_IN_ORDER} lines: {_LIKE[kind]}"
    elif len(items) < MIN_ANSWERS:
        yield block.line, f"a question needs at least {MIN_ANSWERS} answers: {_LIKE[kind]}"
    elif right == 0:
        yield block.line, "this question has no right answer; mark it with `- [x]`"
    elif right > 1 and kind is QuestionKind.CHOOSE_ONE:
        yield block.line, f"{right} answers are right; mark one, or write `/// question | choose several`"
    if len(items) > MAX_ANSWERS:
        yield items[MAX_ANSWERS].line, f"use at most {MAX_ANSWERS} answers; more are hard to keep in mind"


def _item_problems(kind: QuestionKind, item: _Item) -> Iterator[str]:
    if item.is_after:
        yield "this line comes after the answers; move it before them, or start it with two spaces"
        return
    if kind in _CHOOSE and not item.has_box:
        yield f"say whether this answer is right: {_LIKE[kind]}"
    elif kind not in _CHOOSE and item.has_box:
        yield f"answers of this kind don’t have a box: {_LIKE[kind]}"
    elif kind is QuestionKind.PUT_IN_ORDER and not item.number:
        yield f"number the lines to put in order: {_LIKE[kind]}"
    if not item.text:
        yield "this answer is empty; write it before the `|`"
    if kind is not QuestionKind.PUT_IN_ORDER and not item.feedback:
        yield "this answer has no feedback; add ` | ` and what to say to people who choose it"


BLOCK: BlockType[PreparedQuestion] = BlockType(
    name="question",
    order=70,
    places=frozenset({Place.CHECK}),
    misplaced=(
        "a question with answers belongs in the Check of a training module; use `/// ask` for one to talk about"
    ),
    argument=_argument,
    counts_on_screen=False,
    data=PreparedQuestion,
    check=_check,
    prepare=_prepare,
    html=_html,
)
