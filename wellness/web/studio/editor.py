"""The studio's editor, with the check and the preview beside the text.

The form and the file are two views of one text: `library/front_matter_edit.py` changes only what changed in the form.
A save answers a browser with a page, and the editor's script with JSON that holds the same fragments.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ...domain import Audience, Language, PublicationAct, TextKey, TextKind
from ...domain.plain_text import with_unix_line_ends
from ...errors import Invalid, NotFound
from ...library.diff import compare
from ...library.front_matter_edit import outline, read_form, write_form
from ...library.prepared import PreparedModule, PreparedSession
from ...policy import Action
from ...publishing import drafts, publish
from ...publishing.drafts import DraftConflict, OpenText
from .. import labels
from ..access import requires
from ..blocks import list_snippets
from ..forms import read_number
from ..public.session_view import Labeled, ShownSession, show_session
from ..request import now, signed_in, site, wants_json
from ..translations import fields_in_words, in_words
from .context import ONE_TEXT, asked_key, check, english_of, sketch, text_url, title_of
from .fields import KINDS, LANGUAGES, Place, is_changed, list_fields, read_typed, show_fields
from .module_preview import show_draft

HERE_EVERY = timedelta(seconds=50)
"""How often an open editor reports that it is open; `drafts.list_others` looks back two minutes."""


def register(bp: Blueprint) -> None:
    """Add the editor to the studio's blueprint."""
    bp.add_url_rule(ONE_TEXT, view_func=edit)
    bp.add_url_rule(ONE_TEXT, view_func=save, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/here", view_func=here, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/keep", view_func=keep, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/discard", view_func=discard, methods=["POST"])
    bp.add_url_rule(ONE_TEXT + "/preview", view_func=preview)


@requires(Action.WRITE)
def edit(kind: str, slug: str) -> str:
    """Show the editor: form or file, the check, the outline, and the preview."""
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
    """Return the template variables of every page about one text."""
    key = opened.key
    return {
        "key": key,
        "opened": opened,
        "draft": opened.draft,
        "title": title_of(opened.text, key),
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


def _has_text(key: TextKey) -> bool:
    try:
        drafts.open_text(site(), key)
    except NotFound:
        return False
    return True


def _english_beside(key: TextKey) -> dict[str, Any] | None:
    """Return the English text for a translator, and what changed in it since the translation."""
    if key.language is Language.EN:
        return None
    try:
        english = drafts.open_text(site(), english_of(key))
    except NotFound:
        return None
    before = _translated_from(key)
    changed = compare(before, english.text) if before is not None and before != english.text else None
    return {"body": read_form(english.text).body, "changed": changed, "title": title_of(english.text, english.key)}


def _translated_from(key: TextKey) -> str | None:
    """Return the English text that was live when the translation was last published, or None."""
    done = [entry for entry in publish.list_history(site(), key) if entry.text is not None]
    if not done:
        return None
    last = max(entry.seq for entry in done)
    english = [entry for entry in publish.list_history(site(), english_of(key)) if entry.text is not None]
    # Shipped texts were delivered together, whichever of the two was logged first.
    known = [entry for entry in english if entry.seq < last or entry.act is PublicationAct.DELIVERED]
    return max(known, key=lambda entry: entry.seq).text if known else None


def _beside(key: TextKey, text: str, found: Any) -> dict[str, Any]:
    """Return the variables of the check, the outline and the preview."""
    original = None
    if key.language is not Language.EN and _has_text(english_of(key)):
        original = drafts.open_text(site(), english_of(key)).text
    return {
        "check": found,
        "outline": outline(text, original) if key.kind is not TextKind.PAGE else None,
        "step_kinds": labels.STEP_KINDS,
        "facts": [one.key for one in list_fields(key)],
        "first_line": Place.of(text).body_line,
        "snippets": list_snippets(key.language, [video.name for video in site().media.list_facts()]),
        **_preview(key, text),
    }


def _asked_look() -> str:
    """Return the audience that was clicked: the last value, because the form also has the previous one."""
    return next(reversed(request.values.getlist("as")), "")


def _preview(key: TextKey, text: str) -> dict[str, Any]:
    """Return the variables of the preview for one audience."""
    looks = [
        Labeled(Audience.STUDENT.value, _("Student")),
        Labeled(Audience.PRESENTATION.value, _("Class screen")),
        Labeled(Audience.TEACHER.value, _("Teacher")),
        Labeled(Audience.FAMILY.value, _("Family")),
    ]
    if key.kind is TextKind.PAGE:
        looks = [Labeled(Audience.STUDENT.value, _("Page"))]
    elif key.kind is TextKind.TRAINING:
        looks = [Labeled(Audience.TEACHER.value, _("Teacher"))]
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
    """Save the draft; then show the same view, the other one, or the publishing page."""
    key = asked_key(kind, slug)
    opened = drafts.open_text(site(), key)
    text = _typed_text(key, opened.text)
    version = read_number(request.form.get("version", "")) or 0
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
    flash(_("Saved as a draft. It won’t be on the site until you publish it."), "good")
    view = {"raw": "raw", "form": None}.get(go, "raw" if "raw" in request.form else None)
    return go_to(text_url("edit", key, view=view, **{"as": _asked_look()}), code=303)


def _said(error: Invalid) -> str:
    return " ".join([in_words(error.message), *fields_in_words(error).values()])


def _typed_text(key: TextKey, before: str) -> str:
    """Return the whole text as submitted from either view."""
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
    """Return a textarea's value with LF line ends and one at the end."""
    return with_unix_line_ends(typed).rstrip("\n") + "\n"


def _keep_draft(opened: OpenText, text: str, version: int) -> OpenText:
    """Save the text as a draft unless nothing changed."""
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
    """Show both versions to choose from. What was typed is in the page, so nothing is lost."""
    theirs = conflict.draft
    by = labels.person_label(theirs.changed_by_name)
    if wants_json():
        said = _("Saved on %(when)s by %(name)s.", name=by, when=labels.moment_label(theirs.changed_at))
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
    """Record that an editor is open, and return who else has the text open."""
    key = asked_key(kind, slug)
    drafts.open_text(site(), key)
    drafts.note_open(site(), key, signed_in(), now())
    others = drafts.list_others(site(), key, signed_in(), now())
    return jsonify(others=render_template("studio/_others.html", others=others).strip())


@requires(Action.WRITE)
def keep(kind: str, slug: str) -> Response:
    """Keep a suggestion as is with a reason, or undo that."""
    key = asked_key(kind, slug)
    warning, reason = request.form.get("warning", ""), " ".join(request.form.get("reason", "").split())
    if request.form.get("go") == "unkeep":
        drafts.reopen_warning(site(), key, warning, signed_in(), now())
    elif not reason:
        flash(_("Write why you’re keeping it, so the next person understands."), "caution")
    else:
        drafts.keep_warning(site(), key, warning, reason[:300], signed_in(), now())
    if wants_json():
        return _answer_script(key, drafts.open_text(site(), key))
    return go_to(text_url("edit", key) + "#check", code=303)


@requires(Action.WRITE)
def discard(kind: str, slug: str) -> Response | tuple[str, int] | tuple[Response, int]:
    """Delete the draft; the published text stays."""
    key = asked_key(kind, slug)
    opened = drafts.open_text(site(), key)
    try:
        drafts.discard_draft(site(), key, signed_in(), now(), version=read_number(request.form.get("version", "")) or 0)
    except DraftConflict as conflict:
        return show_conflict(opened, conflict)
    flash(_("Draft deleted. The published version hasn’t changed."), "good")
    target = text_url("edit", key) if opened.published is not None else url_for("studio.texts")
    return go_to(target, code=303)


@requires(Action.WRITE)
def preview(kind: str, slug: str) -> str:
    """Show the draft as one audience sees it; practices and videos run."""
    opened = drafts.open_text(site(), asked_key(kind, slug))
    return render_template("studio/preview.html", **frame(opened), **_preview(opened.key, opened.text), is_live=True)
