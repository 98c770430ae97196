"""First tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")
_WAITING = sa.text("waiting_since IS NOT NULL")
_APPEND_ONLY_SQLITE = """
CREATE TRIGGER audit_entries_no_{name} BEFORE {verb} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END
"""
_APPEND_ONLY_FUNCTION = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$
"""
_APPEND_ONLY_POSTGRESQL = """
CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    """Go to this revision."""
    _create_accounts()
    _create_tokens()
    _create_conversations()
    _create_messages()
    _create_assessments()
    _create_records()
    _forbid_audit_changes()


def downgrade() -> None:
    """Go back to an empty database."""
    for table in (
        "audit_entries", "events", "assessments", "messages", "conversations",
        "web_sessions", "api_tokens", "staff_sessions", "sign_in_attempts", "accounts",
    ):  # fmt: skip
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change")


def _uuid(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _serial() -> sa.Column[Any]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", kind, autoincrement=True, nullable=False)


def _text(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _key(table: str, column: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _belongs(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        _uuid("id"),
        _text("username", 64),
        _text("display_name", 64),
        _text("role", 32),
        _text("password_hash", 255),
        _flag("must_change_password"),
        _flag("active"),
        _moment("created_at"),
        _moment("password_changed_at", nullable=True),
        _key("accounts"),
        _unique("accounts", "username"),
    )
    op.create_table(
        "sign_in_attempts",
        _serial(),
        _text("username_hash", 64),
        _text("peer", 64),
        _moment("at"),
        _key("sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_peer_at", "sign_in_attempts", ["peer", "at"])
    op.create_table(
        "staff_sessions",
        _uuid("id"),
        _text("token_hash", 64),
        _uuid("account_id"),
        _moment("created_at"),
        _moment("expires_at"),
        _key("staff_sessions"),
        _unique("staff_sessions", "token_hash"),
        _belongs("staff_sessions", "account_id", "accounts.id"),
    )
    op.create_index("ix_staff_sessions_account_id", "staff_sessions", ["account_id"])


def _create_tokens() -> None:
    op.create_table(
        "api_tokens",
        _uuid("id"),
        _text("name", 64),
        _text("role", 32),
        _text("channel", 32, nullable=True),
        _text("token_hash", 64),
        _moment("created_at"),
        _moment("revoked_at", nullable=True),
        _key("api_tokens"),
        _unique("api_tokens", "name"),
        _unique("api_tokens", "token_hash"),
    )
    op.create_table(
        "web_sessions",
        _uuid("id"),
        _text("token_hash", 64),
        _text("user_ref", 128),
        _moment("created_at"),
        _moment("expires_at"),
        _key("web_sessions"),
        _unique("web_sessions", "token_hash"),
    )


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        _uuid("id"),
        _text("channel", 32),
        _text("user_ref", 128),
        _number("version"),
        _number("turns"),
        _moment("opened_at"),
        _moment("updated_at"),
        _moment("closed_at", nullable=True),
        _text("queue", 32),
        _text("category", 32),
        _number("level"),
        _number("urgency"),
        _json("signals"),
        _json("degraded"),
        _flag("escalated"),
        _json("state"),
        _moment("waiting_since", nullable=True),
        _moment("respond_by", nullable=True),
        _key("conversations"),
    )
    op.create_index(
        "uq_conversations_open",
        "conversations",
        ["channel", "user_ref"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_conversations_ranking",
        "conversations",
        ["queue", "urgency", "respond_by", "waiting_since", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def _create_messages() -> None:
    op.create_table(
        "messages",
        _uuid("id"),
        _uuid("conversation_id"),
        _number("position"),
        _text("role", 16),
        _text("channel", 32),
        _text("external_id", 200, nullable=True),
        _text("content_type", 16),
        _text("text"),
        _moment("sent_at", nullable=True),
        _moment("received_at"),
        _text("body_hash", 64, nullable=True),
        _text("answer", nullable=True),
        _text("reply_key", 64, nullable=True),
        _text("reply_version", 32, nullable=True),
        _key("messages"),
        _unique("messages", "channel", "external_id"),
        _unique("messages", "conversation_id", "position"),
        _belongs("messages", "conversation_id", "conversations.id"),
    )


def _create_assessments() -> None:
    op.create_table(
        "assessments",
        _uuid("message_id"),
        _uuid("conversation_id"),
        _moment("created_at"),
        _text("category", 32),
        _json("category_scores"),
        _json("signals"),
        _json("signal_scores"),
        _number("level"),
        _number("message_level"),
        sa.Column("risk_score", sa.Double(), nullable=False),
        _flag("escalate"),
        _json("degraded"),
        _json("evidence"),
        _flag("has_evidence"),
        _text("disposition", 32),
        _text("queue", 32),
        _number("respond_within_s"),
        _text("reply_key", 64),
        _text("reason"),
        _text("model_version", 128),
        _text("lexicon_version", 64),
        _text("policy_version", 64),
        _key("assessments", "message_id"),
        _belongs("assessments", "message_id", "messages.id"),
        _belongs("assessments", "conversation_id", "conversations.id"),
    )
    op.create_index("ix_assessments_conversation_id", "assessments", ["conversation_id"])


def _create_records() -> None:
    op.create_table(
        "audit_entries",
        _serial(),
        _moment("at"),
        _text("actor_role", 32),
        _text("actor_id", 64),
        _text("action", 64),
        _text("subject_kind", 32),
        _text("subject_id", 64),
        _text("request_id", 64, nullable=True),
        _json("details"),
        _key("audit_entries"),
        sqlite_autoincrement=True,
    )
    subject = ["subject_kind", "subject_id"]
    op.create_index("ix_audit_entries_subject_kind_subject_id", "audit_entries", subject)
    op.create_table(
        "events",
        _serial(),
        _text("kind", 32),
        _uuid("conversation_id"),
        _moment("at"),
        _key("events"),
        _belongs("events", "conversation_id", "conversations.id"),
        sqlite_autoincrement=True,
    )


def _forbid_audit_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_APPEND_ONLY_FUNCTION)
        op.execute(_APPEND_ONLY_POSTGRESQL)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(_APPEND_ONLY_SQLITE.format(name=verb.lower(), verb=verb))
