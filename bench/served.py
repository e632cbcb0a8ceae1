"""A served instance of its own, as `wellness serve` runs it, and what its process used."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers. `home` is its instance, when it has one.

    Over TLS, `trusted` is the certificate to believe. `also` are processes that answer together with it.
    """

    port: int
    pid: int
    home: Path
    trusted: str = ""
    also: tuple[int, ...] = ()

    def cpu_seconds(self) -> float:
        """What the process and its children have used so far."""
        return sum(map(cpu_of, (self.pid, *self.also)))

    def pss_mib(self) -> float:
        """Memory in MiB, what is shared counted in parts (PSS)."""
        return sum(_pss(one) for pid in (self.pid, *self.also) for one in family(pid)) / 1024

    def tls(self) -> ssl.SSLContext | None:
        """What a browser needs to speak TLS with it."""
        return tls_of(self.trusted)


def tls_of(trusted: str) -> ssl.SSLContext | None:
    """What a browser needs that trusts this certificate, None where nothing is to be trusted."""
    if not trusted:
        return None
    context = ssl.create_default_context(cafile=trusted)
    context.check_hostname = False
    return context


def cpu_of(pid: int) -> float:
    """CPU seconds of the threads that live in a process and in those that descend from it."""
    return sum(_cpu(one) for one in family(pid))


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _cpu(pid: int) -> float:
    """To the nanosecond over the threads that live (stat counts in hundredths); servers keep theirs."""
    seconds = 0.0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            seconds += int((task / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        pass
    return seconds


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wellness(environ: dict[str, str], *arguments: str) -> None:
    """Run a command of the site. Raises CalledProcessError when it fails."""
    command = [str(Path(sys.executable).with_name("wellness")), *arguments]
    subprocess.run(command, env={**os.environ, **environ}, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def instance(*, demo: bool = True) -> Iterator[Path]:
    """An instance in a folder of its own, with the demo school."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "instance"
        environ = {"WELLNESS_HOME": str(home)}
        wellness(environ, "init")
        if demo:
            wellness(environ, "demo")
        yield home


@contextmanager
def process_of(home: Path, command: list[str] | None = None, **environ: str) -> Iterator[Served]:
    """The instance's server, just started, by `wellness serve` or by another command that listens on {port}."""
    port = free_port()
    told = {
        **os.environ,
        "WELLNESS_HOME": str(home),
        "WELLNESS_PORT": str(port),
        "WELLNESS_PRESSES": "1000000",
        **environ,
    }
    arguments = [part.replace("{port}", str(port)) for part in command or [wellness_path(), "serve"]]
    server = subprocess.Popen(arguments, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Served(port, server.pid, home)
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def serving(home: Path, command: list[str] | None = None, **environ: str) -> Iterator[Served]:
    """The same once it answers."""
    with process_of(home, command, **environ) as started:
        wait_until_up(started.port)
        yield started


def wellness_path() -> str:
    """The command beside the Python that runs this."""
    return str(Path(sys.executable).with_name("wellness"))


def wait_until_up(port: int) -> None:
    """Return when the server answers /healthz; raises TimeoutError after 60 s."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            ask(port, "/healthz")
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the site did not come up")


def ask(port: int, path: str) -> float:
    """Seconds until the whole page is here, on a connection of its own."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise OSError(f"{path} answered {answer.status}")
    return time.perf_counter() - begun
