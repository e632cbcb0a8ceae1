"""Who may do what: one table, a sentence for each action.

`may` is asked by `web/access.py` for every request, and the access tests are generated from `RULES`, so a new action
without a row here cannot be reached and a new route without an action fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .domain import Classroom, Person, Role


class Action(StrEnum):
    """Everything that needs a right. Reading what is public needs none: `VISIT`."""

    VISIT = "visit"
    SIGN_OUT = "sign out"
    CHANGE_PASSWORD = "change password"  # noqa: S105 - the name of an action # nosec B105
    OWN_ACCOUNT = "own account"
    OPEN_OWN_DOOR = "open own door"
    TEACH = "teach"
    SEE_CLASS = "see class"
    LOG_VIEWING = "log viewing"
    ISSUE_DOOR = "issue door"
    SEE_GRID = "see grid"
    SEE_WEEK = "see week"
    SEE_PLAN = "see plan"
    PLAN = "plan"
    CHECK_CONTENT = "check content"
    WRITE = "write"
    TAKE_TRAINING = "take training"
    LEAD_TRAINING = "lead training"
    NOTE_WALKTHROUGH = "note walkthrough"
    CHANGE_CLASS = "change class"
    RUN_SCHOOL = "run school"
    RUN_SITE = "run site"


class Scope(StrEnum):
    """How far an action reaches."""

    SITE = "site"
    """No object: the page shows only what the actor's own scope holds."""
    CLASSROOM = "classroom"
    """One class: its teachers, the coaches and admins of its school."""
    DOOR = "door"
    """The one class whose door card was used."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Nobody signed in and no door card: a student, a family, the public."""


@dataclass(frozen=True, slots=True)
class DoorHolder:
    """A substitute or a class device that came through a class’s door."""

    classroom_id: str


Actor = Visitor | DoorHolder | Person


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    sentence: str
    scope: Scope
    roles: frozenset[Role] = frozenset()
    public: bool = False
    everywhere: bool = False
    """Whether it needs the role for all schools."""


_STAFF = frozenset(Role)
_COACHING = frozenset({Role.COACH, Role.ADMIN})
_TEACHING = _COACHING | {Role.TEACHER}
_READING = _COACHING | {Role.PRINCIPAL}

RULES: dict[Action, Rule] = {
    Action.VISIT: Rule("Anyone may read sessions, practices, help and the public statements.", Scope.SITE, public=True),
    Action.SIGN_OUT: Rule("Staff may sign out.", Scope.SITE, _STAFF),
    Action.CHANGE_PASSWORD: Rule("Staff may change their own password.", Scope.SITE, _STAFF),
    Action.OWN_ACCOUNT: Rule(
        "Staff may see their own account, choose its language and sign out everywhere.", Scope.SITE, _STAFF
    ),
    Action.OPEN_OWN_DOOR: Rule(
        "Anyone with a class’s door card may run this week’s session for that class and log it.", Scope.DOOR
    ),
    Action.TEACH: Rule(
        "Teachers, coaches and admins may see their own classes and what is due.", Scope.SITE, _TEACHING
    ),
    Action.SEE_CLASS: Rule(
        "A class’s teachers, and the coaches and admins of its school, may see the class.", Scope.CLASSROOM, _TEACHING
    ),
    Action.LOG_VIEWING: Rule(
        "A class’s teachers, and the coaches and admins of its school, may present to it and log how it went.",
        Scope.CLASSROOM,
        _TEACHING,
    ),
    Action.ISSUE_DOOR: Rule(
        "A class’s teachers, and the coaches and admins of its school, may print and replace its door card.",
        Scope.CLASSROOM,
        _TEACHING,
    ),
    Action.SEE_GRID: Rule(
        "Coaches, principals and admins may see the week grid and the reports of their schools.", Scope.SITE, _READING
    ),
    Action.SEE_WEEK: Rule(
        "A class’s teachers, and the coaches, principals and admins of its school, may see what was logged in a week.",
        Scope.CLASSROOM,
        _STAFF,
    ),
    Action.SEE_PLAN: Rule("Coaches, principals and admins may see the plan of their schools.", Scope.SITE, _READING),
    Action.PLAN: Rule("Coaches and admins may plan the weeks of their schools.", Scope.SITE, _COACHING),
    Action.CHECK_CONTENT: Rule("Coaches and admins may see what the check found.", Scope.SITE, _COACHING),
    Action.WRITE: Rule("Coaches and admins may write, check and publish content.", Scope.SITE, _COACHING),
    Action.TAKE_TRAINING: Rule(
        "Teachers, coaches and admins may take training modules, and only they see what they write there unless they share "
        "it.",
        Scope.SITE,
        _TEACHING,
    ),
    Action.LEAD_TRAINING: Rule(
        "Coaches and admins may assign modules and see staff progress at their schools.", Scope.SITE, _COACHING
    ),
    Action.NOTE_WALKTHROUGH: Rule(
        "The coaches and admins of a class’s school may log a visit to it.", Scope.CLASSROOM, _COACHING
    ),
    Action.CHANGE_CLASS: Rule(
        "The coaches and admins of a class’s school may change the class, its days and its teachers.",
        Scope.CLASSROOM,
        _COACHING,
    ),
    Action.RUN_SCHOOL: Rule(
        "Admins may change the people and classes of their schools and see what those people changed.",
        Scope.SITE,
        frozenset({Role.ADMIN}),
    ),
    Action.RUN_SITE: Rule(
        "Admins of all schools may change the site’s settings, schools and school years.",
        Scope.SITE,
        frozenset({Role.ADMIN}),
        everywhere=True,
    ),
}

WITH_A_TEMPORARY_PASSWORD = frozenset({Action.VISIT, Action.SIGN_OUT, Action.CHANGE_PASSWORD})
"""What somebody may do who has not chosen a password of their own yet."""


def in_scope(person: Person, classroom: Classroom) -> bool:
    """Whether a class is one of this person's: taught by them, or in a school they coach or run."""
    if person.role is Role.TEACHER:
        return person.id in classroom.teacher_ids
    return person.reach.includes(classroom.school_id)


def leads(person: Person, school_id: str | None) -> bool:
    """Whether a school is one that this person coaches or runs; None asks for all schools."""
    if person.role not in _COACHING:
        return False
    return person.reach.is_everywhere if school_id is None else person.reach.includes(school_id)


def manages(admin: Person, person: Person) -> bool:
    """Whether this admin may change the person's account: all the person's schools are the admin's too."""
    return admin.role is Role.ADMIN and admin.reach.covers(person.reach)


def has_role(actor: Actor, action: Action) -> bool:
    """Whether the action is for this kind of actor at all, whatever the object."""
    rule = RULES[action]
    if rule.public:
        return True
    if isinstance(actor, Person):
        return actor.is_active and actor.role in rule.roles and (actor.reach.is_everywhere or not rule.everywhere)
    return isinstance(actor, DoorHolder) and rule.scope is Scope.DOOR


def must_change_password(actor: Actor, action: Action) -> bool:
    """Whether the actor has to choose a password of their own before doing `action`."""
    return isinstance(actor, Person) and actor.has_temporary_password and action not in WITH_A_TEMPORARY_PASSWORD


def may(actor: Actor, action: Action, classroom: Classroom | None = None) -> bool:
    """Whether `actor` may do `action`, on `classroom` where the rule's scope asks for one."""
    if not has_role(actor, action):
        return False
    scope = RULES[action].scope
    if scope is Scope.SITE:
        return True
    if classroom is None:
        return False
    if isinstance(actor, Person):
        return in_scope(actor, classroom)
    return isinstance(actor, DoorHolder) and actor.classroom_id == classroom.id
