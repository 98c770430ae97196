"""Small real implementations of our protocols, for tests; preferred to mocks."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.classifier.base import Prediction, Thresholds
from triage.errors import ClassifierError
from triage.labels import CATEGORIES, LEVELS, SIGNALS, SUBJECTS, Category, RiskLevel, Signal, Subject

THRESHOLDS = Thresholds(
    escalate=0.5,
    review=0.3,
    signals=dict.fromkeys(SIGNALS, 0.5),
    levels=dict.fromkeys(LEVELS[1:], 0.5),
)

KEYWORDS: dict[str, tuple[Signal, RiskLevel]] = {
    "不想活": (Signal.SUICIDE, RiskLevel.MODERATE),
    "楼顶": (Signal.SUICIDE, RiskLevel.IMMINENT),
    "划手": (Signal.SELF_HARM, RiskLevel.MODERATE),
    "打我": (Signal.BULLYING, RiskLevel.HIGH),
    "被骗": (Signal.FRAUD, RiskLevel.LOW),
}
CATEGORY_WORDS: dict[str, Category] = {
    "工资": Category.LEGAL,
    "学费": Category.AID,
    "难过": Category.PSYCHOLOGY,
}


def predict_one(
    *,
    category: Category = Category.OTHER,
    signal: Signal | None = None,
    level: RiskLevel = RiskLevel.NONE,
    subject: Subject = Subject.SELF,
    escalate: float = 0.02,
) -> Prediction:
    """A prediction that is sure of the given labels."""
    return Prediction(
        category_scores={each: 0.91 if each is category else 0.03 for each in CATEGORIES},
        signal_scores={each: 0.9 if each is signal else 0.02 for each in SIGNALS},
        level_scores={each: 0.9 if each <= level else 0.05 for each in LEVELS[1:]},
        subject_scores={each: 0.9 if each is subject else 0.05 for each in SUBJECTS},
        escalate_score=escalate,
    )


class KeywordClassifier:
    """Deterministic: looks for a few words. Counts its calls."""

    version = "keywords/test"
    thresholds = THRESHOLDS

    def __init__(self) -> None:
        self.calls = 0

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction per text, from the words above."""
        self.calls += 1
        return [self._predict(text) for text in texts]

    def _predict(self, text: str) -> Prediction:
        category = next((c for word, c in CATEGORY_WORDS.items() if word in text), Category.OTHER)
        found = [pair for word, pair in KEYWORDS.items() if word in text]
        if not found:
            return predict_one(category=category)
        signal, level = max(found, key=lambda pair: pair[1])
        danger = signal is not Signal.FRAUD
        category = Category.PSYCHOLOGY if danger else category
        return predict_one(category=category, signal=signal, level=level, escalate=0.95 if danger else 0.05)


class BrokenClassifier:
    """Fails on every call, as a corrupt session does."""

    version = "broken/test"
    thresholds = THRESHOLDS

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Always raises."""
        raise ClassifierError(f"broken for {len(texts)} texts")


class SlowClassifier(KeywordClassifier):
    """Answers rightly, but only after ``delay_s`` seconds."""

    def __init__(self, *, delay_s: float) -> None:
        super().__init__()
        self.delay_s = delay_s

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The keyword answer, late."""
        time.sleep(self.delay_s)
        return super().predict(texts)


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The time it was set to."""
        return self._now

    def advance(self, delta: timedelta) -> None:
        """Move the clock."""
        self._now += delta
