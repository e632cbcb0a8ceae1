"""Settings of one installation: read once from the environment, every mistake said in one sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import Misconfigured

PACKAGE = Path(__file__).resolve().parent
SITE = PACKAGE / "_site" if (PACKAGE / "_site").is_dir() else PACKAGE.parent
"""Where templates, static files, content and translations are: inside the wheel, or at the top of a checkout."""

KNOWN = (
    "WELLNESS_HOME",
    "WELLNESS_HOST",
    "WELLNESS_PORT",
    "WELLNESS_PLAIN_HTTP",
    "WELLNESS_TRUSTED_HOSTS",
    "WELLNESS_PROXIES",
    "WELLNESS_MEDIA_MINUTES",
    "RECORDS_URL",
    "RATE_LIMIT_URL",
    "MEDIA_URL",
    "WELLNESS_ACCEL",
)


LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the instance is and how it is reached."""

    home: Path
    host: str
    port: int
    records_url: str
    rate_limit_url: str
    media_url: str
    accel: str
    plain_http: bool
    trusted_hosts: tuple[str, ...]
    proxies: int
    media_minutes: int = 15

    @property
    def media(self) -> Path:
        """The recordings with their captions."""
        return self.home / "media"

    @property
    def library(self) -> Path:
        """The folder of Markdown files that coaches write."""
        return self.home / "library"

    @property
    def media(self) -> Path:
        """The folder of recordings."""
        return self.home / "media"

    @property
    def catalogue(self) -> Path:
        """The derived index."""
        return self.home / "catalogue.db"

    @property
    def secret_key_file(self) -> Path:
        """The key that signs cookies; made by `wellness init`, readable by its owner only."""
        return self.home / "secret-key"

    @property
    def address(self) -> str:
        """The address to print for a person at this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    def read_secret_key(self) -> str:
        """The secret key. Raises Misconfigured when the instance was never initialised."""
        try:
            key = self.secret_key_file.read_text(encoding="ascii").strip()
        except OSError as error:
            raise Misconfigured(
                f"There is no secret key in {self.home}: run `wellness init` first, or set WELLNESS_HOME to your instance."
            ) from error
        except UnicodeDecodeError:
            key = ""
        if len(key) < 32:
            raise Misconfigured(
                f"The secret key in {self.secret_key_file} is not a whole key: delete it and run `wellness init`."
            )
        return key


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `environ` (the process's own by default). Raises Misconfigured naming every mistake at once."""
    environ = os.environ if environ is None else environ
    mistakes = [
        f"{name} is not a setting; the settings are: {', '.join(KNOWN)}."
        for name in environ
        if name.startswith("WELLNESS_") and name not in KNOWN
    ]
    home = Path(environ.get("WELLNESS_HOME") or "instance").expanduser().resolve()
    port = environ.get("WELLNESS_PORT") or "8000"
    if not re.fullmatch(r"\d{1,5}", port) or not 0 < int(port) < 65536:
        mistakes.append(f"WELLNESS_PORT is {port!r}; it must be a number from 1 to 65535.")
    proxies = environ.get("WELLNESS_PROXIES") or "0"
    if not re.fullmatch(r"[0-5]", proxies):
        mistakes.append("WELLNESS_PROXIES is the number of proxies in front of this server, from 0 to 5.")
    minutes = environ.get("WELLNESS_MEDIA_MINUTES") or "15"
    if not minutes.isdecimal() or not 0 < int(minutes) <= 240:
        mistakes.append("WELLNESS_MEDIA_MINUTES is how long a recording may be, from 1 to 240 minutes.")
    plain = environ.get("WELLNESS_PLAIN_HTTP") or "0"
    if plain not in ("0", "1"):
        mistakes.append("WELLNESS_PLAIN_HTTP is 1 for a school network without HTTPS, or 0.")
    records_url = environ.get("RECORDS_URL") or f"sqlite:///{home / 'records.db'}"
    if not re.match(r"^(sqlite:///|postgresql\+psycopg://)", records_url):
        mistakes.append("RECORDS_URL must begin with sqlite:/// or postgresql+psycopg://.")
    media_url = environ.get("MEDIA_URL") or "/media"
    if not re.match(r"^(/media/?$|https://[a-z0-9.-]+(:\d+)?(/[\w./-]*)?$)", media_url):
        mistakes.append("MEDIA_URL must begin with https:// and name a host and perhaps a folder, without a query.")
    accel = environ.get("WELLNESS_ACCEL") or ""
    if accel and not re.match(r"^/[\w/-]+$", accel):
        mistakes.append("WELLNESS_ACCEL is the internal location that nginx serves the media from, like /accel/media.")
    if mistakes:
        raise Misconfigured(" ".join(mistakes))
    host = environ.get("WELLNESS_HOST") or "127.0.0.1"
    hosts = tuple(name.strip() for name in (environ.get("WELLNESS_TRUSTED_HOSTS") or "").split(",") if name.strip())
    if not hosts and proxies == "0" and host in LOOPBACK:
        hosts = LOOPBACK  # nobody else can reach it, so any other name is a page elsewhere pretending to be us
    return Settings(
        home=home,
        host=host,
        port=int(port),
        records_url=records_url,
        rate_limit_url=environ.get("RATE_LIMIT_URL") or "memory://",
        media_url=media_url.rstrip("/"),
        accel=accel.rstrip("/"),
        plain_http=plain == "1",
        trusted_hosts=hosts,
        proxies=int(proxies),
        media_minutes=int(minutes),
    )
