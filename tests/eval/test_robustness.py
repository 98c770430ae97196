"""Lost and added alarms are counted as they are, on the altered rows alone."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.dataset import load_dataset
from eval.perturbations import KINDS
from eval.robustness import measure_robustness
from eval.workers import PipelineWorkers
from tests.eval.files import calm_row, danger_row, write_rows
from tests.eval.pipelines import load_keywords

ROWS = 40


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """As many dangerous rows as calm ones."""
    rows = [danger_row(f"d{number}") for number in range(ROWS)] + [
        calm_row(f"c{number}") for number in range(ROWS)
    ]
    return write_rows(tmp_path / "rows.jsonl", rows)


def test_a_keyword_hidden_is_an_alarm_lost(dataset: Path) -> None:
    with PipelineWorkers(load=load_keywords, artefact=None) as workers:
        found = measure_robustness(
            load_dataset(str(dataset)),
            workers=workers,
            tell=lambda _: None,
            kinds=["zero_width", "full_width"],
        )
    hidden, wide = found
    assert hidden.changed == 1.0
    assert hidden.recall_loss.n == ROWS
    assert hidden.recall.value == pytest.approx(1.0 - (hidden.recall_loss.value or 0.0))
    assert hidden.false_alarm_rise.value == 0.0
    assert wide.changed == 0.0
    assert not wide.recall_loss.is_measured


def test_the_command_prints_every_kind_and_writes_no_text(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    assert main(["perturb", str(dataset), "--out", str(out)], load=load_keywords) == 0
    printed = capsys.readouterr().out
    assert all(f"| {kind} |" in printed for kind in KINDS)
    assert [each["kind"] for each in json.loads(out.read_text(encoding="utf-8"))["kinds"]] == list(KINDS)
    assert "不想活" not in out.read_text(encoding="utf-8")


def test_an_unknown_kind_is_refused(dataset: Path) -> None:
    with pytest.raises(SystemExit):
        main(["perturb", str(dataset), "--kinds", "rot13"], load=load_keywords)
