"""`wellness people`: the staff who can sign in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..domain import Person, Reach
    from ..records import Reading, Records
    from ..school.people import RemovalLine


@click.group()
def people() -> None:
    """The staff who can sign in."""


_ROLE = click.Choice(["teacher", "coach", "principal", "admin"])
_SCHOOL = click.option(
    "--school", "school_names", multiple=True, help="School name, once or several times; all schools without it."
)


@people.command("add")
@click.argument("email")
@click.option("--name", prompt=True, help="The person's name.")
@click.option("--role", type=_ROLE, default="teacher", show_default=True)
@_SCHOOL
@click.option("--temporary", is_flag=True, help="Make a temporary password and print it.")
@click.option("--password", help="Password, at least 12 characters. Leave it out to type it without showing it.")
def people_add(
    email: str, name: str, role: str, school_names: tuple[str, ...], temporary: bool, password: str | None
) -> None:
    """Add a staff member, who can then sign in.

    \b
    Examples:
      wellness people add you@school.org --name "Your Name" --role admin
      wellness people add coach@school.org --name "Jo Coach" --role coach --temporary
    """
    from ..domain import Role
    from ..school.people import add_person

    if not password and not temporary:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _open_records() as records:
        _, made = add_person(
            records, None, email=email, name=name, role=Role(role), reach=_reach(records, school_names),
            password="" if temporary else password or "", at=datetime.now(UTC),
        )  # fmt: skip
    click.echo(f"{name} can sign in as {email}.")
    if temporary:
        _show_temporary(made)


@people.command("password")
@click.argument("email")
def people_password(email: str) -> None:
    """Set a temporary password and print it. It works for 14 days; the person chooses their own at the first sign-in."""
    from ..school.people import set_temporary_password

    with _open_records() as records:
        made = set_temporary_password(records, None, _find(records, email), datetime.now(UTC))
    _show_temporary(made)


@people.command("role")
@click.argument("email")
@click.argument("role", type=_ROLE)
@_SCHOOL
def people_role(email: str, role: str, school_names: tuple[str, ...]) -> None:
    """Change the role of a staff member, and the schools the role is for. It signs the person out.

    \b
    Example:
      wellness people role coach@school.org admin
    """
    from ..domain import Role

    with _open_records() as records:
        changed = _change(records, email, role=Role(role), reach=_reach(records, school_names))
    click.echo(f"{changed.name} is now: {changed.role.value}, {', '.join(school_names) or 'all schools'}.")


@people.command("rename")
@click.argument("email")
@click.option("--name", help="The new name.")
@click.option("--email", "new_email", help="The new email to sign in with.")
def people_rename(email: str, name: str | None, new_email: str | None) -> None:
    """Change the name or the email of a staff member.

    \b
    Example:
      wellness people rename jo@school.org --name "Jo Newname" --email jo.newname@school.org
    """
    if not name and not new_email:
        raise click.UsageError("Say what to change: --name, --email or both.")
    changes = {"name": name} if name else {}
    if new_email:
        changes["email"] = new_email
    with _open_records() as records:
        changed = _change(records, email, **changes)
    click.echo(f"Saved: {changed.name}, {changed.email}.")


@people.command("close")
@click.argument("email")
def people_close(email: str) -> None:
    """Close an account. The person is signed out and cannot sign in; everything about them stays."""
    from ..school.people import close_person

    with _open_records() as records:
        closed = close_person(records, None, _find(records, email), datetime.now(UTC))
    click.echo(f"The account of {closed.name} is closed. `wellness people open {closed.email}` opens it again.")


@people.command("open")
@click.argument("email")
def people_open(email: str) -> None:
    """Reopen a closed account. The person signs in with the password they had."""
    from ..school.people import reopen_person

    with _open_records() as records:
        opened = reopen_person(records, None, _find(records, email), datetime.now(UTC))
    click.echo(f"{opened.name} can sign in again.")


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
@click.option("--yes", is_flag=True, help="Delete without asking.")
def people_remove(email: str, yes: bool) -> None:
    """Delete an account and everything about the person. What they logged stays, because it belongs to the classes.

    First lists what will be deleted and what will stay. To let somebody go who may come back, close the account.
    """
    from ..school.people import preview_removal, remove_person

    with _open_records() as records:
        person_id = _find(records, email)
        with records.reading() as tx:
            removal = preview_removal(tx, None, person_id)
        _list_lines("Will be deleted, with the account, its name, email and password:", removal.goes)
        _list_lines("Will stay, as from somebody who left:", removal.stays)
        if removal.certificates:
            click.echo(f"Certificates stay {'with' if removal.keeps_names else 'without'} the name (Admin, Settings).")
        if not yes:
            click.confirm("Delete the account? This can't be undone", abort=True)
        remove_person(records, None, person_id, datetime.now(UTC))
    click.echo(f"Deleted {email}.")


def _list_lines(heading: str, lines: Iterable[RemovalLine]) -> None:
    click.echo(heading)
    for line in lines:
        click.echo(f"  {line.number:>6}  {line.words}")


def _find(records: Records, email: str) -> str:
    with records.reading() as tx:
        return _person_id(tx, email)


def _change(records: Records, email: str, /, **changes: Any) -> Person:
    """Change the account with that email; what is not named stays."""
    from ..records import people as staff
    from ..school.people import change_person

    person_id = _find(records, email)
    with records.reading() as tx:
        now = staff.get_person(tx, person_id)
    kept = {
        "name": now.name,
        "email": now.email,
        "role": now.role,
        "reach": now.reach,
        "language": now.language,
    }
    return change_person(records, None, person_id, **{**kept, **changes}, at=datetime.now(UTC))


def _reach(records: Records, names: tuple[str, ...]) -> Reach:
    """Return the schools with these names, or all schools without a name."""
    from ..domain import EVERYWHERE, Reach
    from ..errors import Invalid
    from ..records import schools

    if not names:
        return EVERYWHERE
    with records.reading() as tx:
        found = {one.name: one.id for one in schools.list_schools(tx)}
    for name in names:
        if name not in found:
            raise Invalid(f"There's no school called {name}. The schools are: {', '.join(found) or 'none yet'}.")
    return Reach.of(*(found[name] for name in names))


def _show_temporary(password: str) -> None:
    click.echo(f"Temporary password: {password}")
    click.echo("It works for 14 days. At the first sign-in the person chooses their own.")


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
