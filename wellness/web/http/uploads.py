"""Large files on their way in: only at the addresses that take them, only from staff who may write, straight to the disk.

Everything else keeps the small limit of `MAX_CONTENT_LENGTH`. A file is written where recordings are kept, so that nothing
has to be moved from one disk to another, and is gone when the request ends unless a use case has taken it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flask import Request, jsonify, redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from ...config import Settings
from ...policy import Action, has_role
from ..request import site, staff

LARGEST = {
    "studio.bring": 2 * 1024**3,
    "studio.bring_voice": 512 * 1024**2,
    "studio.look_at_pack_sent": 1024**3 + 1024**2,
}
"""Bytes that a form may send to these routes."""


class UploadRequest(Request):
    """A request that may carry a large file where the policy allows it."""

    @property
    def max_content_length(self) -> int | None:
        """The route's own limit for staff who may write, else the small one."""
        largest = LARGEST.get(self.endpoint or "")
        if largest is not None and self._may_upload():
            return largest
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        Request.max_content_length.fset(self, value)  # type: ignore[attr-defined]

    def _may_upload(self) -> bool:
        person = staff()
        return person is not None and has_role(person, Action.WRITE)

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.endpoint not in LARGEST or not filename:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        return tempfile.NamedTemporaryFile(dir=upload_folder(site().settings), prefix="in-")


def upload_folder(settings: Settings) -> Path:
    """Return the folder for files on their way in. Only the site's own account reads it."""
    folder = settings.media / ".uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


@contextmanager
def as_file(sent: FileStorage | None) -> Iterator[Path | None]:
    """A file that was sent, as a file on the disk with its own name, as long as the block lasts. None for an empty field."""
    if sent is None or not sent.filename:
        yield None
        return
    sent.stream.flush()
    name = _file_name(sent.filename)
    with tempfile.TemporaryDirectory(dir=Path(sent.stream.name).parent, prefix="named-") as folder:
        path = Path(folder) / name
        path.hardlink_to(sent.stream.name)
        yield path


_BYTES_OF_NAME = 150
"""File systems allow 255 bytes, and what is made of a recording adds to its name."""


def _file_name(sent: str) -> str:
    """The last part of the name that a browser sent, as a name that every file system takes."""
    last = sent.replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in last if sign.isprintable())
    stem, dot, ending = name.rpartition(".")
    after = f"{dot}{ending}".encode(errors="ignore")[:20]
    before = stem.encode(errors="ignore")[: _BYTES_OF_NAME - len(after)]
    name = (before + after).decode(errors="ignore").strip(" .-")
    return name or "recording"


def go_on(target: str) -> Response:
    """Where a form with a file leads. Its script goes there itself, so that the notices wait for the page it shows."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(go=target)
    return redirect(target, code=303)
