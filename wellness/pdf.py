"""A page as a PDF file: tagged, with its language and title, and nothing in it from another place.

The library that makes it is an extra (`pdf`), because it needs Pango from the system; without it the browser prints.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from .errors import Unavailable


@cache
def can_make_pdf() -> bool:
    """Whether files can be made here: the extra is installed and finds Pango."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):  # OSError is its way to say that Pango is missing
        return False
    return True


@lru_cache(maxsize=64)
def make_pdf(html: str, folder: Path) -> bytes:
    """A whole HTML page as a PDF/UA file. What it loads is named relative to `folder`; other hosts are never asked.

    Takes about a second the first time; the latest pages are remembered. Raises Unavailable when `can_make_pdf` says no.
    """
    if not can_make_pdf():
        raise Unavailable(
            "This site can’t make PDF files yet. You can print the page or save it as a PDF from your browser."
        )
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("file",))
    page = HTML(string=html, base_url=f"{folder.resolve().as_uri()}/", url_fetcher=fetcher)
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1", optimize_images=False)
    return made
