"""Markdown becomes HTML: Python-Markdown, then nh3, in that order. Nothing else in the site reads Markdown.

Always called in a process of its own (`workshop.py`): Python-Markdown is quadratic on some input, 5,000 `[` took 5.9 s.
"""

from __future__ import annotations

import markdown
import nh3

from .markup import is_own_media, is_safe_link

_TAGS = {
    "p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6",
    "a", "img", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_EXTENSIONS = ("sane_lists", "tables", "smarty")


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    if tag == "a" and attribute == "href":
        return value if is_safe_link(value) else None
    if tag == "img" and attribute == "src":
        return value if is_own_media(value) else None
    # nh3 lets `title` and `lang` through on every tag unless they are refused here; `rel` is its own.
    return value if attribute == "rel" or attribute in _ATTRIBUTES.get(tag, ()) else None


def render_markdown(text: str) -> str:
    """Clean HTML of a coach's Markdown: no script, style, id, class or event; links and pictures by our own rules."""
    html = markdown.markdown(text, extensions=list(_EXTENSIONS), output_format="html")
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes={"https", "tel", "sms", "mailto"},
        link_rel="noopener noreferrer",
    ).strip()
