import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from eval.errors import UsageError
from eval.predict import Tally, predict_file, split_batches
from eval.workers import PipelineLoader
from tests.eval.files import CALM, DANGER, assistant, names_in, read_rows, write_rows, youth
from tests.eval.pipelines import (
    MARKER,
    load_broken,
    load_exploding,
    load_keywords,
    load_nothing,
)
from triage.errors import ArtefactError

ROWS: list[dict[str, Any]] = [
    {"id": "a", "text": DANGER},
    {"id": "b", "turns": [youth("你好"), assistant(), youth(DANGER)]},
    {"id": 3, "text": CALM},
]
BAD_LINES = (
    b"no json\n"
    b'{"id": "u", "text": "\xff"}\n'
    b'{"text": "x"}\n'
    b'{"id": "n"}\n'
    b'{"id": "r", "turns": [{"role": "robot", "text": "x"}]}\n'
)


def predict(
    source: Path, load: PipelineLoader = load_keywords, *, batch_size: int = 64, processes: int = 1
) -> Tally:
    return predict_file(
        str(source),
        destination=str(source.with_name("out.jsonl")),
        batch_size=batch_size,
        processes=processes,
        load=load,
    )


def test_answers_come_in_the_order_of_the_rows(tmp_path: Path) -> None:
    texts = [DANGER * (index % 4) + "。" + CALM * (index % 3) for index in range(30)]
    source = write_rows(tmp_path / "in.jsonl", [{"id": i, "text": text} for i, text in enumerate(texts)])
    assert predict(source, batch_size=7) == Tally(rows=30, errors=0)
    answers = read_rows(tmp_path / "out.jsonl")
    assert [answer["id"] for answer in answers] == list(range(30))
    assert [answer["escalate"] for answer in answers] == ["不想活" in text for text in texts]


def test_batch_size_and_processes_change_nothing(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "in.jsonl", ROWS * 5)
    with source.open("ab") as file:
        file.write(BAD_LINES)
    written = []
    for batch_size, processes in ((1, 1), (64, 1), (2, 2)):
        assert predict(source, batch_size=batch_size, processes=processes) == Tally(rows=20, errors=5)
        written.append((tmp_path / "out.jsonl").read_bytes())
    assert written[0] == written[1] == written[2]


def test_bad_rows_become_error_rows_in_place(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    first, last = (json.dumps(row).encode() + b"\n" for row in (ROWS[0], ROWS[2]))
    source.write_bytes(first + b"\n" + BAD_LINES + last)
    assert predict(source) == Tally(rows=7, errors=5)
    answers = read_rows(tmp_path / "out.jsonl")
    errors = [(row["id"], row["line"], row["error"]["code"]) for row in answers[1:-1]]
    assert errors == [
        (None, 3, "invalid_json"),
        (None, 4, "invalid_utf8"),
        (None, 5, "missing_id"),
        ("n", 6, "missing_text"),
        ("r", 7, "unknown_role"),
    ]
    assert [answers[0]["id"], answers[-1]["id"]] == ["a", 3]


def test_hostile_texts_are_answered(tmp_path: Path) -> None:
    texts = ["", " ", "\x00", "\ud800x", "🙂" * 50, "a" * 100_000, "<script>alert(1)</script>", "\u202e反"]
    lines = [json.dumps({"id": index, "text": text}) for index, text in enumerate(texts)]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(lines), encoding="ascii")
    assert predict(source) == Tally(rows=len(texts), errors=0)
    answers = read_rows(tmp_path / "out.jsonl")
    for index in (0, 1, 4):
        assert answers[index]["degraded"] is True, texts[index]
        assert answers[index]["level"] >= 2


def test_a_row_that_breaks_triage_leaves_its_batch_whole(tmp_path: Path) -> None:
    rows = [ROWS[0], {"id": "x", "text": MARKER}, ROWS[2]]
    assert predict(write_rows(tmp_path / "in.jsonl", rows), load_exploding) == Tally(rows=3, errors=1)
    first, broken, last = read_rows(tmp_path / "out.jsonl")
    assert (first["id"], last["id"]) == ("a", 3)
    assert broken == {
        "id": "x",
        "line": 2,
        "error": {"code": "triage_failed", "message": "triage failed with ZeroDivisionError"},
    }


def test_a_failing_classifier_is_degraded_not_an_error(tmp_path: Path) -> None:
    assert predict(write_rows(tmp_path / "in.jsonl", ROWS), load_broken) == Tally(rows=3, errors=0)
    assert all(answer["degraded"] for answer in read_rows(tmp_path / "out.jsonl"))


def test_gzip_input_and_output(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "plain.jsonl", ROWS)
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    predict_file(str(packed), destination=str(tmp_path / "out.gz"), load=load_keywords)
    assert len(gzip.decompress((tmp_path / "out.gz").read_bytes()).splitlines()) == 3


def test_empty_file_gives_an_empty_answer(tmp_path: Path) -> None:
    assert predict(write_rows(tmp_path / "in.jsonl", [])) == Tally(rows=0, errors=0)
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_output_may_replace_the_input(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    predict_file(str(source), destination=str(source), load=load_keywords)
    assert [row["id"] for row in read_rows(source)] == ["a", "b", 3]


def test_input_that_breaks_off_leaves_no_output(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    lines = "".join(json.dumps({"id": i, "text": os.urandom(40).hex()}) + "\n" for i in range(300))
    source.write_bytes(gzip.compress(lines.encode())[:-2000])
    with pytest.raises(UsageError, match="broken gzip"):
        predict(source, batch_size=8)
    assert names_in(tmp_path) == ["in.jsonl.gz"]


@pytest.mark.parametrize("processes", [1, 2])
def test_missing_artefact_leaves_no_output(tmp_path: Path, processes: int) -> None:
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    with pytest.raises(ArtefactError):
        predict(source, load_nothing, processes=processes)
    assert names_in(tmp_path) == ["in.jsonl"]


def test_split_batches_reads_no_further_than_it_must() -> None:
    numbers = iter(range(7))
    batches = split_batches(numbers, size=3)
    assert next(batches) == (0, 1, 2)
    assert next(numbers) == 3
    assert list(batches) == [(4, 5, 6)]
