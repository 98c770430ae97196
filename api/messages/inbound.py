"""A message as it came in, checked and bound to the caller that sent it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from api.auth.permissions import Principal, Role
from api.errors import ChannelForbidden, ValidationFailed
from api.messages.schemas import SendMessage
from triage.message import ContentType, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A message ready to be received.

    ``text`` has no NUL (PostgreSQL cannot hold it, and offsets must count what is stored).
    ``fingerprint`` is the same exactly when a repeated call says the same.
    """

    channel: str
    external_id: str
    user: str
    content_type: ContentType
    text: str
    sent_at: datetime | None
    youth_view: bool
    holds_reply: bool
    fingerprint: str

    @property
    def message(self) -> Message:
        """The part of it that triage reads."""
        return Message(text=self.text, content_type=self.content_type)


def bind_message(body: SendMessage, *, sender: Principal) -> InboundMessage:
    """Bind a message to its sender; ``ChannelForbidden`` when it speaks for somebody else."""
    channel = _bind(body.channel, sender.channel, field="channel")
    user = _bind(body.user, sender.user, field="user")
    from_chat_page = sender.role is Role.CHAT_SESSION
    # Ids made in one browser say nothing about another's; the session in front keeps them apart.
    external_id = f"{sender.id}:{body.external_id}" if from_chat_page else body.external_id
    sent_at = body.sent_at_utc()
    said = [channel, external_id, user, body.content_type.value, body.text, sent_at and sent_at.isoformat()]
    return InboundMessage(
        channel=channel,
        external_id=external_id,
        user=user,
        content_type=body.content_type,
        text=body.text.replace("\x00", ""),
        sent_at=sent_at,
        youth_view=from_chat_page,
        holds_reply=from_chat_page or body.hold_reply,
        fingerprint=hashlib.sha256(json.dumps([*said, from_chat_page]).encode()).hexdigest(),
    )


def _bind(sent: str | None, allowed: str | None, *, field: str) -> str:
    """What was sent, or what the sender is bound to; both must agree, and one must be there."""
    if allowed is not None and sent not in (None, allowed):
        raise ChannelForbidden
    value = sent if sent is not None else allowed
    if value is None:
        raise ValidationFailed(details=[{"field": f"body.{field}", "problem": "missing"}])
    return value
