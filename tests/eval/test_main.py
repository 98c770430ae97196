import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.__main__ import main
from tests.eval.files import CALM, DANGER, calm_row, danger_row, read_rows, write_rows
from tests.eval.pipelines import load_keywords, load_nothing

ROOT = Path(__file__).resolve().parents[2]
ROWS = [{"id": "a", "text": DANGER}, {"id": "b", "text": CALM}]


def test_predict_all_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    assert main(["predict", str(source), "--out", str(tmp_path / "out.jsonl")], load=load_keywords) == 0
    assert [row["id"] for row in read_rows(tmp_path / "out.jsonl")] == ["a", "b"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "2 rows, 0 of them bad\n"


def test_predict_with_a_bad_row_ends_with_1(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "in.jsonl", [*ROWS, {"id": "c"}])
    assert main(["predict", str(source), "--out", str(tmp_path / "out.jsonl")], load=load_keywords) == 1
    assert len(read_rows(tmp_path / "out.jsonl")) == 3


def test_predict_through_pipes(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    content = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
    assert main(["predict", "-", "--out", "-"], load=load_keywords) == 0
    lines = capsysbinary.readouterr().out.splitlines()
    assert [json.loads(line)["escalate"] for line in lines] == [True, False]


@pytest.mark.parametrize("case", ["no input", "no folder for the output", "no artefact"])
def test_what_cannot_run_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    read = tmp_path / "nowhere" if case == "no input" else source
    written = tmp_path / ("no/out" if case.startswith("no folder") else "out")
    load = load_nothing if case == "no artefact" else load_keywords
    assert main(["predict", str(read), "--out", str(written)], load=load) == 2
    assert capsys.readouterr().err.startswith("eval: ")
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["predict"],
        ["predict", "in"],
        ["predict", "in", "--out", "o", "--batch", "0"],
        ["predict", "in", "--out", "o", "--processes", "-1"],
        ["predict", "in", "--out", "o", "--batch", "many"],
        ["run", "set"],
        ["bench", "--messages", "0"],
        ["unknown"],
    ],
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments, load=load_keywords)
    assert caught.value.code == 2
    assert "usage: python -m eval" in capsys.readouterr().err


def test_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_rows(tmp_path / "set.jsonl", [danger_row("a"), calm_row("b")])
    assert main(["run", str(source), "--report", str(tmp_path / "r"), "--name", "N"], load=load_keywords) == 0
    metrics = json.loads((tmp_path / "r" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["name"] == "N"
    assert metrics["provenance"]["command"].startswith("python -m eval run ")
    assert "report.html" in capsys.readouterr().err


def test_run_on_bad_labels_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_rows(tmp_path / "set.jsonl", [danger_row("a"), {"id": "b", "text": "x"}])
    assert main(["run", str(source), "--report", str(tmp_path / "r")], load=load_keywords) == 1
    assert "line 2: no_labels" in capsys.readouterr().err


def test_run_takes_a_pipeline_or_predictions(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "set.jsonl", [danger_row("a")])
    arguments = ["run", str(source), "--report", str(tmp_path), "--predictions", "p", "--artefact", "m"]
    assert main(arguments, load=load_keywords) == 2


def test_bench(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.bench.usable_cores", lambda: 1)
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    figures = tmp_path / "speed.json"
    arguments = ["bench", "--messages", "8", "--data", str(source), "--json", str(figures)]
    assert main(arguments, load=load_keywords) == 0
    assert "p95 ms" in capsys.readouterr().out
    assert json.loads(figures.read_text(encoding="utf-8"))["texts"] == "in.jsonl, 2 texts"


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("eval.__main__.predict_file", interrupt)
    assert main(["predict", "in", "--out", str(tmp_path / "out")], load=load_keywords) == 130


def test_no_text_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "不能说的话"
    source = tmp_path / "in.jsonl"
    source.write_text(f'{{"id": "a", "text": "{secret}"}}\n{{"text": "{secret}"\n', encoding="utf-8")
    assert main(["predict", str(source), "--out", str(tmp_path / "out")], load=load_keywords) == 1
    captured = capsys.readouterr()
    assert secret not in captured.out + captured.err


WITHOUT_EXTRAS = """
import sys
FORBIDDEN = {"sklearn", "scipy", "matplotlib", "pandas", "torch", "api", "models"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in FORBIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
from eval.__main__ import main
from tests.eval.pipelines import load_keywords
sys.exit(main(sys.argv[1:], load=load_keywords))
"""


def without_extras(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_predict_needs_what_serving_needs_and_no_more(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "in.jsonl", ROWS)
    done = without_extras("predict", str(source), "--out", str(tmp_path / "out.jsonl"))
    assert (done.returncode, done.stderr) == (0, "2 rows, 0 of them bad\n")


def test_run_without_its_extra_says_so(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "set.jsonl", [danger_row("a")])
    done = without_extras("run", str(source), "--report", str(tmp_path / "r"))
    assert done.returncode == 2
    assert "install the extra 'eval'" in done.stderr


def test_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "in.jsonl", [{"id": n, "text": CALM} for n in range(2000)])
    program = "import sys; from eval.__main__ import main; from tests.eval.pipelines import load_keywords; "
    program += "sys.exit(main(sys.argv[1:], load=load_keywords))"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "predict", str(source), "--out", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    complaint = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 1
    assert "Traceback" not in complaint
