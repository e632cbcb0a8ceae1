"""Plain American English on pages, in commands and in the docs: words that must not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.support.scratch import CHECKOUT

MESSAGES = CHECKOUT / "translations" / "es" / "LC_MESSAGES" / "messages.po"

DIALECT = {
    r"mend(s|ed|ing)?": "fix",
    r"bring(s|ing)? (it|them|one|a|the|your|his|her) .{0,30}\b(again|in|here|up)": "upload, import, update",
    r"(bring|brings|bringing|brought) in": "import, upload",
    r"said yet": "no response yet",
    r"whoever": "anyone who, the person who",
    r"(anew|afresh)": "again",
    r"of mine": "my …",
    r"besides": "also, other than",
    r"(take|takes|took|taken|taking) (it |them |this )?back": "undo, undone",
    r"(throw|throws|threw|thrown) (it |this \w+ )?away": "delete",
    r"door codes?": "class code",
    r"(network|server|site) (is|was) away": "offline, unreachable",
    r"small letters?": "lowercase letters",
    r"days? without school": "no-school day",
    r"hand(ed|s)? in": "submit",
    r"look(s|ing)? (at it )?again": "check again",
    r"is (none|no \w+ of)": "is not a …",
    r"stands? (there|here|beside|behind|twice|on it|in it|first|in front)": "is",
    r"as it stands": "as it is",
}
"""Words of the private dialect, and what to say."""

BRITISH = {
    r"e-mail(s|ed)?": "email",
    r"licen(ce|ces|ced)": "license",
    r"practis(e|es|ed|ing)": "practice, practiced",
    r"(cancel|travel|label|model|signal|level)l(ed|ing)": "canceled, traveled, labeled",
    r"(col|fav|behavi|hon|neighb|hum|lab)our(s|ed|ing|ite|ites|able|ful|less)?": "color, favor, behavior",
    r"(organ|recogn|real|summar|final|initial|optim|normal|author|custom|apolog|minim|maxim|priorit|serial|synchron)"
    r"is(e|es|ed|ing|ation|ations)": "-ize",
    r"analys(e|es|ed|ing)": "analyze",
    r"(cent|met|theat|fib)re(s|d)?": "center, meter",
    r"(def|off)ence(s)?": "defense, offense",
    r"programmes?": "program",
    r"grey(s|ed)?": "gray",
    r"(acknowledge|judge)ment(s)?": "acknowledgment, judgment",
    r"(whilst|amongst|learnt|spelt|fulfil)": "while, among, learned, spelled, fulfill",
}
"""British spelling, and the American one."""

OLD_TERMS = {
    r"films?": "video",
    r"recordings?": "video",
    r"catalogues?": "catalog",
    r"another session": "different session",
    r"outside lessons?": "other SEL lesson",
    r"asked for (it|them)": "assign, assigned",
    r"weeks? before": "previous week",
    r"first password": "temporary password",
    r"front matter": "details",
}
"""Words for things that have one name on pages and in commands; the docs and the code need some of them."""

ALLOWED = re.compile(r'`[^`\n]*`|"licence"|--[a-z-]+|\bwellness catalogue\b|\Afilm\Z|\b\w+/[\w./]+')
"""Names of commands, options, files and keys: `licence:` and `film` stay accepted, `catalogue` is a command."""


def found(text: str, *lists: dict[str, str]) -> list[str]:
    """The words in the text that must not come back, each with what to say."""
    prose = ALLOWED.sub(" ", text)
    return [
        f"“{match.group()}”, say: {instead}"
        for words in lists
        for word, instead in words.items()
        for match in re.finditer(rf"(?i)(?<![\w-])(?:{word})(?![\w-])", prose)
    ]


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("Look at the line and mend it.", 1),
        ("Everybody who has an e-mail has a licence.", 2),
        ("The colour of the center.", 1),
        ("`licence:` still works, and so does `wellness catalogue build --afresh`.", 0),
        ("Mending is for socks, recommended by a mender.", 1),
        ("A license, practiced and canceled by email.", 0),
    ],
)
def test_the_words_are_found_and_names_are_left_alone(sentence: str, count: int) -> None:
    assert len(found(sentence, DIALECT, BRITISH)) == count


# --- Docs -------------------------------------------------------------------------------------------------------------

DOCS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "videos/*.md", "Makefile", "deploy/*")
    for path in CHECKOUT.glob(pattern)
)
LONGEST = 100


def name_of(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def prose_of(path: Path) -> str:
    """The text of a document without code and without the targets of its links."""
    text = re.sub(r"(?s)```.*?```", "", path.read_text(encoding="utf-8"))
    return re.sub(r"\]\([^)]*\)", "]", text)


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_the_docs_are_in_plain_american_english(path: Path) -> None:
    history = path.name == "CHANGELOG.md"
    assert found(prose_of(path), BRITISH, *([] if history else [DIALECT])) == []


@pytest.mark.parametrize(
    "path", [path for path in DOCS if path.suffix == ".md" and path.name != "CHANGELOG.md"], ids=name_of
)
def test_prose_in_the_docs_is_wrapped(path: Path) -> None:
    """Tables, headings and code may be longer, and so may what has no space to break at."""
    text = re.sub(r"(?s)```.*?```", "", path.read_text(encoding="utf-8"))
    text = re.sub(r"`[^`\n]*`", lambda code: code.group().replace(" ", "_"), text)
    lines = [line.strip() for line in text.splitlines() if not line.startswith(("|", "#", "!", "<!--"))]
    assert [line for line in lines if len(line) > LONGEST and " " in line[2:]] == []


# --- Content and scripts ----------------------------------------------------------------------------------------------

SPELLED = sorted(
    path
    for pattern in ("content/**/*.md", "videos/**/*.py", "videos/*.yml", "static/js/**/*.js", "static/media/*.en.*")
    for path in CHECKOUT.glob(pattern)
    if not path.name.endswith(".es.md")
)


@pytest.mark.parametrize("path", SPELLED, ids=name_of)
def test_content_videos_and_scripts_are_spelled_as_americans_spell(path: Path) -> None:
    assert found(path.read_text(encoding="utf-8"), BRITISH) == []


CONTENT = [path for path in SPELLED if path.is_relative_to(CHECKOUT / "content")]
VIDEO = {word: say for word, say in OLD_TERMS.items() if say == "video"}


@pytest.mark.parametrize("path", CONTENT, ids=name_of)
def test_content_is_in_plain_american_english(path: Path) -> None:
    assert found(path.read_text(encoding="utf-8"), DIALECT, VIDEO) == []


# --- Commands ---------------------------------------------------------------------------------------------------------

COMMANDS = [*sorted((CHECKOUT / "wellness" / "cli").glob("*.py")), CHECKOUT / "wellness" / "doctor.py"]


def literals_of(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module by line, its docstrings too: the help of a command is one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_commands_speak_plain_american_english(path: Path) -> None:
    wrong = {line: words for line, text in literals_of(path) if (words := found(text, DIALECT, BRITISH, OLD_TERMS))}
    assert wrong == {}


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_pages_speak_plain_american_english() -> None:
    with MESSAGES.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    texts = [text for message in messages for text in (message.id if isinstance(message.id, tuple) else (message.id,))]
    assert len(texts) > 1000
    wrong = {text: words for text in texts if (words := found(text, DIALECT, BRITISH, OLD_TERMS))}
    assert wrong == {}


TEMPLATES = sorted((CHECKOUT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_the_text_of_templates_is_plain_american_english(path: Path) -> None:
    """What is written outside `_()`, which is little."""
    text = re.sub(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(encoding="utf-8"))
    assert found(re.sub(r"(?s)<[^>]*>", " ", text), DIALECT, BRITISH, OLD_TERMS) == []
