"""Who may see and do what, asked once for each route: fetching a thing and checking the right to it are one step.

Each view is marked with `@requires(Action.X)`. For an action on a class the view receives the `Classroom` itself, so it
cannot forget the check. `tests/security/test_access.py` walks every route with every role from `policy.RULES`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from ..domain import Classroom
from ..errors import Forbidden, NotFound, PasswordChangeNeeded, SignInNeeded, worded
from ..policy import RULES, Action, DoorHolder, Scope, Visitor, has_role, may, must_change_password
from ..records import classrooms, door_cards
from .http.rate_limits import WRONG_CODES, count, count_press, is_used_here, note_used, refuse_beyond, slow_down
from .http.security_log import Event, note_event
from .request import actor, site, site_settings, staff, today, use_zone

View = TypeVar("View", bound=Callable[..., Any])

NO_SUCH_CLASS = worded("You don’t have a class at this address.")


class UnknownCode(NotFound):
    """The class code opens no door."""


NO_SUCH_DOOR = worded(
    "That code didn’t work. Check each letter. If the card is old, ask the class’s teacher for a new one."
)


def requires(action: Action) -> Callable[[View], View]:
    """Let the view run only for those whom the policy table lets; hand it the classroom where the action is on one.

    Raises SignInNeeded for visitors, Forbidden when the role does not include the action, NotFound when the class is
    not there or not theirs.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def checked(**arguments: Any) -> Any:
            scope = RULES[action].scope
            if not RULES[action].public:
                site_settings()  # now: `today` inside a view's transaction would take a second connection for them
            if scope is Scope.DOOR:
                arguments["classroom"] = open_door(arguments["code"], action)[0]
                if request.method == "POST":
                    count_press(DoorHolder(arguments["classroom"].id))
                return view(**arguments)
            check(action)
            if request.method == "POST" and (person := staff()) is not None:
                count_press(person)
            if scope is Scope.CLASSROOM:
                arguments["classroom"] = fetch_classroom(arguments.pop("classroom_id"), action)
            return view(**arguments)

        checked.action = action  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return mark


def check(action: Action) -> None:
    """Raise unless the actor's role includes the action at all. What visitors may do needs no look at the records."""
    if has_role(Visitor(), action):
        return
    who = actor()
    if must_change_password(who, action):
        raise PasswordChangeNeeded(worded("Choose your own password first."))
    if has_role(who, action):
        return
    if isinstance(who, Visitor | DoorHolder):
        raise SignInNeeded("Please sign in to continue.")
    raise Forbidden("This page is for other staff. If you need it, ask the person who runs this site at your school.")


def fetch_classroom(classroom_id: str, action: Action) -> Classroom:
    """The class, if the actor may do `action` with it; else NotFound, which says nothing about whether it exists."""
    with site().records.asking() as tx:
        try:
            classroom = classrooms.get_classroom(tx, classroom_id, today())
        except NotFound as error:
            raise NotFound(NO_SUCH_CLASS) from error
    if not may(actor(), action, classroom):
        raise NotFound(NO_SUCH_CLASS)
    use_zone(classroom.time_zone)
    return classroom


def open_door(code: str, action: Action = Action.OPEN_OWN_DOOR) -> tuple[Classroom, str]:
    """Return the class of a typed code and the code itself, and let the request act as its holder.

    Raises UnknownCode, and TooMany after many wrong codes from one network.
    """
    with site().records.reading() as tx:
        door = door_cards.find_door_card(tx, code, on_day=today())
        classroom = classrooms.get_classroom(tx, door.classroom_id, today()) if door is not None else None
    if door is None or not is_used_here(door.code):
        slow_down(WRONG_CODES, "class code")
    if door is None or classroom is None:
        refuse_beyond(WRONG_CODES, "class code")
        count(WRONG_CODES, "class code")
        raise UnknownCode(NO_SUCH_DOOR)
    if note_used(door.code):
        note_event(Event.CARD_FIRST_USED)
    use_zone(classroom.time_zone)
    g.door_holder = DoorHolder(classroom.id)
    if not may(g.door_holder, action, classroom):
        raise UnknownCode(NO_SUCH_DOOR)
    return classroom, door.code
