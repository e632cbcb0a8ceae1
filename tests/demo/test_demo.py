"""The fictional district: what it holds, that it is always the same, and that it never touches a real site."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.scratch import CHECKOUT, add_person, bundled_videos, fresh_records
from wellness.demo import PASSWORD, DemoSession, DemoSummary, load_demo
from wellness.demo.learning import ASKED, COMPLETED, PRACTISED
from wellness.demo.school_year import ORDER, plan_weeks, rotation, year_of
from wellness.demo.story import ZONE
from wellness.domain import (
    Band,
    EnteredRole,
    Language,
    Level,
    NotDoneReason,
    PlanEntry,
    Role,
    Viewing,
    ViewingState,
    school_day,
    week_of,
)
from wellness.errors import Misconfigured
from wellness.library.prepared import MODULE_JSON, PreparedModule, Text, prepare
from wellness.records import (
    Reading,
    Records,
    assignments,
    audit_log,
    calendars,
    classrooms,
    completions,
    door_cards,
    outcomes,
    outside_lessons,
    people,
    plans,
    schools,
    settings,
    training,
    viewings,
)
from wellness.records.walkthroughs import list_walkthroughs
from wellness.school.reporting import CellState, Grid, GridFilter, week_grid
from wellness.training import parts as training_parts
from wellness.training import reflections
from wellness.training import visits as training_visits
from wellness.training.parts import ModuleState

LIBRARY = Path(__file__).parents[2] / "content" / "sessions"

K_2, G3_5, G6_8, G9_12 = Band
FITTING = {
    "asking-for-help": (G6_8, G9_12),
    "body-scan": (G6_8, G9_12),
    "four-square-breathing": (G3_5, G6_8, G9_12),
    "gratitude-note": (G3_5, G6_8),
    "kind-self-talk": (G3_5, G6_8),
    "listening-pairs": (G3_5, G6_8, G9_12),
    "movement-reset": (K_2, G3_5, G6_8),
    "noticing-around-us": (K_2, G3_5),
    "small-choices": (G6_8,),
    "wind-down-for-the-weekend": (K_2, G3_5),
}
SESSIONS = {slug: DemoSession(12, 5, f"text-{slug}", bands) for slug, bands in FITTING.items()}

SUMMER = date(2026, 7, 15)
FIRST_DAY = date(2026, 8, 17)
MONDAY = date(2026, 10, 5)
FRIDAY = date(2026, 11, 20)
THANKSGIVING = date(2026, 11, 26)
WINTER_BREAK = date(2026, 12, 29)
ANY_DAY = (SUMMER, FIRST_DAY, MONDAY, FRIDAY, WINTER_BREAK)


# --- Loading and looking ----------------------------------------------------------------------------------------------


def noon(today: date) -> datetime:
    return datetime.combine(today, time(12), ZONE)


@cache
def modules() -> tuple[PreparedModule, ...]:
    """The training modules that come with the site."""
    found = []
    for path in sorted((CHECKOUT / "content" / "training").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        outcome = prepare(Text("training", path.stem, Language.EN, path.name, text, videos=bundled_videos()))
        assert outcome.document is not None, outcome.problems
        found.append(MODULE_JSON.validate_json(outcome.document))
    return tuple(found)


def load(records: Records, today: date, sessions: dict[str, DemoSession] | None = None) -> DemoSummary:
    return load_demo(records, today, lambda word: f"hash of {word}", sessions or SESSIONS, noon(today), modules())


Loaded = Callable[[date], Records]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The demo as loaded on a day, to look at and not to change: each day is loaded once for all tests."""
    opened: list[Records] = []

    @cache
    def of(today: date) -> Records:
        records = fresh_records(tmp_path_factory.mktemp("demo"))
        opened.append(records)
        load(records, today)
        return records

    yield of
    for records in opened:
        records.close()


def all_viewings(tx: Reading) -> list[Viewing]:
    return viewings.list_viewings(tx, first=date(2000, 1, 1), last=date.max)


def whole_plan(tx: Reading) -> list[PlanEntry]:
    return plans.list_plan(tx, first=date.min + timedelta(days=7), last=date.max)


def learned(tx: Reading) -> list[tuple[str, str, str]]:
    """What the staff learned: completions, visits, words, begun parts, what is asked."""
    names = {person.id: person.name for person in people.list_people(tx)}
    done = [
        (one.person_name, one.slug, f"{one.completed_on} {one.practised_on} {one.hours}")
        for listed in completions.list_completions(tx, names).values()
        for one in listed
    ]
    seen = [
        (names[whose], slug, f"{part.kind} {part.seen_at} {part.done_at}")
        for (whose, slug), parts in training.list_progress(tx, names).items()
        for part in parts
    ]
    wrote = [(names[one.person_id], one.slug, one.text) for one in training.list_shared_reflections(tx, names)]
    visits = [(one.teacher_name or "", one.slug, f"{one.on_day} {one.noted_at}") for one in list_walkthroughs(tx)]
    asked = [("asked", one.slug, f"{one.due_on}") for one in assignments.list_assignments(tx)]
    return done + seen + wrote + visits + asked


def facts(records: Records) -> dict[str, list[Any]]:
    """Everything a screen may show, with names where the records have random ids."""
    with records.reading() as tx:
        year = schools.list_years(tx)[-1]
        rooms = {room.id: room for room in classrooms.list_classrooms(tx, year_id=year.id, on_day=year.starts_on)}
        return {
            "settings": [settings.load_settings(tx)],
            "people": [(one.email, one.name, one.role) for one in people.list_people(tx)],
            "year": [(year.name, year.starts_on, year.ends_on)],
            "terms": [(term.name, term.starts_on, term.ends_on) for term in year.terms],
            "days off": [
                (one.first_on, one.last_on, one.reason, school.name)
                for school in schools.list_schools(tx)
                for one in calendars.load_calendars(tx, year_id=year.id, school_ids=[school.id])[school.id].closures
            ],
            "classes": [
                (
                    room.school_name,
                    room.name,
                    room.grade,
                    room.size,
                    room.teacher_names,
                    bool(door_cards.door_of(tx, room.id)),
                )
                for room in rooms.values()
            ],
            "plan": sorted((entry.week_on, entry.grade, entry.slug) for entry in whole_plan(tx)),
            "viewings": [
                (one.on_day, rooms[one.classroom_id].name, replace(one, classroom_id="", entered_by=None))
                for one in all_viewings(tx)
            ],
            "history": [
                (change.on_day, room.name, change.slug, change.at, change.by_name, str(change.after))
                for room in rooms.values()
                for change in outcomes.list_changes(tx, room.id, first=date.min, last=date.max)
            ],
            "training": sorted(learned(tx)),
            "lessons": sorted(
                (one.on_day, rooms[one.classroom_id].name, one.minutes, one.curriculum, one.title, one.entered_at)
                for one in outside_lessons.list_outside_lessons(tx, first=date.min, last=date.max)
            ),
        }


def grid_on(records: Records, today: date, first: date | None = None) -> Grid:
    with records.reading() as tx:
        year = schools.list_years(tx)[-1]
        coach = people.find_person_by_email(tx, "coach@demo.test")
        assert coach is not None
        chosen = GridFilter(first or year.starts_on, min(today, year.ends_on))
        return week_grid(tx, coach, year, chosen, today)


# --- The district -----------------------------------------------------------------------------------------------------


def test_the_district_has_its_schools_classes_and_staff(records: Records) -> None:
    summary = load(records, MONDAY)

    assert (summary.is_new, summary.schools, summary.classrooms, summary.teachers) == (True, 2, 30, 12)
    roles = Counter(sign_in.role for sign_in in summary.sign_ins)
    assert roles == {Role.TEACHER: 12, Role.COACH: 2, Role.PRINCIPAL: 1, Role.ADMIN: 1}
    assert {"admin@demo.test", "coach@demo.test", "coach2@demo.test", "teacher@demo.test", "teacher2@demo.test"} <= {
        sign_in.email for sign_in in summary.sign_ins
    }
    assert summary.viewings > 150
    assert summary.outside_lessons > 150
    with records.reading() as tx:
        hashes = {people.password_hash_of(tx, person.id) for person in people.list_people(tx)}
    assert hashes == {f"hash of {PASSWORD}"} == {"hash of four-square"}


def test_coaches_have_their_schools(records: Records) -> None:
    with_schools = {sign_in.email: sign_in.school for sign_in in load(records, FIRST_DAY).sign_ins}

    assert with_schools["coach@demo.test"] is None
    assert with_schools["principal@demo.test"] == "Heron Ford Middle School"
    assert with_schools["coach2@demo.test"] == "Marigold Ridge Elementary School"
    assert with_schools["teacher@demo.test"] == "Heron Ford Middle School"


def test_classes_have_grades_sizes_and_teachers(loaded: Loaded) -> None:
    rooms = [row.classroom for row in grid_on(loaded(FRIDAY), FRIDAY).rows]

    assert {room.grade for room in rooms} == {"K", "1", "2", "3", "4", "5", "6", "7", "8"}
    assert all(14 <= room.size <= 30 for room in rooms)
    assert Counter(len(room.teacher_ids) for room in rooms).keys() == {0, 1, 2}
    assert sum(not room.teacher_ids for room in rooms) == 1


def test_the_first_teacher_has_an_advisory_and_two_periods_in_different_grades(loaded: Loaded) -> None:
    own = [
        row.classroom
        for row in grid_on(loaded(FRIDAY), FRIDAY).rows
        if is_of_teacher(loaded(FRIDAY), row.classroom.teacher_ids)
    ]

    assert len(own) == len({room.grade for room in own}) == 3
    assert [room.name.split()[0] for room in own].count("Advisory") == 1


def is_of_teacher(records: Records, teacher_ids: frozenset[str], email: str = "teacher@demo.test") -> bool:
    with records.reading() as tx:
        person = people.find_person_by_email(tx, email)
    return person is not None and person.id in teacher_ids


def test_most_classes_have_a_door_card_that_opens(loaded: Loaded) -> None:
    records = loaded(FRIDAY)
    with records.reading() as tx:
        cards = [door_cards.door_of(tx, row.classroom.id) for row in grid_on(records, FRIDAY).rows]
        issued = [card for card in cards if card is not None]
        assert all(door_cards.find_door_card(tx, card.code, FRIDAY) == card for card in issued)
    assert 24 <= len(issued) < len(cards)


def test_each_school_has_people_to_talk_to_with_numbers_that_ring_nowhere(loaded: Loaded) -> None:
    with loaded(FRIDAY).reading() as tx:
        contacts = settings.load_settings(tx).contacts
        names = {school.name for school in schools.list_schools(tx)}

    assert {contact.school for contact in contacts} == names
    assert all(contact.name and contact.place and contact.reach for contact in contacts)
    numbers = [number for contact in contacts for number in re.findall(r"[\d-]{7,}", contact.reach)]
    assert numbers and all(re.fullmatch(r"555-01\d\d", number) for number in numbers)


# --- The year and its plan --------------------------------------------------------------------------------------------


def test_every_day_has_one_school_year_that_has_begun() -> None:
    day = date(2019, 8, 25)
    while day < date(2036, 8, 10):
        year = year_of(day)
        assert year.starts_on <= day < year_of(year.ends_on + timedelta(days=100)).starts_on, day
        day += timedelta(days=1)


@pytest.mark.parametrize("begins", range(2019, 2036))
def test_a_school_year_is_whole_in_every_calendar(begins: int) -> None:
    year = year_of(date(begins, 10, 1))

    assert date(begins, 8, 15) <= year.starts_on <= date(begins, 8, 21)
    assert (year.starts_on.weekday(), year.ends_on.weekday()) == (0, 4)
    assert date(begins + 1, 6, 2) <= year.ends_on <= date(begins + 1, 6, 8)
    (_, first, before), (_, after, last) = year.terms
    assert (first, last) == (year.starts_on, year.ends_on)
    assert before < after
    assert all(year.starts_on < first <= last < year.ends_on for first, last, _ in year.closed)
    assert all(first.weekday() < 5 and last.weekday() < 5 for first, last, _ in year.closed)
    assert not any(first <= year.workday_on <= last for first, last, _ in year.closed)
    assert year.workday_on.weekday() < 5
    assert {"Labor Day", "Thanksgiving break", "Winter break", "Martin Luther King Jr. Day", "Spring break"} <= {
        reason for _, _, reason in year.closed
    }
    assert 35 <= sum(year.week(week_on, has_workday=True) is not None for week_on in year.weeks) <= 40


def test_known_holidays_fall_on_their_days() -> None:
    def reasons(day: date) -> list[str]:
        return [reason for first, last, reason in year_of(FRIDAY).closed if first <= day <= last]

    assert reasons(date(2026, 9, 7)) == ["Labor Day"]
    assert reasons(THANKSGIVING) == ["Thanksgiving break"]
    assert reasons(date(2026, 12, 25)) == reasons(date(2027, 1, 1)) == ["Winter break"]
    assert reasons(date(2027, 1, 18)) == ["Martin Luther King Jr. Day"]
    assert reasons(date(2027, 5, 31)) == ["Memorial Day"]


@pytest.mark.parametrize("today", ANY_DAY)
def test_every_grade_has_a_fitting_session_in_every_week_with_school(loaded: Loaded, today: date) -> None:
    year = year_of(today)
    school_weeks = {week_on for week_on in year.weeks if year.week(week_on, has_workday=False) is not None}
    with loaded(today).reading() as tx:
        plan = whole_plan(tx)

    assert all(Band.of(entry.grade) in FITTING[entry.slug] for entry in plan)
    for grade in ("K", "1", "2", "3", "4", "5", "6", "7", "8"):
        assert {entry.week_on for entry in plan if entry.grade == grade} == school_weeks


@pytest.mark.parametrize("band", [K_2, G3_5, G6_8])
def test_a_session_comes_back_as_late_as_the_library_allows(band: Band) -> None:
    planned = list(plan_weeks(year_of(FRIDAY), rotation(SESSIONS, band)).values())
    apart = min(4, sum(band in bands for bands in FITTING.values()))

    assert all(slug not in planned[place + 1 : place + apart] for place, slug in enumerate(planned))


@pytest.mark.parametrize("band", [G3_5, G6_8])
def test_four_square_breathing_comes_early(band: Band) -> None:
    planned = list(plan_weeks(year_of(FRIDAY), rotation(SESSIONS, band)).values())

    assert "four-square-breathing" in planned[:3]


def test_the_order_of_the_year_names_sessions_of_the_library() -> None:
    assert set(ORDER) <= {file.stem for file in LIBRARY.glob("*.md")}


def test_a_session_the_demo_does_not_know_is_planned_too() -> None:
    own = {**SESSIONS, "a-new-one": DemoSession(12, 5, "text", (K_2,))}

    assert "a-new-one" in rotation(own, K_2)
    assert "a-new-one" not in rotation(own, G3_5)


# --- What happened ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("today", ANY_DAY)
def test_nothing_happened_today_later_or_on_a_day_without_school(loaded: Loaded, today: date) -> None:
    with loaded(today).reading() as tx:
        year = schools.list_years(tx)[-1]
        school_ids = [school.id for school in schools.list_schools(tx)]
        own = calendars.load_calendars(tx, year_id=year.id, school_ids=school_ids)
        school_of = {
            room.id: room.school_id for room in classrooms.list_classrooms(tx, year_id=year.id, on_day=year.starts_on)
        }
        seen = all_viewings(tx)
        lessons = outside_lessons.list_outside_lessons(tx, first=date.min, last=date.max)

    days = {(one.on_day, one.classroom_id) for one in seen} | {(one.on_day, one.classroom_id) for one in lessons}
    for on_day, classroom_id in days:
        assert year.starts_on <= on_day < today
        assert own[school_of[classroom_id]].is_school_day(on_day)
    instants = [at for one in seen for at in (one.opened_at, one.played_at, one.entered_at) if at is not None]
    assert all(school_day(at, ZONE) < today for at in instants)
    assert all(time(7, 30) <= at.astimezone(ZONE).time() <= time(15, 30) for at in instants)


@pytest.mark.parametrize("today", ANY_DAY)
def test_late_is_what_was_entered_on_a_later_day(loaded: Loaded, today: date) -> None:
    with loaded(today).reading() as tx:
        entered = [one for one in all_viewings(tx) if one.entered_at is not None]

    for one in entered:
        assert one.entered_at is not None
        assert one.is_late == (school_day(one.entered_at, ZONE) > one.on_day)


@pytest.mark.parametrize("today", [FRIDAY, WINTER_BREAK])
def test_every_kind_of_viewing_occurs(loaded: Loaded, today: date) -> None:
    with loaded(today).reading() as tx:
        seen = all_viewings(tx)

    assert {one.state for one in seen} == set(ViewingState)
    assert {one.reason for one in seen} == {None, *NotDoneReason} - {NotDoneReason.NO_SCHOOL}
    assert {one.extent is not None and one.extent.value for one in seen} == {False, "whole", "shortened"}
    assert {one.entered_role for one in seen} == set(EnteredRole) - {EnteredRole.ADMIN}
    by_substitutes = [one for one in seen if one.entered_role is EnteredRole.SUBSTITUTE]
    assert all(one.entered_by is None and not one.is_late for one in by_substitutes)
    assert any(one.is_late for one in seen)
    assert any(one.on_day != week_of(one.on_day) + timedelta(days=4) for one in seen)


def test_what_people_said_has_its_history(loaded: Loaded) -> None:
    told = facts(loaded(FRIDAY))
    said = [one for *_, one in told["viewings"] if one.entered_at is not None]

    assert len(told["history"]) == len(said) > 0


def test_the_grid_is_plausible(loaded: Loaded) -> None:
    grid = grid_on(loaded(WINTER_BREAK), WINTER_BREAK)
    totals = grid.totals

    assert totals.planned == sum(cell.is_planned(WINTER_BREAK) for row in grid.rows for cell in row.cells) > 450
    assert 0.65 <= totals.delivered / totals.planned <= 0.9
    assert 0.05 <= totals.shortened / totals.delivered <= 0.25
    assert 0.03 <= totals.not_done / totals.planned <= 0.2
    assert 0.03 <= totals.open / totals.planned <= 0.2
    minutes = [cell.minutes for row in grid.rows for cell in row.cells if cell.is_planned(WINTER_BREAK)]
    assert 0.25 <= totals.on_target / totals.weeks_counted <= 0.55
    assert sum(30 <= one <= 50 for one in minutes) / len(minutes) > 0.55
    assert max(minutes) <= 90


def test_a_session_takes_about_as_long_as_it_says(loaded: Loaded) -> None:
    with loaded(FRIDAY).reading() as tx:
        delivered = [one for one in all_viewings(tx) if one.state is ViewingState.DELIVERED]

    for one in delivered:
        planned = 12 if one.extent == "whole" else 5
        assert one.minutes is not None
        assert planned - 1 <= one.minutes <= planned + 2


@pytest.mark.parametrize("today", [FRIDAY, FRIDAY + timedelta(days=2)])
def test_the_first_teacher_can_run_this_week(loaded: Loaded, today: date) -> None:
    records = loaded(today)
    rows = grid_on(records, today, first=today).rows
    own = [row.cells[0] for row in rows if is_of_teacher(records, row.classroom.teacher_ids)]

    expected = CellState.DUE if today == FRIDAY else CellState.NOTHING_LOGGED
    assert [cell.state for cell in own] == [expected] * 3
    assert all(cell.slug is not None and not cell.viewings and not cell.lessons for cell in own)


def test_on_the_due_day_a_few_classes_were_early_and_the_rest_is_to_do(loaded: Loaded) -> None:
    cells = Counter(row.cells[0].state for row in grid_on(loaded(FRIDAY), FRIDAY, first=FRIDAY).rows)

    early = sum(number for state, number in cells.items() if state.is_delivered)
    assert 2 <= early <= 8
    assert cells[CellState.DUE] >= 18


def test_a_week_without_school_is_one(loaded: Loaded) -> None:
    rows = grid_on(loaded(WINTER_BREAK), WINTER_BREAK, first=WINTER_BREAK).rows

    assert {row.cells[0].state for row in rows} == {CellState.NO_SCHOOL}


def test_the_first_day_has_a_plan_and_no_history(loaded: Loaded) -> None:
    grid = grid_on(loaded(FIRST_DAY), FIRST_DAY)

    assert {row.cells[-1].state for row in grid.rows} == {CellState.UPCOMING}
    assert all(cell.slug is not None for row in grid.rows for cell in row.cells)
    with loaded(FIRST_DAY).reading() as tx:
        assert all_viewings(tx) == []


def test_the_summer_shows_the_year_that_ended(loaded: Loaded) -> None:
    with loaded(SUMMER).reading() as tx:
        (year,) = schools.list_years(tx)
    totals = grid_on(loaded(SUMMER), SUMMER).totals

    assert year.name == "2025-26"
    assert totals.delivered > 800


# --- Always the same --------------------------------------------------------------------------------------------------


def test_the_same_day_gives_the_same_facts(loaded: Loaded, records: Records) -> None:
    load(records, FRIDAY)

    assert facts(records) == facts(loaded(FRIDAY))


def test_a_later_day_adds_to_the_story_and_does_not_change_it(loaded: Loaded) -> None:
    earlier, later = facts(loaded(MONDAY)), facts(loaded(FRIDAY))
    settled = MONDAY - timedelta(days=7)

    for kind in ("viewings", "history", "lessons"):
        before = [one for one in earlier[kind] if one[0] < settled]
        assert before
        assert before == [one for one in later[kind] if one[0] < settled]
    assert earlier["plan"] == later["plan"]
    assert earlier["classes"] == later["classes"]


# --- What the staff learned -------------------------------------------------------------------------------------------


def state(records: Records, email: str, slug: str, today: date) -> ModuleState:
    module = next(module for module in modules() if module.slug == slug)
    with records.reading() as tx:
        person = people.find_person_by_email(tx, f"{email}@demo.test")
        assert person is not None
        return training_parts.state_of(tx, person, module, today)


def test_the_first_teacher_practised_a_module_and_began_another(loaded: Loaded) -> None:
    done = state(loaded(FRIDAY), "teacher", PRACTISED, FRIDAY)
    assert done.level is Level.PRACTISED
    assert done.minutes_left == 0
    begun = state(loaded(FRIDAY), "teacher", ASKED, FRIDAY)
    assert (begun.done_parts, begun.level) == (2, None)
    assert begun.due_on is not None
    assert begun.due_on > FRIDAY
    assert not begun.is_overdue


def test_the_second_teacher_completed_a_module_and_began_another(loaded: Loaded) -> None:
    assert state(loaded(FRIDAY), "teacher2", COMPLETED, FRIDAY).level is Level.COMPLETED
    assert state(loaded(FRIDAY), "teacher2", PRACTISED, FRIDAY).done_parts == 1


def test_the_coach_noted_two_visits_and_may_read_what_was_shared(loaded: Loaded) -> None:
    with loaded(FRIDAY).reading() as tx:
        coach = people.find_person_by_email(tx, "coach@demo.test")
        assert coach is not None
        latest, first = training_visits.list_for_coach(tx, coach)
        (shared,) = reflections.list_shared(tx, coach, FRIDAY)
    assert first.teacher_name == latest.teacher_name == shared.name == "Ms. Josefina Marlowe-Tran"
    assert first.slug == PRACTISED.removesuffix("-safely")
    assert FRIDAY - timedelta(days=14) < latest.on_day < FRIDAY
    assert shared.reflection.prompt.endswith("?")


@pytest.mark.parametrize("today", ANY_DAY)
def test_nobody_learned_anything_today_or_later(loaded: Loaded, today: date) -> None:
    with loaded(today).reading() as tx:
        everybody = [person.id for person in people.list_people(tx)]
        found = [one for listed in completions.list_completions(tx, everybody).values() for one in listed]
        visits = list_walkthroughs(tx)
        parts = [part for listed in training.list_progress(tx, everybody).values() for part in listed]
        tries = [one for listed in training.list_tries(tx, everybody).values() for one in listed]
    days = [one.completed_on for one in found] + [visit.on_day for visit in visits]
    days += [one.practised_on for one in found if one.practised_on is not None]
    at = [part.seen_at for part in parts] + [one.tried_at for one in tries] + [visit.noted_at for visit in visits]
    assert all(day < today for day in days + [school_day(one, ZONE) for one in at])
    assert bool(days) is (today != FIRST_DAY)


def test_a_library_without_modules_has_no_training(records: Records) -> None:
    load_demo(records, FRIDAY, lambda word: word, SESSIONS, noon(FRIDAY))
    with records.reading() as tx:
        assert learned(tx) == []


# --- Never a real site, never half ------------------------------------------------------------------------------------


def test_a_second_load_changes_nothing(records: Records) -> None:
    first = load(records, MONDAY)
    before = facts(records)

    second = load(records, FRIDAY)

    assert not second.is_new
    assert [getattr(second, name) for name in DemoSummary.__slots__[1:]] == [
        getattr(first, name) for name in DemoSummary.__slots__[1:]
    ]
    assert facts(records) == before
    with records.reading() as tx:
        assert [entry.action for entry in audit_log.list_audit(tx)] == ["load demo"]


def test_a_site_with_a_real_person_is_refused(records: Records) -> None:
    with records.writing() as tx:
        people.add_person(
            tx, email="pat@school.example", name="Pat", role=Role.ADMIN, password_hash="!", at=noon(MONDAY)
        )
        add_person(tx, "Admin", Role.ADMIN)

    with pytest.raises(Misconfigured, match="real school"):
        load(records, MONDAY)

    with records.reading() as tx:
        assert len(people.list_people(tx)) == 2
        assert schools.list_schools(tx) == []


def test_a_real_person_whose_account_is_closed_is_real_too(records: Records) -> None:
    with records.writing() as tx:
        pat = people.add_person(
            tx, email="pat@demo.test.example", name="Pat", role=Role.ADMIN, password_hash="!", at=noon(MONDAY)
        )
        people.close_account(tx, pat.id)

    with pytest.raises(Misconfigured, match="real school"):
        load(records, MONDAY)


def test_a_school_that_has_nobody_yet_is_real_too(records: Records) -> None:
    with records.writing() as tx:
        schools.add_school(tx, "Elm School")

    with pytest.raises(Misconfigured, match="real school"):
        load(records, MONDAY)

    with records.reading() as tx:
        assert [school.name for school in schools.list_schools(tx)] == ["Elm School"]


def test_a_library_without_sessions_for_a_band_is_refused(records: Records) -> None:
    without = {slug: session for slug, session in SESSIONS.items() if K_2 not in session.bands}

    with pytest.raises(Misconfigured, match="grades K-2"):
        load(records, MONDAY, without)

    assert_empty(records)


class Broken(dict[str, DemoSession]):
    """Sessions that fail in the middle of the story."""

    def __getitem__(self, slug: str) -> DemoSession:
        if slug == "listening-pairs":
            raise RuntimeError("the power went out")
        return super().__getitem__(slug)


def test_a_load_that_breaks_off_leaves_nothing(records: Records) -> None:
    with pytest.raises(RuntimeError, match="the power went out"):
        load(records, MONDAY, Broken(SESSIONS))

    assert_empty(records)


def assert_empty(records: Records) -> None:
    with records.reading() as tx:
        assert people.list_people(tx, inactive=True) == []
        assert schools.list_schools(tx) == []
        assert schools.list_years(tx) == []
        assert whole_plan(tx) == []
        assert all_viewings(tx) == []
        assert audit_log.list_audit(tx) == []
