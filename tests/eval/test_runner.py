"""From labelled rows to ``metrics.json`` and ``report.html``."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eval.dataset import load_dataset
from eval.errors import DatasetError, UsageError
from eval.metrics.estimate import Estimate
from eval.predict import predict_file
from eval.runner import RunOptions, count_shared, describe_contents, run_evaluation
from tests.eval.files import (
    CALM,
    DANGER,
    calm_row,
    danger_row,
    disclosing_row,
    labelled,
    samples,
    write_rows,
    youth,
)
from tests.eval.pipelines import load_keywords

ROWS: list[dict[str, Any]] = [
    *(danger_row(f"d{n}", group=f"d{n // 2}", slices={"theme": "exam"}) for n in range(12)),
    *(danger_row(f"m{n}", text="昨晚又睡不着，心里空空的") for n in range(3)),
    *(calm_row(f"c{n}", slices={"theme": "aid"}) for n in range(20)),
    disclosing_row("talk"),
    {"id": "chat", "turns": [youth("你好")], "labels": {"category": "other", "signals": [], "level": 0}},
]
TRAIN = [
    *(danger_row(f"t{n}", text=f"{n}不想活了好难过", group="d0") for n in range(8)),
    *(calm_row(f"u{n}", text=f"学费申请{n}") for n in range(8)),
]


def quiet(_line: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    options = RunOptions(
        dataset=str(write_rows(folder / "set.jsonl", ROWS)),
        report=folder / "deep" / "report",
        train=str(write_rows(folder / "train.jsonl", TRAIN)),
        name="A name with <angle> brackets",
        command="python -m eval run set.jsonl",
        load=load_keywords,
    )
    run_evaluation(options, tell=quiet)
    return options.report


@pytest.fixture(scope="module")
def metrics(report: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((report / "metrics.json").read_text(encoding="utf-8"))
    return found


def test_both_files_and_no_other(report: Path) -> None:
    assert sorted(path.name for path in report.iterdir()) == ["metrics.json", "report.html"]


def test_numbers_by_hand(metrics: dict[str, Any]) -> None:
    model = metrics["systems"]["model"]
    assert model["escalate"]["recall"]["value"] == pytest.approx(13 / 16)
    assert model["escalate"]["recall"]["n"] == 16
    assert model["escalate"]["false_alarm_rate"]["value"] == 0.0
    assert model["conversations"]["timing"]["at"]["value"] == 1.0
    assert model["confusion"]["counts"][2][2] == 20
    assert metrics["contents"]["in_danger"] == 16
    assert metrics["contents"]["by_level"]["moderate"] == 16
    assert {part["key"] for part in metrics["slices"]} >= {"theme", "length", "signal", "subject"}


def test_all_three_systems_stand_side_by_side(metrics: dict[str, Any]) -> None:
    assert list(metrics["systems"]) == ["model", "keywords", "ngrams"]
    assert metrics["not_measured"] == {}
    assert set(metrics["differences"]) == {"keywords", "ngrams"}
    assert metrics["systems"]["keywords"]["escalate"]["ece"]["value"] is None
    assert metrics["systems"]["ngrams"]["escalate"]["ece"]["value"] is not None


def estimates(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict) and set(value) == set(Estimate.__dataclass_fields__):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for child in children for found in estimates(child)]


def test_every_number_has_n_and_an_interval_or_says_why_not(metrics: dict[str, Any]) -> None:
    found = estimates(metrics)
    assert len(found) > 100
    for each in found:
        if each["value"] is None:
            assert each["reason"]
        elif each["low"] is None:
            assert each["note"]
        else:
            assert each["low"] <= each["value"] <= each["high"]
            assert each["n"] > 0
            assert each["method"]


def test_provenance(metrics: dict[str, Any], report: Path) -> None:
    trace = metrics["provenance"]
    dataset = load_dataset(str(report.parent.parent / "set.jsonl"))
    assert trace["dataset"] == {"name": "set.jsonl", "sha256": dataset.sha256, "rows": len(ROWS)}
    assert trace["model_version"] == "keywords/test"
    assert trace["lexicon_version"]
    assert trace["policy_version"]
    assert trace["shared_with_train"] == 2
    assert trace["command"] == "python -m eval run set.jsonl"
    assert (trace["seed"], trace["resamples"]) == (12355, 1000)
    assert set(trace["code"]) == {"commit", "is_dirty"}


def test_no_text_of_any_row_is_written(report: Path) -> None:
    for path in report.iterdir():
        content = path.read_text(encoding="utf-8")
        for secret in (DANGER, CALM, "心里空空的", "老师在吗", '"d3"', str(report.parent.parent)):
            assert secret not in content, path.name


def test_report_needs_nothing_from_outside(report: Path) -> None:
    html = (report / "report.html").read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert not re.search(r"<(script|link|img|iframe|object|embed)\b", html)
    references = set(re.findall(r'(?:src|href|url)\s*[=(]\s*"?([^"\s)>]+)', html))
    assert all(reference.startswith("#") for reference in references), references
    assert "@import" not in html
    assert html.count("<svg") == 5


def test_report_says_what_matters(report: Path) -> None:
    html = (report / "report.html").read_text(encoding="utf-8")
    for words in ("评测报告", "81.2 %", "keywords/test", "In plain words", "Limits", "under 30 in danger"):
        assert words in html, words
    assert "A name with &lt;angle&gt; brackets" in html
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).lower().split()


def test_same_input_same_numbers(tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        options = RunOptions(
            dataset=str(write_rows(tmp_path / "set.jsonl", ROWS)), report=tmp_path / name, load=load_keywords
        )
        run_evaluation(options, tell=quiet)
        found = json.loads((tmp_path / name / "metrics.json").read_text(encoding="utf-8"))
        del found["provenance"]["made_at"]
        written.append(found)
    assert written[0] == written[1]


def test_without_training_file_the_ngrams_are_not_measured(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", ROWS)
    evaluation = run_evaluation(
        RunOptions(dataset=str(path), report=tmp_path / "r", load=load_keywords), tell=quiet
    )
    assert list(evaluation.left_out) == ["ngrams"]
    html = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "not measured: no training file was given" in html
    assert evaluation.name == "set"


def test_predictions_take_the_place_of_the_pipeline(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", ROWS)
    predict_file(str(path), destination=str(tmp_path / "out.jsonl"), load=load_keywords)
    from_file = run_evaluation(
        RunOptions(dataset=str(path), report=tmp_path / "a", predictions=str(tmp_path / "out.jsonl")),
        tell=quiet,
    )
    direct = run_evaluation(
        RunOptions(dataset=str(path), report=tmp_path / "b", load=load_keywords), tell=quiet
    )
    assert from_file.model.escalate == direct.model.escalate
    assert from_file.provenance.predictions is not None
    assert from_file.provenance.model_version is None
    html = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "The answers were read from a file" in html


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([labelled("a", "x", category="aid")], id="category alone"),
        pytest.param([labelled("a", "x", escalate=True)], id="one danger"),
        pytest.param(
            [labelled("a", "x", escalate=False), labelled("b", "y", escalate=True)], id="one of each"
        ),
        pytest.param([labelled("a", "x", level=0)], id="level alone"),
        pytest.param([labelled("a", "x", signals=[])], id="signals alone"),
        pytest.param([disclosing_row("a")], id="one conversation"),
    ],
)
def test_the_smallest_datasets_make_a_report(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = write_rows(tmp_path / "set.jsonl", rows)
    run_evaluation(RunOptions(dataset=str(path), report=tmp_path / "r", load=load_keywords), tell=quiet)
    html = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "not measured" in html


def test_a_bad_dataset_writes_nothing(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", [danger_row("a"), {"id": "b"}])
    with pytest.raises(DatasetError):
        run_evaluation(RunOptions(dataset=str(path), report=tmp_path / "r", load=load_keywords), tell=quiet)
    assert not (tmp_path / "r").exists()


def test_a_report_folder_that_is_a_file(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "set.jsonl", ROWS)
    with pytest.raises(UsageError, match="cannot be made"):
        run_evaluation(RunOptions(dataset=str(path), report=path, load=load_keywords), tell=quiet)


def test_shared_rows_are_found_by_text_and_by_group() -> None:
    test = samples(danger_row("a", group="g"), calm_row("b"), calm_row("c", text="别的"))
    train = samples(calm_row("x", text="无关", group="g"), calm_row("y", text=CALM + "  "))
    assert count_shared(test, train) == 2


def test_contents(tmp_path: Path) -> None:
    contents = describe_contents(load_dataset(str(write_rows(tmp_path / "set.jsonl", ROWS))))
    assert (contents.rows, contents.conversations, contents.in_danger) == (37, 2, 16)
    assert contents.by_category == {"psychology": 16, "legal": 0, "aid": 20, "other": 1}
    assert contents.is_grouped
