"""Publishing: a text goes live, now or at its time, is taken down, restored, or gets another address.

Each entry of the log is one transaction with the draft it closes and its line in the audit log. Before it nothing has
happened; after it the text is published, and `catching_up` brings it to the pages, whatever happens to this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from ..domain import Draft, Language, Person, Problem, Publication, PublicationAct, TextKey, TextKind
from ..errors import Conflict, Invalid, NotFound, worded
from ..library.files import check_slug
from ..library.front_matter_edit import read_form, write_form
from ..library.session import revision_of
from ..records import Reading, Writing, audit_log, drafts, publications, training
from ..stores import Stores
from .check import find_errors, find_problems
from .drafts import check_version
from .sync import finish, log_outside_changes

_NOT_PUBLISHED = "Nothing was published."


class Unpublishable(Invalid):
    """The check finds errors; `problems` are all it found, in the order of the lines. Nothing was published."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(worded("Not published. Please fix the problems listed in the check first."))
        self.problems = problems


def publish(
    stores: Stores, key: TextKey, by: Person, at: datetime, *, version: int, seen: str | None = None
) -> Publication:
    """Publish the draft as of `version`; it is live when this returns.

    Raises Unpublishable when the check finds errors, DraftConflict when the draft was saved since, Conflict with both
    texts when the page was changed since the draft was begun: `seen` is then the revision of the page that a person has
    seen and wants to replace. Raises StorageFull when there is no room. Nothing was published in each case.
    """
    draft = _draft(stores, key, version)
    check(stores, key, draft.text)
    with _alone_with(stores, [key], at):
        stores.library.check_room(key, draft.text)  # before the log entry: no entry when there is no space for the file
        with stores.records.writing() as tx:
            check_version(tx, key, version, draft.text)
            _check_base(tx, draft, seen)
            published = _enter(tx, key, PublicationAct.PUBLISHED, draft.text, by, at, "publish text")
            drafts.close_draft(tx, key, at)
        finish(stores, at)
    return published


def schedule(
    stores: Stores,
    key: TextKey,
    publish_at: datetime,
    by: Person,
    at: datetime,
    *,
    version: int,
    seen: str | None = None,
) -> Draft:
    """Schedule the draft for `publish_at`. Raises as `publish` does, and Invalid for a time in the past."""
    if publish_at <= at:
        raise Invalid(_NOT_PUBLISHED, {"publish_at": worded("Choose a time in the future.")})
    draft = _draft(stores, key, version)
    check(stores, key, draft.text)
    with _alone_with(stores, [key], at), stores.records.writing() as tx:
        check_version(tx, key, version, draft.text)
        if (latest := _check_base(tx, draft, seen)) != draft.base_revision:
            drafts.put_draft(tx, key, draft.text, base_revision=latest, by=by.id, at=at)
        scheduled = drafts.set_publish_at(tx, key, publish_at, by.id)
        audit_log.note(tx, by, at, "schedule text", key.file, publish_at.isoformat())
    return scheduled


def unschedule(stores: Stores, key: TextKey, by: Person, at: datetime) -> Draft:
    """Cancel scheduled publishing. Raises NotFound when there is no draft: it may have been published meanwhile."""
    with stores.records.writing() as tx:
        draft = drafts.set_publish_at(tx, key, None, None)
        audit_log.note(tx, by, at, "unschedule text", key.file)
    return draft


def unpublish(stores: Stores, key: TextKey, by: Person, at: datetime) -> list[Publication]:
    """Unpublish a text, an English one with its translations. History and drafts stay.

    Raises NotFound when it is not published; Invalid for a page the site cannot be without.
    """
    _check_may_go(key)
    keys = _with_translations(key)
    with _alone_with(stores, keys, at):
        with stores.records.writing() as tx:
            published = [one for one in keys if _published(tx, one) is not None]
            if key not in published:
                raise NotFound("This isn’t published.")
            taken = [_enter(tx, one, PublicationAct.UNPUBLISHED, None, by, at, "unpublish text") for one in published]
        finish(stores, at)
    return taken


def restore(stores: Stores, key: TextKey, seq: int, by: Person, at: datetime) -> Publication:
    """Publish an old version again. A draft stays, and must be compared with it before it can be published.

    Raises NotFound for an entry that is not of this text, Unpublishable when today's check finds errors in it.
    """
    old = get_publication(stores, seq)
    if old.key != key or old.text is None:
        raise NotFound("We couldn’t find that version in the history.")
    check(stores, key, old.text)
    with _alone_with(stores, [key], at):
        stores.library.check_room(key, old.text)
        with stores.records.writing() as tx:
            restored = _enter(tx, key, PublicationAct.RESTORED, old.text, by, at, "restore text")
        finish(stores, at)
    return restored


def rename(stores: Stores, key: TextKey, new_slug: str, by: Person, at: datetime) -> TextKey:
    """Change the address of a text, its translations and drafts; the old one redirects. Returns the new key.

    What was planned, what classes have seen and what staff did in training goes with it. Raises Invalid for an address
    that is taken or none, NotFound when there is no such text.
    """
    check_slug(new_slug)
    _check_may_go(replace(key, language=Language.EN))
    old_keys = _with_translations(replace(key, language=Language.EN))
    moves = {old: replace(old, slug=new_slug) for old in old_keys}
    with _alone_with(stores, [*moves, *moves.values()], at):
        with stores.records.writing() as tx:
            _check_free(stores, tx, key, new_slug, moves)
            pages = [_move_page(tx, old, new, by, at) for old, new in moves.items()]
            moved = [_move_draft(tx, old, new, at, is_published=any(pages)) for old, new in moves.items()]
            if not any(pages + moved):
                raise NotFound("There’s nothing at this address.")
            if key.kind is TextKind.SESSION:
                publications.rename_everywhere(tx, key.slug, new_slug)
            if key.kind is TextKind.TRAINING:
                training.rename_module(tx, key.slug, new_slug)
            audit_log.note(tx, by, at, "rename text", key.file, f"to {new_slug}")
        finish(stores, at)
    return replace(key, slug=new_slug)


def list_history(stores: Stores, key: TextKey) -> list[Publication]:
    """Return every version that was published under this key, newest first."""
    with stores.records.reading() as tx:
        return publications.list_history(tx, key)


def get_publication(stores: Stores, seq: int) -> Publication:
    """Return one entry of the log. Raises NotFound."""
    with stores.records.reading() as tx:
        return publications.get_publication(tx, seq)


def check(stores: Stores, key: TextKey, text: str) -> None:
    """Raise Unpublishable when the check finds an error in the text."""
    if find_errors(stores, key, text):
        raise Unpublishable(find_problems(stores, key, text))


# --- Small steps ------------------------------------------------------------------------------------------------------


@contextmanager
def _alone_with(stores: Stores, keys: list[TextKey], at: datetime) -> Iterator[None]:
    """Lock publishing on this machine, after entering outside changes of these files in the log."""
    with stores.catalogue.alone():
        built = stores.catalogue.built()
        for key in keys:
            _, unreadable = stores.library.find_text(key)
            if unreadable is not None:
                message = "This file was edited outside the site and can’t be read, so nothing was changed."
                raise Invalid(message)
        log_outside_changes(stores, keys, built.mark if built is not None else 0, at)
        yield


def _draft(stores: Stores, key: TextKey, version: int) -> Draft:
    with stores.records.reading() as tx:
        draft = drafts.get_draft(tx, key)
        check_version(tx, key, version, draft.text)
    return draft


def _check_base(tx: Reading, draft: Draft, seen: str | None) -> str | None:
    """Return the page's revision if it is the draft's base or `seen`; else raise Conflict."""
    latest = publications.find_latest(tx, draft.key)
    revision = latest.revision if latest is not None else None
    if revision in (
        None,
        draft.base_revision,
        revision_of(draft.text),
        seen,
    ):  # None: not published, so nothing is overwritten
        return revision
    message = worded(
        "The page changed after this draft was started. Both versions are below; choose which one to publish."
    )
    theirs = latest.text if latest is not None and latest.text is not None else ""
    raise Conflict(message, theirs=theirs, yours=draft.text)


def _enter(
    tx: Writing, key: TextKey, act: PublicationAct, text: str | None, by: Person, at: datetime, action: str
) -> Publication:
    revision = revision_of(text) if text is not None else None
    entry = publications.add_publication(tx, key, act, text=text, revision=revision, by=by.id, at=at)
    audit_log.note(tx, by, at, action, key.file, f"entry {entry.seq}")
    return entry


def _published(tx: Reading, key: TextKey) -> Publication | None:
    latest = publications.find_latest(tx, key)
    return latest if latest is not None and latest.text is not None else None


def _with_translations(key: TextKey) -> list[TextKey]:
    if key.language is not Language.EN:
        return [key]
    return [key, *(replace(key, language=language) for language in Language if language is not Language.EN)]


def _check_may_go(key: TextKey) -> None:
    if key.kind is TextKind.PAGE and key.language is Language.EN:
        raise Invalid(
            worded("The site needs this page, so it can’t be unpublished, moved or deleted. You can edit it.")
        )


def _check_free(stores: Stores, tx: Reading, key: TextKey, new_slug: str, moves: dict[TextKey, TextKey]) -> None:
    taken = any(_published(tx, new) or drafts.find_draft(tx, new) for new in moves.values())
    leads_to = stores.catalogue.find_alias(key.kind, new_slug)
    if taken or leads_to not in (None, key.slug):
        message = worded("That web address is already taken. Choose a different one.")
        raise Invalid("The web address wasn’t changed.", {"slug": message})


def _move_page(tx: Writing, old: TextKey, new: TextKey, by: Person, at: datetime) -> bool:
    published = _published(tx, old)
    if published is None or published.text is None:
        return False
    _enter(tx, old, PublicationAct.UNPUBLISHED, None, by, at, "unpublish text")
    _enter(tx, new, PublicationAct.PUBLISHED, _with_alias(published.text, old, new), by, at, "publish text")
    return True


def _move_draft(tx: Writing, old: TextKey, new: TextKey, at: datetime, *, is_published: bool) -> bool:
    draft = drafts.find_draft(tx, old)
    if draft is None:
        return False
    text = _with_alias(draft.text, old, new) if is_published else draft.text
    base = _published(tx, new)
    drafts.put_draft(
        tx,
        new,
        text,
        base_revision=base.revision if base is not None else None,
        by=draft.changed_by,
        at=draft.changed_at,
    )
    drafts.set_publish_at(tx, new, draft.publish_at, draft.scheduled_by)
    drafts.close_draft(tx, old, at)
    return True


def _with_alias(text: str, old: TextKey, new: TextKey) -> str:
    """Return the text with its old address added to its aliases. A translation has no address of its own."""
    if old.language is not Language.EN:
        return text
    aliases = [alias for alias in read_form(text).entries("aliases") if alias not in (old.slug, new.slug)]
    return write_form(text, {"aliases": (*aliases, old.slug)})
