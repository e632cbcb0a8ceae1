"""The check as the studio shows it: the text itself, and its links, videos and place in the plan."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from ..domain import Competency, Language, Need, PracticeKind, Problem, Severity, TextKey, TextKind
from ..library.checks.surroundings import Context, PlannedTopic, find_link_problems, find_surrounding_problems
from ..records import plans
from ..stores import Stores

PUBLIC_PAGES = frozenset(
    (
        "/",
        "/sessions",
        "/practices",
        *(f"/practices/{kind.value}" for kind in PracticeKind),
        "/help",
        "/about",
        "/accessibility",
        "/for-families",
        "/what-we-record",
        "/sign-in",
        "/certificates",
        "/c",
    )
)
"""The site's own pages that a text may link to. Drafts are also published by commands that start no web layer, so this is
a list; tests/web/test_public_pages.py compares it with the addresses that the site serves."""
_AROUND = timedelta(weeks=26)


def find_problems(stores: Stores, key: TextKey, text: str, on: date | None = None) -> tuple[Problem, ...]:
    """Return all errors and suggestions of a text by line.

    The plan is checked half a year around the day `on`; without `on` it isn't checked.
    """
    outcome = stores.catalogue.find_outcome(key, text)
    context = Context(
        addresses=_list_addresses(stores)
        if outcome.addresses
        else None,  # listing every address of a large library is slow
        modules=_list_modules(stores) if "\nmodule:" in text else None,
        plans=_list_plans(stores, on) if on is not None else (),
    )
    return tuple(sorted((*outcome.problems, *find_surrounding_problems(key, text, outcome.addresses, context))))


def find_errors(stores: Stores, key: TextKey, text: str) -> tuple[Problem, ...]:
    """Return the errors that stop publishing. Fast for a text that was checked a moment ago (cached)."""
    outcome = stores.catalogue.find_outcome(key, text)
    problems = (*outcome.problems, *find_link_problems(key, outcome.addresses, _list_addresses(stores)))
    return tuple(sorted(problem for problem in problems if problem.severity is Severity.ERROR))


def _list_addresses(stores: Stores) -> frozenset[str]:
    """Return the addresses of every page and video a text may link to, old addresses of sessions included."""
    slugs = stores.catalogue.list_slugs()
    sessions = {f"/sessions/{slug}{end}" for slug in slugs for end in ("", "/family", "/print")}
    return PUBLIC_PAGES | sessions | stores.media.list_addresses()


def _list_modules(stores: Stores) -> frozenset[str]:
    files = (stores.catalogue.library.find_entry(file) for file in stores.catalogue.list_titles())
    return frozenset(entry.slug for entry in files if entry is not None and entry.key.kind is TextKind.TRAINING)


def _list_plans(stores: Stores, on: date) -> tuple[tuple[PlannedTopic, ...], ...]:
    with stores.records.reading() as tx:
        entries = plans.list_plan(tx, first=on - _AROUND, last=on + _AROUND)
    cards = stores.catalogue.list_cards({entry.slug for entry in entries}, Language.EN)
    found: dict[tuple[str, str], list[PlannedTopic]] = defaultdict(list)
    for entry in entries:
        if (card := cards.get(entry.slug)) is not None:
            need = Need.from_key(card.needs[0]) if card.needs else None
            topic = PlannedTopic(entry.week_on, entry.slug, Competency(card.competency), need)
            found[entry.school_id, entry.grade].append(topic)
    return tuple(tuple(plan) for plan in found.values())
