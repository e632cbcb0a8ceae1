"""Videos in the studio: upload one with captions, follow its processing, preview it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from flask import Blueprint, flash, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from ...domain import JobState, Language
from ...errors import Invalid
from ...library.blocks.video import Video
from ...media.ffmpeg import MISSING, find_tools
from ...policy import Action
from ...publishing import video_uploads
from ...publishing.video_uploads import Limits, StartedUpload
from ..access import requires
from ..http.uploads import as_file, go_on
from ..public.video_view import show_video
from ..request import now, signed_in, site
from ..translations import fields_in_words, in_words

JOB_STATES: dict[JobState, LazyString] = {
    JobState.WAITING: _l("waiting"),
    JobState.WORKING: _l("processing"),
    JobState.READY: _l("ready"),
    JobState.FAILED: _l("failed"),
}
SHOWN_JOBS = 12


def register(bp: Blueprint) -> None:
    """Add the pages for videos to the studio's blueprint."""
    bp.add_url_rule("/media", view_func=media)
    bp.add_url_rule("/media", view_func=bring, methods=["POST"])
    bp.add_url_rule("/media/work", view_func=work)
    bp.add_url_rule("/media/work/<job_id>/again", view_func=begin_again, methods=["POST"])
    bp.add_url_rule("/media/films/<name>", view_func=medium)
    bp.add_url_rule("/media/films/<name>/voice", view_func=bring_voice, methods=["POST"])


@requires(Action.WRITE)
def media() -> str:
    """List the videos, and recent uploads with their progress."""
    return _page({}, {})


def _page(typed: dict[str, str], fields: dict[str, str]) -> str:
    return render_template(
        "studio/media.html",
        videos=site().media.list_media(),
        languages={"en": "English", "es": "Español"},
        typed=typed,
        fields=fields,
        minutes=site().settings.media_minutes,
        missing="" if find_tools() else _(MISSING),
        **_work(),
    )


def _work() -> dict[str, object]:
    jobs = video_uploads.list_work(site().records, site().media, now())[:SHOWN_JOBS]
    return {"jobs": jobs, "job_states": JOB_STATES, "is_working": any(not job.is_over for job in jobs)}


@requires(Action.WRITE)
def bring() -> Response | tuple[str, int] | tuple[Response, int]:
    """Upload a video and its captions; processing continues in the background."""
    typed = {name: request.form.get(name, "").strip() for name in ("title", "name")}
    with ExitStack() as files:
        file, captions, spanish = (
            files.enter_context(as_file(request.files.get(field))) for field in ("file", "captions", "captions_es")
        )
        if file is None:
            return _refuse(typed, {"file": _("Choose a video file.")})
        try:
            brought = video_uploads.start_upload(
                site().records, site().media, site().start_work, file, _by_language(captions, spanish),
                at=now(), by=signed_in(), name=typed["name"], title=typed["title"],
                limits=Limits(minutes=site().settings.media_minutes), is_levelled="level" in request.form,
            )  # fmt: skip
        except Invalid as error:
            return _refuse(typed, fields_in_words(error))
    _tell_warnings(brought)
    flash(_("Uploaded. The video is being processed. You can leave this page."), "good")
    return _to_media()


def _by_language(english: Path | None, spanish: Path | None) -> dict[Language, Path]:
    told = {Language.EN: english, Language.ES: spanish}
    return {language: path for language, path in told.items() if path is not None}


def _refuse(typed: dict[str, str], fields: dict[str, str]) -> tuple[str, int]:
    return _page(typed, fields), 422


def _tell_warnings(brought: StartedUpload) -> None:
    for problem in brought.warnings[:5]:
        flash(_("Captions, line %(line)s: %(message)s", line=problem.line, message=problem.message), "caution")


def _to_media() -> Response:
    return go_on(url_for("studio.media") + "#work")


@requires(Action.WRITE)
def work() -> Response:
    """Return the progress of uploads as HTML, for the page's script."""
    told = _work()
    return jsonify(work=render_template("studio/_work.html", **told), is_working=told["is_working"])


@requires(Action.WRITE)
def begin_again(job_id: str) -> Response:
    """Retry a failed upload."""
    try:
        video_uploads.start_again(site().records, site().media, site().start_work, job_id, now())
    except Invalid as error:
        flash(in_words(error.message), "wrong")
    return _to_media()


@requires(Action.WRITE)
def medium(name: str) -> str:
    """Show one video with its captions and transcript."""
    return _medium_page(name, {})


def _medium_page(name: str, fields: dict[str, str]) -> str:
    found = site().media.get_medium(name)
    return render_template(
        "studio/medium.html",
        medium=found,
        video=show_video(Video("preview", found.name, None)),
        fields=fields,
        missing="" if find_tools() else _(MISSING),
        block=f"/// video | {found.name}\n{_('The same in words, for anyone who cannot play it.')}\n///",
    )


@requires(Action.WRITE)
def bring_voice(name: str) -> Response | tuple[str, int]:
    """Replace a video's voice with the coach's own."""
    with ExitStack() as files:
        file, captions = (files.enter_context(as_file(request.files.get(field))) for field in ("file", "captions"))
        if file is None:
            return _medium_page(name, {"file": _("Choose an audio file.")}), 422
        try:
            brought = video_uploads.start_voice(
                site().records, site().media, site().start_work, name, file, _by_language(captions, None),
                at=now(), by=signed_in(),
            )  # fmt: skip
        except Invalid as error:
            return _medium_page(name, fields_in_words(error)), 422
    _tell_warnings(brought)
    flash(_("Uploaded. Your voice is being added to the video. You can leave this page."), "good")
    return _to_media()
