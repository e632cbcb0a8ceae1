"""What templates give to gettext is a literal: anything else is never extracted, so it would never be translated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())
TEMPLATES = ROOT / "templates"
MESSAGES = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
"""The functions that translate, and how many of their first arguments have to be literals."""


def find_computed_messages(source: str) -> Iterator[int]:
    """The lines of a template on which something is translated that is not a literal."""
    tree = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True).parse(source)
    for call in tree.find_all(nodes.Call):
        literals = MESSAGES.get(call.node.name, 0) if isinstance(call.node, nodes.Name) else 0
        given = call.args[:literals]
        if len(given) < literals or not all(isinstance(one, nodes.Const) for one in given):
            yield call.lineno
    yield from (piped.lineno for piped in tree.find_all(nodes.Filter) if piped.name in MESSAGES)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.*")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_only_literals_are_translated(path: Path) -> None:
    assert list(find_computed_messages(path.read_text(encoding="utf-8"))) == []


def test_a_computed_message_is_found() -> None:
    source = "{{ _('Hi') }}\n{{ _(name) }}\n{{ ngettext('%(num)s a', many, 2) }}\n{{ _('a' ~ b) }}\n{{ name|gettext }}"
    assert sorted(find_computed_messages(source)) == [2, 3, 4, 5]
