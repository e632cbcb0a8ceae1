"""Schools and school years with their terms. Adding one of them adds the calendars of that school or year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, insert, select, update

from ..domain import School, SchoolYear, Term, name_key, natural_key
from ..errors import Invalid, NotFound, worded
from .database.transactions import Reading, Writing, insert_new, new_id
from .schema import school, school_calendar, school_year, term
from .settings import list_time_zones, load_settings

NewTerm = tuple[str, date, date]
"""A term to be made: its name, its first day, its last day."""

_SAME_SCHOOL = worded("There’s already a school with that name.")
_SAME_YEAR = worded("There’s already a school year with that name.")

# --- Schools ----------------------------------------------------------------------------------------------------------


def add_school(tx: Writing, name: str) -> School:
    """A new school, with a calendar for each school year. Raises Invalid when there is one of that name."""
    added = School(id=new_id(), name=name.strip())
    _check_school_name(tx, added.name)
    if not insert_new(tx, insert(school).values(id=added.id, name=added.name)):
        raise Invalid(_SAME_SCHOOL, {"name": _SAME_SCHOOL})
    for year in list_years(tx):
        _add_calendar(tx, added.id, year)
    return added


def rename_school(tx: Writing, school_id: str, name: str) -> None:
    """Give the school another name. Raises Invalid when another school has it."""
    _check_school_name(tx, name, but=school_id)
    tx.execute(update(school).where(school.c.id == school_id).values(name=name.strip()))


def _check_school_name(tx: Reading, name: str, *, but: str = "") -> None:
    if any(name_key(one.name) == name_key(name) and one.id != but for one in list_schools(tx)):
        raise Invalid(_SAME_SCHOOL, {"name": _SAME_SCHOOL})


def get_school(tx: Reading, school_id: str) -> School:
    """The school. Raises NotFound."""
    row = tx.execute(select(school).where(school.c.id == school_id)).one_or_none()
    if row is None:
        raise NotFound("We couldn’t find that school.")
    return _school(row)


def list_schools(tx: Reading) -> list[School]:
    """Every school, by name."""
    listed = [_school(row) for row in tx.execute(_SCHOOLS)]
    return sorted(listed, key=lambda one: natural_key(one.name))


_SCHOOLS = select(school).order_by(school.c.name)


def set_time_zone(tx: Writing, school_id: str, time_zone: str) -> None:
    """Give the school a time zone of its own; an empty one means the district's. Raises Invalid for an unknown one."""
    if time_zone and time_zone not in list_time_zones():
        wrong = worded("Choose a time zone from the list.")
        raise Invalid(wrong, {"time_zone": wrong})
    tx.execute(update(school).where(school.c.id == school_id).values(time_zone=time_zone or None))


def set_closed_on(tx: Writing, school_id: str, closed_on: date | None) -> None:
    """Close the school after that day; None opens it again."""
    tx.execute(update(school).where(school.c.id == school_id).values(closed_on=closed_on))


def list_zones(tx: Reading) -> dict[str, ZoneInfo]:
    """Return each school's time zone by its id: its own, or the district's."""
    district = load_settings(tx).time_zone
    return {one.id: ZoneInfo(one.time_zone or district) for one in list_schools(tx)}


def _school(row: Row[Any]) -> School:
    return School(row.id, row.name, row.time_zone or "", row.closed_on)


# --- School years -----------------------------------------------------------------------------------------------------


def add_year(tx: Writing, name: str, starts_on: date, ends_on: date, terms: Iterable[NewTerm] = ()) -> SchoolYear:
    """A new school year with its terms (name, first day, last day), and a calendar for each school.

    Raises Invalid when days are out of order, a term reaches out of the year, or there is a year of that name.
    """
    year_id, name = new_id(), name.strip()
    made = tuple(
        Term(new_id(), year_id, title.strip(), first, last)
        for title, first, last in sorted(terms, key=lambda new: new[1])
    )
    _check_days(starts_on, ends_on, made)
    values = {"id": year_id, "name": name, "starts_on": starts_on, "ends_on": ends_on}
    if any(name_key(one.name) == name_key(name) for one in list_years(tx)):
        raise Invalid(_SAME_YEAR, {"name": _SAME_YEAR})
    if not insert_new(tx, insert(school_year).values(values)):
        raise Invalid(_SAME_YEAR, {"name": _SAME_YEAR})
    for one in made:
        values = {"id": one.id, "year_id": year_id, "name": one.name}
        tx.execute(insert(term).values(**values, starts_on=one.starts_on, ends_on=one.ends_on))
    added = SchoolYear(year_id, name, starts_on, ends_on, made)
    for one_school in list_schools(tx):
        _add_calendar(tx, one_school.id, added)
    return added


def change_year(
    tx: Writing, year_id: str, name: str, starts_on: date, ends_on: date, terms: Iterable[NewTerm]
) -> SchoolYear:
    """The year with another name, other days and terms; a term keeps its id by its place. Raises as `add_year` does."""
    before = get_year(tx, year_id)
    ids = [one.id for one in before.terms]
    made = tuple(
        Term(ids[place] if place < len(ids) else new_id(), year_id, title.strip(), first, last)
        for place, (title, first, last) in enumerate(sorted(terms, key=lambda new: new[1]))
    )
    _check_days(starts_on, ends_on, made)
    if any(year.name == name.strip() and year.id != year_id for year in list_years(tx)):
        raise Invalid("There’s already a school year with that name.", {"name": worded("Choose a different name.")})
    values = {"name": name.strip(), "starts_on": starts_on, "ends_on": ends_on}
    tx.execute(update(school_year).where(school_year.c.id == year_id).values(values))
    tx.execute(delete(term).where(term.c.year_id == year_id))
    for one in made:
        values = {"id": one.id, "year_id": year_id, "name": one.name}
        tx.execute(insert(term).values(**values, starts_on=one.starts_on, ends_on=one.ends_on))
    return get_year(tx, year_id)


def remove_year(tx: Writing, year_id: str) -> None:
    """Remove a year with its terms and calendars; it has no classes."""
    tx.execute(delete(school_year).where(school_year.c.id == year_id))


def get_year(tx: Reading, year_id: str) -> SchoolYear:
    """The year with its terms. Raises NotFound."""
    found = next((year for year in list_years(tx) if year.id == year_id), None)
    if found is None:
        raise NotFound("We couldn’t find that school year.")
    return found


def _add_calendar(tx: Writing, school_id: str, year: SchoolYear) -> None:
    days = {"first_on": year.starts_on, "last_on": year.ends_on}
    tx.execute(insert(school_calendar).values(school_id=school_id, year_id=year.id, **days))


def find_nearest_year(tx: Reading, on_day: date) -> SchoolYear | None:
    """The school year of that day; in the summer the one that has just ended, before the first one that; None without any."""
    years = list_years(tx)
    begun = [year for year in years if year.starts_on <= on_day]
    return begun[-1] if begun else next(iter(years), None)


def find_year(tx: Reading, year_id: str, on_day: date) -> SchoolYear | None:
    """The year of that id, else the nearest one to the day; None when there is no year."""
    named = next((year for year in list_years(tx) if year.id == year_id), None)
    return named or find_nearest_year(tx, on_day)


def list_years(tx: Reading) -> list[SchoolYear]:
    """Every school year with its terms, oldest first."""
    return _years(tx)


def _check_days(starts_on: date, ends_on: date, terms: tuple[Term, ...]) -> None:
    if starts_on > ends_on:
        raise Invalid("The year ends before it starts.", {"ends_on": worded("Choose a day after the first day.")})
    for one in terms:
        if not starts_on <= one.starts_on <= one.ends_on <= ends_on:
            wrong = worded("The dates of %(term)s are outside the school year.", term=one.name)
            raise Invalid(wrong, {"terms": wrong})


# Made once: nearly every page of staff asks which year it is. All terms are fewer rows than it costs to ask for some.
_ALL_YEARS = select(school_year).order_by(school_year.c.starts_on)
_ALL_TERMS = select(term).order_by(term.c.starts_on)


def _years(tx: Reading) -> list[SchoolYear]:
    terms: dict[str, list[Term]] = {}
    for row in tx.execute(_ALL_TERMS):
        terms.setdefault(row.year_id, []).append(Term(row.id, row.year_id, row.name, row.starts_on, row.ends_on))
    return [
        SchoolYear(row.id, row.name, row.starts_on, row.ends_on, tuple(terms.get(row.id, ())))
        for row in tx.execute(_ALL_YEARS)
    ]
