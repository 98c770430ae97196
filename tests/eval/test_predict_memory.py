"""Memory must not grow with the number of rows; measured in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = 10_000
MOST_GROWTH_MIB = 24
PROGRAM = """
import resource, sys
from eval.predict import predict_file
from tests.eval.pipelines import load_keywords
tally = predict_file(sys.argv[1], destination=sys.argv[2], load=load_keywords)
print(tally.rows, tally.errors, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write_rows(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            text = f"第{number}条，这是一句没有意思的话。" * (1 + number % 6)
            file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")
            if number % 100 == 0:
                file.write("not a row\n")
    return path


def peak_mib(source: Path, rows: int) -> float:
    destination = source.with_suffix(".out")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(source), str(destination)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answered, errors, peak = done.stdout.split()
    assert (int(answered), int(errors)) == (rows + rows // 100, rows // 100)
    with destination.open("rb") as file:
        assert sum(1 for _ in file) == int(answered)
    return float(peak)


@pytest.mark.timeout(180)
def test_ten_thousand_rows_take_no_more_memory_than_a_thousand(tmp_path: Path) -> None:
    few = peak_mib(write_rows(tmp_path / "few.jsonl", ROWS // 10), ROWS // 10)
    many = peak_mib(write_rows(tmp_path / "many.jsonl", ROWS), ROWS)
    assert many - few < MOST_GROWTH_MIB, (few, many)
