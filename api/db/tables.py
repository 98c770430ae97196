"""All tables. Times are UTC; identifiers are UUIDv7 except where an order without gaps is needed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.db.identifiers import new_id
from api.db.types import UtcDateTime

_Serial = BigInteger().with_variant(Integer, "sqlite")
CHANNEL_LENGTH = 32
REFERENCE_LENGTH = 128
EXTERNAL_ID_LENGTH = 200
"""Wider than what callers may send: a chat page's ids are stored with their session's id in front."""


class Base(DeclarativeBase):
    """Names constraints the same on every database, so that migrations can refer to them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, UUID: Uuid, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012

    @classmethod
    def table(cls) -> Table:
        """The bare table, for statements that need no mapped objects."""
        assert isinstance(cls.__table__, Table)
        return cls.__table__


class AccountRow(Base):
    """A member of staff who signs in to the console."""

    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(32))
    password_hash: Mapped[str] = mapped_column(String(255))
    must_change_password: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime | None]


class SignInAttemptRow(Base):
    """A failed sign-in, kept to slow guessing down; the name typed is stored hashed."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "peer", "at"),)

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    username_hash: Mapped[str] = mapped_column(String(64))
    peer: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class StaffSessionRow(Base):
    """A signed-in browser; its token is stored hashed."""

    __tablename__ = "staff_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiTokenRow(Base):
    """A machine's bearer token, stored hashed."""

    __tablename__ = "api_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str | None] = mapped_column(String(CHANNEL_LENGTH))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class WebSessionRow(Base):
    """An anonymous session of the chat page; its token is stored hashed."""

    __tablename__ = "web_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_ref: Mapped[str] = mapped_column(String(REFERENCE_LENGTH))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ConversationRow(Base):
    """A conversation with one user of one channel, and where it stands in the queues.

    ``version`` counts changes, for optimistic concurrency. ``urgency`` is the level of an escalated
    conversation and 0 otherwise; with it, the ranking of a queue is a plain ordering of columns.
    ``waiting_since`` is empty when nobody waits, as in a closed one. ``state`` is what
    ``triage.message.ConversationState`` holds. ``answered_…`` tell of the latest counsellor's reply.
    ``silence_due_at`` is when silence after a disclosure becomes an alarm; the alarm moves it to
    ``silent_since``, the time of the last words. ``…typing_until`` end by themselves.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "uq_conversations_open",
            "channel",
            "user_ref",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_conversations_ranking",
            "queue",
            "urgency",
            "respond_by",
            "waiting_since",
            "id",
            sqlite_where=text("waiting_since IS NOT NULL"),
            postgresql_where=text("waiting_since IS NOT NULL"),
        ),
        Index(
            "ix_conversations_silence_due",
            "silence_due_at",
            sqlite_where=text("silence_due_at IS NOT NULL"),
            postgresql_where=text("silence_due_at IS NOT NULL"),
        ),
        Index(
            "ix_conversations_typing",
            "typing_until",
            sqlite_where=text("typing_until IS NOT NULL"),
            postgresql_where=text("typing_until IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    user_ref: Mapped[str] = mapped_column(String(REFERENCE_LENGTH))
    version: Mapped[int]
    turns: Mapped[int]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    queue: Mapped[str] = mapped_column(String(32))
    category: Mapped[str] = mapped_column(String(32))
    level: Mapped[int]
    urgency: Mapped[int]
    signals: Mapped[list[Any]]
    degraded: Mapped[list[Any]]
    escalated: Mapped[bool]
    state: Mapped[dict[str, Any]]
    waiting_since: Mapped[datetime | None]
    respond_by: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    silence_due_at: Mapped[datetime | None]
    silent_since: Mapped[datetime | None]
    typing_until: Mapped[datetime | None]
    youth_typing_until: Mapped[datetime | None]


class MessageRow(Base):
    """One turn of a conversation, by the young person, the service, or a counsellor.

    A turn that came in has ``external_id`` (unique in its channel), ``body_hash`` and ``answer``,
    the exact answer given, so that a repeated call gets the same bytes. A reply has its key, and that
    of the question it asks. A turn is shown from ``visible_at`` on, by nobody once ``withdrawn_at`` is
    set, and by staff only once the young person took it back at ``recalled_at``.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        UniqueConstraint("conversation_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    external_id: Mapped[str | None] = mapped_column(String(EXTERNAL_ID_LENGTH))
    content_type: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    body_hash: Mapped[str | None] = mapped_column(String(64))
    answer: Mapped[str | None] = mapped_column(Text)
    reply_key: Mapped[str | None] = mapped_column(String(64))
    reply_version: Mapped[str | None] = mapped_column(String(32))
    question_key: Mapped[str | None] = mapped_column(String(64))
    visible_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    recalled_at: Mapped[datetime | None]


class AssessmentRow(Base):
    """What triage made of one message: scores, evidence, decision, and the versions behind them."""

    __tablename__ = "assessments"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    category: Mapped[str] = mapped_column(String(32))
    category_scores: Mapped[dict[str, Any]]
    signals: Mapped[list[Any]]
    signal_scores: Mapped[dict[str, Any]]
    level: Mapped[int]
    message_level: Mapped[int]
    risk_score: Mapped[float]
    escalate: Mapped[bool]
    degraded: Mapped[list[Any]]
    evidence: Mapped[list[Any]]
    has_evidence: Mapped[bool]
    disposition: Mapped[str] = mapped_column(String(32))
    queue: Mapped[str] = mapped_column(String(32))
    respond_within_s: Mapped[int]
    reply_key: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    model_version: Mapped[str] = mapped_column(String(128))
    lexicon_version: Mapped[str] = mapped_column(String(64))
    policy_version: Mapped[str] = mapped_column(String(64))


class AuditEntryRow(Base):
    """Who did what, when; append-only, held so by triggers in the database."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject_kind", "subject_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[dict[str, Any]]


class EventRow(Base):
    """Something that changed a conversation; ``id`` grows in the order of commits (console cursor)."""

    __tablename__ = "events"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(_Serial, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(32))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    at: Mapped[datetime]
