"""`wellness people`: the staff who can sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..records import Reading, Records


@click.group()
def people() -> None:
    """The staff who can sign in."""


@people.command("add")
@click.argument("email")
@click.option("--name", prompt=True, help="The person's name.")
@click.option("--role", type=click.Choice(["teacher", "coach", "admin"]), default="teacher", show_default=True)
@click.option("--school", help="School name. Leave out for all schools.")
@click.password_option(help="Temporary password, at least 10 characters.")
def people_add(email: str, name: str, role: str, school: str | None, password: str) -> None:
    """Add a staff member, who can then sign in.

    \b
    Example:
      wellness people add coach@school.org --name "Jo Coach" --role coach
    """
    from ..domain import Role
    from ..errors import Invalid
    from ..records import schools
    from ..school.people import add_person

    with _open_records() as records:
        school_id = None
        if school is not None:
            with records.reading() as tx:
                found = {one.name: one.id for one in schools.list_schools(tx)}
            if school not in found:
                raise Invalid(f"There's no school called {school}. The schools are: {', '.join(found) or 'none yet'}.")
            school_id = found[school]
        add_person(
            records, None, email=email, name=name, role=Role(role), school_id=school_id, password=password,
            at=datetime.now(UTC),
        )  # fmt: skip
    click.echo(f"{name} can sign in as {email}.")


@people.command("list")
def people_list() -> None:
    """List the staff: email, role, name."""
    from ..records import people as staff

    with _open_records() as records, records.reading() as tx:
        for person in staff.list_people(tx, inactive=True):
            closed = "" if person.is_active else "  (closed)"
            click.echo(f"{person.email}  {person.role.value}  {person.name}{closed}")


@people.command("export")
@click.argument("email")
def people_export(email: str) -> None:
    """Print everything recorded about a staff member, as JSON."""
    import json

    from ..records import people as staff

    with _open_records() as records, records.reading() as tx:
        found = staff.export_person(tx, _person_id(tx, email))
    click.echo(json.dumps(found, indent=2, default=str, ensure_ascii=False))


@people.command("remove")
@click.argument("email")
@click.confirmation_option(prompt="Delete the account? What the person entered stays, without their name")
def people_remove(email: str) -> None:
    """Delete an account and everything about the person. What they logged stays, because it belongs to the classes."""
    from ..school.people import remove_person

    with _open_records() as records:
        with records.reading() as tx:
            person_id = _person_id(tx, email)
        remove_person(records, None, person_id, datetime.now(UTC))
    click.echo(f"Deleted {email}.")


def _person_id(tx: Reading, email: str) -> str:
    from ..errors import NotFound
    from ..records import people as staff

    person = staff.find_person_by_email(tx, email)
    if person is None:
        raise NotFound(f"There's no account with the email {email}. `wellness people list` shows all accounts.")
    return person.id


@contextmanager
def _open_records() -> Iterator[Records]:
    from ..config import read_settings
    from ..instance.lock import sharing
    from ..records import open_records

    settings = read_settings()
    with sharing(settings), closing(open_records(settings.records_url)) as records:
        yield records
