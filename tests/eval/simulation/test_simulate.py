"""``python -m eval simulate`` with the shipped scripts and texts, over the keyword classifier."""

import json
from pathlib import Path

import pytest
import yaml

from eval.__main__ import main
from eval.simulation.intake_talk import load_stage
from eval.simulation.persona_files import PERSONAS_PATH, load_personas
from eval.simulation.play import play_all
from eval.simulation.verdict import judge
from tests.eval.pipelines import load_keywords
from tests.factories import build_pipeline

ALWAYS_HOLDS = load_personas().personas


def copy_personas(folder: Path, *keys: str, source: str = "calm.yaml") -> Path:
    """A folder with a few of the shipped personas."""
    content = yaml.safe_load((PERSONAS_PATH / source).read_text(encoding="utf-8"))
    content["personas"] = [each for each in content["personas"] if each["key"] in keys]
    folder.mkdir()
    (folder / source).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def test_simulate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    personas = copy_personas(tmp_path / "some", "terse", "evasive")
    figures, talks = tmp_path / "out.json", tmp_path / "talks.jsonl"
    arguments = ["simulate", "--personas", str(personas), "--runs", "2"]
    arguments += ["--out", str(figures), "--transcripts", str(talks)]
    assert main(arguments, load=load_keywords) == 0
    assert "2 personas, 4 conversations" in capsys.readouterr().out
    found = json.loads(figures.read_text(encoding="utf-8"))
    assert found["provenance"]["command"].startswith("python -m eval simulate ")
    assert found["provenance"]["model_version"] == "keywords/test"
    written = [json.loads(line) for line in talks.read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in written] == ["evasive/0", "evasive/1", "terse/0", "terse/1"]


def test_a_broken_rule_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eval.simulation.verdict.MAX_MESSAGES", 0)
    personas = copy_personas(tmp_path / "some", "terse")
    assert main(["simulate", "--personas", str(personas), "--runs", "1"], load=load_keywords) == 1
    assert "BROKEN terse, opening 1: more than two messages" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--runs", "0"], ["--runs", "x"], ["--seed", "1"]])
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["simulate", *arguments], load=load_keywords)
    assert caught.value.code == 2


def test_a_folder_without_personas_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--personas", str(tmp_path)], load=load_keywords) == 2
    assert "holds no persona files" in capsys.readouterr().err


def test_a_faulty_persona_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.yaml").write_text("version: '1'\n", encoding="utf-8")
    assert main(["simulate", "--personas", str(tmp_path)], load=load_keywords) == 2
    assert "bad.yaml: author is missing" in capsys.readouterr().err


def test_two_runs_give_the_same_figures(tmp_path: Path) -> None:
    personas = copy_personas(tmp_path / "some", "open_teller", "young_child")
    found = []
    for name in ("a.json", "b.json"):
        arguments = ["simulate", "--personas", str(personas), "--runs", "3", "--out", str(tmp_path / name)]
        main(arguments, load=load_keywords)
        content = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        found.append((content["total"], content["personas"]))
    assert found[0] == found[1]


def test_no_rule_breaks_over_a_classifier_that_knows_little() -> None:
    """What always holds must hold with any classifier."""
    stage = load_stage(build_pipeline())
    broken = [
        (verdict.persona, verdict.opening_index, verdict.broken_rules)
        for course in play_all(ALWAYS_HOLDS, begin=stage.begin, runs=2)
        if (verdict := judge(course)).broken_rules
    ]
    assert not broken
