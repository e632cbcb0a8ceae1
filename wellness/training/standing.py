"""Progress of a person in a module, computed from the records. Read only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ..domain import (
    Assignment,
    CheckTry,
    Completion,
    Facilitation,
    Level,
    PartKind,
    PartProgress,
    Person,
    Viewing,
    ViewingState,
)
from ..library.prepared import PreparedModule
from ..records import Reading, completions, training, viewings
from .scope import StaffScope, read_scope


@dataclass(frozen=True, slots=True)
class PartState:
    """Progress in one part. `missing` are the parts to do first; only the check depends on others."""

    kind: PartKind
    title: str
    minutes: int
    is_done: bool
    missing: tuple[PartKind, ...]
    seen_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the part can be done now."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class ModuleState:
    """Progress of one person in one module today.

    `current` is the part to continue with, None when nothing is left. `completion` is the newest one, also when a refresher
    is due. `assignment` is the open one with the earliest due date, None when there is none. `best` is the try with the most
    right answers.
    """

    module: PreparedModule
    person_id: str
    parts: tuple[PartState, ...]
    current: PartKind | None
    tries: int
    best: CheckTry | None
    completion: Completion | None
    needs_refresher: bool
    assignment: Assignment | None
    is_overdue: bool
    facilitation: Facilitation | None

    @property
    def minutes_left(self) -> int:
        """Minutes of the parts that are not done."""
        return sum(part.minutes for part in self.parts if not part.is_done)

    @property
    def done_parts(self) -> int:
        """Number of parts done, without the trial on a real Friday."""
        return sum(part.is_done for part in self.counted)

    @property
    def counted(self) -> tuple[PartState, ...]:
        """Parts required for completion: all but the trial."""
        return tuple(part for part in self.parts if part.kind is not PartKind.TRY)

    @property
    def is_begun(self) -> bool:
        """Whether the person ever opened, tried or finished anything in the module."""
        return bool(self.tries) or self.completion is not None or any(part.seen_at for part in self.parts)

    @property
    def is_check_open(self) -> bool:
        """Whether the check can be submitted."""
        return self.part(PartKind.CHECK).is_open

    @property
    def level(self) -> Level | None:
        """Level of the newest certificate, None without one."""
        return None if self.completion is None else self.completion.level

    @property
    def due_on(self) -> date | None:
        """Due date of the open assignment, None without one."""
        return None if self.assignment is None else self.assignment.due_on

    def part(self, kind: PartKind) -> PartState:
        """The part of that kind. Raises KeyError when the module has none."""
        for part in self.parts:
            if part.kind is kind:
                return part
        raise KeyError(kind)


@dataclass(frozen=True, slots=True)
class ModuleRecord:
    """Everything recorded of one person in one module."""

    person_id: str
    progress: tuple[PartProgress, ...] = ()
    tries: tuple[CheckTry, ...] = ()
    completions: tuple[Completion, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    facilitation: Facilitation | None = None
    viewing: Viewing | None = None

    @property
    def newest(self) -> Completion | None:
        """Newest completion, None without one."""
        return self.completions[-1] if self.completions else None


@dataclass(frozen=True)
class StaffRecords:
    """Facts of several people, read with a constant number of queries."""

    reach: StaffScope
    progress: dict[training.Whose, tuple[PartProgress, ...]] = field(default_factory=dict)
    tries: dict[training.Whose, tuple[CheckTry, ...]] = field(default_factory=dict)
    completions: dict[training.Whose, tuple[Completion, ...]] = field(default_factory=dict)
    facilitations: dict[training.Whose, Facilitation] = field(default_factory=dict)
    viewings: dict[int, Viewing] = field(default_factory=dict)

    def facts(self, person: Person, slug: str) -> ModuleRecord:
        """Return the facts of one of these people in one module."""
        whose = (person.id, slug)
        facilitation = self.facilitations.get(whose)
        chosen = None if facilitation is None or facilitation.viewing_id is None else facilitation.viewing_id
        return ModuleRecord(
            person_id=person.id,
            progress=self.progress.get(whose, ()),
            tries=self.tries.get(whose, ()),
            completions=self.completions.get(whose, ()),
            assignments=tuple(one for one in self.reach.asked_of(person) if one.slug == slug),
            facilitation=facilitation,
            viewing=None if chosen is None else self.viewings.get(chosen),
        )


def read_facts(
    tx: Reading, people: Collection[Person], today: date, slug: str | None = None, *, reach: StaffScope | None = None
) -> StaffRecords:
    """Read everything recorded of these people, in one module or in all."""
    ids = [person.id for person in people]
    facilitations = training.list_facilitations(tx, ids, slug)
    chosen = {one.viewing_id for one in facilitations.values() if one.viewing_id is not None}
    return StaffRecords(
        reach=reach or read_scope(tx, today),
        progress=training.list_progress(tx, ids, slug),
        tries=training.list_tries(tx, ids, slug),
        completions=completions.list_completions(tx, ids, slug),
        facilitations=facilitations,
        viewings=viewings.list_known(tx, chosen) if chosen else {},
    )


# --- What counts ------------------------------------------------------------------------------------------------------


def needs_refresher(facts: ModuleRecord, module: PreparedModule, today: date) -> bool:
    """Whether the module must be taken again: the newest completion is older than the module's `again_since`.

    False when the published revision was the one completed: a revision cannot be completed twice.
    """
    newest, since = facts.newest, module.again_since
    if newest is None or since is None or since > today or newest.revision == module.revision:
        return False
    return newest.completed_on < since


def done_kinds(facts: ModuleRecord, module: PreparedModule, today: date) -> frozenset[PartKind]:
    """Return the parts that count as done.

    Work from before the newest completion counts for that completion only: its parts show as done until a refresher is due
    or the person starts over (`parts.begin_again`); then every part must be done again.
    """
    newest = facts.newest
    done = {part.kind: part.done_at for part in facts.progress if part.done_at is not None}
    if newest is not None and not needs_refresher(facts, module, today) and _has_its_parts(facts, newest):
        kinds = {part.kind for part in module.parts} - {PartKind.TRY}
    else:
        since = None if newest is None else newest.completed_at
        kinds = {kind for kind, done_at in done.items() if since is None or done_at > since}
        kinds -= {PartKind.CHECK, PartKind.TRY}
        if any(counts(facts, one, module.revision) for one in facts.tries):
            kinds.add(PartKind.CHECK)
    if _has_tried(facts, module, today):
        kinds.add(PartKind.TRY)
    return frozenset(kinds)


def counts(facts: ModuleRecord, one: CheckTry, revision: str) -> bool:
    """Whether a try passes the check for the next completion, of the published revision or one not yet completed."""
    newest = facts.newest
    if not one.is_passed or (newest is not None and one.tried_at <= newest.completed_at):
        return False
    return one.revision == revision or one.revision not in {known.revision for known in facts.completions}


def _has_its_parts(facts: ModuleRecord, newest: Completion) -> bool:
    return any(part.done_at is not None and part.done_at <= newest.completed_at for part in facts.progress)


def _has_tried(facts: ModuleRecord, module: PreparedModule, today: date) -> bool:
    if facts.viewing is None or facts.viewing.state is not ViewingState.DELIVERED:
        return False
    if needs_refresher(facts, module, today):
        assert facts.newest is not None
        return facts.viewing.on_day > facts.newest.completed_on
    return is_fresh(facts.completions, facts.viewing)


def is_fresh(known: Sequence[Completion], viewing: Viewing) -> bool:
    """Whether a viewing can be the trial of the newest completion: it is later than the completion before that one."""
    return len(known) < 2 or viewing.on_day > known[-2].completed_on


def is_check_open(facts: ModuleRecord, module: PreparedModule, today: date) -> bool:
    """Whether the check can be submitted: the parts before it are done, or this revision was completed before."""
    if module.revision in {one.revision for one in facts.completions}:
        return True
    return not _missing(module, done_kinds(facts, module, today))


def _missing(module: PreparedModule, done: Collection[PartKind]) -> tuple[PartKind, ...]:
    """Return the parts before the check that are not done."""
    kinds = [part.kind for part in module.parts]
    before = kinds[: kinds.index(PartKind.CHECK)] if PartKind.CHECK in kinds else []
    return tuple(kind for kind in before if kind not in done)


# --- Progress ---------------------------------------------------------------------------------------------------------


def module_state(facts: ModuleRecord, module: PreparedModule, today: date) -> ModuleState:
    """Return the progress in the module that these facts amount to."""
    done = done_kinds(facts, module, today)
    refresher_due = needs_refresher(facts, module, today)
    seen = {part.kind: part.seen_at for part in facts.progress}
    missing = () if is_check_open(facts, module, today) else _missing(module, done)
    parts = tuple(
        PartState(
            kind=part.kind,
            title=part.title,
            minutes=part.minutes,
            is_done=part.kind in done,
            missing=missing if part.kind is PartKind.CHECK else (),
            seen_at=seen.get(part.kind),
        )
        for part in module.parts
    )
    is_met = facts.newest is not None and not refresher_due
    assignment = None if is_met else min(facts.assignments, key=lambda one: (one.due_on, one.id), default=None)
    return ModuleState(
        module=module,
        person_id=facts.person_id,
        parts=parts,
        current=_current(parts),
        tries=len(facts.tries),
        best=_best(facts.tries),
        completion=facts.newest,
        needs_refresher=refresher_due,
        assignment=assignment,
        is_overdue=assignment is not None and assignment.due_on < today,
        facilitation=facts.facilitation,
    )


def _current(parts: Iterable[PartState]) -> PartKind | None:
    """Return the part opened last among those open and not done, else the first of those."""
    left = [part for part in parts if part.is_open and not part.is_done]
    seen = [(part.seen_at, part.kind) for part in left if part.seen_at is not None]
    if seen:
        return max(seen, key=lambda one: one[0])[1]
    return left[0].kind if left else None


def _best(tries: Sequence[CheckTry]) -> CheckTry | None:
    return max(tries, key=lambda one: (one.right / max(one.graded, 1), one.tried_at), default=None)
