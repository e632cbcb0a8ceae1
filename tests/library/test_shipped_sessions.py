"""The sessions that come with the site: when to call 911, one picture of a body that is not shown, and Spanish words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.scratch import CHECKOUT

CONTENT = CHECKOUT / "content"
SESSIONS = sorted((CONTENT / "sessions").glob("*.md"))
SPANISH = sorted(CONTENT.rglob("*.es.md"))
BODY = {"body-scan", "five-senses-grounding", "movement-reset"}
"""Sessions of attention to the body or of movement. The others that need 911 have a breathing practice."""

STOP = re.compile(r"(?ms)^## (?:When to stop|Cuándo parar)\n(.*?)(?=^## |\Z)")
SPANISH_TO_AVOID = {
    r"\b[Dd]ej(?:a|ar|en|e) (?:fuera )?(?:las|los) (?:dos )?pausas": "sáltate las pausas, no hagan las pausas",
    r"\bo para cuando quieras": "detente cuando quieras",
    r"(?<!«)[Rr]espiración en cuadro": "respiración cuadrada",
    r"\b[Ee]nv[ií]\w* (?:por texto|un texto)": "enviar un mensaje de texto",
    r"\baparatos?\b": "dispositivo",
    r"\bauto\b": "carro",
    r"\b[Ss]e llama a nadie": "a nadie se le pide hablar",
    r"\b(?:[Ss]e puede|[Pp]uedes|[Pp]ueden) pasar\b": "nadie tiene que hablar",
    r"\ben conjunto\b": "juntos",
    r"del tamaño de siempre": "como siempre, sin forzar",
    r"^## Anticipo": "Lo que viene",
}
"""Words that a family reads wrong or not at all, and what to say. The first two keep a student holding their breath."""


def name_of(path: Path) -> str:
    return str(path.relative_to(CONTENT))


def is_of_the_body(path: Path) -> bool:
    return "/// practice | breathing" in path.read_text(encoding="utf-8") or path.name.split(".")[0] in BODY


@pytest.mark.parametrize("path", [path for path in SESSIONS if is_of_the_body(path)], ids=name_of)
def test_a_breath_or_body_session_says_when_to_call_911_first(path: Path) -> None:
    section = STOP.search(path.read_text(encoding="utf-8"))
    assert section is not None
    assert "[911](tel:911)" in section[1]
    assert ("call the nurse, or the person who fills in" in section[1]) or ("la persona que la cubre" in section[1])


def test_the_body_scan_is_in_words_until_its_video_is_redrawn() -> None:
    assert [name_of(path) for path in CONTENT.rglob("*.md") if "/// video | body-scan" in path.read_text("utf-8")] == []


@pytest.mark.parametrize("path", SESSIONS, ids=name_of)
def test_the_first_screen_is_true_for_the_whole_session_and_for_the_short_one(path: Path) -> None:
    preview = path.read_text(encoding="utf-8").split("\n## ")[1]
    assert re.search(r"(?i)\b(twelve|five|doce|cinco) (minutes|minutos)\b|, or five\b", preview) is None


@pytest.mark.parametrize("path", SPANISH, ids=name_of)
def test_spanish_says_how_to_skip_a_hold_and_other_things_as_families_say_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = {
        match.group(): say for wrong, say in SPANISH_TO_AVOID.items() for match in re.finditer(f"(?m){wrong}", text)
    }
    assert found == {}


def test_a_page_for_families_speaks_to_one_reader_as_usted() -> None:
    text = (CONTENT / "pages" / "for-families.es.md").read_text(encoding="utf-8")
    assert re.findall(r"\b(?:ustedes|cuéntenlo|[Hh]ablen|Abran|Pregunten|[Pp]refieren|Pruébenlo|tu|tus)\b", text) == []
