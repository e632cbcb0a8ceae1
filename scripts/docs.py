"""Write the tables of the docs that come from the code: `make docs`. A test compares them.

Each stands between two marks, `<!-- settings -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from wellness.config import Settings, describe
from wellness.library import blocks
from wellness.library.front_matter import SessionFacts, TrainingFacts, write_table

CHECKOUT = Path(__file__).parent.parent


def write_settings() -> str:
    """Return the table of the settings."""
    rows = ("| " + " | ".join((f"`{name}`", meaning, without)) + " |" for name, meaning, without in describe(Settings))
    return "\n".join(("| setting | meaning | without it |", "|---|---|---|", *rows))


TABLES: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/operating.md", "settings"): write_settings,
    ("docs/authoring.md", "facts: sessions"): lambda: write_table(SessionFacts),
    ("docs/authoring.md", "blocks"): blocks.write_table,
    ("docs/authoring.md", "facts: training"): lambda: write_table(TrainingFacts),
}
"""For each file and mark, what writes its table."""


def with_tables(file: str, text: str) -> str:
    """Return the text of a file of the docs with its tables as the code has them now. Raises ValueError without a mark."""
    for (where, mark), write in TABLES.items():
        if where != file:
            continue
        table = f"<!-- {mark} -->\n\n{write()}\n\n<!-- end -->"
        text, count = re.subn(
            rf"<!-- {re.escape(mark)} -->.*?<!-- end -->", lambda _, new=table: new, text, flags=re.DOTALL
        )
        if count != 1:
            raise ValueError(f"{file} needs <!-- {mark} --> and <!-- end --> once; it has them {count} times")
    return text


def main() -> None:
    """Write every file that has tables."""
    for file in dict.fromkeys(file for file, _ in TABLES):
        path = CHECKOUT / file
        path.write_text(with_tables(file, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
