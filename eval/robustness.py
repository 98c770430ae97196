"""``perturb``: how many alarms are lost, and how many are added, when the same is written otherwise."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from eval.dataset import Dataset, Sample
from eval.judgements import Alarms, judge_alarms
from eval.metrics.estimate import Estimate, not_measured
from eval.metrics.intervals import (
    SEED,
    BoolArray,
    FloatArray,
    IntArray,
    bootstrap,
    estimate_bootstrapped,
    estimate_share,
)
from eval.perturbations import KINDS, rewrite_turns
from eval.slices import FEWEST_POSITIVES
from eval.systems import answer_with_pipeline
from eval.workers import PipelineWorkers


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """One kind of rewriting. Shares in 0..1; a positive ``recall_loss`` means alarms that went missing.

    ``changed`` is the share of rows that the rewriting altered; all else is measured on those alone.
    """

    kind: str
    changed: float
    recall: Estimate
    recall_loss: Estimate
    false_alarms: Estimate
    false_alarm_rise: Estimate


def measure_robustness(
    dataset: Dataset, *, workers: PipelineWorkers, tell: Callable[[str], None], kinds: Sequence[str] = KINDS
) -> list[Robustness]:
    """Each kind on all rows whose ``escalate`` is labelled, compared with the same rows as they were."""
    samples = [sample for sample in dataset.samples if sample.labels.escalate is not None]
    clean = judge_alarms(samples, answer_with_pipeline(workers, samples))
    found = []
    for kind in kinds:
        rewritten = [rewrite_sample(sample, kind=kind) for sample in samples]
        changed = np.array(
            [new.row.turns != old.row.turns for new, old in zip(rewritten, samples, strict=True)],
            dtype=np.bool_,
        )
        altered = [sample for sample, new in zip(rewritten, changed, strict=True) if new]
        after = judge_alarms(altered, answer_with_pipeline(workers, altered))
        found.append(_compare(kind, clean.subset(np.flatnonzero(changed)), after, changed=changed))
        tell(f"{kind}: done")
    return found


def rewrite_sample(sample: Sample, *, kind: str) -> Sample:
    """The sample in another writing, with the same labels."""
    turns = rewrite_turns(sample.row.turns, kind=kind, seed=SEED)
    return replace(sample, row=replace(sample.row, turns=turns))


def _compare(kind: str, before: Alarms, after: Alarms, *, changed: BoolArray) -> Robustness:
    danger, calm = before.truth, ~before.truth
    return Robustness(
        kind=kind,
        changed=float(changed.mean()) if changed.size else 0.0,
        recall=estimate_share(after.raised[danger], groups=before.groups[danger]),
        recall_loss=_difference(before, after, rows=danger, sign=1.0),
        false_alarms=estimate_share(after.raised[calm], groups=before.groups[calm]),
        false_alarm_rise=_difference(before, after, rows=calm, sign=-1.0),
    )


def _difference(before: Alarms, after: Alarms, *, rows: BoolArray, sign: float) -> Estimate:
    """Alarms before minus alarms after, as a share of rows, with a paired bootstrap by group."""
    count = int(rows.sum())
    if not count:
        return not_measured("no such row was altered")
    gaps: FloatArray = sign * (before.raised[rows].astype(np.float64) - after.raised[rows])
    groups: IntArray = before.groups[rows]

    def mean(weights: FloatArray) -> FloatArray:
        means: FloatArray = weights @ gaps / np.maximum(weights.sum(axis=1), 1.0)
        return means

    estimate = estimate_bootstrapped(
        float(gaps.mean()), bootstrap({"mean": mean}, groups=groups)["mean"], n=count
    )
    few = count < FEWEST_POSITIVES
    return replace(estimate, note=f"fewer than {FEWEST_POSITIVES} rows") if few else estimate


def render_robustness(dataset: Dataset, found: Sequence[Robustness], *, versions: Mapping[str, str]) -> str:
    """All figures as JSON; no text and no id of any row is in it."""
    content = {
        "dataset": dataset.name,
        "sha256": dataset.sha256,
        **versions,
        "kinds": [asdict(each) for each in found],
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def render_lines(found: Sequence[Robustness]) -> list[str]:
    """A table for the terminal and for documents (Markdown)."""
    lines = [
        "| kind | altered | recall | recall lost | false alarms | false alarms added |",
        "|---|---|---|---|---|---|",
    ]
    for each in found:
        cells = [_share(each.recall), _share(each.recall_loss), _share(each.false_alarms)]
        lines.append(
            f"| {each.kind} | {each.changed:.0%} | {' | '.join([*cells, _share(each.false_alarm_rise)])} |"
        )
    return lines


def _share(estimate: Estimate) -> str:
    if estimate.value is None:
        return "not measured"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (n {estimate.n})"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f}; n {estimate.n})"
