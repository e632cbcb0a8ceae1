"""Composition: one Flask application over one instance."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path

from flask import Flask, request
from flask_babel import Babel, gettext
from flask_wtf import CSRFProtect
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix

from .config import Settings
from .domain import SiteSettings
from .errors import WellnessError
from .files import SITE
from .instance.lock import lock_shared
from .media_worker import start_worker
from .publishing import sync
from .records.sign_ins import REMEMBERED
from .stores import open_stores
from .web import account, admin, auth, coach, learn, public, studio, teach
from .web.blocks import register_blocks
from .web.drawings import register_drawings
from .web.errors import register_errors
from .web.http.cross_site import register_cross_site
from .web.http.headers import register_headers
from .web.http.rate_limits import register_limits
from .web.http.static_files import register_statics
from .web.http.uploads import UploadRequest
from .web.labels import (
    NEED_CHOICES,
    PRACTICE_CHOICES,
    day_label,
    days_label,
    full_day_label,
    grades_label,
    hours_label,
    label,
    moment_label,
    month_label,
    number_label,
    outcome_label,
    person_label,
    short_day_label,
)
from .web.navigation import staff_links
from .web.page_cache import PageCache
from .web.public import pages
from .web.public.session_view import mark_found
from .web.request import (
    Clock,
    Site,
    asked_language,
    choose_language,
    find_staff,
    reader_language,
    site,
    site_settings,
    utc_now,
)
from .web.translations import register_translations
from .web.unsent import register_unsent

_log = logging.getLogger(__name__)
MAX_REQUEST_BYTES = 1024 * 1024
BLUEPRINTS = (
    auth.bp,
    *account.BLUEPRINTS,
    *public.BLUEPRINTS,
    *teach.BLUEPRINTS,
    *learn.BLUEPRINTS,
    *coach.BLUEPRINTS,
    *studio.BLUEPRINTS,
    *admin.BLUEPRINTS,
)


def create_app(settings: Settings, *, clock: Clock = utc_now) -> Flask:
    """The application over the instance in `settings`. `clock` gives the instant, aware, in UTC.

    Raises Misconfigured with a sentence when the instance is not ready.
    """
    app = Flask(
        "wellness",
        root_path=str(SITE),
        template_folder=str(SITE / "templates"),
        static_folder=None,
    )
    app.request_class = UploadRequest
    app.static_folder = str(SITE / "static")
    register_statics(app, SITE / "static")
    _configure(app, settings)
    use = lock_shared(settings)
    try:
        stores = open_stores(settings)
    except BaseException:
        use.end()
        raise
    app.extensions["wellness"] = Site(
        stores.records, stores.catalogue, stores.workshop, stores.media, settings, clock, start_worker, use.end
    )
    Babel(app, locale_selector=choose_language, default_translation_directories=str(SITE / "translations"))
    register_cross_site(app)
    CSRFProtect(app)
    auth.register_sign_in(app)
    register_errors(app)
    register_limits(app, settings)
    register_headers(app, settings)
    register_unsent(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _prepare_templates(app)
    register_translations(app)
    register_drawings(app)
    register_blocks(app)
    app.before_request(_catch_up)
    app.url_defaults(_add_language)
    app.wsgi_app = PageCache(app.wsgi_app, lambda: _version(app.extensions["wellness"]))  # type: ignore[method-assign]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.read_secret_key(),
        # The prefix makes browsers refuse the cookie unless it is Secure and for this host alone (RFC 6265bis, 4.1.3.2).
        SESSION_COOKIE_NAME="wellness" if settings.plain_http else "__Host-wellness",
        SESSION_COOKIE_SECURE=not settings.plain_http,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=REMEMBERED,
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_REQUEST_BYTES,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        WTF_CSRF_TIME_LIMIT=None,  # a presentation stays open for a whole lesson, a door's page for a day
        WTF_CSRF_SSL_STRICT=False,  # web/http/cross_site.py decides it without the referrer, which not everybody sends
        BABEL_DEFAULT_LOCALE="en",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.auto_reload = False
    app.jinja_env.bytecode_cache = _template_cache(settings.home / "template-cache")


class TemplateCache(FileSystemBytecodeCache):
    """Jinja's own cache of compiled templates; on a full disk pages are still answered."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a compiled template, or leave it out."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _template_cache(folder: Path) -> TemplateCache | None:
    """The bytecode cache, in a folder that only this account may write, because its files run as code.

    None where the folder cannot be made: each start then compiles the templates.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        return None
    return TemplateCache(str(folder))


def _prepare_templates(app: Flask) -> None:
    @app.context_processor
    def for_every_template() -> dict[str, object]:
        person = find_staff()
        return {
            "site": _settings_or_default(),
            "lang": reader_language().value,
            "actor": person,
            "staff_links": staff_links(person) if person is not None else [],
            "lang_links": pages.language_links(),
            "origin": request.host_url.rstrip("/"),
        }

    app.template_filter("translated")(gettext)  # of what Python marked: `_()` in a template takes literals only
    app.jinja_env.globals.update(need_choices=NEED_CHOICES, practice_choices=PRACTICE_CHOICES)
    app.template_filter("label")(label)
    app.template_filter("mark_found")(mark_found)
    app.template_filter("person")(person_label)
    app.template_filter("day")(day_label)
    app.template_filter("short_day")(short_day_label)
    app.template_filter("days")(days_label)
    app.template_filter("number")(number_label)
    app.template_filter("grades")(grades_label)
    app.template_filter("said")(outcome_label)
    app.template_filter("moment")(moment_label)
    app.template_filter("full_day")(full_day_label)
    app.template_filter("hours")(hours_label)
    app.template_filter("month")(month_label)


def _settings_or_default() -> SiteSettings:
    """An error page has to come out even when the records do not answer."""
    try:
        return site_settings()
    except WellnessError:
        return SiteSettings()


def _catch_up() -> None:
    if request.endpoint in (None, "static"):
        site().media.follow()
    else:
        _sync(site())


def _sync(here: Site) -> None:
    """Sync the catalogue with the log and the library, at most ten times a second; requests don't wait for each other."""
    here.media.follow()
    if not here.catalogue.is_time_to_look():
        return
    try:
        sync.sync(here, here.clock(), wait=False)
    except WellnessError:
        _log.exception("the pages could not catch up with the log; they stay as they were")


def _version(here: Site) -> Hashable:
    """What public pages are made from, brought up to date. Raises Unavailable when the settings were never read."""
    _sync(here)
    return here.catalogue.stamp(), here.read_words(), here.plan_edits


def _add_language(endpoint: str, values: dict[str, object]) -> None:
    """A reader who chose a language by its link keeps it from page to page, without a cookie."""
    asked = asked_language() if request else None
    if asked is not None and endpoint != "static" and "lang" not in values:
        values["lang"] = asked
