"""The systems that are compared, and their answers to the rows of a dataset."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from eval.answers import Answer, RowAnswer, parse_answer
from eval.dataset import Sample
from eval.errors import DatasetError, RowError
from eval.lines import open_lines
from eval.predict import DEFAULT_BATCH, answer_batch, split_batches
from eval.rows import Row, parse_fields, parse_id
from eval.workers import PipelineWorkers
from triage.labels import RiskLevel, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One compared system's answers, one per sample in order; None where it gave an error row.

    ``gives_probability`` is False for a score that only ranks; calibration is then not measured.
    """

    key: str
    title: str
    gives_probability: bool
    answers: tuple[RowAnswer | None, ...]


class Baseline(Protocol):
    """Anything that answers texts one by one."""

    def answer_texts(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text, in order."""
        ...


def answer_with_pipeline(workers: PipelineWorkers, samples: Sequence[Sample]) -> list[RowAnswer | None]:
    """The pipeline's answers, by the same path that ``predict`` takes."""
    answers: list[RowAnswer | None] = []
    rows: list[Row] = [sample.row for sample in samples]
    with tqdm(total=len(rows), unit=" rows", disable=None, file=sys.stderr) as progress:
        for answered in workers.map_batches(answer_batch, split_batches(rows, size=DEFAULT_BATCH)):
            answers.extend(parse_answer(json.loads(line)) for line in answered.lines)
            progress.update(len(answered.lines))
    return answers


def answer_with_baseline(baseline: Baseline, samples: Sequence[Sample]) -> list[RowAnswer | None]:
    """A baseline's answers; each youth turn is read with those before it, and an alarm stays."""
    texts: list[str] = []
    for sample in samples:
        said = sample.row.youth_texts
        texts.extend("\n".join(said[: count + 1]) for count in range(len(said)))
    remaining = iter(baseline.answer_texts(texts))
    answers: list[RowAnswer | None] = []
    for sample in samples:
        turns = _keep_alarm([next(remaining) for _ in sample.row.youth_texts])
        answers.append(RowAnswer(id=sample.row.id, final=turns[-1], turns=tuple(turns)))
    return answers


def _keep_alarm(turns: Sequence[Answer]) -> list[Answer]:
    """Level, signals and score as running maxima, as the service has them."""
    signals: frozenset[Signal] = frozenset()
    level = RiskLevel.NONE
    risk_score, escalate = 0.0, False
    kept: list[Answer] = []
    for turn in turns:
        signals |= turn.signals
        level = max(level, turn.level)
        risk_score, escalate = max(risk_score, turn.risk_score), escalate or turn.escalate
        kept.append(
            Answer(
                category=turn.category,
                risk_score=risk_score,
                escalate=escalate,
                signals=signals,
                level=level,
            )
        )
    return kept


def read_predictions(source: str, samples: Sequence[Sample]) -> list[RowAnswer | None]:
    """Answers from a file that ``predict`` wrote, matched by id.

    Raises ``DatasetError`` when a row of the dataset has no answer row or two, or when a line is no
    answer row: what is missing must not be left out of a measure in silence.
    """
    found: dict[str | int, RowAnswer | None] = {}
    problems: list[str] = []
    with open_lines(source) as lines:
        for line in lines:
            try:
                fields = parse_fields(line)
                answer = parse_answer(fields)
                row_id = parse_id(fields)
                if row_id in found:
                    raise RowError("duplicate_id", "the id was already answered on an earlier line")
                found[row_id] = answer
            except RowError as error:
                problems.append(f"line {line.number}: {error.code}: {error.message}")
    problems.extend(problem for sample in samples if (problem := _check_answer(found, sample.row)))
    if problems:
        raise DatasetError(Path(source).name, problems)
    return [found[sample.row.id] for sample in samples]


def _check_answer(found: Mapping[str | int, RowAnswer | None], row: Row) -> str | None:
    if row.id not in found:
        return f"no answer for the row on line {row.line} of the dataset"
    answer = found[row.id]
    if answer is not None and len(answer.turns) != len(row.youth_indices):
        return f"the answer for the row on line {row.line} of the dataset has another number of turns"
    return None
