"""Transactions: committed or rolled back as a whole, writers in line, readers not held up."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db.session import BUSY_TIMEOUT_MS, Database
from api.db.tables import EventRow, SignInAttemptRow
from tests.api.databases import SqliteDatabases
from tests.api.running import START, RunningService

ATTEMPT = {"username_hash": "h", "peer": "p", "at": START}


async def count(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(SignInAttemptRow)) or 0


def add_attempt(session: Session) -> None:
    session.execute(insert(SignInAttemptRow), [ATTEMPT])


async def test_write_commits_and_read_does_not(service: RunningService) -> None:
    database = service.database
    async with database.write() as session:
        await session.run_sync(add_attempt)
    await database.write_in_thread(add_attempt)
    async with database.read() as session:
        await session.run_sync(add_attempt)
    await database.read_in_thread(add_attempt)
    assert await count(database) == 2


async def test_errors_roll_back(service: RunningService) -> None:
    def fail(session: Session) -> None:
        add_attempt(session)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await service.database.write_in_thread(fail)
    with pytest.raises(ValueError, match="stop"):
        async with service.database.write() as session:
            await session.run_sync(fail)
    assert await count(service.database) == 0


async def test_many_writers_of_both_kinds_all_succeed(service: RunningService) -> None:
    async def write() -> None:
        async with service.database.write() as session:
            await session.run_sync(add_attempt)

    both = [write() if n % 2 else service.database.write_in_thread(add_attempt) for n in range(40)]
    await asyncio.gather(*both)
    assert await count(service.database) == 40


async def test_readers_see_the_last_commit_while_one_writes(service: RunningService) -> None:
    async with service.database.write() as session:
        await session.run_sync(add_attempt)
        async with asyncio.timeout(5):
            assert await count(service.database) == 0
    assert await count(service.database) == 1


async def test_relations_are_enforced(service: RunningService) -> None:
    def orphan(session: Session) -> None:
        row = {"kind": "message_received", "conversation_id": uuid4(), "at": START}
        session.execute(insert(EventRow), [row])

    with pytest.raises(IntegrityError):
        await service.database.write_in_thread(orphan)


async def test_exceptions_do_not_show_parameters(service: RunningService) -> None:
    def fail(session: Session) -> None:
        session.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "秘密"})

    with pytest.raises(Exception, match="nowhere") as failure:
        await service.database.read_in_thread(fail)
    assert "秘密" not in str(failure.value)


async def test_sqlite_is_durable_and_patient(sqlite: SqliteDatabases, tmp_path: Path) -> None:
    database = Database(sqlite.migrated(tmp_path))
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": BUSY_TIMEOUT_MS,
    }

    def read_pragmas(session: Session) -> dict[str, object]:
        return {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted}

    assert await database.read_in_thread(read_pragmas) == wanted
    async with database.read() as session:
        assert await session.run_sync(read_pragmas) == wanted
    await database.close()


async def test_two_processes_writing_one_sqlite_file_wait_for_each_other(
    sqlite: SqliteDatabases, tmp_path: Path
) -> None:
    url = sqlite.migrated(tmp_path)
    # Two of them share no lock, as two processes share none: only the database keeps order.
    one, other = Database(url), Database(url)

    def read_then_write(session: Session) -> None:
        session.scalar(select(func.count()).select_from(SignInAttemptRow))
        add_attempt(session)

    await asyncio.gather(*((one, other)[n % 2].write_in_thread(read_then_write) for n in range(40)))
    assert await count(one) == 40
    await one.close()
    await other.close()
