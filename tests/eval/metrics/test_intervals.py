import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from eval.metrics.intervals import (
    bootstrap,
    draw_weights,
    effective_size,
    estimate_bootstrapped,
    estimate_share,
    wilson_interval,
)

OWN = np.arange(200)


@pytest.mark.parametrize(
    ("hits", "n"), [(0, 1), (1, 1), (0, 300), (300, 300), (7, 10), (981, 1000), (3, 4000)]
)
def test_wilson_is_that_of_scipy(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    low, high = wilson_interval(hits / n, n=n)
    assert low == pytest.approx(expected.low, abs=1e-9)
    assert high == pytest.approx(expected.high, abs=1e-9)


def test_no_miss_in_three_hundred_shows_ninety_nine_percent() -> None:
    assert wilson_interval(1.0, n=300)[0] == pytest.approx(0.98736, abs=1e-5)


@given(share=st.floats(0, 1), n=st.floats(1, 1e6))
def test_wilson_holds_the_share_within_bounds(share: float, n: float) -> None:
    low, high = wilson_interval(share, n=n)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_independent_rows_count_once_each() -> None:
    hits = np.arange(200) % 4 == 0
    assert effective_size(hits, groups=OWN) == 200


def test_copies_of_a_row_add_nothing() -> None:
    hits = np.repeat(np.arange(50) % 2 == 0, 4)
    groups = np.repeat(np.arange(50), 4)
    assert effective_size(hits, groups=groups) == pytest.approx(49, abs=1e-9)


def test_groups_that_differ_inside_cost_nothing() -> None:
    hits = np.tile([True, False], 100)
    assert effective_size(hits, groups=np.repeat(np.arange(100), 2)) == 200


@pytest.mark.parametrize("constant", [True, False])
def test_without_any_variation_each_group_counts_once(constant: bool) -> None:
    hits = np.full(300, constant)
    assert effective_size(hits, groups=np.repeat(np.arange(100), 3)) == 100
    assert effective_size(hits, groups=np.zeros(300, dtype=np.int64)) == 1


def test_share_has_n_and_interval() -> None:
    estimate = estimate_share(np.arange(200) < 150, groups=OWN)
    expected = binomtest(150, 200).proportion_ci(method="wilson")
    assert (estimate.value, estimate.n, estimate.method) == (0.75, 200, "wilson")
    assert (estimate.low, estimate.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_share_of_nothing_is_not_measured() -> None:
    estimate = estimate_share(np.zeros(0, dtype=np.bool_), groups=np.zeros(0, dtype=np.int64))
    assert estimate.value is None
    assert estimate.reason


def test_weights_draw_whole_groups() -> None:
    groups = np.array([7, 3, 7, 3, 9])
    weights = np.concatenate(list(draw_weights(groups, resamples=500, seed=1)))
    assert weights.shape == (500, 5)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 1] == weights[:, 3]).all()
    assert (weights[:, 0] + weights[:, 1] + weights[:, 4] == 3).all()
    assert weights.mean() == pytest.approx(1.0, abs=0.05)


def test_same_seed_same_draws_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(draw_weights(OWN, resamples=60, seed=5)))
    monkeypatch.setattr("eval.metrics.intervals._BLOCK_CELLS", 2_000)
    blocks = list(draw_weights(OWN, resamples=60, seed=5))
    assert len(blocks) == 6
    assert (np.concatenate(blocks) == whole).all()
    assert (np.concatenate(list(draw_weights(OWN, resamples=60, seed=6))) != whole).any()


def test_bootstrap_of_a_mean_has_the_textbook_width() -> None:
    values = np.random.default_rng(3).normal(size=400)
    found = bootstrap({"mean": lambda weights: weights @ values / weights.sum(axis=1)}, groups=np.arange(400))
    assert found["mean"].std() == pytest.approx(values.std() / math.sqrt(400), rel=0.1)


def test_grouped_bootstrap_is_wider() -> None:
    values = np.repeat(np.random.default_rng(3).normal(size=50), 8)
    statistic = {"mean": lambda weights: weights @ values / weights.sum(axis=1)}
    alone = bootstrap(statistic, groups=np.arange(400))["mean"].std()
    grouped = bootstrap(statistic, groups=np.repeat(np.arange(50), 8))["mean"].std()
    assert grouped > 2 * alone


def test_percentile_interval_holds_the_point() -> None:
    replicates = np.linspace(0.2, 0.4, 1001)
    inside = estimate_bootstrapped(0.3, replicates, n=10)
    assert (inside.low, inside.high) == pytest.approx((0.205, 0.395), abs=1e-9)
    below = estimate_bootstrapped(0.1, replicates, n=10)
    assert (below.low, below.high) == pytest.approx((0.1, 0.395), abs=1e-9)


@pytest.mark.parametrize("value", [None, math.nan])
def test_undefined_value_is_not_measured(value: float | None) -> None:
    assert estimate_bootstrapped(value, np.ones(10), n=4).value is None


def test_no_interval_from_resamples_that_are_undefined_or_all_alike() -> None:
    mostly = estimate_bootstrapped(0.5, np.array([0.5] * 4 + [math.nan] * 6), n=4)
    alike = estimate_bootstrapped(1.0, np.ones(1000), n=4)
    for estimate in (mostly, alike):
        assert (estimate.low, estimate.high) == (None, None)
        assert estimate.note
