import json
from pathlib import Path

import pytest

from eval.bench import measure_speed, read_texts, render_table, summarize, write_json
from eval.errors import DatasetError
from eval.lengths import length_slice, length_slices
from tests.eval.files import assistant, write_rows, youth
from tests.eval.pipelines import load_keywords


def test_built_in_texts_are_many_and_of_every_length() -> None:
    texts = read_texts()
    assert len(texts) == len(set(texts)) == 60
    assert {length_slice(len(text)) for text in texts} == set(length_slices())
    assert not any(text.startswith("#") for text in texts)


def test_texts_of_a_file_are_the_youths(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": "一"}, {"id": 2, "turns": [youth("二"), assistant(), youth("三")]}]
    assert read_texts(str(write_rows(tmp_path / "in.jsonl", rows))) == ("一", "二", "三")


@pytest.mark.parametrize("rows", [[], [{"id": 1}]])
def test_a_bad_file_is_refused(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    with pytest.raises(DatasetError):
        read_texts(str(write_rows(tmp_path / "in.jsonl", rows)))


def test_percentiles_by_nearest_rank() -> None:
    latency = summarize([float(number) for number in range(200, 0, -1)])
    assert (latency.messages, latency.p50_ms, latency.p95_ms, latency.p99_ms) == (200, 100, 190, 198)
    assert summarize([7.0]).p99_ms == 7.0


def test_speed_is_measured_and_written(tmp_path: Path) -> None:
    texts = ["在吗", "我不想活了，每天都很难过", "今天下雨。" * 30]
    speed = measure_speed(texts, messages=30, cores=2, load=load_keywords)
    assert speed.overall.messages == 30
    assert {name: latency.messages for name, latency in speed.by_length.items()} == {
        "0-10": 10,
        "11-30": 10,
        "101-250": 10,
    }
    assert 0 < speed.overall.p50_ms <= speed.overall.p95_ms <= speed.overall.p99_ms
    assert speed.batch_per_s > 0
    assert speed.all_cores_per_s > 0
    assert 20 < speed.resident_mib <= speed.peak_mib
    assert (speed.cores, speed.model_version) == (2, "keywords/test")
    table = render_table(speed)
    assert "keywords/test" in table
    assert "2 cores" in table
    write_json(speed, str(tmp_path / "speed.json"))
    written = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    assert written["overall"]["p95_ms"] == speed.overall.p95_ms
    assert written["texts"] == "built-in, 3 texts"


def test_one_core_is_measured_once() -> None:
    speed = measure_speed(["在吗"], messages=5, cores=1, load=load_keywords)
    assert speed.all_cores_per_s == speed.batch_per_s
