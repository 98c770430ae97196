"""``ConversationState`` as JSON for the database, and back."""

from typing import Any

from pydantic import TypeAdapter

from triage.intake.state import IntakeState
from triage.labels import Category, Queue, RiskLevel, Signal
from triage.message import ConversationState, Role, Turn

FORMAT = 2
_BEFORE_INTAKE = 1
"""The format of states that were stored before there was an intake; theirs begins at its beginning."""
_INTAKE = TypeAdapter(IntakeState)


def encode_state(state: ConversationState) -> dict[str, Any]:
    """A state as plain JSON values, with the format's number."""
    return {
        "format": FORMAT,
        "turns": [[turn.role.value, turn.text] for turn in state.turns],
        "level": int(state.level),
        "signals": sorted(state.signals),
        "risk_score": state.risk_score,
        "category": state.category,
        "queue": state.queue,
        "escalated": state.escalated,
        "degraded": state.degraded,
        "in_review": state.in_review,
        "replies_sent": list(state.replies_sent),
        "intake": _INTAKE.dump_python(state.intake, mode="json"),
    }


def decode_state(raw: dict[str, Any]) -> ConversationState:
    """The state that ``encode_state`` wrote; ``ValueError`` or ``KeyError`` when it is not one."""
    if raw["format"] not in (FORMAT, _BEFORE_INTAKE):
        raise ValueError("a conversation's state has an unknown format")
    return ConversationState(
        turns=tuple(Turn(role=Role(role), text=text) for role, text in raw["turns"]),
        level=RiskLevel(raw["level"]),
        signals=frozenset(Signal(signal) for signal in raw["signals"]),
        risk_score=float(raw["risk_score"]),
        category=None if raw["category"] is None else Category(raw["category"]),
        queue=None if raw["queue"] is None else Queue(raw["queue"]),
        escalated=bool(raw["escalated"]),
        degraded=bool(raw["degraded"]),
        in_review=bool(raw["in_review"]),
        replies_sent=tuple(raw["replies_sent"]),
        intake=IntakeState() if raw["format"] == _BEFORE_INTAKE else _INTAKE.validate_python(raw["intake"]),
    )
