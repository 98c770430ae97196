"""``POST /v1/conversations/{id}/replies`` and ``…/typing``, ``POST /v1/messages/recall``."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.conversations.recalling import recall_message
from api.conversations.replying import Answering, answer_conversation
from api.conversations.requests import RecallAnswer, RecallMessage, ReplyAnswer, SendReply
from api.conversations.typing_notice import tell_typing
from api.deps import AppDatabase, Now
from api.error_schema import error_responses
from api.strict_json import StrictJsonRoute

router = APIRouter(prefix="/v1", route_class=StrictJsonRoute)

_BODY_ERRORS = error_responses(400, 404, 413, 415, 422)
_ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "Stored; the young person's page shows it.", "model": ReplyAnswer},
    **_BODY_ERRORS,
    **error_responses(409),
}


@router.post("/conversations/{conversation_id}/replies", responses=_ANSWERED, response_class=Response)
async def send_reply(
    conversation_id: UUID,
    body: SendReply,
    database: AppDatabase,
    now: Now,
    counsellor: Annotated[Principal, Depends(require(Permission.ANSWER_CONVERSATION))],
) -> Response:
    """Answer a young person, as a signed-in counsellor (`X-CSRF-Token` beside the cookie).

    `client_id` makes the call safe to repeat: the answer is the same to the byte. The same id with
    another text or conversation is refused with 409, as is a conversation that is closed.
    """
    answering = Answering(conversation_id=conversation_id, reply=body, counsellor=counsellor, now=now)
    answer = await answer_conversation(database, answering=answering)
    return Response(answer, media_type="application/json")


@router.post(
    "/conversations/{conversation_id}/typing",
    status_code=HTTPStatus.NO_CONTENT,
    responses=error_responses(404, 422),
)
async def notice_typing(
    conversation_id: UUID,
    database: AppDatabase,
    now: Now,
    teller: Annotated[Principal, Depends(require(Permission.TELL_TYPING))],
) -> None:
    """Tell that the caller is typing; the other side sees it for six seconds."""
    await database.write(partial(tell_typing, conversation_id=conversation_id, teller=teller, now=now))


@router.post("/messages/recall", responses=_BODY_ERRORS)
async def recall(
    body: RecallMessage,
    database: AppDatabase,
    now: Now,
    caller: Annotated[Principal, Depends(require(Permission.RECALL_MESSAGE))],
) -> RecallAnswer:
    """Take a young person's message back; safe to repeat.

    The young person's views show the turn without its text from now on. What it told of danger
    stands, and staff can still read it, marked as taken back. To edit: recall, and send anew.
    """
    return await database.write(partial(recall_message, recall=body, caller=caller, now=now))
