"""The list of texts with the state of each, and starting a new text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from flask import Blueprint, render_template, request
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import Language, PublicationAct, TextKey, TextKind
from ...domain.plain_text import slug_of
from ...errors import Conflict, Invalid
from ...library.front_matter_edit import read_form, write_form
from ...library.starters import list_starters, read_starter
from ...policy import Action
from ...publishing import drafts
from ...publishing.drafts import TextState
from .. import labels
from ..access import requires
from ..public.session_view import Labeled
from ..request import now, signed_in, site
from ..translations import fields_in_words, in_words
from .context import ONE_TEXT, asked_key, english_of, text_url, title_of
from .fields import KINDS, LANGUAGES, STATES, list_fields

MAX_SLUG = 80


def register(bp: Blueprint) -> None:
    """Add the list of texts and the page that starts one to the studio's blueprint."""
    bp.add_url_rule("/", view_func=texts)
    bp.add_url_rule("/new", view_func=new)
    bp.add_url_rule("/new", view_func=begin, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/translate", view_func=translate, methods=["POST"])


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text of the list, with its status."""

    state: TextState
    key: str
    label: str
    kind_label: str
    language_label: str
    href: str
    when: str
    by: str


@requires(Action.WRITE)
def texts() -> str:
    """Show every session, training module and page, with its status and who changed it last."""
    asked = {name: request.args.get(name, "").strip()[:100] for name in ("q", "kind", "state")}
    every = [_show_row(state) for state in drafts.list_texts(site(), now())]
    rows = [row for row in every if _is_asked(row, asked)]
    return render_template(
        "studio/texts.html",
        rows=rows,
        total=len(every),
        asked=asked,
        kinds=[Labeled(kind.value, str(label), asked["kind"] == kind.value) for kind, label in KINDS.items()],
        states=[
            *(Labeled(key, str(label), asked["state"] == key) for key, label in STATES.items()),
            Labeled("problems", _("With problems"), asked["state"] == "problems"),
        ],
        counts=_count_states(every),
    )


def _show_row(state: TextState) -> TextRow:
    key = _state_of(state)
    when = labels.moment_label(state.draft.publish_at) if state.draft and state.draft.publish_at else ""
    return TextRow(
        state,
        key,
        str(STATES[key]),
        str(KINDS[state.key.kind]),
        LANGUAGES[state.key.language] if state.key.language is not Language.EN else "",
        text_url("edit", state.key),
        when,
        _changed_by(state),
    )


def _changed_by(state: TextState) -> str:
    if state.draft is None and state.act is not None:
        return labels.published_by_label(state.act, state.changed_by_name)
    return labels.person_label(state.changed_by_name)


def _state_of(state: TextState) -> str:
    if state.draft is not None:
        return "scheduled" if state.draft.publish_at else "draft"
    if state.act is PublicationAct.OUTSIDE:
        return "outside"
    return "published" if state.has_published else "unpublished"


def _is_asked(row: TextRow, asked: dict[str, str]) -> bool:
    found = f"{row.state.title} {row.state.key.slug}".casefold()
    if asked["kind"] and row.state.key.kind.value != asked["kind"]:
        return False
    if asked["state"] == "problems":
        return bool(row.state.errors) and asked["q"].casefold() in found
    return asked["q"].casefold() in found and asked["state"] in ("", row.key)


def _count_states(rows: list[TextRow]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.key] += 1
        counts["problems"] += bool(row.state.errors)
    return counts


@requires(Action.WRITE)
def new() -> str:
    """Show the form for a new text, from a starter or as a copy."""
    return _new_page({"title": "", "slug": "", "starter": request.args.get("starter", ""), "like": _asked_like()}, {})


def _new_page(typed: dict[str, str], fields: dict[str, str], message: str = "") -> str:
    like = _find_like(typed["like"])
    title = drafts.open_text(site(), like) if like is not None else None
    return render_template(
        "studio/new.html",
        typed=typed,
        fields=fields,
        message=message,
        starters=list_starters(),
        like=like,
        like_title=title_of(title.text, like) if title is not None and like is not None else "",
        max_slug=MAX_SLUG,
    )


def _asked_like() -> str:
    return request.args.get("like", "")


def _find_like(told: str) -> TextKey | None:
    """Return the key of the text to copy, given as `sessions/slug`."""
    kind, _sep, slug = told.partition("/")
    known = next((one for one in TextKind if one.value == kind), None)
    return TextKey(known, slug, Language.EN) if known is not None and slug else None


@requires(Action.WRITE)
def begin() -> Response | tuple[str, int]:
    """Create the draft and open it."""
    typed = {name: request.form.get(name, "").strip() for name in ("title", "slug", "starter", "like")}
    try:
        key, text = _begun(typed)
        drafts.begin_draft(site(), key, text, signed_in(), now())
    except Conflict:
        return _new_page(typed, {"slug": _("That web address is already taken. Choose a different one.")}), 422
    except Invalid as error:
        return _new_page(typed, fields_in_words(error), "" if error.fields else in_words(error.message)), 422
    return go_to(text_url("edit", key), code=303)


def _begun(typed: dict[str, str]) -> tuple[TextKey, str]:
    """Return the key and text of a new draft from the form. Raises Invalid with the fields that are missing."""
    slug = typed["slug"] or slug_of(typed["title"], MAX_SLUG)
    fields = {}
    if not typed["title"]:
        fields["title"] = _("Add a title. You can change it later.")
    elif not slug:
        fields["slug"] = _("Write the last part of the web address in lowercase with hyphens, like feet-on-the-floor.")
    like = _find_like(typed["like"])
    known = {starter.name: starter for starter in list_starters()}
    if like is None and typed["starter"] not in known:
        fields["starter"] = _("Choose what to start from.")
    if fields:
        raise Invalid(_("Not started yet. Please fix:"), fields)
    if like is not None:
        text = write_form(drafts.open_text(site(), like).text, {"title": typed["title"], "aliases": ()}, None)
        return TextKey(like.kind, slug, Language.EN), text
    return TextKey(known[typed["starter"]].kind, slug, Language.EN), read_starter(typed["starter"], typed["title"])


@requires(Action.WRITE)
def translate(kind: str, slug: str) -> Response:
    """Create the Spanish draft as a copy of the English text."""
    english = english_of(asked_key(kind, slug))
    key = replace(english, language=Language.ES)
    text = drafts.open_text(site(), english).text
    facts = read_form(text).facts
    kept = {one.key for one in list_fields(key)}
    draft = write_form(text, {name: "" for name in facts if name not in kept}, None)
    drafts.begin_draft(site(), key, draft, signed_in(), now())
    return go_to(text_url("edit", key), code=303)
