"""What recall and false alarms mean at the real base rate.

Test sets hold far more danger than the line sees. Weighting danger by ``prevalence`` and all else by
its complement gives the alarms of an ordinary day.
"""

from collections.abc import Callable
from dataclasses import dataclass

from eval.metrics.estimate import Estimate, not_measured

CONTACTS_A_DAY = 2_000
"""Contacts a day that the line wants to serve; it has about 1,400 now."""
PREVALENCE = 0.005
"""Share of contacts that are high-risk (高危): seven a day of 1,400."""
DAYS_A_YEAR = 365
_METHOD = "from the ends of the intervals of recall and false alarms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Alarms of an ordinary day; ``misses_a_year`` are dangers that raise no alarm by themselves."""

    alerts_a_day: Estimate
    false_alarms_a_day: Estimate
    positive_predictive_value: Estimate
    misses_a_year: Estimate


def positive_predictive_value(
    *, recall: float, false_alarm_rate: float, prevalence: float = PREVALENCE
) -> float | None:
    """Share of alarms that are true (阳性预测值); None when no alarm is ever raised."""
    true, false = prevalence * recall, (1 - prevalence) * false_alarm_rate
    return true / (true + false) if true + false > 0 else None


def measure_workload(
    recall: Estimate,
    false_alarm_rate: Estimate,
    *,
    contacts_a_day: int = CONTACTS_A_DAY,
    prevalence: float = PREVALENCE,
) -> Workload:
    """The workload that a recall and a false-alarm rate bring, with cautious intervals."""
    danger, ordinary = contacts_a_day * prevalence, contacts_a_day * (1 - prevalence)
    return Workload(
        alerts_a_day=_combine(recall, false_alarm_rate, lambda r, f: danger * r + ordinary * f),
        false_alarms_a_day=_combine(recall, false_alarm_rate, lambda _, f: ordinary * f),
        positive_predictive_value=_combine(
            recall,
            false_alarm_rate,
            lambda r, f: positive_predictive_value(recall=r, false_alarm_rate=f, prevalence=prevalence),
        ),
        misses_a_year=_combine(recall, false_alarm_rate, lambda r, _: DAYS_A_YEAR * danger * (1 - r)),
    )


def _combine(
    recall: Estimate, false_alarm_rate: Estimate, measure: Callable[[float, float], float | None]
) -> Estimate:
    """A measure of both, over the four corners of their intervals."""
    if recall.value is None or false_alarm_rate.value is None:
        return not_measured("needs both recall and the false-alarm rate")
    n = recall.n + false_alarm_rate.n
    value = measure(recall.value, false_alarm_rate.value)
    if value is None:
        return not_measured("no alarm was raised at all", n=n)
    corners = [
        measure(r, f)
        for r in (recall.low, recall.high)
        for f in (false_alarm_rate.low, false_alarm_rate.high)
        if r is not None and f is not None
    ]
    known = [corner for corner in corners if corner is not None]
    if not known:
        return Estimate(value=value, n=n, method=_METHOD)
    return Estimate(value=value, low=min(known), high=max(known), n=n, method=_METHOD)
