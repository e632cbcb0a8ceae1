"""A real nginx in front of a served site, with deploy/nginx.conf as it stands but for names, ports and folders."""

from __future__ import annotations

import http.client
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.processes import free_port
from tests.support.scratch import CHECKOUT, changed

NAME = "wellness.example.org"
SITE = (CHECKOUT / "deploy" / "nginx.conf").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Answer:
    """`kept` is what nginx says of its cache: MISS, HIT, EXPIRED, REVALIDATED, STALE, BYPASS, or nothing."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def kept(self) -> str:
        return self.headers.get("X-Kept", "")


@dataclass
class Browser:
    """Asks on one port, over TLS or not, and keeps cookies when it is told to."""

    port: int
    tls: ssl.SSLContext | None
    cookies: dict[str, str] = field(default_factory=dict)
    keeps: bool = False

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; `If_None_Match` is If-None-Match."""
        sent = {"Host": NAME} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection: http.client.HTTPConnection
        if self.tls is not None:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.tls, timeout=30)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            found = Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()
        if self.keeps:
            for cookie in found.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
        return found


@dataclass(frozen=True)
class Proxy:
    """A running nginx: the site's own ports, and `careless`, a cache that believes Cache-Control and ignores cookies."""

    plain: int
    secure: int
    careless: int
    tls: ssl.SSLContext
    pid: int

    def browser(self) -> Browser:
        return Browser(self.secure, self.tls, keeps=True)

    def ask(self, path: str, **headers: str) -> Answer:
        """As somebody without a cookie."""
        return Browser(self.secure, self.tls).ask(path, **headers)


@contextmanager
def proxied(folder: Path, nginx: str, nodes: tuple[int, ...], media: Path, connections: int = 512) -> Iterator[Proxy]:
    """nginx in front of nodes on these ports of 127.0.0.1; it is ended afterwards."""
    plain, secure, careless = free_port(), free_port(), free_port()
    make_certificate(folder)
    written = configuration(folder, nodes, media, (plain, secure, careless), connections)
    (folder / "nginx.conf").write_text(written, encoding="utf-8")
    command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr, checked.stderr
    server = subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.PIPE)
    tls = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    tls.check_hostname = False
    try:
        wait_until_open(server, secure)
        yield Proxy(plain, secure, careless, tls, server.pid)
    finally:
        server.terminate()
        server.communicate()


def wait_until_open(server: subprocess.Popen[bytes], port: int) -> None:
    """Return when somebody listens there; fail when the server has ended."""
    import socket

    while True:
        assert server.poll() is None, (server.stderr.read() if server.stderr else b"").decode()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return


def configuration(
    folder: Path, nodes: tuple[int, ...], media: Path, ports: tuple[int, int, int], connections: int
) -> str:
    """The site of deploy/ inside a configuration of its own, and the careless cache beside it."""
    plain, secure, careless = ports
    upstream = "\n".join(f"    server 127.0.0.1:{port};" for port in nodes)
    site = changed(
        SITE,
        ("    server 127.0.0.1:8000;", upstream),
        ("listen 80;\n    listen [::]:80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;\n    listen [::]:443 ssl http2;", f"listen 127.0.0.1:{secure} ssl http2;"),
        ("/etc/ssl/wellness/fullchain.pem", str(folder / "fullchain.pem")),
        ("/etc/ssl/wellness/key.pem", str(folder / "key.pem")),
        ("/var/cache/wellness-nginx", str(folder / "cache")),
        ("/var/log/nginx/wellness-error.log", str(folder / "site-error.log")),
        ("alias /srv/wellness/media/;", f"alias {media}/;"),
    )
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Debian's own nginx.conf packs everything (`gzip on`), so this one does too.
    return f"""
{"user root;" if os.getuid() == 0 else ""}
pid {folder}/nginx.pid;
worker_processes 1;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    gzip on;
    gzip_min_length 1;
{temporary}
    add_header X-Kept $upstream_cache_status always;
    proxy_cache_path {folder}/careless levels=1 keys_zone=careless:1m;
{site}
    server {{
        listen 127.0.0.1:{careless};
        location / {{
            proxy_pass http://127.0.0.1:{nodes[0]};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-Proto https;
            proxy_cache careless;
            proxy_cache_key $request_uri;
            proxy_cache_valid any 10m;
            proxy_ignore_headers Set-Cookie Vary;
        }}
    }}
}}
"""


def make_certificate(folder: Path) -> None:
    """A certificate for the site's name that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, at = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
