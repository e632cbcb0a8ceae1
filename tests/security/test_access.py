"""Every route × every kind of actor, expected from the one table in `policy`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.support.demo_site import COVERED, MONDAY, OWN, STRANGE, TODAY, DemoSite
from tests.support.pages import PageClient, names_in
from tests.support.scratch import DONE, close_school
from wellness.demo.district import DOMAIN
from wellness.domain import (
    EVERYWHERE,
    ClassChangeKind,
    Classroom,
    EnteredRole,
    Language,
    MinutesTarget,
    Person,
    Reach,
    Role,
    Seen,
    Walkthrough,
    WalkthroughItem,
)
from wellness.media import MediaStore
from wellness.policy import RULES, Action, Actor, DoorHolder, Scope, Visitor, has_role, manages, may
from wellness.records import (
    amendments,
    assignments,
    calendars,
    class_changes,
    classrooms,
    completions,
    door_notes,
    minutes_targets,
    outcomes,
    outside_lessons,
    people,
    plans,
    rollovers,
    training,
    walkthroughs,
)

SLUG = "four-square-breathing"
MODULE = "four-square-breathing-safely"
"""What the teacher of the class has completed."""
ACTORS = (
    "visitor", "door", "door of another class", "teacher", "teacher2", "coach", "coach of the school", "coach2",
    "principal", "principal of all", "principal of another school", "admin", "admin of the school",
    "admin of another school", "former",
)  # fmt: skip
"""`teacher` teaches the class and `teacher2` another one; `coach` and `admin` have every school, `coach2` the other one;
`principal` has the class's school; `former` was
a teacher of the class and is deactivated while signed in."""

LAST = (
    "classroom.issue_door", "classroom.revoke_door", "people.remove", "account.sign_out_everywhere", "auth.sign_out"
)  # fmt: skip
"""What ends what the others need."""

NOTHING_THERE = {
    "studio.begin_again", "studio.discard", "studio.publish", "studio.restore", "studio.show_pack", "studio.take_pack",
    "people.slip", "studio.unschedule", "training.save_words", "coach.undo_import",
}  # fmt: skip
"""Routes about a draft, a pack or work that the class's school has none of: who may use them is told so."""

ALLOWED, FORBIDDEN, HIDDEN, SIGN_IN = "allowed", "forbidden", "hidden", "sign in first"


@dataclass
class Matrix:
    """The class everything is tried on, and something of each kind that belongs to it."""

    demo: DemoSite
    classroom: Classroom
    strange: Classroom
    ids: dict[str, str]

    def actor(self, name: str) -> tuple[Actor, PageClient, str]:
        """Who it is, a browser, and the door code in the hand."""
        if name == "visitor":
            return Visitor(), self.demo.browser(), "WRONG234"
        if name == "door":
            return DoorHolder(self.classroom.id), self.demo.browser(), self.demo.door(OWN).code
        if name == "door of another class":
            return DoorHolder(self.strange.id), self.demo.browser(), self.demo.door(STRANGE).code
        if name in EXTRA:
            role, reaches = EXTRA[name]
            name = add_extra(self.demo, name, role, reaches(self))
        if name == "former":
            browser = self.demo.signed_in("teacher")
            with self.demo.records.writing() as tx:
                return people.close_account(tx, self.demo.person("teacher").id), browser, "WRONG234"
        return self.demo.person(name), self.demo.signed_in(name), "WRONG234"

    def routes(self) -> list[tuple[str, str, Action]]:
        """Method, endpoint and action of every route, those that end something last."""
        found = []
        for rule in self.demo.app.url_map.iter_rules():
            if rule.endpoint == "static":
                continue
            action = getattr(self.demo.app.view_functions[rule.endpoint], "action", None)
            assert action is not None, f"{rule.endpoint} does not say which action of the policy it is"
            found += [(method, rule.endpoint, action) for method in (rule.methods or set()) & {"GET", "POST"}]
        return sorted(found, key=lambda route: (LAST.index(route[1]) if route[1] in LAST else -1, route[0], route[1]))

    def address(self, rule: Rule, code: str) -> str:
        """Where the route is for the class."""
        values = {**self.ids, "code": code}
        if rule.endpoint == "browse.page":
            values["slug"] = "about"
        if rule.endpoint == "media.medium":
            medium = MediaStore(self.demo.settings.media).get_medium(SLUG)
            values |= {"digest": medium.digest, "file": medium.versions[0].file}
        if rule.endpoint.startswith("studio."):
            values["kind"] = "sessions"
        if rule.endpoint.startswith("training."):
            values["slug"] = MODULE
        if rule.endpoint.startswith("certificates."):
            values["code"] = self.ids["certificate"]
        with self.demo.app.test_request_context():
            return self.demo.app.url_map.bind("localhost").build(rule.endpoint, {k: values[k] for k in rule.arguments})

    def rule(self, endpoint: str) -> Rule:
        """The route of an endpoint."""
        return next(iter(self.demo.app.url_map.iter_rules(endpoint)))


EXTRA: dict[str, tuple[Role, Callable[[Matrix], Reach]]] = {
    "coach of the school": (Role.COACH, lambda matrix: Reach.of(matrix.classroom.school_id)),
    "principal of all": (Role.PRINCIPAL, lambda _: EVERYWHERE),
    "principal of another school": (Role.PRINCIPAL, lambda matrix: Reach.of(matrix.strange.school_id)),
    "admin of the school": (Role.ADMIN, lambda matrix: Reach.of(matrix.classroom.school_id)),
    "admin of another school": (Role.ADMIN, lambda matrix: Reach.of(matrix.strange.school_id)),
}
"""Kinds of a role that the demo has nobody of: for all schools, for the class's and for another."""


def add_extra(demo: DemoSite, name: str, role: Role, reach: Reach) -> str:
    """Add such a person, once, and return the key of the account."""
    key = name.replace(" ", "-")
    with demo.records.writing() as tx:
        if people.find_person_by_email(tx, key + DOMAIN) is None:
            people.add_person(
                tx, email=key + DOMAIN, name=name, role=role, password_hash="!", at=demo.clock(), reach=reach
            )
    return key


@pytest.fixture
def matrix(demo_with_library: DemoSite) -> Matrix:
    """The class, a press, an outside lesson and a day without school of its own."""
    demo = demo_with_library
    classroom, teacher = demo.classroom(OWN), demo.person("teacher")
    with demo.records.writing() as tx:
        lesson = outside_lessons.add_outside_lesson(
            tx, classroom_id=classroom.id, on_day=TODAY, minutes=20, curriculum="Health", title="", by=None, at=demo.clock()
        )  # fmt: skip
        taught = classrooms.list_teaching(tx, classroom.id)[0]
        close_school(tx, [classroom.school_id], TODAY)
        (closure,) = calendars.list_closures(tx, first=TODAY, last=TODAY, school_ids=[classroom.school_id])
        outcomes.enter_outcome(
            tx, "the-press", classroom.id, SLUG, "r1", TODAY, DONE, teacher.id, EnteredRole.TEACHER, demo.clock(), False
        )
        amendment_id = amendments.add_amendment(
            tx, school_id=classroom.school_id, week_on=MONDAY, reason="A trip.", by=teacher.id, at=demo.clock()
        )
        turned = rollovers.add_rollover(
            tx, classroom.year_id, classroom.year_id, [], by=demo.person("admin"), at=demo.clock()
        )
        plans.set_plan(
            tx, classroom.school_id, MONDAY + timedelta(weeks=3), ["7"], SLUG, None, demo.clock(), batch_id="the-press"
        )
        class_changes.add_change(
            tx, ClassChangeKind.SPLIT, classroom.id, last_on=TODAY, size=1, by=teacher, at=demo.clock()
        )
        (class_change,) = class_changes.list_changes(tx, classroom.id)
        note = door_notes.put_door_note(tx, classroom.id, SLUG, "r1", Language.EN, TODAY, DONE, demo.clock())
        walkthroughs.add_walkthrough(
            tx,
            Walkthrough(
                id="the-visit-of-coach", classroom_id=classroom.id, slug=SLUG, on_day=TODAY,
                coach_id=demo.person("coach").id, coach_name=None, teacher_id=teacher.id, teacher_name=None,
                items=dict.fromkeys(WalkthroughItem, Seen.SEEN), glow="Calm.", next_step="Wait.", noted_at=demo.clock(),
            ),
        )  # fmt: skip
        whose = (teacher.id, MODULE)
        certificate = completions.list_completions(tx, [teacher.id], MODULE)[whose][-1].code
        one_try = training.list_tries(tx, [teacher.id], MODULE)[whose][-1].id
        asked = assignments.put_assignment(
            tx, "what-tier-1-is", school_id=classroom.school_id, due_on=TODAY, by=None, at=demo.clock()
        )
        minutes_targets.set_target(tx, MinutesTarget(MONDAY + timedelta(days=7), 60), by=None, at=demo.clock())
    ids = {
        "classroom_id": classroom.id,
        "slug": SLUG,
        "kind": SLUG,
        "week": MONDAY.isoformat(),
        "day": (MONDAY + timedelta(days=7)).isoformat(),
        "batch_id": "the-press",
        "note_id": note.id,
        "lesson_id": lesson.id,
        "closure_id": closure.id,
        "change_id": str(class_change.id),
        "import_id": "none",
        "amendment_id": str(amendment_id),
        "year_id": classroom.year_id,
        "rollover_id": turned,
        "name": "body-scan",
        "job_id": "none",
        "token": "none",
        "visit_id": "the-visit-of-coach",
        "assignment_id": asked.id,
        "part": "why",
        "try_id": one_try,
        "certificate": certificate,
        "person_id": demo.person("teacher3").id,
        "teaching_id": taught.id,
        "school_id": classroom.school_id,
    }
    return Matrix(demo, classroom, demo.classroom(STRANGE), ids)


def has_noted(matrix: Matrix, actor: Actor) -> bool:
    """Whether the visit is this actor's own: nobody else changes it, whatever the school."""
    return actor == matrix.demo.person("coach")


def may_read_visit(matrix: Matrix, actor: Actor) -> bool:
    """Whether the actor led the session that was visited, or coaches the school."""
    return actor == matrix.demo.person("teacher") or may(actor, Action.NOTE_WALKTHROUGH, matrix.classroom)


def has_completed(matrix: Matrix, actor: Actor) -> bool:
    """Whether the try and the completion are this actor's own: nobody else sees them, whatever the role."""
    return actor == matrix.demo.person("teacher")


def leads_the_school(matrix: Matrix, actor: Actor) -> bool:
    """Whether the module that is asked for is asked of a school of this actor's."""
    return may(actor, Action.SEE_CLASS, matrix.classroom)


ABOUT_TRAINING: dict[str, Callable[[Matrix, Actor], bool]] = {
    "coach_training.withdraw": leads_the_school,
    "training.completed": has_completed,
    "training.result": has_completed,
    "visits.change": has_noted,
    "visits.edit": has_noted,
    "visits.remove": has_noted,
    "visits.visit": may_read_visit,
}
"""Routes about a visit and an assignment, which not everybody with the right role may see or change."""


ABOUT_THE_SCHOOL = (
    "coach.change_closure", "coach.closure", "coach.remove_closure", "coach.undo_past_week", "coach.undo_plan",
)  # fmt: skip
"""Routes about no-school days and the plan of the class's school, which coaches of another school do not see."""


def expected(matrix: Matrix, actor: Actor, action: Action, endpoint: str) -> str:
    """What the policy says this actor may do at this route, which is about `matrix.classroom`."""
    scope = RULES[action].scope
    if scope is Scope.DOOR:
        is_own_press = endpoint != "door.undo" or may(actor, action, matrix.classroom)
        return ALLOWED if isinstance(actor, DoorHolder) and is_own_press else HIDDEN
    if not has_role(actor, action):
        is_staff = not isinstance(actor, Visitor | DoorHolder) and actor.is_active
        return FORBIDDEN if is_staff else SIGN_IN
    if endpoint in NOTHING_THERE:
        return HIDDEN
    if endpoint.startswith("people.") and endpoint != "people.add":
        assert isinstance(actor, Person)
        return ALLOWED if manages(actor, matrix.demo.person("teacher3")) else HIDDEN
    if endpoint in ABOUT_TRAINING:
        return ALLOWED if ABOUT_TRAINING[endpoint](matrix, actor) else HIDDEN
    if scope is Scope.CLASSROOM:
        return ALLOWED if may(actor, action, matrix.classroom) else HIDDEN
    if endpoint == "classroom.undo":
        return ALLOWED if may(actor, Action.LOG_VIEWING, matrix.classroom) else HIDDEN
    if endpoint in ABOUT_THE_SCHOOL:
        return ALLOWED if may(actor, Action.SEE_CLASS, matrix.classroom) else HIDDEN
    return ALLOWED


def read(answer: TestResponse) -> str:
    """What it says, when it is text."""
    return answer.get_data(as_text=True) if answer.mimetype.startswith("text/") else ""


def seen(answer: TestResponse) -> str:
    """What the actor got."""
    leads_to_sign_in = answer.status_code == 303 and urlsplit(answer.location).path == "/sign-in"
    if leads_to_sign_in:
        return SIGN_IN
    return {403: FORBIDDEN, 404: HIDDEN}.get(answer.status_code, ALLOWED if answer.status_code < 500 else "broken")


@pytest.mark.parametrize("name", ACTORS)
def test_every_route_lets_in_whom_the_policy_lets_in_and_nobody_else(matrix: Matrix, name: str) -> None:
    actor, browser, code = matrix.actor(name)
    names = [classroom.name for classroom in matrix.demo.classrooms()]
    own = {DoorHolder(matrix.strange.id): [STRANGE], DoorHolder(matrix.classroom.id): [OWN]}.get(actor, [])  # type: ignore[call-overload]
    wrong = []
    for method, endpoint, action in matrix.routes():
        address = matrix.address(matrix.rule(endpoint), code)
        data = {"csrf_token": browser.any_token(), "on_day": str(TODAY)} if method == "POST" else None
        want = expected(matrix, actor, action, endpoint)
        answer = browser.fetch(address, method=method, data=data)
        if (got := seen(answer)) != want:
            wrong.append(f"{method} {endpoint} ({action}): {got} ({answer.status_code}), not {want}")
        told = [] if want == ALLOWED and own == [] else names_in(read(answer), names)
        if set(told) - set(own):
            wrong.append(f"{method} {endpoint} tells of {told}")
        if endpoint == "account.sign_out_everywhere":
            _, browser, code = matrix.actor(name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["door", "teacher", "admin"])
def test_looking_changes_nothing(matrix: Matrix, name: str) -> None:
    _, browser, code = matrix.actor(name)
    before = matrix.demo.dump()
    for method, endpoint, _ in matrix.routes():
        if method == "GET":
            browser.fetch(matrix.address(matrix.rule(endpoint), code))
    assert matrix.demo.dump() == before


@pytest.mark.parametrize("name", ["visitor", "admin"])
def test_an_address_answers_only_to_its_own_methods(matrix: Matrix, name: str) -> None:
    _, browser, _ = matrix.actor(name)
    token, code = browser.any_token(), matrix.demo.door().code
    own: dict[str, set[str]] = {}
    for rule in matrix.demo.app.url_map.iter_rules():
        if rule.endpoint != "static":
            own.setdefault(matrix.address(rule, code), set()).update(rule.methods or ())
    for address, methods in own.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = browser.fetch(address, method=method, headers={"X-CSRFToken": token})
            assert answer.status_code == 405, f"{method} {address} answered {answer.status}"
            assert set(answer.headers["Allow"].split(", ")) == methods


@pytest.mark.parametrize("name", ["teacher", "coach2"])
def test_a_class_of_somebody_else_looks_like_one_that_does_not_exist(matrix: Matrix, name: str) -> None:
    actor, browser, _ = matrix.actor(name)
    strange = matrix.demo.classroom(COVERED if name == "teacher" else OWN).id
    token = browser.any_token()
    for method, endpoint, action in matrix.routes():
        if RULES[action].scope is not Scope.CLASSROOM or not has_role(actor, action):
            continue
        bodies = []
        for classroom_id in (strange, "A" * 22):
            address = matrix.address(matrix.rule(endpoint), "").replace(matrix.classroom.id, classroom_id)
            answer = browser.fetch(address, method=method, headers={"X-CSRFToken": token})
            assert answer.status_code == 404, f"{method} {address} answered {answer.status}"
            text = answer.get_data(as_text=True).replace(classroom_id, "ID")
            bodies.append((re.sub(r'name="csrf_token" value="[^"]+"', "", text), sorted(dict(answer.headers))))
        assert bodies[0] == bodies[1], endpoint


def test_a_press_for_several_classes_takes_none_that_is_not_ones_own(matrix: Matrix) -> None:
    demo, browser = matrix.demo, matrix.demo.signed_in("teacher")
    before = demo.dump()
    token = {"csrf_token": browser.any_token()}
    answer = browser.fetch(
        f"/teach/classes/{matrix.classroom.id}/log",
        method="POST",
        data={**token, "outcome": "done", "on_day": TODAY.isoformat(), "classroom_id": [matrix.strange.id]},
    )
    assert answer.status_code == 404
    data = {**token, "outcome": "done", "on_day": TODAY.isoformat(), "classroom_id": [matrix.strange.id]}
    assert browser.fetch("/teach/log", method="POST", data=data).status_code == 422
    assert demo.dump() == before
