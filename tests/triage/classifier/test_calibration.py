import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from triage.classifier.calibration import NETWORK_OUTPUTS, load_calibration, mix_logits
from triage.classifier.ngrams import OUTPUTS
from triage.errors import ArtefactError
from triage.labels import CATEGORIES, LEVELS, SIGNALS


def raw_calibration() -> dict[str, Any]:
    line = {"slope": 1.5, "offset": -0.2}
    return {
        "mix": {"category": 0.3, "signals": 0.2, "escalate": 0.4},
        "category_temperature": 1.3,
        "subject_temperature": 0.8,
        "signals": {signal.value: line for signal in SIGNALS},
        "levels": {level.name: line for level in LEVELS[1:]},
        "escalate": line,
        "thresholds": {
            "escalate": 0.6,
            "review": 0.2,
            "signals": {signal.value: 0.4 for signal in SIGNALS},
            "levels": {level.name: 0.5 for level in LEVELS[1:]},
        },
        "fitted_on": {"n": 100},
    }


def write(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "calibration.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


LOGITS = st.floats(-40, 40, width=32)


@given(
    arrays.arrays(np.float32, (3, NETWORK_OUTPUTS), elements=LOGITS),
    arrays.arrays(np.float32, (3, OUTPUTS), elements=LOGITS),
)
def test_any_logits_become_probabilities(
    tmp_path_factory: pytest.TempPathFactory, network: Any, ngrams: Any
) -> None:
    calibration = load_calibration(write(tmp_path_factory.mktemp("c"), raw_calibration()))
    for prediction in calibration.calibrate(network, ngrams):
        assert sum(prediction.category_scores.values()) == pytest.approx(1.0, abs=1e-5)
        assert sum(prediction.subject_scores.values()) == pytest.approx(1.0, abs=1e-5)
        levels = list(prediction.level_scores.values())
        assert levels == sorted(levels, reverse=True)
        scores = [*prediction.signal_scores.values(), *levels, prediction.escalate_score]
        assert all(0.0 <= score <= 1.0 for score in scores)


def test_mixing_is_a_weighted_mean_of_logits() -> None:
    network = np.arange(NETWORK_OUTPUTS, dtype=np.float32)[None]
    ngrams = np.full((1, OUTPUTS), 10.0, dtype=np.float32)
    category, signals, escalate = mix_logits(
        network, ngrams, {"category": 0.0, "signals": 1.0, "escalate": 0.25}
    )
    assert category.tolist() == [list(range(len(CATEGORIES)))]
    assert signals.tolist() == [[10.0] * len(SIGNALS)]
    assert escalate.tolist() == [0.75 * (NETWORK_OUTPUTS - 1) + 2.5]


def edited(path: str, value: Any) -> dict[str, Any]:
    """The calibration with one value changed; ``path`` is dotted."""
    raw: dict[str, Any] = json.loads(json.dumps(raw_calibration()))
    *parents, last = path.split(".")
    target = raw
    for name in parents:
        target = target[name]
    target[last] = value
    return raw


def broken() -> list[tuple[str, Any]]:
    no_signal = raw_calibration()
    del no_signal["signals"]["fraud"]
    return [
        ("not json", "{"),
        ("signal missing", no_signal),
        ("review above escalate", edited("thresholds.review", 0.9)),
        ("not a number", edited("category_temperature", "warm")),
        ("temperature 0", edited("category_temperature", 0)),
        ("subject's temperature below 0", edited("subject_temperature", -1)),
        ("threshold NaN", edited("thresholds.signals.suicide", float("nan"))),
        ("threshold 7", edited("thresholds.levels.HIGH", 7)),
        ("slope upside down", edited("escalate.slope", -1.0)),
        ("offset infinite", edited("levels.LOW.offset", float("inf"))),
        ("mix NaN", edited("mix.escalate", float("nan"))),
        ("never calibrated", edited("fitted_on.n", 0)),
    ]


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in broken()])
def test_a_broken_calibration_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ArtefactError, match=r"calibration\.json"):
        load_calibration(write(tmp_path, content))
