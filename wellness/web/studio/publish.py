"""Publishing in the studio: the diff, publish now or later, unpublish, history, restore, rename."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask import redirect as go_to
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from ...domain import Language, Publication, PublicationAct
from ...errors import Conflict, Invalid
from ...library.diff import compare
from ...library.front_matter_edit import read_shown
from ...policy import Action
from ...publishing import drafts
from ...publishing import publish as publishing_publish
from ...publishing.drafts import DraftConflict, OpenText
from .. import labels
from ..access import requires
from ..forms import read_number
from ..request import now, signed_in, site, site_settings
from ..translations import fields_in_words, in_words
from .context import ONE_TEXT, asked_key, check, text_url
from .editor import frame, show_conflict

ACTS: dict[PublicationAct, LazyString] = {
    PublicationAct.DELIVERED: _l("came with the site"),
    PublicationAct.PUBLISHED: _l("published"),
    PublicationAct.RESTORED: _l("restored"),
    PublicationAct.UNPUBLISHED: _l("unpublished"),
    PublicationAct.OUTSIDE: _l("edited outside the site"),
}


def register(bp: Blueprint) -> None:
    """Add the pages for publishing to the studio's blueprint."""
    bp.add_url_rule(ONE_TEXT + "/publish", endpoint="publishing", view_func=show_publishing)
    bp.add_url_rule(ONE_TEXT + "/publish", view_func=publish, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/unschedule", view_func=unschedule, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/unpublish", view_func=unpublish, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/rename", view_func=rename, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/history", view_func=history)
    bp.add_url_rule(ONE_TEXT + "/restore", view_func=restore, methods=["POST"])


@requires(Action.WRITE)
def show_publishing(kind: str, slug: str) -> str:
    """Show what publishing would change, and the forms to do it."""
    return _page(drafts.open_text(site(), asked_key(kind, slug)), {})


def _page(opened: OpenText, fields: dict[str, str], message: str = "") -> str:
    published = opened.published.text if opened.published else None
    return render_template(
        "studio/publishing.html",
        **frame(opened),
        is_live=published is not None,
        is_new=published is None,
        is_same=published == opened.text,
        is_overtaken=_is_overtaken(opened),
        check=check(opened.key, opened.text, opened.draft.keeps if opened.draft else ()),
        shown=compare(read_shown(published or ""), read_shown(opened.text)),
        whole=compare(published or "", opened.text),
        fields=fields,
        message=message,
        typed=_proposed(opened),
        zone=site_settings().time_zone.replace("_", " "),
        live_url=_live_url(opened),
        published_by=labels.published_by_label(opened.published.act, opened.published.by_name)
        if opened.published
        else "",
    )


def _is_overtaken(opened: OpenText) -> bool:
    """Whether the page changed since the draft was started, outside the studio or by restoring a version."""
    if opened.draft is None or opened.published is None:
        return False
    return opened.published.revision != opened.draft.base_revision and opened.published.text != opened.text


def _proposed(opened: OpenText) -> dict[str, str]:
    """Return the form's day and time: as typed, as scheduled, else the next morning."""
    at = opened.draft.publish_at if opened.draft else None
    local = (at or now()).astimezone(site_settings().zone)
    return {
        "on_day": request.form.get("on_day", local.date().isoformat()),
        "time": request.form.get("time", local.strftime("%H:%M") if at else "07:00"),
        "slug": request.form.get("slug", opened.key.slug),
    }


def _live_url(opened: OpenText) -> str:
    if opened.published is None or opened.published.text is None or opened.key.kind.value != "sessions":
        return ""
    language = "?lang=es" if opened.key.language is Language.ES else ""
    return f"/sessions/{opened.key.slug}{language}"


@requires(Action.WRITE)
def publish(kind: str, slug: str) -> Response | tuple[str, int] | tuple[Response, int]:
    """Publish the draft now, or schedule it."""
    key = asked_key(kind, slug)
    version, seen = read_number(request.form.get("version", "")) or 0, request.form.get("seen") or None
    try:
        if request.form.get("go") == "later":
            at = _read_moment()
            publishing_publish.schedule(site(), key, at, signed_in(), now(), version=version, seen=seen)
            flash(_("This will be published on %(when)s.", when=labels.moment_label(at)), "good")
        else:
            publishing_publish.publish(site(), key, signed_in(), now(), version=version, seen=seen)
            flash(_("Published. Everyone can see it now."), "good")
    except DraftConflict as conflict:
        return show_conflict(drafts.open_text(site(), key), conflict)
    except (Invalid, Conflict) as error:
        fields = fields_in_words(error) if isinstance(error, Invalid) else {}
        status = 409 if isinstance(error, Conflict) else 422
        return _page(drafts.open_text(site(), key), fields, in_words(error.message)), status
    return go_to(text_url("publishing", key), code=303)


def _read_moment() -> datetime:
    """Return the chosen time in the school's time zone. Raises Invalid."""
    try:
        typed = datetime.fromisoformat(f"{request.form['on_day']}T{request.form['time']}")
    except (KeyError, ValueError) as error:
        raise Invalid(
            _("Choose a day and a time."), {"on_day": _("Choose a day and a time, like 2026-11-20 and 07:00.")}
        ) from error
    at = typed.replace(tzinfo=site_settings().zone).astimezone(UTC)
    if at <= now():
        raise Invalid(
            _("Choose a day and a time."),
            {"on_day": _("That time has already passed. Choose a later time, or publish now.")},
        )
    return at


@requires(Action.WRITE)
def unschedule(kind: str, slug: str) -> Response:
    """Cancel scheduled publishing."""
    key = asked_key(kind, slug)
    publishing_publish.unschedule(site(), key, signed_in(), now())
    flash(_("Scheduled publishing canceled. It’s a draft again."), "good")
    return go_to(text_url("publishing", key), code=303)


@requires(Action.WRITE)
def unpublish(kind: str, slug: str) -> Response:
    """Unpublish the text; its history stays."""
    key = asked_key(kind, slug)
    publishing_publish.unpublish(site(), key, signed_in(), now())
    flash(_("Unpublished. You can restore it from its version history."), "good")
    return go_to(text_url("history", key), code=303)


@requires(Action.WRITE)
def rename(kind: str, slug: str) -> Response | tuple[str, int]:
    """Change the text's address; the old one redirects."""
    key = asked_key(kind, slug)
    try:
        publishing_publish.rename(site(), key, request.form.get("slug", "").strip(), signed_in(), now())
    except Conflict:
        fields = {"slug": _("That web address is already taken. Choose a different one.")}
        return _page(drafts.open_text(site(), key), fields), 422
    except Invalid as error:
        fields = fields_in_words(error) or {"slug": in_words(error.message)}
        return _page(drafts.open_text(site(), key), fields), 422
    renamed = asked_key(kind, request.form["slug"].strip())
    flash(_("Web address changed. The old one still leads here."), "good")
    return go_to(text_url("publishing", renamed), code=303)


# --- History ---


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the version history."""

    publication: Publication
    act: str
    when: str
    by: str
    is_live: bool


@requires(Action.WRITE)
def history(kind: str, slug: str) -> str:
    """Show all published versions, and compare any two."""
    opened = drafts.open_text(site(), asked_key(kind, slug))
    entries = sorted(publishing_publish.list_history(site(), opened.key), key=lambda entry: -entry.seq)
    return render_template(
        "studio/history.html",
        **frame(opened),
        entries=[_show_entry(entry, entries[0]) for entry in entries],
        **_compared(entries),
    )


def _show_entry(entry: Publication, live: Publication) -> Entry:
    return Entry(
        entry,
        str(ACTS[entry.act]),
        labels.moment_label(entry.at),
        labels.published_by_label(entry.act, entry.by_name),
        entry is live and bool(entry.text),
    )


def _compared(entries: list[Publication]) -> dict[str, Any]:
    """Return the two chosen versions, else the last two."""
    whole = [entry for entry in entries if entry.text is not None]
    known = {entry.seq: entry for entry in whole}
    new = known.get(read_number(request.args.get("new", "")) or 0, whole[0] if whole else None)
    old = known.get(read_number(request.args.get("old", "")) or 0, whole[1] if len(whole) > 1 else None)
    if new is None or old is None:
        return {"new": None, "old": None, "difference": None}
    return {"new": new, "old": old, "difference": compare(old.text or "", new.text or "")}


@requires(Action.WRITE)
def restore(kind: str, slug: str) -> Response | tuple[str, int]:
    """Restore an old version."""
    key = asked_key(kind, slug)
    try:
        publishing_publish.restore(site(), key, read_number(request.form.get("seq", "")) or 0, signed_in(), now())
    except Invalid as error:
        return _page(drafts.open_text(site(), key), {}, in_words(error.message)), 422
    flash(_("Version restored and published."), "good")
    return go_to(text_url("history", key), code=303)
