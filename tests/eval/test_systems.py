import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.answers import Answer
from eval.errors import DatasetError
from eval.predict import predict_file
from eval.systems import answer_with_baseline, answer_with_pipeline, read_predictions
from eval.workers import PipelineWorkers
from tests.eval.files import (
    answer,
    calm_row,
    danger_row,
    disclosing_row,
    read_rows,
    samples,
    write_rows,
    youth,
)
from tests.eval.pipelines import MARKER, load_exploding, load_keywords
from triage.labels import Category, RiskLevel, Signal

ROWS = [danger_row("a"), calm_row("b"), disclosing_row("c")]


class EchoBaseline:
    """Alarms on texts that end with an exclamation mark, and remembers what it read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def answer_texts(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text."""
        self.read = list(texts)
        return [
            answer(escalate=True, signals=[Signal.BULLYING], level=3, category=Category.PSYCHOLOGY)
            if text.endswith("!")
            else answer(category=Category.OTHER)
            for text in texts
        ]


def test_a_baseline_reads_each_turn_with_those_before_and_keeps_its_alarm() -> None:
    row = {"id": "c", "turns": [youth("一"), youth("二!"), youth("三")], "labels": {"level": 3}}
    baseline = EchoBaseline()
    (found,) = answer_with_baseline(baseline, samples(row))
    assert found is not None
    assert baseline.read == ["一", "一\n二!", "一\n二!\n三"]
    assert [turn.escalate for turn in found.turns] == [False, True, True]
    assert [turn.level for turn in found.turns] == [RiskLevel.NONE, RiskLevel.HIGH, RiskLevel.HIGH]
    assert found.final.signals == {Signal.BULLYING}
    assert found.final.risk_score == 0.9
    assert found.final.category is Category.OTHER


def test_the_pipeline_answers_as_predict_does(tmp_path: Path) -> None:
    rows = samples(*ROWS)
    with PipelineWorkers(load=load_keywords, artefact=None) as workers:
        answers = answer_with_pipeline(workers, rows)
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    predict_file(str(source), destination=str(tmp_path / "out.jsonl"), load=load_keywords)
    assert read_predictions(str(tmp_path / "out.jsonl"), rows) == answers
    assert [found.final.escalate for found in answers if found] == [True, False, True]


def test_an_error_row_is_no_answer() -> None:
    with PipelineWorkers(load=load_exploding, artefact=None) as workers:
        answers = answer_with_pipeline(workers, samples(danger_row("a"), danger_row("b", text=MARKER)))
    assert [found is None for found in answers] == [False, True]


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    predict_file(str(source), destination=str(tmp_path / "out.jsonl"), load=load_keywords)
    return tmp_path / "out.jsonl"


def test_predictions_may_come_in_any_order(predictions: Path) -> None:
    write_rows(predictions, reversed(read_rows(predictions)))
    found = read_predictions(str(predictions), samples(*ROWS))
    assert [each.id for each in found if each] == ["a", "b", "c"]


def test_an_error_row_in_the_file_is_no_answer(predictions: Path) -> None:
    kept = read_rows(predictions)[1:]
    error = {"id": "a", "line": 1, "error": {"code": "triage_failed", "message": "m"}}
    write_rows(predictions, [error, *kept])
    assert read_predictions(str(predictions), samples(*ROWS))[0] is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param("drop", "no answer for the row on line 2", id="missing"),
        pytest.param("twice", "already answered", id="twice"),
        pytest.param("turns", "another number of turns", id="turns"),
        pytest.param("other", "no answer row", id="not an answer"),
    ],
)
def test_predictions_that_do_not_fit_stop_the_run(predictions: Path, change: str, problem: str) -> None:
    rows = read_rows(predictions)
    changed = {
        "drop": [rows[0], rows[2]],
        "twice": [*rows, rows[0]],
        "turns": [rows[0], rows[1], {**rows[2], "turns": rows[2]["turns"][:1]}],
        "other": [rows[0], rows[1], {"id": "c"}],
    }[change]
    write_rows(predictions, changed)
    with pytest.raises(DatasetError, match=problem):
        read_predictions(str(predictions), samples(*ROWS))


def test_the_texts_are_in_no_message(predictions: Path) -> None:
    predictions.write_text(json.dumps({"id": "a", "turns": "不能说的话"}) + "\n", encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_predictions(str(predictions), samples(*ROWS))
    assert "不能说的话" not in str(caught.value)
