"""What a request knows: the stores, the time, the language and who is asking. The only place that looks at the clock.

`flask.session` is imported here, once, as `cookie`: in this product a Session is the authored content.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from flask import session as cookie  # noqa: TID251 - the one place
from flask_login import current_user
from werkzeug.datastructures import Accept, LanguageAccept
from werkzeug.http import parse_accept_header

from ..config import Settings
from ..domain import Classroom, Language, Person, SiteSettings, school_day
from ..errors import Unavailable
from ..policy import Actor, DoorHolder, Visitor
from ..publishing.video_uploads import Starter
from ..records import calendars, settings
from ..stores import Stores

__all__ = [
    "Site",
    "actor",
    "asked_language",
    "cached_for_short_headers",
    "confirmed_at",
    "cookie",
    "language_of",
    "last_school_day",
    "now",
    "reader_language",
    "school_zone",
    "sign_in_key",
    "signed_in",
    "site",
    "site_settings",
    "staff",
    "today",
    "use_zone",
    "wants_json",
]

Told = TypeVar("Told")
Clock = Callable[[], datetime]
_SETTINGS_SECONDS = 2.0
_SHORT = 200
_LANGUAGES = [language.value for language in Language]

RECORDS_UNAVAILABLE = "wellness.records_away"
"""Where a request's environment tells that the records did not answer already, in the words of the error."""


@dataclass(slots=True)
class Site(Stores):
    """The stores, the settings and the clock of this process."""

    settings: Settings
    clock: Clock
    start_work: Starter
    end_use: Callable[[], None]
    words: SiteSettings | None = None
    words_read_at: float = 0.0
    plan_edits: int = 0
    """How often this process changed the plan or the days without school, which the home page shows."""

    def read_words(self, *, fresh: bool = False) -> SiteSettings:
        """What an admin set for the site; read again after two seconds, or at once when `fresh`.

        While the records do not answer it is what was read last. Raises Unavailable when nothing was, or for `fresh`.
        """
        if fresh or self.words is None or time.monotonic() - self.words_read_at > _SETTINGS_SECONDS:
            self.words_read_at = time.monotonic()
            try:
                with self.records.asking() as tx:
                    self.words = settings.load_settings(tx)
            except Unavailable:
                if fresh or self.words is None:
                    raise
        return self.words

    def close(self) -> None:
        """Close the stores, then let a restore have the instance."""
        Stores.close(self)  # `super()` does not know a class that `slots` made again
        self.end_use()


def utc_now() -> datetime:
    """The instant, aware, in UTC."""
    return datetime.now(UTC)


def site() -> Site:
    """The site this request belongs to."""
    found: Site = current_app.extensions["wellness"]
    return found


def now() -> datetime:
    """The instant of this request: one for all it writes."""
    if "now" not in g:
        g.now = site().clock()
    at: datetime = g.now
    return at


def use_zone(time_zone: str) -> None:
    """Tell days and hours in this time zone for the rest of the request; an empty one means the district's."""
    if time_zone:
        g.zone = ZoneInfo(time_zone)


def school_zone() -> ZoneInfo:
    """The time zone of the school that the request is about: its own, or the district's."""
    found: ZoneInfo | None = g.get("zone")
    return found or site_settings().zone


def today() -> date:
    """The school's date at the instant of this request."""
    return school_day(now(), school_zone())


def last_school_day(own: Collection[Classroom]) -> date:
    """Today, or the latest day before it with school for one of these classes: the day that a form proposes."""
    with site().records.reading() as tx:
        found = [one.last_school_day(today()) for one in calendars.load_calendars_of(tx, own).values()]
    return max((day for day in found if day is not None), default=today())


def site_settings(*, fresh: bool = False) -> SiteSettings:
    """What an admin set for the site: see `Site.read_words`."""
    return site().read_words(fresh=fresh)


def asked_language() -> str | None:
    """The language that the address asks for, if it is one of ours."""
    if "asked_language" not in g:  # each address of a page asks for it
        asked = request.args.get("lang", "")
        g.asked_language = asked if asked in _LANGUAGES else None
    found: str | None = g.asked_language
    return found


def choose_language() -> str:
    """The language of this request: asked for in the address, the person's own, or the browser's."""
    asked = asked_language()
    if asked is not None:
        return asked
    person = find_staff()
    if person is not None:
        return person.language.value
    return language_of(request.headers.get("Accept-Language", ""))


def cached_for_short_headers(tell: Callable[[str], Told]) -> Callable[[str], Told]:
    """Remember what `tell` says of the headers that browsers send again and again; of a long one nothing is kept."""
    remembered = lru_cache(maxsize=1024)(tell)
    return lambda text: remembered(text) if len(text) <= _SHORT else tell(text)


@cached_for_short_headers
def language_of(accepted: str) -> str:
    """The language in which a browser that accepts these is shown the pages."""
    return parse_accept_header(accepted, LanguageAccept).best_match(_LANGUAGES, "en") or "en"


@cached_for_short_headers
def takes_gzip(accepted: str) -> bool:
    """Whether a browser that accepts these encodings reads gzip."""
    return bool(parse_accept_header(accepted, Accept)["gzip"])


def reader_language() -> Language:
    """The language the page is shown in."""
    if "language" not in g:
        g.language = Language(choose_language())
    language: Language = g.language
    return language


def has_cookie() -> bool:
    """Whether the browser sent our cookie. Without it there is no sign-in, and a public page is the same for everyone."""
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def staff() -> Person | None:
    """The member of staff who is signed in, or None. Looks at the cookie only when there is one.

    Raises Unavailable when the records cannot say; they are asked once in a request, because a server that is away may
    take seconds to be found so.
    """
    if not has_cookie():
        return None
    if RECORDS_UNAVAILABLE in request.environ:
        raise Unavailable(request.environ[RECORDS_UNAVAILABLE])
    try:
        is_anonymous = not current_user.is_authenticated
    except Unavailable as error:
        request.environ[RECORDS_UNAVAILABLE] = error.message
        raise
    if is_anonymous:
        return None
    person: Person = current_user.person
    return person


def find_staff() -> Person | None:
    """The same for public pages: None while the records are unavailable, so that these pages still show."""
    try:
        return staff()
    except Unavailable:
        return None


def signed_in() -> Person:
    """The member of staff on a page that requires one."""
    person = staff()
    assert person is not None, "the route requires a member of staff"
    return person


def sign_in_key() -> str:
    """The key of this browser's sign-in, on a page that requires one."""
    return str(current_user.get_id())


def confirmed_at() -> datetime:
    """When the password was last entered in this browser, on a page that requires a sign-in."""
    at: datetime = current_user.confirmed_at
    return at


def actor() -> Actor:
    """Who is asking. A door's holder is known to the door's own views only, by the code in the address."""
    door: DoorHolder | None = g.get("door_holder")
    return door or staff() or Visitor()


def wants_json() -> bool:
    """Whether a script of the site asks, rather than a browser that shows what it is given."""
    return request.accept_mimetypes.best == "application/json"
