"""Plain American English in the docs: words that must not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.scratch import CHECKOUT

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

ALLOWED = re.compile(r"`[^`\n]*`|--[a-z-]+|\bwellness (catalogue|film)\b|\b\w+/[\w./]+")
"""Names of commands, options, files and keys: `licence:` stays an alias, `wellness film voice` a command."""


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

DOCS = sorted(path for pattern in ("*.md", "docs/**/*.md", "films/*.md", "Makefile") for path in CHECKOUT.glob(pattern))
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
