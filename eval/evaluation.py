"""One evaluation as a value, and as the machine-readable ``metrics.json``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

from eval.metrics.estimate import CONFIDENCE, Estimate
from eval.metrics.prevalence import CONTACTS_A_DAY, PREVALENCE
from eval.provenance import Provenance
from eval.scorecard import Scorecard
from eval.slices import Slice
from triage.labels import CATEGORIES

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the dataset holds; None where it is not labelled."""

    rows: int
    conversations: int
    groups: int
    is_grouped: bool
    in_danger: int | None
    by_category: Mapping[str, int]
    by_level: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Everything that one run measured.

    ``scorecards`` holds the model first; ``left_out`` names each system that was not measured, and
    why; ``differences`` are the model's minus each other system's.
    """

    name: str
    provenance: Provenance
    contents: Contents
    scorecards: Sequence[Scorecard]
    left_out: Mapping[str, str]
    differences: Mapping[str, Mapping[str, Estimate]]
    slices: Sequence[Slice]

    @property
    def model(self) -> Scorecard:
        """The scorecard of the served model."""
        return self.scorecards[0]


def render_metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON values; no text and no id of any row is in it."""
    return {
        "format": FORMAT_VERSION,
        "name": evaluation.name,
        "confidence": CONFIDENCE,
        "contacts_a_day": CONTACTS_A_DAY,
        "prevalence": PREVALENCE,
        "provenance": asdict(evaluation.provenance),
        "contents": _plain(evaluation.contents),
        "systems": {card.key: _render_scorecard(card) for card in evaluation.scorecards},
        "not_measured": dict(evaluation.left_out),
        "differences": {key: _plain(each) for key, each in evaluation.differences.items()},
        "slices": [_plain(each) for each in evaluation.slices],
    }


def _render_scorecard(card: Scorecard) -> dict[str, Any]:
    hidden = {"alarms", "replicates", "key", "confusion"}
    plain = {each.name: _plain(getattr(card, each.name)) for each in fields(card) if each.name not in hidden}
    plain["confusion"] = {
        "rows_true": [category.value for category in CATEGORIES],
        "columns_predicted": [*(category.value for category in CATEGORIES), "no_answer"],
        "counts": [list(row) for row in card.confusion],
    }
    return plain


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
