"""Which weeks of the school year a page was asked to show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask import request

from ...domain import Calendar, SchoolYear, term_weeks, week_of
from ...errors import NotFound
from ...records import schools
from ..request import site, today

WHOLE_YEAR = "year"
ALL = "all"
"""Every school of the person's, where an address names one."""


@dataclass(frozen=True, slots=True)
class AskedWeeks:
    """First and last Monday. `term` is a term's id or `WHOLE_YEAR`, empty when it is one week."""

    first: date
    last: date
    term: str

    @property
    def week_on(self) -> date | None:
        """The week when it is one week."""
        return self.first if not self.term else None

    @property
    def term_id(self) -> str | None:
        """The term when it is one."""
        return self.term if self.term not in ("", WHOLE_YEAR) else None


def asked_year() -> SchoolYear:
    """The school year that the address names, else that of its week, else the nearest one.

    Raises NotFound before the first year.
    """
    with site().records.reading() as tx:
        found = schools.find_year(tx, request.args.get("year", ""), _asked_day() or today())
    if found is None:
        raise NotFound("There’s no school year yet. An admin can add one on the Admin page.")
    return found


def list_years() -> list[SchoolYear]:
    """Every school year, the latest first, to choose from."""
    with site().records.reading() as tx:
        return list(reversed(schools.list_years(tx)))


def asked_weeks(year: SchoolYear, calendars: Collection[Calendar], *, default: str = "") -> AskedWeeks:
    """The term or the year that the address names; else `default`, which is one of them, or the week it names.

    A term's weeks are those that belong to it in one of the calendars at least.
    """
    asked = request.args.get("term", "") or default
    term = next((term for term in year.terms if term.id == asked), None)
    if term is not None:
        weeks = term_weeks(calendars, term.id) or (week_of(term.starts_on), week_of(term.ends_on))
        return AskedWeeks(weeks[0], weeks[-1], term.id)
    if WHOLE_YEAR in (asked, default):
        return AskedWeeks(week_of(year.starts_on), week_of(year.ends_on), WHOLE_YEAR)
    week_on = asked_week(year)
    return AskedWeeks(week_on, week_on, "")


def asked_week(year: SchoolYear) -> date:
    """The Monday of the week that the address names, else of this one; inside the year."""
    asked = week_of(_asked_day() or today())
    return min(max(asked, week_of(year.starts_on)), week_of(year.ends_on))


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        return None
