"""``GET /v1/conversations/{id}`` and ``GET /v1/queues``."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.conversations import service
from api.conversations.schemas import ConversationView, QueueView
from api.deps import AppDatabase, Now
from api.error_schema import error_responses

router = APIRouter(prefix="/v1", tags=["conversations"], responses=error_responses(401, 403, 503))


@router.get(
    "/conversations/{conversation_id}",
    response_model_exclude_none=True,
    responses=error_responses(404, 422),
)
async def read_conversation(
    conversation_id: UUID,
    database: AppDatabase,
    now: Now,
    viewer: Annotated[Principal, Depends(require(Permission.READ_CONVERSATION))],
) -> ConversationView:
    """Read a conversation with its turns; staff see the evidence. Each reading is put on record."""
    read = partial(service.read_conversation, conversation_id=conversation_id, viewer=viewer, now=now)
    return await database.write(read)


@router.get("/queues", response_model_exclude_none=True)
async def read_queues(
    database: AppDatabase,
    now: Now,
    viewer: Annotated[Principal, Depends(require(Permission.READ_QUEUES))],
) -> list[QueueView]:
    """Read all queues by rank: escalated first, then by the time promised, then by waiting time."""
    return await database.read(partial(service.list_queues, now=now, viewer=viewer))
