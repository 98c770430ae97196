"""Answer rows: what ``predict`` writes for a row, and what ``run`` reads back to score it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.errors import RowError
from eval.rows import BadRow, Row, parse_id
from triage.labels import CATEGORIES, SIGNALS, Category, RiskLevel, Signal, Subject
from triage.risk.assessment import Assessment, TriageResult
from triage.signals.hit import WEAKENING

_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system says of a text, or of a conversation after one of its youth turns."""

    category: Category
    risk_score: float
    escalate: bool
    signals: frozenset[Signal]
    level: RiskLevel
    degraded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAnswer:
    """The answer for a row after its last youth turn, and those after each youth turn, in order."""

    id: str | int
    final: Answer
    turns: tuple[Answer, ...]


def render_answer(row: Row, results: Sequence[TriageResult]) -> dict[str, Any]:
    """The answer row for a row and the pipeline's results for its youth turns, in order."""
    turns = [
        {"index": index, **_render_assessment(result.assessment)}
        for index, result in zip(row.youth_indices, results, strict=True)
    ]
    top = {key: value for key, value in turns[-1].items() if key != "index"}
    if row.is_conversation:
        reasons = list(dict.fromkeys(reason for turn in turns for reason in turn["degraded_reasons"]))
        top["degraded"], top["degraded_reasons"] = bool(reasons), reasons
        told = [turn["subject"] for turn in turns if turn["subject"] != Subject.NONE]
        top["subject"] = told[-1] if told else Subject.NONE.value
        top["evidence"] = [{"turn": turn["index"], **item} for turn in turns for item in turn["evidence"]]
    return {"id": row.id, **top, "turns": turns}


def render_bad_row(bad: BadRow) -> dict[str, Any]:
    """The error row for a line that could not be read or answered."""
    return {"id": bad.id, "line": bad.line, "error": {"code": bad.code, "message": bad.message}}


def _render_assessment(assessment: Assessment) -> dict[str, Any]:
    return {
        "category": assessment.category.value,
        "category_scores": {c.value: _round(assessment.category_scores[c]) for c in CATEGORIES},
        "signals": [signal.value for signal in SIGNALS if signal in assessment.signals],
        "signal_scores": {s.value: _round(assessment.signal_scores[s]) for s in SIGNALS},
        "level": int(assessment.level),
        "subject": assessment.message_subject.value,
        "risk_score": _round(assessment.risk_score),
        "escalate": assessment.escalate,
        "degraded": bool(assessment.degraded),
        "degraded_reasons": [reason.value for reason in assessment.degraded],
        "evidence": [
            {"signal": item.signal.value, "start": item.start, "end": item.end, "text": item.text}
            for item in assessment.evidence
            if WEAKENING.isdisjoint(item.flags)
        ],
    }


def _round(score: float) -> float:
    return round(float(score), _DECIMALS)


def parse_answer(fields: Mapping[str, Any]) -> RowAnswer | None:
    """A row answer from a line of a predictions file; None for an error row.

    Raises ``RowError`` when the fields are not those of an answer row.
    """
    if "error" in fields:
        return None
    row_id = parse_id(fields)
    try:
        turns = tuple(_parse_fields(turn) for turn in fields["turns"])
        return RowAnswer(id=row_id, final=_parse_fields(fields), turns=turns)
    except (KeyError, TypeError, ValueError) as error:
        raise RowError("invalid_answer", f"no answer row: {error!r}", row_id=row_id) from error


def _parse_fields(fields: Mapping[str, Any]) -> Answer:
    score = fields["risk_score"]
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0.0 <= score <= 1.0:
        raise ValueError("risk_score must be a number from 0 to 1")
    if not isinstance(fields["escalate"], bool) or not isinstance(fields["degraded"], bool):
        raise ValueError("escalate and degraded must be true or false")
    return Answer(
        category=Category(fields["category"]),
        risk_score=float(score),
        escalate=fields["escalate"],
        signals=frozenset(Signal(name) for name in fields["signals"]),
        level=RiskLevel(fields["level"]),
        degraded=fields["degraded"],
    )
