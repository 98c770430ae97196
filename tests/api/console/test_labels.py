"""Every value of the label scheme has a Chinese name, or the service does not start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.console.labels import LABELS_PATH, load_labels
from triage.errors import ContentError
from triage.labels import RiskLevel, Signal
from triage.risk.assessment import DegradedReason


def test_names_by_value_and_by_member() -> None:
    labels = load_labels()
    assert labels.name("signal", Signal.SUICIDE) == labels.name("signal", "suicide") == "轻生"
    assert labels.name("level", RiskLevel.IMMINENT) == "危急"
    assert labels.name("degraded", DegradedReason.CLASSIFIER_TIMEOUT)


def test_an_unknown_channel_keeps_its_own_name() -> None:
    assert load_labels().channel("miniprogram") == "小程序"
    assert load_labels().channel("weibo") == "weibo"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda names: names["signal"].pop("fraud"), id="missing"),
        pytest.param(lambda names: names["degraded"].update(too_long=""), id="empty"),
        pytest.param(lambda names: names.pop("channel"), id="no-channels"),
    ],
)
def test_a_file_that_misses_a_name_is_refused(tmp_path: Path, spoil: Callable[[Any], object]) -> None:
    names = yaml.safe_load(LABELS_PATH.read_text(encoding="utf-8"))
    spoil(names)
    path = tmp_path / "labels.yaml"
    path.write_text(yaml.safe_dump(names), encoding="utf-8")
    with pytest.raises(ContentError, match=r"labels\.yaml"):
        load_labels(path)
