"""Sync the library and the catalogue with the publication log, from whatever state they are in.

The log is the point of no return: its entries go live, on this machine now and on every other at its next sync. A
process killed in between leaves nothing to repair, because the next call does the same again. What other
programs changed in the folder (an editor, git) is entered in the log first, so nothing unsaved is overwritten.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from ..catalogue import Built
from ..domain import Draft, Problem, PublicationAct, TextKey
from ..errors import StorageFull, Unavailable
from ..library.files import Fingerprint
from ..library.session import revision_of
from ..records import Reading, audit_log, drafts, publications
from ..stores import Stores
from .check import find_errors

_log = logging.getLogger(__name__)

_ROUNDS = 5
"""How often the folder is read again while it keeps changing; the rest is left to the next call."""


def sync(stores: Stores, at: datetime, *, wait: bool = True) -> int:
    """Publish due drafts, enter outside changes in the log, and sync library and catalogue with the log.

    Returns the number of new log entries. When nothing is new: one indexed query and one listing of the folder. Without
    `wait`, somebody else who is at it is left to it. Raises Unavailable when the records do not answer or somebody is at
    it for a minute, StorageFull when the disk is full; the next call goes on.
    """
    with stores.records.reading() as tx:
        news = publications.read_latest(tx)
    is_due = news.due_at is not None and news.due_at <= at
    built = stores.catalogue.built()
    if built is not None and not is_due and _is_in_step(stores, built, news.last_seq):
        return 0
    with stores.catalogue.alone(wait=wait or built is None) as is_alone:
        return apply_publications(stores, at) if is_alone else 0


def _is_in_step(stores: Stores, built: Built, last_seq: int) -> bool:
    return built.mark == last_seq and built.logged == built.fingerprint == stores.catalogue.look()


def apply_publications(stores: Stores, at: datetime) -> int:
    """Do the same for a caller that already holds the lock (`alone`)."""
    built = stores.catalogue.built()
    mark = built.mark if built is not None else 0
    seen: Fingerprint = built.logged if built is not None else ()
    last_seq = mark
    stores.library.sweep()
    for _ in range(_ROUNDS):
        now = stores.catalogue.look()
        log_outside_changes(stores, _edited(stores, seen, now), mark, at)
        _publish_due(stores, at)
        seen = now
        written, last_seq = _write_files(stores, mark)
        if not written:
            break  # later edits are seen by the next call
    stores.catalogue.update(seen, last_seq)
    return last_seq - mark


def _edited(stores: Stores, before: Fingerprint, now: Fingerprint) -> list[TextKey]:
    files = sorted({one[0] for one in set(before) ^ set(now)})
    return [entry.key for file in files if (entry := stores.library.find_entry(file)) is not None]


# --- What other hands changed -----------------------------------------------------------------------------------------


def log_outside_changes(stores: Stores, keys: Iterable[TextKey], mark: int, at: datetime) -> list[TextKey]:
    """Enter outside changes of these files in the log; return the keys that changed.

    `mark` is the last publication that was written into the library. Raises Unavailable when a whole folder is gone,
    which is no edit.
    """
    found = {key: text for key in keys for text, problem in [stores.library.find_text(key)] if problem is None}
    with stores.records.reading() as tx:
        foreign = [key for key, text in found.items() if _is_foreign(tx, key, text, mark)]
    if not foreign:
        return []
    _check_folders(stores, foreign)
    with stores.records.writing() as tx:
        entered = [key for key in foreign if _is_foreign(tx, key, found[key], mark)]
        for key in entered:
            text = found[key]
            act = PublicationAct.DELIVERED if stores.library.is_as_delivered(key) else PublicationAct.OUTSIDE
            revision = revision_of(text) if text is not None else None
            publications.add_publication(tx, key, act, text=text, revision=revision, by=None, at=at)
            if act is PublicationAct.OUTSIDE:
                audit_log.note(tx, None, at, "enter outside change", key.file)
    return entered


def _is_foreign(tx: Reading, key: TextKey, text: str | None, mark: int) -> bool:
    """Whether the file is neither the log's current version nor an older one that is about to be replaced."""
    known = publications.list_revisions(tx, key)
    found = revision_of(text) if text is not None else None
    seq, revision = known[0] if known else (0, None)
    if found == revision:
        return False
    is_waiting = seq > mark
    return not (is_waiting and (found is None or found in {revision for _, revision in known}))


def _check_folders(stores: Stores, keys: list[TextKey]) -> None:
    if not all(stores.library.has_folder(key.kind) for key in keys):
        message = "A library folder is missing. The pages stay as they were. Put the folder back."
        raise Unavailable(message)


# --- Drafts that are due ----------------------------------------------------------------------------------------------


def _publish_due(stores: Stores, at: datetime) -> None:
    with stores.records.reading() as tx:
        due = drafts.list_due(tx, at)
    for draft in due:
        _publish_one(stores, draft, at, has_errors=bool(find_errors(stores, draft.key, draft.text)))


def _publish_one(stores: Stores, draft: Draft, at: datetime, *, has_errors: bool) -> None:
    """Publish a due draft, or cancel its schedule when it can't be published: else every request would try again."""
    key = draft.key
    with stores.records.writing() as tx:
        present = drafts.find_draft(tx, key)
        if present is None or present.version != draft.version or present.publish_at is None:
            return  # another machine was faster, or someone just saved it: the next sync decides
        latest = publications.find_latest(tx, key)
        reason = "the check finds an error" if has_errors else ""
        if (latest.revision if latest is not None else None) != draft.base_revision:
            reason = "the page was changed since the draft was begun"
        if reason:
            drafts.set_publish_at(tx, key, None, None)
            audit_log.note(tx, None, at, "could not publish at its time", key.file, reason)
            return
        revision = revision_of(draft.text)
        by = draft.scheduled_by
        entry = publications.add_publication(
            tx, key, PublicationAct.PUBLISHED, text=draft.text, revision=revision, by=by, at=at
        )
        drafts.close_draft(tx, key, at)
        audit_log.note(tx, None, at, "publish text at its time", key.file, f"entry {entry.seq}")


# --- The files --------------------------------------------------------------------------------------------------------


def _write_files(stores: Stores, mark: int) -> tuple[int, int]:
    """Write the files of log entries after `mark`; return how many were written, and the log's last number."""
    written = 0
    with stores.records.reading() as tx:
        standing = publications.list_published(tx, after=mark)
        last_seq = publications.read_latest(tx).last_seq
    for one in standing:
        text, problem = stores.library.find_text(one.key)
        if problem is None and (revision_of(text) if text is not None else None) == one.revision:
            continue
        if problem is not None:
            stores.library.keep_aside(one.key)
        with stores.records.reading() as tx:
            wanted = publications.get_publication(tx, one.seq).text
        if wanted is None:
            stores.library.remove(one.key)
        else:
            stores.library.put(one.key, wanted)
        written += 1
    return written, last_seq


def finish(stores: Stores, at: datetime) -> None:
    """Make new log entries visible. What fails now is done by the next `catch_up`."""
    try:
        apply_publications(stores, at)
    except (StorageFull, Unavailable):
        _log.exception("a publication is in the log and not on the page yet; the next look at the library goes on")


# --- Do they agree ----------------------------------------------------------------------------------------------------


def verify(stores: Stores) -> list[Problem]:
    """Return every difference between the log, the library and the catalogue. Changes nothing."""
    with stores.records.reading() as tx:
        standing = {one.key.file: one.revision for one in publications.list_published(tx)}
        last_seq = publications.read_latest(tx).last_seq
    built = stores.catalogue.built()
    if built is None and last_seq == 0:
        return []  # the site was never opened, so there is nothing to compare
    if built is None:
        return [Problem("catalogue", 1, "there is no catalog; open the site once or run `wellness catalogue build`")]
    problems = []
    if built.mark != last_seq:
        message = f"it is at publication {built.mark} of {last_seq}; open the site once to sync"
        problems.append(Problem("catalogue", 1, message))
    indexed = stores.catalogue.list_revisions()
    entries, _ = stores.library.list_entries()
    files = {entry.file: entry.key for entry in entries}
    for file in sorted(standing.keys() | indexed.keys() | files.keys()):
        problems += _disagreements(stores, file, files.get(file), standing.get(file), indexed)
    return problems


def _disagreements(
    stores: Stores, file: str, key: TextKey | None, logged: str | None, indexed: dict[str, str | None]
) -> Iterator[Problem]:
    text, unreadable = stores.library.find_text(key) if key is not None else (None, None)
    if unreadable is not None:
        yield unreadable
        return
    found = revision_of(text) if text is not None else None
    if found != logged:
        if found is None:
            yield Problem(file, 1, "the log has this file but the library does not; open the site once to sync")
        else:
            yield Problem(file, 1, "this is not the version that was published last; open the site once to sync")
    if indexed.get(file) != found:
        yield Problem(file, 1, "the pages do not show this version; open the site once to sync")
