"""Client of an S3 bucket, Amazon's or one on the school's network. The only module that imports boto3.

Beside the folders of recordings (`<digest>/<file>`) it has `facts/<digest>.json`, which is written last: what has none is
not there yet. Keys, region and address come from the environment as boto3 reads it (`AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3` and so on).
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import Misconfigured, NotFound, Unavailable, worded

try:
    import boto3
    import botocore
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ModuleNotFoundError as error:
    raise Misconfigured(
        "MEDIA_URL names a bucket, but bucket support isn't installed. Run: pip install 'wellness[s3]'."
    ) from error

SIGNED_SECONDS = 4 * 60 * 60
"""Seconds that a signed address works: long enough for a paused video and for players that request ranges."""
_SAME_SECONDS = SIGNED_SECONDS / 2
"""Seconds for which the same signed address is returned, so that browsers can use their cache."""

AWAY = worded("The video storage isn’t responding. Try again in a minute.")
_FACTS = re.compile(r"facts/([0-9a-f]{16})\.json")
_MOST_FACTS_BYTES = 1024 * 1024
_log = logging.getLogger(__name__)


class Bucket:
    """The bucket `s3://name/prefix`. Its methods raise Unavailable when it doesn't respond or refuses."""

    def __init__(self, url: str) -> None:
        told = urlsplit(url)
        self._name, prefix = told.netloc, told.path.strip("/")
        self._prefix = f"{prefix}/" if prefix else ""
        self._signed: dict[str, tuple[float, str]] = {}

    @cached_property
    def _quick(self) -> Any:
        """A client with short timeouts, for pages and commands."""
        return self._client(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})

    @cached_property
    def _patient(self) -> Any:
        """A client with long timeouts, for whole videos on a slow connection."""
        return self._client(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 4})

    def _client(self, **config: Any) -> Any:
        return boto3.session.Session().client("s3", config=Config(**{"signature_version": "s3v4", **config}))

    @cached_property
    def origin(self) -> str:
        """Scheme and host of signed addresses; no request."""
        client = self._client(signature_version=botocore.UNSIGNED)
        told = urlsplit(client.generate_presigned_url("get_object", Params={"Bucket": self._name, "Key": "x"}))
        return f"{told.scheme}://{told.netloc}"

    # --- Looking ------------------------------------------------------------------------------------------------------

    def list_kept(self) -> dict[str, str]:
        """Return the ETag of each complete video's facts; it changes when the facts are rewritten."""
        return {
            match.group(1): told["ETag"].strip('"')
            for told in self._list("facts/")
            if (match := _FACTS.fullmatch(told["Key"].removeprefix(self._prefix)))
        }

    def list_files(self, digest: str) -> dict[str, int]:
        """Return the files of a video with their sizes, also of an incomplete one."""
        before = len(self._key(digest, ""))
        return {told["Key"][before:]: told["Size"] for told in self._list(f"{digest}/")}

    def find_mark(self, digest: str) -> str | None:
        """Return the ETag of one video's facts, or None when it is missing or incomplete."""
        told = self._head(self._facts_key(digest))
        return None if told is None else str(told["ETag"]).strip('"')

    def read_facts(self, digest: str) -> bytes:
        """Return a video's facts. Raises NotFound."""
        with _answering():
            answer = self._quick.get_object(Bucket=self._name, Key=self._facts_key(digest))
            return bytes(answer["Body"].read(_MOST_FACTS_BYTES))

    def fetch(self, digest: str, file: str, target: Path) -> None:
        """Download a file of a video to `target`. Raises NotFound."""
        with _answering():
            self._patient.download_file(self._name, self._key(digest, file), str(target))

    def sign(self, digest: str, file: str) -> str:
        """Return a signed address for a file; no request."""
        key, now = self._key(digest, file), time.monotonic()
        until, address = self._signed.get(key, (0.0, ""))
        if until < now:
            with _answering():
                address = str(
                    self._quick.generate_presigned_url(
                        "get_object", Params={"Bucket": self._name, "Key": key}, ExpiresIn=SIGNED_SECONDS
                    )
                )
            if len(self._signed) > 10_000:
                self._signed.clear()
            self._signed[key] = (now + _SAME_SECONDS, address)
        return address

    # --- Keeping ------------------------------------------------------------------------------------------------------

    def holds(self, digest: str, file: str, sha256: str) -> bool:
        """Whether the bucket has the file with that SHA-256, as recorded at upload."""
        told = self._head(self._key(digest, file))
        return told is not None and told["Metadata"].get("sha256") == sha256

    def put(self, digest: str, file: str, path: Path, sha256: str, kind: str) -> None:
        """Upload a file atomically; `kind` is its content type."""
        with _answering():
            self._patient.upload_file(str(path), self._name, self._key(digest, file), ExtraArgs=_told(sha256, kind))

    def copy(self, digest: str, file: str, source: str) -> None:
        """Copy the file from the video `source` inside the bucket, without uploading it again."""
        with _answering():
            self._patient.copy_object(
                Bucket=self._name,
                Key=self._key(digest, file),
                CopySource={"Bucket": self._name, "Key": self._key(source, file)},
            )

    def put_facts(self, digest: str, facts: bytes) -> str:
        """Write the facts, which marks the video as complete; return the ETag. Always the last step."""
        with _answering():
            answer = self._patient.put_object(
                Bucket=self._name, Key=self._facts_key(digest), Body=facts, ContentType="application/json"
            )
            return str(answer["ETag"]).strip('"')

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _key(self, digest: str, file: str) -> str:
        return f"{self._prefix}{digest}/{file}"

    def _facts_key(self, digest: str) -> str:
        return f"{self._prefix}facts/{digest}.json"

    def _list(self, below: str) -> Iterator[dict[str, Any]]:
        with _answering():
            pages = self._quick.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=f"{self._prefix}{below}"
            )
            for page in pages:
                yield from page.get("Contents", ())

    def _head(self, key: str) -> Mapping[str, Any] | None:
        with suppress(NotFound), _answering():
            told: Mapping[str, Any] = self._quick.head_object(Bucket=self._name, Key=key)
            return told
        return None


def _is_missing(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound")


def _told(sha256: str, kind: str) -> dict[str, Any]:
    return {
        "ContentType": kind,
        "CacheControl": "public, max-age=31536000, immutable",
        "Metadata": {"sha256": sha256},
    }


@contextmanager
def _answering() -> Iterator[None]:
    """Turn errors of the bucket into Unavailable, and log them."""
    try:
        yield
    except (BotoCoreError, ClientError, boto3.exceptions.Boto3Error) as error:
        if isinstance(error, ClientError) and _is_missing(error):
            raise NotFound(worded("The video storage doesn’t have this file.")) from error
        _log.warning("the bucket: %s", error)
        raise Unavailable(AWAY) from error
