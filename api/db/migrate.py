"""Bring a database to this version's tables, and tell whether it is there."""

import asyncio
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from api.db.session import Database, prepare_sqlite
from api.errors import DatabaseNotMigrated, DatabaseUnusable

MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = 0x51745F6D
_VERSION_TABLE = "alembic_version"


def migration_config(connection: Connection | None = None) -> Config:
    """Alembic's settings; there is no ini file to fall out of step."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def head_revision() -> str:
    """The newest revision of this version."""
    head = ScriptDirectory.from_config(migration_config()).get_current_head()
    assert head is not None
    return head


async def read_revision(database: Database) -> str | None:
    """The revision a database is at, None for an empty one."""
    return await database.read(_find_revision)


async def check_migrated(database: Database) -> None:
    """Raise ``DatabaseNotMigrated``, with what to do, unless the database is at the newest revision."""
    try:
        revision = await read_revision(database)
    except (SQLAlchemyError, OSError) as error:
        raise describe_failure(database.url, error) from error
    if revision != head_revision():
        raise DatabaseNotMigrated(
            f"the database is at revision {revision or 'none'}, this version needs {head_revision()}: "
            "run `python -m api migrate`"
        )


async def migrate(url: URL, *, revision: str = "head") -> None:
    """Bring a database to a revision; several processes may try at once, one does it.

    Raises ``DatabaseUnusable`` when it cannot be reached or is not ours to change.
    """
    try:
        await asyncio.to_thread(_migrate, url, revision)
    except (SQLAlchemyError, OSError) as error:
        raise describe_failure(url, error) from error


def describe_failure(url: URL, error: Exception) -> DatabaseUnusable:
    """A database error for the operator: where, and the driver's first line; no password in it."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return DatabaseUnusable(f"the database {url.render_as_string()} cannot be used: {lines[0]}")


def _find_revision(session: Session) -> str | None:
    if not inspect(session.connection()).has_table(_VERSION_TABLE):
        return None
    revision: str | None = session.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))
    return revision


def _migrate(url: URL, revision: str) -> None:
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        Path(url.database or "").absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if sqlite:
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", _begin_immediately)
    with engine.begin() as connection:
        if not sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(migration_config(connection), revision)


def _begin_immediately(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
