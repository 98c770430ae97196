"""The drift check is silent on any mix of what it knows, and loud on what it does not know."""

import numpy as np
import numpy.typing as npt
import pytest

from triage.drift import BINS, EDGES, ENOUGH, DriftMonitor, ScoreReference, count_bins

PARTS = {"danger": (6.0, 1.5), "alike": (1.5, 5.0), "ordinary": (0.5, 40.0)}
"""Beta distributions that stand for the parts of a calibration set."""


def draw(part: str, count: int, *, seed: int) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).beta(*PARTS[part], count)


@pytest.fixture(scope="module")
def reference() -> ScoreReference:
    return ScoreReference(
        parts={part: count_bins(draw(part, 800, seed=at).tolist()) for at, part in enumerate(PARTS)}
    )


def watch(reference: ScoreReference, *groups: npt.NDArray[np.float64]) -> DriftMonitor:
    monitor = DriftMonitor(reference)
    for score in np.concatenate(groups):
        monitor.add(float(score))
    return monitor


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("danger", [0, 5, 300])
def test_other_shares_of_the_same_are_no_drift(reference: ScoreReference, danger: int, seed: int) -> None:
    groups = (draw("danger", danger, seed=50 + seed), draw("ordinary", 1200, seed=60 + seed))
    report = watch(reference, *groups, draw("alike", 100, seed=70 + seed)).report()
    assert not report.drifted
    assert report.shares["danger"] == pytest.approx(danger / (danger + 1300), abs=0.05)


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param(np.full(400, 0.42), id="one-score"),
        pytest.param(np.zeros(400), id="silent"),
        pytest.param(np.linspace(0.3, 0.6, 400), id="all-unsure"),
    ],
)
def test_scores_that_no_mix_explains_are_drift(
    reference: ScoreReference, strange: npt.NDArray[np.float64]
) -> None:
    assert watch(reference, strange).report().drifted


def test_a_few_scores_say_nothing(reference: ScoreReference) -> None:
    report = watch(reference, np.full(ENOUGH - 1, 0.42)).report()
    assert not report.enough
    assert not report.drifted


def test_old_scores_are_forgotten(reference: ScoreReference) -> None:
    monitor = DriftMonitor(reference, window=300)
    for score in [0.42] * 300 + draw("ordinary", 300, seed=9).tolist():
        monitor.add(score)
    assert monitor.report().n == 300
    assert not monitor.report().drifted


def test_without_a_reference_nothing_is_claimed() -> None:
    report = ScoreReference(parts={}).compare([5] * BINS)
    assert (report.distance, report.drifted) == (0.0, False)


def test_every_score_has_a_bin() -> None:
    assert count_bins([0.0, *EDGES, 1.0]) == [1, *[1] * (BINS - 2), 2]
