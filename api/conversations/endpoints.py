"""``GET /v1/conversations/{id}`` and ``GET /v1/queues``; following and writing stand in their own modules."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.conversations import handover, service, stream, writing
from api.conversations.schemas import ConversationView, HandoverView, QueueView
from api.deps import AppDatabase, Now
from api.error_schema import error_responses

router = APIRouter(tags=["conversations"], responses=error_responses(401, 403, 503))
router.include_router(stream.router)
router.include_router(writing.router)


@router.get(
    "/v1/conversations/{conversation_id}",
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


@router.get("/v1/conversations/{conversation_id}/handover", responses=error_responses(404, 422))
async def read_handover(
    conversation_id: UUID,
    database: AppDatabase,
    now: Now,
    viewer: Annotated[Principal, Depends(require(Permission.READ_HANDOVER))],
) -> HandoverView:
    """Read the hand-over summary: what was told, what is open, how danger rose, what was said by us."""
    read = partial(handover.read_handover, conversation_id=conversation_id, viewer=viewer, now=now)
    return await database.write(read)


@router.get("/v1/queues", response_model_exclude_none=True)
async def read_queues(
    database: AppDatabase,
    now: Now,
    viewer: Annotated[Principal, Depends(require(Permission.READ_QUEUES))],
) -> list[QueueView]:
    """Read all queues by rank: escalated first, then by the time promised, then by waiting time."""
    return await database.read(partial(service.list_queues, now=now, viewer=viewer))
