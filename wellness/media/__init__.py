"""Videos with their captions and transcripts, each in a folder named by the digest of its content.

`store` stores them; `bucket_store` shares them between nodes through a `bucket`; `captions` reads and checks captions;
`sniff` and `probe` tell what a file is; `transcode` makes the versions with ffmpeg. Nothing here knows the content,
the records or Flask, or looks at the clock.
"""

from __future__ import annotations

from pathlib import Path

from .store import MediaStore, Pause, StoredVideo, Version

__all__ = ["MediaStore", "Pause", "StoredVideo", "Version", "open_media"]


def open_media(folder: Path, url: str) -> MediaStore:
    """Open the videos in `folder`, and in the bucket when `url` is like s3://name/prefix.

    Raises Misconfigured when boto3 isn't installed.
    """
    if not url.startswith("s3://"):
        return MediaStore(folder)
    from .bucket import Bucket
    from .bucket_store import SharedStore

    return SharedStore(folder, Bucket(url))
