"""Packs in the studio: export texts as one zip, preview and import a pack."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, flash, render_template, request, send_file, url_for
from flask import redirect as go_to
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from ...domain import Language, TextKey, TextKind
from ...errors import Invalid, NotFound
from ...policy import Action
from ...publishing import drafts
from ...publishing.packs import export_pack, import_pack, preview_pack
from ...publishing.packs.import_ import Arrival
from ..access import requires
from ..http.uploads import as_file, go_on, upload_folder
from ..request import now, signed_in, site
from ..translations import fields_in_words, in_words
from .context import text_url
from .fields import KINDS, LANGUAGES

ARRIVALS: dict[Arrival, LazyString] = {
    Arrival.NEW: _l("New"),
    Arrival.CHANGED: _l("Changed"),
    Arrival.CONFLICTING: _l("Conflicting"),
    Arrival.SAME: _l("Same"),
}
_KEEP_SECONDS = 24 * 60 * 60
_TOKEN = re.compile(r"[0-9a-f]{32}")


def register(bp: Blueprint) -> None:
    """Add the pages for packs to the studio's blueprint."""
    bp.add_url_rule("/packs", view_func=packs)
    bp.add_url_rule("/packs/export", view_func=export, methods=["POST"])
    bp.add_url_rule("/packs/look", view_func=look_at_pack_sent, methods=["POST"])
    bp.add_url_rule("/packs/brought/<token>", view_func=show_pack)
    bp.add_url_rule("/packs/brought/<token>", view_func=take_pack, methods=["POST"])


@requires(Action.WRITE)
def packs() -> str:
    """Show the forms to export and to import a pack."""
    return _page({}, ())


def _page(fields: dict[str, str], chosen: tuple[str, ...]) -> str:
    kinds = (TextKind.SESSION, TextKind.TRAINING)
    states = [
        state
        for state in drafts.list_texts(site(), now())
        if state.has_published and state.key.kind in kinds and state.key.language is Language.EN
    ]
    states.sort(key=lambda state: state.title)
    return render_template("studio/packs.html", states=states, kinds=KINDS, fields=fields, chosen=chosen)


@requires(Action.WRITE)
def export() -> Response | tuple[str, int]:
    """Download the chosen texts as a pack."""
    slugs = request.form.getlist("slug")
    target = _folder() / f"{secrets.token_hex(16)}.out"
    try:
        export_pack(site(), slugs, target)
        file = target.open("rb")  # the server closes the file after sending; its name is no longer needed
    except (Invalid, NotFound) as error:
        said = fields_in_words(error) if isinstance(error, Invalid) else {}
        return _page({"slug": " ".join(said.values()) or in_words(error.message)}, tuple(slugs)), 422
    finally:
        target.unlink(missing_ok=True)
    name = f"{slugs[0]}.zip" if len(slugs) == 1 else "wellness-pack.zip"
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)


@requires(Action.WRITE)
def look_at_pack_sent() -> Response | tuple[str, int]:
    """Receive a pack to preview it. Nothing is imported yet."""
    with as_file(request.files.get("pack")) as sent:
        if sent is None:
            return _page({"pack": _("Choose the pack, a .zip file.")}, ()), 422
        try:
            preview_pack(site(), sent)
        except Invalid as error:
            return _page({"pack": in_words(error.fields.get("file", error.message))}, ()), 422
        token = secrets.token_hex(16)
        os.link(sent, _path(token))
    return go_on(url_for("studio.show_pack", token=token))


@requires(Action.WRITE)
def show_pack(token: str) -> str:
    """Show what a pack contains: new, changed, conflicting, same."""
    look = preview_pack(site(), _sent(token))
    order = list(ARRIVALS)
    return render_template(
        "studio/pack.html",
        token=token,
        texts=sorted(look.texts, key=lambda text: (order.index(text.arrival), text.key)),
        media=look.media,
        arrivals=ARRIVALS,
        kinds=KINDS,
        languages=LANGUAGES,
        taken=(Arrival.NEW, Arrival.CHANGED),
    )


@requires(Action.WRITE)
def take_pack(token: str) -> Response | tuple[str, int]:
    """Import the chosen texts as drafts, with their videos."""
    path = _sent(token)
    wanted = set(request.form.getlist("text"))
    chosen = [text.key for text in preview_pack(site(), path).texts if text.key.file in wanted]
    if not chosen:
        flash(_("Choose at least one item."), "caution")
        return go_to(url_for("studio.show_pack", token=token), code=303)
    keys = import_pack(site(), path, signed_in(), now(), chosen=chosen)
    path.unlink(missing_ok=True)
    flash(
        _("Imported as drafts: %(titles)s. Check each one before you publish it.", titles=", ".join(map(_name, keys))),
        "good",
    )
    target = text_url("edit", keys[0]) if len(keys) == 1 else url_for("studio.texts", state="draft")
    return go_to(target, code=303)


def _name(key: TextKey) -> str:
    return key.file.removesuffix(".md")


# --- Packs that wait for an answer: each of the person who sent it, for a day ---


def _folder() -> Path:
    folder = upload_folder(site().settings) / "packs"
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in _too_old(folder):
        left.unlink(missing_ok=True)
    return folder


def _too_old(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.stat().st_mtime < time.time() - _KEEP_SECONDS:
            yield path


def _path(token: str) -> Path:
    return _folder() / f"{signed_in().id}.{token}.zip"


def _sent(token: str) -> Path:
    if not _TOKEN.fullmatch(token) or not (path := _path(token)).is_file():
        raise NotFound("This pack is no longer here. Choose its file again.")
    return path
