"""Whether a module is completed or practised now. Called in the transaction of every act that could be the last missing.

Both happen once and are never taken away: a completion is unique by person, module and revision, and the records refuse
a second one; *practised* is set on the newest completion and only while it is not set. A completion is a certificate:
this module also finds one by its code and lists a person's own.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import replace
from datetime import date, datetime

from ..domain import Completion, PartKind, Person, SiteSettings, Viewing, ViewingState
from ..library.prepared import PreparedModule
from ..records import Reading, Writing, completions, schools, settings, training, viewings, walkthroughs
from .standing import counts, done_kinds, is_fresh, read_facts

_CODE_BYTES = 16
_CODE = re.compile(r"[a-z2-7]{26}")
_BETWEEN = re.compile(r"[\s\-–—]+")
_LONGEST = 80


def settle(
    tx: Writing,
    person: Person,
    module: PreparedModule,
    at: datetime,
    today: date,
    *,
    shown: PreparedModule | None = None,
) -> Completion | None:
    """Complete the module when nothing is missing any more, and see whether it is practised already.

    `module` is as it stands now; the certificate states the revision of the passed try, in the words of `shown` where that
    is the one. Returns the new completion, None when something is missing or this revision was completed before.
    """
    facts = read_facts(tx, [person], module.slug).facts(person, module.slug)
    wanted = {part.kind for part in module.parts} - {PartKind.TRY}
    if not wanted <= done_kinds(facts, module, today):
        return None
    known = {one.revision for one in facts.completions}
    passed = [one for one in facts.tries if counts(facts, one, module.revision) and one.revision not in known]
    if not passed:
        return None
    told = shown if shown is not None and shown.revision == passed[-1].revision else module
    done_at = [part.done_at for part in facts.progress if part.done_at is not None]
    current = settings.load_settings(tx)
    completion = Completion(
        code=_new_code(),
        person_id=person.id,
        person_name=person.name,
        slug=module.slug,
        language=told.language,
        revision=passed[-1].revision,
        title=told.title,
        issuer=_issuer(tx, person, current),
        hours=contact_hours(told, current),
        completed_on=today,
        completed_at=max(at, passed[-1].tried_at, *done_at),  # so that nothing done for it counts for the next one
    )
    if not completions.add_completion(tx, completion):
        return None
    training.forget_answers(tx, person.id, module.slug)
    return settle_practised(tx, person.id, module.slug) or completion


def settle_practised(tx: Writing, person_id: str, slug: str) -> Completion | None:
    """Make the newest completion *practised* when the chosen viewing was delivered and a coach visited it.

    Returns that completion when it became practised now.
    """
    whose = (person_id, slug)
    known = completions.list_completions(tx, [person_id], slug).get(whose, ())
    facilitation = training.list_facilitations(tx, [person_id], slug).get(whose)
    if not known or facilitation is None or facilitation.viewing_id is None:
        return None
    viewing = viewings.list_known(tx, [facilitation.viewing_id]).get(facilitation.viewing_id)
    if viewing is None or viewing.state is not ViewingState.DELIVERED or not is_fresh(known, viewing):
        return None
    if not _was_visited(tx, person_id, viewing):
        return None
    on_day = max(viewing.on_day, known[-1].completed_on)
    return replace(known[-1], practised_on=on_day) if completions.set_practised(tx, known[-1].code, on_day) else None


def settle_visited(tx: Writing, person_id: str) -> list[Completion]:
    """The same for every module of a person, after a visit."""
    chosen = [slug for _, slug in training.list_facilitations(tx, [person_id])]
    return [one for slug in chosen if (one := settle_practised(tx, person_id, slug)) is not None]


def find_certificate(tx: Reading, code: str) -> Completion | None:
    """The certificate with this code, as somebody typed it: in any case, with spaces or dashes anywhere; or None."""
    if len(code) > _LONGEST:
        return None
    code = _BETWEEN.sub("", code).lower()
    return completions.find_completion(tx, code) if _CODE.fullmatch(code) else None


def list_certificates(tx: Reading, person: Person) -> list[Completion]:
    """The person's certificates, the newest first."""
    found = completions.list_completions(tx, [person.id]).values()
    return sorted((one for listed in found for one in listed), key=lambda one: one.completed_at, reverse=True)


def contact_hours(module: PreparedModule, current: SiteSettings) -> float:
    """The contact hours a module counts for: the district's number, else its own, else its minutes in whole quarters."""
    if current.module_hours is not None:
        return current.module_hours
    return module.minutes * 4 // 60 / 4 if module.hours is None else module.hours


def _issuer(tx: Reading, person: Person, current: SiteSettings) -> str:
    school = None if person.school_id is None else schools.get_school(tx, person.school_id).name
    return current.certificate_issuer or current.district or school or current.site_name


def _was_visited(tx: Reading, person_id: str, viewing: Viewing) -> bool:
    """Whether a coach noted a visit to this class, session and day, and this person led it."""
    visits = walkthroughs.list_walkthroughs(
        tx, classroom_id=viewing.classroom_id, slug=viewing.slug, on_day=viewing.on_day, teacher_id=person_id
    )
    return bool(visits)


def _new_code() -> str:
    """128 random bits in 26 small letters and digits."""
    return base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().rstrip("=").lower()
