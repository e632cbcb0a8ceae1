"""The public pages: this week, the library, practices, families, help and the statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.support.demo_site import MONDAY, DemoSite
from tests.support.pages import Page, query_of
from wellness.catalogue import Card, Query
from wellness.demo.district import CONTACTS
from wellness.domain import GRADES, Language, PracticeKind
from wellness.library.prepared import PreparedPart
from wellness.records import plans, schools
from wellness.records.schema import metadata
from wellness.web import labels
from wellness.web.public import pages as public_pages

SESSION = "/sessions/four-square-breathing"


def planned(demo: DemoSite) -> set[str]:
    """The sessions of this week."""
    with demo.records.reading() as tx:
        return {entry.slug for entry in plans.list_plan(tx, first=MONDAY, last=MONDAY)}


def unplan(demo: DemoSite, slug: str | None) -> None:
    """Plan one session for everybody this week, or nothing at all."""
    with demo.records.writing() as tx:
        for school in schools.list_schools(tx):
            plans.set_plan(tx, school.id, MONDAY, GRADES, slug, None, demo.clock())


def cards(demo: DemoSite, language: Language = Language.EN) -> dict[str, Card]:
    """Every session of the library."""
    return {card.slug: card for card in demo.catalogue.list_sessions(Query(), language)}


def listed(page: Page) -> list[str]:
    """The sessions a page lists, in order."""
    titles = [link for title in page.all("h3", "h2", class_="row-title") for link in title.iter() if link.tag == "a"]
    return [str(link.get("href")).partition("?")[0].rsplit("/", 1)[-1] for link in titles]


# --- This week --------------------------------------------------------------------------------------------------------

AT = {
    "Friday": (datetime(2026, 11, 20, 15, tzinfo=UTC), "Due today"),
    "Friday late in the evening": (datetime(2026, 11, 21, 4, 30, tzinfo=UTC), "Due today"),
    "Wednesday": (datetime(2026, 11, 18, 15, tzinfo=UTC), "Due Friday, November 20"),
    "Monday": (datetime(2026, 11, 16, 5, tzinfo=UTC), "Due Friday, November 20"),
    "Saturday": (datetime(2026, 11, 21, 15, tzinfo=UTC), "Friday, November 20"),
    "the short week before Thanksgiving": (datetime(2026, 11, 23, 15, tzinfo=UTC), "Due Tuesday, November 24"),
}


@pytest.mark.parametrize("when", AT)
def test_the_home_page_says_when_this_weeks_session_is_due_on(demo: DemoSite, when: str) -> None:
    demo.clock.at, label = AT[when]
    page = demo.browser().open("/")
    assert label in page.main
    assert ("Due " in page.main) is label.startswith("Due")


def test_the_home_page_shows_every_session_of_this_week_with_its_length_and_what_will_happen(demo: DemoSite) -> None:
    page, known = demo.browser().open("/"), cards(demo)
    assert len(planned(demo)) > 1
    for slug in planned(demo):
        assert known[slug].title in page.main
        assert f"/sessions/{slug}" in page.links()
        session = demo.catalogue.get_session(slug, Language.EN)
        assert all(step.title in page.main for step in session.steps)
        assert f"{session.minutes} min" in page.main


def test_one_session_for_all_stands_alone_with_its_start(demo: DemoSite) -> None:
    unplan(demo, "four-square-breathing")
    page = demo.browser().open("/")
    assert page.heading == "This week"
    assert "Grades Pre-K–12" in page.main
    assert page.texts("a", class_="button-large") == ["Start: Four-square breathing"]


@pytest.mark.parametrize("why", ["a week of holidays", "no plan"])
def test_a_week_without_a_session_says_what_comes_next(demo: DemoSite, why: str) -> None:
    if why == "no plan":
        unplan(demo, None)
    else:
        demo.clock.at = datetime(2026, 12, 23, 15, tzinfo=UTC)
    page = demo.browser().open("/")
    assert "Nothing is planned this week" in page.main
    assert ("Week of Nov 23" if why == "no plan" else "Week of Jan 4") in page.main


def test_in_the_summer_the_library_is_open_all_the_same(demo: DemoSite) -> None:
    demo.clock.at = datetime(2027, 7, 14, 15, tzinfo=UTC)
    page = demo.browser().open("/")
    assert "Nothing is planned this week" in page.main
    assert "Next:" not in page.main
    assert "/sessions/" in page.links()


# --- The library ------------------------------------------------------------------------------------------------------

FILTERS: dict[str, Callable[[Card], bool]] = {
    "need=settle-down": lambda card: "settle down" in card.needs,
    "need=get-along": lambda card: "get along" in card.needs,
    "minutes=5": lambda card: card.short_minutes <= 5,
    "minutes=12": lambda card: card.minutes <= 12 or card.short_minutes <= 12,
    "competency=self-awareness": lambda card: card.competency == "self-awareness",
    "grades=K-2": lambda card: "K-2" in card.bands,
    "grades=9-12&need=focus": lambda card: "9-12" in card.bands and "focus" in card.needs,
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_shows_the_sessions_that_fit_and_no_others(demo: DemoSite, query: str) -> None:
    page = demo.browser().open(f"/sessions/?{query}")
    known = cards(demo).values()
    fitting = {card.slug for card in known if FILTERS[query](card)}
    assert set(listed(page)) == fitting
    assert len(listed(page)) == len(fitting) > 0
    assert f"{len(fitting)} of {len(known)} sessions" in page.main
    name, _, value = query.partition("&")[0].partition("=")
    chosen = [option.get("value") for option in page.find("select", name=name).iter() if option.get("selected") == ""]
    assert chosen == [value]


@pytest.mark.parametrize("query", ["q=a", "minutes=12&lang=es&also=1", ""])
def test_a_long_list_comes_in_pages_and_each_session_once(
    demo_with_library: DemoSite, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    browser = demo_with_library.browser()
    whole = listed(browser.open(f"/sessions/?{query}&whole=1"))  # an address of its own: pages are cached by address
    monkeypatch.setattr(public_pages, "PAGE_LONG", 4)
    pages = [browser.open(f"/sessions/?{query}")]
    while following := [link for link in pages[-1].all("a") if link.get("rel") == "next"]:
        pages.append(browser.open(following[0].get("href") or ""))
        assert [link for link in pages[-1].all("a") if link.get("rel") == "prev"]
    assert [slug for page in pages for slug in listed(page)] == whole
    assert len(pages) == -(-len(whole) // 4) > 2
    assert all(f"{len(whole)} " in page.main for page in pages)
    assert listed(browser.open(f"/sessions/?{query}&page=99")) == whole[:4]


def test_words_find_a_session_by_its_title_first(demo: DemoSite) -> None:
    page = demo.browser().open("/sessions/?q=breathing")
    assert listed(page)[0] == "four-square-breathing"
    assert len(listed(page)) > 2
    assert {word.lower() for word in page.texts("mark")} >= {"breathing"}
    assert page.find("input", name="q").get("value") == "breathing"


def test_nothing_found_says_what_was_looked_for_and_where_to_go_on(demo: DemoSite) -> None:
    page = demo.browser().open("/sessions/?q=zebra+crossing&need=focus")
    assert "We didn’t find that. Try one of these:" in page.main
    assert "You searched for “zebra crossing”." in page.main
    assert {"/sessions/", "/sessions/?q=zebra+crossing", "/sessions/?need=rest"} <= set(page.links())


ODD = [
    'q="',
    "q='",
    "q=*",
    "q=NEAR(",
    "q=a%22b",
    "q=-",
    "q=AND+OR+NOT",
    "q=title:breathing",
    "q=%00",
    "q=%F0%9F%92%A9",
    "q=%FF%FE",
    "q=" + "x" * 5000,
    "q=" + "%5B" * 3000,
    "q=" + "a+" * 2000,
    "minutes=-1",
    "minutes=999999999999",
    "minutes=%C2%B2",
    "minutes=5;drop",
    "page=0",
    "page=-1",
    "page=2",
    "page=99999999999999999999",
    "page=%C2%B2",
    "need=nope",
    "competency=%27%20or%201=1",
    "grades=K-2%00",
    "lang=xx",
    "lang=en&lang=es",
    "need=focus&need=rest",
    "endpoint=x",
    "_external=1",
    "_scheme=javascript",
    "_anchor=x",
    "_method=POST",
    "self=1",
    "filename=x",
]


@pytest.mark.parametrize("query", ODD, ids=lambda query: query[:20])
def test_an_odd_query_is_answered_like_any_other(demo: DemoSite, query: str) -> None:
    page = demo.browser().open(f"/sessions/?{query}")
    assert page.heading == "Library"
    demo.browser().open(f"/?{query}")
    demo.browser().open(f"/practices/timer?{query}")


def test_what_was_typed_is_shown_and_never_run(demo: DemoSite) -> None:
    typed = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    page = demo.browser().open("/sessions/", query_string={"q": typed})
    assert page.find("input", name="q").get("value") == typed
    assert [script.get("src") for script in page.all("script")] == [page.find("script").get("src")]


def test_an_empty_library_says_so_and_the_practices_work(demo_with_library: DemoSite) -> None:
    for file in (demo_with_library.home / "library" / "sessions").iterdir():
        file.unlink()
    demo_with_library.catalogue.build()
    browser = demo_with_library.browser()
    assert "The library is still empty" in browser.open("/sessions/").main
    assert "Nothing is planned this week" in browser.open("/").main
    browser.open("/practices/four-square-breathing")
    demo_with_library.signed_in("teacher").open("/teach/")


# --- A session --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["", "/family"])
def test_what_is_for_the_teacher_is_never_shown_to_students_and_families(demo: DemoSite, of: str) -> None:
    browser = demo.browser()
    for slug in cards(demo):
        page = browser.open(f"/sessions/{slug}{of}")
        for part in _for_the_teacher(demo, slug):
            assert _words(part) not in page.main, f"{slug}: {_words(part)}"


def test_the_sheet_on_paper_has_the_teachers_cues(demo: DemoSite) -> None:
    page = demo.browser().open(f"{SESSION}/print")
    cues = _for_the_teacher(demo, "four-square-breathing")
    assert len(cues) > 5
    assert all(_words(part) in page.main for part in cues)


def _for_the_teacher(demo: DemoSite, slug: str) -> list[PreparedPart]:
    session = demo.catalogue.get_session(slug, Language.EN)
    return [part for step in session.steps for part in step.parts if part.name in ("say", "teacher")]


def _words(part: PreparedPart) -> str:
    return Page("", 200, {}, f"<body><p>{part.html}</p></body>").text


def test_the_family_page_has_the_practice_a_question_and_the_choice(demo: DemoSite) -> None:
    page = demo.browser().open(f"{SESSION}/family")
    assert "A question for dinner" in page.main
    assert "Your child can always choose not to join in." in page.main
    assert page.all("section", data_practice="four-square-breathing")


@pytest.mark.parametrize("kind", [kind.value for kind in PracticeKind])
def test_a_practice_stands_by_itself_with_its_steps_in_writing(demo: DemoSite, kind: str) -> None:
    page = demo.browser().open(f"/practices/{kind}")
    assert page.heading == str(labels.PRACTICES[PracticeKind(kind)])
    assert [one.get("data-practice") for one in page.all("section", class_="practice")] == [kind]
    assert len(page.find("div", class_="practice-text")) > 0


@pytest.mark.parametrize(
    "address",
    [
        "/nothing-here",
        "/sessions/nope",
        "/sessions/nope/family",
        "/sessions/nope/print",
        "/sessions/Four-Square-Breathing",
        "/sessions/four-square-breathing.es",
        "/sessions/..%2F..%2Fsecret-key",
        "/sessions/%00",
        "/sessions/" + "x" * 3000,
        "/sessions/caf%C3%A9",
        "/practices/nope",
        "/practices/breathing",
        "/c/",
    ],
    ids=lambda address: address[:40],
)
def test_an_unknown_address_leads_on_to_what_there_is(demo: DemoSite, address: str) -> None:
    status = 200 if address == "/c/" else 404
    page = demo.browser().open(address, status)
    if status == 404:
        assert "We couldn’t find that page" in page.main
        assert {"/", "/sessions/", "/help"} <= set(page.links())
        assert "Nothing was saved" not in page.main


# --- Languages --------------------------------------------------------------------------------------------------------


def test_spanish_stays_from_link_to_link(demo: DemoSite) -> None:
    browser = demo.browser()
    page = browser.open(f"{SESSION}?lang=es")
    assert page.root.get("lang") == "es"
    assert page.heading == cards(demo, Language.ES)["four-square-breathing"].title != "Four-square breathing"
    kept = [link for link in page.links() if link.startswith("/")]
    to_english = [link for link in kept if query_of(link).get("lang") == "en"]
    assert len(kept) > 12 and {query_of(link).get("lang") for link in set(kept) - set(to_english)} == {"es"}
    assert browser.open(to_english[0]).heading == "Four-square breathing"


@pytest.mark.parametrize(
    ("accepts", "asked", "language"),
    [
        ("es-MX,es;q=0.9", "", "es"),
        ("es", "?lang=en", "en"),
        ("en", "?lang=xx", "en"),
        ("fr", "", "en"),
        ("", "", "en"),
    ],
)
def test_the_language_is_that_of_the_address_else_of_the_browser(
    demo: DemoSite, accepts: str, asked: str, language: str
) -> None:
    page = demo.browser().open(f"/help{asked}", headers={"Accept-Language": accepts})
    assert page.root.get("lang") == language


def test_a_session_that_is_only_in_english_says_so_in_a_spanish_page(demo: DemoSite) -> None:
    page = demo.browser().open("/sessions/body-scan?lang=es")
    assert (page.root.get("lang"), page.find("article").get("lang")) == ("es", "en")


def test_the_spanish_library_holds_what_is_in_spanish_and_on_request_the_rest(demo: DemoSite) -> None:
    browser, known = demo.browser(), cards(demo, Language.ES)
    spanish = {slug for slug, card in known.items() if card.language is Language.ES}
    assert 2 <= len(spanish) < len(known)
    assert set(listed(browser.open("/sessions/?lang=es"))) == spanish
    assert set(listed(browser.open("/sessions/?lang=es&also=1"))) == set(known)


# --- Help and the statements ------------------------------------------------------------------------------------------


def test_help_names_the_schools_own_people_then_988_and_911(demo: DemoSite) -> None:
    page = demo.browser().open("/help")
    for contact in CONTACTS:
        assert contact.name in page.main and contact.place in page.main and contact.reach in page.main
        assert contact.school in page.texts("h3")
    assert {"tel:988", "sms:988", "tel:911"} <= set(page.links())
    assert page.main.index(CONTACTS[0].name) < page.main.index("Call 988")


def test_what_we_record_tells_of_every_table_and_every_column(demo: DemoSite) -> None:
    page = demo.browser().open("/what-we-record")
    rows = {(row[0], row[1]) for row in page.rows() if len(row) == 2}
    for table in metadata.sorted_tables:
        assert table.name in page.texts("h3")
        assert table.info["purpose"] in page.main and table.info["retention"] in page.main
        for column in table.columns:
            assert (column.name, column.info["meaning"]) in rows


def test_nobody_is_told_that_the_help_page_was_opened(demo: DemoSite) -> None:
    before = demo.dump()
    answer = demo.browser().fetch("/help")
    assert "Set-Cookie" not in answer.headers
    assert demo.dump() == before


def test_a_renamed_session_is_found_at_its_old_addresses(demo_with_library: DemoSite) -> None:
    file = demo_with_library.home / "library" / "sessions" / "body-scan.md"
    text = file.read_text(encoding="utf-8").replace("drawing: body\n", "drawing: body\naliases: [noticing]\n")
    file.write_text(text, encoding="utf-8")
    http = demo_with_library.browser().http
    for end in ("", "/family", "/print"):
        answer = http.get(f"/sessions/noticing{end}?lang=es&other=1")
        assert answer.status_code == 308
        assert answer.headers["Location"] == f"/sessions/body-scan{end}?lang=es"
    assert http.get("/sessions/body-scan").status_code == 200
    assert http.get("/sessions/never-there").status_code == 404
