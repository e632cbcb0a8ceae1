"""Results as tables of docs/performance.md, each between its own two marks, with the machine that gave them."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"


def rows(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first stands to the right."""
    marks = f"|:--{'|--:' * (len(head) - 1)}|"
    return "\n".join([_line(head), marks, *map(_line, lines)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def describe(seconds: Sequence[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    return f"{statistics.median(seconds) * 1000:.1f} ms ({percentile(seconds, 95) * 1000:.1f})"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the others do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def write(name: str, table: str, page: Path = PAGE) -> None:
    """Put the table between `<!-- name -->` and `<!-- /name -->`. Raises ValueError when the page has no such place."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = page.read_text(encoding="utf-8")
    if start not in text or end not in text:
        raise ValueError(f"{page.name} has no place for {name}")
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    before, after = text.split(start)[0], text.split(end)[1]
    page.write_text(f"{before}{start}\n\n{table}\n\nMeasured on: {machine}.\n\n{end}{after}", encoding="utf-8")


def write_inline(name: str, sentence: str, page: Path) -> None:
    """Put a sentence between `<!-- name -->` and `<!-- /name -->` within a line. Raises ValueError when they are not there."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = page.read_text(encoding="utf-8")
    if start not in text or end not in text:
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text(f"{text.split(start)[0]}{start}{sentence}{end}{text.split(end)[1]}", encoding="utf-8")


def parser_of(doc: str | None) -> argparse.ArgumentParser:
    """A script's own switches go beside --write."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    return parser


def show(name: str, table: str, arguments: argparse.Namespace) -> None:
    """Print the table, and write it when asked to."""
    print(table)
    if arguments.write:
        write(name, table)


def run(name: str, doc: str | None, measure: Callable[[], str]) -> None:
    """What a script without switches of its own does when it is started."""
    arguments = parser_of(doc).parse_args()
    show(name, measure(), arguments)
