"""What every page asks for and is remembered: always what Flask, Flask-Babel and Jinja would have said."""

from __future__ import annotations

from datetime import date
from typing import Any

import flask_babel
import pytest
from flask import render_template_string, url_for

from tests.support.demo_site import DemoSite
from wellness.web import quick
from wellness.web.labels import day_label, full_day_label, month_label, short_day_label
from wellness.web.quick import quick_url_for

DAY = date(2026, 11, 20)
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("browse.home", {}),
    ("browse.library", {"need": "focus", "q": "a b/ü&c"}),
    ("browse.library", {"q": "focus", "need": "a b/ü&c"}),
    ("browse.session", {"slug": "four-square-breathing"}),
    ("browse.session", {"slug": "four-square-breathing", "lang": "en"}),
    ("browse.session", {"slug": "four-square-breathing", "lang": None}),
    ("browse.session", {"slug": "four-square-breathing", "_external": True}),
    ("browse.session", {"slug": "four-square-breathing", "_anchor": "top"}),
    ("browse.library", {"page": 1}),
    ("browse.library", {"page": True}),
    ("browse.library", {"page": "1"}),
    ("static", {"filename": "css/site.css", "v": "abc"}),
    (".library", {}),
)


@pytest.mark.parametrize("path", ["/", "/?lang=es", "/?lang=en", "/?lang=enough", "/?lang="])
@pytest.mark.parametrize("mount", ["", "/mounted"])
def test_an_address_is_the_one_that_flask_writes(demo: DemoSite, path: str, mount: str) -> None:
    for _ in range(2):
        with demo.app.test_request_context(path, base_url=f"http://localhost{mount}"):
            for endpoint, values in ASKED:
                assert quick_url_for(endpoint, **values) == url_for(endpoint, **values), (endpoint, values)


def test_not_more_addresses_are_remembered_than_fit(demo: DemoSite) -> None:
    with demo.app.test_request_context("/"):
        for number in range(quick.MOST + 10):
            quick_url_for("browse.session", slug=f"session-{number}")
        assert len(quick._told) <= quick.MOST
        assert quick_url_for("browse.session", slug="session-1") == "/sessions/session-1"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_text_is_the_one_of_the_readers_language(demo: DemoSite, lang: str) -> None:
    template = "{{ _('My classes') }}|{{ _('%(done)s of %(planned)s', done=done, planned=2) }}|{{ _('100%%') }}"
    for done, shown in (("<b>", "&lt;b&gt;"), (1, "1")):
        with demo.app.test_request_context(f"/?lang={lang}"):
            classes, of, percent = render_template_string(template, done=done).split("|")
            assert classes == flask_babel.gettext("My classes")
            assert of == flask_babel.gettext("%(done)s of %(planned)s", done=shown, planned=2)
            assert percent == "100%"
            assert str(flask_babel.lazy_gettext("Done")) == ("Done" if lang == "en" else "Realizada")


def test_the_next_request_may_be_in_another_language(demo: DemoSite) -> None:
    browser = demo.browser()
    for _ in range(2):
        assert "Library" in browser.open("/about?lang=en").text
        assert "Biblioteca" in browser.open("/about?lang=es").text


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_day_is_written_as_in_the_readers_language(demo: DemoSite, lang: str) -> None:
    for _ in range(2):
        with demo.app.test_request_context(f"/?lang={lang}"):
            assert full_day_label(DAY) == flask_babel.format_date(DAY, "long")
            found = (day_label(DAY), short_day_label(DAY), month_label(DAY))
        assert (
            found
            == {
                "en": ("Friday, November 20", "Nov 20", "November 2026"),
                "es": ("viernes 20 de noviembre", "20 nov", "noviembre de 2026"),
            }[lang]
        )


def test_a_drawing_is_drawn_as_it_is_asked_for(demo: DemoSite) -> None:
    """Remembered by all of its arguments, and drawn as HTML whoever asks first."""
    template = (
        "{% from 'macros/icons.html' import icon %}"
        "{{ icon('print') }}|{{ icon('print', 'large') }}|{{ icon(name='print') }}|{{ icon('back') }}|{{ icon('<') }}"
    )
    for _ in range(2):
        with demo.app.test_request_context("/"):
            plain, large, named, back, unknown = render_template_string(template).split("|")
        assert plain == named
        assert large == plain.replace('class="icon "', 'class="icon large"') != plain
        assert back != plain != unknown
        assert all(one.startswith("<svg") and one.endswith("</svg>") for one in (plain, large, back, unknown))
