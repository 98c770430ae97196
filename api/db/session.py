"""Connections and transactions, the same to the caller on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_MS = 10_000
POOL_SIZE = 8
_WRITE = "qingting_write"
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
)

Outcome = TypeVar("Outcome")


class Database:
    """One database; hands out short transactions, for reading or for writing.

    ``read`` and ``write`` give an ``AsyncSession``. ``read_in_thread`` and ``write_in_thread`` run a
    plain function with a ``Session`` in a worker thread: the same transactions at a third of the
    cost, for the path that every message takes.

    On SQLite a writing transaction begins with ``BEGIN IMMEDIATE``: it never reads first and then
    finds the database locked. Writers of one process wait in line at a lock instead of polling.
    """

    def __init__(self, url: URL) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            Path(url.database or "").absolute().parent.mkdir(parents=True, exist_ok=True)
        # Parameters hold message text, and exceptions show parameters unless told not to.
        options: dict[str, Any] = {"hide_parameters": True, "pool_pre_ping": not self.is_sqlite}
        options |= {"pool_size": POOL_SIZE, "max_overflow": 0}
        self.engine = create_async_engine(url, **options)
        self._plain = create_engine(url.set(drivername="sqlite") if self.is_sqlite else url, **options)
        if self.is_sqlite:
            _set_up_sqlite(self.engine.sync_engine)
            _set_up_sqlite(self._plain)
        write = {_WRITE: True}
        self._reading = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writing = async_sessionmaker(self.engine.execution_options(**write), expire_on_commit=False)
        self._plain_reading = sessionmaker(self._plain, expire_on_commit=False)
        self._plain_writing = sessionmaker(self._plain.execution_options(**write), expire_on_commit=False)
        self._threads = ThreadPoolExecutor(max_workers=POOL_SIZE, thread_name_prefix="database")
        self._writers = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that changes nothing: whatever was done in it is rolled back."""
        async with self._reading() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that is committed at the end, or rolled back when an exception leaves it."""
        async with self._in_line(), self._writing() as session, session.begin():
            yield session

    async def read_in_thread(self, work: Callable[[Session], Outcome]) -> Outcome:
        """What ``work`` gives back, done in a thread in a transaction that changes nothing."""

        def transact() -> Outcome:
            with self._plain_reading() as session:
                return work(session)

        return await self._run_in_thread(transact)

    async def write_in_thread(self, work: Callable[[Session], Outcome]) -> Outcome:
        """What ``work`` gives back, done in a thread and committed; rolled back when it raises."""

        def transact() -> Outcome:
            with self._plain_writing() as session, session.begin():
                return work(session)

        async with self._in_line():
            return await self._run_in_thread(transact)

    async def close(self) -> None:
        """Let running transactions end, then close all connections."""
        await asyncio.to_thread(self._threads.shutdown)
        self._plain.dispose()
        await self.engine.dispose()

    async def _run_in_thread(self, transact: Callable[[], Outcome]) -> Outcome:
        # The context goes along: it holds the request's id, for the audit and for logs.
        in_context = partial(copy_context().run, transact)
        return await asyncio.get_running_loop().run_in_executor(self._threads, in_context)

    @asynccontextmanager
    async def _in_line(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if self.is_sqlite:
                await stack.enter_async_context(self._writers)
            yield


def _set_up_sqlite(engine: Engine) -> None:
    event.listen(engine, "connect", prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Set up a fresh SQLite connection: transactions begun by us, WAL, durable commits."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
