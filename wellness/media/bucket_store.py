"""Videos that several nodes share through a bucket. Each node has the small files; players load videos from the bucket.

A recording is put together in the node's folder first, whole or not at all, and then put into the bucket, its facts last.
A try that was cut short is taken up where it ended, because every file has its place by content. Other nodes take over
facts, captions, transcripts and pictures beside their requests; videos stay in the bucket until somebody works on them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ..domain import Problem
from ..errors import NotFound, Unavailable, worded
from .bucket import Bucket
from .store import (
    CONTENT_TYPES,
    FACTS,
    MediaStore,
    StoredVideo,
    StoredVideoFacts,
    digest_of,
    is_servable,
    read_stored_video,
    sha256_of,
)

FOLLOW_SECONDS = 5.0
_VIDEOS = (".mp4", ".m4a")
"""Files that stay in the bucket. The others are small, and pages need them even when the bucket is offline."""
_NOT_THERE_YET = worded(
    "The video is saved on this computer, but the shared video storage isn’t responding, so other "
    "computers don’t have it yet. Try again in a minute."
)
_DAMAGED = worded("A file of this video is damaged in the video storage. Upload the video again.")
_log = logging.getLogger(__name__)


class _Damaged(Exception):
    """A file in the bucket doesn't have its recorded content."""


class SharedStore(MediaStore):
    """A media store backed by a bucket, with the folder `root` as this node's cache."""

    def __init__(self, root: Path, bucket: Bucket) -> None:
        super().__init__(root)
        self._bucket = bucket
        self._there: dict[str, str] = {}
        self._is_away = False
        self._look_at = 0.0
        self._looking = threading.Lock()

    @property
    def elsewhere(self) -> str:
        """The origin that players load videos from."""
        return self._bucket.origin

    def is_shared(self, medium: StoredVideo) -> bool:
        """Whether the bucket is known to have the video; no request."""
        return medium.digest in self._there

    def is_kept(self, medium: StoredVideo) -> bool:
        """Whether the bucket has the complete video. False when it doesn't respond."""
        try:
            return self._bucket.find_mark(medium.digest) is not None
        except Unavailable:
            return False

    def find_elsewhere(self, digest: str, file: str) -> str | None:
        """Return the signed address of a video file in the bucket. None for what this node serves itself.

        That is everything small, what was never put there, and, while the bucket does not answer, all that is here.
        """
        medium = self._load(digest) if self._is_digest(digest) else None
        if medium is None or file not in medium.files or Path(file).suffix not in _VIDEOS:
            return None
        is_better_here = self._is_away or digest not in self._there
        if is_better_here and (self.root / digest / file).is_file():
            return None
        return self._bucket.sign(digest, file)

    def fetch(self, digest: str, file: str) -> Path:
        """Return the file's path on this node, downloaded if necessary. Raises NotFound, Unavailable."""
        try:
            return self.path_of(digest, file)
        except NotFound:
            medium = self._load(digest) if self._is_digest(digest) else None
            if medium is None or file not in medium.files:
                raise
        with self.building() as folder:
            try:
                self._fetch_into(folder, digest, file, self.list_sums(medium)[file])
            except _Damaged as error:
                raise Unavailable(_DAMAGED) from error
            (folder / file).replace(self.root / digest / file)
        return self.path_of(digest, file)

    # --- What other nodes have put there ------------------------------------------------------------------------------

    def follow(self) -> None:
        """Sync with the bucket in a background thread, at most every FOLLOW_SECONDS."""
        if time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self) -> None:
        try:
            self.catch_up()
            if self._is_away:
                _log.warning("the bucket answers again")
            self._is_away = False
        except Unavailable:
            self._is_away = True
        except Exception:
            _log.exception("what is in the bucket could not be taken over")
        finally:
            self._look_at = time.monotonic() + FOLLOW_SECONDS
            self._looking.release()

    def catch_up(self) -> None:
        """Download the small files that this node lacks. Raises Unavailable, OSError."""
        there: dict[str, str] = {}
        for digest, mark in self._bucket.list_kept().items():
            is_known = self._there.get(digest) == mark and self._load(digest) is not None
            try:
                if is_known or self._take_over(digest, mark):
                    there[digest] = mark
            except (NotFound, _Damaged):
                _log.warning("of the recording %s a file in the bucket is missing or damaged", digest)
        self._there = there

    def _take_over(self, digest: str, mark: str) -> bool:
        """Download one video's small files; return whether it is complete here. Damaged ones are skipped."""
        facts_file = self.root / digest / FACTS
        if facts_file.is_file() and _mark(facts_file.read_bytes()) == mark:
            return True
        data = self._bucket.read_facts(digest)
        try:
            content = json.loads(data)
            added_at = read_stored_video(digest, content).added_at
            is_right = digest_of(content) == digest and all(map(is_servable, content["files"]))
        except (ValueError, KeyError, TypeError):
            is_right = False
        if not is_right:
            _log.warning("the facts of %s in the bucket are not what they say they are", digest)
            return False
        with self.building() as folder:
            known = self._load(digest)
            if known is None:
                for file, told in content["files"].items():
                    if Path(file).suffix not in _VIDEOS:
                        self._fetch_into(folder, digest, file, told["sha256"])
            if known is None or known.added_at < added_at:
                with self._alone():
                    self._put(folder, digest, data.decode())
        return True

    def _fetch_into(self, folder: Path, digest: str, file: str, sha256: str) -> None:
        self._bucket.fetch(digest, file, folder / file)
        if sha256_of(folder / file) != sha256:
            raise _Damaged

    # --- What this node puts there ------------------------------------------------------------------------------------

    def add(self, folder: Path, facts: StoredVideoFacts, at: datetime) -> StoredVideo:
        """Store the files in `folder` here and in the bucket. Raises Unavailable when the bucket doesn't have them yet."""
        medium = super().add(folder, facts, at)
        self.put_up(medium)
        return medium

    def put_up(self, medium: StoredVideo) -> None:
        """Upload a video to the bucket, continuing an earlier try. Raises Unavailable."""
        try:
            self._put_up(medium)
        except Unavailable as error:
            raise Unavailable(_NOT_THERE_YET) from error

    def _put_up(self, medium: StoredVideo) -> None:
        data = (self.root / medium.digest / FACTS).read_bytes()
        mark = self._bucket.find_mark(medium.digest)
        if mark is not None and (mark == _mark(data) or not self._is_newer(medium)):
            self._there[medium.digest] = mark
            return
        for file, sha256 in self.list_sums(medium).items():
            if not self._bucket.holds(medium.digest, file, sha256):
                self._put_file(medium, file, sha256)
        self._there[medium.digest] = self._bucket.put_facts(medium.digest, data)

    def _is_newer(self, medium: StoredVideo) -> bool:
        """Whether what is here was added after what is there: the same content may come twice."""
        there = json.loads(self._bucket.read_facts(medium.digest))
        return medium.added_at > datetime.fromisoformat(there["added_at"])

    def _put_file(self, medium: StoredVideo, file: str, sha256: str) -> None:
        for other in self._list_all():
            is_there = other.digest in self._there and other.digest != medium.digest
            if is_there and self.list_sums(other).get(file) == sha256:
                self._bucket.copy(medium.digest, file, other.digest)
                return
        path = self.path_of(medium.digest, file)
        self._bucket.put(medium.digest, file, path, sha256, CONTENT_TYPES[path.suffix])

    def put_up_all(self) -> int:
        """Upload all videos that are only on this node; return how many."""
        waiting = [medium for medium in self._list_all() if self._there.get(medium.digest) != self._mark_of(medium)]
        for medium in waiting:
            self.put_up(medium)
        return len(waiting)

    def _mark_of(self, medium: StoredVideo) -> str:
        return _mark((self.root / medium.digest / FACTS).read_bytes())

    # --- Checking -----------------------------------------------------------------------------------------------------

    def _check_files(self, medium: StoredVideo) -> Iterator[Problem]:
        """Read the local files; compare names and sizes of those in the bucket."""
        there = self._bucket.list_files(medium.digest) if self.is_kept(medium) else {}
        content: dict[str, Any] = json.loads((self.root / medium.digest / FACTS).read_text(encoding="utf-8"))
        for file, expected in content["files"].items():
            path, place = self.root / medium.digest / file, f"{medium.digest}/{file}"
            is_here = path.is_file()
            if is_here and sha256_of(path) != expected["sha256"]:
                yield Problem(place, 1, f"the file was changed or is damaged; upload “{medium.name}” again")
            if there.get(file) == expected["bytes"]:
                continue
            mend = "run `wellness init`" if is_here else f"upload “{medium.name}” again"
            yield Problem(place, 1, f"the file is missing from the bucket or incomplete; {mend}")


def _mark(data: bytes) -> str:
    """Return the ETag that S3 gives a file uploaded in one piece, unless it uses server-side encryption keys."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
