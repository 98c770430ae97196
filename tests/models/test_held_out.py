"""Sets that no training reads stay unread, and hold nothing that was read elsewhere."""

import csv
from pathlib import Path

import pytest

from models.data import OWN_DATA, Corpus, load_corpus, load_held_out
from models.settings import TrainingConfig

HEADER = "theme\tfamily\tcategory\talso\tsignals\tlevel\tsubject\ttags\ttext\n"
CONFIG = TrainingConfig(name="t", version="1")


def write_rows(path: Path, *texts: str) -> None:
    theme = path.stem
    rows = (
        f"{theme}\t{theme}/{theme}-{n}x\tother\t-\t-\t0\tnone\t-\t{text}\n" for n, text in enumerate(texts)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "".join(rows), encoding="utf-8")


def all_texts(corpus: Corpus) -> set[str]:
    return {example.text for examples in corpus.folds.values() for example in examples}


def test_a_held_out_theme_is_in_no_fold_and_without_near_duplicates(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "authored" / "read.tsv", "今天晚饭吃了番茄炒蛋", "周末想去白云山走走", "数学作业还没写完"
    )
    write_rows(
        tmp_path / "authored" / "held_out" / "kept.tsv", "今天晚饭吃了番茄炒蛋呀", "地铁上有人一直外放音乐"
    )
    corpus = load_corpus(None, CONFIG, own=tmp_path)
    assert "地铁上有人一直外放音乐" not in all_texts(corpus)
    held_out = load_held_out(None, corpus, own=tmp_path)
    assert {name: [each.text for each in examples] for name, examples in held_out.items()} == {
        "kept": ["地铁上有人一直外放音乐"]
    }


@pytest.mark.parametrize(("folder", "column"), [("authored", "text"), ("labels", "id")])
def test_nothing_that_is_trained_on_lies_among_the_held_out(folder: str, column: str) -> None:
    trained = read_column(OWN_DATA / folder, column)
    kept = read_column(OWN_DATA / folder / "held_out", column)
    assert trained
    assert kept
    assert not trained & kept


def read_column(folder: Path, column: str) -> set[str]:
    found: set[str] = set()
    for path in folder.glob("*.tsv"):
        with path.open(encoding="utf-8", newline="") as lines:
            found |= {row[column] for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)}
    return found
