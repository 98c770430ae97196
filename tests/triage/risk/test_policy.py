from pathlib import Path

import pytest

from triage.errors import ContentError
from triage.labels import Queue, RiskLevel
from triage.normalize import normalize_text
from triage.risk.policy import POLICY_PATH, load_policy


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = POLICY_PATH.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "policy.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path / "policy.yaml"


def test_promises_get_shorter_as_danger_grows() -> None:
    promises = load_policy().escalation_within_s
    levels = [RiskLevel.MODERATE, RiskLevel.HIGH, RiskLevel.IMMINENT]
    assert [promises[level] for level in levels] == sorted(promises.values(), reverse=True)
    assert max(promises.values()) <= min(load_policy().queue_within_s.values())


def test_every_queue_but_the_high_risk_desk_has_a_promise() -> None:
    assert set(load_policy().queue_within_s) == set(Queue) - {Queue.HIGH_RISK}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param("IMMINENT: 30", "IMMINENCE: 30", "IMMINENCE", id="unknown level"),
        pytest.param(", IMMINENT: 30", "", "no promise", id="missing level"),
        pytest.param("legal: 3600, ", "", "no promise", id="missing queue"),
        pytest.param("certain_risk_score: 0.97", "certain_risk_score: 9.7", "0..1", id="not a share"),
        pytest.param("review_within_s: 600", "review_in: 600", "review_in", id="unknown key"),
        pytest.param("version:", "version: [", "policy.yaml", id="not yaml"),
        pytest.param("HIGH: 60", "HIGH: soon", "soon", id="not a number"),
    ],
)
def test_a_broken_policy_stops_the_start_in_words(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ContentError, match=complaint):
        load_policy(edited(tmp_path, old, new))


def test_a_missing_policy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="gone"):
        load_policy(tmp_path / "gone.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("轉人工", True), ("我要找真人", True), ("人工智能作业怎么写", False), ("今天工人很多", False)],
)
def test_asking_for_a_person_is_understood_in_both_scripts(text: str, expected: bool) -> None:
    assert load_policy().asks_for_human(normalize_text(text)) is expected
