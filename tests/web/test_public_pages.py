"""The check of links knows every public page that the site serves, and no other."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from tests.support.demo_site import DemoSite
from wellness.policy import Action
from wellness.publishing.check import PUBLIC_PAGES
from wellness.web.access import requires

NO_PAGE = "/healthz"


def list_public_pages(app: Flask) -> set[str]:
    """The addresses of what a visitor may open, without those that name a session, a practice or a code."""
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    public = (rule for rule in rules if getattr(app.view_functions[rule.endpoint], "action", None) is Action.VISIT)
    return {path.rstrip("/") or "/" for rule in public for path in _paths(rule)} - {NO_PAGE}


def _paths(rule: Rule) -> list[str]:
    """The addresses of a rule whose only argument, if any, is one of a few words."""
    if not rule.arguments:
        return [rule.rule]
    converters = list(rule._converters.values())
    if len(converters) == 1 and isinstance(converters[0], AnyConverter):
        return [f"/{word}" for word in converters[0].items]
    return []


def test_a_text_may_link_to_every_public_page(demo: DemoSite) -> None:
    practices = {page for page in PUBLIC_PAGES if page.startswith("/practices/")}
    assert list_public_pages(demo.app) == PUBLIC_PAGES - practices
    client = demo.app.test_client()
    for page in PUBLIC_PAGES:
        found = client.get(page, base_url="http://127.0.0.1", follow_redirects=True)
        assert (found.status_code, found.mimetype) == (200, "text/html"), page


def test_a_new_public_page_is_missed_in_the_check_of_links() -> None:
    app = Flask("with a new page")
    app.add_url_rule("/glossary", view_func=requires(Action.VISIT)(lambda: "Words"), endpoint="glossary")
    assert list_public_pages(app) - PUBLIC_PAGES == {"/glossary"}
