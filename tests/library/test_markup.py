"""What the check says about links, pictures, HTML and headings in a text, each at its line."""

from __future__ import annotations

import re

import pytest

from tests.support.scratch import CHECKOUT
from wellness.domain import Block, Severity
from wellness.library.body import cut_body
from wellness.library.checks.markup import is_own_media, is_safe_link
from wellness.library.checks.rendered import Reading, read_rendered


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


def read(text: str, name: str = "text") -> Reading:
    return read_rendered(Block(name, text, 10, 10), "a.md")


def messages(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in read(text).problems]


FINDINGS = {
    "a link on the third line": ("one\n\n[x](http://a.org)", 12, "the link http://a.org can’t be used"),
    "a link in brackets": ("[x](<http://a.org>)", 10, "the link http://a.org can’t be used"),
    "a reference": ("one\n[x][1]\n\n[1]: javascript:x", 11, "the link javascript:x can’t be used"),
    "a picture": ("![x](http://a.org/x.png)", 10, "the picture http://a.org/x.png isn’t on this site"),
    "a picture without words": (
        "![ ](/media/x.png)",
        10,
        "the picture has no description for people who can’t see it; write ![what it shows](…)",
    ),
    "HTML": ("one\n<div>x</div>", 11, "HTML isn’t shown (`<div>`)"),
    "a closing tag": ("</p>", 10, "HTML isn’t shown (`<p>`)"),
    "a comment": ("<!-- x -->", 10, "HTML isn’t shown (`<!-->`)"),
    "a script": ("<ScRiPt src=x>", 10, "HTML isn’t shown (`<ScRiPt>`)"),
    "a picture as HTML": ("one\n<img src=x onerror=x>", 11, "HTML isn’t shown (`<img>`)"),
    "a link as HTML": ("one\n<a href='http://a.org'>x</a>", 11, "HTML isn’t shown (`<a>`)"),
    "HTML after code": ("`<b>` is code\n<b>x</b>", 11, "HTML isn’t shown (`<b>`)"),
    "a telephone in brackets": ("one\ncall <tel:988>", 11, "HTML isn’t shown (`<tel:988>`)"),
    "a link with blanks": ("one\n\n[call](tel:919 555 0100)", 12, "the link tel:919 555 0100 can’t be used"),
    "a link over two lines": ("one [and\ntwo](http://a.org)", 10, "the link http://a.org can’t be used"),
    "a link in a list": ("- one\n- two\n- [x](http://a.org)", 12, "the link http://a.org can’t be used"),
    "a link in a quotation": ("> one\n> [x](http://a.org)", 11, "the link http://a.org can’t be used"),
    "a link in a table": ("a | b\n--|--\n1 | [x](http://a.org)", 12, "the link http://a.org can’t be used"),
    "a link after a break": ("one  \n[x](http://a.org)", 11, "the link http://a.org can’t be used"),
    "a link without words": ("one\n\n[ ](/help)", 12, "this link has no text"),
    "half a link": ("one\n\n[x](/help", 12, "the page shows `](`"),
    "a link that is cut": ("one\n\n[x][none]", 12, "the page shows `][`"),
    "half bold words": ("one\ntwo **three", 11, "the page shows `**`"),
    "a list without an empty line": ("One:\n- a\n- b", 11, "the page shows `-` instead of a list"),
    "bullets": ("One:\n\n• a\n• b", 12, "the page shows `•` instead of a list"),
    "numbers in brackets": ("1) a", 10, "the page shows `1)` instead of a list"),
    "an underlined heading": ("one\n\nTitle\n-----", 12, "headings inside a step start with ###"),
    "a heading of the page": ("# One", 10, "headings inside a step start with ###"),
    "a heading without its space": ("#One", 10, "headings inside a step start with ###"),
    "a heading that jumps": ("### One\n\n##### Two", 12, "this heading skips a level; use ####"),
}


@pytest.mark.parametrize(("text", "line", "says"), FINDINGS.values(), ids=FINDINGS)
def test_what_would_be_left_out_is_named_with_its_line(text: str, line: int, says: str) -> None:
    assert [where for where, message in messages(text) if says in message][:1] == [line], messages(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://a.org) and <https://a.org> and <a@b.org>",
        "- a\n- b\n\n1. a\n2. b",
        "one - two\n2 - 1\n-5 degrees",
        "**bold** and *em*",
        "`**` and `](`",
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
    problems = read("<b>x</b> [x](http://a.org)").problems
    assert sorted(problem.severity for problem in problems) == [Severity.ERROR, Severity.WARNING]


def test_a_long_address_is_shown_short() -> None:
    ((_, message),) = messages(f"[x](http://{'a' * 1000})")
    assert len(message) < 200


@pytest.mark.parametrize("text", ["", "<!-- later -->", "&nbsp;", "[1]: https://a.org"])
def test_a_block_that_shows_nothing_is_a_problem(text: str) -> None:
    assert "this block is empty; write something in it, or delete it" in [p.message for p in read(text, "ask").problems]
    assert "this block shows nothing" not in str(read("![A square](/media/square.png)", "ask").problems)


def test_the_addresses_of_the_site_are_read_with_their_lines() -> None:
    text = "one\n[a](/help?x=1#y)\n- [b](/sessions/)\n\n![c](/media/c.png) [d][1] [e](https://a.org/)\n\n[1]: /about"
    assert read(text).addresses == ((11, "/help"), (12, "/sessions/"), (14, "/media/c.png"), (14, "/about"))


BAD = "[zz](http://bad.example)"
SHIPPED = [
    (file.name, block)
    for file in sorted((CHECKOUT / "content").glob("*/*.md"))
    for part in cut_body(tuple(file.read_text(encoding="utf-8").split("\n")), 1, file.name)[0]
    for block in part.blocks
    if block.name != "heading" and block.text.strip()
]


def test_a_bad_link_added_to_a_shipped_line_is_found_on_that_line() -> None:
    """One line in seven of every block, the same ones each time; a link cannot stand in a table's rule or a definition."""
    looked_at = 0
    for number, (name, block) in enumerate(SHIPPED):
        lines = block.text.split("\n")
        for index in range(number % 7, len(lines), 7):
            if not re.search(r"[^\W\d_]", lines[index]) or lines[index].startswith("---"):
                continue
            with_link = re.sub(r"( ?\|)?$", rf" {BAD}\1", lines[index], count=1)
            changed = "\n".join((*lines[:index], with_link, *lines[index + 1 :]))
            found = read_rendered(Block(block.name, changed, 1, 1), name).problems
            assert [problem.line for problem in found if "bad.example" in problem.message] == [index + 1], (
                name,
                changed,
            )
            looked_at += 1
    assert looked_at > 200
