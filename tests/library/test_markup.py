"""What the check says about links, pictures, HTML and headings in a text, each at its line."""

from __future__ import annotations

import pytest

from wellness.domain import Block, Severity
from wellness.library.checks.markup import find_markup_problems, is_own_media, is_safe_link


@pytest.mark.parametrize(
    "address",
    [
        "https://casel.org/",
        "https://casel.org/a?b=c#d",
        "/help",
        "/",
        "/sessions/?need=focus",
        "#part",
        "tel:988",
        "sms:741741",
        "mailto:a@b.org",
    ],
)
def test_a_link_may_go_where_it_says(address: str) -> None:
    assert is_safe_link(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "http://casel.org/", "//casel.org", "///casel.org", "\\\\casel.org", "/\\casel.org", "/a\\b", "relative", "../up",
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "ftp://a", "https:casel.org", "HTTPS://casel.org", "/a b", "/a\n//b", "\x00/a",
        "?a=b",
        "blob:https://a", "about:blank",
    ],
)  # fmt: skip
def test_a_link_may_not_go_anywhere_else(address: str) -> None:
    assert not is_safe_link(address)


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("/media/square.png", True),
        ("/media/a/b.webp", True),
        ("/static/square.png", False),
        ("/media/../admin/", False),
        ("/media\\x", False),
        ("//media/x.png", False),
        ("media/x.png", False),
        ("https://example.org/media/x.png", False),
        ("", False),
    ],
)
def test_a_picture_comes_from_the_media_of_the_site(address: str, is_ours: bool) -> None:
    assert is_own_media(address) is is_ours


def messages(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in find_markup_problems(Block("text", text, 10, 10), "a.md")]


FINDINGS = {
    "a link on the third line": ("one\n\n[x](http://a.org)", 12, "the link http://a.org cannot be used"),
    "a link in brackets": ("[x](<http://a.org>)", 10, "the link http://a.org cannot be used"),
    "a reference": ("[x][1]\n\n[1]: javascript:x", 12, "the link javascript:x cannot be used"),
    "a picture": ("![x](http://a.org/x.png)", 10, "the picture http://a.org/x.png is not one of this site's own"),
    "a picture without words": ("![ ](/media/x.png)", 10, "the picture has no words"),
    "HTML": ("one\n<div>x</div>", 11, "HTML is left out (`<div>`)"),
    "a closing tag": ("</p>", 10, "HTML is left out (`<p>`)"),
    "a comment": ("<!-- x -->", 10, "HTML is left out (`<!-->`)"),
    "a script": ("<ScRiPt src=x>", 10, "HTML is left out (`<ScRiPt>`)"),
    "a heading of the page": ("# One", 10, "headings inside a step begin with ###"),
    "a heading without its space": ("#One", 10, "headings inside a step begin with ###"),
    "a heading that jumps": ("### One\n\n##### Two", 12, "this heading jumps a level; write it with ####"),
}


@pytest.mark.parametrize(("text", "line", "says"), FINDINGS.values(), ids=FINDINGS)
def test_what_would_be_left_out_is_named_with_its_line(text: str, line: int, says: str) -> None:
    assert [where for where, message in messages(text) if says in message] == [line], messages(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://a.org) and <https://a.org> and <tel:988>",
        "`<div>` and `[x](http://a.org)`",
        "```\n<div>\n# x\n[x](http://a.org)\n```",
        "3 < 4 and 5 > 4, and a<",
        "### One\n\n#### Two\n\n##### Three\n\n### Four",
        "![A square](/media/square.png)",
        "[not a link] (http://a.org)",
    ],
)
def test_good_markdown_has_no_findings(text: str) -> None:
    assert messages(text) == []


def test_html_is_a_warning_because_it_is_left_out_and_a_link_an_error_because_it_would_lead_nowhere() -> None:
    problems = find_markup_problems(Block("text", "<b>x</b> [x](http://a.org)", 1, 1), "a.md")
    assert sorted(problem.severity for problem in problems) == [Severity.ERROR, Severity.WARNING]


def test_a_long_address_is_shown_short() -> None:
    ((_, message),) = messages(f"[x](http://{'a' * 1000})")
    assert len(message) < 200
