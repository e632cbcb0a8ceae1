"""Questions of a training module: read from plain lines, shown without their answers, graded by what was asked."""

from __future__ import annotations

import time
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellness.domain import Block, Language, Question, QuestionKind, answers_needed, grade, is_passed
from wellness.library.blocks import find_block_problems
from wellness.library.blocks.base import Place
from wellness.library.blocks.question import PreparedQuestion, blank_wrong_answers, read_question, shuffle
from wellness.library.body import cut_body
from wellness.library.prepared import MODULE_JSON, Text, prepare
from wellness.library.session import parse_page
from wellness.library.sketch import sketch
from wellness.library.starters import read_starter

FILE = "training/choices.md"
ONE = """\
A student puts their head down. What might you do?

- [x] Leave it, and go on. | Resting is a way to take part.
- [ ] Ask them to sit up. | That takes the choice back.
- [ ] Wait until
  they sit up. | The whole room waits with you.
"""
SEVERAL = """\
Which of these are choices?

- [x] Watch. | Yes.
- [ ] "Join in or leave." | That one has a price.
- [X] Draw. | Yes.
"""
ORDER = """\
Put the sentences in order.

1. This takes a minute.
2. Join in or watch. | Before anybody starts.
3. I'm starting.
4. That's it.
"""
SAY = """\
A student asks whether they have to. What would you say?

- You choose. | Short is kind.
"""
GOOD = {"choose one": ONE, "choose several": SEVERAL, "put in order": ORDER, "what would you say": SAY}


def block_of(argument: str, text: str) -> Block:
    lines = (f"/// question | {argument}", *text.split("\n"), "///")
    parts, problems = cut_body(("## Check (1 min)", *lines), 1, FILE)
    assert problems == []
    return parts[0].blocks[0]


def question_of(argument: str) -> Question:
    return read_question(block_of(argument, GOOD[argument]))


def problems_of(argument: str, text: str) -> list[tuple[int, str]]:
    """Line and message; the question begins on line 2, its words on line 3."""
    return [
        (problem.line, problem.message) for problem in find_block_problems(block_of(argument, text), Place.CHECK, FILE)
    ]


# --- Reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", GOOD)
def test_a_question_written_as_the_guide_says_has_no_problem(argument: str) -> None:
    assert problems_of(argument, GOOD[argument]) == []
    assert question_of(argument).kind.value == argument


def test_an_answer_has_its_words_its_feedback_and_its_line() -> None:
    question = question_of("choose one")
    assert question.prompt == "A student puts their head down. What might you do?"
    assert [(one.text, one.feedback, one.is_right, one.line) for one in question.options] == [
        ("Leave it, and go on.", "Resting is a way to take part.", True, 5),
        ("Ask them to sit up.", "That takes the choice back.", False, 6),
        ("Wait until they sit up.", "The whole room waits with you.", False, 7),
    ]
    assert len(question.keys) == 3


@pytest.mark.parametrize(
    ("argument", "kind"),
    [
        ("Choose One", QuestionKind.CHOOSE_ONE),
        ("choose-several", QuestionKind.CHOOSE_SEVERAL),
        ("What would you say?", QuestionKind.WHAT_WOULD_YOU_SAY),
        ("elegir una", QuestionKind.CHOOSE_ONE),
        ("poner en orden", QuestionKind.PUT_IN_ORDER),
        ("¿Qué diría?", QuestionKind.WHAT_WOULD_YOU_SAY),
    ],
)
def test_the_kind_of_a_question_can_be_said_in_both_languages(argument: str, kind: QuestionKind) -> None:
    assert read_question(block_of(argument, GOOD[kind.value])).kind is kind


WRONG = {
    "no kind": ("", ONE, 2, "say which kind of question"),
    "an unknown kind": ("guess", ONE, 2, "say which kind of question"),
    "no words": (
        "choose one",
        ONE[ONE.index("- ") :],
        2,
        "this question is empty; write the question before the answers",
    ),
    "no right answer": ("choose one", ONE.replace("[x]", "[ ]"), 2, "this question has no right answer"),
    "no right answers": ("choose several", SEVERAL.replace("[x]", "[ ]").replace("[X]", "[]"), 2, "no right answer"),
    "two right answers": ("choose one", ONE.replace("[ ] Ask", "[x] Ask"), 2, "2 answers are right; mark one"),
    "no answers": ("choose one", "What now?", 2, "needs at least 2 answers"),
    "one answer": ("choose one", ONE[: ONE.index("- [ ]")], 2, "needs at least 2 answers"),
    "no feedback": ("choose one", ONE.replace(" | That takes the choice back.", ""), 6, "has no feedback"),
    "a bar and no feedback": ("choose one", ONE.replace("That takes the choice back.", ""), 6, "has no feedback"),
    "no words in an answer": (
        "choose one",
        ONE.replace("Ask them to sit up.", ""),
        6,
        "this answer is empty; write it before the `|`",
    ),
    "an answer without a box": ("choose one", ONE.replace("- [ ] Ask", "- Ask"), 6, "say whether this answer is right"),
    "an answer twice": (
        "choose one",
        ONE.replace("Ask them to sit up.", "Leave it, and go on."),
        5,
        "this answer is there twice; use each answer once",
    ),
    "words after the answers": (
        "choose one",
        f"{ONE}\nAnd now?",
        10,
        "this line comes after the answers; move it before them, or start it with two spaces",
    ),
    "too many answers": ("choose one", ONE + "".join(f"- [ ] {n} | No.\n" for n in range(8)), 16, "at most 10 answers"),
    "two things to order": ("put in order", ORDER[: ORDER.index("3.")], 2, "nothing to put in order; write at least 3"),
    "boxes in an order": ("put in order", ORDER.replace("2. ", "2. [x] "), 6, "answers of this kind don’t have a box:"),
    "no number in an order": ("put in order", ORDER.replace("2. ", "- "), 6, "number the lines to put in order:"),
    "nothing to compare with": ("what would you say", "What would you say?", 2, "add an answer to compare with:"),
    "a sentence without why": ("what would you say", SAY.replace(" | Short is kind.", ""), 5, "has no feedback"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_question_is_said_at_its_line(name: str) -> None:
    argument, text, line, message = WRONG[name]
    found = problems_of(argument, text)
    assert [one for one in found if one[0] == line and message in one[1]] != []
    assert {one[0] for one in found} == {line}


@given(st.text(alphabet="-[]xX |1.)\n ab*`<", max_size=80), st.sampled_from([*GOOD, "", "guess"]))
def test_half_written_questions_are_problems_and_never_an_exception(text: str, argument: str) -> None:
    block = block_of(argument, text)
    find_block_problems(block, Place.CHECK, FILE)
    blank = blank_wrong_answers(block)
    assert blank.text.count("\n") == block.text.count("\n")


HOSTILE = {
    "one answer of many lines": "- [x] a\n" + "  a\n" * 60_000,
    "many answers": "- [ ]\n" * 40_000,
    "an open box": "- [" + " " * 200_000,
    "many bars": "- [x] a" + " |" * 100_000,
    "a long list mark": " " * 200_000 + "- [x] a",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_question_keeps_the_check_busy(name: str) -> None:
    block = Block("question", HOSTILE[name], 2, 3, "choose one")
    begun = time.process_time()
    assert 0 < len(find_block_problems(block, Place.CHECK, FILE)) < 50
    blank_wrong_answers(block)
    assert time.process_time() - begun < 1


def test_a_question_with_answers_belongs_to_no_session_and_no_page() -> None:
    lines = ("/// question | choose one", *ONE.split("\n"), "///")
    page = parse_page(
        "help", Language.EN, "\n".join(("---", "title: A", "summary: B.", "---", *lines)), "pages/help.md"
    )
    assert [(one.line, "Check of a training module" in one.message) for one in page.errors] == [(5, True)]
    session = prepare(
        Text("sessions", "new", Language.EN, "sessions/new.md", read_starter("five-minutes", "") + "\n".join(lines))
    )
    assert session.document is None
    assert ["Check of a training module" in one.message for one in session.problems] == [True]


# --- Grading ----------------------------------------------------------------------------------------------------------


def test_one_right_answer_is_right_alone() -> None:
    question = question_of("choose one")
    right, wrong, _ = (option.key for option in question.options)
    assert grade(question, [right])
    assert not grade(question, [wrong])
    assert not grade(question, [])
    with pytest.raises(ValueError, match="one answer"):
        grade(question, [right, wrong])


def test_several_right_answers_are_right_together_in_any_order() -> None:
    question = question_of("choose several")
    first, wrong, second = (option.key for option in question.options)
    assert grade(question, [second, first])
    assert not any(grade(question, answer) for answer in ([first], [first, wrong], [first, wrong, second], []))


def test_an_order_is_right_in_one_way() -> None:
    question = question_of("put in order")
    keys = [option.key for option in question.options]
    assert [list(one) for one in permutations(keys) if grade(question, one)] == [keys]
    assert not grade(question, [])
    with pytest.raises(ValueError, match="incomplete"):
        grade(question, keys[:3])


def test_what_somebody_would_say_is_never_graded() -> None:
    question = question_of("what would you say")
    assert not question.kind.is_graded
    with pytest.raises(ValueError, match="not graded"):
        grade(question, [])


@pytest.mark.parametrize("argument", ["choose one", "choose several", "put in order"])
def test_an_answer_out_of_range_is_no_answer(argument: str) -> None:
    question = question_of(argument)
    key = question.options[0].key
    for answer in (["0"], [""], [key, "x"], [key, key], [key.upper() + "'"]):
        with pytest.raises(ValueError, match="not one of the answers"):
            grade(question, answer)


@pytest.mark.parametrize(
    ("graded", "pass_mark", "needed"),
    [(5, 80, 4), (4, 80, 4), (6, 80, 5), (5, 100, 5), (5, 1, 1), (3, 66, 2), (3, 67, 3)],
)
def test_the_pass_mark_says_how_many_have_to_be_right(graded: int, pass_mark: int, needed: int) -> None:
    assert answers_needed(graded, pass_mark) == needed
    assert is_passed(needed, graded, pass_mark)
    assert not is_passed(needed - 1, graded, pass_mark)


def test_nothing_graded_is_nothing_passed() -> None:
    assert not is_passed(0, 0, 80)


@given(st.integers(1, 50), st.integers(1, 100))
def test_a_pass_mark_can_always_be_reached(graded: int, pass_mark: int) -> None:
    assert is_passed(graded, graded, pass_mark)


# --- Showing ----------------------------------------------------------------------------------------------------------


@given(st.text(max_size=12))
def test_what_is_to_be_put_in_order_is_never_shown_in_order(seed: str) -> None:
    question = question_of("put in order")
    shown = shuffle(question, seed)
    assert shown == shuffle(question, seed)
    assert shown != question.options
    assert sorted(one.key for one in shown) == sorted(one.key for one in question.options)


def test_another_revision_may_show_another_order() -> None:
    question = question_of("put in order")
    assert len({shuffle(question, str(seed)) for seed in range(20)}) > 3


def prepared(text: str) -> tuple[PreparedQuestion, ...]:
    outcome = prepare(Text("training", "choices", Language.EN, FILE, text))
    assert outcome.document is not None, outcome.problems
    return MODULE_JSON.validate_json(outcome.document).questions


def test_the_catalogue_keeps_questions_with_their_keys_and_what_is_right() -> None:
    questions = prepared(read_starter("training-module", ""))
    assert [one.key for one in questions] == ["p5-1", "p5-2", "p5-3", "p5-4", "p5-5", "p5-6"]
    assert len({one.key for one in questions}) == len(questions)
    first = questions[0]
    assert first.prompt == "<p>A student puts their head down when the practice begins. What might you do?</p>"
    assert first.options[0].html == "Leave it, and go on."
    assert first.options[0].feedback.startswith("<p>Resting is a way to take part.")
    assert grade(first, [first.options[0].key])
    order = next(one for one in questions if one.kind is QuestionKind.PUT_IN_ORDER)
    assert [one.key for one in order.in_order] == list(order.right) != [one.key for one in order.options]
    assert order.in_order[0].html == "“This takes about a minute.”"
    assert first.in_order == first.options


def test_a_page_that_knows_no_questions_shows_the_answers_and_not_which_is_right() -> None:
    outcome = prepare(Text("training", "choices", Language.EN, FILE, read_starter("training-module", "")))
    assert outcome.document is not None
    part = MODULE_JSON.validate_json(outcome.document).parts[4].parts[0]
    assert "<li>Leave it, and go on.</li><li>Ask them to sit up.</li>" in part.html
    assert "Resting is a way" not in part.html
    assert "[x]" not in part.html
    assert "Resting is a way" not in outcome.words


def test_markup_in_answers_is_cleaned_and_stays_in_its_line() -> None:
    bad = '<script>x</script><b onclick="x">Ask</b> *gently* [help](/help)'
    text = read_starter("training-module", "").replace("Ask them to sit up.", bad)
    text = text.replace("That takes the choice back.", "<img src=x onerror=x> See [help](/help).")
    option = prepared(text)[0].options[1]
    assert option.html == "Ask <em>gently</em> help"
    assert option.feedback.startswith('<p> See <a href="/help" rel="noopener noreferrer">help</a>.')


@pytest.mark.parametrize("words", ["# Leave it", "> Leave it", "1\\. Leave it", "a | b"])
def test_no_answer_becomes_more_than_its_line(words: str) -> None:
    text = read_starter("training-module", "").replace("Leave it, and go on.", words)
    html = prepared(text)[0].options[0].html
    assert "<" not in html
    assert html.strip() == html != ""


def test_a_half_written_question_is_shown_as_it_is_typed() -> None:
    text = read_starter("training-module", "").replace("- [x] Leave it, and go on.", "- Leave it")
    document = sketch(Text("training", "choices", Language.EN, FILE, text)).document
    assert document is not None
    assert "<li>Leave it | Resting is a way" in document
