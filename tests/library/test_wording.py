"""The wording check: which sentences it flags, and which it leaves in peace because of what stands around them."""

from __future__ import annotations

from time import process_time

import pytest

from wellness.domain import Language, Problem, Severity
from wellness.library.body import cut_body
from wellness.library.checks.wording import find_hints, find_wording_problems


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
    ("You must sit still.", "An order leaves no choice"),
    ("You have to try it once.", "An order leaves no choice"),
    ("You need to breathe slowly.", "An order leaves no choice"),
    ("Everyone will share one thing.", "You might"),
    ("Everyone close the laptop.", "You might"),
    ("Hold your breath for four.", "Pause, or skip the pause"),
    ("Breathe in. Hold that breath. Breathe out.", "Pause, or skip the pause"),
    ("Let's all calm down now.", "Take the time you need"),
    ("Clear your mind.", "If thoughts come"),
    ("Empty your mind of thoughts.", "If thoughts come"),
    ("Good students sit still.", "without sorting students"),
    ("Share it with the class.", "It’s fine to pass"),
    ("Share with the whole class what you felt.", "It’s fine to pass"),
    ("Imagine your heart chakra.", "secular words"),
    ("We end with namaste.", "secular words"),
    ("This will reduce anxiety.", "Don’t promise results"),
    ("It is proven to raise grades.", "Don’t promise results"),
    ("Nobody talks. Close your eyes.", "Eyes open or looking down"),
    ("No phones: close your eyes.", "Eyes open or looking down"),
    ("Rest for a moment, then close\nyour eyes.", "Eyes open or looking down"),
    ("Breathe in, then hold\n  your breath for four.", "Pause, or skip the pause"),
    ("- Do not talk\n- Close your eyes", "Eyes open or looking down"),
    ("Nobody has to talk\n\nClose your eyes", "Eyes open or looking down"),
    ("Shut your eyes and listen.", "Eyes open or looking down"),
    ("With eyes closed, listen to the room.", "Eyes open or looking down"),
    ("Let your eyes close.", "Eyes open or looking down"),
    ("You've got to try it.", "An order leaves no choice"),
    ("Everybody stand up.", "You might"),
    ("No opting out today.", "is taking part"),
    ("Nobody may leave the circle.", "is taking part"),
    ("Hold your breath as long as you can.", "Pause, or skip the pause"),
    ("Hold your breath for four or five counts.", "Pause, or skip the pause"),
    ("Take the deepest breath you can.", "An ordinary breath is enough"),
    ("Just relax.", "Take the time you need"),
    ("Stop crying and join us.", "Take the time you need"),
    ("Don't be shy, say it aloud.", "Take the time you need"),
    ("Think of the worst day of your year.", "ordinary moment"),
    ("Remember a time you were afraid.", "ordinary moment"),
    ("Picture your safe place.", "real or made up"),
    ("Imagine you are at home in your bed.", "real or made up"),
    ("Tell us about your family.", "Home can be a hard subject"),
    ("Raise your hand if you have ever felt alone.", "No one has to show anything"),
    ("Hold hands with your partner.", "Touch can feel unsafe"),
    ("Put your hand on your neighbor's shoulder.", "Touch can feel unsafe"),
    ("Make eye contact with your partner.", "Look wherever is comfortable"),
    ("Look each other in the eye.", "Look wherever is comfortable"),
    ("I'll turn off the lights now.", "Darkness and a locked door"),
    ("Lie down on the floor.", "Sit or stand in any way"),
    ("Bad kids do not try.", "without sorting students"),
    ("Boys don't cry.", "without a label"),
    ("Control your emotions.", "Every feeling is okay"),
    ("You will feel better.", "any answer is fine"),
    ("This makes your worries go away.", "Don’t promise results"),
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
    "Eyes open or closed, whichever you prefer.",
    "Eyes closed or open, whichever you prefer.",
    "The store closes at five, and its eyes are the cameras.",
    "You need not explain.",
    "You can pass; that is taking part.",
    "Everybody is welcome, in any seat.",
    "Everyone's week is different.",
    "Nobody has to share.",
    "Hold the pencil for four counts.",
    "Take a breath of ordinary size.",
    "Hold your breath for four or five counts, or skip it.",
    "Don't tell anyone to just relax.",
    "Think of an ordinary moment this week.",
    "A safe place for your bag is under the desk.",
    "Tell us about your week.",
    "Tell us about your family if you'd like.",
    "Never ask students to hold hands.",
    "Hold hands, wave, or keep your hands to yourself.",
    "You don't have to make eye contact.",
    "The lights stay on and the door stays open.",
    "Turn on the lights.",
    "Lie down, lean back, or stay in your seat.",
    "You might feel calmer, or not.",
    "It may not make your worries go away.",
    "Raise your hand if you would like to read.",
    "Boys and girls may pick any card.",
    "What could help a student who feels sad?",
    "There is no right way to feel.",
]


def test_at_least_forty_sentences_must_be_flagged_and_forty_must_not() -> None:
    assert min(len({text for text, _ in FLAGGED}), len(set(FINE))) >= 40


@pytest.mark.parametrize("text", [*FINE, *(text.replace("'", "’") for text in FINE if "'" in text)])
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
    "Escuchen con los ojos cerrados.",
    "Contengan la respiración.",
    "Tómense de las manos.",
    "Apaguen las luces.",
    "Acuéstense en el piso.",
    "Piensen en su peor día.",
    "Controlen sus emociones.",
]
SPANISH_FINE = [
    "Ojos abiertos o mirando hacia abajo, como prefieran.",
    "No tienes que cerrar los ojos.",
    "Nunca digan «cierren los ojos».",
    "Aguanta la respiración o salta esta parte, si quieres.",
    "Si quieren, compartan con la clase.",
    "Pueden pensar en un lugar tranquilo.",
    "Las puertas deberían estar abiertas.",
    "Con los ojos cerrados o abiertos, como prefieran.",
    "Nunca pidan que se tomen de las manos.",
    "Acuéstense o quédense sentados.",
    "Noten lo que sienten.",
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


# --- What a teacher writes --------------------------------------------------------------------------------------------


def test_sentences_of_a_teacher_get_hints_in_the_order_of_their_words() -> None:
    said = "Everyone must close your eyes.\nThen hold your breath, or skip it. You will feel better."
    hints = find_hints(said, Language.EN)
    assert [hint.words for hint in hints] == ["Everyone must", "close your eyes", "You will feel better"]
    assert "Eyes open" in hints[1].better
    assert [said[hint.at :][: len(hint.words)] for hint in hints] == [hint.words for hint in hints]


def test_an_invitation_gets_no_hint() -> None:
    said = "With holds or without, or trace the square, whichever you like. If you feel dizzy, just breathe normally."
    assert find_hints(said, Language.EN) == ()
    assert find_hints("", Language.EN) == ()
    assert [hint.words for hint in find_hints("Cierren los ojos.", Language.ES)] == ["Cierren los ojos"]


@pytest.mark.parametrize("piece", ["you must ", "a", "you ", "hold ", "\n- ", "never " * 3, "or ", "“", "(", "every"])
def test_hints_come_at_once_however_the_words_repeat(piece: str) -> None:
    begun = process_time()
    find_hints((piece * 4000)[:4000], Language.EN)
    assert process_time() - begun < 5
