"""The report: what was planned and delivered in a district, by school, by week and by session.

It is made of lines, one for each grade of each school and week; the screen, the CSV and the print add up the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from ...domain import GRADES, Person, School, SchoolYear, Told, due_day, weeks_between
from ...records import Reading, classrooms, plans, schools, week_summaries
from ...records.week_summaries import WeekCount
from ..planning import own_schools
from .grid import GridFilter
from .totals import Totals

Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The classes of one grade of one school in one week. `slug` is the session planned for them, `due_on` its day."""

    school: School
    grade: str
    week_on: date
    slug: str | None
    due_on: date | None
    classes: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Share(Generic[Of]):
    """The lines of one school, week or session, added up."""

    of: Of
    totals: Totals


@dataclass(frozen=True, slots=True)
class Report:
    """Lines by school, grade and week, and the classes of each school."""

    lines: tuple[ReportLine, ...]
    classes: dict[School, int]
    totals: Totals
    target: int

    def by_school(self) -> list[Share[School]]:
        """What each school had planned and did, by name."""
        return _add_up(self.lines, lambda line: line.school)

    def by_week(self) -> list[Share[date]]:
        """What was planned and done in each week that has come, by its Monday."""
        return sorted(_add_up(self.lines, lambda line: line.week_on), key=lambda share: share.of)

    def by_session(self) -> list[Share[str]]:
        """What was done of each planned session, in the order in which they were planned first."""
        planned = (line for line in self.lines if line.slug is not None and line.totals.planned)
        return _add_up(sorted(planned, key=lambda line: line.week_on), lambda line: line.slug or "")


def make_report(tx: Reading, person: Person, year: SchoolYear, chosen: GridFilter, today: date, target: int) -> Report:
    """The report of the schools within the person's scope. `target` is SEL minutes per class and week."""
    own = [school for school in own_schools(tx, person) if chosen.school_id in (None, school.id)]
    weeks = weeks_between(chosen.first, chosen.last)
    if not own or not weeks:
        return Report((), {}, Totals(), target)
    facts = _Facts(tx, own, year, weeks, target)
    grades = [grade for grade in GRADES if chosen.grade in (None, grade)]
    lines = tuple(
        facts.line(school, grade, week_on, today)
        for school in sorted(own, key=lambda school: school.name)
        for grade in grades
        if facts.size(school, grade)
        for week_on in weeks
    )
    sizes = {school: sum(facts.size(school, grade) for grade in grades) for school in own}
    return Report(lines, sizes, _sum(line.totals for line in lines), target)


class _Facts:
    """The classes, the plan, the free days and what is told, fetched once for all lines."""

    def __init__(
        self, tx: Reading, own: Collection[School], year: SchoolYear, weeks: Sequence[date], target: int
    ) -> None:
        school_ids, first, last = {school.id for school in own}, weeks[0], weeks[-1]
        no_school = schools.no_school_dates(tx, school_ids, first, last + timedelta(days=6))
        counts = week_summaries.count_class_weeks(
            tx, year_id=year.id, first=first, last=last, target=target, school_ids=school_ids
        )
        self._target = target
        self._sizes = classrooms.count_classrooms(tx, year_id=year.id, school_ids=school_ids)
        self._due = {(one, week_on): due_day(week_on, days) for one, days in no_school.items() for week_on in weeks}
        self._planned = {
            (entry.school_id, entry.grade, entry.week_on): entry.slug
            for entry in plans.list_plan(tx, first=first, last=last, school_ids=school_ids)
        }
        self._counts = {(count.school_id, count.grade, count.week_on): count for count in counts}

    def size(self, school: School, grade: str) -> int:
        """How many classes of the grade meet there."""
        return self._sizes.get((school.id, grade), 0)

    def line(self, school: School, grade: str, week_on: date, today: date) -> ReportLine:
        """The line of one grade of a school and one week."""
        place = (school.id, grade, week_on)
        slug, due_on = self._planned.get(place), self._due[school.id, week_on]
        size, has_come = self.size(school, grade), due_on is not None and due_on <= today
        totals = _count(self._counts.get(place), slug is not None, has_come, size, self._target)
        return ReportLine(school, grade, week_on, slug, due_on, size, totals)


def _count(count: WeekCount | None, is_planned: bool, has_come: bool, size: int, target: int) -> Totals:
    """What the grid counts in the cells of these classes (`docs/definitions.md`)."""
    told = count.told if count is not None else {}
    planned = 0
    if is_planned:  # before its day, and in a week without school, a class counts as soon as something is told of it
        planned = size if has_come else sum(told.values())
    delivered, shortened = told.get(Told.DELIVERED, 0), told.get(Told.SHORTENED, 0)
    not_done = told.get(Told.NOT_DONE, 0)
    on_target = minutes = 0
    if has_come:
        on_target = size if target <= 0 else count.on_target if count is not None else 0
        minutes = count.minutes if count is not None else 0
    return Totals(
        planned=planned,
        delivered=delivered + shortened,
        shortened=shortened,
        not_done=not_done,
        open=planned - delivered - shortened - not_done,
        on_target=on_target,
        minutes=minutes,
        weeks_counted=size if has_come else 0,
    )


def _add_up(lines: Iterable[ReportLine], part: Callable[[ReportLine], Of]) -> list[Share[Of]]:
    """The lines of each part added up, parts in the order of their first lines."""
    parts: dict[Of, list[Totals]] = {}
    for line in lines:
        parts.setdefault(part(line), []).append(line.totals)
    return [Share(of, _sum(listed)) for of, listed in parts.items()]


def _sum(listed: Iterable[Totals]) -> Totals:
    return sum(listed, start=Totals())
