"""A real PostgreSQL for the tests: a server of this process's own, in a folder of its own, gone when the process is.

Two workers have two servers: making one takes less than a second, and there is nothing to agree on. It listens on a
socket file that nobody else may open, orders words as people do and lives in an odd time zone, so that what only holds
by chance on one engine is seen.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from wellness.records import Records

FINDER = Path(__file__).parents[2] / "scripts" / "find-postgres"

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
unix_socket_permissions = 0700
timezone = 'Asia/Kolkata'
max_connections = 200
shared_buffers = 32MB
"""
HASTY = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"

KEEPER = """
"$1/pg_ctl" -D "$2/data" -l "$2/log" -s -w start && echo ready && cat > /dev/null
"$1/pg_ctl" -D "$2/data" -m immediate -s stop
rm -rf "$2"
"""
"""Keeps the server until its standard input ends, which it does however this process ends."""


def _account() -> tuple[int, int] | tuple[None, None]:
    if os.getuid() != 0:
        return None, None
    names = {one.pw_name: one for one in pwd.getpwall()}
    account = names.get("postgres") or names["nobody"]
    return account.pw_uid, account.pw_gid


USER, GROUP = _account()
"""Whose processes they are: PostgreSQL refuses to be root's. None: this process's own."""


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL that answers."""

    programs: Path
    folder: Path
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        """The address of one of its databases, as RECORDS_URL has it."""
        return f"postgresql+psycopg://wellness@/{database}?host={self.folder}"

    def make_database(self, template: str = "template0") -> str:
        """The address of a new database, a copy of the template."""
        name = f"test_{next(self.numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database that was made, whoever is connected."""
        self.do(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def do(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """What a statement gives, outside of every transaction."""
        with psycopg.connect(host=str(self.folder), user="wellness", dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def control(self, *arguments: str) -> None:
        """What `pg_ctl` can do to a server: `restart -m immediate`, `stop`, `start`."""
        command = [str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-s"]
        subprocess.run([*command, "-w", *arguments], check=True, stdin=subprocess.DEVNULL, user=USER, group=GROUP)


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Server]:
    """A server until the block ends. Only a `durable` one keeps what it promised when its machine fails."""
    programs = Path(subprocess.run([FINDER], check=True, capture_output=True, text=True).stdout.strip())
    folder = Path(tempfile.mkdtemp(prefix="wellness-postgres-"))
    if USER is not None and GROUP is not None:
        os.chown(folder, USER, GROUP)
    _make(programs, folder, durable=durable)
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "sh", programs, folder],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", start_new_session=True, user=USER, group=GROUP,
    )  # fmt: skip
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        assert keeper.stdout.readline() == b"ready\n", f"PostgreSQL did not start: {(folder / 'log').read_text()}"
        yield Server(programs, folder, count())
    finally:
        keeper.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _make(programs: Path, folder: Path, *, durable: bool) -> None:
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "wellness",
        "-A",
        "trust",
        "--no-sync",
    ]
    initdb += ["-E", "UTF8", "--locale=C"]
    in_order = ["--locale-provider=icu", "--icu-locale=en-US"]
    made = subprocess.run([*initdb, *in_order], capture_output=True, text=True, cwd="/", user=USER, group=GROUP)
    if "ICU is not supported" in made.stderr:  # the one of PyPI orders words by their bytes
        made = subprocess.run(initdb, capture_output=True, text=True, cwd="/", user=USER, group=GROUP)
    assert made.returncode == 0, made.stderr
    with (folder / "data" / "postgresql.conf").open("a") as file:
        file.write(SETTINGS.format(folder=folder) + ("" if durable else HASTY))


# --- The one that the tests of a process share ------------------------------------------------------------------------

_made: list[str] = []


@cache
def shared() -> Server:
    """This process's server, with a migrated database to copy; started when it is first asked for."""
    lives = ExitStack()
    atexit.register(lives.close)
    server = lives.enter_context(postgres())
    server.do("CREATE DATABASE migrated TEMPLATE template0")
    records = Records(server.url("migrated"))
    records.migrate()
    records.close()
    return server


def fresh_postgresql(_folder: Path | None = None) -> str:
    """The address of an empty, migrated database that goes when the test is over."""
    return _make_one("migrated")


def empty_postgresql() -> str:
    """The address of a database without a table that goes when the test is over."""
    return _make_one("template0")


def _make_one(template: str) -> str:
    url = shared().make_database(template)
    _made.append(url)
    return url


def drop_databases() -> None:
    """Drop what `fresh_postgresql` made, whoever is still connected."""
    while _made:
        shared().drop_database(_made.pop())
