"""A young person takes a message back: they see it no more, but the danger that it told stands."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.audit.log import AuditAction, SubjectKind, record_audit
from api.auth.permissions import Principal, Role
from api.conversations.events import EventKind, append_events
from api.conversations.requests import RecallAnswer, RecallMessage
from api.db.tables import ConversationRow, MessageRow
from api.errors import NotFound, ValidationFailed
from triage.message import Role as TurnRole

_FIND_OWN = (
    select(MessageRow, ConversationRow.user_ref)
    .join(ConversationRow, MessageRow.conversation_id == ConversationRow.id)
    .where(
        MessageRow.channel == bindparam("wanted_channel"),
        MessageRow.external_id == bindparam("wanted_id"),
        MessageRow.role == TurnRole.YOUTH.value,
    )
    .with_for_update(of=MessageRow, key_share=True)
)


def recall_message(
    session: Session, *, recall: RecallMessage, caller: Principal, now: datetime
) -> RecallAnswer:
    """Mark a message as taken back; again changes nothing. ``NotFound`` also for those of others."""
    message = _find_theirs(session, recall, caller)
    if message.recalled_at is None:
        message.recalled_at = now
        session.flush()
        record_audit(
            session,
            actor=caller,
            action=AuditAction.MESSAGE_RECALLED,
            subject_kind=SubjectKind.MESSAGE,
            subject_id=str(message.id),
            now=now,
        )
        kinds = [EventKind.MESSAGE_RECALLED]
        append_events(session, kinds=kinds, conversation_id=message.conversation_id, now=now)
    return RecallAnswer(
        message_id=message.id, conversation_id=message.conversation_id, recalled_at=message.recalled_at
    )


def _find_theirs(session: Session, recall: RecallMessage, caller: Principal) -> MessageRow:
    channel = recall.channel or caller.channel
    if channel is None:
        raise ValidationFailed(details=[{"field": "body.channel", "problem": "missing"}])
    # As in ``bind_message``: a chat page's ids are stored with their session's id in front.
    own_id = f"{caller.id}:{recall.external_id}" if caller.role is Role.CHAT_SESSION else recall.external_id
    found = session.execute(_FIND_OWN, {"wanted_channel": channel, "wanted_id": own_id}).one_or_none()
    if found is None or caller.channel not in (None, channel):
        raise NotFound
    message, user = found
    if caller.user not in (None, user) or recall.user not in (None, user):
        raise NotFound
    theirs: MessageRow = message
    return theirs
