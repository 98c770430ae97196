"""``POST /v1/sessions`` and ``POST /v1/messages``."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.auth.guards import public, require
from api.auth.permissions import Permission, Principal
from api.auth.tokens import open_web_session
from api.deps import AppDatabase, AppServices, AppSettings, Now
from api.error_schema import error_responses
from api.messages.inbound import bind_message
from api.messages.schemas import ChatSession, MessageAnswer, SendMessage, YouthMessageAnswer
from api.messages.service import receive_message
from api.strict_json import StrictJsonRoute

router = APIRouter(prefix="/v1", tags=["messages"], route_class=StrictJsonRoute)

_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Stored and triaged. A chat page's session is answered without `triage`.",
        "model": MessageAnswer | YouthMessageAnswer,
    },
    **error_responses(400, 401, 403, 409, 413, 415, 422, 503),
}


@router.post("/sessions", status_code=HTTPStatus.CREATED, dependencies=[Depends(public())])
async def open_session(database: AppDatabase, settings: AppSettings, now: Now) -> ChatSession:
    """Open an anonymous session of the chat page."""
    lifetime = timedelta(hours=settings.chat_session_hours)
    opened = await database.write(partial(open_web_session, now=now, lifetime=lifetime))
    return ChatSession.model_validate(
        {"session_id": opened.session_id, "token": opened.token, "expires_at": opened.expires_at}
    )


@router.post("/messages", responses=_ANSWERED, response_class=Response)
async def send_message(
    body: SendMessage,
    services: AppServices,
    sender: Annotated[Principal, Depends(require(Permission.SEND_MESSAGE))],
) -> Response:
    """Send a young person's message: it is stored, triaged, queued and answered.

    The pair of channel and `external_id` makes the call safe to repeat: the answer is the same to
    the byte, and nothing is stored twice. The same pair with another body is refused with 409.
    """
    answer = await receive_message(services, inbound=bind_message(body, sender=sender), sender=sender)
    return Response(answer, media_type="application/json")
