import pytest

from triage.labels import RiskLevel, Signal, escalates


@pytest.mark.parametrize(
    ("signals", "level", "expected"),
    [
        pytest.param([Signal.SUICIDE], RiskLevel.MODERATE, True, id="signal at moderate"),
        pytest.param([Signal.SUICIDE], RiskLevel.LOW, False, id="past and over"),
        pytest.param([Signal.FRAUD], RiskLevel.HIGH, False, id="fraud alone never"),
        pytest.param([Signal.FRAUD, Signal.BULLYING], RiskLevel.HIGH, True, id="fraud beside another"),
        pytest.param([], RiskLevel.IMMINENT, False, id="no signal"),
    ],
)
def test_escalation_follows_the_label_scheme(signals: list[Signal], level: RiskLevel, expected: bool) -> None:
    assert escalates(signals, level) is expected
