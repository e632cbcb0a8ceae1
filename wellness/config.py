"""Settings of one installation: read once from the environment, with one sentence for each mistake."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)

from .errors import Misconfigured

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


@dataclass(frozen=True, slots=True)
class Env:
    """A setting's name in the environment and what people read about it.

    `must` follows the name when the value is wrong, `without` says what applies when it is not set (else the default is
    shown), `example` is the commented line in deploy/wellness.env. The value of a secret is never shown.
    """

    name: str
    help: str
    must: str
    without: str = ""
    example: str = ""
    secret: bool = False


def _like(pattern: str) -> BeforeValidator:
    """Refuse text that does not match, before pydantic reads it, because pydantic also takes `8_000` and `yes`."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError
        return value

    return BeforeValidator(check)


def _absolute(folder: Path) -> Path:
    try:
        return folder.expanduser().resolve()
    except RuntimeError as error:  # `~somebody` who has no account here
        raise ValueError from error


def _split(names: Any) -> Any:
    return [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else names


def _own_names(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if names or info.data.get("proxies") != 0 or info.data.get("host") not in LOOPBACK:
        return names
    return LOOPBACK  # only this machine can connect, so any other name is a page elsewhere that pretends to be us


def _without_slash(address: str) -> str:
    return address.rstrip("/")


_FOLDER = r"(/[\w./-]*)?$"
_HTTPS = r"https://[a-z0-9.-]+(:\d+)?" + _FOLDER
_BUCKET = r"s3://[a-z0-9.-]{3,63}" + _FOLDER


class Settings(BaseModel):
    """Where the instance is and how it is reached. A setting is one field with its `Env`, and a row in docs/operating.md."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    home: Annotated[
        Path,
        AfterValidator(_absolute),
        Env("WELLNESS_HOME", "the instance folder", "must be a folder"),
    ] = Path("instance")
    host: Annotated[str, Env("WELLNESS_HOST", "the address to listen on", "must be an address of this machine")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int,
        _like(r"[0-9]{1,5}"),
        Field(ge=1, le=65535),
        Env("WELLNESS_PORT", "the port to listen on", "must be a number from 1 to 65535"),
    ] = 8000
    proxies: Annotated[
        int,
        _like(r"[0-9]"),
        Field(ge=0, le=5),
        Env(
            "WELLNESS_PROXIES",
            "how many proxies are in front of this server and set `X-Forwarded-…`",
            "must be the number of proxies in front of this server, from 0 to 5",
        ),
    ] = 0
    trusted_hosts: Annotated[
        tuple[str, ...],
        BeforeValidator(_split),
        _like(r"(?=.*[^,\s])[\w.\-:\[\], ]*"),
        AfterValidator(_own_names),
        Env(
            "WELLNESS_TRUSTED_HOSTS",
            "the names this site answers to, separated by commas; set it when others can reach the server",
            "is a list of host names separated by commas, without https:// or /",
            without="only `127.0.0.1` and `localhost` while the server listens there, else any name",
        ),
    ] = ()
    plain_http: Annotated[
        bool,
        _like(r"[01]"),
        Env(
            "WELLNESS_PLAIN_HTTP",
            "`1` for a school network without HTTPS",
            "must be 1 for a school network without HTTPS, or 0",
        ),
    ] = False
    hsts_subdomains: Annotated[
        bool,
        _like(r"[01]"),
        Env(
            "WELLNESS_HSTS_SUBDOMAINS",
            "`1` when every name below this site's has HTTPS too (ASVS 3.4.1)",
            "must be 1 when every name below this site's has HTTPS too, or 0",
        ),
    ] = False
    media_minutes: Annotated[
        int,
        _like(r"[0-9]{1,3}"),
        Field(ge=1, le=240),
        Env(
            "WELLNESS_MEDIA_MINUTES",
            "the longest video that can be uploaded, in minutes",
            "is the longest video you can upload, from 1 to 240 minutes",
        ),
    ] = 15
    media_url: Annotated[
        str,
        Field(pattern=rf"^(/media/?$|{_HTTPS}|{_BUCKET})"),
        AfterValidator(_without_slash),
        Env(
            "MEDIA_URL",
            "where videos are: `s3://bucket/folder`, a bucket that the site fills, or `https://…`, where browsers fetch "
            "what was copied there by hand",
            "must start with https:// or s3:// and name a host or bucket, with an optional folder and no query",
            without="`/media`, this site",
            example="s3://wellness-media/school",
        ),
    ] = "/media"
    media_public_url: Annotated[
        str,
        Field(pattern=rf"^($|{_HTTPS})"),
        AfterValidator(_without_slash),
        Env(
            "MEDIA_PUBLIC_URL",
            "with a bucket: where everyone may read it (a CDN), `https://…`",
            "must start with https:// and name a host, with an optional folder and no query",
            without="URLs signed for four hours",
        ),
    ] = ""
    accel: Annotated[
        str,
        Field(pattern=r"^($|/[\w/-]+$)"),
        AfterValidator(_without_slash),
        Env(
            "WELLNESS_ACCEL",
            "the internal location from which nginx sends videos (`X-Accel-Redirect`), such as `/accel/media`",
            "must be the internal location from which nginx sends videos, like /accel/media",
            without="the site sends them",
        ),
    ] = ""
    epoll: Annotated[
        bool,
        _like(r"[01]"),
        Env(
            "WELLNESS_EPOLL",
            "`1` for a district whose classes all start within minutes; only on Linux",
            "must be 1 for a site with several hundred connections at once, or 0",
        ),
    ] = False
    records_url: Annotated[
        str,
        Field(pattern=r"^(sqlite:///|postgresql\+psycopg://)"),
        Env(
            "RECORDS_URL",
            "where the records are: `sqlite:///…` or `postgresql+psycopg://…`",
            "must start with sqlite:/// or postgresql+psycopg://",
            without="`records.db` in the instance folder",
            example="postgresql+psycopg://wellness:PASSWORD@db.example.org/wellness",
            secret=True,  # may hold a password
        ),
    ] = Field(default_factory=lambda data: f"sqlite:///{data['home'] / 'records.db'}")
    rate_limit_url: Annotated[
        str,
        Field(pattern=r"^(memory://$|rediss?://.|redis\+unix://.)"),
        Env(
            "RATE_LIMIT_URL",
            "where wrong sign-ins and codes are counted: `redis://…` for several nodes",
            "must be memory:// or start with redis://, rediss:// or redis+unix://",
            without="in memory",
            example="redis://counters.example.org",
            secret=True,
        ),
    ] = "memory://"
    presses: Annotated[
        int,
        _like(r"[0-9]{1,7}"),
        Field(ge=20, le=1_000_000),
        Env(
            "WELLNESS_PRESSES",
            "how many times a person may press a button in ten seconds; a door card a tenth of it",
            "must be a whole number from 20 to 1000000",
        ),
    ] = 200
    secret_key: Annotated[
        str,
        Field(pattern=r"^($|\S{32,}$)"),
        Env(
            "SECRET_KEY",
            "the key that signs cookies, 32 characters or more, the same on every node",
            "needs 32 characters or more, no spaces, the same on every node. `wellness init` makes one in the file "
            "secret-key of the instance folder",
            without="the file `secret-key` in the instance folder",
            secret=True,
        ),
    ] = ""  # none: the file is read # nosec B105

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [(name, value) for name, value in super().__repr_args__() if name and not ENVS[name].secret]

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
                f"There's no secret key in {self.home}. Run `wellness init`, or set WELLNESS_HOME to your instance."
            ) from error
        except UnicodeDecodeError:
            key = ""
        if len(key) < 32:
            raise Misconfigured(
                f"The secret key in {self.secret_key_file} is incomplete. Delete it and run `wellness init`."
            )
        return key


ENVS: Final[dict[str, Env]] = {
    field: next(note for note in info.metadata if isinstance(note, Env))
    for field, info in Settings.model_fields.items()
}
"""How each field of `Settings` is set and explained."""

KNOWN: Final = tuple(env.name for env in ENVS.values())
"""The names of all settings in the environment."""


def describe(settings: type[BaseModel]) -> list[tuple[str, str, str]]:
    """Return name, meaning and what applies without it for each setting, in Markdown, for --help and docs/operating.md."""
    defaults = {field: info.default for field, info in settings.model_fields.items()}
    return [
        (env.name, env.help, env.without or f"`{int(value) if isinstance(value, bool) else value}`")
        for field, value in defaults.items()
        if (env := ENVS[field])
    ]


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `environ` (the process's own by default). Raises Misconfigured naming every mistake at once."""
    settings, mistakes = read_valid_settings(environ)
    if mistakes:
        raise Misconfigured("\n".join(mistakes.values()))
    return settings


def read_valid_settings(environ: Mapping[str, str] | None = None) -> tuple[Settings, dict[str, str]]:
    """The settings with the default for each that is wrong, and a sentence for each wrong one by its name."""
    environ = os.environ if environ is None else environ
    mistakes = {
        name: f"{name} isn't a setting. The settings are: {', '.join(KNOWN)}."
        for name in environ
        if name.startswith("WELLNESS_") and name not in KNOWN
    }
    given = {field: value for field, env in ENVS.items() if (value := environ.get(env.name))}
    wrong = {field: f"{ENVS[field].name} {ENVS[field].must}." for field in _wrong_fields(given)}
    wrong |= _conflicts(_settings_without(wrong, given), wrong)
    return _settings_without(wrong, given), mistakes | {ENVS[field].name: wrong[field] for field in wrong}


def _wrong_fields(given: Mapping[str, str]) -> list[str]:
    try:
        Settings.model_validate(given)
    except ValidationError as error:
        found = {one["loc"][0] for one in error.errors(include_url=False, include_context=False, include_input=False)}
        return [field for field in given if field in found]  # not a default that could not be made because of them
    return []


def _conflicts(settings: Settings, wrong: Mapping[str, str]) -> dict[str, str]:
    """Rules between settings: a sentence for each field that another one rules out. `wrong` ones are not looked at."""
    if settings.media_public_url and "media_url" not in wrong and not settings.media_url.startswith("s3://"):
        sentence = "MEDIA_PUBLIC_URL is where browsers read the bucket; it needs MEDIA_URL=s3://bucket/prefix."
        return {"media_public_url": sentence}
    return {}


def _settings_without(wrong: Mapping[str, str], given: Mapping[str, str]) -> Settings:
    return Settings.model_validate({field: value for field, value in given.items() if field not in wrong})
