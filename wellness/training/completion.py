"""Complete modules and mark them practiced; find and list certificates.

`settle` and its siblings run in the transaction of every write that may be the last requirement. Neither level is ever
revoked: a completion is unique by person, module and revision, which the database enforces, and *practiced* is set once, on
the newest completion. A completion is a certificate.
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


def complete_if_done(
    tx: Writing,
    person: Person,
    module: PreparedModule,
    at: datetime,
    today: date,
    *,
    shown: PreparedModule | None = None,
) -> Completion | None:
    """Complete the module if every requirement is met, and mark it practiced if it already qualifies.

    `module` is the published version. The certificate states the revision of the passed try, with title and language of
    `shown` when that is the revision. Returns the new completion, None when something is missing or this revision was
    completed before.
    """
    facts = read_facts(tx, [person], today, module.slug).facts(person, module.slug)
    wanted = {part.kind for part in module.parts} - {PartKind.TRY}
    if not wanted <= done_kinds(facts, module, today):
        return None
    known = {one.revision for one in facts.completions}
    passed = [one for one in facts.tries if counts(facts, one, module.revision) and one.revision not in known]
    if not passed:
        return None
    stated = shown if shown is not None and shown.revision == passed[-1].revision else module
    done_at = [part.done_at for part in facts.progress if part.done_at is not None]
    current = settings.load_settings(tx)
    completion = Completion(
        code=_new_code(),
        person_id=person.id,
        person_name=person.name,
        slug=module.slug,
        language=stated.language,
        revision=passed[-1].revision,
        title=stated.title,
        issuer=_issuer(tx, person, current),
        hours=contact_hours(stated, current),
        completed_on=today,
        completed_at=max(
            at, passed[-1].tried_at, *done_at
        ),  # after all work for it, so that none counts for the next one
    )
    if not completions.add_completion(tx, completion):
        return None
    training.forget_answers(tx, person.id, module.slug)
    return mark_practiced(tx, person.id, module.slug) or completion


def mark_practiced(tx: Writing, person_id: str, slug: str) -> Completion | None:
    """Mark the newest completion practiced if the chosen viewing was delivered and a coach visited it.

    Returns that completion if this call marked it.
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
    return replace(known[-1], practised_on=on_day) if completions.set_practiced(tx, known[-1].code, on_day) else None


def mark_practiced_after_visit(tx: Writing, person_id: str) -> list[Completion]:
    """Run `mark_practiced` for every module of the person, after a visit."""
    chosen = [slug for _, slug in training.list_facilitations(tx, [person_id])]
    return [one for slug in chosen if (one := mark_practiced(tx, person_id, slug)) is not None]


def find_certificate(tx: Reading, code: str) -> Completion | None:
    """Return the certificate with this typed code, or None; capitals, spaces and dashes do not matter."""
    if len(code) > _LONGEST:
        return None
    code = _BETWEEN.sub("", code).lower()
    return completions.find_completion(tx, code) if _CODE.fullmatch(code) else None


def list_certificates(tx: Reading, person: Person) -> list[Completion]:
    """Return the person's certificates, newest first."""
    found = completions.list_completions(tx, [person.id]).values()
    return sorted((one for listed in found for one in listed), key=lambda one: one.completed_at, reverse=True)


def contact_hours(module: PreparedModule, current: SiteSettings) -> float:
    """Return the contact hours of a module: the district's number, else its own, else its minutes in whole quarter hours."""
    if current.module_hours is not None:
        return current.module_hours
    return module.minutes * 4 // 60 / 4 if module.hours is None else module.hours


def _issuer(tx: Reading, person: Person, current: SiteSettings) -> str:
    own = person.reach.school_ids
    school = schools.get_school(tx, next(iter(own))).name if len(own) == 1 else None
    return current.certificate_issuer or current.district or school or current.site_name


def _was_visited(tx: Reading, person_id: str, viewing: Viewing) -> bool:
    """Whether a coach logged a visit to this class, session and day that this person led."""
    visits = walkthroughs.list_walkthroughs(
        tx, classroom_id=viewing.classroom_id, slug=viewing.slug, on_day=viewing.on_day, teacher_id=person_id
    )
    return bool(visits)


def _new_code() -> str:
    """Return 128 random bits as 26 lowercase base32 characters."""
    return base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().rstrip("=").lower()
