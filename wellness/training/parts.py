"""Taking a module: progress, parts seen and done, and starting over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from ..domain import Completion, PartKind, Person
from ..errors import Invalid, NotFound, worded
from ..library.prepared import PreparedModule
from ..records import Reading, Records, training
from .completion import complete_if_done
from .scope import read_own_scope
from .standing import ModuleState, PartState, done_kinds, module_state, read_facts

__all__ = ["ModuleState", "PartState", "finish_part", "overview", "see_part", "start_over", "state_of"]


def overview(tx: Reading, person: Person, modules: Iterable[PreparedModule], today: date) -> list[ModuleState]:
    """Return the person's progress in each of these modules, in their order. The number of queries is constant."""
    read = read_facts(tx, [person], today, reach=read_own_scope(tx, person, today))
    return [module_state(read.facts(person, module.slug), module, today) for module in modules]


def state_of(tx: Reading, person: Person, module: PreparedModule, today: date) -> ModuleState:
    """Return the person's progress in this module."""
    read = read_facts(tx, [person], today, module.slug, reach=read_own_scope(tx, person, today))
    return module_state(read.facts(person, module.slug), module, today)


def see_part(records: Records, person: Person, slug: str, kind: PartKind, at: datetime) -> None:
    """Record that the person opened this part; *Continue* leads there next time."""
    with records.writing() as tx:
        training.note_seen(tx, person.id, slug, kind, at)


def finish_part(
    records: Records, person: Person, module: PreparedModule, kind: PartKind, at: datetime, today: date
) -> Completion | None:
    """Mark a part done. Idempotent.

    Returns the completion if it was the last requirement. Raises NotFound when the module has no such part, Invalid for the
    check and the trial, which are done by submitting and by choosing a viewing.
    """
    if kind not in {part.kind for part in module.parts}:
        raise NotFound("This module doesn’t have that part.")
    if kind is PartKind.CHECK:
        raise Invalid(worded("The check is done when enough answers are right. Submit it as often as you like."))
    if kind is PartKind.TRY:
        raise Invalid(worded("This part is done when you choose the Friday you led the session."))
    with records.writing() as tx:
        facts = read_facts(tx, [person], today, module.slug).facts(person, module.slug)
        if kind in done_kinds(facts, module, today):
            return None
        training.note_done(tx, person.id, module.slug, kind, at)
        return complete_if_done(tx, person, module, at, today)


def start_over(records: Records, person: Person, slug: str) -> None:
    """Reset the parts of a completed module to take it again. Completions, tries and notes stay."""
    with records.writing() as tx:
        training.forget_progress(tx, person.id, slug)
        training.forget_answers(tx, person.id, slug)
