"""The console: ``GET /console`` shows the queues live."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.console import sign_in, stream, talk
from api.console.excerpts import find_excerpts
from api.console.rendering import render_page
from api.conversations.events import find_latest_event_id
from api.conversations.service import list_queues
from api.deps import AppDatabase, Now

router = APIRouter(include_in_schema=False)
router.include_router(sign_in.router)
router.include_router(stream.router)
router.include_router(talk.router)

Viewer = Annotated[Principal, Depends(require(Permission.USE_CONSOLE))]


@router.get("/console")
async def read_console(request: Request, database: AppDatabase, now: Now, viewer: Viewer) -> Response:
    """The whole page; its cursor is read before the queues, so that no change falls between."""

    def read(session: Session) -> dict[str, Any]:
        cursor = find_latest_event_id(session)
        return {"cursor": cursor, **_read_queues(session, now=now, viewer=viewer)}

    context = await database.read(read)
    return render_page(request, "console/queues.html", {**context, "principal": viewer}, now=now)


@router.get("/console/queues")
async def read_queues(request: Request, database: AppDatabase, now: Now, viewer: Viewer) -> Response:
    """The queues alone, for the page to take in without a reload."""
    context = await database.read(partial(_read_queues, now=now, viewer=viewer))
    return render_page(request, "console/_queues.html", context, now=now)


def _read_queues(session: Session, *, now: datetime, viewer: Principal) -> dict[str, Any]:
    queues = list_queues(session, now=now, viewer=viewer)
    waiting = [entry.conversation_id for queue in queues for entry in queue.entries]
    return {"queues": queues, "excerpts": find_excerpts(session, conversation_ids=waiting)}
