"""Texts are alike by their signals, and without danger by their category."""

from typing import Any

import pytest

from models.example import NO_SIGNAL, Example, full_labels
from models.similar import find_by_ngrams, same_labels, share_alike
from triage.labels import Category, RiskLevel, Signal

BULLIED = full_labels([Signal.BULLYING], RiskLevel.HIGH)


def example(category: Category, labels: dict[str, Any]) -> Example:
    return Example(id="x", text="x", source="t", group="g", category=category, **labels)


@pytest.mark.parametrize(
    ("asked", "found", "alike"),
    [
        pytest.param((Category.PSYCHOLOGY, BULLIED), (Category.LEGAL, BULLIED), True, id="same signal"),
        pytest.param(
            (Category.PSYCHOLOGY, BULLIED), (Category.PSYCHOLOGY, NO_SIGNAL), False, id="danger or none"
        ),
        pytest.param((Category.AID, NO_SIGNAL), (Category.AID, NO_SIGNAL), True, id="same category"),
        pytest.param((Category.AID, NO_SIGNAL), (Category.OTHER, NO_SIGNAL), False, id="other category"),
    ],
)
def test_alike(
    asked: tuple[Category, dict[str, Any]], found: tuple[Category, dict[str, Any]], alike: bool
) -> None:
    assert same_labels(example(*asked), example(*found)) is alike
    assert share_alike([example(*asked)], [example(*found)], [[0, 0]]) == [float(alike)]


def test_ngrams_find_the_like_wording() -> None:
    [nearest] = find_by_ngrams(["老板拖欠工资"], ["今天天气不错", "老板不发工资", "考试没考好"])
    assert nearest[0] == 1
