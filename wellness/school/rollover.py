"""Turning the school year over: what the old year proposes, what a choice of it would make, and making it.

`work_out` answers preview and press alike, so that a press does what its preview said. What is in the new year already
stays as it is, and a second press makes nothing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from ..domain import (
    A_YEAR,
    GRADES,
    Calendar,
    Classroom,
    ClassRule,
    Closure,
    ClosureKind,
    EnteredRole,
    Person,
    PlanEntry,
    School,
    SchoolYear,
    Teaching,
    grade_above,
    is_within,
    moved_grades,
    name_in_grade,
    name_key,
    name_of_next_year,
    next_days,
    pair_weeks,
    school_day,
    week_of,
    years_between,
)
from ..errors import Invalid, worded
from ..records import Reading, Records, Writing, audit_log, calendars, classrooms, plans, rollovers, schools
from ..records.plans import NewEntry
from ..records.rollovers import RolloverItem
from .due_days import keep_past_due_days
from .expectations import close_weeks
from .years import FirstDay, check_days, whole_terms

NOT_TURNED = worded("Nothing was saved yet. Please fix what’s marked.")
MAX_NAME = 60
SOON = timedelta(days=60)
"""How long before its last day a year should be turned over."""


# --- What there is ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProposedClosure:
    """No-school days of the old year and the days proposed for the new one. `key` names them in the form."""

    key: str
    before: Closure
    first_on: date
    last_on: date
    by_rule: bool
    """Whether the rule of a holiday says so; others are only guessed."""
    schools: tuple[School, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rollover is worked out from. `into` is the year that takes the copies, None for one to be made.

    A school that is closed when the new year begins isn't in it.
    """

    year: SchoolYear
    into: SchoolYear | None
    schools: tuple[School, ...]
    classes: tuple[Classroom, ...]
    """Those open on the old year's last day."""
    teaching: Mapping[str, Sequence[Teaching]]
    """By class: who teaches it on that day, also people whose account is closed."""
    closures: tuple[ProposedClosure, ...]
    calendars: Mapping[str, Calendar]
    plan: tuple[PlanEntry, ...]
    into_classes: tuple[Classroom, ...] = ()
    into_calendars: Mapping[str, Calendar] = field(default_factory=dict)
    into_plan: frozenset[tuple[str, date, str]] = frozenset()

    def classes_of(self, school_id: str) -> list[Classroom]:
        """Return the school's classes."""
        return [one for one in self.classes if one.school_id == school_id]


def load_facts(tx: Reading, year_id: str, into_id: str) -> Facts:
    """Return what a rollover from one year into another (or, with an empty ID, into a new one) is worked out from.

    Raises NotFound for an unknown year, Invalid when the second does not come after the first.
    """
    year = schools.get_year(tx, year_id)
    into = schools.get_year(tx, into_id) if into_id else None
    if into is not None and into.starts_on <= year.ends_on:
        raise Invalid(worded("Choose a year that comes after the one that is copied."))
    begins = into.starts_on if into is not None else year.ends_on + timedelta(days=1)
    listed = [one for one in schools.list_schools(tx) if one.is_open_on(begins)]
    ids = [one.id for one in listed]
    own = calendars.load_calendars(tx, year_id=year.id, school_ids=ids)
    teaching = defaultdict(list)
    for one in classrooms.list_teaching_of_year(tx, year.id):
        if is_within(year.ends_on, one.first_on, one.last_on):
            teaching[one.classroom_id].append(one)
    found = Facts(
        year=year,
        into=into,
        schools=tuple(listed),
        classes=tuple(
            one for one in classrooms.list_classrooms(tx, year_id=year.id, on_day=year.ends_on) if one.school_id in own
        ),
        teaching=teaching,
        closures=_propose_closures(tx, listed, own, year, into),
        calendars=own,
        plan=tuple(plans.list_plan(tx, first=year.starts_on, last=year.ends_on, school_ids=ids)),
    )
    if into is None:
        return found
    planned = plans.list_plan(tx, first=into.starts_on, last=into.ends_on)
    return replace(
        found,
        into_classes=tuple(
            classrooms.list_classrooms(tx, year_id=into.id, on_day=into.starts_on, last_on=into.ends_on)
        ),
        into_calendars=calendars.load_calendars(tx, year_id=into.id, school_ids=ids),
        into_plan=frozenset((one.school_id, one.week_on, one.grade) for one in planned),
    )


def _propose_closures(
    tx: Reading, listed: Sequence[School], own: Mapping[str, Calendar], year: SchoolYear, into: SchoolYear | None
) -> tuple[ProposedClosure, ...]:
    """Return the no-school days that may come again: not those that were noted when they had come, unless a rule does."""
    together: dict[tuple[object, ...], list[Closure]] = defaultdict(list)
    for calendar in own.values():
        for one in calendar.closures:
            if year.starts_on <= one.first_on <= year.ends_on:
                together[one.first_on, one.last_on, one.kind, one.holds_sessions, one.reason].append(one)
    entered = calendars.list_entry_times(tx, [one.id for same in together.values() for one in same])
    zones = schools.list_zones(tx)
    later = years_between(year.starts_on, into.starts_on) if into is not None else 1
    found = []
    for same in together.values():
        first_on, last_on, by_rule = next_days(same[0].first_on, same[0].last_on, later)
        is_sudden = all(school_day(entered[one.id], zones[one.school_id]) >= one.first_on for one in same)
        if by_rule or not is_sudden:
            closing = {one.school_id for one in same}
            at = tuple(school for school in listed if school.id in closing)
            found.append(ProposedClosure(min(one.id for one in same), same[0], first_on, last_on, by_rule, at))
    return tuple(sorted(found, key=lambda one: (one.first_on, one.key)))


# --- What is chosen ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewYear:
    """The year to be made. The first term begins with it."""

    name: str
    starts_on: date
    ends_on: date
    terms: tuple[FirstDay, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the admin chose. `new_year` is None when the year that takes the copies is there already."""

    new_year: NewYear | None
    rules: Mapping[str, ClassRule]
    """By school."""
    left_out: frozenset[str]
    """Classes that are not copied although their school's are."""
    names: Mapping[str, str]
    """By class, where the admin changed the proposed name."""
    with_teachers: frozenset[str]
    """Schools whose teachers go on with the classes that follow theirs."""
    with_plan: frozenset[str]
    """Schools whose plan is copied."""
    closures: Mapping[str, tuple[date, date]]
    """First and last day of the no-school days that are taken, by key."""


def propose(facts: Facts) -> Choices:
    """Return what is ticked and filled in when the page is opened."""
    year = facts.year
    terms = tuple((term.name, term.starts_on + A_YEAR) for term in year.terms)
    days = year.starts_on + A_YEAR, year.ends_on + A_YEAR
    return Choices(
        new_year=NewYear(name_of_next_year(year.name), *days, terms) if facts.into is None else None,
        rules={school.id: ClassRule.SAME for school in facts.schools},
        left_out=frozenset(),
        names={},
        with_teachers=frozenset(school.id for school in facts.schools),
        with_plan=frozenset(),
        closures={one.key: (one.first_on, one.last_on) for one in facts.closures if one.by_rule},
    )


def proposed_grade(one: Classroom, rule: ClassRule) -> str | None:
    """Return the grade of the class that follows; None when none does."""
    if rule is ClassRule.LEAVE_OUT:
        return None
    return grade_above(one.grade) if rule is ClassRule.GRADE_UP else one.grade


def proposed_name(one: Classroom, rule: ClassRule) -> str:
    """Return the name of the class that follows, as long as nobody changes it."""
    grade = proposed_grade(one, rule)
    return one.name if grade in (None, one.grade) else name_in_grade(one.name, one.grade, str(grade))


def changed_name(one: Classroom, typed: str) -> str | None:
    """Return what was typed as the name; None when it is what any rule proposes, so it follows the rule."""
    name = " ".join(typed.split())
    return None if not name or name in {proposed_name(one, rule) for rule in ClassRule} else name


# --- What it would make -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewClass:
    """A class to be made; `leavers` teach the one it follows and have a closed account."""

    before: Classroom
    name: str
    grade: str
    teachers: tuple[Teaching, ...]
    leavers: tuple[Teaching, ...]


@dataclass(frozen=True, slots=True)
class NewClosure:
    """No-school days to be added."""

    before: Closure
    first_on: date
    last_on: date
    schools: tuple[School, ...]


@dataclass(frozen=True, slots=True)
class CopiedPlan:
    """The entries to be made, and how many are not and why."""

    entries: tuple[NewEntry, ...] = ()
    there: int = 0
    gone: tuple[tuple[str, int], ...] = ()
    """Sessions that are no longer in the library, with the number of their entries."""
    without_week: int = 0
    """Entries of weeks that have no counterpart in the new year."""


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a press would make, what is there already, and what is left out."""

    year: NewYear
    makes_year: bool
    classes: tuple[NewClass, ...]
    classes_there: tuple[Classroom, ...]
    """Classes of the old year whose follower is there."""
    finished: tuple[Classroom, ...]
    """Classes that have no grade above."""
    closures: tuple[NewClosure, ...]
    closures_there: tuple[ProposedClosure, ...]
    closures_outside: tuple[ProposedClosure, ...]
    """Days that are over, outside the new year or on a weekend."""
    plan: CopiedPlan

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to make."""
        return not (self.makes_year or self.classes or self.closures or self.plan.entries)

    @property
    def has_exceptions(self) -> bool:
        """Whether there is something to look at before the press."""
        plan = self.plan
        return bool(self.without_teacher or self.finished or self.closures_outside or plan.gone or plan.without_week)

    @property
    def without_teacher(self) -> list[NewClass]:
        """Return the classes that begin without a teacher."""
        return [one for one in self.classes if not one.teachers]

    @property
    def seen(self) -> str:
        """A fingerprint of everything it says: a press carries that of its preview."""
        year = self.year
        said = [
            [year.name, year.starts_on, year.ends_on, year.terms, self.makes_year],
            [
                [one.before.id, one.before.size, one.name, one.grade, [t.id for t in one.teachers]]
                for one in self.classes
            ],
            [[one.before.id, one.first_on, one.last_on, [s.id for s in one.schools]] for one in self.closures],
            self.plan.entries,
            [[one.id for one in self.classes_there], [one.id for one in self.finished]],
            [[one.key for one in self.closures_there], [one.key for one in self.closures_outside]],
            [self.plan.there, self.plan.gone, self.plan.without_week],
        ]
        return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()


def work_out(facts: Facts, choices: Choices, *, known_slugs: Collection[str], today: date) -> Turnover:
    """Return what these choices would make. Raises Invalid with the wrong fields."""
    year = choices.new_year if facts.into is None else _as_new(facts.into)
    if year is None:
        raise Invalid(NOT_TURNED, {"starts_on": worded("Choose the first day.")})
    classes, there, finished = _work_out_classes(facts, choices)
    closures, closures_there, outside = _work_out_closures(facts, choices, year, today)
    after = {one.id: _calendar_after(facts, year, one.id, closures) for one in facts.schools}
    return Turnover(
        year=year,
        makes_year=facts.into is None,
        classes=classes,
        classes_there=there,
        finished=finished,
        closures=closures,
        closures_there=closures_there,
        closures_outside=outside,
        plan=_work_out_plan(facts, choices, after, known_slugs, today),
    )


def _as_new(year: SchoolYear) -> NewYear:
    terms = tuple((term.name, term.starts_on) for term in year.terms)
    return NewYear(year.name, year.starts_on, year.ends_on, terms)


def _work_out_classes(
    facts: Facts, choices: Choices
) -> tuple[tuple[NewClass, ...], tuple[Classroom, ...], tuple[Classroom, ...]]:
    """Return the classes to be made, those whose follower is there, and those without a grade above."""
    taken = {(one.school_id, name_key(one.name)) for one in facts.into_classes}
    followed = {one.follows_id for one in facts.into_classes}
    made: list[NewClass] = []
    there, finished = [], []
    fields: dict[str, str] = {}
    names: set[tuple[str, str]] = set()
    for one in facts.classes:
        rule = choices.rules.get(one.school_id, ClassRule.LEAVE_OUT)
        if rule is ClassRule.LEAVE_OUT or one.id in choices.left_out:
            continue
        grade = proposed_grade(one, rule)
        if grade is None:
            finished.append(one)
            continue
        name = choices.names.get(one.id) or proposed_name(one, rule)
        key = one.school_id, name_key(name)
        if key in taken or one.id in followed:
            there.append(one)
            continue
        if key in names or len(name) > MAX_NAME:
            fields[f"name-{one.id}"] = worded("%(name)s: choose another name for this class.", name=one.name)
        names.add(key)
        made.append(_new_class(facts, choices, one, name, grade))
    if fields:
        raise Invalid(NOT_TURNED, fields)
    return tuple(made), tuple(there), tuple(finished)


def _new_class(facts: Facts, choices: Choices, one: Classroom, name: str, grade: str) -> NewClass:
    taught = facts.teaching.get(one.id, ()) if one.school_id in choices.with_teachers else ()
    staying = {teaching.person_id: teaching for teaching in taught if teaching.is_active}
    leavers = tuple(teaching for teaching in taught if not teaching.is_active)
    return NewClass(one, name, grade, tuple(staying.values()), leavers)


def _work_out_closures(
    facts: Facts, choices: Choices, year: NewYear, today: date
) -> tuple[tuple[NewClosure, ...], tuple[ProposedClosure, ...], tuple[ProposedClosure, ...]]:
    """Return the no-school days to be added, those that are there, and those that cannot be days of the new year."""
    made, there, outside = [], [], []
    fields: dict[str, str] = {}
    for one in (one for one in facts.closures if one.key in choices.closures):
        first_on, last_on = choices.closures[one.key]
        if first_on > last_on:
            fields[f"first-{one.key}"] = worded(
                "%(reason)s: the first day is after the last day.", reason=one.before.reason
            )
            continue
        open_schools = tuple(
            school
            for school in one.schools
            if not any(
                known.first_on <= last_on and first_on <= known.last_on
                for known in (facts.into_calendars[school.id].closures if facts.into is not None else ())
            )
        )
        if not _can_be_closed(first_on, last_on, year, today):
            outside.append(one)
        elif open_schools:
            made.append(NewClosure(one.before, first_on, last_on, open_schools))
        else:
            there.append(one)
    if fields:
        raise Invalid(NOT_TURNED, fields)
    return tuple(made), tuple(there), tuple(outside)


def _can_be_closed(first_on: date, last_on: date, year: NewYear, today: date) -> bool:
    """Whether these days are still to come, inside the year and not only on a weekend."""
    is_inside = year.starts_on <= first_on and last_on <= year.ends_on
    days = ((first_on + timedelta(days=number)).weekday() for number in range((last_on - first_on).days + 1))
    return is_inside and first_on > today and any(day <= 4 for day in days)


def _calendar_after(facts: Facts, year: NewYear, school_id: str, closures: Iterable[NewClosure]) -> Calendar:
    """Return the school's calendar of the new year, with the no-school days that are to be added."""
    base = facts.into_calendars.get(school_id)
    if base is None:
        before = facts.calendars[school_id]
        first_on, last_on = _bounds_after(facts.year, before, year)
        base = replace(before, year_id="", first_on=first_on, last_on=last_on, closures=(), terms=(), decisions=())
    added = [
        replace(one.before, first_on=one.first_on, last_on=one.last_on)
        for one in closures
        if school_id in {school.id for school in one.schools}
    ]
    return replace(base, closures=(*base.closures, *added))


def _bounds_after(old: SchoolYear, before: Calendar, year: NewYear) -> tuple[date, date]:
    """Return a school's first and last day: the year's, unless the school had days of its own."""
    shift = A_YEAR * years_between(old.starts_on, year.starts_on)
    first_on = year.starts_on if before.first_on == old.starts_on else before.first_on + shift
    last_on = year.ends_on if before.last_on == old.ends_on else before.last_on + shift
    first_on = min(max(first_on, year.starts_on), year.ends_on)
    return first_on, max(first_on, min(last_on, year.ends_on))


def _work_out_plan(
    facts: Facts, choices: Choices, after: Mapping[str, Calendar], known_slugs: Collection[str], today: date
) -> CopiedPlan:
    """Return the plan of the chosen schools on the new calendar: the k-th week with school to the k-th."""
    weeks = {
        (school_id, pair.before): pair.after
        for school_id in choices.with_plan & after.keys()
        for pair in pair_weeks(facts.calendars[school_id], after[school_id])
    }
    over = {
        (school_id, week_on) for school_id, week_on in weeks.items() if _is_over(after[school_id[0]], week_on, today)
    }
    made: list[NewEntry] = []
    gone: Counter[str] = Counter()
    there = without_week = 0
    for one in (one for one in facts.plan if one.school_id in choices.with_plan):
        week_on = weeks.get((one.school_id, one.week_on))
        if one.slug not in known_slugs:
            gone[one.slug] += 1
        elif week_on is None or ((one.school_id, one.week_on), week_on) in over:
            without_week += 1
        elif (one.school_id, week_on, one.grade) in facts.into_plan:
            there += 1
        else:
            made.append((one.school_id, week_on, one.grade, one.slug))
    return CopiedPlan(tuple(made), there, tuple(sorted(gone.items())), without_week)


def _is_over(calendar: Calendar, week_on: date | None, today: date) -> bool:
    return week_on is not None and (calendar.due_day(week_on) or week_on + timedelta(days=6)) < today


def grades_without_class(facts: Facts, turnover: Turnover) -> list[tuple[School, list[str]]]:
    """Return the grades that have a class in the old year and would have none in the new one, by school."""
    before, after = defaultdict(set), defaultdict(set)
    for one in facts.classes:
        before[one.school_id].add(one.grade)
    for new in turnover.classes:
        after[new.before.school_id].add(new.grade)
    for known in facts.into_classes:
        after[known.school_id].add(known.grade)
    missing = [
        (school, sorted(before[school.id] - after[school.id], key=GRADES.index))
        for school in facts.schools
        if after[school.id]
    ]
    return [(school, grades) for school, grades in missing if grades]


# --- Making it --------------------------------------------------------------------------------------------------------


class PreviewNeeded(Invalid):
    """What a press would make is not what its preview said, or there was no preview. Nothing was made."""

    def __init__(self) -> None:
        super().__init__(
            worded("Something changed since you looked, so nothing was saved. Please check the preview again.")
        )


def find_into(tx: Reading, into_id: str, new_year: NewYear | None) -> str:
    """Return the ID of the year that takes the copies; empty when it is to be made.

    A new year with the name and days of one that is there is that one: a form that was sent twice makes it once.
    """
    if into_id or new_year is None:
        return into_id
    same = (
        year
        for year in schools.list_years(tx)
        if (name_key(year.name), year.starts_on, year.ends_on)
        == (name_key(new_year.name), new_year.starts_on, new_year.ends_on)
    )
    return next((year.id for year in same), "")


def check_new_year(tx: Reading, new_year: NewYear, today: date) -> None:
    """Raise Invalid with the wrong fields when this cannot be a new school year."""
    check_days(tx, new_year.starts_on, new_year.ends_on, today)
    whole_terms(new_year.starts_on, new_year.ends_on, new_year.terms)
    if any(name_key(year.name) == name_key(new_year.name) for year in schools.list_years(tx)):
        message = worded("There’s already a school year with that name.")
        raise Invalid(NOT_TURNED, {"name": message})


def preview(
    tx: Reading, year_id: str, into_id: str, choices: Choices, *, known_slugs: Collection[str], today: date
) -> tuple[Facts, Turnover]:
    """Return what there is and what these choices would make. Raises Invalid with the wrong fields."""
    into_id = find_into(tx, into_id, choices.new_year)
    if not into_id and choices.new_year is not None:
        check_new_year(tx, choices.new_year, today)
    facts = load_facts(tx, year_id, into_id)
    return facts, work_out(facts, choices, known_slugs=known_slugs, today=today)


def turn_over(
    records: Records,
    by: Person,
    year_id: str,
    into_id: str,
    choices: Choices,
    *,
    seen: str,
    known_slugs: Collection[str],
    at: datetime,
    today: date,
) -> str:
    """Make what the preview with the fingerprint `seen` said and return the ID of the rollover.

    Raises PreviewNeeded when it would make something else now, Invalid with the wrong fields or when everything is there.
    """
    with records.writing() as tx:
        close_weeks(tx, [school.id for school in schools.list_schools(tx)], at)
        facts, turnover = preview(tx, year_id, into_id, choices, known_slugs=known_slugs, today=today)
        if turnover.seen != seen:
            raise PreviewNeeded()
        if turnover.is_empty:
            raise Invalid(worded("Everything you chose is there already. Nothing was added."))
        return _make(tx, facts, turnover, by, at, today)


def _make(tx: Writing, facts: Facts, turnover: Turnover, by: Person, at: datetime, today: date) -> str:
    ids = [school.id for school in facts.schools]
    has_begun = turnover.year.starts_on <= today
    before = calendars.load_calendars_of_schools(tx, ids) if has_begun else {}
    year, items = _make_year(tx, facts, turnover)
    items += _make_closures(tx, turnover.closures, by, at)
    own = calendars.load_calendars(tx, year_id=year.id, school_ids=ids)
    added = _make_classes(tx, year, turnover, own)
    items += added + _make_weekdays(tx, facts, added, by, at)
    items += _make_plan(tx, turnover.plan.entries, by, at)
    rollover_id = rollovers.add_rollover(tx, facts.year.id, year.id, items, by=by, at=at)
    keep_past_due_days(tx, before, ids, batch_id=f"rollover {rollover_id}", by=by, at=at, today=today)
    counts = (
        f"{len(turnover.classes)} classes, {len(turnover.closures)} no-school days, "
        f"{len(turnover.plan.entries)} entries of the plan"
    )
    audit_log.note(tx, by, at, "turn the year over", f"{facts.year.name} to {year.name}", counts)
    return rollover_id


def _make_year(tx: Writing, facts: Facts, turnover: Turnover) -> tuple[SchoolYear, list[RolloverItem]]:
    if facts.into is not None:
        return facts.into, []
    new = turnover.year
    terms = whole_terms(new.starts_on, new.ends_on, new.terms)
    year = schools.add_year(tx, new.name, new.starts_on, new.ends_on, terms)
    for school_id, before in facts.calendars.items():
        bounds = _bounds_after(facts.year, before, new)
        if bounds != (year.starts_on, year.ends_on):
            calendars.set_bounds(tx, school_id, year.id, *bounds)
    return year, [RolloverItem("school_year", year.id, year_facts(year))]


def _make_closures(tx: Writing, wanted: Iterable[NewClosure], by: Person, at: datetime) -> list[RolloverItem]:
    items = []
    for one in wanted:
        batch_id = calendars.add_closure(
            tx, [school.id for school in one.schools], one.first_on, one.last_on, one.before.reason, by=by, at=at,
            kind=ClosureKind(one.before.kind), holds_sessions=one.before.holds_sessions,
        )  # fmt: skip
        added = calendars.list_batch(tx, batch_id)
        items += [RolloverItem("closure", closure.id, closure_facts(closure)) for closure in added]
    return items


def _make_classes(tx: Writing, year: SchoolYear, turnover: Turnover, own: Mapping[str, Calendar]) -> list[RolloverItem]:
    wanted = [
        replace(
            one.before, id="", year_id=year.id, name=one.name, grade=one.grade,
            grades=moved_grades(one.before.grades, one.before.grade, one.grade), follows_id=one.before.id,
            first_on=own[one.before.school_id].first_on, last_on=None,
            teacher_ids=frozenset(teaching.person_id for teaching in one.teachers), teacher_names=(),
        )
        for one in turnover.classes
    ]  # fmt: skip
    items = []
    for added, teaching_ids in classrooms.add_classrooms(tx, wanted):
        items.append(RolloverItem("classroom", added.id, class_facts(added)))
        taught = {"classroom_id": added.id, "first_on": str(added.first_on), "last_on": None}
        items += [RolloverItem("teaching", one, taught) for one in teaching_ids]
    return items


def _make_weekdays(
    tx: Writing, facts: Facts, added: Iterable[RolloverItem], by: Person, at: datetime
) -> list[RolloverItem]:
    """Let each class that follows one with a weekday of its own keep that day."""
    items = []
    last_week = week_of(facts.year.ends_on)
    for one in (one for one in added if one.table == "classroom"):
        weekday = facts.calendars[one.made["school_id"]].own_weekday_of(one.made["follows_id"], last_week)
        if weekday is not None:
            valid_from = week_of(date.fromisoformat(one.made["first_on"]))
            calendars.set_class_weekday(tx, one.row_id, valid_from, weekday, by=by, at=at)
            items.append(RolloverItem("class_weekday", one.row_id, {"days": [[str(valid_from), weekday]]}))
    return items


def _make_plan(tx: Writing, entries: Sequence[NewEntry], by: Person, at: datetime) -> list[RolloverItem]:
    """Plan the sessions. They are one item, named by what they share, because the plan keeps its own history."""
    batch_id, role = secrets.token_urlsafe(16), EnteredRole(by.role.value)
    plans.add_entries(tx, entries, by=by.id, role=role, at=at, batch_id=batch_id)
    return [RolloverItem("plan_entry", batch_id, {"entries": len(entries)})] if entries else []


# --- What a row was when it was made, to see later whether it still is -------------------------------------------------


def year_facts(year: SchoolYear) -> dict[str, object]:
    """Return name, days and terms of the year."""
    terms = [[term.name, str(term.starts_on), str(term.ends_on)] for term in year.terms]
    return {"name": year.name, "starts_on": str(year.starts_on), "ends_on": str(year.ends_on), "terms": terms}


def closure_facts(one: Closure) -> dict[str, object]:
    """Return school, days and reason of the no-school days."""
    return {
        "school_id": one.school_id, "first_on": str(one.first_on), "last_on": str(one.last_on), "reason": one.reason,
    }  # fmt: skip


def class_facts(one: Classroom) -> dict[str, object]:
    """Return what can be changed about the class, without its teachers."""
    return {
        "school_id": one.school_id, "name": one.name, "grade": one.grade, "grades": one.grade_name,
        "size": one.size, "first_on": str(one.first_on), "last_on": one.last_on and str(one.last_on),
        "follows_id": one.follows_id,
    }  # fmt: skip


def teaching_facts(one: Teaching) -> dict[str, object]:
    """Return class and days of the teaching, and not the person."""
    return {
        "classroom_id": one.classroom_id,
        "first_on": str(one.first_on),
        "last_on": one.last_on and str(one.last_on),
    }


def find_year_to_copy(tx: Reading, today: date) -> SchoolYear | None:
    """Return the latest year that has begun and has classes; without one the nearest year, without any None."""
    years = [one for one in schools.list_years(tx) if one.starts_on <= today and classrooms.has_classrooms(tx, one.id)]
    return years[-1] if years else schools.find_nearest_year(tx, today)


def find_year_to_turn(tx: Reading, today: date) -> SchoolYear | None:
    """Return the year to copy when it ends soon or is over, and no class is in a year after it; else None."""
    year = find_year_to_copy(tx, today)
    if year is None or year.ends_on - today > SOON or not classrooms.has_classrooms(tx, year.id):
        return None
    later = (one for one in schools.list_years(tx) if one.starts_on > year.ends_on)
    return None if any(classrooms.has_classrooms(tx, one.id) for one in later) else year
