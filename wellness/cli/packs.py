"""The commands for packs: `wellness pack`. Imports are made inside, as in `cli`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..domain import Person
    from ..publishing.packs import PackPreview
    from ..stores import Stores

_FILE = click.Path(path_type=Path)


@click.group()
def pack() -> None:
    """Packs: sessions and training modules with their videos, in one zip file to share."""


@pack.command("export")
@click.argument("file", type=_FILE)
@click.argument("slugs", nargs=-1, required=True, metavar="SLUG...")
def pack_export(file: Path, slugs: tuple[str, ...]) -> None:
    """Write published items, translations and videos to FILE. To open it from a USB drive, unzip it, open index.html.

    \b
    Example:
      wellness pack export friday.zip four-square-breathing body-scan
    """
    from ..publishing.packs import export_pack

    with _stores() as stores:
        keys = export_pack(stores, slugs, file)
    for key in keys:
        click.echo(key.file)
    click.echo(f"Pack saved: {file}")


@pack.command("import")
@click.argument("file", type=_FILE)
@click.option("--write", is_flag=True, help="Import new and changed items as drafts. Default: only show them.")
@click.option("--by", "email", help="Email of the person importing it. Default: the first admin.")
def pack_import(file: Path, write: bool, email: str | None) -> None:
    """Show what is in FILE: new, changed, conflicting, same. Items are imported as drafts and never published.

    \b
    Example:
      wellness pack import friday.zip --write
    """
    from ..errors import NotFound
    from ..publishing.packs import import_pack, preview_pack

    if not file.is_file():
        raise NotFound(f"There's no file {file}.")
    with _stores() as stores:
        _show(preview_pack(stores, file))
        if not write:
            click.echo("Nothing was imported. Use --write to import new and changed items as drafts.")
            return
        keys = import_pack(stores, file, _person(stores, email), datetime.now(UTC))
    click.echo(f"Drafts: {', '.join(key.file for key in keys) or 'none'}")


def _show(look: PackPreview) -> None:
    for text in look.texts:
        note = "  (an older version from this site)" if text.was_ours else ""
        click.echo(f"{text.arrival.value:12}{text.key.file}  {text.title}{note}")
    for medium in look.media:
        click.echo(f"{medium.arrival.value:12}video {medium.name}  {medium.bytes / 1_000_000:.1f} MB")


def _person(stores: Stores, email: str | None) -> Person:
    from ..domain import Role
    from ..errors import NotFound
    from ..records import people

    with stores.records.reading() as tx:
        found = people.list_people(tx)
    may_write = [one for one in found if one.role in (Role.ADMIN, Role.COACH)]
    chosen = (
        [one for one in may_write if one.email == email] if email else [p for p in may_write if p.role is Role.ADMIN]
    )
    if not chosen:
        raise NotFound(
            f"There’s no coach or admin with the email {email}." if email else "There’s no admin account yet."
        )
    return chosen[0]


@contextmanager
def _stores() -> Iterator[Stores]:
    from ..config import read_settings
    from ..instance.lock import sharing
    from ..publishing.sync import sync
    from ..stores import open_stores

    settings = read_settings()
    with sharing(settings), closing(open_stores(settings)) as stores:
        stores.media.catch_up()
        sync(stores, datetime.now(UTC))
        yield stores
