"""The demo staff's training so far: two modules completed, one practiced, two started, one assigned.

It is derived from what happened in the classes, so it is the same for the same day, and never in the future.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta

from ..domain import (
    CheckTry,
    EnteredRole,
    PartKind,
    Person,
    Reflection,
    Seen,
    Viewing,
    ViewingState,
    Walkthrough,
    WalkthroughItem,
    week_of,
)
from ..library.prepared import PreparedModule
from ..records import Writing, assignments, training, viewings, walkthroughs
from ..training.check import new_try_id
from ..training.completion import complete_if_done, mark_practiced_after_visit
from ..training.visits import new_visit_id
from . import district
from .school_year import DemoYear
from .story import ZONE

PRACTISED = "four-square-breathing-safely"
"""The module that the first teacher completed and practiced."""
SESSION = "four-square-breathing"
COMPLETED = "trauma-sensitive-wording-and-choice"
"""The module that the second teacher completed."""
ASKED = "running-a-friday-session"
"""The module assigned to both schools."""

_TEACHER_2 = "teacher2"
_MINUTE = timedelta(minutes=1)
_TAG = re.compile(r"<[^>]+>")

_ITEMS = {
    WalkthroughItem.CHOICES: Seen.SEEN,
    WalkthroughItem.ALONGSIDE: Seen.SEEN,
    WalkthroughItem.ALTERNATIVE: Seen.SEEN,
    WalkthroughItem.PASSING: Seen.PARTLY,
    WalkthroughItem.CLOSING: Seen.SEEN,
}
_GLOW = "You named both ways before the first breath, and did the one without holds yourself."
_GLOW_LATELY = "You told them how long it would take, and stopped on the minute."
_NEXT_STEP_LATELY = "Leave the silence after your question a little longer; two hands went up just as you went on."
_NEXT_STEP = "Count to five before you take the first answer, so that passing is as easy as talking."
_REFLECTION = (
    "Being told to calm down never helped me. Being shown a second way did. I want to say the way without holds first "
    "for a while, and see who breathes out."
)


class Learning:
    """The training of the demo, inside the one transaction of its load. A library without the modules has none."""

    def __init__(
        self,
        tx: Writing,
        people: Mapping[str, Person],
        modules: Collection[PreparedModule],
        days: DemoYear,
        today: date,
    ) -> None:
        self._tx = tx
        self._people = people
        self._modules = {module.slug: module for module in modules}
        self._days = days
        self._today = today

    def everything(self, school_ids: Collection[str], set_up_at: datetime) -> None:
        """Write everything."""
        teacher, second = self._people[district.TEACHER.key], self._people[_TEACHER_2]
        friday = self._first_friday(teacher)
        if friday is not None and PRACTISED in self._modules:
            self._practise(teacher, self._modules[PRACTISED], friday)
            lately = self._lessons(teacher)[-1]
            if lately != friday:
                self._note_visit(teacher, lately, _GLOW_LATELY, _NEXT_STEP_LATELY)
        third_week = self._days.weeks[2]
        self._complete_on(second, COMPLETED, third_week + timedelta(days=2))
        self._begin_on(second, PRACTISED, third_week + timedelta(days=8), 1)
        last_week = week_of(self._today) - timedelta(days=5)
        self._begin_on(teacher, ASKED, last_week, 2)
        self._ask(school_ids, max(set_up_at, _at(last_week, time(15, 30))))

    def _first_friday(self, teacher: Person) -> Viewing | None:
        """Return when the teacher first led the module's session, if it was logged."""
        return next((one for one in self._lessons(teacher) if one.slug == SESSION), None)

    def _lessons(self, teacher: Person) -> list[Viewing]:
        """Return what the teacher led before today and logged in time, oldest first."""
        found = viewings.list_viewings(self._tx, first=self._days.starts_on, last=self._today - timedelta(days=1))
        return [
            one
            for one in found
            if one.entered_by == teacher.id and one.entered_role is EnteredRole.TEACHER
            if not one.is_late and one.state is ViewingState.DELIVERED
        ]

    def _practise(self, teacher: Person, module: PreparedModule, friday: Viewing) -> None:
        """Write a module taken before school, practiced that day with the coach visiting."""
        begins = _at(friday.on_day, time(7, 15))
        written = Reflection(
            teacher.id, module.slug, "reflect-1", _first_prompt(module), _REFLECTION, begins, begins + _MINUTE
        )
        training.put_reflection(self._tx, written)
        training.put_facilitation_plan(
            self._tx, teacher.id, module.slug, friday.classroom_id, friday.on_day, begins + 2 * _MINUTE
        )
        self._complete_on(teacher, module.slug, friday.on_day)
        after = _at(friday.on_day, time(15, 20))
        training.put_facilitation_viewing(self._tx, teacher.id, module.slug, friday.id, after)
        self._note_visit(teacher, friday, _GLOW, _NEXT_STEP)

    def _note_visit(self, teacher: Person, lesson: Viewing, glow: str, next_step: str) -> None:
        """Write the coach's classroom visit, logged that afternoon."""
        coach = self._people[district.COACH.key]
        walkthroughs.add_walkthrough(
            self._tx,
            Walkthrough(
                id=new_visit_id(),
                classroom_id=lesson.classroom_id,
                slug=lesson.slug,
                on_day=lesson.on_day,
                coach_id=coach.id,
                coach_name=coach.name,
                teacher_id=teacher.id,
                teacher_name=teacher.name,
                items=_ITEMS,
                glow=glow,
                next_step=next_step,
                noted_at=_at(lesson.on_day, time(15, 25)),
            ),
        )
        mark_practiced_after_visit(self._tx, teacher.id)

    def _complete_on(self, person: Person, slug: str, on_day: date) -> None:
        """Every part and the check, one after the other before school on that day."""
        module = self._modules.get(slug)
        if module is None or on_day >= self._today:
            return
        kinds = [part.kind for part in module.parts if part.kind not in (PartKind.CHECK, PartKind.TRY)]
        at = _at(on_day, time(7, 15))
        for kind in kinds:
            at += 2 * _MINUTE
            training.note_done(self._tx, person.id, slug, kind, at)
        at += 5 * _MINUTE
        answers = {question.key: question.right for question in module.questions}
        count = len(module.graded)
        passed = CheckTry(new_try_id(), person.id, slug, module.revision, answers, count, count, True, at)
        training.add_try(self._tx, passed)
        complete_if_done(self._tx, person, module, at, on_day)

    def _begin_on(self, person: Person, slug: str, on_day: date, parts: int) -> None:
        """The first parts of a module, after school on that day; the next one was looked at."""
        module = self._modules.get(slug)
        if module is None or not self._days.starts_on <= on_day < self._today:
            return
        at = _at(on_day, time(15, 40))
        for part in module.parts[:parts]:
            training.note_done(self._tx, person.id, slug, part.kind, at)
            at += part.minutes * _MINUTE
        training.note_seen(self._tx, person.id, slug, module.parts[parts].kind, at)

    def _ask(self, school_ids: Collection[str], at: datetime) -> None:
        """Write the assignment, due on the Friday after next."""
        if ASKED not in self._modules:
            return
        coach, due_on = self._people[district.COACH.key], week_of(self._today) + timedelta(days=18)
        for school_id in school_ids:
            assignments.put_assignment(self._tx, ASKED, school_id=school_id, due_on=due_on, by=coach.id, at=at)


def _first_prompt(module: PreparedModule) -> str:
    asked = (block for part in module.parts if part.kind is PartKind.REFLECT for block in part.parts)
    first = next((block.html for block in asked if block.name == "ask"), "")
    return html.unescape(_TAG.sub("", first)).strip()


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZONE)
