"""One look-out per process: tells all open pages when something changed, with one small query for all."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from fastapi import Request

from api.clock import Clock
from api.conversations.events import Event, find_latest_event_id, list_events_after
from api.conversations.repository import list_typed_in
from api.db.session import Database
from api.deps import services_of
from api.observability import get_logger

POLL_EVERY_S = 0.25
"""How often the newest event's id is asked for while a page is open; bounds a live update's delay."""
_MOST_EVENTS = 200
"""Read at a poll; when there are more, every watch is woken instead of being told apart."""

_log = get_logger(__name__)


class FeedLost(Exception):
    """The database could not be asked; who follows must be told, and come again with its cursor."""


class Watch:
    """Wakes whoever shows one conversation; a wake-up says that something may have changed, not what."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._lost = False

    async def woken(self, *, within_s: float) -> bool:
        """Wait for a change at most so long; tells whether there was one. Raises FeedLost."""
        try:
            async with asyncio.timeout(within_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        if self._lost:
            raise FeedLost
        self._woken.clear()
        return True

    def wake(self, *, lost: bool = False) -> None:
        """Tell of a change, or that no change will be told any more."""
        self._lost = self._lost or lost
        self._woken.set()


class EventFeed:
    """Hands events to any number of followers and watches; polls only while there is one.

    Followers keep their own cursor, so nothing is lost between two of them or over a reconnect.
    """

    def __init__(self, database: Database, *, clock: Clock, poll_every_s: float = POLL_EVERY_S) -> None:
        self._database = database
        self._clock = clock
        self._poll_every_s = poll_every_s
        self._latest = 0
        self._news = asyncio.Condition()
        self._followers = 0
        self._watches: dict[UUID, set[Watch]] = {}
        self._typed_in: frozenset[UUID] = frozenset()
        self._lookout: asyncio.Task[None] | None = None
        self._lost = False

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Keep the look-out going while a follower is inside."""
        self._followers += 1
        if self._lookout is None:
            self._lost = False
            self._lookout = asyncio.create_task(self._look_out(), name="event-feed")
        try:
            yield
        finally:
            self._followers -= 1
            if self._followers == 0 and self._lookout is not None:
                self._lookout.cancel()
                self._lookout = None

    @asynccontextmanager
    async def watching(self, conversation_id: UUID) -> AsyncIterator[Watch]:
        """A watch over one conversation; what is committed after it began wakes it."""
        watch = Watch()
        self._watches.setdefault(conversation_id, set()).add(watch)
        try:
            async with self.following():
                yield watch
        finally:
            self._watches[conversation_id].discard(watch)
            if not self._watches[conversation_id]:
                del self._watches[conversation_id]

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
        # What was committed while nobody looked is not told apart: whoever came meanwhile is woken.
        cursor: int | None = None
        try:
            while True:
                latest = await self._database.read(find_latest_event_id)
                if latest != self._latest:
                    await self._tell(latest=latest)
                if self._watches:
                    await self._wake_changed(since=cursor, latest=latest)
                cursor = latest
                await asyncio.sleep(self._poll_every_s)
        except Exception:
            # Whatever ends the look-out, its followers must hear of it.
            _log.exception("event_feed_lost")
            self._lookout = None
            await self._tell(latest=self._latest, lost=True)
            self._wake(list(self._watches), lost=True)

    async def _wake_changed(self, *, since: int | None, latest: int) -> None:
        """Wake over what changed since a cursor, and where somebody began or ceased to type."""
        typed_in = await self._database.read(partial(list_typed_in, now=self._clock.now()))
        changed: Iterable[UUID] = typed_in ^ self._typed_in
        self._typed_in = typed_in
        if since is None:
            changed = list(self._watches)
        elif since != latest:
            read = partial(list_events_after, cursor=since, limit=_MOST_EVENTS)
            events = await self._database.read(read)
            changed = {*changed, *(each.conversation_id for each in events)}
            if len(events) == _MOST_EVENTS:
                changed = list(self._watches)
        self._wake(changed)

    def _wake(self, conversations: Iterable[UUID], *, lost: bool = False) -> None:
        for conversation_id in conversations:
            for watch in self._watches.get(conversation_id, ()):
                watch.wake(lost=lost)

    async def _tell(self, *, latest: int, lost: bool = False) -> None:
        async with self._news:
            self._latest, self._lost = latest, lost
            self._news.notify_all()


async def get_feed(request: Request) -> EventFeed:
    """The feed of the process, made when the first page follows it."""
    feed: EventFeed | None = getattr(request.app.state, "event_feed", None)
    if feed is None:
        services = services_of(request)
        feed = request.app.state.event_feed = EventFeed(services.database, clock=services.clock)
    return feed
