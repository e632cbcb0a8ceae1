"""A use case that writes a fact of time closes the weeks that are over first; else it would change reported numbers.

Facts of time are the tables with a day from which, or a week in which, something holds: the plan, closures, weekdays,
years, classes, targets, decisions. The code is read, not run, so a new use case cannot forget it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import wellness
from wellness.records import schema

ROOT = Path(wellness.__file__).parent
DAYS = {"first_on", "starts_on", "valid_from", "week_on"}
"""A table with one of these columns says what holds in which days."""
NO_EXPECTATION = {
    "amendment", "class_week", "closed_weeks", "door_note", "expected", "person_school", "teaching", "viewing",
}  # fmt: skip
"""Tables with days that no expectation is made of: what was done, who taught, and the closed weeks themselves."""
OF_TIME = {name for name, table in schema.metadata.tables.items() if DAYS & set(table.columns.keys())} - NO_EXPECTATION
ROOMS = ("school", "training", "publishing", "web", "cli", "instance")
"""Where use cases are. The demo makes a past and closes it at its end."""
CLOSE = "school.expectations.close_weeks"
ON_PURPOSE = {
    "records.plans.rename_session": "plan, viewings and closed weeks change together",
    "records.schools._add_calendar": "a new school has no classes yet, so nothing was expected of it",
}


@dataclass
class Code:
    """The functions of a package by their full name, each with what it calls, in order."""

    calls: dict[str, list[str]] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    """The functions that open a transaction to write."""
    writers: set[str] = field(default_factory=set)
    """The functions of the records that write a fact of time."""

    def add(self, module: str, source: str) -> None:
        """Add the functions of one module, like `school.classes`."""
        tree = ast.parse(source)
        names = dict(_imported(module, tree))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        names |= {function.name: f"{module}.{function.name}" for function in functions}
        for function in functions:
            called = sorted(
                (node for node in ast.walk(function) if isinstance(node, ast.Call)),
                key=lambda node: (node.lineno, node.col_offset),
            )
            own = f"{module}.{function.name}"
            self.calls[own] = [name for node in called if (name := _name_of(node.func, names))]
            if any(isinstance(node.func, ast.Attribute) and node.func.attr == "writing" for node in called):
                self.entries.append(own)
            if module.startswith("records.") and _writes_time(function, tree):
                self.writers.add(own)

    def acts(self, name: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
        """What a function closes and writes, in order, through everything that it calls."""
        for called in self.calls.get(name, ()):
            if called == CLOSE or called in self.writers - ON_PURPOSE.keys():
                yield called
            elif called in self.calls and called not in seen:
                yield from self.acts(called, (*seen, name))

    def wrong(self) -> list[str]:
        """The use cases that write a fact of time before they close."""
        found = []
        for entry in self.entries:
            first = next(self.acts(entry), CLOSE)
            if first != CLOSE:
                found.append(f"{entry} calls {first} before close_weeks")
        return found


def _imported(module: str, tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = module.split(".")[: -node.level]
            for alias in node.names:
                yield alias.asname or alias.name, ".".join([*above, *filter(None, [node.module]), alias.name])


def _name_of(called: ast.expr, names: dict[str, str]) -> str:
    """The full name of what is called, as far as one can read it; of a method its name in the same module."""
    if isinstance(called, ast.Name):
        return names.get(called.id, "")
    if isinstance(called, ast.Attribute):
        if isinstance(called.value, ast.Name) and called.value.id in names:
            return f"{names[called.value.id]}.{called.attr}"
        return names.get(called.attr, "")
    return ""


def _writes_time(function: ast.FunctionDef, tree: ast.Module) -> bool:
    """Whether the function, or a statement of the module that it names, changes a table of time."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return any(map(_changes_time, [function, *(value for name, value in constants.items() if name in used)]))


def _changes_time(node: ast.AST) -> bool:
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("insert", "update", "delete")
        and any(isinstance(one, ast.Name) and one.id in OF_TIME for one in ast.walk(call))
        for call in ast.walk(node)
    )


@pytest.fixture
def code() -> Code:
    """The use cases and the records."""
    found = Code()
    for path in sorted(ROOT.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module.startswith(("records.", *(f"{room}." for room in ROOMS))) and "migrations" not in module:
            found.add(module, path.read_text(encoding="utf-8"))
    return found


def test_every_use_case_that_writes_a_fact_of_time_closes_first(code: Code) -> None:
    assert code.wrong() == []


def test_what_is_read_are_the_facts_of_time(code: Code) -> None:
    assert {"classroom", "closure", "class_plan_entry", "plan_entry", "school_weekday", "week_decision"} <= OF_TIME
    writers = {"plans.set_plan", "plans.set_class_plan", "classrooms.set_days", "calendars.add_closure"}
    assert {f"records.{name}" for name in writers} <= code.writers
    assert "school.classes.change_class" in code.entries
    assert set(code.acts("school.classes.change_class")) > {CLOSE}


FORGOT = """
from ..records import Records, classrooms
from .expectations import close_weeks
def end(records, classroom, at):
    with records.writing() as tx:
        _end(tx, classroom)
        close_weeks(tx, [classroom.school_id], at)
def _end(tx, classroom):
    classrooms.set_days(tx, classroom.id, None, None)
"""


def test_a_use_case_that_closes_too_late_or_not_at_all_is_found(code: Code) -> None:
    code.add("school.planted", FORGOT)
    code.add("school.without", FORGOT.replace("        close_weeks(tx, [classroom.school_id], at)\n", ""))
    assert code.wrong() == [
        f"school.{name}.end calls records.classrooms.set_days before close_weeks" for name in ("planted", "without")
    ]
