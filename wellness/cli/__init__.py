"""The command line. Imports are made inside the commands: `wellness --help` is quick, and so are spawned processes."""

from __future__ import annotations

import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from . import backups, media, packs, people, records

if TYPE_CHECKING:
    from ..config import Settings
    from ..domain import Problem
    from ..records import Records


class _Wellness(click.Group):
    """Prints the site's own errors as one sentence, and exits 1."""

    def invoke(self, ctx: click.Context) -> Any:
        from ..errors import WellnessError

        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if str(error.name).startswith("wellness"):
                raise
            raise click.ClickException(
                f"The library {error.name} is missing. Reinstall the site with all its requirements."
            ) from error
        except WellnessError as error:
            fields = getattr(error, "fields", {})
            lines = [error.message, *(f"  {name}: {message}" for name, message in fields.items())]
            raise click.ClickException("\n".join(lines)) from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the settings, read from their declaration only when somebody asks for help."""
        from ..config import Settings, describe

        with formatter.section("Settings, from the environment"):
            rows = [(name, f"{meaning} ({without})") for name, meaning, without in describe(Settings)]
            formatter.write_dl([(name, text.replace("`", "")) for name, text in rows])


@click.group(cls=_Wellness, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wellness")
def main() -> None:
    """Wellness: Tier 1 sessions for Fridays, hosted by the school itself.

    \b
    A first start:
      wellness init     make the instance: secret key, records, library, catalog
      wellness demo     load the demo school (development only)
      wellness serve    serve on http://127.0.0.1:8000/

    \b
    Every night, and when something goes wrong:
      wellness backup FOLDER --keep 35
      wellness restore FILE
    """


@main.command()
@click.option("--new-records", is_flag=True, help="Start with empty records even if this site had records before.")
def init(new_records: bool) -> None:
    """Create the instance, or update it. Safe to run again.

    Makes the secret key, the records, the library (a copy of the sessions that come with the site, which coaches then
    edit) and the catalog. A file that a coach has edited is never overwritten. Records of an older version are first
    backed up into the folder backups of the instance.
    """
    from ..instance import init_instance

    settings = _settings()
    problems = init_instance(settings, click.echo, new_records=new_records)
    _list_problems(problems)
    click.echo(f"Ready: {settings.home}")


@main.command()
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Load it as of this day instead of today.")
@click.option("--unless-real", is_flag=True, help="Do nothing if the site is set up for a real school.")
def demo(today: datetime | None, unless_real: bool) -> None:
    """Load the demo school: a fictional district with a term of viewings.

    For development and for showing the site. Refused when the site has staff of its own.
    """
    from ..demo import list_demo_sessions, load_demo
    from ..domain import Language, SiteSettings, school_day
    from ..errors import Misconfigured
    from ..instance.lock import sharing
    from ..records import open_records
    from ..school.accounts import hash_password
    from ..stores import catalogue_only

    settings = _settings()
    at = datetime.now(UTC)
    day = today.date() if today else school_day(at, SiteSettings().zone)
    with (
        sharing(settings),
        closing(open_records(settings.records_url)) as opened,
        catalogue_only(settings) as catalogue,
    ):
        catalogue.refresh()
        try:
            summary = load_demo(
                opened,
                day,
                hash_password,
                list_demo_sessions(catalogue),
                at,
                catalogue.list_modules(Language.EN),
            )
        except Misconfigured:
            if not unless_real:
                raise
            click.echo("Demo: not loaded, because this site is set up for a real school.")
            return
    click.echo(summary)


@main.command()
def serve() -> None:
    """Serve the site until Ctrl-C, with a real server (waitress)."""
    from ..app import create_app
    from ..doctor import examine_start
    from ..instance.lock import finish_restore
    from ..logs import start_log
    from ..publishing.sync import sync
    from ..server import serve as serve_app

    finish_restore()
    settings, warnings = examine_start()
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)
    start_log()
    app = create_app(settings)
    here = app.extensions["wellness"]
    sync(here, datetime.now(UTC))

    def ready() -> None:
        click.echo(f"Wellness is at {settings.address}   (Ctrl-C stops it)")
        _say_demo_sign_ins(here.records)

    try:
        serve_app(app, settings, ready)
    except KeyboardInterrupt:
        click.echo("Stopped.")
    finally:
        here.close()


def _say_demo_sign_ins(opened: Records) -> None:
    from ..demo import PASSWORD, SIGN_INS_SHOWN
    from ..records import people as staff

    with opened.reading() as tx:
        known = {person.email for person in staff.list_people(tx)}
    shown = [email for email in SIGN_INS_SHOWN if email in known]
    if shown:
        click.echo(f"Demo sign-ins, password {PASSWORD}: {', '.join(shown)}")


@main.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
def check(folder: str | None) -> None:
    """Check every file in the library, and the records. List all problems as FILE:LINE: MESSAGE.

    Exits 1 if there is an error. Warnings are listed but don't count. FOLDER is a library to check instead of the
    instance's own, such as `content`.
    """
    from pathlib import Path

    from ..domain import Severity
    from ..domain.plain_text import counted
    from ..errors import Misconfigured
    from ..instance import list_videos
    from ..library.files import Library
    from ..library.sandbox import Sandbox

    settings = _settings()
    library = Library(Path(folder) if folder else settings.library)
    if not library.fingerprint():
        raise Misconfigured(f"There is no content in {library.root}. Run `wellness init`, or name a folder to check.")
    texts, problems = library.read_all(list_videos(settings))
    workshop = Sandbox()
    try:
        for outcome in workshop.prepare(texts):
            problems += outcome.problems
    finally:
        workshop.close()
    if not folder:
        problems += _disagreements()
    _list_problems(sorted(problems))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    click.echo(f"{counted(len(texts), 'file')}: {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    if errors:
        sys.exit(1)


def _disagreements() -> list[Problem]:
    """Return damage to the records, and differences between publication log, library and catalog."""
    from ..instance import verify_instance

    return verify_instance(_settings())


@main.group()
def catalogue() -> None:
    """The catalog: the index built from the library. You can always rebuild it."""


@catalogue.command("build")
@click.option("--afresh", is_flag=True, help="Rebuild everything, even unchanged files.")
def catalogue_build(afresh: bool) -> None:
    """Build the catalog from the library."""
    from ..instance import build_catalogue

    _list_problems(build_catalogue(_settings(), click.echo, afresh=afresh))


main.add_command(media.media)
main.add_command(media.video)
main.add_command(media.film)
main.add_command(packs.pack)
main.add_command(people.people)
main.add_command(records.records)
main.add_command(backups.backup)
main.add_command(backups.restore)


@main.command()
def doctor() -> None:
    """Check this installation, and say how to fix what is wrong. Exits 1 if there is an error.

    Each line starts with `ok`, `warning` (it works, but take a look) or `ERROR`.
    """
    from ..doctor import examine

    findings = examine()
    for finding in findings:
        mark = "ERROR" if not finding.is_well else "warning" if finding.is_warning else "ok"
        click.echo(f"{mark:<7}  {finding.about}: {finding.message}")
    if not all(finding.is_well for finding in findings):
        sys.exit(1)


def _settings() -> Settings:
    from ..config import read_settings

    return read_settings()


def _list_problems(problems: list[Problem]) -> None:
    from ..domain import Severity

    for problem in problems:
        mark = "" if problem.severity is Severity.ERROR else "warning: "
        click.echo(f"{problem.file}:{problem.line}: {mark}{problem.message}")


if __name__ == "__main__":
    main()
