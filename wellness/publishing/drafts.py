"""Drafts: the list of texts with their states, saving without losing anyone's changes, and who has a text open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain import Draft, Person, Problem, Publication, PublicationAct, Severity, TextKey, TextKind
from ..domain.plain_text import with_unix_line_ends
from ..errors import Conflict, Invalid, NotFound, worded
from ..library.files import check_slug
from ..library.front_matter_edit import read_form
from ..library.session import MAX_SOURCE_BYTES
from ..records import Reading, audit_log, drafts, publications
from ..records.publications import PublishedState
from ..stores import Stores

OPEN_SECONDS = 120
"""Seconds after an editor's last request for which its text counts as open."""
_FORGET = timedelta(days=1)
_NOT_SAVED = "Nothing was saved."


class DraftConflict(Conflict):
    """Someone else saved the text since the form was opened. Nothing is lost: `mine` and `draft.text` are both complete.

    `draft` is the saved one; saving with `version=draft.version` confirms that the user has seen it.
    """

    def __init__(self, mine: str, draft: Draft) -> None:
        message = worded(
            "Someone else saved this while you were editing. Both versions are below; choose what to keep."
        )
        super().__init__(message, theirs=draft.text, yours=mine)
        self.mine = mine
        self.draft = draft


@dataclass(frozen=True, slots=True)
class TextState:
    """One row of the studio's list. `errors` and `warnings` are the check's counts.

    `act` is how the published version came about. `changed_by_name` is of the draft, else of the published version.
    """

    key: TextKey
    title: str
    has_published: bool
    draft: Draft | None
    changed_by_name: str | None
    changed_at: datetime | None
    errors: int
    warnings: int
    act: PublicationAct | None


@dataclass(frozen=True, slots=True)
class OpenText:
    """A text as the editor opens it. The next save must pass `version`; `text` is the draft's, else the page's."""

    key: TextKey
    published: Publication | None
    draft: Draft | None
    version: int
    text: str


def list_texts(stores: Stores, at: datetime) -> list[TextState]:
    """Return every text: published, draft only, or unpublished; last changed first."""
    with stores.records.reading() as tx:
        standing = {one.key: one for one in publications.list_published(tx)}
        writing = {one.key: one for one in drafts.list_drafts(tx)}
    titles = stores.catalogue.list_titles()
    counts = stores.catalogue.count_problems()
    keys = {key for key, one in standing.items() if one.revision is not None or _is_taken_down(stores, key)}
    keys |= writing.keys()
    states = [_state(stores, key, standing.get(key), writing.get(key), titles, counts) for key in sorted(keys)]
    states.sort(key=lambda state: list(TextKind).index(state.key.kind))
    return sorted(states, key=lambda state: state.changed_at or at, reverse=True)


def _state(
    stores: Stores,
    key: TextKey,
    standing: PublishedState | None,
    draft: Draft | None,
    titles: dict[str, str],
    counts: dict[str, tuple[int, int]],
) -> TextState:
    title = titles.get(key.file, key.slug)
    errors, warnings = counts.get(key.file, (0, 0))
    by_name, changed_at = (standing.by_name, standing.at) if standing is not None else (None, None)
    if draft is not None:
        outcome = stores.catalogue.find_outcome(key, draft.text)
        errors, warnings = count(outcome.problems)
        title = read_form(draft.text).line("title") or title
        by_name, changed_at = draft.changed_by_name, draft.changed_at
    return TextState(
        key=key,
        title=title,
        has_published=standing is not None and standing.revision is not None,
        draft=draft,
        changed_by_name=by_name,
        changed_at=changed_at,
        errors=errors,
        warnings=warnings,
        act=standing.act if standing is not None else None,
    )


def _is_taken_down(stores: Stores, key: TextKey) -> bool:
    """Whether the page was unpublished, and not renamed."""
    return stores.catalogue.find_alias(key.kind, key.slug) is None


def count(problems: tuple[Problem, ...]) -> tuple[int, int]:
    """Return the number of errors and of warnings."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    return errors, len(problems) - errors


def open_text(stores: Stores, key: TextKey) -> OpenText:
    """Return a text to edit; for an unpublished one, its last version. Raises NotFound when there never was one."""
    with stores.records.reading() as tx:
        history, draft = publications.list_history(tx, key), drafts.find_draft(tx, key)
        version = drafts.current_version(tx, key)
    published = history[0] if history and history[0].text is not None else None
    last = next((one.text for one in history if one.text is not None), None)
    text = draft.text if draft is not None else last
    if text is None:
        raise NotFound("There’s nothing at this address.")
    return OpenText(key, published, draft, version, text)


# --- Saving -----------------------------------------------------------------------------------------------------------


def begin_draft(stores: Stores, key: TextKey, text: str, by: Person, at: datetime) -> Draft:
    """Create the draft of a new text. Raises Conflict when the key is taken, Invalid for an invalid slug."""
    check_slug(key.slug)
    text = check_source(text)
    with stores.records.writing() as tx:
        latest, draft = publications.find_latest(tx, key), drafts.find_draft(tx, key)
        taken = draft.text if draft is not None else latest.text if latest is not None else None
        if taken is not None:
            message = worded(
                "Something else already has this web address. Choose a different one, or open the existing one."
            )
            raise Conflict(message, theirs=taken, yours=text)
        if stores.catalogue.find_alias(key.kind, key.slug) is not None:
            message = worded("This web address still leads to something that was renamed. Choose a different one.")
            raise Invalid(_NOT_SAVED, {"slug": message})
        begun = drafts.put_draft(tx, key, text, base_revision=None, by=by.id, at=at)
        audit_log.note(tx, by, at, "begin text", key.file)
    return begun


def save_draft(stores: Stores, key: TextKey, text: str, by: Person, at: datetime, *, version: int) -> Draft:
    """Save what was typed. `version` is the one the form was opened with: `OpenText.version`, or the last `Draft`'s.

    Raises DraftConflict when someone else saved, published or deleted the draft since; Invalid for invalid text.
    Saving the same text again changes nothing.
    """
    text = check_source(text)
    with stores.records.writing() as tx:
        draft = drafts.find_draft(tx, key)
        if draft is not None and draft.text == text:
            return draft
        latest = publications.find_latest(tx, key)
        check_version(tx, key, version, text)
        if draft is None and latest is None:
            raise NotFound("There’s nothing at this address.")
        base = draft.base_revision if draft is not None else latest.revision if latest is not None else None
        saved = drafts.put_draft(tx, key, text, base_revision=base, by=by.id, at=at)
        if draft is None or draft.changed_by != by.id:  # one audit entry per person, not one per autosave
            audit_log.note(tx, by, at, "write text", key.file)
    return saved


def discard_draft(stores: Stores, key: TextKey, by: Person, at: datetime, *, version: int) -> None:
    """Delete the draft; the page stays as it is. Raises NotFound, or DraftConflict when it was saved since."""
    with stores.records.writing() as tx:
        draft = drafts.get_draft(tx, key)
        check_version(tx, key, version, draft.text)
        drafts.close_draft(tx, key, at)
        audit_log.note(tx, by, at, "throw draft away", key.file)


def check_version(tx: Reading, key: TextKey, version: int, mine: str) -> None:
    """Raise DraftConflict unless `version` is the current one."""
    current = drafts.current_version(tx, key)
    if version == current:
        return
    draft = drafts.find_draft(tx, key)
    if draft is not None:
        raise DraftConflict(mine, draft)
    latest = publications.find_latest(tx, key)
    if latest is None or latest.text is None:
        raise NotFound("This was deleted while you were editing. Copy what you typed and start a new draft with it.")
    raise DraftConflict(mine, Draft(key, latest.text, current, latest.revision, latest.by, latest.by_name, latest.at))


def check_source(text: str) -> str:
    """Return the text with LF line ends. Raises Invalid when it is too long or can't be written to a file."""
    text = with_unix_line_ends(text.removeprefix("\ufeff"))
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        message = worded("The text contains a character that can’t be saved. Retype that part.")
        raise Invalid(_NOT_SAVED, {"text": message}) from error
    if size > MAX_SOURCE_BYTES:
        raise Invalid(_NOT_SAVED, {"text": worded("This is too long to save. The limit is 256 KB.")})
    if "\0" in text:
        raise Invalid(
            _NOT_SAVED, {"text": worded("The text contains a character that can’t be saved. Retype that part.")}
        )
    return text


# --- Warnings that stay -----------------------------------------------------------------------------------------------


def keep_warning(stores: Stores, key: TextKey, warning: str, reason: str, by: Person, at: datetime) -> None:
    """Keep a suggestion as is, with a reason. `warning` is the suggestion's `key`. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid(_NOT_SAVED, {"reason": worded("Write a few words about why you want to keep it.")})
    open_text(stores, key)
    with stores.records.writing() as tx:
        drafts.put_kept_warning(tx, key, warning, reason.strip(), by.id, at)
        audit_log.note(tx, by, at, "keep warning", key.file, f"{warning}: {reason.strip()}")


def reopen_warning(stores: Stores, key: TextKey, warning: str, by: Person, at: datetime) -> None:
    """Undo `keep_warning`. `warning` is the stored key."""
    with stores.records.writing() as tx:
        drafts.remove_kept_warning(tx, key, warning)
        audit_log.note(tx, by, at, "show warning again", key.file, warning)


# --- Who else has it open ---------------------------------------------------------------------------------------------


def note_open(stores: Stores, key: TextKey, by: Person, at: datetime) -> None:
    """Record that the person has the text open. The editor repeats it while it is open."""
    with stores.records.writing() as tx:
        drafts.note_open(tx, key, by.id, at, forget_before=at - _FORGET)


def list_others(stores: Stores, key: TextKey, by: Person, at: datetime) -> list[tuple[str, datetime]]:
    """Return (name, since) of others who have the text open, or saved its draft within the last day."""
    with stores.records.reading() as tx:
        opened = drafts.list_open(tx, key, seen_after=at - timedelta(seconds=OPEN_SECONDS))
        draft = drafts.find_draft(tx, key)
    return list(_each_other(opened, draft, by, at))


def _each_other(
    opened: list[tuple[str, str, datetime]], draft: Draft | None, by: Person, at: datetime
) -> Iterator[tuple[str, datetime]]:
    named = {by.id}
    for person_id, name, since in opened:
        if person_id not in named:
            named.add(person_id)
            yield name, since
    if draft is not None and draft.changed_by and draft.changed_by not in named and draft.changed_at > at - _FORGET:
        yield draft.changed_by_name or "", draft.changed_at
