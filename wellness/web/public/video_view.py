"""A recording as a page shows it: the addresses of its files, its captions and transcript, where it pauses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from ...domain import Language
from ...domain.plain_text import mm_ss
from ...library.blocks.video import Video
from ...media import StoredVideo
from ..request import reader_language, site

_LANGUAGE_NAMES = {Language.EN: "English", Language.ES: "Español"}
_DESIGNED_IN = Language.EN
"""The language that pause labels and credits are written in."""


@dataclass(frozen=True, slots=True)
class ShownTrack:
    """Captions in one language; `is_default` for those that show by themselves."""

    lang: str
    label: str
    href: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """One file of a video: a name for the choice, its address and its size in words."""

    key: str
    label: str
    href: str
    size: str


@dataclass(frozen=True, slots=True)
class ShownPause:
    """Where the video waits (seconds), and what for."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class ShownVideo:
    """A recording for `macros/video.html`; `transcript` is paragraphs of lines in the language `transcript_lang`."""

    key: str
    title: str
    lang: str
    seconds: int
    width: int
    height: int
    poster: str
    versions: tuple[ShownVersion, ...]
    tracks: tuple[ShownTrack, ...]
    transcript: tuple[tuple[str, ...], ...]
    transcript_lang: str
    pauses: tuple[ShownPause, ...]
    credits: tuple[tuple[str, str], ...]

    @property
    def length(self) -> str:
        """Like 3:05."""
        return mm_ss(self.seconds)


def show_video(video: Video) -> ShownVideo | None:
    """A recording with the addresses of its files; None when it is not there any more."""
    medium = site().media.find_medium(video.name)
    if medium is None:
        return None
    reader = reader_language()
    spoken = _nearest(reader, medium.transcripts)
    return ShownVideo(
        key=video.key,
        title=medium.title_in(reader),
        lang=_nearest(reader, medium.facts.titles).value,
        seconds=medium.seconds,
        width=medium.facts.width,
        height=medium.facts.height,
        poster=_address(medium, medium.poster) if medium.poster else "",
        versions=tuple(
            ShownVersion(one.label, _version_label(one.label), _address(medium, one.file), _size_label(one.bytes))
            for one in medium.versions
        ),
        tracks=_show_tracks(medium, reader),
        transcript=_read_transcript(medium, spoken),
        transcript_lang=spoken.value,
        pauses=_show_pauses(video, medium, reader),
        credits=tuple((_credit_label(what), who) for what, who in medium.facts.credits.items()),
    )


def _nearest(reader: Language, known: object) -> Language:
    """The reader's language where it is known, else English."""
    return reader if isinstance(known, dict) and reader.value in known else Language.EN


def _show_tracks(medium: StoredVideo, reader: Language) -> tuple[ShownTrack, ...]:
    shown = _nearest(reader, medium.captions)
    return tuple(
        ShownTrack(code, _LANGUAGE_NAMES[Language(code)], _own_address(medium, file), code == shown.value)
        for code, file in medium.captions.items()
    )


def _read_transcript(medium: StoredVideo, language: Language) -> tuple[tuple[str, ...], ...]:
    if language.value not in medium.transcripts:
        return ()
    paragraphs = site().media.read_transcript(medium, language).strip().split("\n\n")
    return tuple(tuple(paragraph.splitlines()) for paragraph in paragraphs)


def _show_pauses(video: Video, medium: StoredVideo, reader: Language) -> tuple[ShownPause, ...]:
    """Those of the text, else those the video came with, whose labels are in English."""
    words = _("A pause. Take the time you need.")
    if video.pauses is not None:
        return tuple(ShownPause(at, words) for at in video.pauses)
    return tuple(
        ShownPause(pause.at, pause.label if reader is _DESIGNED_IN else words) for pause in medium.facts.pauses
    )


def _own_address(medium: StoredVideo, file: str) -> str:
    """The address of a file on this site. Captions stay here: a track from another host would need its permission."""
    return url_for("media.medium", digest=medium.digest, file=file)


def _address(medium: StoredVideo, file: str) -> str:
    """The address of a video, sound or poster: here, or where the district keeps them (`MEDIA_URL`)."""
    settings = site().settings
    if settings.media_public_url and site().media.is_shared(medium):
        return f"{settings.media_public_url}/{medium.digest}/{file}"
    base = settings.media_url
    return f"{base}/{medium.digest}/{file}" if base.startswith("https://") else _own_address(medium, file)


def _version_label(label: str) -> str:
    """The name of a version in words."""
    if label == "audio":
        return str(_("Sound only"))
    return str(_("Low (slow Wi-Fi)") if label == "480p" else _("High"))


def _credit_label(what: str) -> str:
    labels = {"voice": _("Voice"), "music": _("Music"), "pictures": _("Pictures"), "licence": _("License")}
    return str(labels.get(what, what))


def _size_label(count: int) -> str:
    """A size in MB, as people say it."""
    return f"{count / 1_000_000:.1f} MB"
