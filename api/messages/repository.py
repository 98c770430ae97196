"""The SQL of receiving a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from api.db.identifiers import new_id
from api.db.tables import AssessmentRow, ConversationRow, MessageRow
from api.messages.answers import AnswerParts, encode_evidence
from api.messages.inbound import InboundMessage
from triage.message import ContentType, Role
from triage.risk.assessment import TriageResult

# Built once: building a statement costs more than running it.
_FIND_STORED = select(MessageRow.body_hash, MessageRow.answer).where(
    MessageRow.channel == bindparam("channel"), MessageRow.external_id == bindparam("external_id")
)
_INSERT_MESSAGE = insert(MessageRow.table())
_INSERT_ASSESSMENT = insert(AssessmentRow.table())
_INSERT_CONVERSATION = insert(ConversationRow.table())
_UPDATE_CONVERSATION = (
    update(ConversationRow.table())
    .where(ConversationRow.id == bindparam("known_id"), ConversationRow.version == bindparam("known_version"))
    .returning(ConversationRow.id)
)

_FIND_HELD_REPLY = select(MessageRow.id).where(
    MessageRow.conversation_id == bindparam("conversation"),
    MessageRow.role == Role.ASSISTANT.value,
    MessageRow.visible_at > bindparam("now"),
    MessageRow.withdrawn_at.is_(None),
)
_WITHDRAW_REPLY = (
    update(MessageRow.table())
    .where(
        MessageRow.id == bindparam("reply"),
        MessageRow.visible_at > bindparam("now"),
        MessageRow.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("now"))
    .returning(MessageRow.id)
)

_OPTIONAL_COLUMNS = (
    "external_id",
    "sent_at",
    "body_hash",
    "answer",
    "reply_key",
    "reply_version",
    "question_key",
    "visible_at",
)


class VersionConflict(Exception):
    """The conversation was changed by somebody else since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """What is kept of a message that was received before."""

    fingerprint: str
    answer: str


def find_stored(session: Session, *, channel: str, external_id: str) -> StoredMessage | None:
    """The message with this id of the channel, if it was received before."""
    row = (session.execute(_FIND_STORED, {"channel": channel, "external_id": external_id})).one_or_none()
    if row is None:
        return None
    return StoredMessage(fingerprint=row.body_hash or "", answer=row.answer or "")


def find_held_reply(session: Session, *, conversation_id: UUID, now: datetime) -> UUID | None:
    """The assistant's reply that is not shown yet, if there is one."""
    return session.scalar(_FIND_HELD_REPLY, {"conversation": conversation_id, "now": now})


def withdraw_reply(session: Session, *, reply_id: UUID, now: datetime) -> None:
    """Take back a reply that was not shown yet; ``VersionConflict`` when it was shown meanwhile."""
    if session.scalar(_WITHDRAW_REPLY, {"reply": reply_id, "now": now}) is None:
        raise VersionConflict


def insert_conversation(session: Session, *, columns: Mapping[str, Any]) -> None:
    """Store a new conversation; an ``IntegrityError`` says that the user has an open one already."""
    session.execute(_INSERT_CONVERSATION, columns)


def update_conversation(
    session: Session, *, conversation_id: UUID, version: int, changes: Mapping[str, Any]
) -> None:
    """Change a conversation that still has this version; ``VersionConflict`` when it has not."""
    changed = session.execute(
        _UPDATE_CONVERSATION,
        {**changes, "version": version + 1, "known_id": conversation_id, "known_version": version},
    )
    if changed.one_or_none() is None:
        raise VersionConflict


def insert_turns(
    session: Session, *, parts: AnswerParts, inbound: InboundMessage, position: int, answer: str
) -> None:
    """Store a message and its reply, if any; an ``IntegrityError`` says it was received before."""
    shared = {
        **dict.fromkeys(_OPTIONAL_COLUMNS),
        "conversation_id": parts.conversation_id,
        "channel": inbound.channel,
        "received_at": parts.received_at,
    }
    message = {
        **shared,
        "id": parts.message_id,
        "position": position,
        "role": Role.YOUTH,
        "content_type": inbound.content_type,
        "text": inbound.text,
        "external_id": inbound.external_id,
        "sent_at": inbound.sent_at,
        "body_hash": inbound.fingerprint,
        "answer": answer,
    }
    if parts.reply is None:
        session.execute(_INSERT_MESSAGE, message)
        return
    reply = {
        **shared,
        "id": new_id(),
        "position": position + 1,
        "role": Role.ASSISTANT,
        "content_type": ContentType.TEXT,
        "text": parts.reply.text,
        "reply_key": parts.reply.key,
        "reply_version": parts.reply.version,
        "question_key": parts.reply.question_key,
        "visible_at": parts.show_at,
    }
    session.execute(_INSERT_MESSAGE, [message, reply])


def insert_assessment(
    session: Session, *, message_id: UUID, conversation_id: UUID, outcome: TriageResult, now: datetime
) -> None:
    """Store what triage made of a message, with the versions that made it."""
    assessment, decision = outcome.assessment, outcome.decision
    evidence = [encode_evidence(each) for each in assessment.evidence]
    session.execute(
        _INSERT_ASSESSMENT,
        {
            "message_id": message_id,
            "conversation_id": conversation_id,
            "created_at": now,
            "category": assessment.category,
            "category_scores": dict(assessment.category_scores),
            "signals": list(assessment.signals),
            "signal_scores": dict(assessment.signal_scores),
            "level": int(assessment.level),
            "message_level": int(assessment.message_level),
            "risk_score": assessment.risk_score,
            "escalate": assessment.escalate,
            "degraded": list(assessment.degraded),
            "evidence": evidence,
            "has_evidence": bool(evidence),
            "disposition": decision.disposition,
            "queue": decision.queue,
            "respond_within_s": decision.respond_within_s,
            "reply_key": decision.reply_key,
            "reason": decision.reason,
            "model_version": outcome.model_version,
            "lexicon_version": outcome.lexicon_version,
            "policy_version": decision.policy_version,
        },
    )
