"""The wording check: which sentences it flags, and which it leaves in peace because of what stands around them."""

from __future__ import annotations

import pytest

from wellness.content.body import cut_body
from wellness.content.wording import find_wording_problems
from wellness.domain import Language, Problem, Severity


def findings(text: str, language: Language = Language.EN, block: str = "") -> list[Problem]:
    body = f"## Step (1 min)\n\n/// {block}\n{text}\n///" if block else f"## Step (1 min)\n\n{text}"
    parts, problems = cut_body(tuple(body.split("\n")), 1, "a.md")
    assert problems == []
    return find_wording_problems(parts, "a.md", language)


FLAGGED = [
    ("Close your eyes.", "Eyes open or looking down"),
    ("Try closing your eyes for a moment.", "Eyes open or looking down"),
    ("Now CLOSE YOUR EYES and listen.", "Eyes open or looking down"),
    ("Sit up. Close your eyes if you like.", "Eyes open or looking down"),
    ("You must sit still.", "an order leaves no choice"),
    ("You have to try it once.", "an order leaves no choice"),
    ("You need to breathe slowly.", "an order leaves no choice"),
    ("Everyone will share one thing.", "You might"),
    ("Everyone close the laptop.", "You might"),
    ("Hold your breath for four.", "Pause, or skip the pause"),
    ("Breathe in. Hold that breath. Breathe out.", "Pause, or skip the pause"),
    ("Let's all calm down now.", "Take the time you need"),
    ("Clear your mind.", "If thoughts come"),
    ("Empty your mind of thoughts.", "If thoughts come"),
    ("Good students sit still.", "without sorting students"),
    ("Share it with the class.", "you may pass"),
    ("Share with the whole class what you felt.", "you may pass"),
    ("Imagine your heart chakra.", "secular words"),
    ("We end with namaste.", "secular words"),
    ("This will reduce anxiety.", "promise no results"),
    ("It is proven to raise grades.", "promise no results"),
    ("Nobody talks. Close your eyes.", "Eyes open or looking down"),
    ("No phones: close your eyes.", "Eyes open or looking down"),
    ("Rest for a moment, then close\nyour eyes.", "Eyes open or looking down"),
    ("Breathe in, then hold\n  your breath for four.", "Pause, or skip the pause"),
    ("- Do not talk\n- Close your eyes", "Eyes open or looking down"),
    ("Nobody has to talk\n\nClose your eyes", "Eyes open or looking down"),
]


@pytest.mark.parametrize(("text", "better"), FLAGGED)
def test_a_sentence_that_may_be_unsafe_is_a_warning_with_a_better_one(text: str, better: str) -> None:
    found = findings(text)
    assert [problem.severity for problem in found] == [Severity.WARNING], found
    assert better in found[0].message


FINE = [
    "Eyes open or looking down, whichever you prefer.",
    "You don't have to close your eyes.",
    "Nobody needs to close their eyes.",
    "Never say “close your eyes”.",
    "You do not have to try it.",
    "Instead of telling them to calm down, wait.",
    "There is no need to clear your mind.",
    "Nobody is a good student or a bad one.",
    "Hold your breath, or skip this part.",
    "Hold your breath for four if you'd like.",
    "If you want, hold your breath for four.",
    "Hold your breath for four. You may skip the hold.",
    "Hold your breath for four, or breathe\nwithout holds.",
    "Share with the class if you want.",
    "You may share it with the class.",
    "You might breathe out slowly.",
    "Everyone is welcome.",
    "The class closes its notebooks.",
    "A place that is close\n\nYour eyes may stay open.",
]


@pytest.mark.parametrize("text", FINE)
def test_a_choice_a_denial_or_an_ordinary_sentence_is_left_in_peace(text: str) -> None:
    assert findings(text) == []


@pytest.mark.parametrize("text", ["Hold your breath for four.", "Share it with the class."])
def test_what_is_fine_with_an_option_is_fine_in_a_step_that_offers_a_choice(text: str) -> None:
    assert len(findings(text)) == 1
    assert findings(f"{text}\n\n/// choice\nStop whenever you like.\n///") == []


def test_an_option_does_not_excuse_closed_eyes() -> None:
    assert len(findings("Close your eyes.\n\n/// choice\nOr look down.\n///")) == 1


def test_what_not_to_say_may_be_quoted_to_the_teacher_only() -> None:
    assert findings("Some say “close your eyes” here.", block="teacher") == []
    assert len(findings("Some say “close your eyes” here.", block="say")) == 1
    assert len(findings("Some say close your eyes here.", block="teacher")) == 1


SPANISH_FLAGGED = [
    "Cierra los ojos.",
    "Ahora cierren los ojos y escuchen.",
    "Deben sentarse bien.",
    "Tienes que intentarlo.",
    "Aguanta la respiración.",
    "Cálmense todos.",
    "Comparte con la clase.",
    "Respiren y cierren\nlos ojos.",
]
SPANISH_FINE = [
    "Ojos abiertos o mirando hacia abajo, como prefieran.",
    "No tienes que cerrar los ojos.",
    "Nunca digan «cierren los ojos».",
    "Aguanta la respiración o salta esta parte, si quieres.",
    "Si quieren, compartan con la clase.",
    "Pueden pensar en un lugar tranquilo.",
    "Las puertas deberían estar abiertas.",
]


@pytest.mark.parametrize("text", SPANISH_FLAGGED)
def test_a_spanish_sentence_that_may_be_unsafe_is_a_warning(text: str) -> None:
    assert [problem.severity for problem in findings(text, Language.ES)] == [Severity.WARNING]


@pytest.mark.parametrize("text", SPANISH_FINE)
def test_a_spanish_choice_or_denial_is_left_in_peace(text: str) -> None:
    assert findings(text, Language.ES) == []


def test_a_warning_names_the_line_on_which_the_phrase_begins() -> None:
    text = "One.\n\nTwo, then close\nyour eyes.\nThree. Close your eyes."
    assert [problem.line for problem in findings(text)] == [5, 7]


def test_every_phrase_that_the_guide_names_is_known() -> None:
    for phrase in (
        "close your eyes",
        "you must",
        "everyone must",
        "hold your breath",
        "calm down",
        "good students",
        "clear your mind",
        "share with the class",
    ):
        assert findings(f"Now {phrase}."), phrase
