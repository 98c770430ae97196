import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.estimate import Estimate, not_measured
from eval.metrics.prevalence import (
    CONTACTS_A_DAY,
    PREVALENCE,
    measure_workload,
    positive_predictive_value,
)

TIGHT = 1e-9


def estimate(value: float, low: float, high: float, n: int = 100) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, method="wilson")


def test_the_design_figure() -> None:
    # a recall of .98 at a specificity of .99 gives one true alarm in three
    found = positive_predictive_value(recall=0.98, false_alarm_rate=0.01)
    assert found == pytest.approx(0.0049 / (0.0049 + 0.00995), abs=TIGHT)
    assert found == pytest.approx(1 / 3, abs=0.01)


def test_workload_by_hand() -> None:
    workload = measure_workload(estimate(0.9, 0.8, 0.95), estimate(0.02, 0.01, 0.04))
    assert (CONTACTS_A_DAY, PREVALENCE) == (2000, 0.005)
    assert workload.alerts_a_day.value == pytest.approx(10 * 0.9 + 1990 * 0.02, abs=TIGHT)
    assert workload.alerts_a_day.low == pytest.approx(10 * 0.8 + 1990 * 0.01, abs=TIGHT)
    assert workload.alerts_a_day.high == pytest.approx(10 * 0.95 + 1990 * 0.04, abs=TIGHT)
    assert workload.false_alarms_a_day.value == pytest.approx(39.8, abs=TIGHT)
    assert workload.misses_a_year.value == pytest.approx(365.0, abs=TIGHT)
    assert workload.misses_a_year.high == pytest.approx(730.0, abs=TIGHT)
    assert workload.positive_predictive_value.low == pytest.approx(8 / (8 + 79.6), abs=TIGHT)
    assert workload.positive_predictive_value.high == pytest.approx(9.5 / (9.5 + 19.9), abs=TIGHT)
    assert workload.alerts_a_day.n == 200


def test_it_is_the_precision_of_the_reweighted_rows() -> None:
    truth = np.array([True] * 40 + [False] * 60)
    raised = np.array([True] * 31 + [False] * 9 + [True] * 7 + [False] * 53)
    weights = np.where(truth, PREVALENCE / truth.sum(), (1 - PREVALENCE) / (~truth).sum())
    precision = weights[truth & raised].sum() / weights[raised].sum()
    found = positive_predictive_value(recall=31 / 40, false_alarm_rate=7 / 60)
    assert found == pytest.approx(precision, abs=TIGHT)


def test_always_alarming_is_worth_the_base_rate() -> None:
    workload = measure_workload(estimate(1.0, 0.97, 1.0), estimate(1.0, 0.98, 1.0))
    assert workload.positive_predictive_value.value == pytest.approx(PREVALENCE, abs=TIGHT)
    assert workload.alerts_a_day.value == pytest.approx(CONTACTS_A_DAY, abs=TIGHT)


def test_silence_has_no_predictive_value_and_misses_all() -> None:
    workload = measure_workload(estimate(0.0, 0.0, 0.0), estimate(0.0, 0.0, 0.0))
    assert workload.positive_predictive_value.value is None
    assert workload.positive_predictive_value.reason == "no alarm was raised at all"
    assert workload.alerts_a_day.value == 0.0
    assert workload.misses_a_year.value == pytest.approx(3650.0, abs=TIGHT)


@pytest.mark.parametrize("missing", ["recall", "false alarms"])
def test_needs_both(missing: str) -> None:
    known, unknown = estimate(0.9, 0.8, 1.0), not_measured("no rows")
    pair = (unknown, known) if missing == "recall" else (known, unknown)
    workload = measure_workload(*pair)
    assert workload.alerts_a_day.value is None
    assert workload.positive_predictive_value.reason


@given(
    recall=st.floats(0.01, 1),
    rate=st.floats(0.001, 1),
    prevalence=st.floats(0.001, 0.5),
    more=st.floats(0, 0.4),
)
def test_a_rarer_danger_never_raises_the_value(
    recall: float, rate: float, prevalence: float, more: float
) -> None:
    rare = positive_predictive_value(recall=recall, false_alarm_rate=rate, prevalence=prevalence)
    common = positive_predictive_value(recall=recall, false_alarm_rate=rate, prevalence=prevalence + more)
    assert rare is not None
    assert common is not None
    assert rare <= common + TIGHT
