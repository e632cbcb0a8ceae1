"""Two texts compared: words, not lines; and never slow."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from tests.support.scratch import changed, docs_example
from wellness.library.diff import Change, Difference, Line, Run, compare

KEPT, REMOVED, ADDED = Change.KEPT, Change.REMOVED, Change.ADDED
GOOD = docs_example()


def words(difference: Difference) -> list[tuple[Change, str]]:
    return [(run.change, run.text) for line in difference.lines for run in line.runs]


def side(difference: Difference, *changes: Change) -> str:
    """One of the two texts, put together again."""
    return "".join(text for change, text in words(difference) if change in changes)


def test_only_the_words_that_changed_are_marked() -> None:
    found = compare("Breathe in for four.\n", "Breathe out for four.\n")
    assert words(found) == [(KEPT, "Breathe "), (REMOVED, "in"), (ADDED, "out"), (KEPT, " for four.")]
    assert (found.removed, found.added, found.is_same) == (1, 1, False)


def test_equal_texts_have_no_difference() -> None:
    found = compare(GOOD, GOOD)
    assert found.is_same
    assert found.list_parts() == []
    assert (found.removed, found.added) == (0, 0)


def test_each_line_knows_its_number_in_both_texts() -> None:
    found = compare("a\nb\nc\n", "a\nnew\nb\nc\n")
    assert found.lines == (
        Line(1, 1, (Run(KEPT, "a"),)),
        Line(None, 2, (Run(ADDED, "new"),)),
        Line(2, 3, (Run(KEPT, "b"),)),
        Line(3, 4, (Run(KEPT, "c"),)),
    )


def test_an_empty_line_that_came_is_a_change() -> None:
    found = compare("a\nb\n", "a\n\nb\n")
    assert [line.is_changed for line in found.lines] == [False, True, False]
    assert not found.is_same


def test_a_text_from_nothing_is_all_new() -> None:
    assert words(compare("", "One two.\n")) == [(ADDED, "One two.")]
    assert words(compare("One two.\n", "")) == [(REMOVED, "One two.")]
    assert compare("", "").lines == ()


def test_a_long_text_is_shown_by_its_changed_parts_with_the_lines_around_them() -> None:
    new = changed(GOOD, ("Mornings or evenings?", "Early or late?"), ("press down for a moment", "press down"))
    parts = compare(GOOD, new).list_parts(around=2)
    assert len(parts) == 2
    assert [len(part) for part in parts] == [5, 5]
    assert all(part[2].is_changed and not part[0].is_changed for part in parts)
    near = compare("a\nb\nc\nd\n", "A\nb\nC\nd\n").list_parts(around=1)
    assert [[line.new_number for line in part] for part in near] == [[1, 2, 3, 4]]


def test_two_big_texts_without_a_common_word_are_compared_at_once() -> None:
    old = "".join(f"a{number} b{number}\n" for number in range(20_000))
    new = "".join(f"c{number} d{number}\n" for number in range(20_000))
    began = time.process_time()
    found = compare(old, new)
    assert time.process_time() - began < 3
    assert (found.removed, found.added) == (40_000, 40_000)


def test_one_word_of_a_big_text_is_still_found() -> None:
    old = "".join(f"line {number} of the text\n" for number in range(20_000))
    found = compare(old, old.replace("line 9999 of", "line 9999 in"))
    assert [(change, text) for change, text in words(found) if change is not KEPT] == [(REMOVED, "of"), (ADDED, "in")]


TEXT = st.text(alphabet="ab \n.'é", max_size=60)


@given(TEXT, TEXT)
def test_both_texts_can_be_put_together_again_from_the_difference(old: str, new: str) -> None:
    found = compare(old, new)
    assert side(found, KEPT, REMOVED) == old.replace("\n", "")
    assert side(found, KEPT, ADDED) == new.replace("\n", "")
    assert found.is_same == (old == new) or old.rstrip("\n") == new.rstrip("\n")
    numbers = [line.new_number for line in found.lines if line.new_number is not None]
    assert numbers == sorted(numbers)
