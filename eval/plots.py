"""The report's figures, as inline SVG.

Words in a figure stay text, in the reader's own fonts; they are English, and the Chinese terms stand
in the captions, so that no font file is needed where the report is made.
"""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from eval.evaluation import Evaluation
from eval.judgements import Alarms
from eval.metrics.classification import CALIBRATION_BINS, calibration_bin, has_both_classes
from eval.metrics.intervals import SEED, FloatArray, draw_weights, estimate_share
from eval.metrics.prevalence import CONTACTS_A_DAY, PREVALENCE
from eval.metrics.resampled import WeightedRanking
from eval.scorecard import Scorecard
from triage.labels import CATEGORIES

COLOURS = {"model": "#0b6e6e", "keywords": "#9a8c7c", "ngrams": "#c77d2e"}
_DANGER, _ORDINARY, _INK, _GRID = "#a63d40", "#8fa3ad", "#22313a", "#dfe5e8"
_TEALS = LinearSegmentedColormap.from_list("teals", ["#f6fafa", "#8fc1c0", COLOURS["model"]])
_STYLES = {"model": "-", "keywords": ":", "ngrams": "--"}
_TOLERANCE = 1e-9
_BAND_RESAMPLES = 300
_GRID_POINTS = np.linspace(0.0, 1.0, 101)
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": "#9fb0b8",
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}


def draw_plots(evaluation: Evaluation) -> dict[str, str]:
    """SVG by name; a figure whose data the dataset does not hold is left out."""
    alarms = evaluation.model.alarms
    plots: dict[str, str] = {}
    if has_both_classes(alarms.truth):
        plots["curves"] = _render("curves", (9.6, 4.2), 2, lambda axes: _draw_curves(axes, evaluation))
        plots["workload"] = _render(
            "workload", (9.6, 4.2), 1, lambda axes: _draw_workload(axes[0], evaluation)
        )
    if alarms.truth.size:
        plots["reliability"] = _render(
            "reliability", (4.7, 4.2), 1, lambda axes: _draw_reliability(axes[0], alarms)
        )
        plots["scores"] = _render("scores", (4.7, 4.2), 1, lambda axes: _draw_scores(axes[0], alarms))
    if any(any(row) for row in evaluation.model.confusion):
        plots["confusion"] = _render(
            "confusion", (5.2, 4.2), 1, lambda axes: _draw_confusion(axes[0], evaluation.model)
        )
    return plots


def _render(
    name: str, size: tuple[float, float], columns: int, draw: Callable[[Sequence[Axes]], None]
) -> str:
    """Draw a figure and give its SVG element, the same bytes for the same numbers."""
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(1, columns, squeeze=False)[0]
        draw(list(axes))
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg))


def _draw_curves(axes: Sequence[Axes], evaluation: Evaluation) -> None:
    roc, precision = axes
    for card in evaluation.scorecards:
        look: dict[str, Any] = {
            "color": COLOURS[card.key],
            "linestyle": _STYLES[card.key],
            "label": card_label(card),
        }
        false_alarms, recall, _ = roc_curve(card.alarms.truth, card.alarms.score, drop_intermediate=False)
        roc.plot(false_alarms, recall, **look)
        values, recalls, _ = precision_recall_curve(card.alarms.truth, card.alarms.score)
        precision.plot(recalls, values, drawstyle="steps-post", **look)
    recall_band, precision_band = _curve_bands(evaluation.model.alarms)
    for axis, band in ((roc, recall_band), (precision, precision_band)):
        axis.fill_between(_GRID_POINTS, band[0], band[1], color=COLOURS["model"], alpha=0.15, linewidth=0)
    roc.plot([0, 1], [0, 1], color="#b9c4c9", linewidth=1)
    _frame(roc, title="ROC", x="false-alarm rate", y="recall")
    _frame(precision, title="Precision and recall", x="recall", y="precision in this dataset")
    roc.legend(loc="lower right", fontsize=9)


def card_label(card: Scorecard) -> str:
    """A system's name in a figure: Latin letters only."""
    return {"model": "model", "keywords": "18 keywords", "ngrams": "char n-grams"}[card.key]


def _curve_bands(alarms: Alarms) -> tuple[FloatArray, FloatArray]:
    """Pointwise 95 % bands of recall over false-alarm rate, and of precision over recall."""
    ranking = WeightedRanking(alarms.truth, alarms.score)
    recalls: list[FloatArray] = []
    precisions: list[FloatArray] = []
    for weights in draw_weights(alarms.groups, resamples=_BAND_RESAMPLES, seed=SEED):
        hits, false_alarms = ranking.counts(weights)
        for found, wrong in zip(hits, false_alarms, strict=True):
            if found[-1] and wrong[-1]:
                recall = found / found[-1]
                recalls.append(np.interp(_GRID_POINTS, wrong / wrong[-1], recall))
                precision = found / np.maximum(found + wrong, 1.0)
                reached = np.searchsorted(recall, _GRID_POINTS - _TOLERANCE)  # steps, never a line between
                precisions.append(precision[np.minimum(reached, precision.size - 1)])
    return _band(recalls), _band(precisions)


def _band(curves: Sequence[FloatArray]) -> FloatArray:
    return np.asarray(np.percentile(np.stack(curves), [2.5, 97.5], axis=0), dtype=np.float64)


def _draw_workload(axis: Axes, evaluation: Evaluation) -> None:
    ordinary = CONTACTS_A_DAY * (1 - PREVALENCE)
    for card in evaluation.scorecards:
        colour = COLOURS[card.key]
        rates, recall, _ = roc_curve(card.alarms.truth, card.alarms.score, drop_intermediate=False)
        axis.plot(
            recall,
            rates * ordinary,
            color=colour,
            linestyle=_STYLES[card.key],
            drawstyle="steps-pre",
            label=card_label(card),
        )
        used, raised = card.escalate["recall"].value, card.escalate["false_alarm_rate"].value
        if used is not None and raised is not None:
            axis.plot([used], [raised * ordinary], marker="o", markersize=7, color=colour, linestyle="none")
    axis.set_yscale("symlog", linthresh=10, linscale=0.5)
    axis.set_yticks([0, 10, 30, 100, 300, 1000, 2000], ["0", "10", "30", "100", "300", "1,000", "2,000"])
    axis.set_ylim(0, 2200)
    axis.minorticks_off()
    axis.axhline(10, color="#b9c4c9", linewidth=1)
    axis.annotate("10 true dangers a day", (0.995, 7.2), fontsize=9, color="#5b6d76", ha="right")
    _frame(
        axis,
        title="",
        x="recall: share of true dangers that raise an alarm",
        y="false alarms a day",
        y_limit=None,
    )
    axis.legend(loc="upper left", fontsize=9)


def _draw_reliability(axis: Axes, alarms: Alarms) -> None:
    bins = calibration_bin(alarms.score)
    axis.plot([0, 1], [0, 1], color="#b9c4c9", linewidth=1)
    for kind in range(CALIBRATION_BINS):
        inside = bins == kind
        if not inside.any():
            continue
        share = estimate_share(alarms.truth[inside], groups=alarms.groups[inside])
        mean = float(alarms.score[inside].mean())
        axis.plot(
            [mean, mean],
            [_number(share.low), _number(share.high)],
            color=COLOURS["model"],
            linewidth=1.2,
            alpha=0.6,
        )
        axis.plot([mean], [_number(share.value)], marker="o", markersize=5.5, color=COLOURS["model"])
    _frame(axis, title="", x="predicted probability of danger", y="share truly in danger")


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _draw_scores(axis: Axes, alarms: Alarms) -> None:
    edges = [step / 25 for step in range(26)]
    groups = [alarms.score[~alarms.truth], alarms.score[alarms.truth]]
    axis.hist(
        groups, bins=edges, stacked=False, color=[_ORDINARY, _DANGER], label=["not in danger", "in danger"]
    )
    axis.set_yscale("symlog", linthresh=1)
    _frame(axis, title="", x="predicted probability of danger", y="rows (log scale)", y_limit=None)
    axis.legend(loc="upper center", fontsize=9)


def _draw_confusion(axis: Axes, card: Scorecard) -> None:
    counts = np.array(card.confusion, dtype=np.float64)
    columns = len(CATEGORIES) + bool(counts[:, -1].any())
    counts = counts[:, :columns]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    edges = np.arange(columns + 1) - 0.5, np.arange(len(CATEGORIES) + 1) - 0.5
    axis.pcolormesh(*edges, shares, cmap=_TEALS, vmin=0, vmax=1)
    axis.invert_yaxis()
    names = [category.value for category in CATEGORIES]
    axis.set_xticks(range(columns), [*names, "no answer"][:columns])
    axis.set_yticks(range(len(names)), names)
    axis.grid(visible=False)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.6 else _INK
        axis.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", color=colour)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")


def _frame(axis: Axes, *, title: str, x: str, y: str, y_limit: float | None = 1.02) -> None:
    axis.set_title(title, loc="left", fontsize=11, fontweight="bold")
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.set_xlim(-0.01, 1.01)
    if y_limit is not None:
        axis.set_ylim(-0.01, y_limit)
