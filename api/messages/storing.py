"""The one transaction that makes a message part of the record: all of it, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from api.audit.log import AuditAction, SubjectKind, record_audit
from api.auth.permissions import Principal
from api.conversations.events import EventKind, append_events
from api.conversations.repository import count_ahead
from api.conversations.state import encode_state
from api.db.identifiers import new_id
from api.db.tables import ConversationRow
from api.hours import ServiceHours
from api.messages import repository
from api.messages.answers import AnswerParts, write_answer
from api.messages.inbound import InboundMessage
from api.messages.triage_runner import TriagedTurn
from triage.catalog import Reply
from triage.message import ConversationState


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownConversation:
    """A conversation as it was read; ``row`` is None when the message begins one.

    ``held_reply`` is our last reply where it was not shown yet: the message goes on with the turn that
    it answered, so it is taken back, and ``state`` is the one before it.
    """

    row: ConversationRow | None
    state: ConversationState
    held_reply: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What the operator set about time: when counsellors work, and how long things may take."""

    hours: ServiceHours
    hold_reply: timedelta
    silence_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagedMessage:
    """Everything that is to be stored of one message; without ``reply`` while a counsellor talks."""

    inbound: InboundMessage
    sender: Principal
    known: KnownConversation
    turn: TriagedTurn
    reply: Reply | None
    promises: Promises
    now: datetime

    @property
    def turns(self) -> int:
        """How many turns are added: the message, and the reply to it."""
        return 1 if self.reply is None else 2

    @property
    def show_at(self) -> datetime | None:
        """When the reply may be shown, where the sender holds replies back."""
        hold = self.promises.hold_reply
        return self.now + hold if self.reply and self.inbound.holds_reply and hold else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTurn:
    """What was stored, and the answer that goes with it."""

    message_id: UUID
    conversation_id: UUID
    answer: str


def store_message(session: Session, *, triaged: TriagedMessage) -> StoredTurn:
    """Store a triaged message with its reply, assessment, audit entry and events.

    Raises ``VersionConflict`` or ``IntegrityError`` when somebody was faster.
    """
    now, outcome = triaged.now, triaged.turn.outcome
    message_id = new_id()
    if triaged.known.held_reply is not None:
        repository.withdraw_reply(session, reply_id=triaged.known.held_reply, now=now)
    row = _save_conversation(session, triaged)
    assert row.respond_by is not None
    parts = AnswerParts(
        message_id=message_id,
        conversation_id=row.id,
        received_at=now,
        outcome=outcome,
        reply=triaged.reply,
        show_at=triaged.show_at,
        position=1 + count_ahead(session, row=row),
        respond_by=row.respond_by,
        on_duty=row.escalated or triaged.promises.hours.are_open(now),
    )
    answer = write_answer(parts, youth_view=triaged.inbound.youth_view)
    position = row.turns - triaged.turns + 1
    repository.insert_turns(session, parts=parts, inbound=triaged.inbound, position=position, answer=answer)
    repository.insert_assessment(
        session, message_id=message_id, conversation_id=row.id, outcome=outcome, now=now
    )
    record_audit(
        session,
        actor=triaged.sender,
        action=AuditAction.MESSAGE_RECEIVED,
        subject_kind=SubjectKind.MESSAGE,
        subject_id=str(message_id),
        now=now,
    )
    append_events(session, kinds=_name_events(triaged), conversation_id=row.id, now=now)
    return StoredTurn(message_id=message_id, conversation_id=row.id, answer=answer)


def _name_events(triaged: TriagedMessage) -> list[EventKind]:
    newly_escalated = triaged.turn.state.escalated and not triaged.known.state.escalated
    return [EventKind.MESSAGE_RECEIVED, *([EventKind.CONVERSATION_ESCALATED] if newly_escalated else [])]


def _save_conversation(session: Session, triaged: TriagedMessage) -> ConversationRow:
    """Insert or update the conversation; the row given back is as it stands afterwards."""
    known, inbound = triaged.known.row, triaged.inbound
    changes = _changes(triaged)
    if known is None:
        fresh = {"id": new_id(), "channel": inbound.channel, "user_ref": inbound.user, "version": 1}
        repository.insert_conversation(
            session, columns={**fresh, **changes, "opened_at": triaged.now, "closed_at": None}
        )
        return ConversationRow(**fresh, **changes)
    repository.update_conversation(session, conversation_id=known.id, version=known.version, changes=changes)
    return ConversationRow(id=known.id, channel=known.channel, **changes)


def _changes(triaged: TriagedMessage) -> Mapping[str, Any]:
    """The columns that a triaged message sets; a promise once made is only ever brought forward."""
    row, now, turn = triaged.known.row, triaged.now, triaged.turn
    state, decision = turn.state, turn.outcome.decision
    promised = triaged.promises.hours.promise(
        now, within=timedelta(seconds=decision.respond_within_s), urgent=state.escalated
    )
    waiting_since = now
    if row is not None and row.waiting_since is not None and row.respond_by is not None:
        promised = min(promised, row.respond_by)
        waiting_since = row.waiting_since
    degraded = {*(row.degraded if row else ()), *turn.outcome.assessment.degraded}
    return {
        "turns": (row.turns if row else 0) + triaged.turns,
        "updated_at": now,
        "queue": decision.queue.value,
        "category": turn.outcome.assessment.category.value,
        "level": int(state.level),
        "urgency": int(state.level) if state.escalated else 0,
        "signals": sorted(state.signals),
        "degraded": sorted(degraded),
        "escalated": state.escalated,
        "state": encode_state(state),
        "waiting_since": waiting_since,
        "respond_by": promised,
        "silence_due_at": now + triaged.promises.silence_after if state.escalated else None,
        "silent_since": None,
        "youth_typing_until": None,
    }
