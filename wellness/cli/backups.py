"""The commands for backups: `wellness backup` and `wellness restore`. Imports are made inside, as in `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..instance.backup_file import Contents

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--check", "is_check", is_flag=True, help="Check an existing backup. Nothing is written.")
@click.option("--without-media", is_flag=True, help="Leave out the videos. They never change, so copy media/ yourself.")
@click.option("--keep", type=click.IntRange(1, 1000), help="If FILE is a folder, keep only this many dated backups.")
def backup(file: Path, is_check: bool, without_media: bool, keep: int | None) -> None:
    """Back up records, library and videos to a new FILE while the site runs. A folder gets a dated file.

    The backup is verified before it gets its name. It contains names, emails, password hashes and door
    codes, but no secret key and no sign-ins. Keep it where only you can read it.

    \b
    Examples:
      wellness backup friday.zip
      wellness backup /mnt/backups --keep 35
      wellness backup friday.zip --check
    """
    from ..config import read_settings
    from ..errors import Misconfigured
    from ..instance import backup_instance
    from ..instance.backup_file import prove

    if is_check:
        _show(prove(file))
        click.echo(f"{file} is complete and undamaged.")
        return
    if keep is not None and not file.is_dir():
        raise Misconfigured(f"--keep needs a folder, and {file} isn't one. No backup was made.")
    made, contents = backup_instance(read_settings(), file, click.echo, has_media=not without_media, keep=keep)
    _show(contents)
    click.echo(f"Backup saved: {made}")


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Restore the backup FILE over the current data. Stop the site first.

    The backup is verified first, and the current data is kept next to it in a folder before-restore-…. If a
    restore is interrupted, you have either the old data or the new. Everyone has to sign in again.

    \b
    Example:
      wellness restore friday.zip
    """
    from ..config import read_settings
    from ..instance import restore_instance

    settings = read_settings()
    kept = restore_instance(settings, file, click.echo)
    if kept is not None:
        click.echo(f"Your previous data is in {kept}. Delete it when you don't need it anymore.")
    click.echo(f"Restored {settings.home}. Run `wellness init`, then start the site. Everyone has to sign in again.")


def _show(contents: Contents) -> None:
    from ..domain.plain_text import counted

    made = f"{contents.made_at:%Y-%m-%d %H:%M} UTC by version {contents.program}"
    schema = f", schema {contents.revision}" if contents.revision is not None else ""
    what = ", ".join(contents.parts)
    click.echo(
        f"Made {made}{schema}: {what}; {counted(len(contents.files), 'file')}, {contents.bytes / 1024 / 1024:.1f} MB"
    )
