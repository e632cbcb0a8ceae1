"""The pages of a pack, for people without this site: an index and a self-contained page for each text.

No script, no font, no address of another host; videos and captions are beside them. The HTML inside comes from the site's own
renderer, everything else is escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ...domain import Language, TextKey
from ...library.prepared import PreparedModule, PreparedPart, PreparedSession
from ...media import StoredVideo
from .block_views import PackPage, draw_block

Prepared = PreparedSession | PreparedModule

_CSS = """
:root{color-scheme:light dark}
body{font:1.125rem/1.6 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;color:#1c2b33;background:#fbfaf7}
h1{line-height:1.2}h2{margin-top:2.5rem;border-top:1px solid #b9c4c9;padding-top:1rem}
a{color:#0b5a7a}video,img{max-width:100%;height:auto}
section.part{margin:1rem 0;padding:.25rem 1rem;border-left:.25rem solid #b9c4c9}
section.part>p.name{font-weight:600;margin:.5rem 0}
.quiet{color:#4a5a62}
@media (prefers-color-scheme:dark){body{color:#e8eef0;background:#16211f}a{color:#8fd0ea}.quiet{color:#b3c1c7}}
@media print{body{margin:0;font-size:11pt}video{display:none}}
"""
_ALLOWED = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:; media-src 'self' file:"
_WORDS: dict[Language, dict[str, str]] = {
    Language.EN: {
        "before": "Before class", "adaptations": "Adaptations", "stop": "When to stop", "families": "For families",
        "minutes": "minutes", "transcript": "Transcript", "all": "Everything in this pack",
        "missing": "The video is not in this pack.",
    },
    Language.ES: {
        "before": "Antes de la clase", "adaptations": "Adaptaciones", "stop": "Cuándo parar",
        "families": "Para las familias", "minutes": "minutos", "transcript": "Transcripción",
        "all": "Todo lo de este paquete", "missing": "El video no está en este paquete.",
    },
}  # fmt: skip
_LINK = re.compile(r'<a href="(?P<address>/[^"]*)"[^>]*>(?P<words>.*?)</a>', re.DOTALL)
_PICTURE = re.compile(r'src="/media/(?P<digest>[0-9a-f]{16})/(?P<file>[^"/]+)"')


@dataclass(frozen=True, slots=True)
class Shelf:
    """The contents of a pack: texts, videos by name, transcripts by name and language."""

    texts: Mapping[TextKey, Prepared]
    media: Mapping[str, StoredVideo]
    transcripts: Mapping[tuple[str, str], str]


def page_path(key: TextKey) -> str:
    """Return the path of a text's page in the pack."""
    return f"pages/{key.kind.value}/{key.slug}{_ending(key)}.html"


def write_index(shelf: Shelf) -> str:
    """Return the pack's index.html."""
    rows = "".join(
        f'<li lang="{key.language.value}"><a href="{page_path(key)}">{escape(text.title)}</a>'
        f'<br><span class="quiet">{escape(text.summary)} {text.minutes} {_WORDS[key.language]["minutes"]}. '
        f"{escape(text.license)}, {escape(text.author)}.</span></li>"
        for key, text in sorted(shelf.texts.items())
    )
    videos = "".join(
        f'<li><a href="media/{escape(name)}/{medium.versions[0].file}">{escape(medium.title)}</a></li>'
        for name, medium in sorted(shelf.media.items())
    )
    body = (
        "<h1>Wellness: session pack</h1>"
        "<p>Open a session to read it, play its video or print it. No internet needed. To import everything into a "
        "site of your own, open Content, choose Packs, and upload the zip file.</p>"
        f"<h2>Sessions and modules</h2><ul>{rows}</ul>"
        + (f"<h2>Videos</h2><ul>{videos}</ul>" if videos else "")
        + '<p class="quiet"><a href="LICENSES.txt">Licenses and authors</a></p>'
    )
    return _page("Wellness: session pack", Language.EN, body)


def write_page(key: TextKey, shelf: Shelf) -> str:
    """Return the page of one text."""
    text, words = shelf.texts[key], _WORDS[key.language]
    page = PackPage(lambda html: _local(html, shelf), lambda name: _video(name, shelf, words))

    def draw(part: PreparedPart) -> str:
        return draw_block(part, key.language, page)

    blocks: Iterator[str]
    if isinstance(text, PreparedSession):
        blocks = _session_blocks(text, draw, words)
    else:
        blocks = (_part(f"{p.title} ({p.minutes} min)" if p.minutes else p.title, p.parts, draw) for p in text.parts)
    body = (
        f'<p class="quiet"><a href="../../index.html">{words["all"]}</a></p><h1>{escape(text.title)}</h1>'
        f"<p>{escape(text.summary)}</p><p>{text.minutes} {words['minutes']}</p>"
        + "".join(blocks)
        + f'<p class="quiet">{escape(text.author)}. {escape(text.license)}.</p>'
    )
    return _page(text.title, key.language, body)


def write_licenses(shelf: Shelf) -> str:
    """Return the list of authors and licenses as plain text."""
    lines = ["Texts", ""]
    for key, text in sorted(shelf.texts.items()):
        lines += [
            f"{key.file}: {text.title}",
            f"  {text.author}, {text.license}",
            *(f"  {s}" for s in text.sources),
            "",
        ]
    if shelf.media:
        lines += ["Videos", ""]
    for name, medium in sorted(shelf.media.items()):
        told = "; ".join(f"{what}: {who}" for what, who in sorted(medium.facts.credits.items()))
        lines += [f"{name}: {medium.title}", *([f"  {told}"] if told else []), ""]
    return "\n".join(lines)


def _ending(key: TextKey) -> str:
    return "" if key.language is Language.EN else f".{key.language.value}"


def _page(title: str, language: Language, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{language.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">'
        f"<title>{escape(title)}</title><style>{_CSS}</style></head><body><main>{body}</main></body></html>\n"
    )


def _session_blocks(
    session: PreparedSession, draw: Callable[[PreparedPart], str], words: Mapping[str, str]
) -> Iterator[str]:
    yield f'<p class="quiet">{escape(session.facts.purpose)}</p>'
    for step in session.steps:
        yield _part(f"{step.title} ({step.minutes} min)", step.parts, draw)
    for name, parts in session.sections.items():
        yield _part(words.get(name, name), parts, draw)


def _part(title: str, parts: Sequence[PreparedPart], draw: Callable[[PreparedPart], str]) -> str:
    return f"<h2>{escape(title)}</h2>" + "".join(map(draw, parts))


def _video(name: str, shelf: Shelf, words: Mapping[str, str]) -> str:
    medium = shelf.media.get(name)
    if medium is None:
        return f"<p>{words['missing']}</p>"
    folder = f"../../media/{escape(name)}"
    poster = f' poster="{folder}/{medium.poster}"' if medium.poster else ""
    sources = "".join(f'<source src="{folder}/{v.file}">' for v in medium.versions if v.file.endswith(".mp4"))
    tracks = "".join(
        f'<track kind="captions" srclang="{language}" label="{language}" src="{folder}/{file}">'
        for language, file in sorted(medium.captions.items())
    )
    # A browser that opens a file from a stick may refuse the captions beside it: what is said is written below too.
    said = "".join(
        f'<details lang="{language}"><summary>{words["transcript"]} ({language})</summary>{_paragraphs(text)}</details>'
        for (of, language), text in sorted(shelf.transcripts.items())
        if of == name
    )
    return f'<video controls preload="none"{poster}>{sources}{tracks}</video>{said}'


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(' '.join(piece.split()))}</p>" for piece in re.split(r"\n\s*\n", text) if piece.strip())


def _local(html: str, shelf: Shelf) -> str:
    """Addresses of the site become those of the pack; a link to what is not in it becomes its words."""
    pages = {f"/sessions/{key.slug}": page_path(key) for key in shelf.texts if key.language is Language.EN}
    digests = {medium.digest: name for name, medium in shelf.media.items()}

    def link(match: re.Match[str]) -> str:
        page = pages.get(match["address"])
        return f'<a href="../../{page}">{match["words"]}</a>' if page else match["words"]

    def picture(match: re.Match[str]) -> str:
        name = digests.get(match["digest"])
        return f'src="../../media/{escape(name)}/{match["file"]}"' if name else 'src=""'

    return _PICTURE.sub(picture, _LINK.sub(link, html))


def list_digests(html: Collection[str]) -> set[str]:
    """The recordings whose pictures these pieces of HTML show."""
    return {match["digest"] for piece in html for match in _PICTURE.finditer(piece)}
