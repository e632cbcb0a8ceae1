"""The report: what was planned and delivered in a district, by school, by week and by session.

It has one line per school, grade and week; the page, the CSV and the print version add up the same lines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from ...domain import GRADES, Calendar, ClassWeek, Expectation, Person, School, SchoolYear, natural_key, weeks_between
from ...records import Reading, calendars, classrooms, expected_weeks, week_summaries
from ...records.expected_weeks import ExpectedCount
from ..expectations import OpenWeeks, list_closed_alone
from ..planning import own_schools
from .grid import GridFilter
from .totals import Totals, only_target

Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """Counts for the classes of one grade of one school that were expected to do the same in one week.

    `slug` is the planned session, `due_on` its due day, `target` the SEL minutes that week.
    """

    school: School
    grade: str
    week_on: date
    slug: str | None
    due_on: date | None
    target: int
    classes: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Share(Generic[Of]):
    """Totals of one school, week or session."""

    of: Of
    totals: Totals


@dataclass(frozen=True, slots=True)
class Report:
    """Report lines by school, grade and week, and the number of classes of each school.

    `target` is the SEL minutes per class and week, None when the goal changed within these weeks.
    """

    lines: tuple[ReportLine, ...]
    classes: dict[School, int]
    totals: Totals
    target: int | None

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


def make_report(tx: Reading, person: Person, year: SchoolYear, chosen: GridFilter, today: date) -> Report:
    """Return the report of the schools in the person's scope."""
    own = {school.id: school for school in own_schools(tx, person) if chosen.school_id in (None, school.id)}
    weeks = weeks_between(chosen.first, chosen.last)
    if not own or not weeks:
        return Report((), {}, Totals(), None)
    of_year = calendars.load_calendars(tx, year_id=year.id, school_ids=own)
    counts = [
        *expected_weeks.count_expected(tx, own, weeks[0], weeks[-1]),
        *_count_open(tx, of_year, year, weeks),
    ]
    meant = [
        count
        for count in counts
        if chosen.grade in (None, count.grade)
        and (chosen.term_id is None or of_year[count.school_id].is_in_term(count.week_on, chosen.term_id))
    ]
    lines = tuple(_line(own[count.school_id], count, today) for count in sorted(meant, key=_place(own)))
    spans = [
        span
        for span in classrooms.list_class_spans(tx, year_id=year.id, school_ids=own)
        if chosen.grade in (None, span.grade) and span.meets_between(weeks[0], weeks[-1] + timedelta(days=6))
    ]
    classes = {school: sum(span.classes for span in spans if span.school_id == school.id) for school in own.values()}
    return Report(lines, classes, _sum(line.totals for line in lines), only_target(line.target for line in lines))


def _place(own: Mapping[str, School]) -> Callable[[ExpectedCount], tuple[object, int, date, str]]:
    """The order of the lines: by school, grade, week and session."""
    return lambda count: (
        natural_key(own[count.school_id].name), GRADES.index(count.grade), count.week_on, count.slug or ""
    )  # fmt: skip


def _count_open(
    tx: Reading, own: Mapping[str, Calendar], year: SchoolYear, weeks: Sequence[date]
) -> Iterator[ExpectedCount]:
    """Count the weeks that aren't closed, class by class, as closing them would store them."""
    closed = expected_weeks.closed_through(tx, own)
    still_open = [week_on for week_on in weeks if any(week_on > closed.get(one, date.min) for one in own)]
    if not still_open:
        return
    first, last = still_open[0], still_open[-1]
    done = week_summaries.list_class_weeks(tx, year_id=year.id, school_ids=own, first=first, last=last)
    open_weeks = OpenWeeks(tx, {(one, year.id): own[one] for one in own}, first, last)
    alone = list_closed_alone(tx, own.values(), first, last)
    groups: dict[tuple[object, ...], list[tuple[Expectation, ClassWeek | None]]] = defaultdict(list)
    for classroom in classrooms.list_classrooms(tx, year_id=year.id, on_day=first, last_on=last + timedelta(days=6)):
        if classroom.school_id not in own:
            continue
        through = closed.get(classroom.school_id, date.min)
        for week_on in (week for week in still_open if week > through and (classroom.id, week) not in alone):
            one = open_weeks.expect(classroom, week_on)
            if one is not None:
                key = (one.school_id, one.grade, week_on, one.due_on, one.slug, one.kind)
                groups[key].append((one, done.get((classroom.id, week_on))))
    for group in groups.values():
        yield _count(group)


def _count(group: Sequence[tuple[Expectation, ClassWeek | None]]) -> ExpectedCount:
    one = group[0][0]
    done = [week for _, week in group if week is not None]
    reached = sum(_minutes(week) >= expected.target for expected, week in group)
    return ExpectedCount(
        school_id=one.school_id,
        grade=one.grade,
        week_on=one.week_on,
        due_on=one.due_on,
        slug=one.slug,
        kind=one.kind,
        target=one.target,
        classes=len(group),
        told=Counter(week.told for week in done if week.told is not None),
        on_target=reached,
        minutes=sum(_minutes(week) for week in done),
    )


def _minutes(week: ClassWeek | None) -> int:
    return week.delivered_minutes + week.outside_minutes if week is not None else 0


def _line(school: School, count: ExpectedCount, today: date) -> ReportLine:
    """Return a line with the same totals that the grid counts for these classes (`docs/definitions.md`)."""
    has_come = count.due_on is not None and count.due_on <= today
    planned = count.classes if has_come or count.due_on is None else sum(count.told.values())
    is_counted = count.kind.is_counted and has_come
    totals = Totals.of(
        planned=planned if count.kind.is_planned else 0,
        statuses=count.told if count.kind.is_planned else {},
        on_target=count.on_target if is_counted else 0,
        minutes=count.minutes if is_counted else 0,
        weeks_counted=count.classes if is_counted else 0,
    )
    return ReportLine(
        school, count.grade, count.week_on, count.slug, count.due_on, count.target, count.classes, totals
    )  # fmt: skip


def _add_up(lines: Iterable[ReportLine], part: Callable[[ReportLine], Of]) -> list[Share[Of]]:
    """Add up the lines of each part; parts are in the order of their first lines."""
    parts: dict[Of, list[Totals]] = {}
    for line in lines:
        parts.setdefault(part(line), []).append(line.totals)
    return [Share(of, _sum(listed)) for of, listed in parts.items()]


def _sum(listed: Iterable[Totals]) -> Totals:
    return sum(listed, start=Totals())
