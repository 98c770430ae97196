"""The report (评测报告): one HTML file without any outside part, for experts and for those who decide.

Wording lives in ``templates/report.html.j2``; this module picks and formats numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.evaluation import Evaluation
from eval.metrics.estimate import Estimate
from eval.metrics.prevalence import CONTACTS_A_DAY, PREVALENCE
from eval.plots import COLOURS, draw_plots
from eval.slices import FEWEST_POSITIVES, Slice
from triage.labels import CATEGORIES, SIGNALS

TEMPLATES = Path(__file__).with_name("templates")
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """What a reader must know before trusting the numbers; each is None or false when it is fine."""

    few_positives: int | None
    shared_with_train: int | None
    unanswered: int | None
    ungrouped: bool
    dirty_code: bool
    unknown_versions: bool


def render_report(evaluation: Evaluation) -> str:
    """The whole report as HTML."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        share=format_share,
        decimal=format_decimal,
        amount=format_amount,
        signed=format_signed,
        count=format_count,
    )
    plots = {name: Markup(svg) for name, svg in draw_plots(evaluation).items()}
    return environment.get_template("report.html.j2").render(
        evaluation=evaluation,
        model=evaluation.model,
        cards=evaluation.scorecards,
        plots=plots,
        slices=_by_key(evaluation.slices),
        warnings=find_warnings(evaluation),
        colours=COLOURS,
        categories=[category.value for category in CATEGORIES],
        signals=[signal.value for signal in SIGNALS],
        contacts_a_day=CONTACTS_A_DAY,
        prevalence=PREVALENCE,
        fewest_positives=FEWEST_POSITIVES,
        not_measured=NOT_MEASURED,
        one_in=one_in,
    )


def find_warnings(evaluation: Evaluation) -> Warnings:
    """The doubts that this evaluation's own facts raise."""
    provenance, positives = evaluation.provenance, evaluation.contents.in_danger
    return Warnings(
        few_positives=positives if positives is not None and positives < FEWEST_POSITIVES else None,
        shared_with_train=provenance.shared_with_train or None,
        unanswered=evaluation.model.unanswered or None,
        ungrouped=not evaluation.contents.is_grouped,
        dirty_code=provenance.code.is_dirty is not False,
        unknown_versions=provenance.model_version is None,
    )


def one_in(estimate: Estimate) -> str:
    """A share as "one in so many", for people: 0.31 is one in 3.2."""
    if not estimate.value:
        return NOT_MEASURED
    times = 1 / estimate.value
    return f"{times:.1f}" if times < 10 else f"{times:,.0f}"


def format_share(estimate: Estimate, *, part: str = "value") -> str:
    """A share in percent; ``part`` is ``value``, or ``interval`` for its bounds in brackets."""
    return _format(estimate, part, lambda number: f"{100 * number:.1f}", unit=" %")


def format_decimal(estimate: Estimate, *, part: str = "value") -> str:
    """A measure without a unit, to three decimals."""
    return _format(estimate, part, lambda number: f"{number:.3f}")


def format_signed(estimate: Estimate, *, part: str = "value") -> str:
    """A difference, with its sign."""
    return _format(estimate, part, lambda number: f"{number:+.3f}")


def format_amount(estimate: Estimate, *, part: str = "value") -> str:
    """A number of things a day or a year."""
    return _format(estimate, part, lambda number: f"{number:,.1f}" if number < 10 else f"{number:,.0f}")


def format_count(number: int) -> str:
    """A whole number with thousands set apart."""
    return f"{number:,}"


def _format(estimate: Estimate, part: str, render: Callable[[float], str], *, unit: str = "") -> str:
    if estimate.value is None:
        return NOT_MEASURED if part == "value" else ""
    if part == "value":
        return _minus(render(estimate.value)) + unit
    if estimate.low is None or estimate.high is None:
        return "no interval"
    return f"{_minus(render(estimate.low))} – {_minus(render(estimate.high))}"


def _minus(number: str) -> str:
    return number.replace("-", "\N{MINUS SIGN}")


def _by_key(slices: Sequence[Slice]) -> dict[str, list[Slice]]:
    parts: dict[str, list[Slice]] = {}
    for part in slices:
        parts.setdefault(part.key, []).append(part)
    return parts
