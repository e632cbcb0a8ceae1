"""The commands about the records as a whole."""

from __future__ import annotations

from contextlib import closing

import click


@click.group()
def records() -> None:
    """The records: what cannot be rebuilt, in a SQLite file or on PostgreSQL."""


@records.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def records_copy(source: str, target: str) -> None:
    """Copy all records FROM one address TO another, which has to be a new database; stop the site meanwhile.

    Prints each table with its number of rows and a checksum that both sides gave. All of it arrives or nothing; FROM stays
    as it is.

    \b
    Example:
      wellness records copy sqlite:////srv/wellness/records.db postgresql+psycopg://wellness@db/wellness
    """
    from ..records import Records, open_records
    from ..records.database import copy

    def note(one: copy.TableSum) -> None:
        click.echo(f"{one.name:<{width}}  {one.rows:>10} rows  {one.checksum[:16]}")

    width = max(len(table.name) for table in copy.list_tables())
    with closing(open_records(source)) as there, closing(Records(target)) as here:
        here.migrate()
        with there.reading() as reading, here.writing() as writing:
            copied = copy.copy_all(reading, writing, note)
    rows = sum(one.rows for one in copied)
    click.echo(
        f"Copied: {rows} rows in {len(copied)} tables; both sides agree. Now set RECORDS_URL to the new address."
    )


@records.command("rebuild")
def records_rebuild() -> None:
    """Add the week of every class up again, for the reports; nothing else is touched. `wellness check` says when to."""
    from ..config import read_settings
    from ..instance.lock import in_use
    from ..records import open_records
    from ..school.reporting.verify import add_up_again

    settings = read_settings()
    with in_use(settings), closing(open_records(settings.records_url)) as found:
        made = add_up_again(found)
    click.echo(f"Weeks of classes added up again: {made.weeks}, of which {made.differed} had differed.")
