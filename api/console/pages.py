"""The console: ``GET /console`` shows the queues live, ``/console/conversations/{id}`` one conversation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.console import sign_in, stream
from api.console.excerpts import find_excerpts
from api.console.labels import console_labels
from api.console.marking import Piece, mark_pieces
from api.console.times import clock_time, name_wait
from api.conversations.events import find_latest_event_id
from api.conversations.schemas import TurnView
from api.conversations.service import list_queues, read_conversation
from api.deps import AppDatabase, Now
from api.templating import page_templates

router = APIRouter(include_in_schema=False)
router.include_router(sign_in.router)
router.include_router(stream.router)

Viewer = Annotated[Principal, Depends(require(Permission.USE_CONSOLE))]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedTurn:
    """A turn of the transcript with its evidence marked in place."""

    view: TurnView
    pieces: list[Piece]


@router.get("/console")
async def read_console(request: Request, database: AppDatabase, now: Now, viewer: Viewer) -> Response:
    """The whole page; its cursor is read before the queues, so that no change falls between."""

    def read(session: Session) -> dict[str, Any]:
        cursor = find_latest_event_id(session)
        return {"cursor": cursor, **_read_queues(session, now=now, viewer=viewer)}

    context = await database.read(read)
    return _page(request, "console/queues.html", {**context, "principal": viewer}, now=now)


@router.get("/console/queues")
async def read_queues(request: Request, database: AppDatabase, now: Now, viewer: Viewer) -> Response:
    """The queues alone, for the page to take in without a reload."""
    context = await database.read(partial(_read_queues, now=now, viewer=viewer))
    return _page(request, "console/_queues.html", context, now=now)


@router.get("/console/conversations/{conversation_id}")
async def read_conversation_page(
    request: Request, conversation_id: UUID, database: AppDatabase, now: Now, viewer: Viewer
) -> Response:
    """A conversation with its evidence marked; the reading leaves an audit entry."""
    read = partial(read_conversation, conversation_id=conversation_id, viewer=viewer, now=now)
    conversation = await database.write(read)
    turns = [
        MarkedTurn(view=turn, pieces=mark_pieces(turn.text, turn.evidence or ()))
        for turn in conversation.turns
    ]
    assessed = [turn.assessment for turn in conversation.turns if turn.assessment]
    context = {
        "conversation": conversation,
        "turns": turns,
        "latest": assessed[-1] if assessed else None,
        "principal": viewer,
    }
    return _page(request, "console/conversation.html", context, now=now)


def _read_queues(session: Session, *, now: datetime, viewer: Principal) -> dict[str, Any]:
    queues = list_queues(session, now=now, viewer=viewer)
    waiting = [entry.conversation_id for queue in queues for entry in queue.entries]
    return {"queues": queues, "excerpts": find_excerpts(session, conversation_ids=waiting)}


def _page(request: Request, template: str, context: dict[str, Any], *, now: datetime) -> Response:
    shared = {
        "labels": console_labels(),
        "now": now,
        "clock_time": clock_time,
        "name_wait": name_wait,
        "timedelta": timedelta,
    }
    return page_templates().TemplateResponse(request, template, {**shared, **context})
