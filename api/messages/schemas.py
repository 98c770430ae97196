"""What a chat backend or a chat page sends, and what it is answered."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.conversations.schemas import EvidenceView, Schema
from triage.labels import Category, Queue, RiskLevel, Signal
from triage.message import ContentType
from triage.risk.assessment import DegradedReason

MAX_TEXT_CHARACTERS = 20_000
EARLIEST_YEAR = 2000
LATEST_YEAR = 2100
_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"

Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=_PRINTABLE, strip_whitespace=True)
]


def _require_rfc3339(value: Any) -> Any:
    if value is not None and not (isinstance(value, str) and _RFC3339.fullmatch(value)):
        raise PydanticCustomError("invalid_time", "Must be an RFC 3339 time with an offset")
    return value


class SendMessage(BaseModel):
    """A message of a young person.

    A chat page's session may leave ``channel`` and ``user`` out; they are the session's. Text of
    other content types (a caption) may be empty, text of ``text`` may not.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "channel": "miniprogram",
                    "external_id": "msg-20261124-000017",
                    "user": "openid-7f3a",
                    "content_type": "text",
                    "text": "最近总是睡不着，想找人说说话",
                    "sent_at": "2026-11-24T21:14:05+08:00",
                }
            ]
        },
    )

    channel: Channel | None = Field(default=None, description="Where the message comes from.")
    external_id: Reference = Field(
        description="The sender's own id of the message, unique in its channel. Sending it again is safe."
    )
    user: Reference | None = Field(default=None, description="Opaque reference to the young person.")
    content_type: ContentType = ContentType.TEXT
    text: str = Field(default="", json_schema_extra={"maxLength": MAX_TEXT_CHARACTERS})
    sent_at: Annotated[AwareDatetime, BeforeValidator(_require_rfc3339)] | None = None
    hold_reply: bool = Field(
        default=False,
        description="The caller shows the reply at `show_at`, and drops it when the young person writes on "
        "before. Messages that come so close together are answered once. Always so for a chat page.",
    )

    @field_validator("text")
    @classmethod
    def _refuse_surrogates(cls, text: str) -> str:
        # JSON can escape half a character; no database and no UTF-8 answer can hold it.
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise PydanticCustomError("invalid_text", "Text holds half of a surrogate pair")
        return text

    @model_validator(mode="after")
    def _check_text(self) -> Self:
        if len(self.text) > MAX_TEXT_CHARACTERS:
            raise PydanticCustomError(
                "text_too_long", "Text may have {limit} characters at most", {"limit": MAX_TEXT_CHARACTERS}
            )
        if self.content_type is ContentType.TEXT and not self.text.replace("\x00", "").strip():
            raise PydanticCustomError("empty_text", "A message of content_type text needs text")
        return self

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        if self.sent_at is not None and not EARLIEST_YEAR <= self.sent_at.year < LATEST_YEAR:
            raise PydanticCustomError("invalid_time", "sent_at lies outside this century")
        return self

    def sent_at_utc(self) -> datetime | None:
        """When it was sent, in UTC."""
        return self.sent_at.astimezone(UTC) if self.sent_at else None


class TriageView(Schema):
    """The triage of the message, read with its conversation.

    ``level``, ``signals``, ``risk_score`` and ``escalate`` are those of the conversation so far,
    ``message_level`` that of this message alone. Scores are empty when no machine could read it.
    """

    category: Category
    category_scores: dict[Category, float]
    signals: list[Signal]
    signal_scores: dict[Signal, float]
    level: RiskLevel
    level_name: str
    message_level: RiskLevel
    risk_score: float
    escalate: bool
    degraded: list[DegradedReason]
    evidence: list[EvidenceView]
    model_version: str
    lexicon_version: str
    policy_version: str


class YouthReplyView(Schema):
    """The reviewed text to show to the young person; it is always marked as coming from a machine.

    ``messages`` are one or two bubbles, ``text`` the same with a line for each. ``show_at`` is set where
    the caller holds replies back: it is dropped when another message is sent before.
    """

    messages: list[str]
    text: str
    quick_replies: list[str]
    show_at: datetime | None = None
    ai: Literal[True] = True


class ReplyView(YouthReplyView):
    """The reply with its keys: of the statement, and of the intake's question after it, if there is one."""

    key: str
    version: str
    question_key: str | None = None


class QueuePlace(Schema):
    """Where the conversation waits: ``position`` is 1 for the one to be served next.

    ``on_duty`` says whether its counsellors work at this hour; ``respond_by`` counts from when they do.
    """

    name: Queue
    position: int
    respond_by: datetime
    on_duty: bool


class YouthQueuePlace(Schema):
    """The place in line as a young person is told it."""

    position: int
    respond_by: datetime
    on_duty: bool


class MessageAnswer(Schema):
    """The answer to a chat backend; there is no ``reply`` while a counsellor is in the conversation."""

    message_id: UUID
    conversation_id: UUID
    received_at: datetime
    triage: TriageView
    reply: ReplyView | None
    queue: QueuePlace


class YouthMessageAnswer(Schema):
    """The answer to a chat page: without scores, a young person is not shown any."""

    message_id: UUID
    conversation_id: UUID
    received_at: datetime
    reply: YouthReplyView | None
    queue: YouthQueuePlace


class ChatSession(Schema):
    """A fresh anonymous session; ``token`` is the bearer token for what follows."""

    session_id: UUID
    token: str
    expires_at: datetime
