"""The media store: one folder per video, named by the digest of its content, created atomically.

A folder never changes, so caches can store its addresses forever. Its facts are in
`media.json`, which is written last and never served. A name leads to the newest folder that has it; older ones stay.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..domain import Language, Problem, VideoFacts
from ..errors import Invalid, Misconfigured, NotFound, worded
from ..files import sync
from .captions import read_captions

MAX_NAME = 80
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_CAPTIONS = re.compile(r"captions\.([a-z]{2})\.vtt")
_TRANSCRIPT = re.compile(r"transcript\.([a-z]{2})\.txt")
FACTS = "media.json"

WHOLE, SMALL, AUDIO, POSTER, PREVIEW = "720.mp4", "480.mp4", "audio.m4a", "poster.jpg", "preview.mp4"
CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".vtt": "text/vtt; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
"""Content type by file extension. No other files are served."""

_BUNDLED = {
    ".mp4": WHOLE,
    ".480.mp4": SMALL,
    ".m4a": AUDIO,
    ".poster.jpg": POSTER,
    ".preview.mp4": PREVIEW,
    **{f".{language}.vtt": f"captions.{language}.vtt" for language in Language},
    **{f".{language}.txt": f"transcript.{language}.txt" for language in Language},
}
"""Files next to a bundled video, and their names in the store."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A point where the class can pause: seconds from the start, and a label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class StoredVideoFacts:
    """A video's metadata. `seconds` is its exact length; `titles` are by language.

    `credits` says who made what ("voice": "recorded at school"). `origin` is "bundled" for what came with the site and
    "brought" for a coach's; `job` is the work that made it.
    """

    name: str
    titles: Mapping[str, str]
    seconds: float
    width: int
    height: int
    pauses: tuple[Pause, ...] = ()
    credits: Mapping[str, str] = field(default_factory=dict)
    origin: str = "brought"
    job: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One file to play: its label for people ("720p", "480p", "audio"), its name and its size in bytes."""

    label: str
    file: str
    bytes: int


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A stored video. `versions` start with the largest picture; captions and transcripts are by language."""

    digest: str
    facts: StoredVideoFacts
    versions: tuple[Version, ...]
    poster: str | None
    preview: str | None
    captions: Mapping[str, str]
    transcripts: Mapping[str, str]
    added_at: datetime

    @property
    def name(self) -> str:
        """The name that texts use."""
        return self.facts.name

    @property
    def title(self) -> str:
        """The title in English, else in any language."""
        return self.title_in(Language.EN)

    def title_in(self, language: Language) -> str:
        """Return the title in that language, else in any."""
        titles = self.facts.titles
        return titles.get(language.value) or titles.get(Language.EN.value) or next(iter(titles.values()), self.name)

    @property
    def seconds(self) -> int:
        """The length in whole seconds, as the coverage of viewings counts them."""
        return max(1, int(self.facts.seconds))

    @property
    def facts_for_texts(self) -> VideoFacts:
        """What a text's check needs to know about the video."""
        captions, transcripts = (
            tuple(language for language in Language if language.value in known)
            for known in (self.captions, self.transcripts)
        )
        return VideoFacts(self.name, self.seconds, captions, transcripts)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that may be served."""
        extra = tuple(file for file in (self.poster, self.preview) if file is not None)
        played = tuple(version.file for version in self.versions)
        return (*played, *extra, *self.captions.values(), *self.transcripts.values())


def check_name(name: str) -> None:
    """Raise Invalid unless `name` can name a video: lowercase letters, numbers and hyphens, no folder in it."""
    if "/" in name or "\\" in name or ".." in name:
        message = worded("A name can’t include a folder. Write it like four-square-breathing.")
    elif not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        message = worded("Write the name in lowercase letters, numbers and hyphens, like four-square-breathing.")
    else:
        return
    raise Invalid("The file wasn’t uploaded.", {"name": message})


class MediaStore:
    """The videos in the folder `root`, which is created with the first one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[str, tuple[tuple[int, int], StoredVideo]] = {}

    @property
    def elsewhere(self) -> str:
        """The origin that players load videos from; empty for this site."""
        return ""

    # --- Looking ------------------------------------------------------------------------------------------------------

    def list_media(self) -> list[StoredVideo]:
        """Return the newest video of each name, by name."""
        newest: dict[str, StoredVideo] = {}
        for medium in self._list_all():
            known = newest.get(medium.name)
            if known is None or (known.added_at, known.digest) < (medium.added_at, medium.digest):
                newest[medium.name] = medium
        return [newest[name] for name in sorted(newest)]

    def list_facts(self) -> tuple[VideoFacts, ...]:
        """Return what texts' checks need to know about the newest video of each name, by name."""
        return tuple(medium.facts_for_texts for medium in self.list_media())

    def find_medium(self, name: str) -> StoredVideo | None:
        """Return the newest video of that name, or None."""
        return next((medium for medium in self.list_media() if medium.name == name), None)

    def get_medium(self, name: str) -> StoredVideo:
        """Return the newest video of that name. Raises NotFound."""
        medium = self.find_medium(name)
        if medium is None:
            raise NotFound("There’s no video with that name.")
        return medium

    def find_made_by(self, job: str) -> StoredVideo | None:
        """Return the video that this job made, or None."""
        return next((medium for medium in self._list_all() if medium.facts.job == job), None)

    def list_addresses(self) -> frozenset[str]:
        """Return the addresses of all files, older videos of a name included."""
        return frozenset(self.address(medium, file) for medium in self._list_all() for file in medium.files)

    def address(self, medium: StoredVideo, file: str) -> str:
        """Return the address of a file; its content never changes."""
        return f"/media/{medium.digest}/{file}"

    def path_of(self, digest: str, file: str) -> Path:
        """Return the path of an address's file. Raises NotFound for anything else."""
        path = self.root / digest / file
        if not (_DIGEST.fullmatch(digest) and is_servable(file) and path.is_file()) or path.is_symlink():
            raise NotFound("We couldn’t find that video.")
        return path

    def find_elsewhere(self, digest: str, file: str) -> str | None:
        """Return the address outside this site to load the file from, or None. Always None for this store."""
        return None

    def fetch(self, digest: str, file: str) -> Path:
        """Return the file's path on this node. Raises NotFound."""
        return self.path_of(digest, file)

    def is_shared(self, medium: StoredVideo) -> bool:
        """Whether other nodes are known to have the video too."""
        return False

    def is_kept(self, medium: StoredVideo) -> bool:
        """Whether the video is stored completely, in the bucket too."""
        return True

    def read_transcript(self, medium: StoredVideo, language: Language) -> str:
        """Return the transcript in that language. Raises NotFound."""
        file = medium.transcripts.get(language.value)
        if file is None:
            raise NotFound("There’s no transcript in that language.")
        return self.path_of(medium.digest, file).read_text(encoding="utf-8")

    def list_sums(self, medium: StoredVideo) -> dict[str, str]:
        """Return the SHA-256 of each file of a video, as recorded when it was stored."""
        content = json.loads((self.root / medium.digest / FACTS).read_text(encoding="utf-8"))
        return {file: told["sha256"] for file, told in content["files"].items()}

    def check(self) -> list[Problem]:
        """Return all problems of stored videos: missing or changed files, captions that don't fit."""
        problems = []
        for digest in self._digests():
            medium = self._load(digest)
            if medium is None:
                problems.append(Problem(f"{digest}/{FACTS}", 1, "the details can’t be read; upload the video again"))
            else:
                problems += self._check_files(medium)
                problems += self._check_captions(medium)
        return sorted(problems)

    def follow(self) -> None:
        """Sync with other nodes in the background. Does nothing for this store."""

    def catch_up(self) -> None:
        """Sync with other nodes. Does nothing for this store."""

    # --- Keeping ------------------------------------------------------------------------------------------------------

    def put_up(self, medium: StoredVideo) -> None:
        """Finish an `add` that couldn't reach the bucket. Does nothing for this store."""

    def put_up_all(self) -> int:
        """Upload videos that only this node has; return how many. Always 0 for this store."""
        return 0

    def add(self, folder: Path, facts: StoredVideoFacts, at: datetime) -> StoredVideo:
        """Keep the files in `folder`, which must be on the same disk; the folder itself becomes the recording's.

        Whole or not at all: files reach the disk first, the name of the folder last. What is there already with the
        same content becomes the newest of its name. Raises Invalid for a name that is none; OSError from the disk.
        """
        check_name(facts.name)
        files = {path.name: path for path in sorted(folder.iterdir()) if path.name != FACTS}
        if WHOLE not in files or not all(map(is_servable, files)):
            raise ValueError(f"these are not the files of a recording: {sorted(files)}")
        sums = {name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for name, path in files.items()}
        content: dict[str, Any] = {"facts": asdict(facts), "files": sums, "added_at": at.isoformat()}
        digest = digest_of(content)
        with self._alone():
            current = self.find_medium(facts.name)
            if current is not None and (current.digest, current.facts) == (digest, facts):
                return current
            self._put(folder, digest, json.dumps(content, indent=1, ensure_ascii=False))
        medium = self._load(digest)
        assert medium is not None
        return medium

    @staticmethod
    def list_bundled_facts(bundled: Path) -> tuple[VideoFacts, ...]:
        """Return what texts' checks need to know about the bundled videos, before they are copied to the store."""
        return tuple(
            VideoFacts(video["slug"], max(1, int(video["seconds"])), languages, languages)
            for video in _read_register(bundled)
            for languages in [tuple(Language(code) for code in video["languages"])]
        )

    def deliver(self, bundled: Path, at: datetime) -> int:
        """Take over the videos of `bundled`, a folder with a videos.json; returns how many were new.

        Each has `slug`, `title` (by language), `seconds`, `sha256` of its MP4, `pause_points` and `credits`; its files are
        named after it (`_BUNDLED`), and its picture is 1280 × 720.

        A name whose newest recording a coach has brought stays hers. Raises Misconfigured when a video is damaged.
        """
        return sum(self._deliver_one(bundled, video, at) for video in _read_register(bundled))

    def sweep(self) -> None:
        """Remove what an interrupted `revise` or `deliver` left; call it once at a start."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self._alone():
            for stray in self.root.glob(".new-*"):
                shutil.rmtree(stray, ignore_errors=True)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A new folder to put files into, gone at the end unless `add` took it."""
        self.root.mkdir(parents=True, exist_ok=True)
        folder = self.root / f".new-{secrets.token_hex(8)}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # --- Inside -------------------------------------------------------------------------------------------------------

    @staticmethod
    def _is_digest(digest: str) -> bool:
        return _DIGEST.fullmatch(digest) is not None

    def _digests(self) -> list[str]:
        try:
            return sorted(path.name for path in self.root.iterdir() if _DIGEST.fullmatch(path.name))
        except FileNotFoundError:
            return []

    def _list_all(self) -> Iterator[StoredVideo]:
        for digest in self._digests():
            medium = self._load(digest)
            if medium is not None:
                yield medium

    def _load(self, digest: str) -> StoredVideo | None:
        """The recording in that folder, read again only when its facts were written anew; None when they are damaged."""
        path = self.root / digest / FACTS
        try:
            status = path.stat()
            known = self._read.get(digest)
            mark = (status.st_ino, status.st_mtime_ns)
            if known is None or known[0] != mark:
                known = (mark, read_stored_video(digest, json.loads(path.read_text(encoding="utf-8"))))
                self._read[digest] = known
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return known[1]

    def _put(self, folder: Path, digest: str, facts: str) -> None:
        (folder / FACTS).write_text(facts, encoding="utf-8")
        for path in folder.iterdir():
            sync(path)
        target = self.root / digest
        if target.is_dir():  # the same files: each takes its own place, which mends one that was damaged
            for file in sorted(path.name for path in folder.iterdir() if path.name != FACTS):
                (folder / file).replace(target / file)
            (folder / FACTS).replace(target / FACTS)
        else:
            sync(folder)
            folder.rename(target)
        sync(target)
        sync(self.root)

    def _deliver_one(self, bundled: Path, video: dict[str, Any], at: datetime) -> int:
        slug = video["slug"]
        current = self.find_medium(slug)
        if current is not None and current.facts.origin != "bundled":
            return 0
        with self.building() as folder:
            for end, file in _BUNDLED.items():
                if (bundled / f"{slug}{end}").is_file():
                    share(bundled / f"{slug}{end}", folder / file)
            if not (folder / WHOLE).is_file() or sha256_of(folder / WHOLE) != video["sha256"]:
                raise Misconfigured(f"The bundled video {slug} is damaged. Reinstall the site.")
            medium = self.add(folder, _facts_of_video(video), at)
        return int(current is None or current.digest != medium.digest)

    def _check_files(self, medium: StoredVideo) -> Iterator[Problem]:
        sums = json.loads((self.root / medium.digest / FACTS).read_text(encoding="utf-8"))["files"]
        for file, expected in sums.items():
            path, place = self.root / medium.digest / file, f"{medium.digest}/{file}"
            if not path.is_file():
                yield Problem(place, 1, f"the file is missing; upload “{medium.name}” again")
            elif sha256_of(path) != expected["sha256"]:
                yield Problem(place, 1, f"the file was changed or is damaged; upload “{medium.name}” again")

    def _check_captions(self, medium: StoredVideo) -> Iterator[Problem]:
        if not medium.captions:
            yield Problem(f"{medium.digest}/{FACTS}", 1, f"“{medium.name}” has no captions; upload it with captions")
        for file in medium.captions.values():
            path = self.root / medium.digest / file
            if path.is_file():
                yield from read_captions(path.read_bytes(), f"{medium.digest}/{file}", medium.facts.seconds).problems

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock the store for adding; the lock is released when the process ends."""
        with FileLock(self.root / ".lock"):
            yield


def is_servable(file: str) -> bool:
    """Whether a video may have a file of that name."""
    known = file in (WHOLE, SMALL, AUDIO, POSTER, PREVIEW)
    return known or bool(_CAPTIONS.fullmatch(file) or _TRANSCRIPT.fullmatch(file))


def share(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it where the disk has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the name of a video's folder: a digest of its files and facts, without its date and job."""
    named = {"facts": {**content["facts"], "job": ""}, "files": content["files"]}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:16]


def read_stored_video(digest: str, content: dict[str, Any]) -> StoredVideo:
    """Parse a video's facts file. Raises KeyError, TypeError or ValueError when it is invalid."""
    told = content["facts"]
    facts = StoredVideoFacts(**{**told, "pauses": tuple(Pause(**pause) for pause in told["pauses"])})
    files: dict[str, dict[str, Any]] = content["files"]
    labels = {WHOLE: f"{facts.height}p", SMALL: "480p", AUDIO: "audio"}
    return StoredVideo(
        digest=digest,
        facts=facts,
        versions=tuple(Version(labels[file], file, files[file]["bytes"]) for file in labels if file in files),
        poster=POSTER if POSTER in files else None,
        preview=PREVIEW if PREVIEW in files else None,
        captions=_by_language(_CAPTIONS, files),
        transcripts=_by_language(_TRANSCRIPT, files),
        added_at=datetime.fromisoformat(content["added_at"]),
    )


def _by_language(pattern: re.Pattern[str], files: Mapping[str, Any]) -> dict[str, str]:
    return {match.group(1): file for file in sorted(files) if (match := pattern.fullmatch(file))}


def _read_register(bundled: Path) -> list[dict[str, Any]]:
    register = bundled / "videos.json"
    if not register.is_file():
        return []
    videos: list[dict[str, Any]] = json.loads(register.read_text(encoding="utf-8"))["videos"]
    return videos


def _facts_of_video(video: Mapping[str, Any]) -> StoredVideoFacts:
    return StoredVideoFacts(
        name=video["slug"],
        titles=video["title"],
        seconds=float(video["seconds"]),
        width=1280,
        height=720,
        pauses=tuple(Pause(pause["at"], pause["label"]) for pause in video["pause_points"]),
        credits=video["credits"],
        origin="bundled",
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
