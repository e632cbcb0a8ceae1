"""A stand-in for a bucket: moto's server as a real process on loopback, which can be stopped, frozen and asked.

What it cannot prove: it believes every key and signature, and keeps nothing when it ends (docs/operating.md says so).
"""

from __future__ import annotations

import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import boto3

from tests.support.processes import DEADLINE, free_port


@dataclass
class BucketServer:
    """A running server with the bucket `name`."""

    port: int
    process: subprocess.Popen[bytes]
    name: str = "recordings"

    @property
    def url(self) -> str:
        """For MEDIA_URL."""
        return f"s3://{self.name}/school/media"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> Mapping[str, str]:
        """What the site's processes need besides MEDIA_URL."""
        return {
            "AWS_ENDPOINT_URL_S3": self.origin,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self) -> Any:
        """Another hand on the bucket than the site's own."""
        return boto3.client(
            "s3",
            endpoint_url=self.origin,
            aws_access_key_id="other",
            aws_secret_access_key="hand",
            region_name="us-east-1",
        )

    def another(self) -> BucketServer:
        """The same server with an empty bucket of its own."""
        other = replace(self, name=f"b{secrets.token_hex(8)}")
        other.client().create_bucket(Bucket=other.name)
        return other

    def list_keys(self) -> list[str]:
        """Everything in the bucket, below the folder of the site."""
        told = self.client().list_objects_v2(Bucket=self.name).get("Contents", [])
        return sorted(one["Key"].removeprefix("school/media/") for one in told)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Connections are taken and nothing is ever answered, as long as the block lasts."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """A server that answers; it is ended afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    server = BucketServer(port, process)
    try:
        _wait_until_ready(process)
        yield server.another()
    finally:
        server.end()


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    said, end = b"", time.monotonic() + DEADLINE
    while b"Running on" not in said:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        some = os.read(process.stdout.fileno(), 65536) if ready else b""
        assert some, f"the bucket's server did not start: {said!r}"
        said += some
