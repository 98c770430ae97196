"""``/console/conversations/{id}``: one conversation with its evidence marked, live, and the reply to it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.console.marking import Piece, mark_pieces
from api.console.rendering import render_page
from api.conversations.events import find_latest_event_id
from api.conversations.handover import summarize
from api.conversations.replying import Answering, answer_conversation
from api.conversations.requests import MAX_REPLY_CHARACTERS, SendReply
from api.conversations.schemas import TurnView
from api.conversations.service import find_theirs, read_conversation
from api.db.identifiers import new_id
from api.db.session import Database
from api.deps import AppDatabase, Now
from api.errors import ConversationBusy, ConversationClosed

_PAGE = "console/conversation.html"
_INVALID_REPLY = "invalid_reply"
"""A problem of the form; the others are codes of ``api.errors``."""

router = APIRouter(prefix="/console/conversations/{conversation_id}", include_in_schema=False)

Viewer = Annotated[Principal, Depends(require(Permission.USE_CONSOLE))]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedTurn:
    """A turn of the transcript with its evidence marked in place."""

    view: TurnView
    pieces: list[Piece]


@router.get("")
async def read_conversation_page(
    request: Request, conversation_id: UUID, database: AppDatabase, now: Now, viewer: Viewer
) -> Response:
    """A conversation with its evidence marked; the reading leaves an audit entry."""
    context = await _read(database, conversation_id=conversation_id, viewer=viewer, now=now)
    return render_page(request, _PAGE, {**context, "draft": "", "problem": None}, now=now)


@router.get("/talk")
async def read_talk(
    request: Request, conversation_id: UUID, database: AppDatabase, now: Now, viewer: Viewer
) -> Response:
    """The conversation without the page around it, to take in what is new; a reading like any other."""
    context = await _read(database, conversation_id=conversation_id, viewer=viewer, now=now)
    return render_page(request, "console/_talk.html", context, now=now)


@router.post("/replies")
async def send_reply(
    request: Request,
    conversation_id: UUID,
    database: AppDatabase,
    now: Now,
    counsellor: Annotated[Principal, Depends(require(Permission.ANSWER_CONVERSATION))],
    text: Annotated[str, Form()] = "",
    form_id: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Send a reply and see the conversation again, so that reloading the page sends nothing twice."""
    try:
        reply = SendReply(text=text, client_id=_name_reply(form_id, text))
        answering = Answering(conversation_id=conversation_id, reply=reply, counsellor=counsellor, now=now)
        await answer_conversation(database, answering=answering)
    except (ValidationError, ConversationBusy, ConversationClosed) as error:
        problem = _INVALID_REPLY if isinstance(error, ValidationError) else error.code
        context = await _read(database, conversation_id=conversation_id, viewer=counsellor, now=now)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, ValidationError) else error.status
        shown = {**context, "draft": text, "problem": problem}
        return render_page(request, _PAGE, shown, now=now, status=HTTPStatus(status))
    url = f"/console/conversations/{conversation_id}#reply"
    return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)


def _name_reply(form_id: str, text: str) -> str:
    """The same for the same words from the same form: pressed twice is sent once, gone back to is not."""
    return f"{form_id}-{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:16]}"


async def _read(
    database: Database, *, conversation_id: UUID, viewer: Principal, now: datetime
) -> dict[str, Any]:
    # The cursor is read before the conversation, so that no change falls between.
    read = partial(read_conversation, conversation_id=conversation_id, viewer=viewer, now=now)

    def read_with_cursor(session: Session) -> dict[str, Any]:
        cursor = find_latest_event_id(session)
        conversation = read(session)
        row = find_theirs(session, conversation_id=conversation_id, viewer=viewer)
        return {"cursor": cursor, "conversation": conversation, "handover": summarize(session, row)}

    found = await database.write(read_with_cursor)
    turns = [
        MarkedTurn(view=turn, pieces=mark_pieces(turn.text, turn.evidence or ()))
        for turn in found["conversation"].turns
    ]
    assessed = [turn.view.assessment for turn in turns if turn.view.assessment]
    return {
        **found,
        "turns": turns,
        "latest": assessed[-1] if assessed else None,
        "principal": viewer,
        "form_id": new_id().hex,
        "longest": MAX_REPLY_CHARACTERS,
    }
