"""Run one command with resource limits: `python -I -S limited_process.py PARENT SECONDS MEMORY FILE COMMAND…`.

A file of its own, run by its path: the limits have to be set between the new process and the command, and setting them
in a forked copy of a server with threads is not safe. The command ends when the process that started it ends (Linux).
"""

from __future__ import annotations

import os
import sys

_PR_SET_PDEATHSIG, _SIGKILL = 1, 9


def main(arguments: list[str]) -> None:
    """Set the limits, then become the command.

    `PARENT` is the id of the process that asks, `SECONDS` of processor time, `MEMORY` and `FILE` bytes; 0 is no limit.
    """
    import resource

    parent, seconds, memory, file_bytes = map(int, arguments[:4])
    _die_with(parent)
    os.nice(10)
    _limit(resource.RLIMIT_CORE, 0)
    for kind, limit in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, file_bytes)):
        if limit:
            _limit(kind, limit)
    if memory and sys.platform == "linux":  # macOS ignores it
        _limit(resource.RLIMIT_AS, memory)
    os.execv(arguments[4], arguments[4:])  # noqa: S606 - the caller names the program by its whole path # nosec B606


def _limit(kind: int, limit: int) -> None:
    import resource

    already = resource.getrlimit(kind)[1]
    wanted = limit if already == resource.RLIM_INFINITY else min(limit, already)
    resource.setrlimit(kind, (wanted, wanted))


def _die_with(parent: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent ended first
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
