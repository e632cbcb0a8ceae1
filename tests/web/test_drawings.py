"""Drawings and dates are made once, and always what Flask-Babel and Jinja would have made."""

from __future__ import annotations

from datetime import date

import flask_babel
import pytest
from flask import render_template_string

from tests.support.demo_site import DemoSite
from wellness.web.labels import day_label, full_day_label, month_label, short_day_label

DAY = date(2026, 11, 20)


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
