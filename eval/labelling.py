"""Labels of a row as a file states them, checked against the label scheme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from eval.errors import RowError
from eval.rows import Row
from triage.labels import Category, RiskLevel, Signal, Subject, escalates
from triage.message import Role

Member = TypeVar("Member", bound=Enum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What the right answer is; None where it was not labelled."""

    category: Category | None = None
    also: frozenset[Category] = frozenset()
    signals: frozenset[Signal] | None = None
    level: RiskLevel | None = None
    escalate: bool | None = None
    subject: Subject | None = None


def parse_labels(fields: object) -> Labels:
    """Labels from a JSON object; ``escalate`` follows from signals and level where it is left out."""
    if not isinstance(fields, dict):
        raise RowError("invalid_labels", "labels must be an object")
    signals = _parse_members(fields, "signals", Signal)
    level = _parse_level(fields.get("level"))
    escalate = fields.get("escalate")
    if escalate is not None and not isinstance(escalate, bool):
        raise RowError("invalid_labels", "escalate must be true or false")
    if signals is not None and level is not None:
        implied = escalates(signals, level)
        if escalate is not None and escalate is not implied:
            raise RowError("contradiction", f"signals and level mean escalate={str(implied).lower()}")
        escalate = implied
    labels = Labels(
        category=_parse_member(fields, "category", Category),
        also=_parse_members(fields, "also", Category) or frozenset(),
        signals=signals,
        level=level,
        escalate=escalate,
        subject=_parse_member(fields, "subject", Subject),
    )
    if labels.category is None and signals is None and level is None and escalate is None:
        raise RowError("no_labels", "a row needs at least one of category, signals, level, escalate")
    return labels


def _parse_member(fields: Mapping[str, Any], key: str, kind: type[Member]) -> Member | None:
    value = fields.get(key)
    if value is None:
        return None
    known = {member.value: member for member in kind}
    if not isinstance(value, str) or value not in known:
        raise RowError("invalid_labels", f"{key} must be one of {', '.join(known)}")
    return known[value]


def _parse_members(fields: Mapping[str, Any], key: str, kind: type[Member]) -> frozenset[Member] | None:
    values = fields.get(key)
    if values is None:
        return None
    known = {member.value: member for member in kind}
    if not isinstance(values, list) or any(not isinstance(v, str) or v not in known for v in values):
        raise RowError("invalid_labels", f"{key} must be a list of {', '.join(known)}")
    return frozenset(known[value] for value in values)


def _parse_level(value: object) -> RiskLevel | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= max(RiskLevel):
        raise RowError("invalid_labels", f"level must be a whole number from 0 to {max(RiskLevel)}")
    return RiskLevel(value)


def parse_disclosure(fields: Mapping[str, Any], *, row: Row, labels: Labels) -> int | None:
    """The youth turn, from 0, at which a conversation should escalate.

    Taken from the labels of the turns, or from ``first_risk_turn`` (from 1; 0: none). Raises
    ``RowError`` where these, or the labels of the whole, contradict one another.
    """
    if not row.is_conversation:
        return None
    from_turns = _first_alarming(fields)
    stated = fields.get("first_risk_turn")
    if stated is not None and (isinstance(stated, bool) or not isinstance(stated, int)):
        raise RowError("invalid_labels", "first_risk_turn must be a whole number")
    if stated is not None and not 0 <= stated <= len(row.youth_indices):
        raise RowError("invalid_labels", "first_risk_turn counts the youth's turns from 1; 0 means none")
    if stated is not None and from_turns is not None and stated != from_turns:
        raise RowError("contradiction", "first_risk_turn does not fit the labels of the turns")
    found = from_turns if stated is None else stated
    if found is not None and labels.escalate is not None and labels.escalate is not (found > 0):
        raise RowError("contradiction", "escalate does not fit the labels of the turns")
    return found - 1 if found else None


def _first_alarming(fields: Mapping[str, Any]) -> int | None:
    """The first youth turn, from 1, whose labels escalate; 0 for none, None when not all have labels."""
    turns: Sequence[Mapping[str, Any]] = [turn for turn in fields["turns"] if turn["role"] == Role.YOUTH]
    if not all("level" in turn and "signals" in turn for turn in turns):
        return None
    return next((number for number, turn in enumerate(turns, start=1) if _turn_escalates(turn)), 0)


def _turn_escalates(turn: Mapping[str, Any]) -> bool:
    level, signals = _parse_level(turn["level"]), _parse_members(turn, "signals", Signal)
    return level is not None and signals is not None and escalates(signals, level)
