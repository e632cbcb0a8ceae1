"""The studio: the list of texts, a new one, the editor with the check and the page beside it.

The form and the file are two views of one text: `library/front_matter_edit.py` changes only what changed in the form.
A save answers a browser with a page, and the editor's script with JSON that holds the same fragments.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import Audience, Language, PublicationAct, TextKey, TextKind
from ...domain.plain_text import slug_of, with_unix_line_ends
from ...errors import Conflict, Invalid, NotFound
from ...library.diff import compare
from ...library.front_matter_edit import outline, read_form, write_form
from ...library.prepared import PreparedModule, PreparedSession
from ...library.starters import list_starters, read_starter
from ...policy import Action
from ...publishing import drafts, publish
from ...publishing.drafts import DraftConflict, OpenText, TextState
from .. import labels
from ..access import requires
from ..blocks import list_snippets
from ..learn.module_view import show_draft
from ..public.session_view import Labelled, ShownSession, show_session
from ..request import now, signed_in, site, wants_json
from .context import ONE_TEXT, asked_key, check, english_of, sketch, text_url
from .fields import KINDS, LANGUAGES, STATES, Place, is_changed, list_fields, read_typed, show_fields

HERE_EVERY = timedelta(seconds=50)
"""How often an open editor says that somebody is at it; `drafting.list_others` looks back two minutes."""
MAX_SLUG = 80


def register(bp: Blueprint) -> None:
    """Add the list of texts and the editor to the studio's blueprint."""
    bp.add_url_rule("/", view_func=texts)
    bp.add_url_rule("/new", view_func=new)
    bp.add_url_rule("/new", view_func=begin, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/translate", view_func=translate, methods=["POST"])
    bp.add_url_rule(ONE_TEXT, view_func=edit)
    bp.add_url_rule(ONE_TEXT, view_func=save, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/here", view_func=here, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/keep", view_func=keep, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/discard", view_func=discard, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/preview", view_func=preview)


# --- The list ---


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text of the list and how it stands."""

    state: TextState
    key: str
    label: str
    kind_label: str
    language_label: str
    href: str
    when: str


@requires(Action.WRITE)
def texts() -> str:
    """Every session, training module and page, with its state and who changed it last."""
    asked = {name: request.args.get(name, "").strip()[:100] for name in ("q", "kind", "state")}
    every = [_show_row(state) for state in drafts.list_texts(site(), now())]
    rows = [row for row in every if _is_asked(row, asked)]
    return render_template(
        "studio/texts.html",
        rows=rows,
        total=len(every),
        asked=asked,
        kinds=[Labelled(kind.value, str(label), asked["kind"] == kind.value) for kind, label in KINDS.items()],
        states=[
            *(Labelled(key, str(label), asked["state"] == key) for key, label in STATES.items()),
            Labelled("problems", _("With problems"), asked["state"] == "problems"),
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
    )


def _state_of(state: TextState) -> str:
    if state.draft is not None:
        return "scheduled" if state.draft.publish_at else "draft"
    if state.is_outside:
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


# --- A new text ---


@requires(Action.WRITE)
def new() -> str:
    """Begin a text: from a starter, as a copy, or as a translation."""
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
        like_title=_title_of(title.text, like) if title is not None and like is not None else "",
        max_slug=MAX_SLUG,
    )


def _asked_like() -> str:
    return request.args.get("like", "")


def _find_like(told: str) -> TextKey | None:
    """The text that a new one is a copy of, told as `sessions/slug`."""
    kind, _sep, slug = told.partition("/")
    known = next((one for one in TextKind if one.value == kind), None)
    return TextKey(known, slug, Language.EN) if known is not None and slug else None


@requires(Action.WRITE)
def begin() -> Response | tuple[str, int]:
    """Begin the text and open it."""
    typed = {name: request.form.get(name, "").strip() for name in ("title", "slug", "starter", "like")}
    try:
        key, text = _begun(typed)
        drafts.begin_draft(site(), key, text, signed_in(), now())
    except Conflict:
        return _new_page(typed, {"slug": _("That web address is already taken. Choose a different one.")}), 422
    except Invalid as error:
        return _new_page(typed, error.fields, "" if error.fields else error.message), 422
    return go_to(text_url("edit", key), code=303)


def _begun(typed: dict[str, str]) -> tuple[TextKey, str]:
    """Key and text of what somebody wants to begin. Raises Invalid with what is missing."""
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
    """Begin the Spanish text: it starts as the English one, to be written over beside it."""
    english = english_of(asked_key(kind, slug))
    key = replace(english, language=Language.ES)
    text = drafts.open_text(site(), english).text
    facts = read_form(text).facts
    kept = {one.key for one in list_fields(key)}
    draft = write_form(text, {name: "" for name in facts if name not in kept}, None)
    drafts.begin_draft(site(), key, draft, signed_in(), now())
    return go_to(text_url("edit", key), code=303)


# --- The editor ---


@requires(Action.WRITE)
def edit(kind: str, slug: str) -> str:
    """The editor: form or file, the check, the outline, and the page as the readers see it."""
    key = asked_key(kind, slug)
    return _editor(drafts.open_text(site(), key))


def _editor(opened: OpenText) -> str:
    key = opened.key
    form = read_form(opened.text)
    view = "raw" if request.args.get("view") == "raw" or not form.is_readable else "form"
    found = check(key, opened.text, opened.draft.keeps if opened.draft else ())
    return render_template(
        "studio/edit.html",
        **frame(opened),
        view=view,
        is_readable=form.is_readable,
        body=form.body,
        fields=show_fields(key, form.facts, found),
        version=opened.version,
        others=drafts.list_others(site(), key, signed_in(), now()),
        here_every=int(HERE_EVERY.total_seconds() * 1000),
        english=_english_beside(key),
        has_spanish=key.language is Language.EN and _has_text(replace(key, language=Language.ES)),
        **_beside(key, opened.text, found),
    )


def frame(opened: OpenText) -> dict[str, Any]:
    """What every page about one text shows of it."""
    key = opened.key
    return {
        "key": key,
        "opened": opened,
        "draft": opened.draft,
        "title": _title_of(opened.text, key),
        "kind_label": str(KINDS[key.kind]),
        "language_label": LANGUAGES[key.language],
        "urls": {
            name: text_url(name, key)
            for name in (
                "edit", "save", "here", "keep", "discard", "preview", "publishing", "publish", "history",
                "unschedule", "unpublish", "rename", "restore",
            )
        },
    }  # fmt: skip


def _title_of(text: str, key: TextKey) -> str:
    return read_form(text).line("title") or key.slug


def _has_text(key: TextKey) -> bool:
    try:
        drafts.open_text(site(), key)
    except NotFound:
        return False
    return True


def _english_beside(key: TextKey) -> dict[str, Any] | None:
    """The English text for a translator, and what changed in it since the translation."""
    if key.language is Language.EN:
        return None
    try:
        english = drafts.open_text(site(), english_of(key))
    except NotFound:
        return None
    before = _translated_from(key)
    changed = compare(before, english.text) if before is not None and before != english.text else None
    return {"body": read_form(english.text).body, "changed": changed, "title": _title_of(english.text, english.key)}


def _translated_from(key: TextKey) -> str | None:
    """The English text that was live when the translation was published last, or None."""
    done = [entry for entry in publish.list_history(site(), key) if entry.text is not None]
    if not done:
        return None
    last = max(entry.seq for entry in done)
    english = [entry for entry in publish.list_history(site(), english_of(key)) if entry.text is not None]
    # What came with the site came together, whichever of the two was entered first.
    known = [entry for entry in english if entry.seq < last or entry.act is PublicationAct.DELIVERED]
    return max(known, key=lambda entry: entry.seq).text if known else None


def _beside(key: TextKey, text: str, found: Any) -> dict[str, Any]:
    """What stands beside the text: the check, the outline, the page."""
    original = None
    if key.language is not Language.EN and _has_text(english_of(key)):
        original = drafts.open_text(site(), english_of(key)).text
    return {
        "check": found,
        "outline": outline(text, original) if key.kind is not TextKind.PAGE else None,
        "step_kinds": labels.STEP_KINDS,
        "facts": [one.key for one in list_fields(key)],
        "first_line": Place.of(text).body_line,
        "snippets": list_snippets(key.language, [film.name for film in site().media.list_facts()]),
        **_preview(key, text),
    }


def _asked_look() -> str:
    """The reader that was pressed; the form holds the one before it too."""
    return next(reversed(request.values.getlist("as")), "")


def _preview(key: TextKey, text: str) -> dict[str, Any]:
    """The text as one kind of reader sees it."""
    looks = [
        Labelled(Audience.STUDENT.value, _("Student")),
        Labelled(Audience.PRESENTATION.value, _("Class screen")),
        Labelled(Audience.TEACHER.value, _("Teacher")),
        Labelled(Audience.FAMILY.value, _("Family")),
    ]
    if key.kind is TextKind.PAGE:
        looks = [Labelled(Audience.STUDENT.value, _("Page"))]
    elif key.kind is TextKind.TRAINING:
        looks = [Labelled(Audience.TEACHER.value, _("Teacher"))]
    asked = _asked_look()
    look = next((one for one in looks if one.key == asked), looks[0])
    looks = [replace(one, current=one is look) for one in looks]
    shown: dict[str, Any] = {
        "looks": looks,
        "look": look.key,
        "session": None,
        "page": None,
        "module": None,
        "parts": [],
    }
    try:
        prepared = sketch(key, text)
    except NotFound:
        return shown
    if isinstance(prepared, PreparedSession):
        shown_session: ShownSession = show_session(prepared, (prepared.language,))
        return shown | {"session": shown_session}
    if isinstance(prepared, PreparedModule):
        return shown | {"module": prepared, "module_parts": show_draft(prepared)}
    return shown | {"page": prepared, "parts": prepared.parts}


@requires(Action.WRITE)
def save(kind: str, slug: str) -> Response | tuple[str, int] | tuple[Response, int]:
    """Keep what was typed as the draft; then show the same view, the other one, or the way to publish it."""
    key = asked_key(kind, slug)
    opened = drafts.open_text(site(), key)
    text = _typed_text(key, opened.text)
    version = request.form.get("version", 0, type=int)
    try:
        saved = _keep_draft(opened, text, version)
    except DraftConflict as conflict:
        return show_conflict(opened, conflict)
    except Invalid as error:
        if wants_json():
            return jsonify(said=_said(error)), 422
        flash(_said(error), "wrong")
        return go_to(text_url("edit", key), code=303)
    if wants_json():
        return _answer_script(key, saved)
    go = request.form.get("go", "")
    if go == "publish":
        return go_to(text_url("publishing", key), code=303)
    flash(_("Saved as a draft. It won't be on the site until you publish it."), "good")
    view = {"raw": "raw", "form": None}.get(go, "raw" if "raw" in request.form else None)
    return go_to(text_url("edit", key, view=view, **{"as": _asked_look()}), code=303)


def _said(error: Invalid) -> str:
    return " ".join([_(error.message), *(_(message) for message in error.fields.values())])


def _typed_text(key: TextKey, before: str) -> str:
    """The whole text as it was typed in one of the two views."""
    if "raw" in request.form:
        return _as_file(request.form["raw"])
    form = read_form(before)
    typed = {
        one: read_typed(one, request.form.getlist(f"fact-{one.key}"))
        for one in list_fields(key)
        if f"has-{one.key}" in request.form
    }
    changes = {one.key: value for one, value in typed.items() if is_changed(one, value, form.facts.get(one.key))}
    body = _as_file(request.form["body"]) if "body" in request.form else None
    return write_form(before, changes, body if body != form.body else None)


def _as_file(typed: str) -> str:
    """What a textarea sends, with the line ends of a file and one at its end."""
    return with_unix_line_ends(typed).rstrip("\n") + "\n"


def _keep_draft(opened: OpenText, text: str, version: int) -> OpenText:
    """The text as it is kept. What was not changed is not written."""
    if text == opened.text and version == opened.version:
        return opened
    draft = drafts.save_draft(site(), opened.key, text, signed_in(), now(), version=version)
    return replace(opened, draft=draft, version=draft.version, text=draft.text)


def _answer_script(key: TextKey, saved: OpenText) -> Response:
    found = check(key, saved.text, saved.draft.keeps if saved.draft else ())
    view = "raw" if request.form.get("view") == "raw" else "form"
    context = {**frame(saved), **_beside(key, saved.text, found), "view": view}
    return jsonify(
        version=saved.version,
        summary=found.summary,
        check=render_template("studio/_check.html", **context),
        outline=render_template("studio/_outline.html", **context),
        preview=render_template("studio/_preview.html", is_live=False, **context),
        title=context["title"],
    )


def show_conflict(opened: OpenText, conflict: DraftConflict) -> tuple[str, int] | tuple[Response, int]:
    """Both texts, and the choice. What was typed is in the page, so nothing is lost."""
    theirs = conflict.draft
    by = theirs.changed_by_name or _("Someone")
    if wants_json():
        said = _("%(name)s saved this on %(when)s.", name=by, when=labels.moment_label(theirs.changed_at))
        return jsonify(said=said, conflict=True), 409
    page = render_template(
        "studio/conflict.html",
        **frame(opened),
        mine=conflict.mine,
        theirs=theirs,
        by=by,
        difference=compare(theirs.text, conflict.mine),
    )
    return page, 409


@requires(Action.WRITE)
def here(kind: str, slug: str) -> Response:
    """An open editor says that somebody is at it, and hears who else is."""
    key = asked_key(kind, slug)
    drafts.open_text(site(), key)
    drafts.note_open(site(), key, signed_in(), now())
    others = drafts.list_others(site(), key, signed_in(), now())
    return jsonify(others=render_template("studio/_others.html", others=others).strip())


@requires(Action.WRITE)
def keep(kind: str, slug: str) -> Response:
    """Answer a warning with "keep, because…", or take the answer back."""
    key = asked_key(kind, slug)
    warning, reason = request.form.get("warning", ""), " ".join(request.form.get("reason", "").split())
    if request.form.get("go") == "unkeep":
        drafts.unkeep_warning(site(), key, warning, signed_in(), now())
    elif not reason:
        flash(_("Write why you're keeping it, so the next person understands."), "caution")
    else:
        drafts.keep_warning(site(), key, warning, reason[:300], signed_in(), now())
    if wants_json():
        return _answer_script(key, drafts.open_text(site(), key))
    return go_to(text_url("edit", key) + "#check", code=303)


@requires(Action.WRITE)
def discard(kind: str, slug: str) -> Response | tuple[str, int] | tuple[Response, int]:
    """Throw the draft away; the published text stays."""
    key = asked_key(kind, slug)
    opened = drafts.open_text(site(), key)
    try:
        drafts.discard_draft(site(), key, signed_in(), now(), version=request.form.get("version", 0, type=int))
    except DraftConflict as conflict:
        return show_conflict(opened, conflict)
    flash(_("Draft deleted. The published version hasn't changed."), "good")
    target = text_url("edit", key) if opened.published is not None else url_for("studio.texts")
    return go_to(target, code=303)


@requires(Action.WRITE)
def preview(kind: str, slug: str) -> str:
    """The draft by itself, as one kind of reader sees it; practices and videos run."""
    opened = drafts.open_text(site(), asked_key(kind, slug))
    return render_template("studio/preview.html", **frame(opened), **_preview(opened.key, opened.text), is_live=True)
