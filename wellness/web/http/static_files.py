"""Style sheets, scripts, fonts and pictures. Text is read once, joined into the bundles of `static/bundles.toml`, and packed.

Their addresses carry the start of their SHA-256, so that browsers keep them for a year (`headers.py`).
"""

from __future__ import annotations

import gzip
import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from ..request import takes_gzip
from .joining import in_order, joined, without_comments

_PACKED = (".css", ".js", ".svg")


@dataclass(frozen=True, slots=True)
class _Text:
    body: bytes
    packed: bytes
    kind: str
    digest: str


def _body(files: tuple[Path, ...]) -> bytes:
    if files[0].suffix == ".js" and len(files) > 1:
        return joined(files).encode()
    if files[0].suffix in (".css", ".js"):
        return "\n".join(without_comments(file.read_text(encoding="utf-8")) for file in files).encode()
    return b"\n".join(file.read_bytes() for file in files)


@lru_cache(maxsize=256)
def _read(files: tuple[Path, ...], _written_at: tuple[int, ...]) -> _Text:
    body = _body(files)
    kind = guess_type(files[0].name)[0] or "application/octet-stream"
    return _Text(body, gzip.compress(body, 9, mtime=0), kind, hashlib.sha256(body).hexdigest()[:10])


def read_bundles(folder: Path) -> dict[str, list[str]]:
    """The files behind each address that joins several; `bundles.toml` in the folder names them."""
    return tomllib.loads((folder / "bundles.toml").read_text(encoding="utf-8"))


def register_statics(app: Flask, folder: Path) -> None:
    """Serve `folder` below /static and give templates `static(path)`, a file's URL with the digest of its current content."""

    bundles = read_bundles(folder)
    named: dict[str, tuple[Path, ...]] = {}

    def files_of(path: str) -> tuple[Path, ...]:
        found = tuple(safe_join(str(folder), part) for part in bundles.get(path, [path]))
        files = tuple(Path(part) for part in found if part is not None)
        if not files or not all(file.is_file() for file in files):
            raise NotFound
        return in_order(files) if path.endswith(".js") else files

    def text_of(files: tuple[Path, ...]) -> _Text:
        return _read(files, tuple(file.stat().st_mtime_ns for file in files))

    @app.get("/static/<path:filename>", endpoint="static")
    def send(filename: str) -> Response:
        if not filename.endswith(_PACKED):
            return send_from_directory(folder, filename)
        text = text_of(files_of(filename))
        is_packed = takes_gzip(request.headers.get("Accept-Encoding", ""))
        response = Response(text.packed if is_packed else text.body, mimetype=text.kind)
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.set_etag(text.digest, weak=True)
        response.make_conditional(request)
        return response

    @app.template_global()
    def static(path: str) -> str:
        if path not in named:  # by a template, so there are not many
            named[path] = files_of(path)
        return url_for("static", filename=path, v=text_of(named[path]).digest)
