"""Migrations make exactly the tables of the code, keep what is stored, and can be gone back on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from api.db.migrate import check_migrated, head_revision, migrate, migration_config, read_revision
from api.db.session import Database
from api.db.tables import Base
from api.errors import DatabaseNotMigrated, DatabaseUnusable
from tests.api.databases import PostgresDatabases, SqliteDatabases

ENTRY = (
    "INSERT INTO audit_entries (at, actor_role, actor_id, action, subject_kind, subject_id, details) "
    "VALUES ('2026-11-24 12:00:00', 'operator', 'operator', 'x', 'y', 'z', '{}')"
)

CONVERSATION = (
    "INSERT INTO conversations (id, channel, user_ref, version, turns, opened_at, updated_at, queue, category, "
    "level, urgency, signals, degraded, escalated, state) VALUES ('01890000000070008000000000000001', 'web', "
    "'u', 1, 1, '2026-11-24 12:00:00', '2026-11-24 12:00:00', 'general', 'other', 0, 0, '[]', '[]', FALSE, '{}')"
)
MESSAGE = (
    "INSERT INTO messages (id, conversation_id, position, role, channel, content_type, text, received_at) "
    "VALUES ('01890000000070008000000000000002', '01890000000070008000000000000001', 1, 'youth', 'web', "
    "'text', 'x', '2026-11-24 12:00:00')"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        files: SqliteDatabases = request.getfixturevalue("sqlite")
        yield files.empty(tmp_path)
        return
    server: PostgresDatabases = request.getfixturevalue("postgres")
    url = server.empty()
    yield url
    server.drop(url)


def plain_engine(url: URL) -> Engine:
    driver = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return create_engine(url.set(drivername=driver), poolclass=NullPool)


async def test_migrations_make_the_tables_of_the_code(empty_url: URL) -> None:
    await migrate(empty_url)
    with plain_engine(empty_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


async def test_migrating_again_and_all_at_once_changes_nothing(empty_url: URL) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    await migrate(empty_url)
    database = Database(empty_url)
    assert await read_revision(database) == head_revision()
    await database.close()


async def test_unmigrated_database_is_told_apart(empty_url: URL) -> None:
    database = Database(empty_url)
    assert await read_revision(database) is None
    with pytest.raises(DatabaseNotMigrated, match="python -m api migrate"):
        await check_migrated(database)
    await migrate(empty_url)
    await check_migrated(database)
    await database.close()


async def test_downgrade_leaves_nothing(empty_url: URL) -> None:
    await migrate(empty_url)
    with plain_engine(empty_url).begin() as connection:
        command.downgrade(migration_config(connection), "base")
    with plain_engine(empty_url).connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    await migrate(empty_url)


async def test_what_is_stored_outlives_every_step_up_and_down(empty_url: URL) -> None:
    def count() -> tuple[int, int]:
        with plain_engine(empty_url).connect() as connection:
            tables = ("conversations", "messages")
            found = [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables]
        return found[0] or 0, found[1] or 0

    await migrate(empty_url, revision="0001")
    with plain_engine(empty_url).begin() as connection:
        connection.execute(text(CONVERSATION))
        connection.execute(text(MESSAGE))
    await migrate(empty_url)
    assert count() == (1, 1)
    with plain_engine(empty_url).begin() as connection:
        command.downgrade(migration_config(connection), "0001")
    assert count() == (1, 1)
    await migrate(empty_url)
    assert count() == (1, 1)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET action = 'other'", "DELETE FROM audit_entries"],
    ids=["update", "delete"],
)
async def test_audit_entries_can_only_be_added(empty_url: URL, statement: str) -> None:
    await migrate(empty_url)
    engine = plain_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text(ENTRY))
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entries")) == 1


async def test_later_database_is_refused(empty_url: URL) -> None:
    await migrate(empty_url)
    with plain_engine(empty_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database = Database(empty_url)
    with pytest.raises(DatabaseNotMigrated, match="revision 9999"):
        await check_migrated(database)
    await database.close()


async def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite3").write_text("these are my notes, not a database" * 100)
    with pytest.raises(DatabaseUnusable, match="file is not a database"):
        await migrate(make_url(f"sqlite:///{tmp_path}/notes.sqlite3"))


async def test_unreachable_server_is_reported_without_the_password() -> None:
    url = make_url("postgresql+psycopg://u:s3cret@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnusable) as refusal:
        await migrate(url)
    assert "127.0.0.1:1" in str(refusal.value)
    assert "s3cret" not in str(refusal.value)
