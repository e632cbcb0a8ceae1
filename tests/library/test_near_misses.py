"""What nearly looks like our syntax works or is a problem on its line, and never shows a teacher's words to a class."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.support.demo_site import MONDAY, DemoSite
from tests.support.pages import Page, text_of
from tests.support.scratch import CHECKOUT, changed, docs_example, line_of
from wellness.domain import GRADES, Block, Language, Problem, Severity
from wellness.library.blocks import MARKS as BLOCKS
from wellness.library.blocks import find_block_problems
from wellness.library.blocks.base import Place
from wellness.library.blocks.question import read_question
from wellness.library.body import cut_body
from wellness.library.marks import clean_text, find_mark_in_line, read_mark
from wellness.library.prepared import SESSION_JSON, PreparedPart, Text, prepare
from wellness.library.session import is_session_heading
from wellness.records import plans, schools

SECRET = "Zanzibar"
FILE = "sessions/feet.md"

RIGHT = {
    "as documented": "/// {}",
    "without the blank": "///{}",
    "capitalized": "/// {^}",
    "in capitals with a colon": "/// {^^}:",
    "after a blank": " /// {}",
    "after three blanks": "   /// {}",
    "after a tab": "\t/// {}",
    "after a no-break space": "\u00a0/// {}",
    "after a zero-width space": "\u200b/// {}",
    "after a byte-order mark": "\ufeff/// {}",
    "with a tab": "///\t{}",
    "with a no-break space": "///\u00a0{}",
    "with a narrow no-break space": "///\u202f{}",
    "with a word joiner": "///\u2060{}",
    "with a soft hyphen": "/\u00ad// {}",
    "with blanks after it": "/// {}  \u00a0",
    "with a carriage return": "/// {}\r",
}
"""How a mark may be written. {^} is the capitalized name, {^^} the name in capitals."""

WRONG = {
    "indented by four": "    /// {}",
    "indented by two tabs and more": "\t\t\t\t/// {}",
    "two slashes": "// {}",
    "two slashes close": "//{}",
    "four slashes": "//// {}",
    "full-width slashes": "／／／ {}",
    "division slashes": "∕∕∕ {}",
    "mixed slashes": "/／/ {}",
    "escaped": "\\/// {}",
    "all escaped": "\\/\\/\\/ {}",
    "quoted": "> /// {}",
    "a list item": "- /// {}",
    "a numbered item": "1. /// {}",
    "a heading": "### /// {}",
    "bold": "**/// {}**",
    "italic": "_/// {}_",
    "colons": ":::{}",
    "colons and a blank": "::: {}",
    "exclamation marks": "!!! {}",
    "in quotation marks": "“/// {}”",
    "after words": "Words. /// {}",
    "after words, close": "Words./// {}",
    "after words with two slashes": "Words. // {}",
    "a word too many": "/// {} now",
    "one letter missing": "/// {-}",
    "one letter doubled": "/// {+}",
    "in a comment": "<!-- /// {}",
}
"""How a mark is not written. {-} is the name without its third letter, {+} with its first letter doubled."""


def written(form: str, name: str) -> str:
    """A mark in one of the forms."""
    swaps = {
        "{}": name,
        "{^}": name.capitalize(),
        "{^^}": name.upper(),
        "{-}": name[:2] + name[3:],
        "{+}": name[0] + name,
    }
    for place, word in swaps.items():
        form = form.replace(place, word)
    return form


def session_with(mark: str, end: str = "///") -> str:
    """The session of the guide with one more block, begun by `mark`, whose words are the secret."""
    return changed(docs_example(), ("\n## Welcome", f"\n{mark}\n{SECRET}\n{end}\n\n## Welcome"))


def prepared(text: str) -> tuple[tuple[PreparedPart, ...], tuple[Problem, ...]]:
    """What a class sees of a session, and the errors of the check. Nothing is seen while there are errors."""
    outcome = prepare(Text("sessions", "feet", Language.EN, FILE, text))
    errors = tuple(problem for problem in outcome.problems if problem.severity is Severity.ERROR)
    if outcome.document is None:
        return (), errors
    session = SESSION_JSON.validate_json(outcome.document)
    parts = [part for step in session.steps for part in step.parts]
    assert SECRET in repr(session)
    return tuple(part for part in parts if part.is_for_everyone), errors


def cut(text: str) -> tuple[list[str], list[Problem]]:
    """The names of the blocks of a text under one heading, and its problems."""
    parts, problems = cut_body(("## P", *text.split("\n")), 1, FILE, is_session_heading)
    return [block.name for part in parts for block in part.blocks], problems


# --- Marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("form", [*RIGHT, *WRONG])
def test_a_mark_in_any_disguise_works_or_is_a_problem_on_its_line(form: str, name: str) -> None:
    mark = written({**RIGHT, **WRONG}[form], name)
    names, problems = cut(f"{mark}\nwords\n///")
    if form in RIGHT:
        assert (names, problems) == ([name], [])
    else:
        assert [problem.line for problem in problems if problem.severity is Severity.ERROR][:1] == [2], (mark, problems)


@pytest.mark.parametrize("name", ["say", "teacher"])
@pytest.mark.parametrize("form", [*RIGHT, *WRONG])
def test_a_teachers_words_are_never_shown_to_a_class(form: str, name: str) -> None:
    text = session_with(written({**RIGHT, **WRONG}[form], name))
    shown, errors = prepared(text)
    assert SECRET not in "".join(part.html for part in shown)
    assert bool(errors) is (form in WRONG)
    if errors:
        assert line_of(text, SECRET) - 1 in [problem.line for problem in errors]


@pytest.mark.parametrize(
    "end", ["////", "//", " ///", "> ///", "- ///", "／／／", "\\///", "**///**", ":::", "    ///", "///."]
)
def test_an_end_in_any_disguise_ends_the_block(end: str) -> None:
    names, problems = cut(f"/// teacher\nwords\n{end}\nmore")
    assert names == ["teacher", "text"]
    assert [problem.line for problem in problems] == ([] if end in (" ///", "///.") else [4])


@pytest.mark.parametrize(
    ("mark", "hint"),
    [
        ("/// techer", "did you mean `/// teacher`?"),
        ("/// maestro", "did you mean `/// teacher`?"),
        ("/// practice breathing", "did you mean `/// practice | breathing`?"),
        ("/// question choose one", "did you mean `/// question | choose one`?"),
        ("/// teacher notes", "did you mean `/// teacher`?"),
        ("// techer", "did you mean `/// teacher`?"),
        ("/// xyz", "the blocks are: choice, ask"),
        ("    /// say", "write `/// say` at the very left"),
        ("// practice | timer", "write `/// practice | timer` at the very left"),
        ("talk. ///", "write `///` on a line of its own"),
        ("Words. /// teacher", "write `/// teacher` on a line of its own"),
    ],
)
def test_a_problem_says_what_to_write(mark: str, hint: str) -> None:
    _, problems = cut(f"{mark}\nwords\n///")
    assert hint in problems[0].message
    assert problems[0].line == 2


def test_a_block_that_nobody_knows_counts_as_the_teachers() -> None:
    assert cut("/// techer\nwords\n///")[0] == ["teacher"]


@pytest.mark.parametrize(
    "line",
    [
        "// a comment", "https://x.org///", "See https://x.org///say", "and/or", "1 // 2",
        "Wow!!!", "!!! wow", ":::", "---", "`/// teacher`", "Write `/// teacher` at the left.", "[x](https://a.org/b//c)",
        "// ", "//",
        "Half // half of the class",
    ],
)  # fmt: skip
def test_other_lines_with_slashes_are_text(line: str) -> None:
    names, problems = cut(f"before\n\n{line}")
    assert (names, problems) == (["text"], [])


def test_marks_in_code_are_text() -> None:
    assert cut("```\n // teacher\n> /// say\n```\nafter") == (["text"], [])


@pytest.mark.parametrize("file", sorted((CHECKOUT / "content").glob("*/*.md")), ids=lambda file: file.name)
def test_no_line_of_the_site_is_taken_for_a_mark_that_it_is_not(file: Path) -> None:
    in_block = False
    for line in file.read_text(encoding="utf-8").split("\n"):
        mark = read_mark(line, BLOCKS, in_block)
        assert (mark is not None) is line.startswith("///"), line
        assert mark is None or not mark.problem, line
        assert find_mark_in_line(line, BLOCKS) == "" or mark is not None, line
        in_block = bool(mark.name) if mark else in_block


@pytest.mark.parametrize(
    "line",
    ["/" * 250_000, "x /// " * 40_000, "`" * 250_000, "/// " + "a" * 250_000, "://" * 80_000,
        "> " * 120_000, "x ///" + " " * 250_000],
    ids=lambda line: line[:6],
)  # fmt: skip
def test_no_line_keeps_the_reader_busy(line: str) -> None:
    begun = time.process_time()
    cut(line)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("lines", ["/// sayy\n", "x /// sayy\n", "**When to stop\n", "// sayy\n", "patern: 5\n"])
def test_many_near_misses_do_not_keep_the_reader_busy(lines: str) -> None:
    begun = time.process_time()
    cut("/// practice | timer\n" + lines * (250_000 // len(lines)))
    assert time.process_time() - begun < 3


# --- Text at the door -------------------------------------------------------------------------------------------------


def test_text_is_made_one_form_at_the_door() -> None:
    assert clean_text("e\u0301\r\na\rb\U000f0001c 👩\u200d🏫") == "é\na\nbc 👩\u200d🏫"
    parts, _ = cut_body(("## Pra\u0301ctica (1 min)", "cafe\u0301\U000f0007"), 1, FILE)
    assert (parts[0].heading, parts[0].blocks[0].text) == ("Práctica (1 min)", "café")


# --- Headings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", [" ## When to stop", "##When to stop", "##\u00a0When\u00a0to stop", "\u200b## When to stop"]
)
def test_a_heading_needs_no_exact_blanks(heading: str) -> None:
    parts, problems = cut_body(("## P", "words", heading, "more"), 1, FILE)
    assert ([part.heading for part in parts], problems) == (["P", "When to stop"], [])


@pytest.mark.parametrize(
    "heading",
    [
        "### When to stop", "# When to stop", "#When to stop:", "**When to stop**", "**When to stop:**", "__When to stop__",
        "*When to stop*", "### **When to stop**", "When to stop", "When to stop:", "    ## When to stop", "\\## When to stop",
        "＃＃ When to stop", "When to stop\n------------", "When to stop\n====", "> ## When to stop", "Cuándo parar",
    ],
)  # fmt: skip
def test_what_can_only_be_a_heading_is_one_and_a_problem(heading: str) -> None:
    parts, problems = cut_body(("## P", "words", *heading.split("\n"), "more"), 1, FILE, is_session_heading)
    name = "Cuándo parar" if "Cu" in heading else "When to stop"
    assert [(part.heading, [block.text for block in part.blocks]) for part in parts] == [
        ("P", ["words"]),
        (name, ["more"]),
    ]
    assert [(problem.line, problem.message) for problem in problems] == [(3, f"write `## {name}` at the very left")]


@pytest.mark.parametrize(
    "heading", ["### Practice: Two (2 min)", "**Practice: Two (2 min)**", "Practice: Two (2 min, short 1)"]
)
def test_a_step_in_disguise_is_a_step_and_a_problem(heading: str) -> None:
    text = changed(docs_example(), ("## Practice: Two minutes (2 min, short 2)", heading))
    _, errors = prepared(text)
    assert "write `## Practice: Two (2 min" in next(
        error.message for error in errors if error.line == line_of(text, heading)
    )


@pytest.mark.parametrize(
    "line", ["### Why", "**Note**", "Know when to stop", "- Adaptations", "Adaptations | more", "(2 min)"]
)
def test_other_words_are_no_heading(line: str) -> None:
    parts, problems = cut_body(("## P", line), 1, FILE, is_session_heading)
    assert ([part.heading for part in parts], problems) == (["P"], [])


def test_the_words_of_a_block_are_no_headings() -> None:
    assert cut("/// teacher\n**When to stop**\nAt once.\n///") == (["teacher"], [])


# --- Options ----------------------------------------------------------------------------------------------------------


def options_of(text: str, opening: str = "/// practice | breathing") -> tuple[Block, list[Problem]]:
    """The block with these lines in it, and its problems."""
    parts, problems = cut_body(("## P", opening, *text.split("\n"), "///"), 1, FILE)
    return parts[0].blocks[0], problems


@pytest.mark.parametrize(
    "line",
    [
        "pattern: 5-0-5-0", "Pattern: 5-0-5-0", "  pattern: 5-0-5-0", "\tpattern:5-0-5-0", "pattern:\u00a05-0-5-0",
        "pattern： 5-0-5-0", "pattern = 5-0-5-0", "pattern : 5-0-5-0", "\npattern: 5-0-5-0", "\u200bpattern: 5-0-5-0",
    ],
)  # fmt: skip
def test_an_option_needs_no_exact_writing(line: str) -> None:
    block, problems = options_of(f"{line}\n\n1. In: slowly")
    assert (block.options, block.text, problems) == ((("pattern", "5-0-5-0"),), "1. In: slowly", [])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("patern: 5-0-5-0\n\n1. In", 3, "`patern` isn’t an option"),
        ("\npatern: 5-0-5-0\n\n1. In", 4, "`patern` isn’t an option"),
        ("pattern: 5-0-5-0\nNote: quietly\n\n1. In", 4, "`note` isn’t an option"),
        ("pattern 5-0-5-0\n\n1. In", 3, "write `pattern: 5-0-5-0`"),
        ("holds off\n\n1. In", 3, "write `holds: off`"),
        ("- pattern: 5-0-5-0\n\n1. In", 3, "write `pattern: 5-0-5-0` at the very left"),
        ("**pattern:** 5-0-5-0\n\n1. In", 3, "write `pattern: 5-0-5-0` at the very left"),
        ("1. In\n\npattern: 5-0-5-0", 5, "write the options of a block before its words"),
        ("pattern: 5-0-5-0\n\nrounds: 99\n\n1. In", 5, "the limit is 8 rounds"),
    ],
)
def test_an_option_that_is_not_quite_right_is_a_problem_on_its_line(text: str, line: int, says: str) -> None:
    page = f"---\ntitle: A\nsummary: B\n---\n/// practice | breathing\n{text}\n///\n"
    problems = prepare(Text("pages", "a", Language.EN, "pages/a.md", page)).problems
    assert [problem.line for problem in problems if says in problem.message] == [line + 3], problems


@pytest.mark.parametrize(
    "text", ["In: slowly\nOut: slowly", "Note: sit well.", "1. Pattern: in for four", "\nnote: this is text"]
)
def test_other_words_are_no_options(text: str) -> None:
    block, problems = options_of(text)
    assert (block.options, block.text, problems) == ((), text.strip(), [])


# --- Answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mark", ["- [x]", "-[x]", "– [x]", "—[x]", "•\t[x]", "-\u00a0[x]", "- [\u00a0x\u00a0]", "+ [X]", "[x]", "- [✓]"]
)
def test_an_answer_needs_no_exact_writing(mark: str) -> None:
    text = f"What now?\n\n{mark} Leave it. | Yes.\n- [ ] Ask. | No."
    block = Block("question", text, 2, 3, "choose one")
    assert find_block_problems(block, Place.CHECK, FILE) == []
    assert [(option.text, option.is_right) for option in read_question(block).options] == [
        ("Leave it.", True),
        ("Ask.", False),
    ]


# --- Every page of a class --------------------------------------------------------------------------------------------


def plan_everywhere(demo: DemoSite, slug: str) -> None:
    with demo.records.writing() as tx:
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, MONDAY, GRADES, slug, None, demo.clock())


def seen_by_a_class(page: Page) -> str:
    """The text of a presentation without what opens for the teacher alone."""
    hidden = [text_of(notes) for notes in page.all("details")]
    return re.sub("|".join(map(re.escape, filter(None, hidden))) or "$^", "", page.text)


def test_no_page_of_a_class_or_a_family_shows_what_stands_in_a_disguised_block(demo_with_library: DemoSite) -> None:
    demo, slug = demo_with_library, "four-square-breathing"
    path = demo.home / "library" / "sessions" / f"{slug}.md"
    blocks = "\n".join(
        f"{written(form, name)}\n{SECRET}\n///\n" for form in RIGHT.values() for name in ("say", "teacher")
    )
    text = path.read_text(encoding="utf-8")
    first_step = re.search(r"^## .*\(.*min.*\)$", text, re.MULTILINE)
    assert first_step is not None
    path.write_bytes(text.replace(first_step[0], f"{first_step[0]}\n\n{blocks}", 1).encode())
    plan_everywhere(demo, slug)
    browser, code = demo.browser(), demo.door().code
    for address in ("/", f"/sessions/{slug}", f"/sessions/{slug}/family", f"/c/{code}"):
        assert SECRET not in browser.open(address).text, address
    page = browser.open(f"/c/{code}/present")
    assert SECRET in page.text, "the substitute reads it"
    assert SECRET not in seen_by_a_class(page)
