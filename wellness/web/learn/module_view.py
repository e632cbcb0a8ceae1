"""Template values of a training module: card, parts and progress in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from ...domain import Language, PartKind, TextKey, TextKind
from ...library.prepared import MODULE_JSON, PreparedModule, PreparedModulePart
from ...records import Reading, publications
from ...training.standing import ModuleState, PartState
from .. import labels
from ..request import site

PART_KEYS = {kind: kind.value.replace(" ", "-") for kind in PartKind}
"""Part kinds as they appear in URLs, like `see-it`."""


# --- Progress ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part in a list. `is_later` marks the trial, which needs no action now."""

    kind: PartKind
    key: str
    label: str
    title: str
    minutes: int
    href: str
    is_done: bool
    is_current: bool
    is_closed: bool
    is_later: bool


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A module in the list. `asked` is the due date, `again` the request to take it again, in words; usually empty."""

    slug: str
    language: str
    title: str
    summary: str
    standing: str
    asked: str
    again: str
    is_settled: bool
    lines: tuple[PartLine, ...]


def part_lines(state: ModuleState) -> tuple[PartLine, ...]:
    """Return the parts of a module for a list."""
    return tuple(_part_line(state, part) for part in state.parts)


def _part_line(state: ModuleState, part: PartState) -> PartLine:
    key = PART_KEYS[part.kind]
    return PartLine(
        kind=part.kind,
        key=key,
        label=str(labels.PART_KINDS[part.kind]),
        title=part.title,
        minutes=part.minutes,
        href=url_for("training.part", slug=state.module.slug, part=key),
        is_done=part.is_done,
        is_current=part.kind is state.current and state.is_begun,
        is_closed=not part.is_open,
        is_later=part.kind is PartKind.TRY and not part.is_done,
    )


def find_line(lines: Iterable[PartLine], kind: PartKind | None) -> PartLine | None:
    """Return the line of this part, or None."""
    return next((line for line in lines if line.kind is kind), None)


def show_modules(states: Iterable[ModuleState]) -> list[ModuleCard]:
    """Return the modules for the list: assigned ones first, then started ones, then the others in their order."""
    return [_show_card(state) for state in sorted(states, key=_rank)]


def _rank(state: ModuleState) -> tuple[int, str, bool, int, str]:
    order = state.module.order
    place = order is None, order or 0, state.module.title.casefold()
    if state.due_on is not None:
        return 0, state.due_on.isoformat(), *place
    if state.needs_refresher:
        return 1, "", *place
    is_under_way = state.is_begun and state.completion is None
    return (2 if is_under_way else 4 if state.completion is not None else 3), "", *place


def _show_card(state: ModuleState) -> ModuleCard:
    module = state.module
    return ModuleCard(
        slug=module.slug,
        language=module.language.value,
        title=module.title,
        summary=module.summary,
        standing=progress_label(state),
        asked=due_label(state),
        again=refresher_label(state),
        is_settled=state.completion is not None and not state.needs_refresher,
        lines=part_lines(state),
    )


def progress_label(state: ModuleState) -> str:
    """Return the progress in words, like "3 of 7 parts, 7 minutes left" or "Completed Nov 20"."""
    done = state.completion
    if done is not None and not state.needs_refresher:
        if state.done_parts < len(state.counted):
            return str(_("Completed %(day)s; taking it again", day=labels.short_day_label(done.completed_on)))
        if done.practised_on is not None:
            return str(_("Practiced %(day)s", day=labels.short_day_label(done.practised_on)))
        return str(_("Completed %(day)s", day=labels.short_day_label(done.completed_on)))
    if not state.is_begun or (done is not None and not state.done_parts):
        return str(_("%(count)s parts, %(minutes)s minutes", count=len(state.counted), minutes=state.minutes_left))
    return str(
        _(
            "%(done)s of %(count)s parts, %(minutes)s minutes left",
            done=state.done_parts,
            count=len(state.counted),
            minutes=state.minutes_left,
        )
    )


def due_label(state: ModuleState) -> str:
    """Return the due date in words, empty without an assignment."""
    if state.due_on is None:
        return ""
    day = labels.short_day_label(state.due_on)
    return str(_("Was due %(day)s", day=day) if state.is_overdue else _("Due %(day)s", day=day))


def refresher_label(state: ModuleState) -> str:
    """Return the request to take a completed module again, usually empty."""
    if not state.needs_refresher or state.completion is None:
        return ""
    day = labels.short_day_label(state.completion.completed_on)
    return str(_("This module changed after you completed it (%(day)s). Please take it again.", day=day))


def tries_words(state: ModuleState) -> str:
    """Return the number of tries and the best one in words; empty before the first."""
    if state.best is None:
        return ""
    count = ngettext("%(num)s try at the check", "%(num)s tries at the check", state.tries)
    best = _("best: %(right)s of %(graded)s", right=state.best.right, graded=state.best.graded)
    return f"{count}, {best}."


# --- The revision that was shown --------------------------------------------------------------------------------------


def find_shown(module: PreparedModule, revision: str) -> PreparedModule | None:
    """Return the module at this revision, in any language, from the publication log if it has changed; None if unknown."""
    here = site()
    for language in Language:
        standing = here.catalogue.find_module(module.slug, language)
        if standing is not None and standing.revision == revision:
            return standing
    with here.records.reading() as tx:
        found = _find_logged(tx, module, revision)
    if found is None:
        return None
    language, text = found
    document = here.catalogue.find_outcome(TextKey(TextKind.TRAINING, module.slug, language), text).document
    return None if document is None else MODULE_JSON.validate_json(document)


def _find_logged(tx: Reading, module: PreparedModule, revision: str) -> tuple[Language, str] | None:
    """Return language and text of a revision from the publication log, also under former slugs of the module."""
    for slug in (module.slug, *module.aliases):
        for language in Language:
            entries = publications.list_revisions(tx, TextKey(TextKind.TRAINING, slug, language))
            seq = next((seq for seq, known in entries if known == revision), None)
            if seq is not None and (text := publications.get_publication(tx, seq).text) is not None:
                return language, text
    return None


def check_part(module: PreparedModule) -> PreparedModulePart:
    """Return the check, or an empty part in a module without one."""
    found = next((part for part in module.parts if part.kind is PartKind.CHECK), None)
    return found or PreparedModulePart(PartKind.CHECK, "", 0, ())


def find_part(module: PreparedModule, key: str) -> PreparedModulePart | None:
    """Return the part with this URL key, or None."""
    return next((part for part in module.parts if PART_KEYS[part.kind] == key), None)
