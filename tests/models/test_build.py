"""The whole chain on a few of our own sentences: train, export, calibrate, card, and serve the result."""

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from models.calibrate import bound_share, calibrate, choose_alarm, fit_line, fit_temperature
from models.card import wilson, write_card
from models.data import OWN_DATA, Corpus, load_corpus, write_fold
from models.example import Example, Fold
from models.export import ParityError, check_parity, export
from models.settings import TrainingConfig, load_config
from models.train import load_checkpoint, train
from triage.labels import Category, Signal
from triage.pipeline import load_pipeline

CONFIG = TrainingConfig(
    name="tiny", version="0", seed=5, layers=1, max_tokens=32, epochs=1, min_piece_count=50,
    calibration_share=0.3, test_share=0.3, perturb_share=0.0, surround_share=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    own = tmp_path_factory.mktemp("own")
    (own / "authored").mkdir()
    (own / "conversations").mkdir()
    lines = (OWN_DATA / "authored" / "hardneg.tsv").read_text(encoding="utf-8").splitlines()
    (own / "authored" / "few.tsv").write_text("\n".join([lines[0], *lines[1::2]]), encoding="utf-8")
    talks = (OWN_DATA / "conversations" / "base.jsonl").read_text(encoding="utf-8").splitlines()
    (own / "conversations" / "few.jsonl").write_text("\n".join(talks[:12]), encoding="utf-8")
    return load_corpus(None, CONFIG, own=own)


@pytest.fixture(scope="module")
def checkpoint(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run")
    train(corpus, CONFIG, run)
    return run


@pytest.fixture(scope="module")
def artefact(corpus: Corpus, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(checkpoint, corpus, tmp_path_factory.mktemp("artifacts"))


def test_groups_never_cross_folds(corpus: Corpus) -> None:
    groups = [{example.group for example in corpus.folds[fold]} for fold in Fold]
    assert all(groups)
    assert sum(map(len, groups)) == len(set.union(*groups))


def test_the_chain_makes_an_artefact_that_serves(corpus: Corpus, artefact: Path) -> None:
    calibrate(artefact, corpus.folds[Fold.CALIBRATION])
    write_card(artefact, corpus)
    manifest = json.loads((artefact / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metrics"]["escalate"]["all"]["n"] == len(corpus.folds[Fold.TEST])
    assert manifest["parity"]["float32_max"] < 1e-3
    assert set(manifest["data"]) == {"few.tsv", "few.jsonl"}
    assert load_pipeline(artefact=artefact).model_version == "tiny/0"
    card = (artefact / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "not measured" in card
    assert "{" not in card


def test_a_graph_that_differs_is_refused(
    checkpoint: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.export.PARITY_TOLERANCE", 0.0)
    network, _, _ = load_checkpoint(checkpoint)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    with pytest.raises(ParityError, match="differs from torch"):
        check_parity(network, tokenizer, [example.text for example in corpus.train[:20]])


def test_folds_are_written_as_evaluation_rows(corpus: Corpus, tmp_path: Path) -> None:
    write_fold(corpus.folds[Fold.TEST], tmp_path / "test.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "test.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"id", "text", "labels", "group", "source"} <= rows[0].keys()
    assert {row["labels"]["escalate"] for row in rows} == {True, False}


def test_an_unknown_setting_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("name: x\nversion: '1'\nlayerz: 3\n", encoding="utf-8")
    with pytest.raises(ValueError, match="layerz"):
        load_config(tmp_path / "c.yaml")


def test_calibration_undoes_a_known_distortion() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=20_000)
    wanted = (rng.random(20_000) < 1 / (1 + np.exp(-truth))).astype(np.float32)
    line = fit_line((2 * truth + 1).astype(np.float32), wanted)
    assert line.slope == pytest.approx(0.5, abs=0.05)
    assert line.offset == pytest.approx(-0.5, abs=0.06)
    logits = np.stack([truth, -truth], axis=1).astype(np.float32) / 2
    onehot = np.stack([wanted, 1 - wanted], axis=1).astype(np.float32)
    assert fit_temperature((3 * logits).astype(np.float32), onehot)[0] == pytest.approx(3.0, rel=0.1)


def test_alarm_and_review_keep_their_promises() -> None:
    rng = np.random.default_rng(1)
    wanted = (rng.random(5000) < 0.3).astype(np.float32)
    scores = np.clip(rng.normal(0.35 + 0.4 * wanted, 0.15), 0, 1).astype(np.float32)
    alarm, review, guarantee = choose_alarm(scores, wanted)
    assert np.mean(scores[wanted < 0.5] >= alarm) <= 0.04
    assert np.mean(scores[wanted > 0.5] >= review) >= 0.98
    assert guarantee["missed"] == np.sum((wanted > 0.5) & (scores < review))
    assert guarantee["bound"] <= guarantee["miss_rate"]
    assert bound_share(int(guarantee["missed"]) + 1, int(guarantee["n"])) > guarantee["miss_rate"]


def test_ordinary_talk_alarms_less_than_what_is_like_danger() -> None:
    rng = np.random.default_rng(3)
    wanted = np.repeat([1, 0, 0], 1000).astype(np.float32)
    ordinary = np.repeat([False, False, True], 1000)
    scores = np.concatenate([rng.beta(8, 2, 1000), rng.beta(2, 8, 1000), rng.beta(4, 6, 1000)]).astype(
        np.float32
    )
    alarm, _, _ = choose_alarm(scores, wanted, ordinary=ordinary)
    assert np.mean(scores[ordinary] >= alarm) <= 0.01


def test_the_miss_rate_is_kept_in_nineteen_of_twenty_calibrations() -> None:
    rng = np.random.default_rng(2)
    kept = []
    for _ in range(400):
        scores = rng.beta(4, 1, 600).astype(np.float32)
        _, review, guarantee = choose_alarm(
            np.append(scores, 0.5), np.append(np.ones(600), 0).astype(np.float32)
        )
        kept.append(review**4 <= guarantee["miss_rate"])  # the true share of a beta(4, 1) below it
    assert 0.93 <= np.mean(kept) <= 0.99


def test_too_few_texts_promise_nothing_they_cannot_keep() -> None:
    scores = np.linspace(0.2, 0.9, 21).astype(np.float32)
    _, review, guarantee = choose_alarm(scores, (scores > 0.5).astype(np.float32))
    assert review <= scores[scores > 0.5].min()
    assert guarantee["missed"] == 0
    assert guarantee["bound"] > guarantee["miss_rate"]


def test_wilson_matches_a_known_interval() -> None:
    low, high = wilson(9, 10)
    assert (low, high) == pytest.approx((0.5958, 0.9821), abs=1e-3)


def test_a_fold_is_written_with_whole_labels_only(tmp_path: Path) -> None:
    known = Example(id="a", text="一", source="s", group="g", category=Category.LEGAL, signals={})
    partly = Example(id="b", text="二", source="s", group="g", signals={Signal.SUICIDE: True})
    write_fold([known, partly], tmp_path / "fold.jsonl")
    [row] = [json.loads(line) for line in (tmp_path / "fold.jsonl").read_text(encoding="utf-8").splitlines()]
    assert row["labels"] == {"category": "legal"}
