from typing import Any

import pytest

from eval.answers import parse_answer, render_answer, render_bad_row
from eval.errors import RowError
from eval.rows import BadRow, parse_row
from tests.eval.files import DANGER, assistant, youth
from tests.eval.pipelines import load_broken, load_keywords
from triage.labels import CATEGORIES, SIGNALS, Category, RiskLevel, Signal
from triage.window import WINDOW_TURNS

TURN_FIELDS = {
    "category",
    "category_scores",
    "signals",
    "signal_scores",
    "level",
    "subject",
    "risk_score",
    "escalate",
    "degraded",
    "degraded_reasons",
    "evidence",
}


def answered(fields: dict[str, Any], *, broken: bool = False) -> dict[str, Any]:
    row = parse_row(fields, line=1)
    pipeline = load_broken(None) if broken else load_keywords(None)
    return render_answer(row, pipeline.triage_transcripts([row.turns])[0])


def test_text_row_has_the_contracted_fields() -> None:
    found = answered({"id": "a", "text": DANGER})
    assert set(found) == {"id", "turns", *TURN_FIELDS}
    assert list(found["category_scores"]) == [category.value for category in CATEGORIES]
    assert list(found["signal_scores"]) == [signal.value for signal in SIGNALS]
    assert sum(found["category_scores"].values()) == pytest.approx(1.0, abs=1e-5)
    assert found["signals"] == ["suicide"]
    assert found["subject"] == "self"
    assert found["escalate"] is True
    assert (found["degraded"], found["degraded_reasons"]) == (False, [])
    assert found["turns"] == [{"index": 0, **{key: found[key] for key in TURN_FIELDS}}]


def test_evidence_quotes_the_text() -> None:
    text = "🙂🙂" + DANGER
    evidence = answered({"id": "a", "text": text})["evidence"]
    assert evidence
    assert all(set(item) == {"signal", "start", "end", "text"} for item in evidence)
    assert all(text[item["start"] : item["end"]] == item["text"] for item in evidence)


def test_conversation_keeps_whom_its_danger_is_about() -> None:
    later = [youth("今天吃了面") for _ in range(WINDOW_TURNS)]
    found = answered({"id": "c", "turns": [youth(DANGER), *later]})
    assert (found["turns"][0]["subject"], found["turns"][-1]["subject"]) == ("self", "none")
    assert found["subject"] == "self"


def test_conversation_keeps_its_danger_and_says_in_which_turn_it_was() -> None:
    turns = [assistant(), youth("你好"), youth(DANGER), assistant(), youth("没事了，骗你的")]
    found = answered({"id": "c", "turns": turns})
    assert [turn["index"] for turn in found["turns"]] == [1, 2, 4]
    assert [turn["escalate"] for turn in found["turns"]] == [False, True, True]
    assert found["escalate"] is True
    assert found["level"] == found["turns"][-1]["level"]
    assert found["evidence"]
    for item in found["evidence"]:
        assert turns[item["turn"]]["text"][item["start"] : item["end"]] == item["text"]
    assert {"turn"} == set(found["evidence"][0]) - {"signal", "start", "end", "text"}


def test_conversation_is_degraded_when_a_turn_was() -> None:
    found = answered({"id": "c", "turns": [youth("🙂"), youth("今天天气不错啊")]})
    assert [turn["degraded"] for turn in found["turns"]] == [True, False]
    assert found["degraded"] is True
    assert found["degraded_reasons"] == found["turns"][0]["degraded_reasons"] != []


def test_failing_classifier_is_an_answer_that_says_so() -> None:
    found = answered({"id": "a", "text": "今天有点冷"}, broken=True)
    assert found["degraded"] is True
    assert "classifier_failed" in found["degraded_reasons"]
    assert found["level"] >= RiskLevel.MODERATE


def test_an_answer_can_be_read_back() -> None:
    found = parse_answer(answered({"id": 5, "turns": [youth("你好"), youth(DANGER)]}))
    assert found is not None
    assert found.id == 5
    assert found.final == found.turns[-1]
    assert found.final.category is Category.PSYCHOLOGY
    assert found.final.signals == {Signal.SUICIDE}
    assert [turn.escalate for turn in found.turns] == [False, True]


def test_error_row() -> None:
    row = render_bad_row(BadRow(id=None, line=4, code="invalid_json", message="not JSON"))
    assert row == {"id": None, "line": 4, "error": {"code": "invalid_json", "message": "not JSON"}}
    assert parse_answer(row) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"risk_score": 1.2}, id="score above 1"),
        pytest.param({"risk_score": True}, id="score true"),
        pytest.param({"escalate": "no"}, id="escalate a string"),
        pytest.param({"degraded": None}, id="degraded null"),
        pytest.param({"category": "unknown"}, id="unknown category"),
        pytest.param({"signals": ["unknown"]}, id="unknown signal"),
        pytest.param({"level": 9}, id="unknown level"),
        pytest.param({"turns": None}, id="no turns"),
        pytest.param({"id": None}, id="no id"),
    ],
)
def test_what_is_no_answer_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RowError):
        parse_answer({**answered({"id": "a", "text": DANGER}), **change})
