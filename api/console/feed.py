"""One look-out per process: tells all open consoles when something changed, with one small query."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from api.conversations.events import Event, find_latest_event_id, list_events_after
from api.db.session import Database
from api.observability import get_logger

POLL_EVERY_S = 0.25
"""How often the newest event's id is asked for while a console is open; bounds a live update's delay."""

_log = get_logger(__name__)


class FeedLost(Exception):
    """The database could not be asked; who follows must be told, and come again with its cursor."""


class EventFeed:
    """Hands events to any number of followers; polls only while there is one.

    Followers keep their own cursor, so nothing is lost between two of them or over a reconnect.
    """

    def __init__(self, database: Database, *, poll_every_s: float = POLL_EVERY_S) -> None:
        self._database = database
        self._poll_every_s = poll_every_s
        self._latest = 0
        self._news = asyncio.Condition()
        self._followers = 0
        self._lookout: asyncio.Task[None] | None = None
        self._lost = False

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Keep the look-out going while a follower is inside."""
        self._followers += 1
        if self._lookout is None:
            self._lost = False
            self._lookout = asyncio.create_task(self._look_out(), name="console-feed")
        try:
            yield
        finally:
            self._followers -= 1
            if self._followers == 0 and self._lookout is not None:
                self._lookout.cancel()
                self._lookout = None

    async def next_events(self, *, cursor: int, within_s: float) -> list[Event]:
        """The events after the cursor, waiting for one at most so long; empty when none came.

        Call it inside ``following``. Raises FeedLost when the database cannot be asked.
        """
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: self._latest > cursor or self._lost)
        except TimeoutError:
            return []
        if self._lost:
            raise FeedLost
        return await self._database.read(partial(list_events_after, cursor=cursor))

    async def _look_out(self) -> None:
        try:
            while True:
                latest = await self._database.read(find_latest_event_id)
                if latest != self._latest:
                    await self._tell(latest=latest)
                await asyncio.sleep(self._poll_every_s)
        except Exception:
            # Whatever ends the look-out, its followers must hear of it.
            _log.exception("console_feed_lost")
            self._lookout = None
            await self._tell(latest=self._latest, lost=True)

    async def _tell(self, *, latest: int, lost: bool = False) -> None:
        async with self._news:
            self._latest, self._lost = latest, lost
            self._news.notify_all()
