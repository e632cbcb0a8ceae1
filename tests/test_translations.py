"""The site's own words in Spanish: all there, all translated, and compiled as they stand in the catalogue."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from wellness.records import describe

CHECKOUT = Path(__file__).resolve().parents[1]
TRANSLATIONS = CHECKOUT / "translations"
SPANISH = TRANSLATIONS / "es" / "LC_MESSAGES"

SAME_IN_BOTH = frozenset(
    {
        "%(minutes)s min",
        "%(part)s (%(n)s min)",
        "%(n)s min",
        "CSV",
        "Error %(status)s",
        "Alaska (Anchorage)",
        "Arizona (Phoenix)",
        "Guam",
        "Puerto Rico",
        "Normal",
        "Plan",
        "Video",
        "Video: %(title)s",
        "Videos",
        "{minutes} min",
        "{word}, {count}",
    }
)
"""What a reader of Spanish reads as it stands in English."""

REFUSALS = {"Conflict", "Forbidden", "Invalid", "NotFound", "SignInNeeded", "StorageFull", "TooMany", "Unavailable"}
ONLY_COMMANDS = (CHECKOUT / "wellness" / "records" / "database" / "copy.py",)
"""What no page calls: it speaks to the person at the command line, in English."""

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def keywords() -> list[str]:
    """What `make messages` looks for besides gettext's own names."""
    lines = (CHECKOUT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(r"^KEYWORDS := (.+)$", lines, re.MULTILINE)
    assert found is not None
    return found.group(1).split()


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every message of the templates and the code as they are now."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", str(TRANSLATIONS / "babel.cfg")]
    subprocess.run([*command, *keywords(), "-o", str(target), "."], cwd=CHECKOUT, check=True, timeout=120)
    with target.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def spanish() -> Catalog:
    """The catalogue that is edited."""
    with (SPANISH / "messages.po").open("rb") as file:
        return read_po(file, locale="es", abort_invalid=True)


def messages(catalog: Catalog) -> Iterator[Message]:
    """All but the head."""
    return (message for message in catalog if message.id)


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """The text, or its singular and plural."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def key(message: Message) -> tuple[str | None, tuple[str, ...]]:
    """By what a message is found."""
    return message.context, forms(message.id)


def placeholders(text: str) -> list[str]:
    """The names that are filled in, in alphabetical order."""
    return sorted(_PLACEHOLDER.findall(text))


def test_every_message_of_the_site_is_in_the_catalogue_and_no_other(extracted: Catalog, spanish: Catalog) -> None:
    now, kept = {key(message) for message in messages(extracted)}, {key(message) for message in messages(spanish)}
    assert (now - kept, kept - now) == (set(), set()), "run make messages and translate what is new"


def test_every_message_is_translated(spanish: Catalog) -> None:
    empty = [message.id for message in messages(spanish) if not all(forms(message.string))]
    fuzzy = [message.id for message in messages(spanish) if message.fuzzy]
    assert (empty, fuzzy, spanish.fuzzy) == ([], [], False)


def test_a_message_with_a_number_has_both_forms(spanish: Catalog) -> None:
    counted = [message for message in messages(spanish) if message.pluralizable]
    assert counted
    assert [message.id for message in counted if len(forms(message.string)) != spanish.num_plurals] == []


def test_placeholders_are_the_same_in_both_languages(spanish: Catalog) -> None:
    wrong = [
        (message.id, form)
        for message in messages(spanish)
        for form in forms(message.string)
        if placeholders(form) != placeholders(forms(message.id)[-1])
    ]
    assert wrong == []


def test_nothing_is_left_in_english(spanish: Catalog) -> None:
    same = {text for message in messages(spanish) for text in forms(message.id) if text in forms(message.string)}
    assert same == SAME_IN_BOTH


def test_quotation_marks_and_dots_are_the_printed_ones(spanish: Catalog) -> None:
    typed = [
        form
        for message in messages(spanish)
        for form in (*forms(message.string), *forms(message.id))
        if re.search(r"[\"']|\.\.\.", form)
    ]
    assert typed == [], "write ’ “ ” … in messages"


def test_what_is_compiled_is_what_stands_in_the_catalogue(spanish: Catalog) -> None:
    fresh = BytesIO()
    write_mo(fresh, spanish)
    fresh.seek(0)
    with (SPANISH / "messages.mo").open("rb") as file:
        compiled = read_mo(file)
    expected = read_mo(fresh)
    assert {key(message): message.string for message in messages(compiled)} == {
        key(message): message.string for message in messages(expected)
    }
    assert (compiled.charset, compiled.plural_forms) == (expected.charset, expected.plural_forms)


def test_no_refusal_of_a_page_is_an_f_string() -> None:
    """It would reach a Spanish page in English: `worded(text, name=value)` is translated first and filled then."""
    rooms = (CHECKOUT / "wellness" / room for room in ("media", "publishing", "records", "school", "training", "web"))
    files = {file for room in rooms for file in room.rglob("*.py")} - set(ONLY_COMMANDS)
    found = [
        f"{file.relative_to(CHECKOUT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS
        if any(isinstance(part, ast.JoinedStr) for part in (*node.args, *_values_of_fields(node)))
    ]
    assert found == []


def _values_of_fields(call: ast.Call) -> list[ast.expr]:
    return [value for part in call.args if isinstance(part, ast.Dict) for value in part.values]


def test_the_statement_of_every_table_and_column_can_be_read_in_spanish(spanish: Catalog) -> None:
    said = [
        sentence
        for table in describe()
        for sentence in (table.purpose, table.retention, *(column.meaning for column in table.columns))
    ]
    assert [sentence for sentence in said if sentence not in spanish] == []
