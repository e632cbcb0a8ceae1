"""A text as a form and as a file: a form changes what it changes and leaves every other sign alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.scratch import CHECKOUT, changed, docs_example, line_of
from wellness.domain import Language, StepKind, TextKey, TextKind
from wellness.errors import Invalid
from wellness.library.checks.surroundings import Context, find_surrounding_problems
from wellness.library.files import Library
from wellness.library.front_matter_edit import outline, read_form, read_shown, write_form
from wellness.library.session import parse_session
from wellness.library.starters import read_starter

GOOD = docs_example()
SHIPPED = Library(CHECKOUT / "content").read_all()[0]
NOTED = """---
# Ours since 2024
title: "Feet"   # short on purpose
minutes:   12
colour: blue
needs: [settle down, 'focus']   # two
grades:
sources:
  # the first is the best
  - "One: with a colon"   # read it
  - two
  # after two

# the end
short: 5
---

## Preview: What (1 min, short 1)

Words.
"""


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_a_form_shows_facts_as_lines_and_lists() -> None:
    form = read_form(NOTED)
    assert form.is_readable
    assert form.facts == {
        "title": "Feet",
        "minutes": "12",
        "colour": "blue",
        "needs": ("settle down", "focus"),
        "grades": "",
        "sources": ("One: with a colon", "two"),
        "short": "5",
    }
    assert form.body == "## Preview: What (1 min, short 1)\n\nWords.\n"
    assert (form.line("needs"), form.entries("title"), form.line("none"), form.entries("grades")) == (
        "settle down, focus",
        ("Feet",),
        "",
        (),
    )


def test_a_text_folded_over_lines_is_one_line_in_the_form() -> None:
    assert read_form("---\nsummary: >\n  One\n  two.\ntitle: a\n  b\n---\n").facts == {
        "summary": "One two.",
        "title": "a b",
    }


def test_a_half_written_text_shows_what_can_be_read_of_it() -> None:
    form = read_form('---\ntitle: Pause: then go\nminutes: 12\nneeds: [rest]\nskill: "never ended\n---\nBody')
    assert not form.is_readable
    assert form.facts == {"title": "Pause: then go", "minutes": "12", "needs": ("rest",), "skill": "never ended"}
    assert form.body == "Body"


@given(
    st.text(max_size=300) | st.text(alphabet="-:#\n [{}]'\"abc|>&*!\t\r", max_size=120).map("---\n{}\n---\nx".format)
)
def test_no_text_at_all_stops_the_form_or_the_outline(text: str) -> None:
    form = read_form(text)
    outline(text)
    read_shown(text)
    assert write_form(text, {}) == text
    assert write_form(text, {}, form.body) == text


# --- Writing: nothing else changes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.file)
def test_a_form_sent_back_as_it_came_changes_no_sign_of_a_shipped_text(text: object) -> None:
    source: str = text.text  # type: ignore[attr-defined]
    form = read_form(source)
    assert form.is_readable
    assert write_form(source, {}) == source
    assert write_form(source, form.facts, form.body) == source


NEW_LINES = ("Something: new", "14")
NEW_ENTRIES = (("a, b", "# c"), ("x" * 60, "y: z" * 15))


@pytest.mark.parametrize("text", SHIPPED, ids=lambda text: text.file)
def test_one_fact_changed_in_a_shipped_text_leaves_every_other_line_alone(text: object) -> None:
    source: str = text.text  # type: ignore[attr-defined]
    facts = read_form(source).facts
    for key, before in facts.items():
        more = ((*before, "Something: new"), *NEW_ENTRIES) if isinstance(before, tuple) else NEW_LINES
        for new in more:
            written = write_form(source, {key: new})
            assert without(key, written) == without(key, source)
        assert read_form(written).facts == {**facts, key: new}


def without(key: str, text: str) -> list[str]:
    """The lines of a shipped text without those of one fact."""
    lines, others, is_its = text.split("\n"), [], False
    for line in lines:
        is_its = line.startswith(f"{key}:") or (is_its and line.startswith(("  ", "-")) and line != "---")
        others += [] if is_its else [line]
    return others


AWKWARD = {
    "blanks inside brackets": "needs: [ rest,focus ]\n",
    "a list at the margin": "sources:\n- one\n- two\n",
    "a list far in": "sources:\n    - one\n    - two\n",
    "several blanks": "skill:    Noticing   # here\n",
    "nothing": "skill: ~\n",
    "folded text": "summary: >\n  One\n  two.\n",
    "an escaped letter": 'author: "F\\u00e9et"\n',
    "a map": "extra:\n  one: 1\n  two: {three: 3}\n",
    "Windows line ends": "skill: Noticing\r\nauthor: Me\r\n",
    "U+2028 and U+0085": "skill: a\u2028b\nauthor: c\x85d\n",
    "the same fact twice": "skill: one\nskill: two\n",
    "a directive": "%YAML 1.2\n",
    "a tag": "skill: !!bool yes\n",
    "a colon": "skill: Pause: then go\n",
    "an open quotation mark": 'skill: "Pause\n',
    "a tab": "skill:\tPause\n\tgo\n",
    "notes": "# first\nskill: a # beside\n  # below\n\n# last\n",
    "a flow list over lines": "needs: [\n  rest,  # calm\n  focus\n]\n",
    "quotation marks": "skill: 'it''s'\nauthor: \"Me\"\n",
}


@pytest.mark.parametrize("odd", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_fact_beside_awkward_ones_is_changed_and_they_stay_byte_for_byte(odd: str, order: str) -> None:
    facts = "title: Feet\n" + odd if order == "after" else odd + "title: Feet\n"
    text = f"---\n{facts}---\n\nBody\u2028\r\n"
    assert write_form(text, {"title": "Hands: two"}) == changed(text, ("title: Feet", 'title: "Hands: two"'))
    assert write_form(text, {"title": None}) == changed(text, ("title: Feet\n", ""))


@pytest.mark.parametrize(
    ("odd", "key", "new", "written"),
    [
        ("needs: [ rest,focus ]\n", "needs", ("rest", "x"), "needs: [rest, x]\n"),
        ("sources:\n- one\n- two\n", "sources", ("one",), "sources:\n  - one\n"),
        ("skill:   a   # here\n", "skill", "b", "skill: b     # here\n"),
        ("skill: ~\n", "skill", "b", "skill: b\n"),
        ("summary: >\n  One\n  two.\n", "summary", "Three", "summary: >-\n  Three\n"),
        ("skill: 'it''s'\n", "skill", "that's", "skill: 'that''s'\n"),
        ("skill: a\r\n", "skill", "b", "skill: b\r\n"),
        ("sources:\r\n  - one  # read\r\n", "sources", ("one", "two"), "sources:\r\n  - one  # read\r\n  - two\r\n"),
        ("skill: !!bool yes\n", "skill", "b", "skill: b\n"),
        ("skill: &a yes\n", "skill", "b", "skill: b\n"),
        ('skill: "Pause\n', "skill", "b", "skill: b\n"),
        ("extra:\n  one: 1\n", "extra", "b", "extra: b\n"),
    ],
)
def test_an_awkward_fact_is_changed_and_the_others_stay(odd: str, key: str, new: str, written: str) -> None:
    text = f"---\n# a note\ntitle:  Feet\n{odd}# another\nminutes:   12\n---\n"
    assert write_form(text, {key: new}) == changed(text, (odd, written))


@pytest.mark.parametrize("facts", ["{title: x}", "!!omap\n- title: x", "  title: x\n  skill: y", "title: x\ntitle: y"])
def test_facts_that_do_not_say_which_line_to_change_are_refused_in_words(facts: str) -> None:
    text = f"---\n{facts}\n---\n"
    with pytest.raises(Invalid, match=r"can’t be read|in the file twice"):
        write_form(text, {"title": "Hands"})


ONE_LINE = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=40).map(str.strip)
LINE = ONE_LINE | st.sampled_from(
    [
        "on",
        "no",
        "null",
        "~",
        "1:30",
        "007",
        "- a",
        "# b",
        "a: b",
        "a #b",
        "'q'",
        '"q"',
        "[x",
        "{x}",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
        "`x",
        "| x",
        ">",
        "? x",
        "---",
        "...",
        "a,b",
        "x:",
        "<<",
        "=",
        "3-5",
        "0x1F",
        "2026-01-01",
    ]
)


@given(LINE, st.sampled_from(["title", "colour", "summary", "grades", "needs"]))
def test_whatever_is_typed_into_a_line_is_read_again_as_it_was_typed(value: str, key: str) -> None:
    written = write_form(NOTED, {key: value})
    form = read_form(written)
    assert form.is_readable
    assert form.line(key) == value
    assert {k: v for k, v in form.facts.items() if k != key} == {
        k: v for k, v in read_form(NOTED).facts.items() if k != key
    }
    assert form.body == read_form(NOTED).body
    assert "# the end" in written


@given(st.lists(LINE.filter(bool), max_size=6), st.sampled_from(["needs", "sources", "grades", "materials"]))
def test_whatever_is_typed_into_a_list_is_read_again_as_it_was_typed(value: list[str], key: str) -> None:
    written = write_form(NOTED, {key: tuple(value)})
    form = read_form(written)
    assert form.is_readable
    assert form.entries(key) == tuple(value)
    assert {k: v for k, v in form.facts.items() if k != key} == {
        k: v for k, v in read_form(NOTED).facts.items() if k != key
    }
    assert "# the end" in written
    assert "# Ours since 2024" in written


def test_a_note_beside_a_fact_and_its_quotation_marks_stay() -> None:
    written = write_form(NOTED, {"title": "Hands", "minutes": "15"})
    assert written == changed(NOTED, ('title: "Feet"   #', 'title: "Hands"  #'), ("minutes:   12", "minutes: 15"))


def test_an_entry_that_stays_keeps_its_notes_and_quotation_marks() -> None:
    assert write_form(NOTED, {"needs": ("settle down", "focus", "rest")}) == changed(
        NOTED, ("'focus']   #", "'focus', rest] #")
    )
    written = write_form(NOTED, {"sources": ("One: with a colon", "three: x", "two")})
    assert written == changed(NOTED, ("  - two", '  - "three: x"\n  - two'))
    assert write_form(NOTED, {"sources": ("two",)}) == changed(NOTED, ('  - "One: with a colon"   # read it\n', ""))


def test_a_new_fact_stands_where_facts_of_its_kind_usually_stand() -> None:
    written = write_form(NOTED, {"summary": "Two quiet minutes.", "aliases": ("old-feet",)})
    assert line_of(written, "summary: Two quiet minutes.") == line_of(written, 'title: "Feet"') + 1
    assert line_of(written, "aliases: [old-feet]") == line_of(written, "short: 5") + 1


def test_a_fact_is_taken_out_with_its_entries_and_the_note_after_it_stays() -> None:
    written = write_form(NOTED, {"sources": None, "colour": None, "never": None})
    assert written == changed(
        NOTED, ("colour: blue\n", ""), (NOTED[NOTED.index("sources:") : NOTED.index("  # after two")], "")
    )


def test_what_is_empty_on_both_sides_stays_unwritten() -> None:
    assert write_form(NOTED, {"skill": "", "materials": (), "grades": ()}) == NOTED


def test_a_long_list_goes_below_its_key() -> None:
    entries = ("A long source that has a colon: here", "And another one that makes the line far too long to read")
    assert "sources:\n  - " in write_form(GOOD, {"sources": entries, "author": "Me"})
    assert read_form(write_form(NOTED, {"materials": entries})).entries("materials") == entries


def test_the_body_is_changed_and_the_facts_stay_byte_for_byte() -> None:
    written = write_form(NOTED, {}, "## New (1 min)\r\n\r\nHello\r\n")
    assert written == NOTED[: NOTED.index("## Preview")] + "## New (1 min)\n\nHello\n"


def test_facts_that_cannot_be_read_are_mended_by_the_form() -> None:
    broken = changed(GOOD, ("title: Feet on the floor", "title: Feet: on the floor"))
    assert not read_form(broken).is_readable
    written = write_form(broken, read_form(broken).facts)
    assert written == changed(GOOD, ("title: Feet on the floor", 'title: "Feet: on the floor"'))


def test_a_line_without_an_end_is_mended_and_the_rest_stays() -> None:
    broken = changed(GOOD, ("title: Feet on the floor", 'title: "Feet on the floor'))
    assert read_form(broken).line("title") == "Feet on the floor"
    assert read_form(write_form(broken, {"title": "Feet on the floor"})).is_readable


def test_a_text_without_facts_gets_them_at_the_top() -> None:
    assert write_form("## Preview\n", {"title": "Feet", "needs": ("rest",)}) == (
        "---\ntitle: Feet\nneeds: [rest]\n---\n\n## Preview\n"
    )
    assert write_form("", {"title": "Feet"}, "Body") == "---\ntitle: Feet\n---\n\nBody"


@pytest.mark.parametrize("text", ["---\ntitle: Feet\n", "---\n{title: Feet}\n---\n", "---\n- a\n- b\n---\nx"])
def test_facts_the_form_cannot_change_are_refused_and_nothing_is_lost(text: str) -> None:
    with pytest.raises(Invalid, match="details at the top"):
        write_form(text, {"title": "Hands"})
    assert write_form(text, {}) == text


def test_numbers_stay_numbers_and_text_that_looks_like_one_is_quoted() -> None:
    written = write_form(GOOD, {"minutes": "14", "title": "12", "skill": "on"})
    assert "minutes: 14\n" in written
    assert 'title: "12"\n' in written
    assert parse_session("a", Language.EN, write_form(GOOD, {"title": "12"}), "a.md").problems == ()


# --- The outline ------------------------------------------------------------------------------------------------------


def test_the_pass_mark_and_the_hours_of_a_module_are_numbers_with_their_usual_place() -> None:
    module = read_starter("training-module", "")
    bare = changed(module, ("pass: 80\nhours: 0.25\n", ""))
    assert write_form(bare, {"hours": "0.25", "pass": "80"}) == module
    assert write_form(module, {"hours": "0.5", "pass": "100"}) == changed(module, ("0.25", "0.5"), ("80", "100"))
    assert (read_form(module).line("pass"), read_form(module).line("hours")) == ("80", "0.25")


def test_the_module_that_prepares_for_a_session_stands_after_its_drawing() -> None:
    written = write_form(GOOD, {"module": "running-a-friday-session"})
    assert line_of(written, "module: running-a-friday-session") == line_of(GOOD, "drawing: ") + 1
    session = parse_session("feet", Language.EN, written, "sessions/feet.md").content
    assert session is not None
    assert session.facts.module == "running-a-friday-session"
    assert write_form(written, {"module": None}) == GOOD


def test_a_fact_under_its_old_key_is_shown_under_its_present_one_and_keeps_its_key() -> None:
    old = changed(GOOD, ("license:", "licence:"))
    assert read_form(old).facts == read_form(GOOD).facts
    assert write_form(old, {"license": "CC0"}) == changed(old, ("licence: CC BY 4.0", "licence: CC0"))


def test_the_outline_adds_the_minutes_up() -> None:
    found = outline(GOOD)
    assert [step.kind for step in found.steps] == list(StepKind)
    assert (found.minutes, found.short_minutes, found.wanted, found.wanted_short) == (12, 5, 12, 5)
    assert found.adds_up
    assert found.steps[1].title == "This or that"
    assert found.steps[1].line == line_of(GOOD, "## Welcome")
    assert not outline(changed(GOOD, ("(3 min)", "(4 min)"))).adds_up


def test_a_step_without_its_minutes_is_in_the_outline_with_none() -> None:
    found = outline("---\nminutes: x\n---\n## Practice: Feet\n\n## Odd: One (2 min, short 1)\n\n## Before class\n")
    assert [(step.kind, step.title, step.minutes) for step in found.steps] == [
        (StepKind.PRACTICE, "Feet", 0),
        (None, "One", 2),
    ]
    assert (found.wanted, found.adds_up) == (None, False)


def test_a_translation_wants_the_minutes_of_its_original() -> None:
    spanish = "---\ntitle: Pies\n---\n## Anticipo: Qué (12 min, corta 5)\n"
    assert outline(spanish, GOOD).adds_up


# --- What a class sees ------------------------------------------------------------------------------------------------


def test_what_a_class_sees_leaves_the_words_for_teachers_and_families_out() -> None:
    shown = read_shown(GOOD)
    assert shown.startswith("Feet on the floor\n\nTwo minutes of noticing")
    assert "just watch, draw, or sit quietly" in shown
    assert "Nobody is called on." in shown
    for unseen in ("I will do this with you", "Point with them", "Put the first screen up", "before leaving the house"):
        assert unseen in GOOD
        assert unseen not in shown
    assert read_shown(changed(GOOD, ("Point with them.", "Point too."))) == shown


BIG = 200_000
HOSTILE = {
    "a heading of spaces": "## " + " " * BIG + "x",
    "a heading of brackets": "## Practice" + " (" * (BIG // 2),
    "a block of spaces": "/// practice" + " " * BIG + "x",
    "an option of spaces": "/// practice | timer\nseconds: 1" + " " * BIG + "x",
    "brackets": "[" * BIG,
    "links without an end": "[x](" * (BIG // 4),
    "fences": "```\n" * (BIG // 4),
    "full stops": ". " * (BIG // 2),
    "empty lines": "\n" * BIG,
}
FACTS = {
    "many facts": "\n".join(f"a{number}: [" for number in range(BIG // 10)),
    "one long fact": "title: " + " " * BIG + "x",
    "brackets": "title: " + "[" * BIG,
    "lists in lists": "a:\n" + "- " * 4_000 + "x",
}
ALL_HOSTILE = {
    name: f"---\ntitle: A\ngrades: [K-2]\n---\n## Practice: A (2 min)\n\n{body}\n" for name, body in HOSTILE.items()
}
ALL_HOSTILE |= {f"facts: {name}": f"---\n{facts}\n---\n## Practice: A (2 min)\n" for name, facts in FACTS.items()}


@pytest.mark.parametrize("name", ALL_HOSTILE)
def test_no_text_keeps_the_editor_busy(name: str) -> None:
    text = ALL_HOSTILE[name]
    began = time.process_time()
    form = read_form(text)
    outline(text)
    read_shown(text)
    assert write_form(text, {}, form.body) == text
    key = TextKey(TextKind.SESSION, "a", Language.EN)
    find_surrounding_problems(key, text, (), Context(addresses=frozenset({"/"})))
    assert time.process_time() - began < 10
