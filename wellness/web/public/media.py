"""Recordings on their way out: content-hashed addresses that never change, and one range at a time (RFC 9110, 14).

The file goes to the server as `wsgi.file_wrapper`, which waitress sends from its own loop, so that a slow reader holds no
thread; behind nginx the header `X-Accel-Redirect` lets nginx send it. What is in a bucket is sent by the bucket.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.datastructures import Range
from werkzeug.http import is_resource_modified
from werkzeug.wsgi import FileWrapper

from ...media.store import CONTENT_TYPES
from ...policy import Action
from ..access import requires
from ..request import site

bp = Blueprint("media", __name__, url_prefix="/media")

BLOCK_BYTES = 64 * 1024
_FOREVER = "public, max-age=31536000, immutable"


@bp.get("/<digest>/<file>")
@requires(Action.VISIT)
def medium(digest: str, file: str) -> Response:
    """One file of a recording, or the way to it. Raises NotFound for what is no file of it."""
    elsewhere = site().media.find_elsewhere(digest, file)
    if elsewhere is not None:
        return _lead(elsewhere, digest, file)
    path = site().media.path_of(digest, file)
    size = path.stat().st_size
    response = Response(status=200, mimetype=None, headers={"Accept-Ranges": "bytes", "Cache-Control": _FOREVER})
    response.headers["Content-Type"] = CONTENT_TYPES[path.suffix]
    response.set_etag(f"{digest}-{file}")
    if not is_resource_modified(request.environ, etag=f"{digest}-{file}"):
        response.status_code = 304
        return response
    accel = site().settings.accel
    if accel:
        response.headers["X-Accel-Redirect"] = f"{accel}/{digest}/{file}"
        return response
    return _send(response, path, size)


def _lead(signed: str, digest: str, file: str) -> Response:
    """The way to the bucket: where everybody may read it, else by a signed address, which is not for a cache to keep."""
    public = site().settings.media_public_url
    response = Response(status=302, headers={"Cache-Control": "no-store"})
    response.headers["Location"] = f"{public}/{digest}/{file}" if public else signed
    return response


def _send(response: Response, path: Path, size: int) -> Response:
    asked = _asked_range()
    if asked is None:
        return _send_part(response, path, 0, size)
    part = (0, size) if asked.ranges[0][0] <= -size else asked.range_for_length(size)
    if part is None:
        response.status_code = 416
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    start, stop = part
    response.status_code = 206
    response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return _send_part(response, path, start, stop - start)


def _asked_range() -> Range | None:
    """The one range that was asked for; several, other units and an outdated `If-Range` get the whole file instead."""
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    condition = request.headers.get("If-Range", "")
    if condition and condition.strip() != f'"{request.view_args["digest"]}-{request.view_args["file"]}"':  # type: ignore[index]
        return None
    return asked


def _send_part(response: Response, path: Path, start: int, length: int) -> Response:
    response.content_length = length
    if request.method == "HEAD":
        return response
    file = path.open("rb")  # the server closes it when it was sent
    file.seek(start)
    wrapper = request.environ.get("wsgi.file_wrapper", FileWrapper)
    response.response = wrapper(file, BLOCK_BYTES)
    response.direct_passthrough = True
    return response
