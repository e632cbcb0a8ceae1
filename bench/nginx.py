"""nginx for the benches: in front of the site with deploy/nginx.conf, or sending one prepared page from a folder."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.calling import Front
from bench.served import Served, free_port, wait_until_up
from bench.tables import ROOT

_SENDS = """
pid {folder}/nginx.pid;
daemon off;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    {temporary}
    server {{
        listen 127.0.0.1:{port};
        root {folder}/pages;
        default_type text/html;
        sendfile on;
        tcp_nopush on;
        keepalive_requests 100000;
        location = /healthz {{ return 200 ok; }}
    }}
}}
"""


def program() -> str:
    """Where nginx is; it is installed where that is possible. Raises CalledProcessError where there is none."""
    found = subprocess.run([ROOT / "scripts" / "find-nginx"], check=True, capture_output=True, text=True)
    return found.stdout.strip()


def behind() -> dict[str, str]:
    """The settings of a node behind nginx. The other name is for asking whether it is up."""
    from tests.support.proxy import NAME

    hosts = f"{NAME},127.0.0.1"
    return {"WELLNESS_TRUSTED_HOSTS": hosts, "WELLNESS_PROXIES": "1", "WELLNESS_ACCEL": "/accel/media"} | district()


def district() -> dict[str, str]:
    """What docs/operating.md asks for where several hundred connections are open at once."""
    return {"WELLNESS_EPOLL": "1"}


@contextmanager
def in_front_of(nodes: Sequence[Served]) -> Iterator[tuple[Front, int]]:
    """nginx in front of these nodes, and its process."""
    from tests.support.proxy import NAME, proxied

    with tempfile.TemporaryDirectory() as folder:
        ports = tuple(node.port for node in nodes)
        with proxied(Path(folder), program(), ports, nodes[0].home / "media", connections=8192) as proxy:
            yield Front(proxy.secure, NAME, str(Path(folder) / "fullchain.pem")), proxy.pid


@contextmanager
def sending(home: Path, path: str, body: bytes) -> Iterator[Served]:
    """nginx as it sends one file by itself, at this path."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)  # its workers are nobody's when root starts it
        (folder / "pages").mkdir()
        (folder / "pages" / path.lstrip("/")).write_bytes(body)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n    ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(_SENDS.format(folder=folder, port=port, temporary=temporary))
        command = [program(), "-p", name, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_until_up(port)
            yield Served(port, server.pid, home)
        finally:
            server.terminate()
            server.wait(timeout=30)
