"""``GET /console/events``: the console's live stream (SSE), resumed at the cursor the browser holds."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.auth.guards import require
from api.auth.permissions import Permission
from api.clock import Clock
from api.conversations.events import Event
from api.conversations.feed import EventFeed, FeedLost, get_feed
from api.deps import get_clock

HEARTBEAT_EVERY_S = 10.0
"""The page calls the connection lost when two heartbeats in a row fail to come."""
GAP_S = 0.3
"""Pause after a batch: in a burst a page fetches its queues three times a second, not per message."""
LIFETIME_BEATS = 60
"""A stream ends after so many quiet heartbeats: the browser comes back, and is authenticated anew."""
LARGEST_CURSOR = 2**63 - 1

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/events", dependencies=[Depends(require(Permission.USE_CONSOLE))])
async def stream_events(
    feed: Annotated[EventFeed, Depends(get_feed)],
    clock: Annotated[Clock, Depends(get_clock)],
    cursor: Annotated[int, Query(ge=0, le=LARGEST_CURSOR)] = 0,
    last_event_id: Annotated[str, Header(max_length=32)] = "",
) -> EventSourceResponse:
    """Changes after the cursor as they happen; what the browser saw last outranks the page's cursor."""
    if last_event_id.isascii() and last_event_id.isdigit():
        cursor = min(int(last_event_id), LARGEST_CURSOR)
    return EventSourceResponse(follow(feed, cursor=cursor, clock=clock), ping=3600)


async def follow(feed: EventFeed, *, cursor: int, clock: Clock) -> AsyncGenerator[ServerSentEvent]:
    """A heartbeat at once and after each quiet spell; a ``queue_changed`` message for each batch of events.

    Ends when the feed is lost, so that the page can say so instead of showing a stale list as live.
    """
    async with feed.following():
        for _ in range(LIFETIME_BEATS):
            yield ServerSentEvent(event="heartbeat", data=clock.now().isoformat())
            try:
                while events := await feed.next_events(cursor=cursor, within_s=HEARTBEAT_EVERY_S):
                    cursor = events[-1].id
                    yield changed(events)
                    await asyncio.sleep(GAP_S)
            except FeedLost:
                return


def changed(events: list[Event]) -> ServerSentEvent:
    """One message for a batch; it says which conversations changed, never what they hold."""
    data = [{"kind": each.kind, "conversation_id": str(each.conversation_id)} for each in events]
    return ServerSentEvent(event="queue_changed", data=json.dumps(data), id=str(events[-1].id))
