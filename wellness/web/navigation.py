"""Where staff can go from any page, as far as the policy table lets them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext as _l

from ..domain import Person
from ..policy import Action, has_role


@dataclass(frozen=True, slots=True)
class StaffLink:
    """One area of the staff's pages; `key` is what its templates set as `section`."""

    key: str
    label: str
    href: str


_AREAS = (
    (Action.TEACH, "classes", _l("My classes"), "classroom.classes"),
    (Action.TAKE_TRAINING, "training", _l("Training"), "training.modules"),
    (Action.SEE_GRID, "week", _l("Week"), "coach.grid"),
    (Action.SEE_PLAN, "plan", _l("Plan"), "coach.plan"),
    (Action.LEAD_TRAINING, "staff-training", _l("Staff training"), "coach_training.standing"),
    (Action.LEAD_TRAINING, "visits", _l("Visits"), "visits.noted"),
    (Action.WRITE, "studio", _l("Content"), "studio.texts"),
    (Action.CHECK_CONTENT, "check", _l("Check"), "coach.check"),
    (Action.RUN_SCHOOL, "admin", _l("Admin"), "admin.overview"),
)


def staff_links(person: Person) -> list[StaffLink]:
    """The areas this person may open, in order."""
    return [
        StaffLink(key, str(label), url_for(endpoint))
        for action, key, label, endpoint in _AREAS
        if has_role(person, action)
    ]
