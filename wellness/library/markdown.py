"""Convert Markdown to HTML: Python-Markdown, then nh3, in that order. Nothing else in the site parses Markdown.

Always called in a separate process (`sandbox.py`): Python-Markdown is quadratic on some input, 5,000 `[` took 5.9 s.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from .checks.markup import is_own_media, is_safe_link

if TYPE_CHECKING:
    # Both are imported where a text is rendered: the server's own process never does that.
    import markdown
    import nh3

TAGS = {
    "p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6",
    "a", "img", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_TAGS_IN_LINE = {"em", "strong", "code"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_IMAGE = re.compile(r'<img(?P<attributes>(?:\s+[\w-]+="[^"]*")*)\s*/?>')
_EXTENSIONS = ("sane_lists", "tables", "smarty", "fenced_code")
_REMEMBERED = 64
_LINE_MARKS = re.compile("[\U000f0000-\U000ffffd]")


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    if tag == "a" and attribute == "href":
        return value if is_safe_link(value) else None
    if tag == "img" and attribute == "src":
        return value if is_own_media(value) else None
    # nh3 allows `title` and `lang` on every tag unless they are refused here; it sets `rel` itself.
    return value if attribute == "rel" or attribute in _ATTRIBUTES.get(tag, ()) else None


@cache
def _layout() -> markdown.Markdown:
    """Return the Markdown converter, made once per process: making one takes longer than converting most blocks."""
    import markdown

    layout = markdown.Markdown(extensions=list(_EXTENSIONS), output_format="html")
    layout.references = _References()
    return layout


@cache
def _cleaner() -> nh3.Cleaner:
    """Return the sanitizer, made once per process."""
    import nh3

    return nh3.Cleaner(
        tags=TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes={"https", "tel", "sms", "mailto"},
        link_rel="noopener noreferrer",
    )


@cache
def _cleaner_in_line() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(tags=_TAGS_IN_LINE, attributes={})


class _References(dict[str, tuple[str, str]]):
    """Link definitions, looked up by name without the line marks that `rendered` adds."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(_LINE_MARKS.sub("", str(name)))

    def __getitem__(self, name: str) -> tuple[str, str]:
        return super().__getitem__(_LINE_MARKS.sub("", name))


@lru_cache(_REMEMBERED)
def convert(text: str) -> str:
    """Return the HTML of Markdown before sanitizing, for the check. Cached, because checking and rendering both need it."""
    return _layout().reset().convert(text)


def render_markdown(text: str) -> str:
    """Return sanitized HTML of a coach's Markdown: no script, style, id, class or event; links and images by our rules."""
    clean = _cleaner().clean(convert(text))
    return _IMAGE.sub(_whole_image, clean).strip()


def render_line(text: str) -> str:
    """Return sanitized HTML for one line, such as a checkbox label: no paragraphs, lists or links."""
    return _cleaner_in_line().clean(render_markdown(text)).replace("\n", " ").strip()


def _whole_image(image: re.Match[str]) -> str:
    """Remove images written as HTML without an address or a description."""
    attributes = image.group("attributes")
    return image.group(0) if ' src="' in attributes and ' alt="' in attributes else ""
