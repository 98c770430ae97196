import pytest
from scipy.stats import binomtest

from eval.metrics.conversations import Course, Timing, measure_conversations, time_alarm


def course(disclosure: int | None, alarms: str, group: int = 0) -> Course:
    """``alarms`` has a character per youth turn: ! for an alarm."""
    return Course(disclosure=disclosure, alarms=tuple(mark == "!" for mark in alarms), group=group)


@pytest.mark.parametrize(
    ("disclosure", "alarms", "timing"),
    [
        (2, "!!!!", Timing.BEFORE),
        (2, ".!!!", Timing.BEFORE),
        (2, "..!!", Timing.AT),
        (2, "...!", Timing.ONE_LATER),
        (1, "...!", Timing.LATER),
        (2, "....", Timing.NEVER),
        (0, "!", Timing.AT),
    ],
)
def test_timing(disclosure: int, alarms: str, timing: Timing) -> None:
    assert time_alarm(course(disclosure, alarms)) is timing


def test_a_benign_conversation_has_no_timing() -> None:
    with pytest.raises(ValueError, match="benign"):
        time_alarm(course(None, "!"))


def test_shares_by_hand() -> None:
    escalating = [(1, "!!"), (1, ".!"), (1, ".!"), (0, ".!"), (0, "..!"), (0, "...")]
    benign = ["..", "..!", "...", "."]
    courses = [course(at, alarms, group) for group, (at, alarms) in enumerate(escalating)]
    courses += [course(None, alarms, 10 + group) for group, alarms in enumerate(benign)]
    measures = measure_conversations(courses)
    assert (measures.escalating, measures.benign) == (6, 4)
    shares = {timing: estimate.value for timing, estimate in measures.timing.items()}
    assert shares == {
        Timing.BEFORE: pytest.approx(1 / 6),
        Timing.AT: pytest.approx(2 / 6),
        Timing.ONE_LATER: pytest.approx(1 / 6),
        Timing.LATER: pytest.approx(1 / 6),
        Timing.NEVER: pytest.approx(1 / 6),
    }
    assert measures.by_disclosure.value == pytest.approx(3 / 6)
    assert measures.within_one.value == pytest.approx(4 / 6)
    expected = binomtest(1, 4).proportion_ci(method="wilson")
    assert measures.false_alarm.value == 0.25
    assert (measures.false_alarm.low, measures.false_alarm.high) == pytest.approx(
        (expected.low, expected.high)
    )


def test_alarming_at_once_and_always_is_early_but_false() -> None:
    measures = measure_conversations([course(2, "!!!", 0), course(None, "!!", 1)])
    assert measures.timing[Timing.AT].value == 0.0
    assert measures.false_alarm.value == 1.0


def test_without_conversations_nothing_is_measured() -> None:
    measures = measure_conversations([])
    assert measures.within_one.value is None
    assert measures.false_alarm.value is None
