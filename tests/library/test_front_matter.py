"""The facts at the top of a file: what a coach wrote wrong is said in her words, with its line, all at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scratch import changed, docs_example, line_of
from wellness.domain import Band, Competency, Need, Problem
from wellness.library.front_matter import PageFacts, SessionFacts, read_facts, split_front_matter, translation_of

GOOD = docs_example()
HEAD = GOOD[: GOOD.index("---", 4)]


def facts_and_problems(text: str) -> tuple[SessionFacts | None, list[Problem]]:
    source = split_front_matter(text)
    assert source is not None
    return read_facts(source, SessionFacts, "a.md")


def test_the_facts_of_the_example_are_read() -> None:
    facts, problems = facts_and_problems(GOOD)
    assert problems == []
    assert facts is not None
    assert (facts.title, facts.minutes, facts.short, facts.drawing) == ("Feet on the floor", 12, 5, "feet")
    assert facts.grades == (Band.G6_8, Band.G9_12)
    assert facts.competency is Competency.SELF_MANAGEMENT
    assert facts.needs == (Need.SETTLE_DOWN, Need.FOCUS)
    assert len(facts.sources) == 1


WRONG = {
    "a word for a number": (("minutes: 12", "minutes: twelve"), "minutes:", "minutes must be a whole number, like 12"),
    "a fraction": (("minutes: 12", "minutes: 12.5"), "minutes:", "minutes must be a whole number, like 12"),
    "nothing after the colon": (("minutes: 12", "minutes:"), "minutes:", "minutes must be a whole number, like 12"),
    "a time": (("minutes: 12", "minutes: 1:30"), "minutes:", "minutes must be a whole number, like 12"),
    "a list for a number": (("minutes: 12", "minutes: [12]"), "minutes:", "minutes must be a whole number, like 12"),
    "endless minutes": (("minutes: 12", "minutes: .inf"), "minutes:", "minutes must be a whole number, like 12"),
    "too many digits": (("minutes: 12", f"minutes: {'9' * 400}"), "minutes:", "minutes must be"),
    "too few minutes": (("minutes: 12", "minutes: 2"), "minutes:", "minutes must be at least 3"),
    "too many minutes": (("minutes: 12", "minutes: 46"), "minutes:", "minutes must be at most 45"),
    "a long short variant": (("short: 5", "short: 11"), "short:", "short must be at most 10"),
    "no such band": (("[6-8, 9-12]", "[6-8, 7-9]"), "grades:", "`7-9` isn’t one of the grades on this site; choose from: K-2"),
    "bands as one text": (("[6-8, 9-12]", "6-8"), "grades:", "grades is a list; write it like `grades: [one, two]`"),
    "no bands": (("[6-8, 9-12]", "[]"), "grades:", "grades needs at least one entry"),
    "no such competency": (("self-management", "selfmanagement"), "competency:", "isn’t one of the competency"),
    "no such need": (("[settle down, focus]", "[settle down, sleep]"), "needs:", "`sleep` isn’t one of the needs"),
    "no such drawing": (("drawing: feet", "drawing: foot"), "drawing:", "there’s no drawing called foot; choose one"),
    "a yes that is no text": (("drawing: feet", "drawing: yes"), "drawing:", "there’s no drawing called yes"),
    "a year for a title": (("Feet on the floor", "2026"), "title:", "title must be text; put it in quotation marks"),
    "true for a title": (("Feet on the floor", "true"), "title:", "title must be text; put it in quotation marks"),
    "a date for a title": (("Feet on the floor", "2026-09-18"), "title:", "title must be text; put it in quotation"),
    "an empty title": (("Feet on the floor", '""'), "title:", "title is empty"),
    "spaces for a title": (("Feet on the floor", '"   "'), "title:", "title is empty"),
    "no title": (("Feet on the floor", ""), "title:", "title must be text"),
    "a long title": (("Feet on the floor", "F" * 61), "title:", "title is too long; at most 60 characters"),
    "HTML in a title": (("Feet on the floor", "<b>Feet</b>"), "title:", "one line of plain text, without < and >"),
    "two lines of title": (("Feet on the floor", '"Feet\\nfloor"'), "title:", "one line of plain text"),
    "HTML in a list": (("[Nothing to hand out]", '["<img>"]'), "materials:", "one line of plain text"),
    "a number in a list": (("[Nothing to hand out]", "[12]"), "materials:", "materials must be text"),
    "a list in a list": (("[Nothing to hand out]", "[[a]]"), "materials:", "materials must be text"),
    "a map for a text": (("Feet on the floor", "{a: b}"), "title:", "title must be text"),
    "a fact that is none": (("skill:", "skil:"), "skil:", "`skil` isn’t a detail this file can have; did you mean `skill`"),
    "an odd fact": (("author:", "zzz: 1\nauthor:"), "zzz:", "`zzz` isn’t a detail this file can have; "
                                                            "the details are: title"),
    "on: yes": (("author:", "on: yes\nauthor:"), "on:", "`on` isn’t a detail this file can have"),
    "a number for a name": (("author:", "12: yes\nauthor:"), "12: yes", "`12` isn’t a detail this file can have"),
    "the same fact twice": (("author:", "title: Again\nauthor:"), "title: Again", "`title` is there twice"),
    "an alias": (("author: The Wellness team", "author: *a"), "author:", "names with & and * can’t be used here"),
    "a colon in the text": (("Feet on the floor", "Pause: then go"), "title:", "put the value in quotation marks"),
    "a tab": (("author:", "\tauthor:"), "author:", "use spaces, not a tab"),
    "a quote without an end": (('the breath)"', "the breath)"), '- "Mindful', "this line can’t be read"),
    "a list without an end": (("[6-8, 9-12]", "[6-8, 9-12"), "grades:", "this line can’t be read"),
    "a sign at the beginning": (("author: The", "author: @The"), "author:", "this line can’t be read"),
    "a percent sign": (("author: The", "author: %The"), "author:", "this line can’t be read"),
    "a bell": (("author: The", "author: \a The"), "author:", "can’t be read"),
    "merged facts": (("author:", "<<: {license: x}\nauthor:"), "<<:", "`<<` isn’t a detail this file can have"),
    "a tag": (("author: The Wellness team", "author: !!python/object:os.system x"), "author:", "words that begin with !"),
    "a tag without a value": (("author: The Wellness team", 'author: !!int ""'), "author:", "words that begin with !"),
    "an anchor": (("author: The", "author: &a The"), "author:", "names with & and * can’t be used here"),
    "a directive": (("author:", "%YAML 1.3\nauthor:"), "%YAML", "a line can’t begin with %"),
}  # fmt: skip


@pytest.mark.parametrize(("swap", "where", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_fact_is_named_with_its_line_and_how_to_mend_it(swap: tuple[str, str], where: str, says: str) -> None:
    text = changed(GOOD, swap)
    facts, problems = facts_and_problems(text)
    found = [problem for problem in problems if says in problem.message]
    assert found, [str(problem) for problem in problems]
    assert [problem.line for problem in found] == [line_of(text, where)]
    assert facts is None


@pytest.mark.parametrize("name", [name for name, field in SessionFacts.model_fields.items() if field.is_required()])
def test_a_missing_fact_is_missed_by_its_name(name: str) -> None:
    head = "".join(line for line in HEAD.splitlines(keepends=True) if not line.startswith(f"{name}:"))
    facts, problems = facts_and_problems(f"{head}---\n")
    assert facts is None
    assert [(problem.line, problem.message) for problem in problems] == [
        (1, f"`{name}:` is missing from the details at the top")
    ]


def test_the_license_may_have_its_old_key() -> None:
    facts, problems = facts_and_problems(changed(GOOD, ("license:", "licence:")))
    assert facts is not None, problems
    assert facts.license == "CC BY 4.0"


def test_a_wrong_entry_of_a_list_is_named_with_its_own_line() -> None:
    text = changed(GOOD, ("needs: [settle down, focus]", "needs:\n  - focus\n  - sleep\n  - rest"))
    _, problems = facts_and_problems(text)
    assert [problem.line for problem in problems] == [line_of(text, "- sleep")]


def test_all_wrong_facts_are_told_at_once() -> None:
    text = changed(GOOD, ("minutes: 12", "minutes: x"), ("short: 5", "short: 99"), ("skill:", "skil:"))
    _, problems = facts_and_problems(text)
    assert {problem.line for problem in problems} == {
        1,
        line_of(text, "minutes:"),
        line_of(text, "short:"),
        line_of(text, "skil:"),
    }


@pytest.mark.parametrize("word", ["1:30", "on", "yes", "no", "0123", "12e3"])
def test_what_other_readers_of_yaml_turn_into_something_else_stays_as_written(word: str) -> None:
    facts, problems = facts_and_problems(changed(GOOD, ("author: The Wellness team", f'author: "{word}"')))
    assert facts is not None, problems
    assert facts.author == word
    if word in ("1:30", "on", "yes", "no"):
        facts, problems = facts_and_problems(changed(GOOD, ("author: The Wellness team", f"author: {word}")))
        assert facts is not None, problems
        assert facts.author == word, "without quotation marks too"


def test_facts_of_more_than_eight_kilobytes_are_refused_before_they_are_read() -> None:
    _, problems = facts_and_problems(changed(GOOD, ("author:", f"# {'x' * 9000}\nauthor:")))
    assert [problem.message for problem in problems] == ["the details at the top are too long; the limit is 8 KB"]


BOMBS = {
    "aliases that multiply": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "deep lists": "a: " + "[" * 3900 + "]" * 3900,
    "deep lists without an end": "a: " + "[" * 8000,
    "deep maps": "a: " + "{a: " * 1900 + "}" * 1900,
    "deep dashes": "a:\n  " + "- " * 4000,
    "deep question marks": "? " * 4000,
    "a list at the top": "- a\n- b",
    "a text at the top": "only words",
    "nothing": "",
    "a comment only": "# nothing",
    "a key that is a list": "? [a, b]\n: c",
    "a key that is a map": "? {a: b}\n: c",
    "a second document": "title: a\n...\ntitle: b",
    "a directive": "%YAML 1.1\ntitle: a",
    "a directive of tomorrow": "%YAML 9.9\ntitle: a",
    "a set": "title: !!set {a, b}",
    "an ordered map": "title: !!omap [a: 1, b: 2]",
    "binary": "title: !!binary |\n  R0lGODlhDAAMAIQAAP",
    "not binary": "title: !!binary |\n  ???",
    "far too many digits": "minutes: " + "9" * 5000,
    "not a number": "minutes: !!int twelve",
    "not a float": "minutes: !!float twelve",
    "not a time": "title: !!timestamp soon",
    "no such day": "title: 2026-02-31",
    "a merge of nothing": "<<: nothing",
    "a merge of a list": "<<: [a, b]",
    "an octal that is none": "minutes: 0o99",
    "a hidden sign": "title: a\x85b\u2028c",
    "half a pair": 'title: "\\ud800"',
}  # fmt: skip


@pytest.mark.parametrize("head", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("model", [SessionFacts, translation_of(SessionFacts), PageFacts])
def test_no_facts_stop_the_check(head: str, model: type[SessionFacts]) -> None:
    source = split_front_matter(f"---\n{head}\n---\n")
    assert source is not None
    facts, problems = read_facts(source, model, "a.md")
    assert facts is None
    assert problems
    assert all(1 <= problem.line <= head.count("\n") + 3 and problem.message for problem in problems)


lines = st.lists(
    st.one_of(
        st.sampled_from(HEAD.splitlines()),
        st.text(alphabet="ab: -[]{}&*!|>'\"#%@`?,\t0129.~<\n", max_size=24),
        st.text(max_size=12),
    ),
    max_size=12,
)


@given(lines)
def test_whatever_stands_at_the_top_is_read_or_is_a_problem_within_it(listed: list[str]) -> None:
    source = split_front_matter("\n".join(["---", *listed, "---", ""]))
    assert source is not None
    facts, problems = read_facts(source, SessionFacts, "a.md")
    assert (facts is None) == bool(problems)
    assert all(1 <= problem.line <= source.body_line for problem in problems)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---",
        "---\ntitle: a",
        "title: a\n---\n",
        "\n---\ntitle: a\n---\n",
        " ---\na: b\n---\n",
        "----\na: b\n----\n",
    ],
)
def test_a_file_without_facts_between_two_lines_of_dashes_has_none(text: str) -> None:
    assert split_front_matter(text) is None


def test_the_body_begins_on_the_line_after_the_facts() -> None:
    source = split_front_matter("\ufeff---\ntitle: a\n--- \nfirst\nsecond\n")
    assert source is not None
    assert (source.facts, source.body, source.body_line) == ("title: a", ("first", "second"), 4)


def test_brackets_without_end_are_refused_before_they_are_read() -> None:
    _, problems = facts_and_problems(changed(GOOD, ("author:", f"{'[' * 200}\nauthor:")))
    assert [problem.message.split(";")[0] for problem in problems] == ["the details at the top have too many brackets"]
