"""Small files for tests: rows, labelled rows and answers. All sentences are invented."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eval.answers import Answer, RowAnswer
from eval.dataset import Sample, parse_sample
from triage.labels import Category, RiskLevel, Signal

DANGER = "我不想活了，每天都很难过"
CALM = "请问助学金的学费怎么申请"


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A JSON-lines file."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def names_in(folder: Path) -> list[str]:
    """The names of all files in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


def labelled(row_id: str, text: str, **labels: Any) -> dict[str, Any]:
    """A labelled text row."""
    return {"id": row_id, "text": text, "labels": labels}


def danger_row(row_id: str, **more: Any) -> dict[str, Any]:
    """A labelled row that escalates."""
    row = labelled(row_id, DANGER, category="psychology", signals=["suicide"], level=2, subject="self")
    return {**row, **more}


def calm_row(row_id: str, **more: Any) -> dict[str, Any]:
    """A labelled row without danger."""
    row = labelled(row_id, CALM, category="aid", signals=[], level=0, subject="none")
    return {**row, **more}


def youth(text: str, **labels: Any) -> dict[str, Any]:
    """A turn of the young person."""
    return {"role": "youth", "text": text, **labels}


def assistant(text: str = "我在听。") -> dict[str, Any]:
    """A turn of the assistant."""
    return {"role": "assistant", "text": text}


def disclosing_row(row_id: str, **more: Any) -> dict[str, Any]:
    """A labelled conversation that discloses danger at the youth's second turn."""
    turns = [
        youth("老师在吗", level=0, signals=[]),
        assistant(),
        youth(DANGER, level=2, signals=["suicide"]),
        youth("嗯", level=2, signals=["suicide"]),
    ]
    labels = {"category": "psychology", "signals": ["suicide"], "level": 2, "subject": "self"}
    return {"id": row_id, "turns": turns, "labels": labels, **more}


def samples(*rows: Mapping[str, Any]) -> list[Sample]:
    """Samples of labelled rows."""
    return [parse_sample(row, line=number) for number, row in enumerate(rows, start=1)]


def answer(
    *,
    escalate: bool = False,
    risk_score: float | None = None,
    category: Category = Category.PSYCHOLOGY,
    signals: Iterable[Signal] = (),
    level: int = 0,
    degraded: bool = False,
) -> Answer:
    """An answer; the score follows the alarm where none is given."""
    return Answer(
        category=category,
        risk_score=(0.9 if escalate else 0.1) if risk_score is None else risk_score,
        escalate=escalate,
        signals=frozenset(signals),
        level=RiskLevel(level),
        degraded=degraded,
    )


def row_answer(row_id: str, *turns: Answer) -> RowAnswer:
    """The answer for a row, one answer per youth turn."""
    return RowAnswer(id=row_id, final=turns[-1], turns=turns)
