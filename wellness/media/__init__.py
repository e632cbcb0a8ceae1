"""The media: recordings with their captions and transcripts, each in a folder named by its content.

`MediaStore` keeps them; `captions` reads and checks captions; `kinds`, `probe` and `mp4` say what a file is; `transcode`
makes the versions with ffmpeg. Nothing here knows the content, the records or Flask, or looks at the clock.
"""

from __future__ import annotations

from .store import MediaStore, Medium, Pause, Version

__all__ = ["MediaStore", "Medium", "Pause", "Version"]
