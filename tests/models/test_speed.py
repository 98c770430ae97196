"""The other pipeline really answers, and operations are counted as they are done."""

from pathlib import Path

import numpy as np
import pytest

from models.network import LOGITS
from models.speed import FLOAT32, INT8, Product, build_pipeline, count_operations, measure_pace, measure_peak
from models.vocabulary import SPECIAL, make_tokenizer

TEXTS = ["今天好累", "吃面", "好累好累今天吃面"]


def test_the_plain_pipeline_scores_every_text(tmp_path: Path) -> None:
    tokenizer = make_tokenizer([*SPECIAL, "▁", *"今天吃面好累"], np.zeros(11, np.float32) - 1)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    answer = build_pipeline(tmp_path / "tokenizer.json", layers=1)
    answers = answer(TEXTS)
    assert isinstance(answers, list)
    assert [len(scores) for scores in answers] == [LOGITS] * len(TEXTS)


def test_pace_comes_from_one_call_for_all_and_one_for_each() -> None:
    asked: list[int] = []
    pace = measure_pace(lambda texts: asked.append(len(texts)), TEXTS)
    assert asked == [3, 3, 1, 1, 1]
    assert pace.per_s > 0


@pytest.mark.parametrize("product", [INT8, FLOAT32], ids=lambda product: product.operator)
def test_a_peak_is_measured(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.speed.SQUARE", 64)
    assert measure_peak(product, threads=1) > 1e6


def test_operations_of_a_layer_are_those_of_its_matrices() -> None:
    network = {"hidden": 4, "intermediate": 8, "layers": 2}
    tokens, hidden, inner = 3, 4, 8
    projections = 4 * tokens * hidden * hidden
    forward = 2 * tokens * hidden * inner
    attention = 2 * tokens * tokens * hidden
    wanted = 2 * 2 * (projections + forward + attention)
    assert count_operations(tokens, network=network) == pytest.approx(wanted)
