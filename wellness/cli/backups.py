"""The commands for backups: `wellness backup` and `wellness restore`. Imports are made inside, as in `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..instance.backups import Contents

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--check", "is_check", is_flag=True, help="Prove a backup that was made; nothing is written.")
@click.option(
    "--without-media", is_flag=True, help="Leave the recordings out; they never change, so copy media/ yourself."
)
@click.option(
    "--keep", type=click.IntRange(1, 1000), help="When FILE is a folder, remove all but that many dated ones."
)
def backup(file: Path, is_check: bool, without_media: bool, keep: int | None) -> None:
    """Write records, library and recordings into the new FILE while the site runs. A folder gets a dated file.

    The backup is read again to its end before it gets its name. It holds names, e-mails, password fingerprints and door
    codes, but no secret key and nobody's sign-in: keep it where only you can read it.

    \b
    Examples:
      wellness backup friday.zip
      wellness backup /mnt/backups --keep 35
      wellness backup friday.zip --check
    """
    from ..config import read_settings
    from ..errors import Misconfigured
    from ..instance import backup_instance
    from ..instance.backups import prove

    if is_check:
        _show(prove(file))
        click.echo(f"{file} is whole.")
        return
    if keep is not None and not file.is_dir():
        raise Misconfigured(f"--keep is for a folder of backups, and {file} is none. No backup was made.")
    made, contents = backup_instance(read_settings(), file, click.echo, has_media=not without_media, keep=keep)
    _show(contents)
    click.echo(f"{made} is ready.")


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Put the backup FILE in the place of what is there. Stop the site first.

    The backup is proved before anything is changed, and what was there is kept in a folder before-restore-… beside. A
    restore that is interrupted leaves the old or the new. Everybody has to sign in again.

    \b
    Example:
      wellness restore friday.zip
    """
    from ..config import read_settings
    from ..instance import restore_instance

    settings = read_settings()
    kept = restore_instance(settings, file, click.echo)
    if kept is not None:
        click.echo(f"What was there before is in {kept}; delete it when you do not need it any more.")
    click.echo(f"{settings.home} is restored. Run `wellness init`, then start the site; everybody signs in again.")


def _show(contents: Contents) -> None:
    made = f"{contents.made_at:%Y-%m-%d %H:%M} UTC by version {contents.program}"
    schema = f", schema {contents.revision}" if contents.revision is not None else ""
    what = ", ".join(contents.parts)
    click.echo(f"Made {made}{schema}: {what}; {len(contents.files)} files, {contents.bytes / 1024 / 1024:.1f} MB")
