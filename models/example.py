"""One training text with whatever labels its source gives; unknown labels are None and not trained on."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from triage.labels import Category, RiskLevel, Signal, Subject, escalates


class Fold(StrEnum):
    """What an example is used for."""

    TRAIN = "train"
    CALIBRATION = "calibration"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A text and its labels.

    ``signals`` maps only the signals that the source speaks about to presence; ``least_level`` bounds
    a ``level`` that the source does not give exactly; ``group`` joins
    texts that must not be split between folds; ``weight`` scales the loss.
    """

    id: str
    text: str
    source: str
    group: str
    category: Category | None = None
    also: tuple[Category, ...] = ()
    signals: dict[Signal, bool]
    level: RiskLevel | None = None
    least_level: RiskLevel = RiskLevel.NONE
    escalate: bool | None = None
    subject: Subject | None = None
    theme: str = ""
    tags: tuple[str, ...] = ()
    weight: float = 1.0


def full_labels(
    present: Iterable[Signal], level: RiskLevel, subject: Subject | None = None
) -> dict[str, Any]:
    """Signals, level, escalate and subject as keyword arguments, where a source labels all of them.

    Without a signal the subject is nobody; with one, nobody is no answer and counts as unknown.
    """
    named = frozenset(present)
    known = subject if subject is not Subject.NONE else None
    return {
        "subject": known if named else Subject.NONE,
        "signals": {signal: signal in named for signal in Signal},
        "level": level,
        "escalate": escalates(named, level),
    }


NO_SIGNAL = full_labels((), RiskLevel.NONE)


def fold_of(group: str, *, seed: int, calibration_share: float, test_share: float) -> Fold:
    """The fold of a group: a hash of its name, so that new data moves no old group.

    CRC-32 is linear, so the folds of two seeds are not independent: keep one seed for all stages.
    """
    point = zlib.crc32(f"{seed}:{group}".encode()) / 2**32
    if point < test_share:
        return Fold.TEST
    return Fold.CALIBRATION if point < test_share + calibration_share else Fold.TRAIN
