"""``GET /v1/conversations/{id}/stream`` and ``…/updates``: a conversation kept up to date."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.auth.guards import require
from api.auth.permissions import Permission, Principal, Role
from api.clock import Clock
from api.conversations.feed import EventFeed, FeedLost, Watch, get_feed
from api.conversations.schemas import UpdatesView
from api.conversations.service import record_reading
from api.conversations.updates import Updates, begin_updates, read_updates
from api.deps import AppServices
from api.error_schema import error_responses
from api.observability import get_logger

HEARTBEAT_EVERY_S = 10.0
"""A page calls the connection lost when two heartbeats in a row fail to come."""
LIFETIME_BEATS = 60
"""A stream ends after so many heartbeats: the page comes back, and is authenticated anew."""
SHORTEST_WAIT_S = 0.02
LARGEST_POSITION = 2**31 - 1
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`update` messages, each an UpdatesView with its cursor as id; `heartbeat` messages.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    **error_responses(401, 403, 404, 422, 503),
}

Reader = Callable[[int], Awaitable[Updates]]
Viewer = Annotated[Principal, Depends(require(Permission.READ_CONVERSATION))]
Position = Annotated[int, Query(ge=0, le=LARGEST_POSITION, description="The cursor of what was seen last.")]

router = APIRouter(prefix="/v1")
_log = get_logger(__name__)


@router.get(
    "/conversations/{conversation_id}/updates",
    response_model_exclude_none=True,
    responses=error_responses(404, 422),
)
async def ask_for_updates(
    conversation_id: UUID, services: AppServices, viewer: Viewer, after: Position = 0
) -> UpdatesView:
    """Read what is new after a position: the fallback where a stream cannot be held.

    Words handed to a chat backend or to staff are put on record; an answer without turns is not.
    """
    database, now = services.database, services.clock.now()
    read = partial(read_updates, conversation_id=conversation_id, viewer=viewer, after=after)
    view = (await database.read(partial(read, hours=services.promises.hours, now=now))).view
    if view.turns and viewer.role is not Role.CHAT_SESSION:
        record = partial(record_reading, conversation_id=conversation_id, viewer=viewer, now=now)
        await database.write(record)
    return view


@router.get(
    "/conversations/{conversation_id}/stream", responses=_STREAMED, response_class=EventSourceResponse
)
async def stream_updates(
    conversation_id: UUID,
    feed: Annotated[EventFeed, Depends(get_feed)],
    services: AppServices,
    viewer: Viewer,
    after: Position = 0,
    last_event_id: Annotated[str, Header(max_length=32)] = "",
) -> EventSourceResponse:
    """Follow a conversation as server-sent events; `Last-Event-ID` outranks `after`.

    It ends by itself after ten minutes, or when it can no longer be trusted; come again with the cursor.
    """
    if last_event_id.isascii() and last_event_id.isdigit():
        after = min(int(last_event_id), LARGEST_POSITION)
    database, clock, hours = services.database, services.clock, services.promises.hours
    begin = partial(begin_updates, conversation_id=conversation_id, viewer=viewer, now=clock.now())
    await (database.read(begin) if viewer.role is Role.CHAT_SESSION else database.write(begin))

    async def read(position: int) -> Updates:
        ask = partial(read_updates, conversation_id=conversation_id, viewer=viewer, after=position)
        return await database.read(partial(ask, hours=hours, now=clock.now()))

    told = follow_conversation(feed, conversation_id=conversation_id, read=read, cursor=after, clock=clock)
    return EventSourceResponse(told, ping=3600)


async def follow_conversation(
    feed: EventFeed, *, conversation_id: UUID, read: Reader, cursor: int, clock: Clock
) -> AsyncGenerator[ServerSentEvent]:
    """A heartbeat at once and every ten seconds; an ``update`` at once and whenever something is new.

    Ends when the database cannot be asked, so that the page can say so and come again.
    """
    teller = Teller(read=read, cursor=cursor)
    async with feed.watching(conversation_id) as watch:
        for _ in range(LIFETIME_BEATS):
            yield ServerSentEvent(event="heartbeat", data=clock.now().isoformat())
            try:
                async for message in _tell_until_next_beat(teller, watch=watch, clock=clock):
                    yield message
            except (FeedLost, SQLAlchemyError, OSError) as error:
                _log.warning("conversation_stream_lost", reason=type(error).__name__)
                return


async def _tell_until_next_beat(
    teller: "Teller", *, watch: Watch, clock: Clock
) -> AsyncGenerator[ServerSentEvent]:
    loop = asyncio.get_running_loop()
    ends = loop.time() + HEARTBEAT_EVERY_S
    while (left := ends - loop.time()) > 0:
        while (message := await teller.next_message()) is not None:
            yield message
        held_s = teller.held_s(clock)
        await watch.woken(within_s=left if held_s is None else min(left, held_s))


class Teller:
    """Remembers what one page was told, so that each message holds only what it does not know."""

    def __init__(self, *, read: Reader, cursor: int) -> None:
        self._read = read
        self._cursor = cursor
        self._ahead: set[UUID] = set()
        """Told although they stand behind the cursor."""
        self._told: UpdatesView | None = None
        self._updates: Updates | None = None

    async def next_message(self) -> ServerSentEvent | None:
        """What is new since the last message, None when nothing is."""
        self._updates = await self._read(self._cursor)
        view = self._updates.view
        fresh = [turn for turn in view.turns if turn.message_id not in self._ahead]
        self._cursor = view.cursor
        self._ahead = {turn.message_id for turn in view.turns if turn.position > view.cursor}
        standing = view.model_copy(update={"turns": []})
        if not fresh and standing == self._told:
            return None
        self._told = standing
        data = view.model_copy(update={"turns": fresh}).model_dump_json(exclude_none=True)
        return ServerSentEvent(event="update", data=data, id=str(view.cursor))

    def held_s(self, clock: Clock) -> float | None:
        """Seconds until a turn that is held back is to be shown, None when there is none."""
        if self._updates is None or self._updates.next_at is None:
            return None
        return max(SHORTEST_WAIT_S, (self._updates.next_at - clock.now()).total_seconds())
