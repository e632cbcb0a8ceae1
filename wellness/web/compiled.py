"""Templates as Jinja compiled them, kept as Python keeps the modules it compiled: in `__pycache__` beside the source.

Compiling those of the first page took longer than making the site. Whoever may write there may change our modules as well;
where the site may not, or Python was told to keep nothing, each start compiles again.
"""

from __future__ import annotations

import hashlib
import marshal  # nosec B302 - what Python itself keeps compiled modules in, in the same place
import os
import sys
import threading
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

_DIGEST = hashlib.sha256().digest_size


class CompiledTemplates(BytecodeCache):
    """Kept templates of one way of compiling. `options` names what besides the source makes a difference."""

    def __init__(self, options: str) -> None:
        self._made_by = f"{jinja2.__version__} {sys.version} {options}".encode()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The file that a template is kept in."""
        return cache_from_source(filename or name)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept, when it is whole and was made of this source in this way."""
        try:
            kept = Path(bucket.key).read_bytes()
        except OSError:
            return
        mark, compiled = kept[:_DIGEST], kept[_DIGEST:]
        if mark == self._mark(bucket, compiled):
            bucket.code = marshal.loads(compiled)  # noqa: S302  # nosec B302

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, whole or not at all."""
        if sys.dont_write_bytecode:
            return
        compiled = marshal.dumps(bucket.code)
        beside = Path(f"{bucket.key}.{os.getpid()}-{threading.get_ident()}")
        try:
            beside.parent.mkdir(exist_ok=True, parents=True)
            beside.write_bytes(self._mark(bucket, compiled) + compiled)
            beside.replace(bucket.key)
        except OSError:
            with suppress(OSError):
                beside.unlink()

    def _mark(self, bucket: Bucket, compiled: bytes) -> bytes:
        return hashlib.sha256(b"\n".join((self._made_by, bucket.checksum.encode(), compiled))).digest()
