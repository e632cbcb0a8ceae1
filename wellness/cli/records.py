"""The commands about the records as a whole."""

from __future__ import annotations

from contextlib import closing

import click


@click.group()
def records() -> None:
    """The records: the data that can't be rebuilt, in a SQLite file or on PostgreSQL."""


@records.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def records_copy(source: str, target: str) -> None:
    """Copy all records FROM one address TO another, which has to be a new database. Stop the site first.

    Prints each table with its row count and a checksum that matches on both sides. Copies all or nothing; FROM stays
    as it is.

    \b
    Example:
      wellness records copy sqlite:////srv/wellness/records.db postgresql+psycopg://wellness@db/wellness
    """
    from ..domain.plain_text import counted
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
    what = f"{counted(rows, 'row')} in {counted(len(copied), 'table')}"
    click.echo(f"Copied: {what}, and both sides match. Now set RECORDS_URL to the new address.")


@records.command("rebuild")
def records_rebuild() -> None:
    """Recalculate every class's week for the reports. Changes nothing else. `wellness check` says when to."""
    from ..config import read_settings
    from ..domain.plain_text import counted
    from ..instance.lock import sharing
    from ..records import open_records
    from ..school.reporting.verify import rebuild_weeks

    settings = read_settings()
    with sharing(settings), closing(open_records(settings.records_url)) as found:
        made = rebuild_weeks(found)
    click.echo(f"Recalculated {counted(made.weeks, 'class week')}; {made.differed} did not match.")


@records.command("close")
def records_close() -> None:
    """Close the weeks that are over, so that what they expected is stored. Run it every night.

    It changes no number: a change of a plan, a calendar or a class closes them first anyway. Run before the backup, it
    keeps each night's backup complete.
    """
    from datetime import UTC, datetime

    from ..config import read_settings
    from ..domain.plain_text import counted
    from ..errors import Misconfigured
    from ..instance.lock import sharing
    from ..records import open_records, schools
    from ..school.expectations import ClockBehind, close_weeks

    settings = read_settings()
    with sharing(settings), closing(open_records(settings.records_url)) as found, found.writing() as tx:
        try:
            closed = close_weeks(tx, [one.id for one in schools.list_schools(tx)], datetime.now(UTC))
        except ClockBehind as error:
            raise Misconfigured("Weeks after today are closed already. Set the clock.") from error
    newest = f" through the week of {max(closed.values())}" if closed else ""
    click.echo(f"The weeks of {counted(len(closed), 'school')} are closed{newest}.")
