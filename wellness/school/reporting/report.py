"""The report: what was planned and delivered in a district, by school, by week and by session.

It has one line per school, grade and week; the page, the CSV and the print version add up the same lines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from ...domain import GRADES, ClassSpan, Person, School, SchoolYear, WeekStatus, is_within, natural_key, weeks_between
from ...records import Reading, calendars, classrooms, plans, week_summaries
from ...records.week_summaries import WeekCount
from ..planning import own_schools
from .grid import GridFilter, counting_day
from .totals import Totals

Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Counts for one grade of one school in one week. `slug` is the planned session, `due_on` its due day."""

    school: School
    grade: str
    week_on: date
    slug: str | None
    due_on: date | None
    classes: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Share(Generic[Of]):
    """Totals of one school, week or session."""

    of: Of
    totals: Totals


@dataclass(frozen=True, slots=True)
class Report:
    """Report lines by school, grade and week, and the number of classes of each school."""

    lines: tuple[ReportLine, ...]
    classes: dict[School, int]
    totals: Totals
    target: int

    def by_school(self) -> list[Share[School]]:
        """Return the totals of each school, by name."""
        return _add_up(self.lines, lambda line: line.school)

    def by_week(self) -> list[Share[date]]:
        """Return the totals of each week, in order."""
        return sorted(_add_up(self.lines, lambda line: line.week_on), key=lambda share: share.of)

    def by_session(self) -> list[Share[str]]:
        """Return the totals of each planned session, in the order of their first planned weeks."""
        planned = (line for line in self.lines if line.slug is not None and line.totals.planned)
        return _add_up(sorted(planned, key=lambda line: line.week_on), lambda line: line.slug or "")


def make_report(tx: Reading, person: Person, year: SchoolYear, chosen: GridFilter, today: date, target: int) -> Report:
    """Return the report of the schools in the person's scope. `target` is SEL minutes per class and week."""
    own = [school for school in own_schools(tx, person) if chosen.school_id in (None, school.id)]
    weeks = weeks_between(chosen.first, chosen.last)
    if not own or not weeks:
        return Report((), {}, Totals(), target)
    facts = _Facts(tx, own, year, weeks, target)
    grades = [grade for grade in GRADES if chosen.grade in (None, grade)]
    lines = tuple(
        facts.line(school, grade, week_on, today)
        for school in sorted(own, key=lambda school: natural_key(school.name))
        for grade in grades
        for week_on in weeks
        if facts.is_in_term(school, week_on, chosen.term_id) and facts.size(school, grade, week_on)
    )
    sizes = {school: sum(facts.count(school, grade, weeks) for grade in grades) for school in own}
    return Report(lines, sizes, _sum(line.totals for line in lines), target)


class _Facts:
    """Class counts, plan, calendars and weekly summaries, read with a few queries for all lines."""

    def __init__(
        self, tx: Reading, own: Collection[School], year: SchoolYear, weeks: Sequence[date], target: int
    ) -> None:
        school_ids, first, last = {school.id for school in own}, weeks[0], weeks[-1]
        counts = week_summaries.count_class_weeks(
            tx, year_id=year.id, first=first, last=last, target=target, school_ids=school_ids
        )
        self._target = target
        self._spans: dict[tuple[str, str], list[ClassSpan]] = defaultdict(list)
        for span in classrooms.list_class_spans(tx, year_id=year.id, school_ids=school_ids):
            self._spans[span.school_id, span.grade].append(span)
        self._calendars = calendars.load_calendars(tx, year_id=year.id, school_ids=school_ids)
        self._due = {
            (school_id, week_on): calendar.due_day(week_on)
            for school_id, calendar in self._calendars.items()
            for week_on in weeks
        }
        self._planned = {
            (entry.school_id, entry.grade, entry.week_on): entry.slug
            for entry in plans.list_plan(tx, first=first, last=last, school_ids=school_ids)
        }
        self._counts: dict[tuple[str, str, date], list[WeekCount]] = defaultdict(list)
        for count in counts:
            if is_within(self._day(count.school_id, count.week_on), count.first_on, count.last_on):
                self._counts[count.school_id, count.grade, count.week_on].append(count)

    def _day(self, school_id: str, week_on: date) -> date:
        return counting_day(week_on, self._due[school_id, week_on])

    def size(self, school: School, grade: str, week_on: date) -> int:
        """Return the number of classes of a grade in a school that meet in a week."""
        day = self._day(school.id, week_on)
        return sum(span.classes for span in self._spans[school.id, grade] if span.meets_on(day))

    def count(self, school: School, grade: str, weeks: Sequence[date]) -> int:
        """Return the number of classes of a grade in a school that meet on any day of these weeks."""
        first, last = weeks[0], weeks[-1] + timedelta(days=6)
        spans = self._spans[school.id, grade]
        return sum(
            span.classes for span in spans if span.first_on <= last and (span.last_on is None or span.last_on >= first)
        )

    def is_in_term(self, school: School, week_on: date, term_id: str | None) -> bool:
        """Return whether the week belongs to the term in this school; every week does without a term."""
        return term_id is None or self._calendars[school.id].is_in_term(week_on, term_id)

    def line(self, school: School, grade: str, week_on: date, today: date) -> ReportLine:
        """Return the line of one school, grade and week."""
        place = (school.id, grade, week_on)
        slug, due_on = self._planned.get(place), self._due[school.id, week_on]
        size, has_come = self.size(school, grade, week_on), due_on is not None and due_on <= today
        totals = _count(self._counts.get(place, ()), slug is not None, has_come, size, self._target)
        return ReportLine(school, grade, week_on, slug, due_on, size, totals)


def _count(counts: Sequence[WeekCount], is_planned: bool, has_come: bool, size: int, target: int) -> Totals:
    """Return the same totals that the grid counts for these classes (`docs/definitions.md`)."""
    statuses = sum((Counter(count.told) for count in counts), start=Counter[WeekStatus]())
    planned = 0
    if (
        is_planned
    ):  # before the due day, and in a week without school, a class counts once something was recorded or logged
        planned = size if has_come else sum(statuses.values())
    delivered, shortened = statuses.get(WeekStatus.DELIVERED, 0), statuses.get(WeekStatus.SHORTENED, 0)
    not_done = statuses.get(WeekStatus.NOT_DONE, 0)
    on_target = minutes = 0
    if has_come:
        on_target = size if target <= 0 else sum(count.on_target for count in counts)
        minutes = sum(count.minutes for count in counts)
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
    """Add up the lines of each part; parts are in the order of their first lines."""
    parts: dict[Of, list[Totals]] = {}
    for line in lines:
        parts.setdefault(part(line), []).append(line.totals)
    return [Share(of, _sum(listed)) for of, listed in parts.items()]


def _sum(listed: Iterable[Totals]) -> Totals:
    return sum(listed, start=Totals())
