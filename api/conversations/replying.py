"""A counsellor answers: the reply becomes a turn, and the young person waits no more."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from api.audit.log import AuditAction, SubjectKind, record_audit
from api.auth.permissions import Principal
from api.conversations.events import EventKind, append_events
from api.conversations.requests import ReplyAnswer, SendReply
from api.conversations.service import find_theirs
from api.db.identifiers import new_id
from api.db.session import Database, is_worth_a_retry
from api.db.tables import ConversationRow, MessageRow
from api.errors import ConversationBusy, ConversationClosed, IdempotencyConflict
from api.messages.repository import (
    StoredMessage,
    VersionConflict,
    find_held_reply,
    find_stored,
    update_conversation,
    withdraw_reply,
)
from triage.message import ContentType, Role

MAX_ATTEMPTS = 12
_INSERT_REPLY = insert(MessageRow.table())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A reply on its way into a conversation."""

    conversation_id: UUID
    reply: SendReply
    counsellor: Principal
    now: datetime

    @property
    def external_id(self) -> str:
        """Its id in the channel; no caller's id can begin with a blank, so it meets none of theirs."""
        return f" reply:{self.counsellor.id}:{self.reply.client_id}"

    @property
    def fingerprint(self) -> str:
        """The same exactly when a repeated call says the same."""
        said = [str(self.conversation_id), self.external_id, self.reply.text]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


async def answer_conversation(database: Database, *, answering: Answering) -> str:
    """Store a counsellor's reply and give the answer as JSON text; repeated calls get the same text.

    Raises ``NotFound``, ``ConversationClosed``, ``IdempotencyConflict`` when its ``client_id`` was used
    for another reply, ``ConversationBusy`` when too many others change the conversation.
    """
    for _ in range(MAX_ATTEMPTS):
        try:
            return await database.write(partial(_store_reply, answering=answering))
        except (VersionConflict, IntegrityError):
            continue  # somebody was faster: read again what stands there now
        except DBAPIError as error:
            if not is_worth_a_retry(error):
                raise
    raise ConversationBusy


def _store_reply(session: Session, *, answering: Answering) -> str:
    row = find_theirs(session, conversation_id=answering.conversation_id, viewer=answering.counsellor)
    stored = find_stored(session, channel=row.channel, external_id=answering.external_id)
    if stored is not None:
        return _replay(answering, stored)
    if row.closed_at is not None:
        raise ConversationClosed
    answer = ReplyAnswer(
        message_id=new_id(), conversation_id=row.id, position=row.turns + 1, received_at=answering.now
    )
    held = find_held_reply(session, conversation_id=row.id, now=answering.now)
    if held is not None:
        # The assistant does not speak up after a person.
        withdraw_reply(session, reply_id=held, now=answering.now)
    _mark_answered(session, row, answering)
    _insert_turn(session, row, answering, answer)
    record_audit(
        session,
        actor=answering.counsellor,
        action=AuditAction.CONVERSATION_ANSWERED,
        subject_kind=SubjectKind.CONVERSATION,
        subject_id=str(row.id),
        now=answering.now,
        details={"message_id": str(answer.message_id)},
    )
    kinds = [EventKind.CONVERSATION_ANSWERED]
    append_events(session, kinds=kinds, conversation_id=row.id, now=answering.now)
    return answer.model_dump_json()


def _replay(answering: Answering, stored: StoredMessage) -> str:
    if stored.fingerprint != answering.fingerprint:
        raise IdempotencyConflict
    return stored.answer


def _mark_answered(session: Session, row: ConversationRow, answering: Answering) -> None:
    changes = {
        "turns": row.turns + 1,
        "updated_at": answering.now,
        "answered_at": answering.now,
        "answered_by": UUID(answering.counsellor.id),
        "waiting_since": None,
        "respond_by": None,
        "silence_due_at": None,
        "typing_until": None,
    }
    update_conversation(session, conversation_id=row.id, version=row.version, changes=changes)


def _insert_turn(session: Session, row: ConversationRow, answering: Answering, answer: ReplyAnswer) -> None:
    session.execute(
        _INSERT_REPLY,
        {
            "id": answer.message_id,
            "conversation_id": row.id,
            "position": answer.position,
            "role": Role.COUNSELLOR,
            "channel": row.channel,
            "external_id": answering.external_id,
            "content_type": ContentType.TEXT,
            "text": answering.reply.text,
            "received_at": answering.now,
            "body_hash": answering.fingerprint,
            "answer": answer.model_dump_json(),
        },
    )
