"""Frozen encoders answer in the format of ``predict``, and tell what a child could tell apart."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from eval.answers import parse_answer
from models.baselines import ENCODERS, FloatArray, answer_rows, main
from triage.labels import Category

DANGER = ["我不想活了", "真的撑不下去了，想死", "活着没有意义，想结束", "今晚就不在了"]
CALM = ["助学金怎么申请", "请问几点下班", "学费可以分期吗", "补助在哪里交材料"]


def rows(texts: Sequence[str], *, escalate: bool) -> list[dict[str, object]]:
    category = Category.PSYCHOLOGY if escalate else Category.AID
    return [
        {"id": text, "text": text, "labels": {"escalate": escalate, "category": category.value}}
        for text in texts
    ]


TRAIN: list[dict[str, object]] = [
    *rows(DANGER, escalate=True),
    *rows(CALM, escalate=False),
    {"id": "l", "text": "合同纠纷", "labels": {"category": "legal"}},
    {"id": "o", "text": "天气不错", "labels": {"category": "other"}},
]


def embed_lengths(texts: Sequence[str]) -> FloatArray:
    """One hot for danger words, one for the rest."""
    return np.array(
        [[any(char in text for char in "死活撑不在"), "费" in text, len(text) / 20] for text in texts],
        np.float32,
    )


def test_answers_are_those_of_predict() -> None:
    answers = answer_rows(TRAIN, rows(["想死", "学费"], escalate=True), embed=embed_lengths)
    parsed = [parse_answer(answer) for answer in answers]
    assert [answer.final.escalate for answer in parsed if answer] == [True, False]


@pytest.mark.parametrize("encoder", sorted(ENCODERS))
def test_a_frozen_encoder_ranks_danger_first(encoder: str, tmp_path: Path) -> None:
    test = [*rows(["我想死，不想活"], escalate=True), *rows(["助学金几点可以申请"], escalate=False)]
    for name, content in (("train", TRAIN), ("test", test)):
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    paths = [
        "--train",
        str(tmp_path / "train"),
        "--test",
        str(tmp_path / "test"),
        "--out",
        str(tmp_path / "out"),
    ]
    main(["--encoder", encoder, *paths])
    danger, calm = (json.loads(line) for line in (tmp_path / "out").read_text(encoding="utf-8").splitlines())
    assert danger["risk_score"] > calm["risk_score"]
