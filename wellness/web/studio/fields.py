"""View models of the studio's templates: the fields of a text's facts, and its problems with links to their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from ...domain import KeptWarning, Language, Problem, Severity, TextKey, TextKind
from ...library.checks.suggestions import current_key
from ...library.front_matter import MODELS, OLD_KEYS, DeclaredFact, list_facts, split_front_matter, translation_of
from .. import labels
from ..public.session_view import Labeled

KINDS: dict[TextKind, LazyString] = {
    TextKind.SESSION: _l("Session"),
    TextKind.TRAINING: _l("Training module"),
    TextKind.PAGE: _l("Page"),
}
STATES: dict[str, LazyString] = {
    "draft": _l("Draft"),
    "scheduled": _l("Scheduled"),
    "published": _l("Published"),
    "unpublished": _l("Not published"),
    "outside": _l("Edited outside the site"),
}
LANGUAGES = {Language.EN: "English", Language.ES: "Español"}

_FACT = re.compile(r"^([a-z_]+):")
_NAMES = frozenset(one.key for model in MODELS.values() for one in list_facts(model))

FactValue = str | tuple[str, ...]


def list_fields(key: TextKey) -> list[DeclaredFact]:
    """Return the facts that the form of a text asks for."""
    model = MODELS[key.kind] if key.language is Language.EN else translation_of(MODELS[key.kind])
    return [one for one in list_facts(model) if one.widget != "hidden"]


def is_changed(one: DeclaredFact, typed: FactValue, known: FactValue | None) -> bool:
    """Whether a fact was changed in the form: checkboxes come in the form's order, which may not be the file's."""
    if one.widget == "many" and isinstance(known, tuple):
        return sorted(typed) != sorted(known)
    return typed != (known if known is not None else type(typed)())


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact as a field. `widget` is line, paragraph, number, lines, choice or many."""

    name: str
    label: str
    widget: str
    value: str
    options: tuple[Labeled, ...] = ()
    hint: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A problem and where to jump: the fact it is about, or the line of the body (both views know the whole file's)."""

    line: int
    message: str
    is_error: bool
    fact: str
    body_line: int
    warning: str
    keep: KeptWarning | None


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """All problems of a text. Suggestions kept as is come last and aren't counted."""

    errors: tuple[ShownProblem, ...]
    warnings: tuple[ShownProblem, ...]
    kept: tuple[ShownProblem, ...]

    @property
    def summary(self) -> str:
        """The counts in words, for the heading and screen readers."""
        if not self.errors and not self.warnings:
            return str(_("Ready to publish"))
        told = []
        if self.errors:
            told.append(str(_n_errors(len(self.errors))))
        if self.warnings:
            told.append(str(_n_warnings(len(self.warnings))))
        return ", ".join(told)

    def about(self, fact: str) -> tuple[str, ...]:
        """Return the messages about one fact."""
        return tuple(problem.message for problem in (*self.errors, *self.warnings) if problem.fact == fact)


def _n_errors(count: int) -> str:
    return str(_("1 problem") if count == 1 else _("%(count)s problems", count=count))


def _n_warnings(count: int) -> str:
    return str(_("1 suggestion") if count == 1 else _("%(count)s suggestions", count=count))


@dataclass(frozen=True, slots=True)
class Place:
    """Maps lines of a file to facts or the body."""

    body_line: int
    facts: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Place:
        """Return the map of a text."""
        source = split_front_matter(text)
        if source is None:
            return cls(1)
        facts, name = {}, ""
        for number, line in enumerate(source.facts.split("\n"), start=2):
            match = _FACT.match(line)
            name = OLD_KEYS.get(match[1], match[1]) if match else name
            facts[number] = name
        return cls(source.body_line, facts)


def show_check(text: str, problems: Iterable[Problem], keeps: Sequence[KeptWarning]) -> ShownCheck:
    """Return the problems of a text, each with where to jump, errors first."""
    place = Place.of(text)
    kept = {current_key(keep.warning): keep for keep in keeps}
    shown = [_show_problem(problem, place, kept) for problem in sorted(problems)]
    return ShownCheck(
        errors=tuple(one for one in shown if one.is_error),
        warnings=tuple(one for one in shown if not one.is_error and one.keep is None),
        kept=tuple(one for one in shown if one.keep is not None),
    )


def _show_problem(problem: Problem, place: Place, kept: Mapping[str, KeptWarning]) -> ShownProblem:
    is_error = problem.severity is Severity.ERROR
    keep = None if is_error else kept.get(problem.key)
    fact = place.facts.get(problem.line, "")
    named = re.match(r"`?([a-z_]+):?`?", problem.message)
    if not fact and named and named[1] in _NAMES:  # a missing fact has no line
        fact = named[1]
    body_line = problem.line - place.body_line + 1 if problem.line >= place.body_line else 0
    return ShownProblem(
        problem.line, problem.message, is_error, fact, body_line, keep.warning if keep else problem.key, keep
    )


def show_fields(key: TextKey, facts: Mapping[str, FactValue], check: ShownCheck) -> list[FactField]:
    """Return the form fields of a text's facts."""
    return [_show_field(one, facts.get(one.key, ""), check) for one in list_fields(key)]


def _show_field(one: DeclaredFact, value: FactValue, check: ShownCheck) -> FactField:
    chosen = [value] if isinstance(value, str) else list(value)
    return FactField(
        name=one.key,
        label=gettext(one.fact.label),
        widget=one.widget,
        value="\n".join(chosen),
        options=_options(one, chosen),
        hint=gettext(one.fact.hint) if one.fact.hint else "",
        problems=check.about(one.key),
    )


def _options(one: DeclaredFact, chosen: Sequence[str]) -> tuple[Labeled, ...]:
    known = [(option.value, labels.label(option)) for option in one.options]
    # Unknown words in the file stay in the file.
    strange = [(value, value) for value in chosen if value and value not in dict(known)] if known else []
    return tuple(Labeled(value, label, value in chosen) for value, label in [*known, *strange])


def read_typed(one: DeclaredFact, typed: Sequence[str]) -> FactValue:
    """Return a fact's value as submitted: a tuple for list facts."""
    if not one.is_list:
        return " ".join(" ".join(typed).split())
    if one.widget == "lines":
        return tuple(line.strip() for line in "\n".join(typed).splitlines() if line.strip())
    return tuple(value for value in typed if value)
