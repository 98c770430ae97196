"""Transactions: committed or rolled back as a whole, writers in line, readers not held up."""

import asyncio
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.db.session import BUSY_TIMEOUT_MS, Database
from api.db.tables import EventRow, SignInAttemptRow
from tests.api.databases import SqliteDatabases, opened
from tests.api.running import START, RunningService

WITHIN_S = 5.0
ATTEMPT = {"username_hash": "h", "peer": "p", "at": START}


async def count(database: Database) -> int:
    query = select(func.count()).select_from(SignInAttemptRow)
    return await database.read(lambda session: session.scalar(query)) or 0


def add_attempt(session: Session) -> None:
    session.execute(insert(SignInAttemptRow), [ATTEMPT])


class HeldWork:
    """A write that begins and then waits until it is let go."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._free = threading.Event()

    def __call__(self, session: Session) -> None:
        add_attempt(session)
        self._begun.set()
        assert self._free.wait(WITHIN_S)

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, WITHIN_S)

    def let_go(self) -> None:
        self._free.set()


async def test_write_commits_and_read_does_not(service: RunningService) -> None:
    database = service.database
    await database.write(add_attempt)
    await database.read(add_attempt)
    assert await count(database) == 1


async def test_errors_roll_back(service: RunningService) -> None:
    def fail(session: Session) -> None:
        add_attempt(session)
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await service.database.write(fail)
    assert await count(service.database) == 0


async def test_many_writers_all_succeed(service: RunningService) -> None:
    await asyncio.gather(*(service.database.write(add_attempt) for _ in range(40)))
    assert await count(service.database) == 40


async def test_readers_see_the_last_commit_while_one_writes(service: RunningService) -> None:
    work = HeldWork()
    writing = asyncio.create_task(service.database.write(work))
    await work.begun()
    async with asyncio.timeout(WITHIN_S):
        assert await count(service.database) == 0
    work.let_go()
    await writing
    assert await count(service.database) == 1


async def test_a_caller_who_gives_up_again_and_again_leaves_a_whole_transaction(
    service: RunningService,
) -> None:
    # Connections of its own: the service's are also used by its watch over silence.
    database, work = Database(service.database.url), HeldWork()
    out: list[str] = []
    event.listen(database.engine, "checkout", lambda *_: out.append("out"))
    event.listen(database.engine, "checkin", lambda *_: out.remove("out"))
    writing = asyncio.create_task(database.write(work))
    await work.begun()
    while not writing.done():
        writing.cancel()
        await asyncio.sleep(0)
    assert out == ["out"]
    next_in_line = asyncio.create_task(database.write(add_attempt))
    work.let_go()
    await next_in_line
    await database.close()  # waits for the transaction that nobody waits for any more
    assert out == []
    async with opened(database.url) as again:
        assert await count(again) == 2


async def test_relations_are_enforced(service: RunningService) -> None:
    def orphan(session: Session) -> None:
        row = {"kind": "message_received", "conversation_id": uuid4(), "at": START}
        session.execute(insert(EventRow), [row])

    with pytest.raises(IntegrityError):
        await service.database.write(orphan)


async def test_exceptions_do_not_show_parameters(service: RunningService) -> None:
    def fail(session: Session) -> None:
        session.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": "秘密"})

    with pytest.raises(Exception, match="nowhere") as failure:
        await service.database.read(fail)
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

    assert await database.read(read_pragmas) == wanted
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

    await asyncio.gather(*((one, other)[n % 2].write(read_then_write) for n in range(40)))
    assert await count(one) == 40
    await one.close()
    await other.close()
