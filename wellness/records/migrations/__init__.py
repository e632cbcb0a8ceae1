"""The changes of the schema, oldest first, inside the package so that an installed site carries them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

FOLDER = Path(__file__).parent


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision inside the connection's transaction; the caller keeps or drops it all."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if connection.dialect.name == "sqlite":
        _check_references(connection)


def revisions() -> tuple[str, ...]:
    """Every revision there is a file for, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(script.revision for script in reversed(list(scripts.walk_revisions())))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config


def _check_references(connection: Connection) -> None:
    """Foreign keys rest while tables are rebuilt; they must all lead somewhere afterwards."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise RuntimeError(f"the migration leaves references that lead nowhere: {broken[:5]}")
