"""Settings of one installation: read once from the environment, every mistake said in one sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import Misconfigured

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
    "SECRET_KEY",
    "MEDIA_URL",
    "MEDIA_PUBLIC_URL",
    "WELLNESS_ACCEL",
    "WELLNESS_EPOLL",
)


LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the instance is and how it is reached."""

    home: Path
    host: str
    port: int
    records_url: str = field(repr=False)  # may hold a password
    rate_limit_url: str = field(repr=False)
    media_url: str
    accel: str
    plain_http: bool
    trusted_hosts: tuple[str, ...]
    proxies: int
    media_minutes: int = 15
    media_public_url: str = ""
    epoll: bool = False
    secret_key: str = field(default="", repr=False)

    @property
    def media(self) -> Path:
        """The recordings with their captions."""
        return self.home / "media"

    @property
    def library(self) -> Path:
        """The folder of Markdown files that coaches write."""
        return self.home / "library"

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
        """The secret key: the setting's, else the instance's own. Raises Misconfigured when there is none yet."""
        if self.secret_key:
            return self.secret_key
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


def _is_number(least: int, most: int) -> Callable[[str], bool]:
    return lambda told: bool(re.fullmatch(r"[0-9]{1,5}", told)) and least <= int(told) <= most


def _is_like(pattern: str) -> Callable[[str], bool]:
    return lambda told: re.match(pattern, told) is not None


_RULES = {
    "WELLNESS_PORT": (_is_number(1, 65535), "WELLNESS_PORT is {!r}; it must be a number from 1 to 65535."),
    "WELLNESS_PROXIES": (
        _is_number(0, 5),
        "WELLNESS_PROXIES is the number of proxies in front of this server, from 0 to 5.",
    ),
    "WELLNESS_MEDIA_MINUTES": (
        _is_number(1, 240),
        "WELLNESS_MEDIA_MINUTES is how long a recording may be, from 1 to 240 minutes.",
    ),
    "WELLNESS_PLAIN_HTTP": (
        _is_like(r"^[01]$"),
        "WELLNESS_PLAIN_HTTP is 1 for a school network without HTTPS, or 0.",
    ),
    "WELLNESS_EPOLL": (
        _is_like(r"^[01]$"),
        "WELLNESS_EPOLL is 1 for a site with several hundred connections at once, or 0.",
    ),
    "WELLNESS_ACCEL": (
        _is_like(r"^$|^/[\w/-]+$"),
        "WELLNESS_ACCEL is the internal location that nginx serves the media from, like /accel/media.",
    ),
    "RECORDS_URL": (
        _is_like(r"^(sqlite:///|postgresql\+psycopg://)"),
        "RECORDS_URL must begin with sqlite:/// or postgresql+psycopg://.",
    ),
    "RATE_LIMIT_URL": (
        _is_like(r"^(memory://$|rediss?://.|redis\+unix://.)"),
        "RATE_LIMIT_URL must be memory:// or begin with redis://, rediss:// or redis+unix://.",
    ),
    "WELLNESS_TRUSTED_HOSTS": (
        _is_like(r"^[\w.\-:\[\], ]*$"),
        "WELLNESS_TRUSTED_HOSTS are names as they stand in an address, without https:// and /, with commas between them.",
    ),
    "SECRET_KEY": (
        _is_like(r"^$|^\S{32,}$"),
        "SECRET_KEY must have 32 characters or more and no spaces, the same on every node: `wellness init` makes one in "
        "the file secret-key of the instance folder.",
    ),
    "MEDIA_URL": (
        _is_like(r"^(/media/?$|https://[a-z0-9.-]+(:\d+)?(/[\w./-]*)?$|s3://[a-z0-9.-]{3,63}(/[\w./-]*)?$)"),
        "MEDIA_URL must begin with https:// or s3:// and name a host or bucket and perhaps a folder, without a query.",
    ),
    "MEDIA_PUBLIC_URL": (
        _is_like(r"^$|^https://[a-z0-9.-]+(:\d+)?(/[\w./-]*)?$"),
        "MEDIA_PUBLIC_URL must begin with https:// and name a host and perhaps a folder, without a query.",
    ),
}
"""What a setting has to be, and what to say when it is not."""


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `environ` (the process's own by default). Raises Misconfigured naming every mistake at once."""
    settings, mistakes = read_what_is_right(environ)
    if mistakes:
        raise Misconfigured("\n".join(mistakes.values()))
    return settings


def read_what_is_right(environ: Mapping[str, str] | None = None) -> tuple[Settings, dict[str, str]]:
    """The settings with the usual value for each that is wrong, and a sentence for each wrong one by its name."""
    environ = os.environ if environ is None else environ
    mistakes = {
        name: f"{name} is not a setting; the settings are: {', '.join(KNOWN)}."
        for name in environ
        if name.startswith("WELLNESS_") and name not in KNOWN
    }
    home = Path(environ.get("WELLNESS_HOME") or "instance").expanduser().resolve()
    usual = _defaults(home)
    told = {name: environ.get(name) or default for name, default in usual.items()}
    wrong = {name: message.format(told[name]) for name, (fits, message) in _RULES.items() if not fits(told[name])}
    if told["MEDIA_PUBLIC_URL"] and not told["MEDIA_URL"].startswith("s3://"):
        wrong["MEDIA_PUBLIC_URL"] = (
            "MEDIA_PUBLIC_URL is where browsers read the bucket; it needs MEDIA_URL=s3://bucket/prefix."
        )
    return _settings_of(home, told | {name: usual[name] for name in wrong}), mistakes | wrong


def _settings_of(home: Path, told: Mapping[str, str]) -> Settings:
    host = told["WELLNESS_HOST"]
    hosts = tuple(name.strip() for name in told["WELLNESS_TRUSTED_HOSTS"].split(",") if name.strip())
    if not hosts and told["WELLNESS_PROXIES"] == "0" and host in LOOPBACK:
        hosts = LOOPBACK  # nobody else can reach it, so any other name is a page elsewhere pretending to be us
    return Settings(
        home=home,
        host=host,
        port=int(told["WELLNESS_PORT"]),
        records_url=told["RECORDS_URL"],
        rate_limit_url=told["RATE_LIMIT_URL"],
        media_url=told["MEDIA_URL"].rstrip("/"),
        accel=told["WELLNESS_ACCEL"].rstrip("/"),
        plain_http=told["WELLNESS_PLAIN_HTTP"] == "1",
        trusted_hosts=hosts,
        proxies=int(told["WELLNESS_PROXIES"]),
        media_minutes=int(told["WELLNESS_MEDIA_MINUTES"]),
        media_public_url=told["MEDIA_PUBLIC_URL"].rstrip("/"),
        secret_key=told["SECRET_KEY"],
        epoll=told["WELLNESS_EPOLL"] == "1",
    )


def _defaults(home: Path) -> dict[str, str]:
    return {
        "WELLNESS_HOST": "127.0.0.1",
        "WELLNESS_PORT": "8000",
        "WELLNESS_PLAIN_HTTP": "0",
        "WELLNESS_TRUSTED_HOSTS": "",
        "WELLNESS_PROXIES": "0",
        "WELLNESS_MEDIA_MINUTES": "15",
        "WELLNESS_ACCEL": "",
        "WELLNESS_EPOLL": "0",
        "RECORDS_URL": f"sqlite:///{home / 'records.db'}",
        "RATE_LIMIT_URL": "memory://",
        "SECRET_KEY": "",  # none: the file is read # nosec B105
        "MEDIA_URL": "/media",
        "MEDIA_PUBLIC_URL": "",
    }
