"""Calibrate an exported artefact on texts that it was not trained on, and choose its thresholds.

``python -m models.calibrate --artefact models/artifacts/NAME/VERSION --data ../shared/data``.
The calibration fold fits the curves and thresholds; figures are reported on the test fold alone.
"""

import argparse
import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression

from models.batching import encode_targets
from models.data import load_corpus_of
from models.example import Example, Fold
from models.export import seal
from models.network import HEADS
from models.sources import NEGATIVE_SOURCES
from triage.classifier.artefact import FILES
from triage.classifier.calibration import Line, mix_logits
from triage.classifier.onnx import OnnxClassifier, load_classifier
from triage.drift import count_bins
from triage.labels import LEVELS, SIGNALS

MIXES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
FALSE_ALARMS = 0.04
"""False alarms allowed on the calibration fold's harmless texts when the alarm threshold is chosen.

Most of these are written to be mistaken; on ordinary talk the same threshold alarms far less often.
"""
ORDINARY_FALSE_ALARMS = 0.01
"""And on public small talk and everyday questions of the calibration fold.

Nobody read these whole, and some of the alarms among them are right, so less is not asked.
"""
MISS_RATE = 0.02
"""Share of escalations that alarm and review together may miss."""
CONFIDENCE = 0.95
"""How sure that bound is over draws of the calibration set, for data exchangeable with it."""
LOWEST_REVIEW = 0.01
"""No message below this score is reviewed, whatever the bound asks for."""
FEWEST_OF_A_PART = 50
"""Texts without which a part of the set is no reference for drift."""
FLAT = 1e-3
"""Slope of a calibrated score that carries no information."""
FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


def fit_line(logits: FloatArray, targets: FloatArray) -> Line:
    """Platt scaling on the known targets; a near-empty class keeps the raw score."""
    known = ~np.isnan(targets)
    wanted = targets[known] > 0.5
    if min(wanted.sum(), (~wanted).sum()) < 5:
        return Line(slope=1.0, offset=0.0)
    model = LogisticRegression(C=1e4).fit(logits[known, None], wanted)
    slope, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    if slope <= 0:  # the score says nothing here: fall back to the base rate, never turn it round
        share = float(wanted.mean())
        return Line(slope=FLAT, offset=float(np.log(share / (1 - share))))
    return Line(slope=slope, offset=offset)


def apply_line(line: Line, logits: FloatArray) -> FloatArray:
    """Calibrated probabilities."""
    values = 1.0 / (1.0 + np.exp(-np.clip(line.slope * logits + line.offset, -30, 30)))
    return values.astype(np.float32)


def _log_loss(scores: FloatArray, targets: FloatArray) -> float:
    known = ~np.isnan(targets)
    clipped = np.clip(scores[known], 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(targets[known] > 0.5, np.log(clipped), np.log(1 - clipped))))


def fit_temperature(logits: FloatArray, targets: FloatArray) -> tuple[float, float]:
    """The temperature with the least cross-entropy over texts of known category, and that loss."""
    known = ~np.isnan(targets).any(axis=1)

    def loss(log_temperature: float) -> float:
        scaled = logits[known] / np.exp(log_temperature)
        peak = scaled.max(axis=1, keepdims=True)
        log_sum = peak[:, 0] + np.log(np.exp(scaled - peak).sum(axis=1))
        return float(np.mean(log_sum - (scaled * targets[known]).sum(axis=1)))

    best = minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded")
    return float(np.exp(best.x)), float(best.fun)


def choose_alarm(
    scores: FloatArray, targets: FloatArray, *, ordinary: BoolArray | None = None
) -> tuple[float, float, dict[str, float]]:
    """Thresholds for alarm and review, and what is guaranteed of the review.

    Few false alarms for the alarm, fewer still on the texts marked ``ordinary``. The review is the
    highest threshold that passes Learn Then Test (Angelopoulos et al. 2021): tested from the lowest
    up, each with the exact binomial bound of Clopper and Pearson on the share of escalations below
    it. Where even the lowest fails there are too few texts to promise anything; it is then used,
    and the bound says what does hold.
    """
    known = ~np.isnan(targets)
    positive, negative = np.sort(scores[known & (targets > 0.5)]), scores[known & (targets < 0.5)]
    if not len(positive) or not len(negative):
        raise ValueError("calibration needs texts to be escalated and texts that are not")
    alarm = cut_above(negative, FALSE_ALARMS)
    if ordinary is not None and ordinary.any():
        alarm = max(alarm, cut_above(scores[ordinary & known & (targets < 0.5)], ORDINARY_FALSE_ALARMS))
    alarm = float(np.clip(alarm, 0.05, 0.95))
    missed = 0
    while missed + 1 < len(positive) and bound_share(missed + 1, len(positive)) <= MISS_RATE:
        missed += 1
    review = float(np.clip(positive[missed], LOWEST_REVIEW, alarm))
    missed = int((positive < review).sum())
    guarantee = {
        "miss_rate": MISS_RATE,
        "confidence": CONFIDENCE,
        "n": len(positive),
        "missed": missed,
        "bound": bound_share(missed, len(positive)),
    }
    return alarm, review, guarantee


def cut_above(scores: FloatArray, share: float) -> float:
    """The lowest threshold at or above which no more than this share of the scores lies."""
    falling = np.sort(scores)[::-1]
    return float(np.nextafter(falling[int(share * len(falling))], np.float32(2)))


def bound_share(hits: int, total: int) -> float:
    """Upper bound of a share at ``CONFIDENCE``, exact (Clopper & Pearson 1934)."""
    return 1.0 if hits >= total else float(beta.ppf(CONFIDENCE, hits + 1, total - hits))


def choose_threshold(scores: FloatArray, targets: FloatArray) -> float:
    """The threshold with the best F1 on the known targets, within .2 to .8."""
    known = ~np.isnan(targets)
    wanted = targets[known] > 0.5
    cuts = np.linspace(0.2, 0.8, 25)

    def f1(cut: float) -> float:
        found = scores[known] >= cut
        return float(2 * (found & wanted).sum() / max(1, found.sum() + wanted.sum()))

    return float(max(cuts, key=f1))


def fit(
    network: FloatArray, ngrams: FloatArray, targets: FloatArray, *, ordinary: BoolArray
) -> dict[str, Any]:
    """Everything in ``calibration.json`` but its provenance; ``ordinary`` marks public everyday talk."""
    bounds = np.cumsum([0, *HEADS.values()])
    category, signals, levels, subject, escalate = (targets[:, a:b] for a, b in pairwise(bounds))

    def category_loss(share: float) -> float:
        return fit_temperature(mixed(share)[0], category)[1]

    def signal_loss(share: float) -> float:
        logits = mixed(share)[1]
        columns = range(len(SIGNALS))
        return float(np.mean([_line_loss(logits[:, i], signals[:, i]) for i in columns]))

    def mixed(share: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        return mix_logits(network, ngrams, dict.fromkeys(("category", "signals", "escalate"), share))

    mix = {
        "category": min(MIXES, key=category_loss),
        "signals": min(MIXES, key=signal_loss),
        "escalate": min(MIXES, key=lambda share: _line_loss(mixed(share)[2], escalate[:, 0])),
    }
    category_logits, signal_logits, escalate_logits = mix_logits(network, ngrams, mix)
    signal_lines = {s.value: fit_line(signal_logits[:, i], signals[:, i]) for i, s in enumerate(SIGNALS)}
    level_logits = network[:, bounds[2] : bounds[3]]
    level_lines = {k.name: fit_line(level_logits[:, i], levels[:, i]) for i, k in enumerate(LEVELS[1:])}
    escalate_line = fit_line(escalate_logits, escalate[:, 0])
    scores = apply_line(escalate_line, escalate_logits)
    alarm, review, guarantee = choose_alarm(scores, escalate[:, 0], ordinary=ordinary)
    return {
        "mix": mix,
        "category_temperature": fit_temperature(category_logits, category)[0],
        "subject_temperature": fit_temperature(network[:, bounds[3] : bounds[4]], subject)[0],
        "signals": {name: _as_json(line) for name, line in signal_lines.items()},
        "levels": {name: _as_json(line) for name, line in level_lines.items()},
        "escalate": _as_json(escalate_line),
        "guarantee": guarantee,
        "thresholds": {
            "escalate": alarm,
            "review": review,
            "signals": {
                s.value: choose_threshold(
                    apply_line(signal_lines[s.value], signal_logits[:, i]), signals[:, i]
                )
                for i, s in enumerate(SIGNALS)
            },
            "levels": {k.name: 0.5 for k in LEVELS[1:]},
        },
    }


def _line_loss(logits: FloatArray, targets: FloatArray) -> float:
    return _log_loss(apply_line(fit_line(logits, targets), logits), targets)


def _as_json(line: Line) -> Mapping[str, float]:
    return {"slope": line.slope, "offset": line.offset}


def calibrate(folder: Path, examples: Sequence[Example]) -> None:
    """Fit on ``examples`` and seal the artefact."""
    placeholder = fit_placeholder()
    _write(folder, placeholder)
    seal(folder)
    classifier: OnnxClassifier = load_classifier(folder, threads=2, uncalibrated=True)
    network, ngrams = classifier.score_raw([example.text for example in examples])
    targets = np.array([encode_targets(example) for example in examples], dtype=np.float32)
    ordinary = np.array([example.source in NEGATIVE_SOURCES for example in examples], dtype=np.bool_)
    fitted = fit(network, ngrams, targets, ordinary=ordinary)
    ids = "\n".join(sorted(example.id for example in examples))
    escalate = targets[:, -1]
    fitted["reference"] = count_reference(fitted, network, ngrams, examples)
    fitted["fitted_on"] = {
        "n": len(examples),
        "escalate_positive": int((escalate > 0.5).sum()),
        "escalate_negative": int((escalate < 0.5).sum()),
        "ids_sha256": hashlib.sha256(ids.encode()).hexdigest(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "false_alarms_allowed": FALSE_ALARMS,
        "ordinary_false_alarms_allowed": ORDINARY_FALSE_ALARMS,
    }
    _write(folder, fitted)
    seal(folder)


def count_reference(
    fitted: Mapping[str, Any], network: FloatArray, ngrams: FloatArray, examples: Sequence[Example]
) -> dict[str, list[int]]:
    """Calibrated escalate scores by bin for each part of the set, for the drift check."""
    scores = apply_line(Line(**fitted["escalate"]), mix_logits(network, ngrams, fitted["mix"])[2])
    parts: dict[str, list[float]] = {"danger": [], "alike": [], "ordinary": []}
    for example, score in zip(examples, scores, strict=True):
        if example.escalate is not None:
            ordinary = "ordinary" if example.source in NEGATIVE_SOURCES else "alike"
            parts["danger" if example.escalate else ordinary].append(float(score))
    return {name: count_bins(scores) for name, scores in parts.items() if len(scores) >= FEWEST_OF_A_PART}


def fit_placeholder() -> dict[str, Any]:
    """An identity calibration, with which raw scores are taken."""
    line = {"slope": 1.0, "offset": 0.0}
    return {
        "mix": dict.fromkeys(("category", "signals", "escalate"), 0.0),
        "category_temperature": 1.0,
        "subject_temperature": 1.0,
        "signals": {s.value: line for s in SIGNALS},
        "levels": {k.name: line for k in LEVELS[1:]},
        "escalate": line,
        "thresholds": {
            "escalate": 0.5,
            "review": 0.5,
            "signals": {s.value: 0.5 for s in SIGNALS},
            "levels": {k.name: 0.5 for k in LEVELS[1:]},
        },
        "fitted_on": {"n": 0},
    }


def _write(folder: Path, content: Mapping[str, Any]) -> None:
    path = folder / FILES[-1]
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.calibrate", description=main.__doc__)
    parser.add_argument("--artefact", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    corpus = load_corpus_of(options.artefact, options.data)
    calibrate(options.artefact, corpus.folds[Fold.CALIBRATION])
    print((options.artefact / FILES[-1]).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
