"""Public pages: this week's session, the library, practices, families, help, statements. No sign-in, no cookie."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from babel.lists import format_list
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from ...catalogue import Card, Found, Query
from ...domain import GRADES, Band, Competency, Contact, Language, Need, PracticeKind, week_of
from ...domain.plain_text import without_control_characters
from ...errors import NotFound
from ...library.blocks.practice import Practice
from ...library.prepared import PreparedPage
from ...policy import Action
from ...records import Reading, calendars, describe, plans, schools
from .. import labels
from ..access import requires
from ..forms import read_number
from ..http.headers import public
from ..request import reader_language, site, site_settings, today
from .session_view import Labeled, ShownSession, show_session

bp = Blueprint("browse", __name__)

LOOK_AHEAD = timedelta(weeks=16)
MINUTES = (5, 8, 12)
PAGE_LONG = 60
"""How many sessions one page of the library lists."""


@dataclass(frozen=True, slots=True)
class WeekSession:
    """A session of this week and for whom it is planned."""

    session: ShownSession
    bands_label: str
    due_label: str


@dataclass(frozen=True, slots=True)
class NextUp:
    """The next planned session when this week has none."""

    session: Card
    week_label: str


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The same page in a language."""

    lang: str
    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class ContactGroup:
    """Whom to talk to in one school."""

    school: str
    contacts: tuple[Contact, ...]


def language_links() -> list[LanguageLink]:
    """Links to this page in each language; to the home page where the address cannot be repeated."""
    arguments = dict(request.view_args or {})
    endpoint = request.endpoint if request.endpoint and request.method in ("GET", "HEAD") else "browse.home"
    if endpoint == "browse.home" or request.routing_exception is not None:
        endpoint, arguments = "browse.home", {}
    # What begins with a line, and `endpoint`, would mean something else to url_for.
    query = {
        key: value for key, value in request.args.items() if key not in ("lang", "next", "endpoint") and key[:1] != "_"
    }
    own = reader_language()
    return [
        LanguageLink(language, label, url_for(endpoint, **{**query, **arguments, "lang": language}), own == language)
        for language, label in (("en", "English"), ("es", "Español"))
    ]


@bp.get("/")
@requires(Action.VISIT)
@public
def home() -> Response:
    """This week's session first."""
    reader = reader_language()
    this_week = _this_week(today(), reader)
    return make_response(
        render_template(
            "public/home.html",
            this_week=this_week,
            next_up=None if this_week else _next_up(today(), reader),
        )
    )


def _this_week(day: date, reader: Language) -> list[WeekSession]:
    with site().records.reading() as tx:
        week_on = week_of(day)
        planned = plans.list_plan(tx, first=week_on, last=week_on)
        due_on = _due_days(tx, {entry.school_id for entry in planned}, week_on, day)
    grades: dict[str, set[str]] = defaultdict(set)
    due: dict[str, set[date]] = defaultdict(set)
    for entry in planned:
        if (on_day := due_on.get(entry.school_id)) is not None:
            grades[entry.slug].add(entry.grade)
            due[entry.slug].add(on_day)
    found = []
    for slug in sorted(grades, key=lambda slug: (min(map(GRADES.index, grades[slug])), slug)):
        session = site().catalogue.find_session(slug, reader)
        if session is not None:
            shown = show_session(session, site().catalogue.list_languages(slug))
            found.append(WeekSession(shown, labels.grades_label(grades[slug]), _due_label(due[slug], day)))
    return found


def _due_days(tx: Reading, school_ids: set[str], week_on: date, day: date) -> dict[str, date | None]:
    """Return the due day of each of these schools in a week of the school year of `day`."""
    year = schools.find_nearest_year(tx, day)
    if year is None or not school_ids:
        return {}
    found = calendars.load_calendars(tx, year_id=year.id, school_ids=school_ids)
    return {school_id: calendar.due_day(week_on) for school_id, calendar in found.items()}


def _due_label(due: set[date], day: date) -> str:
    """Say when a session is due; schools may have different days, and the reader's school isn't known."""
    if due == {day}:
        return str(_("Due today"))
    label = format_list([labels.day_label(due_on) for due_on in sorted(due)], "or", locale=reader_language().value)
    return str(_("Due %(day)s", day=label) if day <= max(due) else label)


def _next_up(day: date, reader: Language) -> NextUp | None:
    with site().records.reading() as tx:
        coming = plans.list_plan(tx, first=week_of(day) + timedelta(days=7), last=day + LOOK_AHEAD)
    cards = site().catalogue.list_cards({entry.slug for entry in coming}, reader)
    entry = next((entry for entry in coming if entry.slug in cards), None)
    if entry is None:
        return None
    label = _("Week of %(day)s", day=labels.short_day_label(entry.week_on))
    return NextUp(cards[entry.slug], label)


@bp.get("/sessions/")
@requires(Action.VISIT)
@public
def library() -> Response:
    """The library by text, need, minutes, competency, grades and language. What it does not know it leaves aside."""
    asked = {
        key: _one_line(request.args.get(key, "")) for key in ("q", "need", "minutes", "competency", "grades", "lang")
    }
    query = Query(
        text=asked["q"],
        need=Need.from_key(asked["need"]),
        minutes=read_number(asked["minutes"]),
        competency=next((c for c in Competency if c.value == asked["competency"]), None),
        band=next((b.value for b in Band if b.value == asked["grades"]), None),
        language=Language.ES if asked["lang"] == "es" and "also" not in request.args else None,
    )
    found, page = _found(query, _one_line(request.args.get("page", "")))
    return make_response(
        render_template(
            "public/library.html",
            query=asked,
            sessions=found.cards,
            found=found.total,
            pages=_pages(asked, page, found.total),
            facets=_facets(query),
            total=site().catalogue.count_sessions(),
        )
    )


def _found(query: Query, page: str) -> tuple[Found, int]:
    """The sessions of one page of the list and its number; the first page instead of one that does not exist."""
    number = min(max(read_number(page) or 1, 1), 10_000)
    found = site().catalogue.find_sessions(query, reader_language(), first=(number - 1) * PAGE_LONG, most=PAGE_LONG)
    return (found, number) if found.cards or number == 1 else _found(query, "1")


def _pages(asked: dict[str, str], page: int, total: int) -> dict[str, str]:
    """The addresses of the page before and the page after, as far as there are any."""
    query = {key: value for key, value in asked.items() if value and key != "lang"}
    query |= {"also": "1"} if "also" in request.args else {}
    there = {"before": page - 1, "after": page + 1 if page * PAGE_LONG < total else 0}
    return {which: url_for("browse.library", **query, page=number) for which, number in there.items() if number}  # type: ignore[arg-type]


def _one_line(typed: str) -> str:
    """One line of what was typed, of at most 200 characters."""
    return " ".join(without_control_characters(typed).split())[:200]


def _facets(query: Query) -> dict[str, list[Labeled]]:
    return {
        "needs": [Labeled(n.key, str(labels.NEEDS[n.key]), query.need is n) for n in Need],
        "competencies": [
            Labeled(c.value, str(labels.COMPETENCIES[c.value]), query.competency is c) for c in Competency
        ],
        "bands": [Labeled(b.value, labels.grades_label(b.grades), query.band == b.value) for b in Band],
        "minutes": [Labeled(str(m), _("%(count)s minutes or less", count=m), query.minutes == m) for m in MINUTES],
        "languages": [Labeled("es", "Español", query.language is Language.ES)],
    }


@bp.get("/sessions/<slug>")
@requires(Action.VISIT)
@public
def session(slug: str) -> Response:
    """A session as students see it."""
    shown = _shown(slug)
    if shown.slug != slug:
        return _moved_to(shown.slug)
    return make_response(render_template("public/session.html", session=shown))


@bp.get("/sessions/<slug>/family")
@requires(Action.VISIT)
@public
def family(slug: str) -> Response:
    """What the class practiced, for families."""
    shown = _shown(slug)
    if shown.slug != slug:
        return _moved_to(shown.slug)
    return make_response(render_template("public/family.html", session=shown, practice=shown.practice))


@bp.get("/sessions/<slug>/print")
@requires(Action.VISIT)
@public
def sheet(slug: str) -> Response:
    """The session sheet on paper, with the teacher's cues."""
    shown = _shown(slug)
    if shown.slug != slug:
        return _moved_to(shown.slug)
    return make_response(render_template("public/sheet.html", session=shown))


@bp.get("/practices/")
@requires(Action.VISIT)
@public
def practices() -> Response:
    """The practices by themselves."""
    listed = [(choice, _page(f"practice-{choice.key}")) for choice in labels.PRACTICE_CHOICES]
    return make_response(render_template("public/practices.html", practices=listed))


@bp.get("/practices/<kind>")
@requires(Action.VISIT)
@public
def practice(kind: str) -> Response:
    """One practice by itself."""
    if kind not in [known.value for known in PracticeKind]:
        raise NotFound("We couldn’t find that practice. See them all under Practices.")
    page = _page(f"practice-{kind}")
    found = next((part for part in page.parts if part.get(Practice)), None)
    if found is None:
        raise NotFound("We couldn’t find that practice. See them all under Practices.")
    return make_response(render_template("public/practice.html", page=page, practice=found, intro=page.summary))


@bp.get("/help")
@requires(Action.VISIT)
@public
def help() -> Response:  # noqa: A001 - the word on the page and in the address
    """Talk to someone: the school's own names first, then 988 and 911. Nobody is told that the page was opened."""
    page = _page("help")
    return make_response(
        render_template("public/help.html", page=page, parts=page.parts, contact_groups=_contact_groups())
    )


@bp.get("/<any(about, 'for-families', 'what-we-record', accessibility):slug>")
@requires(Action.VISIT)
@public
def page(slug: str) -> Response:
    """A public statement."""
    shown = _page(slug)
    tables = list(describe()) if slug == "what-we-record" else []
    return make_response(render_template("public/page.html", page=shown, parts=shown.parts, tables=tables))


@bp.get("/healthz")
@requires(Action.VISIT)
def healthz() -> Response:
    """Answers `ok` when the records and the catalogue answer."""
    site().records.ping()
    site().catalogue.ping()
    return Response("ok\n", mimetype="text/plain")


def _moved_to(slug: str) -> Response:
    """A redirect from a session's old address to the one it has now."""
    query = {key: value for key, value in request.args.items() if key == "lang"}
    address = url_for(request.endpoint or "browse.session", slug=slug, **query)  # type: ignore[arg-type]
    return make_response(redirect(address, 308))


def _shown(slug: str) -> ShownSession:
    found = site().catalogue.get_session(slug, reader_language())
    return show_session(found, site().catalogue.list_languages(slug))


def _page(slug: str) -> PreparedPage:
    return site().catalogue.get_page(slug, reader_language())


def _contact_groups() -> list[ContactGroup]:
    groups: dict[str, list[Contact]] = defaultdict(list)
    for contact in site_settings().contacts:
        groups[contact.school].append(contact)
    return [ContactGroup(school, tuple(contacts)) for school, contacts in groups.items()]
