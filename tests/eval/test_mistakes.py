"""The worst mistakes come first, each with what was learned near it."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.answers import Answer, RowAnswer
from eval.dataset import load_dataset
from eval.mistakes import find_mistakes, write_mistakes
from tests.eval.files import CALM, DANGER, calm_row, danger_row, labelled, read_rows, write_rows
from tests.eval.pipelines import load_keywords
from triage.labels import Category, RiskLevel


def answer(row_id: str, score: float, *, escalate: bool) -> RowAnswer:
    final = Answer(
        category=Category.OTHER,
        risk_score=score,
        escalate=escalate,
        signals=frozenset(),
        level=RiskLevel.NONE,
    )
    return RowAnswer(id=row_id, final=final, turns=(final,))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Three dangers and two calm rows."""
    rows = [danger_row(name, theme="exam") for name in ("a", "b", "c")] + [
        calm_row(name) for name in ("d", "e")
    ]
    return write_rows(tmp_path / "rows.jsonl", rows)


def test_no_answer_is_the_worst_miss_and_right_answers_are_left_out(dataset: Path) -> None:
    answers = [
        answer("a", 0.4, escalate=False),
        None,
        answer("c", 0.9, escalate=True),
        answer("d", 0.8, escalate=True),
        answer("e", 0.1, escalate=False),
    ]
    found = find_mistakes(load_dataset(str(dataset)), answers)
    assert [(each.id, each.score) for each in found.misses] == [("b", None), ("a", 0.4)]
    assert [each.id for each in found.false_alarms] == ["d"]
    assert found.themes(found.misses) == [("exam", 2)]
    assert (found.missed, found.falsely_alarmed) == (2, 1)


def test_what_got_no_answer_is_wrong_either_way(dataset: Path) -> None:
    found = find_mistakes(load_dataset(str(dataset)), [None] * 5)
    assert (found.missed, found.falsely_alarmed) == (3, 2)


def test_the_shortest_texts_and_lone_surrogates_are_written(tmp_path: Path) -> None:
    rows = [
        labelled(str(at), text, signals=["suicide"], level=2) for at, text in enumerate(("死", "", "\ud800"))
    ]
    source = write_rows(tmp_path / "short.jsonl", rows[:2])
    with source.open("a", encoding="ascii") as lines:
        lines.write(json.dumps(rows[2]) + "\n")
    data = load_dataset(str(source))
    write_mistakes(find_mistakes(data, [None] * 3), tmp_path / "out", dataset=data)
    assert len(read_rows(tmp_path / "out" / "errors.jsonl")) == 3


def test_only_the_worst_are_listed(dataset: Path) -> None:
    answers = [answer(str(at), 0.1 * at, escalate=False) for at in range(5)]
    found = find_mistakes(load_dataset(str(dataset)), answers, worst=1)
    assert [each.id for each in found.misses] == ["a"]
    assert found.missed == 3


def test_neighbours_are_the_likest_rows_of_training(dataset: Path, tmp_path: Path) -> None:
    train = write_rows(
        tmp_path / "train.jsonl",
        [danger_row("near", text=DANGER + "啊"), labelled("far", CALM, category="aid", signals=[], level=0)],
    )
    answers = [answer(str(at), 0.1, escalate=False) for at in range(5)]
    found = find_mistakes(load_dataset(str(dataset)), answers, train=load_dataset(str(train)))
    first, second = found.misses[0].neighbours
    assert first.text == DANGER + "啊"
    assert first.escalate is True
    assert first.similarity > second.similarity


def test_the_command_writes_a_page_and_lines(dataset: Path, tmp_path: Path) -> None:
    rows = [labelled("x", "今天<b>作业</b>写完了", category="other", signals=["suicide"], level=3)]
    source = write_rows(tmp_path / "one.jsonl", rows)
    out = tmp_path / "out"
    assert (
        main(["errors", str(source), "--report", str(out), "--train", str(dataset)], load=load_keywords) == 0
    )
    [line] = read_rows(out / "errors.jsonl")
    assert (line["kind"], line["id"]) == ("miss", "x")
    assert "&lt;b&gt;" in (out / "errors.html").read_text(encoding="utf-8")
