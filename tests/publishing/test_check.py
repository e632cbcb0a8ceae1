"""The check of the studio: what the surroundings of a text tell, and that everything wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support.scratch import CHECKOUT, changed, docs_example, line_of
from wellness.domain import Block, Competency, Language, Need, Problem, Severity, TextKey, TextKind, VideoFacts
from wellness.library.checks.reading_level import count_syllables, measure
from wellness.library.checks.suggestions import current_key, suggest
from wellness.library.checks.surroundings import Context, PlannedTopic, check_text, find_surrounding_problems
from wellness.library.files import Library
from wellness.library.prepared import Text, prepare
from wellness.library.sandbox import Sandbox
from wellness.library.starters import list_starters, read_starter

GOOD = docs_example()
KEY = TextKey(TextKind.SESSION, "feet-on-the-floor", Language.EN)
PLACES = Context(
    addresses=frozenset({"/", "/help", "/sessions", "/sessions/body-scan", "/media/0123456789abcdef/poster.jpg"})
)
MANAGE, AWARE = Competency.SELF_MANAGEMENT, Competency.SELF_AWARENESS
MONDAY = date(2026, 9, 7)


def around(text: str, context: Context = PLACES, key: TextKey = KEY) -> list[Problem]:
    asked = Text(key.kind.value, key.slug, key.language, key.file, text, GOOD if key.language is Language.ES else None)
    return find_surrounding_problems(key, text, prepare(asked).addresses, context)


def with_line(line: str) -> str:
    return changed(GOOD, ("Mornings or evenings?", f"{line}\n\nMornings or evenings?"))


# --- Links and media --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "[Help](/help)", "[All](/sessions/)", "[All](/sessions/?need=rest#top)", "[Scan](/sessions/body-scan)", "[Home](/)",
        "[Out](https://casel.org/none)", "![A square](/media/0123456789abcdef/poster.jpg)", "[Staff](/teach/)", "[Here](#top)",
        "`[No](/link)`",
    ],
)  # fmt: skip
def test_a_link_that_leads_somewhere_is_left_in_peace(link: str) -> None:
    assert around(with_line(link)) == []


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (
            "[Scan](/sessions/body-scam)",
            "the link /sessions/body-scam is broken; did you mean /sessions/body-scan?",
        ),
        ("[Old](/zzz)", "the link /zzz is broken; check the page’s address"),
        ("![Gone](/media/0123456789abcdef/old.jpg)", "/media/0123456789abcdef/old.jpg doesn’t exist"),
        ("[Ref][1]\n\n[1]: /sessions/none-such", "the link /sessions/none-such is broken"),
    ],
)
def test_a_link_or_a_picture_that_is_not_there_is_an_error_at_its_line(link: str, message: str) -> None:
    text = with_line(link)
    (problem,) = around(text)
    assert message in problem.message
    assert (problem.severity, problem.line) == (Severity.ERROR, line_of(text, link.split("\n")[0]))


def test_links_of_pages_training_modules_and_translations_are_looked_at_too() -> None:
    for key in (
        TextKey(TextKind.PAGE, "help", Language.EN),
        TextKey(TextKind.TRAINING, "a"),
        replace(KEY, language=Language.ES),
    ):
        assert len(around("---\ntitle: A\n---\n[Gone](/gone)\n", key=key)) == 1


def test_links_are_not_looked_at_where_nobody_knows_the_pages() -> None:
    assert around(with_line("[Gone](/gone)"), Context()) == []


# --- Reading level ----------------------------------------------------------------------------------------------------

HARD = (
    "Physiological self-regulation necessitates deliberate attentional redirection, particularly whenever environmental "
    "circumstances precipitate overwhelming sympathetic activation. Consequently, practitioners systematically incorporate "
    "diaphragmatic respiration alongside proprioceptive awareness, thereby facilitating autonomic equilibrium."
)


def test_words_too_hard_for_the_youngest_grades_are_a_warning_with_the_hardest_sentence() -> None:
    text = with_line("\n\n".join([HARD] * 6))
    (problem,) = around(text)
    assert problem.severity is Severity.WARNING
    assert "but the youngest are in grades 6–8; the hardest sentence is “Consequently, pract" in problem.message
    assert problem.line == line_of(text, "Consequently")


def test_one_very_hard_sentence_among_easy_ones_is_named() -> None:
    text = with_line(HARD)
    (problem,) = around(text)
    assert problem.severity is Severity.WARNING
    assert "“Consequently, practitioners systematically" in problem.message
    assert "split it into two sentences" in problem.message
    assert problem.line == line_of(text, "Consequently")


def test_what_teachers_read_may_be_as_hard_as_they_like() -> None:
    assert around(changed(GOOD, ("No right answers", f"{HARD}\n\nNo right answers"))) == []


def test_the_level_of_the_classics_is_about_what_others_say() -> None:
    def grade(text: str) -> float:
        level = measure([Block("text", text, 1, 1)])
        assert level is not None
        return level.grade

    gettysburg = (
        "Four score and seven years ago our fathers brought forth on this continent a new nation, conceived in liberty, and "
        "dedicated to the proposition that all men are created equal. Now we are engaged in a great civil war, testing whether "
        "that nation, or any nation so conceived and so dedicated, can long endure. We are met on a great battlefield of that "
        "war. We have come to dedicate a portion of that field as a final resting place for those who here gave their lives "
        "that that nation might live. It is altogether fitting and proper that we should do this."
    )
    assert 7.5 < grade(gettysburg) < 11
    assert grade("The cat sat on the mat. The dog ran to the cat. " * 8) < 1
    assert measure([Block("text", "Too few words to tell.", 1, 1)]) is None


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("the", 1), ("breathe", 1), ("noticing", 3), ("little", 2), ("asked", 1), ("wanted", 2), ("shapes", 1), ("boxes", 2),
     ("careful", 2), ("comfortable", 4), ("idea", 3), ("people", 2), ("being", 2), ("quiet", 2), ("don't", 1)],
)  # fmt: skip
def test_syllables_are_counted(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


# --- Time and plan ----------------------------------------------------------------------------------------------------


def test_a_session_longer_than_the_time_classes_have_is_a_warning() -> None:
    text = changed(GOOD, ("minutes: 12", "minutes: 20"))
    (problem,) = around(text)
    assert (problem.severity, problem.line) == (Severity.WARNING, line_of(text, "minutes: 20"))
    assert "takes 20 minutes, but classes have 12" in problem.message
    assert around(text, replace(PLACES, slot_minutes=20)) == []


def weeks(*slugs: str, other: Competency = MANAGE) -> Context:
    plan = (PlannedTopic(MONDAY + timedelta(weeks=n), slug, other, Need.SETTLE_DOWN) for n, slug in enumerate(slugs))
    return replace(PLACES, plans=(tuple(plan),))


def test_the_same_topic_four_weeks_running_is_a_warning() -> None:
    (problem,) = around(GOOD, weeks("a", "b", "feet-on-the-floor", "c", "d"))
    assert problem.severity is Severity.WARNING
    assert "same topic (self management, settle down) 5 weeks in a row, starting September 7" in problem.message
    assert problem.line == line_of(GOOD, "competency:")


@pytest.mark.parametrize(
    "context",
    [
        weeks("a", "feet-on-the-floor", "c"),
        weeks("a", "b", "c", "d"),
        weeks("a", "b", "feet-on-the-floor", "d", other=AWARE),
        weeks("a", "b", "c", "d", "feet-on-the-floor", other=AWARE),
    ],
)
def test_three_weeks_another_session_or_another_topic_are_no_warning(context: Context) -> None:
    assert around(GOOD, context) == []


# --- The whole check --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workshop() -> Iterator[Sandbox]:
    opened = Sandbox(processes=1)
    yield opened
    opened.close()


def test_everything_that_is_wrong_is_said_at_once_each_with_its_line(workshop: Sandbox) -> None:
    silent = VideoFacts("feet", 60, (), ())
    text = changed(
        GOOD,
        ("competency: self-management", "competency: patience"),
        ("(1 min, short 1)\n\nAbout", "(1 min, short 2)\n\nAbout"),
        (
            "/// choice\nYou can do it with us, just watch, draw, or sit quietly. Any of these is taking part.\n///\n",
            "",
        ),
        (
            "/// choice\nIf feet are not a good place to notice today, listen to the sounds in the room instead.\n///\n",
            "",
        ),
        ("Watch how it looks.", "/// video | feet\n///\n\n![](/media/0/none.jpg)\n\n#### Jump\n\n[Gone](/gone)"),
        ("## Talk: With one person (3 min)", "## Talk: With one person (4 min)"),
    )
    found = check_text(workshop, KEY, text, videos=(silent,), context=PLACES)
    said = [(problem.line, problem.message) for problem in found if problem.severity is Severity.ERROR]
    for piece, message in (
        ("competency: patience", "`patience` isn’t one of the competency"),
        ("short 2)\n", "the short form of this step has 2 minutes, more than its 1"),
        ("/// video", "feet has no captions"),
        ("/// video", "feet has no transcript"),
        ("![](/media", "the picture has no description for people who can’t see it; write ![what it shows](…)"),
        ("![](/media", "/media/0/none.jpg doesn’t exist"),
        ("#### Jump", "this heading skips a level"),
        ("[Gone]", "the link /gone is broken"),
        ("## Preview", "there’s no choice for students who sit out; add a block `/// choice` to the preview"),
    ):
        line = line_of(text, piece.strip())
        assert any(at == line and message in words for at, words in said), (line, message, said)
    minutes = check_text(workshop, KEY, changed(GOOD, ("(3 min)", "(4 min)")), context=PLACES)
    assert ["add up to 13 minutes" in problem.message for problem in minutes] == [True]


@pytest.mark.parametrize("starter", list_starters(), ids=lambda starter: starter.name)
def test_a_starter_has_no_warning_from_its_surroundings(starter: object) -> None:
    name: str = starter.name  # type: ignore[attr-defined]
    kind: TextKind = starter.kind  # type: ignore[attr-defined]
    assert around(read_starter(name, ""), key=TextKey(kind, "new", Language.EN)) == []


def test_the_shipped_sessions_are_easy_enough_for_their_grades() -> None:
    for text in Library(CHECKOUT / "content").read_all()[0]:
        key = TextKey(TextKind(text.kind), text.slug, text.language)
        assert around(text.text, Context(), key) == []


def test_the_key_of_a_suggestion_depends_on_its_words_and_not_on_lines_numbers_or_the_message() -> None:
    one = suggest("a.md", 3, "“for 76 breaths”: try “a few breaths”", "wording", "for 76 breaths")
    assert one.key == suggest("a.md", 9, "Another message", "wording", "for 80 breaths").key == "wording: for # breaths"
    assert one.key != suggest("a.md", 3, one.message, "wording", "for ever").key


SUGGESTED = """\
---
title: A text that could be better
minutes: 20
grades: [K-2]
competency: self-awareness
module: zzz
---

## Practice: Breathe (20 min, short 5)

Close your eyes. [](/help) **words

Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.
Notwithstanding considerable uncertainty, methodologically sophisticated deliberation necessitates extraordinary perseverance.

Two things:
- one

<b onclick="x">bold</b> <center>centered</center>

/// say
///
"""


def test_every_suggestion_has_a_key(workshop: Sandbox) -> None:
    context = Context(modules=frozenset({"running-a-friday-session"}), slot_minutes=12)
    found = [one for one in check_text(workshop, KEY, SUGGESTED, context=context) if one.severity is Severity.WARNING]
    assert {one.key.split(":")[0] for one in found} >= {
        "wording", "reading-level", "class-time", "training-module", "empty-block", "empty-link", "markdown-mark", "html",
    }  # fmt: skip
    assert all(one.key == current_key(one.key) for one in found)


@pytest.mark.parametrize(
    ("stored", "key"),
    [
        ("“Close your eyes”: better “Eyes open or looking down, your choice.” Closed eyes can feel unsafe",
         "wording: Close your eyes"),
        ("what students read is about grade #, but the session begins with grades #–#; the hardest sentence is "
         "“Deliberate on it”: shorter sentences and shorter words help", "reading-level: Deliberate on it"),
        ("“Deliberate on it” is about grade #, and the session begins with grades K–#; make two sentences of it, or take "
         "shorter words", "reading-level: Deliberate on it"),
        ("the session takes # minutes, and classes have #; take out a step or make some shorter", "class-time"),
        ("there is no training module called zzz; look at the address of the module again, or leave it out",
         "training-module: zzz"),
        ("the plan has the same topic (self awareness, calm) # weeks running, from October #; plan another topic between "
         "them, or choose another competency or first need", "same-topic: self awareness, calm"),
        ("# words on one screen are hard to read from the back row; aim for # to #", "screen-words"),
        ("#:# of video is long for a class; aim for at most #:#", "video-length"),
        ("# of the usual # questions; one wrong answer weighs a lot among so few", "few-questions"),
        ("this block shows nothing; write its words, or take it out", "empty-block"),
        ("this link has no words; write [where it leads](…)", "empty-link"),
        ("the page shows `#)` and no list; put an empty line before it, and write `- ` or `#. `", "list-mark: #)"),
        ("the page shows `](`; look at the link or the bold words again", "markdown-mark: ]("),
        ("HTML is left out (`<center>`); write it in Markdown", "html: center"),
        ("class-time", "class-time"),
        ("what a coach's own tool wrote", "what a coach's own tool wrote"),
    ],
)  # fmt: skip
def test_an_answer_stored_under_an_old_message_has_the_key_of_today(stored: str, key: str) -> None:
    assert current_key(stored) == key


@pytest.mark.parametrize(
    "text",
    ["", "---\n", "---\ntitle: [\n---\n## Practice\n[x](/y)", "---\ngrades: 6\nminutes: x\n---\n## Talk: A (2 min)\n"],
)
def test_a_half_written_text_does_not_stop_the_check(text: str) -> None:
    around(text)


# --- The module that prepares -----------------------------------------------------------------------------------------

MODULES = Context(modules=frozenset({"running-a-friday-session", "four-square-breathing-safely"}))


def with_module(slug: str) -> str:
    return changed(GOOD, ("drawing: feet\n", f"drawing: feet\nmodule: {slug}\n"))


def test_a_training_module_that_is_not_there_is_a_warning_at_its_line() -> None:
    text = with_module("running-a-friday-sesion")
    (problem,) = around(text, MODULES)
    assert (problem.severity, problem.line) == (Severity.WARNING, line_of(text, "module: "))
    assert (
        "no training module called running-a-friday-sesion; did you mean running-a-friday-session?" in problem.message
    )
    (other,) = around(with_module("zzz"), MODULES)
    assert "or leave it out" in other.message


def test_a_training_module_that_is_there_or_that_nobody_can_look_up_is_left_in_peace() -> None:
    assert around(with_module("running-a-friday-session"), MODULES) == []
    assert around(with_module("zzz"), Context()) == []
    assert around(GOOD, MODULES) == []
