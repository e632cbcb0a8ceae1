"""The page-inspecting client sees what it is there to see: each mistake, put into a good page, is named."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from tests.support.demo_site import DemoSite
from tests.support.pages import Page, inspect
from wellness.web.http.headers import CONTENT_SECURITY_POLICY

GOOD = (
    '<!doctype html>\n<html lang="en"><head><title>A page</title></head><body><main><h1>A page</h1>'
    '<p id="here"><a href="/help">Talk to someone</a></p></main></body></html>'
)

MISTAKES = {
    "<h1>Another</h1>": "2 headings of the first level",
    "<h3>Deep</h3>": "a heading jumps from h1 to h3",
    "<h2> </h2>": "a heading is empty",
    '<p id="here">twice</p>': "the id here stands there 2 times",
    '<input name="x">': "the field x has no label",
    '<label for="nothing">Name</label>': "for names nothing, which is not there",
    '<p aria-describedby="gone">x</p>': "aria-describedby names gone",
    '<img src="/static/img/mark.svg">': "has no alt",
    '<a href="/about"></a>': "a a says nothing",
    "<fieldset><p>x</p></fieldset>": "a group of fields has no legend",
    '<p style="color:red">x</p>': "p has an attribute style",
    '<p onclick="x()">x</p>': "p has an attribute onclick",
    "<script>x()</script>": "an inline script",
    "<style>p{}</style>": "an inline style",
    '<script src="https://evil.test/x.js"></script>': "https://evil.test/x.js is another host",
    '<img alt="" src="//evil.test/x.png">': "//evil.test/x.png is another host",
    '<form action="/sign-out" method="post"></form>': "the form to /sign-out has no token",
    '<form method="get"></form>': "a form does not say where it goes",
    '<form action="/"><input type="hidden" name="csrf_token" value="x"></form>': "shows its token in the address",
    '<a href="/no-such-page">x</a>': "GET '/no-such-page' leads nowhere",
    '<a href="#gone">x</a>': "a link leads to #gone",
    '<a href="javascript:x()">x</a>': "leads nowhere",
    '<link rel="stylesheet" href="/static/css/gone.css">': "GET '/static/css/gone.css' leads nowhere",
    '<form action="/about" method="post"><input type="hidden" name="csrf_token" value="x"></form>': "POST '/about'",
    "<p><div>x</p>": "line 2",
    "<b>x": "line 2",
    "<main></main>": "the page needs one main part",
}


def complaints(demo: DemoSite, html: str, policy: str = CONTENT_SECURITY_POLICY) -> list[str]:
    """What the client says of a page."""
    return list(inspect(Page("/", 200, Headers({"Content-Security-Policy": policy}), html), demo.app))


def test_a_good_page_has_no_mistake(demo: DemoSite) -> None:
    assert complaints(demo, GOOD) == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_page_is_named(demo: DemoSite, mistake: str) -> None:
    found = complaints(demo, GOOD.replace("</main>", f"{mistake}</main>"))
    assert any(MISTAKES[mistake] in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('lang="en"', "", "the page has no language"),
        ("A page</title>", "</title>", "the page has no title"),
        ('href="/help"', 'href="/about"', "the page does not say where to talk to someone"),
        ("<!doctype html>", "", "line"),
    ],
)
def test_what_is_missing_in_a_page_is_named(demo: DemoSite, old: str, new: str, said: str) -> None:
    assert any(said in one for one in complaints(demo, GOOD.replace(old, new)))


def test_a_page_without_the_security_policy_is_named(demo: DemoSite) -> None:
    assert complaints(demo, GOOD, "default-src *") == ["the page has no content security policy"]


def test_two_pages_with_one_title_are_named(demo: DemoSite) -> None:
    browser = demo.browser()
    title = browser.fetch("/about").get_data(as_text=True).partition("<title>")[2].partition("</title>")[0]
    browser.titles[title] = "/elsewhere"
    with pytest.raises(AssertionError, match="is that of /elsewhere too"):
        browser.open("/about")
