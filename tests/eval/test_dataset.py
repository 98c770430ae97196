import gzip
import hashlib
from pathlib import Path

import pytest

from eval.dataset import load_dataset, parse_sample
from eval.errors import DatasetError, RowError, UsageError
from tests.eval.files import calm_row, danger_row, disclosing_row, write_rows, youth


def test_rows_hash_and_groups(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "set.jsonl", [danger_row("a", group="g"), calm_row("b"), disclosing_row("c")]
    )
    dataset = load_dataset(str(path))
    assert dataset.name == "set.jsonl"
    assert dataset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [sample.group for sample in dataset.samples] == ["group:g", "row:b", "row:c"]
    assert [sample.disclosure for sample in dataset.samples] == [None, None, 1]
    assert dataset.is_grouped


def test_ungrouped_and_gzip(tmp_path: Path) -> None:
    plain = write_rows(tmp_path / "plain", [danger_row("a")])
    packed = tmp_path / "set.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert not load_dataset(str(packed)).is_grouped


def test_labels_and_slices_may_stand_beside_the_text() -> None:
    fields = {
        "id": "c",
        "turns": [youth("一")],
        "category": "other",
        "signals": [],
        "level": 0,
        "dialect": "cantonese",
        "tags": ["x", "y", "x"],
        "queue": "general",
    }
    sample = parse_sample(fields, line=1)
    assert sample.labels.escalate is False
    assert sample.slices == {"dialect": ("cantonese",), "tags": ("x", "y")}


def test_slices_object() -> None:
    sample = parse_sample(calm_row("a", slices={"age": 14, "tags": ["p", "q"], "paid": True}), line=1)
    assert sample.slices == {"age": ("14",), "tags": ("p", "q"), "paid": ("True",)}


@pytest.mark.parametrize("slices", [[], "x", {"a": {"b": 1}}, {"a": [None]}])
def test_bad_slices(slices: object) -> None:
    with pytest.raises(RowError, match="slice"):
        parse_sample(calm_row("a", slices=slices), line=1)


@pytest.mark.parametrize("group", [True, 1.5, []])
def test_bad_group(group: object) -> None:
    with pytest.raises(RowError, match="group"):
        parse_sample(calm_row("a", group=group), line=1)


def test_every_bad_line_is_named_and_nothing_is_measured(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", [calm_row("a"), {"id": "b", "text": "x"}, calm_row("a")])
    with path.open("a", encoding="utf-8") as file:
        file.write("no json\n")
    with pytest.raises(DatasetError) as caught:
        load_dataset(str(path))
    lines = [problem.split(": ")[:2] for problem in caught.value.problems]
    assert lines == [["line 2", "no_labels"], ["line 3", "duplicate_id"], ["line 4", "invalid_json"]]
    assert "set.jsonl: 3 problem(s), nothing was measured" in str(caught.value)


def test_many_problems_are_shortened(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("no\n" * 50, encoding="utf-8")
    with pytest.raises(DatasetError, match="and 30 more"):
        load_dataset(str(path))


def test_empty_file_and_standard_input(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no rows"):
        load_dataset(str(write_rows(tmp_path / "set.jsonl", [])))
    with pytest.raises(UsageError, match="hash"):
        load_dataset("-")
