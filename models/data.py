"""All training data in one place: read, grouped, split, and written out for evaluation.

``python -m models.data --data DIR --out DIR`` writes the folds as evaluation data sets, so that
``python -m eval run`` can judge a model on texts it never saw. The files stay outside the repository.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.example import Example, Fold, fold_of
from models.grouping import group_near_duplicates
from models.settings import TrainingConfig, load_config
from models.sources import (
    join_labels,
    leave_open_what_sounds_dangerous,
    read_authored,
    read_conversations,
    read_labelled,
    read_negatives,
    read_psyguard,
)
from triage.labels import SIGNALS, Category

ROOT = Path(__file__).resolve().parent.parent
OWN_DATA = ROOT / "eval" / "datasets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Examples by fold, and the sha256 of every file they came from."""

    folds: dict[Fold, list[Example]]
    hashes: dict[str, str]

    @property
    def train(self) -> list[Example]:
        """Examples to learn from."""
        return self.folds[Fold.TRAIN]


def load_corpus(data: Path | None, config: TrainingConfig, *, own: Path = OWN_DATA) -> Corpus:
    """Read our own sentences and, where ``data`` is given, the public sets; split by group."""
    examples = [*read_authored(own / "authored"), *read_conversations(own / "conversations")]
    files = [*sorted(own.glob("authored/*.tsv")), *sorted(own.glob("conversations/*.jsonl"))]
    if data is not None:
        examples += [*read_labelled(data / "labelled.tsv")]
        examples += [*read_psyguard(data / "psyguard_valid.jsonl.gz"), *read_negatives(data)]
        for labels in sorted(own.glob("labels/*.tsv")):
            examples += join_labels(labels, data / "smile_first_turns.jsonl.gz")
            files.append(labels)
        files += [data / "labelled.tsv", *sorted(data.glob("*.jsonl.gz"))]
    folds: dict[Fold, list[Example]] = {fold: [] for fold in Fold}
    for example in group_near_duplicates(examples):
        folds[choose_fold(example.group, config)].append(example)
    folds[Fold.TRAIN] = leave_open_what_sounds_dangerous(folds[Fold.TRAIN])
    return Corpus(folds=folds, hashes={path.name: sha256(path) for path in files})


def load_corpus_of(artefact: Path, data: Path | None) -> Corpus:
    """The corpus that an artefact was trained on, with its folds; ``DataChangedError`` if it is no more."""
    manifest = json.loads((artefact / "manifest.json").read_text(encoding="utf-8"))
    corpus = load_corpus(data, TrainingConfig.from_json(manifest["config"]))
    check_same_data(corpus, manifest["data"])
    return corpus


def load_held_out(data: Path | None, corpus: Corpus, *, own: Path = OWN_DATA) -> dict[str, list[Example]]:
    """Sets that no training ever reads, by name, without near-duplicates of the corpus.

    ``forum``: public posts (``labels/held_out``); one more for each theme of ours that is kept whole,
    with its author, out of training (``authored/held_out``).
    """
    known = [example for examples in corpus.folds.values() for example in examples]
    found = [*read_authored(own / "authored" / "held_out")]
    if data is not None:
        for labels in sorted(own.glob("labels/held_out/*.tsv")):
            found += join_labels(labels, data / "smile_first_turns.jsonl.gz")
    grouped = group_near_duplicates([*known, *found])
    taken = {example.group for example in grouped[: len(known)]}
    sets: dict[str, list[Example]] = {}
    for example in grouped[len(known) :]:
        if example.group not in taken:
            sets.setdefault(example.theme or example.source, []).append(example)
    return sets


def choose_fold(group: str, config: TrainingConfig) -> Fold:
    """The fold of a group under a configuration."""
    return fold_of(
        group, seed=config.seed, calibration_share=config.calibration_share, test_share=config.test_share
    )


class DataChangedError(Exception):
    """The data on disk is not what a run was trained on, so its folds may not be the same."""


def check_same_data(corpus: Corpus, trained_on: Mapping[str, str]) -> None:
    """Refuse to calibrate or measure on folds that may hold texts which were trained on."""
    changed = {
        name for name in {*corpus.hashes, *trained_on} if corpus.hashes.get(name) != trained_on.get(name)
    }
    if changed:
        raise DataChangedError(f"changed since training: {', '.join(sorted(changed))}")


def check_same_folds(earlier: TrainingConfig, config: TrainingConfig) -> None:
    """Refuse to learn from a run that may have been trained on what is held out here."""
    for name in ("seed", "calibration_share", "test_share"):
        if getattr(earlier, name) != getattr(config, name):
            raise DataChangedError(f"the earlier run's {name} was {getattr(earlier, name)}")


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_chatter(example: Example) -> bool:
    """Whether a text may surround another without changing its labels."""
    return example.category is Category.OTHER and example.escalate is False and 4 <= len(example.text) <= 60


def to_evaluation_row(example: Example) -> dict[str, object]:
    """An example as a row of an evaluation data set (see ``eval/dataset.py``)."""
    knows_signals = len(example.signals) == len(SIGNALS)
    labels: dict[str, object] = {
        "category": example.category,
        "also": list(example.also) or None,
        "signals": [signal for signal in SIGNALS if example.signals[signal]] if knows_signals else None,
        "level": example.level,
        "escalate": example.escalate,
        "subject": example.subject,
    }
    return {
        "id": example.id,
        "text": example.text,
        "labels": {name: value for name, value in labels.items() if value is not None},
        "group": example.group,
        "source": example.source,
        "theme": example.theme,
        "tags": list(example.tags),
    }


def write_fold(examples: Sequence[Example], path: Path) -> None:
    """Write examples as JSON Lines for ``python -m eval run``; those without a whole label are left out."""
    with path.open("w", encoding="utf-8") as lines:
        for number, example in enumerate(examples):
            row = to_evaluation_row(example) | {"id": f"{example.id}#{number}"}  # sources repeat ids
            if row["labels"]:
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line: write the folds of a configuration."""
    parser = argparse.ArgumentParser(prog="python -m models.data", description=main.__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    corpus = load_corpus(options.data, load_config(options.config))
    options.out.mkdir(parents=True, exist_ok=True)
    for fold, examples in corpus.folds.items():
        write_fold(examples, options.out / f"{fold}.jsonl")
        print(f"{fold}: {len(examples)} texts in {len({example.group for example in examples})} groups")
    for name, examples in load_held_out(options.data, corpus).items():
        write_fold(examples, options.out / f"held_out_{name}.jsonl")
        print(f"held_out_{name}: {len(examples)} texts")


if __name__ == "__main__":
    main()
