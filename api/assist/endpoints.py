"""``POST /v1/conversations/{id}/assist``, for staff only."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from api.assist.schemas import SuggestionView
from api.assist.service import suggest
from api.auth.guards import require
from api.auth.permissions import Permission, Principal
from api.deps import AppDatabase, AppSettings, Now
from api.error_schema import ErrorAnswer, error_responses

router = APIRouter(prefix="/v1", tags=["conversations"])

_OWN_MEANINGS = {
    409: "The assist is switched off here; nothing was sent anywhere.",
    502: "The assist's host could not be reached, or gave no usable answer.",
    504: "The assist's host took too long.",
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    **error_responses(401, 403, 404, 422, 503),
    **{status: {"model": ErrorAnswer, "description": told} for status, told in _OWN_MEANINGS.items()},
}


@router.post("/conversations/{conversation_id}/assist", responses=_RESPONSES)
async def ask_for_suggestion(
    conversation_id: UUID,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    counsellor: Annotated[Principal, Depends(require(Permission.USE_ASSIST))],
) -> SuggestionView:
    """Ask the operator's own language model for a suggestion to the counsellor; off unless it is set up.

    Only redacted text leaves the service. The suggestion is unverified, is never shown to a young
    person, and is not stored; that it was asked for is put on record.
    """
    return await suggest(database, settings, conversation_id=conversation_id, counsellor=counsellor, now=now)
