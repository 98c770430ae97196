"""Intervals that know which rows belong together.

Rows of one group (one author's frame, one conversation) are not independent. Proportions get a
Wilson interval on the effective number of rows; all else gets a bootstrap that draws whole groups.
"""

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from eval.metrics.estimate import CONFIDENCE, Estimate, not_measured

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Statistic = Callable[[FloatArray], FloatArray]
"""From weights of shape (resamples, n) to one value per resample; NaN where it is undefined."""

RESAMPLES = 1000
SEED = 12355
_BLOCK_CELLS = 2_000_000
_Z = 1.959963984540054
_FEWEST_SHARE = 0.5


def wilson_interval(share: float, *, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval for a share seen in ``n`` trials; ``n`` may be an effective number.

    Source: Wilson 1927, as in Brown, Cai and DasGupta 2001.
    """
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low = 0.0 if share == 0.0 else max(0.0, centre - half)
    high = 1.0 if share == 1.0 else min(1.0, centre + half)
    return low, high


def estimate_share(hits: BoolArray, *, groups: IntArray) -> Estimate:
    """The share of True with Wilson's interval on the effective number of rows."""
    n = int(hits.size)
    if n == 0:
        return not_measured("no rows to measure it on")
    share = float(hits.mean())
    low, high = wilson_interval(share, n=effective_size(hits, groups=groups))
    return Estimate(value=share, low=low, high=high, n=n, method="wilson")


def effective_size(hits: BoolArray, *, groups: IntArray) -> float:
    """How many independent rows a grouped sample is worth: n over the design effect.

    The design effect is the cluster-robust variance of the share over its binomial variance, never
    below 1. Where all rows agree it cannot be seen; each group then counts once, which is cautious.
    """
    n = hits.size
    _, codes = np.unique(groups, return_inverse=True)
    group_count = int(codes.max()) + 1
    share = float(hits.mean())
    if group_count == n:
        return float(n)
    if share in (0.0, 1.0) or group_count == 1:
        return float(group_count)
    residuals = np.bincount(codes, weights=hits - share)
    clustered = group_count / (group_count - 1) * float(np.square(residuals).sum()) / n**2
    return n / max(1.0, clustered * n / (share * (1 - share)))


def draw_weights(groups: IntArray, *, resamples: int, seed: int) -> Iterator[FloatArray]:
    """Blocks of bootstrap weights (resamples, n): how often each row is drawn, groups kept whole.

    The same groups and seed give the same draws, so that two systems can be compared pair by pair.
    """
    _, codes = np.unique(groups, return_inverse=True)
    group_count = int(codes.max()) + 1
    shares = np.full(group_count, 1.0 / group_count)
    random = np.random.default_rng(seed)
    block = max(1, _BLOCK_CELLS // max(groups.size, group_count))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = random.multinomial(group_count, shares, size=size)
        yield drawn[:, codes].astype(np.float64)


def bootstrap(
    statistics: Mapping[str, Statistic],
    *,
    groups: IntArray,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, FloatArray]:
    """The value of each statistic in each resample, all from the same draws."""
    found: dict[str, list[FloatArray]] = {name: [] for name in statistics}
    for weights in draw_weights(groups, resamples=resamples, seed=seed):
        for name, statistic in statistics.items():
            found[name].append(statistic(weights))
    return {name: np.concatenate(blocks) for name, blocks in found.items()}


def estimate_bootstrapped(value: float | None, replicates: FloatArray, *, n: int) -> Estimate:
    """A point value with the percentile interval of its resamples, widened to hold the point.

    ``value`` None or NaN means undefined. No interval is given when most resamples are undefined.
    """
    if value is None or math.isnan(value):
        return not_measured("undefined on these rows", n=n)
    valid = replicates[~np.isnan(replicates)]
    if valid.size < _FEWEST_SHARE * replicates.size:
        return Estimate(value=value, n=n, method="none", note="too few rows for an interval")
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = (float(bound) for bound in np.percentile(valid, [tail, 100 - tail]))
    if low == high:
        return Estimate(value=value, n=n, method="none", note="all resamples agree, which shows no interval")
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=n, method="bootstrap")
