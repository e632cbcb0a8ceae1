"""The footnotes of the week grid and the report: past weeks that were changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import ngettext

from ...domain import Amendment
from ...policy import Action, has_role
from ...school import amendments
from .. import labels
from ..request import now, signed_in, site_settings


@dataclass(frozen=True, slots=True)
class Footnote:
    """One amendment in words, and whether this person can undo it now."""

    amendment: Amendment
    sentence: str
    can_undo: bool


def footnotes(listed: Iterable[Amendment]) -> list[Footnote]:
    """Return the footnotes of these amendments."""
    may_plan = has_role(signed_in(), Action.PLAN)
    return [Footnote(one, _sentence(one), may_plan and amendments.may_undo(one, now())) for one in listed]


def _sentence(one: Amendment) -> str:
    sentence: str = ngettext(
        "Week of %(week)s, %(school)s, %(grades)s: plan of %(num)s class changed on %(day)s by %(name)s. "
        "Reason: %(reason)s",
        "Week of %(week)s, %(school)s, %(grades)s: plan of %(num)s classes changed on %(day)s by %(name)s. "
        "Reason: %(reason)s",
        one.classes,
        week=labels.short_day_label(one.week_on),
        school=one.school_name,
        grades=labels.grades_label(one.grades),
        day=labels.short_day_label(one.at.astimezone(site_settings().zone).date()),
        name=labels.person_label(one.by_name),
        reason=one.reason,
    )
    return sentence
