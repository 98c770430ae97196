"""What the readers of the public sets may claim, and what they must leave open."""

import gzip
import json
from pathlib import Path

import pytest

from models.data import to_evaluation_row
from models.sources import (
    leave_open_what_sounds_dangerous,
    read_authored,
    read_conversations,
    read_negatives,
    read_psyguard,
)
from triage.labels import Category, RiskLevel, Subject

HEADER = "theme\tfamily\tcategory\talso\tsignals\tlevel\tsubject\ttags\ttext\n"
NEGATIVES = (
    "lihkg",
    "openrice",
    "lccc",
    "kdconv",
    "crosswoz",
    "hkcancor",
    "chatterbot_zh",
    "lawbench_consult",
)


def write(path: Path, *rows: dict[str, object]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.mark.parametrize(
    ("labels", "least", "escalate"),
    [
        pytest.param(["自杀计划"], RiskLevel.HIGH, True, id="plan"),
        pytest.param(["被动自杀意图", "自伤行为"], RiskLevel.MODERATE, True, id="wish"),
        pytest.param(["关于自杀的探索"], RiskLevel.NONE, None, id="question"),
        pytest.param(["与自杀/自伤/攻击行为无关"], RiskLevel.NONE, False, id="unrelated"),
    ],
)
def test_psyguard_labels_bound_the_level(
    tmp_path: Path, labels: list[str], least: RiskLevel, escalate: bool | None
) -> None:
    write(tmp_path / "p.gz", {"id": "1", "text": "句子", "labels": labels, "source": "client"})
    [example] = read_psyguard(tmp_path / "p.gz")
    assert (example.least_level, example.escalate) == (least, escalate)
    assert example.level == (RiskLevel.NONE if escalate is False else None)


def test_public_talk_that_sounds_like_danger_has_no_danger_label(tmp_path: Path) -> None:
    texts = ["晚饭吃什么好", "我真的不想活了"]
    for name in (*NEGATIVES, "cold", "swsr"):
        field = (
            "text"
            if name in {"lihkg", "openrice", "chatterbot_zh", "lawbench_consult", "cold", "swsr"}
            else "turns"
        )
        rows: list[dict[str, object]] = [
            {"id": f"{name}-{at}", field: text if field == "text" else [{"text": text}]}
            for at, text in enumerate(texts)
        ]
        write(tmp_path / f"{name}.jsonl.gz", *rows)
    examples = list(read_negatives(tmp_path))
    assert {example.escalate for example in examples} == {False}
    examples = leave_open_what_sounds_dangerous(examples)
    assert {example.escalate for example in examples if example.text == texts[0]} == {False}
    assert {example.escalate for example in examples if example.text == texts[1]} == {None}
    assert all(not example.signals for example in examples if example.text == texts[1])
    assert {example.subject for example in examples if example.text == texts[1]} == {None}


def test_a_sentence_brings_all_its_labels(tmp_path: Path) -> None:
    row = "t\tt/t-a\tlegal\tpsychology,aid\tbullying\t2\tother\tparent\t孩子在学校被欺负\n"
    (tmp_path / "a.tsv").write_text(HEADER + row, encoding="utf-8")
    [example] = read_authored(tmp_path)
    assert (example.category, example.also) == (Category.LEGAL, (Category.PSYCHOLOGY, Category.AID))
    assert (example.subject, example.escalate, example.level) == (Subject.OTHER, True, RiskLevel.MODERATE)
    labels = to_evaluation_row(example)["labels"]
    assert labels == {
        "category": "legal",
        "also": ["psychology", "aid"],
        "signals": ["bullying"],
        "level": 2,
        "escalate": True,
        "subject": "other",
    }


def test_each_turn_of_a_conversation_has_the_subject_of_its_danger(tmp_path: Path) -> None:
    calm = {"role": "youth", "text": "在吗", "level": 0, "signals": []}
    danger = {"role": "youth", "text": "我同桌说她不想活了", "level": 2, "signals": ["suicide"]}
    row = {"id": "c", "turns": [calm, danger], "category": "psychology", "subject": "other"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), encoding="utf-8")
    assert [each.subject for each in read_conversations(tmp_path)] == [Subject.NONE, Subject.OTHER]


def test_numbered_variants_of_a_family_are_one_group(tmp_path: Path) -> None:
    rows = ["neg-laugh", "neg-laugh2", "neg-laugh-3", "neg-cry"]
    lines = [f"t\tt/{family}\tother\t-\t-\t0\tnone\t-\t句子{family}\n" for family in rows]
    (tmp_path / "a.tsv").write_text(HEADER + "".join(lines), encoding="utf-8")
    assert [example.group for example in read_authored(tmp_path)] == ["t/neg-laugh"] * 3 + ["t/neg-cry"]
