"""Connections and transactions, the same to the caller on SQLite and PostgreSQL."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_MS = 10_000
POOL_SIZE = 8
_WRITE = "qingting_write"
_RETRIED_SQLSTATES = frozenset({"40001", "40P01"})
"""PostgreSQL: serialization failure and deadlock."""
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
)

Outcome = TypeVar("Outcome")


class Database:
    """One database; runs short transactions, for reading or for writing, in threads of its own.

    The work is a plain function of a ``Session``. A caller that is cancelled stops waiting; a writing
    transaction still ends whole, and its connection goes back. (An asynchronous connection does not
    survive a second cancellation, and costs three times as much.)

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
        self.engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=0, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        self._writing = sessionmaker(self.engine.execution_options(**{_WRITE: True}), expire_on_commit=False)
        self._threads = ThreadPoolExecutor(max_workers=POOL_SIZE, thread_name_prefix="database")
        self._writers = asyncio.Lock()

    async def read(self, work: Callable[[Session], Outcome]) -> Outcome:
        """What ``work`` gives back, done in a transaction that changes nothing: it is rolled back."""

        def transact() -> Outcome:
            with self._reading() as session:
                return work(session)

        return await self._run_in_thread(transact)

    async def write(self, work: Callable[[Session], Outcome]) -> Outcome:
        """What ``work`` gives back, done in a transaction that is committed; rolled back when it raises."""

        def transact() -> Outcome:
            with self._writing() as session, session.begin():
                return work(session)

        if not self.is_sqlite:
            return await asyncio.shield(self._run_in_thread(transact))
        await self._writers.acquire()
        try:
            writing = self._run_in_thread(transact)
        except BaseException:
            self._writers.release()
            raise
        # The line moves on when the transaction has ended, not when its caller gives up.
        writing.add_done_callback(lambda _: self._writers.release())
        return await asyncio.shield(writing)

    async def close(self) -> None:
        """Let running transactions end, then close all connections."""
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()

    def _run_in_thread(self, transact: Callable[[], Outcome]) -> asyncio.Future[Outcome]:
        # The context goes along: it holds the request's id, for the audit and for logs.
        in_context = partial(copy_context().run, transact)
        return asyncio.get_running_loop().run_in_executor(self._threads, in_context)


def is_worth_a_retry(error: DBAPIError) -> bool:
    """Whether the database gave a transaction up in favour of another: done again, it can succeed."""
    return getattr(error.orig, "sqlstate", None) in _RETRIED_SQLSTATES


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
