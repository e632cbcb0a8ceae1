"""Two copies of one school that live through the same acts: one closes its weeks every night, one only before an act.

Every act goes through the use case that a page calls. `Twins` checks after each one what must hold; `Broken` names the
rule that doesn't, and the acts that led there.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from tests.support.scratch import DONE, SHORTENED, add_cast, fresh_records, sqlite_url
from wellness.domain import (
    ClassPlanRule,
    Classroom,
    ClosureKind,
    Expectation,
    ExpectationKind,
    Language,
    MinutesTarget,
    NotDoneReason,
    Outcome,
    Person,
    SchoolYear,
    ViewingState,
    week_of,
    weeks_between,
)
from wellness.errors import WellnessError
from wellness.records import (
    Reading,
    Records,
    calendars,
    classrooms,
    expected_weeks,
    open_records,
    people,
    plans,
    schema,
    schools,
)
from wellness.records import (
    amendments as stored_amendments,
)
from wellness.school import (
    amendments,
    classes,
    closures,
    expectations,
    plan_changes,
    presenting,
    setup,
    targets,
    years,
)
from wellness.school.reporting import GridFilter, Totals, make_report, week_grid
from wellness.school.reporting.verify import verify_weeks

ZONE = ZoneInfo("America/New_York")
BEGIN = date(2026, 9, 23)
SLUGS = ("four-square", "body-scan", "listening")
GRADES = ("6", "7")
NOT_DONE = Outcome(ViewingState.NOT_DONE, reason=NotDoneReason.ASSEMBLY)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MOST_NIGHTS = 6
Pair = tuple[str, date]
"""A class or a school, and a Monday."""
Line = tuple[object, ...]


class Broken(AssertionError):
    """A rule that does not hold."""

    def __init__(self, rule: str, detail: object) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule


# --- One copy ---------------------------------------------------------------------------------------------------------


@dataclass
class Copy:
    """One of the two copies. `undos` are what can be undone, newest last; the same in both."""

    records: Records
    today: date = BEGIN
    undos: list[Callable[[], object]] = field(default_factory=list)
    added: int = 0

    @property
    def at(self) -> datetime:
        """Noon of the day, in the school's zone."""
        return datetime.combine(self.today, time(12), ZONE).astimezone(UTC)

    def person(self, name: str) -> Person:
        """Somebody of the cast."""
        with self.records.reading() as tx:
            return next(one for one in people.list_people(tx) if one.name.startswith(name))

    def school_id(self, number: int) -> str:
        """One of the schools."""
        with self.records.reading() as tx:
            return sorted(schools.list_schools(tx), key=lambda one: one.name)[number % 2].id

    def year(self) -> SchoolYear:
        """The school year."""
        with self.records.reading() as tx:
            return schools.list_years(tx)[0]

    def rooms(self) -> list[Classroom]:
        """Every class of the year by name, also those that have ended."""
        with self.records.reading() as tx:
            ids = tx.execute(select(schema.classroom.c.id).order_by(schema.classroom.c.name)).scalars().all()
            return [classrooms.get_classroom(tx, one, self.today) for one in ids]

    def room(self, number: int) -> Classroom:
        """One of the classes."""
        listed = self.rooms()
        return listed[number % len(listed)]


# --- What can happen --------------------------------------------------------------------------------------------------


def plan(copy: Copy, a: int, b: int, c: int) -> None:
    """A session, or nothing, for a grade in a week from three weeks ago to four ahead; the warning is confirmed."""
    week_on = week_of(copy.today) + (b % 8 - 3) * WEEK
    planned = plan_changes.PlannedWeek(week_on, (copy.school_id(a),), (GRADES[a % 2],), (*SLUGS, None)[c % 4])
    coach = copy.person("Ada")

    def press(confirmed: str = "") -> str:
        return plan_changes.plan_week(copy.records, coach, planned, known_slugs=SLUGS, at=copy.at, confirmed=confirmed)

    try:
        batch = press()
    except plan_changes.Unconfirmed as asked:
        batch = press(asked.seen)
    copy.undos.append(lambda: plan_changes.undo_plan(copy.records, coach, batch, copy.at))


def differ(copy: Copy, a: int, b: int, c: int) -> None:
    """One class does something else, or again what its grade does."""
    week_on, coach = week_of(copy.today) + (b % 5 - 1) * WEEK, copy.person("Ada")
    rule = tuple(ClassPlanRule)[c % 3]
    planned = plan_changes.ClassWeekPlan(week_on, rule, SLUGS[b % 3] if rule is ClassPlanRule.SESSION else None)

    def press(confirmed: str = "") -> str:
        return plan_changes.plan_class(
            copy.records, coach, copy.room(a), planned, known_slugs=SLUGS, at=copy.at, confirmed=confirmed
        )

    try:
        batch = press()
    except plan_changes.Unconfirmed as asked:
        batch = press(asked.seen)
    copy.undos.append(lambda: plan_changes.undo_plan(copy.records, coach, batch, copy.at))


def add_class(copy: Copy, a: int, b: int, c: int) -> None:
    """A class from today on."""
    copy.added += 1
    setup.add_classroom(
        copy.records, copy.person("Ada"), name=f"New {copy.added:03}", school_id=copy.school_id(a), grade=GRADES[b % 2],
        size=20, teacher_ids=(), at=copy.at, today=copy.today,
    )  # fmt: skip


def _change(copy: Copy, room: Classroom, **changed: object) -> None:
    facts: dict[str, object] = {
        "name": room.name, "grade": room.grade, "other_grades": (), "size": room.size,
        "first_on": room.first_on, "last_on": room.last_on,
    }  # fmt: skip
    classes.change_class(copy.records, copy.person("Ada"), room, **(facts | changed), at=copy.at)  # type: ignore[arg-type]


def backdate(copy: Copy, a: int, b: int, c: int) -> None:
    """A class "began in September", or begins later."""
    _change(copy, copy.room(a), first_on=copy.today + timedelta(days=b % 60 - 40))


def regrade(copy: Copy, a: int, b: int, c: int) -> None:
    """A wrong grade is corrected, with a new name."""
    room = copy.room(a)
    _change(copy, room, grade=GRADES[b % 2], name=room.name.rstrip("'") + "'" * (c % 2))


def end_class(copy: Copy, a: int, b: int, c: int) -> None:
    """A class ends, in the past or in the days to come."""
    classes.close_class(
        copy.records, copy.person("Ada"), copy.room(a), last_on=copy.today + timedelta(days=b % 28 - 14), at=copy.at
    )


def reopen(copy: Copy, a: int, b: int, c: int) -> None:
    """A class meets again."""
    classes.reopen_class(copy.records, copy.person("Ada"), copy.room(a), copy.at)


def split(copy: Copy, a: int, b: int, c: int) -> None:
    """Half of a class becomes another one."""
    copy.added += 1
    classes.split_class(
        copy.records, copy.person("Ada"), copy.room(a), name=f"New {copy.added:03}", size=5,
        first_on=copy.today + timedelta(days=b % 9 - 4), at=copy.at,
    )  # fmt: skip


def merge(copy: Copy, a: int, b: int, c: int) -> None:
    """A class goes into another one."""
    classes.merge_into(
        copy.records, copy.person("Ada"), copy.room(a), copy.room(b).id, at=copy.at,
        last_on=copy.today + timedelta(days=c % 9 - 4),
    )  # fmt: skip


def weekday(copy: Copy, a: int, b: int, c: int) -> None:
    """Sessions are due on another weekday from this week on, or a later one."""
    closures.set_weekday(
        copy.records, copy.person("Ada"), school_ids=[copy.school_id(a)], valid_from=week_of(copy.today) + b % 3 * WEEK,
        weekday=c % 5, at=copy.at, today=copy.today,
    )  # fmt: skip


def own_weekday(copy: Copy, a: int, b: int, c: int) -> None:
    """A class meets on a weekday of its own from this week on, or again on its school's."""
    classes.set_weekday(
        copy.records, copy.person("Ada"), copy.room(a), weekday=(*range(5), None)[c % 6],
        valid_from=week_of(copy.today) + b % 3 * WEEK, at=copy.at, today=copy.today,
    )  # fmt: skip


def close_school(copy: Copy, a: int, b: int, c: int) -> None:
    """No-school days or half days around today; what becomes of a session that was due is answered."""
    first = copy.today + timedelta(days=b % 20 - 8)
    kind = (ClosureKind.CLOSED, ClosureKind.HALF_DAY)[a % 2]
    entered = closures.ClosedRange(first, first + timedelta(days=c % 3), kind, False, "Snow")
    admin, school_ids = copy.person("Ada"), [copy.school_id(c)]

    def press(decision: str = "") -> None:
        closures.add_closure(
            copy.records, admin, entered, school_ids=school_ids, at=copy.at, today=copy.today, decision=decision
        )

    try:
        press()
    except closures.DecisionNeeded as asked:
        answers = [closures.LEAVE_OUT, closures.HAPPENED, *map(str, asked.days)]
        press(answers[(a + b) % len(answers)])


def open_school(copy: Copy, a: int, b: int, c: int) -> None:
    """No-school days are removed again."""
    with copy.records.reading() as tx:
        ids = [one.id for one in schools.list_schools(tx)]
        listed = calendars.list_closures(tx, first=date(2026, 8, 1), last=date(2027, 7, 1), school_ids=ids)
    listed = sorted(listed, key=lambda one: (one.first_on, one.last_on, one.kind.value, ids.index(one.school_id)))
    if listed:
        closures.remove_closure(
            copy.records, copy.person("Ada"), closure_id=listed[a % len(listed)].id, at=copy.at, today=copy.today
        )


def move_year(copy: Copy, a: int, b: int, c: int) -> None:
    """The first or the last day of the year moves."""
    year = copy.year()
    starts_on, ends_on = year.starts_on + (a % 3 - 1) * (b % 12) * DAY, year.ends_on + (c % 9 - 4) * DAY
    spring = date(2027, 1, 25) + (b % 3) * WEEK
    years.change_year(
        copy.records, copy.person("Ada"), year.id, name=year.name, starts_on=starts_on, ends_on=ends_on,
        terms=[("Fall", starts_on), ("Spring", spring)], at=copy.at, today=copy.today,
    )  # fmt: skip


def target(copy: Copy, a: int, b: int, c: int) -> None:
    """Another target of minutes from a day on."""
    chosen = MinutesTarget(copy.today + timedelta(days=a % 30 - 15), 5 + c % 60)
    targets.set_target(copy.records, copy.person("Ada"), chosen, at=copy.at)


def log(copy: Copy, a: int, b: int, c: int) -> None:
    """A class did what was planned, or something else, today or on an earlier day."""
    room, on_day = copy.room(a), copy.today - timedelta(days=b % 12)
    with copy.records.reading() as tx:
        planned = expectations.find_planned(tx, room, week_of(on_day))
    slug = SLUGS[b % 3] if c % 3 == 0 else planned or SLUGS[a % 3]
    shown = presenting.ShownVersion(slug, "r1", Language.EN)
    coach = copy.person("Ada")
    logged = presenting.log_outcome(
        copy.records, coach, [(room, shown)], on_day=on_day, at=copy.at, today=copy.today,
        outcome=(DONE, SHORTENED, NOT_DONE, DONE)[c % 4],
    )  # fmt: skip
    if logged.batch_id:
        copy.undos.append(lambda: presenting.undo(copy.records, coach, logged.batch_id, copy.at, copy.today))


def lesson(copy: Copy, a: int, b: int, c: int) -> None:
    """Minutes from another curriculum."""
    presenting.log_outside_lesson(
        copy.records, copy.person("Ada"), copy.room(a), on_day=copy.today - timedelta(days=b % 12), minutes=1 + c % 40,
        curriculum="Second Step", title="", at=copy.at, today=copy.today,
    )  # fmt: skip


def teach(copy: Copy, a: int, b: int, c: int) -> None:
    """Somebody teaches a class from a day on."""
    classes.add_teacher(
        copy.records,
        copy.person("Ada"),
        copy.room(a),
        who="sam@demo.test",
        first_on=copy.today - b % 20 * DAY,
        at=copy.at,
    )


def amend(copy: Copy, a: int, b: int, c: int) -> None:
    """A past week is changed with a reason. What the preview said is what happens."""
    kinds = (ExpectationKind.SESSION, ExpectationKind.NOTHING_PLANNED, ExpectationKind.LEFT_OUT)
    kind = kinds[c % 3]
    change = amendments.WeekChange(
        week_of(copy.today) - (1 + b % 6) * WEEK, (copy.school_id(a),), GRADES[: 1 + a % 2], kind,
        SLUGS[b % 3] if kind is ExpectationKind.SESSION else None,
    )  # fmt: skip
    admin = copy.person("Ada")
    with copy.records.writing() as tx:
        expectations.close_weeks(tx, change.school_ids, copy.at)
    with copy.records.reading() as tx:
        effect = amendments.preview(tx, admin, change, copy.today)
        before = states(tx, admin, copy)
    numbers = amendments.amend(copy.records, admin, change, reason="A trip.", seen=effect.seen, at=copy.at)
    with copy.records.reading() as tx:
        after = states(tx, admin, copy)
    moved = Counter((before[key], now) for key, now in after.items() if before[key] != now)
    if moved != Counter({(one.before, one.after): one.classes for one in effect.moves}):
        raise Broken("7 a preview says what the press does", (effect.moves, moved))
    copy.undos += [partial(_undo_amendment, copy, admin, number) for number in numbers]


def _undo_amendment(copy: Copy, admin: Person, number: int) -> None:
    amendments.undo(copy.records, admin, number, copy.at)


def states(tx: Reading, by: Person, copy: Copy) -> dict[Pair, object]:
    """How each class's week reads on the grid."""
    year = schools.list_years(tx)[0]
    grid = week_grid(tx, by, year, whole(year), copy.today)
    return {(row.classroom.name, cell.week_on): cell.state for row in grid.rows for cell in row.cells}


def undo(copy: Copy, a: int, b: int, c: int) -> None:
    """The newest entry, change of the plan or amendment is undone."""
    if copy.undos:
        copy.undos.pop()()


LOGS = (log, lesson)
AMENDS = (amend, close_school)
"""What may change a closed week; a closure only with the answer to leave the week out."""
UNDOES = (undo,)
Act = Callable[[Copy, int, int, int], None]
ACTS: Mapping[Act, int] = {
    plan: 8, differ: 4, add_class: 2, backdate: 2, regrade: 2, end_class: 2, reopen: 2, split: 1, merge: 1,
    weekday: 2, own_weekday: 2,
    close_school: 4, open_school: 2, move_year: 2, target: 2, log: 12, lesson: 3, teach: 1, amend: 4, undo: 3,
}  # fmt: skip
"""Every act and how often it happens."""


# --- What must hold ---------------------------------------------------------------------------------------------------


def whole(year: SchoolYear, term_id: str | None = None) -> GridFilter:
    """The whole year, or one term of it."""
    return GridFilter(week_of(year.starts_on), week_of(year.ends_on), term_id=term_id)


def lines(copy: Copy) -> dict[Pair, list[Line]]:
    """The report's lines by school and week."""
    with copy.records.reading() as tx:
        year = schools.list_years(tx)[0]
        report = make_report(tx, copy_admin(tx), year, whole(year), copy.today)
    found: dict[Pair, list[Line]] = {}
    for one in report.lines:
        line = (one.school.name, one.grade, one.slug or "", str(one.due_on), one.target, one.classes, one.totals)
        found.setdefault((one.school.id, one.week_on), []).append(line)
    return {key: sorted(listed, key=str) for key, listed in found.items()}


def copy_admin(tx: Reading) -> Person:
    """Who sees everything."""
    return next(one for one in people.list_people(tx) if one.name.startswith("Ada"))


def ledger(copy: Copy) -> dict[Pair, Expectation]:
    """What counts for each class and closed week."""
    with copy.records.reading() as tx:
        ids = [one.id for one in schools.list_schools(tx)]
        return {
            (one.classroom_id, one.week_on): one
            for one in expected_weeks.list_of_schools(tx, ids, date(2026, 1, 1), date(2028, 1, 1))
        }


def history(copy: Copy) -> dict[str, int]:
    """How many rows each history has."""
    tables = (schema.expected, schema.plan_entry, schema.class_plan_entry, schema.amendment)
    with copy.records.reading() as tx:
        return {table.name: tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}


def rows(copy: Copy) -> dict[str, list[str]]:
    """Everything in the records."""
    with copy.records.reading() as tx:
        return {table.name: sorted(map(repr, tx.execute(select(table)))) for table in schema.metadata.sorted_tables}


def overdue(copy: Copy) -> Iterator[str]:
    """Weeks that are over and not closed, or closed and not over."""
    with copy.records.reading() as tx:
        ids = [one.id for one in schools.list_schools(tx)]
        closed = expected_weeks.closed_through(tx, ids)
        for (school_id, _), calendar in calendars.load_calendars_of_schools(tx, ids).items():
            for week_on in calendar.weeks:
                ends_on = max(calendar.due_days(week_on), default=week_on + timedelta(days=6))
                is_closed = week_on <= closed.get(school_id, date.min)
                if is_closed != (ends_on < copy.today):
                    yield f"{week_on} of {school_id}, which ends {ends_on}, on {copy.today}: closed is {is_closed}"


def planned_only(listed: list[Line]) -> list[Line]:
    """The denominators of a week's lines."""
    return [(*line[:6], getattr(line[6], "planned", 0), getattr(line[6], "weeks_counted", 0)) for line in listed]


def check_numbers(copy: Copy) -> None:
    """Grid, report, terms and the teacher's page say the same, and nothing is delivered that wasn't planned."""
    with copy.records.reading() as tx:
        admin, year = copy_admin(tx), schools.list_years(tx)[0]
        report = make_report(tx, admin, year, whole(year), copy.today)
        grid = week_grid(tx, admin, year, whole(year), copy.today)
        terms = [make_report(tx, admin, year, whole(year, term.id), copy.today).totals for term in year.terms]
        due = presenting.list_due(tx, [row.classroom for row in grid.rows], copy.today)
    if grid.totals != report.totals:
        raise Broken("6 the grid equals the report", (grid.totals, report.totals))
    if sum(terms, start=Totals()) != report.totals:
        raise Broken("6 terms add up to the year", (terms, report.totals))
    if any(line.totals.delivered > line.totals.planned or line.totals.open < 0 for line in report.lines):
        raise Broken("6 nothing is delivered that was not planned", report.lines)
    this_week = {
        row.classroom.id: cell for row in grid.rows for cell in row.cells if cell.week_on == week_of(copy.today)
    }
    if any(this_week[room.id] != cell for room, cell in due if room.id in this_week):
        raise Broken("6 the teacher's page equals the grid", due)
    if problems := verify_weeks(copy.records):
        raise Broken("6 the stored weeks agree with what they are made of", problems)


class Twins:
    """The two copies, and the acts so far."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._dice = random.Random(seed)
        folder.mkdir()
        records = fresh_records(folder)
        with records.writing() as tx:
            cast = add_cast(tx)
            classrooms.add_classroom(
                tx, school_id=cast.school.id, year_id=cast.year.id, name="Room 20", grade="7", size=20,
                first_on=cast.year.starts_on,
            )  # fmt: skip
            for week_on in weeks_between(date(2026, 8, 31), date(2026, 11, 1)):
                for school_id in (cast.school.id, cast.other_school.id):
                    plans.set_plan(tx, school_id, week_on, GRADES, SLUGS[week_on.day % 3], None, Copy(records).at)
        records.close()
        (folder / "other").mkdir()
        shutil.copy(folder / "records.db", folder / "other" / "records.db")
        self.nightly = Copy(open_records(sqlite_url(folder)))
        self.lazy = Copy(open_records(sqlite_url(folder / "other")))
        self.acts: list[str] = []
        self._close(self.nightly)

    def close(self) -> None:
        """Close both files."""
        self.nightly.records.close()
        self.lazy.records.close()

    def live(self, acts: int, likely: Mapping[Act, int] = ACTS) -> None:
        """Let so many things happen, each as often as `likely` says, and check what must hold after each."""
        for number in range(acts):
            try:
                if self._dice.random() < 0.3:
                    self._sleep(1 + self._dice.randrange(MOST_NIGHTS))
                else:
                    self._act(likely)
                if number % 8 == 7:
                    check_numbers(self.nightly)
                    check_numbers(self.lazy)
            except Broken as broken:
                broken.add_note("\n".join(self.acts))
                raise

    def _close(self, copy: Copy) -> None:
        with copy.records.writing() as tx:
            expectations.close_weeks(tx, [one.id for one in schools.list_schools(tx)], copy.at)

    def _sleep(self, nights: int) -> None:
        self.acts.append(f"{nights} nights after {self.nightly.today}")
        for _ in range(nights):
            before = ledger(self.nightly)
            self.nightly.today += DAY
            self.lazy.today += DAY
            self._close(self.nightly)
            after = ledger(self.nightly)
            if before != {key: after.get(key) for key in before}:
                raise Broken("2 a night only adds closed weeks", self.nightly.today)
            if wrong := list(overdue(self.nightly)):
                raise Broken("4 a week is over when it was closed", wrong)
        self._compare()

    def _act(self, likely: Mapping[Act, int]) -> None:
        act = self._dice.choices(list(likely), weights=list(likely.values()))[0]
        numbers = [self._dice.randrange(1000) for _ in range(3)]
        self.acts.append(f"{self.nightly.today} {act.__name__} {numbers}")
        self._close(self.nightly)
        closed, figures, kept = ledger(self.nightly), lines(self.nightly), history(self.nightly)
        refusals = [self._try(copy, act, numbers) for copy in (self.nightly, self.lazy)]
        if refusals[0] != refusals[1]:
            raise Broken("3 both copies answer the same", refusals)
        if any(kept[name] > count for name, count in history(self.nightly).items()):
            raise Broken("5 nothing leaves the history", act.__name__)
        if act not in (*AMENDS, *UNDOES):
            if closed != ledger(self.nightly):
                raise Broken("2 no closed pair changes except by amendment", act.__name__)
            self._check_closed_figures(act in LOGS, figures, {(one.school_id, one.week_on) for one in closed.values()})
        if wrong := list(overdue(self.nightly)):
            raise Broken("4 a week is over when it was closed", wrong)
        self._compare()

    def _check_closed_figures(self, may_log: bool, before: Mapping[Pair, list[Line]], closed: set[Pair]) -> None:
        after = lines(self.nightly)
        for key in closed:
            was, now = before.get(key, []), after.get(key, [])
            if may_log:
                was, now = planned_only(was), planned_only(now)
            if was != now:
                raise Broken("1 a closed week's figures change only by amendments and logs", (key, was, now))

    def _try(self, copy: Copy, act: Act, numbers: list[int]) -> str:
        """Do it, or return why it was refused; then nothing has changed."""
        before, undos, added = rows(copy), list(copy.undos), copy.added
        try:
            act(copy, *numbers)
        except WellnessError as error:
            copy.undos, copy.added = undos[:-1] if act is undo else undos, added
            if act is not amend and rows(copy) != before:
                raise Broken("7 a refused act changes nothing", error) from error
            return type(error).__name__
        return ""

    def _compare(self) -> None:
        """Both copies count the same."""
        here, there = lines(self.nightly), lines(self.lazy)
        for key in here.keys() | there.keys():
            if here.get(key) != there.get(key):
                raise Broken("3 both copies count the same", (key, here.get(key), there.get(key)))


def amend_and_undo(copy: Copy, numbers: list[int]) -> None:
    """Amend a past week and undo it: the figures are those from before."""
    before, counted = lines(copy), len(copy.undos)
    try:
        amend(copy, *numbers)
    except WellnessError:
        return
    while len(copy.undos) > counted:
        copy.undos.pop()()
    if lines(copy) != before:
        raise Broken("5 amend and undo gives the earlier figures", numbers)
    with copy.records.reading() as tx:
        ids = [one.id for one in schools.list_schools(tx)]
        if not stored_amendments.list_amendments(tx, ids, date(2026, 1, 1), date(2028, 1, 1)):
            raise Broken("5 nothing leaves the history", numbers)
