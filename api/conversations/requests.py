"""What is written into a conversation from outside triage, and what that is answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.conversations.schemas import Schema
from api.messages.schemas import Channel, Reference

MAX_REPLY_CHARACTERS = 2_000
MAX_CLIENT_ID_CHARACTERS = 64


def _clean_reply(text: str) -> str:
    """Without NUL (PostgreSQL cannot hold it), carriage returns of forms, and blanks around it."""
    # JSON can escape half a character; no database and no UTF-8 answer can hold it.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("invalid_text", "Text holds half of a surrogate pair")
    cleaned = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not cleaned:
        raise PydanticCustomError("empty_text", "A reply needs text")
    if len(cleaned) > MAX_REPLY_CHARACTERS:
        raise PydanticCustomError(
            "text_too_long", "A reply may have {limit} characters at most", {"limit": MAX_REPLY_CHARACTERS}
        )
    return cleaned


class SendReply(BaseModel):
    """A counsellor's reply; ``client_id`` makes the call safe to repeat."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, AfterValidator(_clean_reply)] = Field(
        json_schema_extra={"minLength": 1, "maxLength": MAX_REPLY_CHARACTERS}
    )
    client_id: Annotated[Reference, Field(max_length=MAX_CLIENT_ID_CHARACTERS)]


class ReplyAnswer(Schema):
    """Where a counsellor's reply stands now."""

    message_id: UUID
    conversation_id: UUID
    position: int
    received_at: datetime


class RecallMessage(BaseModel):
    """Which message a young person takes back; a chat page's session may leave all but the id out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Channel | None = None
    external_id: Reference = Field(description="The id with which the message was sent.")
    user: Reference | None = Field(default=None, description="If given, the message must be this user's.")


class RecallAnswer(Schema):
    """The message that was taken back, and when it first was."""

    message_id: UUID
    conversation_id: UUID
    recalled_at: datetime
