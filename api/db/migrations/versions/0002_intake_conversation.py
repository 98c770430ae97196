"""What the intake conversation needs: counsellors' replies, held back turns, recalls, typing, silence."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CONVERSATION_MOMENTS = ("answered_at", "silence_due_at", "silent_since", "typing_until", "youth_typing_until")
_MESSAGE_MOMENTS = ("visible_at", "withdrawn_at", "recalled_at")
_DUE = sa.text("silence_due_at IS NOT NULL")
_TYPING = sa.text("typing_until IS NOT NULL")


def upgrade() -> None:
    """Go to this revision; columns are only added, so that SQLite rewrites no table (a rewrite cascades)."""
    for name in _CONVERSATION_MOMENTS:
        op.add_column("conversations", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("answered_by", sa.Uuid(), nullable=True))
    op.add_column("messages", sa.Column("question_key", sa.String(64), nullable=True))
    for name in _MESSAGE_MOMENTS:
        op.add_column("messages", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_conversations_silence_due",
        "conversations",
        ["silence_due_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_index(
        "ix_conversations_typing",
        "conversations",
        ["typing_until"],
        sqlite_where=_TYPING,
        postgresql_where=_TYPING,
    )


def downgrade() -> None:
    """Go back to the first tables; the turns of counsellors stay."""
    op.drop_index("ix_conversations_typing", "conversations")
    op.drop_index("ix_conversations_silence_due", "conversations")
    for name in (*_MESSAGE_MOMENTS, "question_key"):
        op.drop_column("messages", name)
    for name in (*_CONVERSATION_MOMENTS, "answered_by"):
        op.drop_column("conversations", name)
