"""Our own sentences and conversations can be read and scored as they lie in the repository."""

import csv
from pathlib import Path

import pytest

import eval as evaluation
from eval.dataset import load_dataset
from triage.labels import Category, RiskLevel, Signal, Subject

DATASETS = Path(evaluation.__file__).with_name("datasets")
TABLES = sorted(DATASETS.glob("authored/**/*.tsv"))
TALKS = sorted(DATASETS.glob("conversations/*.jsonl"))


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_conversations_load_with_their_labels(path: Path) -> None:
    samples = load_dataset(str(path)).samples
    assert samples
    assert all((sample.disclosure is not None) is sample.labels.escalate for sample in samples)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_sentences_carry_labels_of_the_scheme_that_agree(path: Path) -> None:
    rows = read_table(path)
    assert rows
    for row in rows:
        signals = {Signal(name) for name in row["signals"].split(",") if name != "-"}
        level, subject = RiskLevel(int(row["level"])), Subject(row["subject"])
        assert Category(row["category"])
        assert row["text"].strip()
        assert row["family"].startswith(f"{row['theme']}/")
        assert bool(signals) is (level > RiskLevel.NONE) is (subject is not Subject.NONE), row["family"]


def test_there_are_sentences_and_conversations() -> None:
    assert len(TABLES) > 20
    assert len(TALKS) == 4


def test_no_sentence_stands_twice() -> None:
    texts = [row["text"] for path in TABLES for row in read_table(path)]
    assert len(texts) == len(set(texts))
