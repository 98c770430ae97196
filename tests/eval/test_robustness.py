"""Lost and added alarms are counted as they are, on the altered rows alone."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.dataset import load_dataset
from eval.perturbations import KINDS
from eval.robustness import measure_robustness
from eval.workers import PipelineWorkers
from tests.eval.files import calm_row, danger_row, labelled, write_rows
from tests.eval.pipelines import load_keywords
from tests.factories import build_pipeline
from tests.fakes import THRESHOLDS, predict_one
from triage.classifier.base import Prediction
from triage.pipeline import TriagePipeline

ROWS = 40


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """As many dangerous rows as calm ones."""
    rows = [danger_row(f"d{number}") for number in range(ROWS)] + [
        calm_row(f"c{number}") for number in range(ROWS)
    ]
    return write_rows(tmp_path / "rows.jsonl", rows)


class Flips:
    """Alarms on dangerous rows as they are written in the file, and on calm rows once they are rewritten."""

    version, thresholds = "flips/test", THRESHOLDS

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """High for the one text as it stands, and for any other with emoji."""
        return [
            predict_one(escalate=0.99 if text == HIDDEN or ("🙂" in text and "作业" in text) else 0.01)
            for text in texts
        ]


HIDDEN = "活着好累啊"
"""No phrase of the lexicon, so that the classifier alone decides."""


def load_flips(_artefact: Path | None) -> TriagePipeline:
    return build_pipeline(classifier=Flips())


def test_alarms_lost_and_added_are_told_apart(tmp_path: Path) -> None:
    rows = [
        *(labelled(f"d{at}", HIDDEN, signals=["suicide"], level=2) for at in range(ROWS)),
        *(labelled(f"c{at}", "作业写完了", signals=[], level=0) for at in range(ROWS)),
    ]
    dataset = load_dataset(str(write_rows(tmp_path / "flips.jsonl", rows)))
    with PipelineWorkers(load=load_flips, artefact=None) as workers:
        emoji, wide = measure_robustness(
            dataset, workers=workers, tell=lambda _: None, kinds=["emoji", "full_width"]
        )
    assert (emoji.recall.value, emoji.recall_loss.value, emoji.recall_loss.n) == (0.0, 1.0, ROWS)
    assert (emoji.false_alarms.value, emoji.false_alarm_rise.value) == (1.0, 1.0)
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
