import threading
from collections.abc import Sequence

import pytest

from tests.fakes import BrokenClassifier, KeywordClassifier, SlowClassifier
from triage.classifier.base import Prediction
from triage.classifier.deadline import DeadlineClassifier
from triage.errors import ClassifierError, ClassifierTimeout


class HeldClassifier(KeywordClassifier):
    """Answers only when released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.released.wait(timeout=30)
        return super().predict(texts)


def test_an_answer_in_time_is_passed_through() -> None:
    timely = DeadlineClassifier(KeywordClassifier(), limit_s=5)
    assert timely.predict(["不想活"]) == KeywordClassifier().predict(["不想活"])
    assert timely.version == KeywordClassifier.version


def test_a_late_answer_is_a_timeout() -> None:
    with pytest.raises(ClassifierTimeout, match=r"0\.05 s"):
        DeadlineClassifier(SlowClassifier(delay_s=0.3), limit_s=0.05).predict(["你好"])


def test_a_hanging_classifier_fails_at_once_and_recovers() -> None:
    held = HeldClassifier()
    classifier = DeadlineClassifier(held, limit_s=0.05, threads=1)
    with pytest.raises(ClassifierTimeout, match="no answer"):
        classifier.predict(["第一条"])
    with pytest.raises(ClassifierTimeout, match="held by calls"):
        classifier.predict(["第二条"])
    held.released.set()
    while held.calls == 0:
        threading.Event().wait(0.01)
    threading.Event().wait(0.05)
    assert len(classifier.predict(["第三条"])) == 1


def test_an_error_stays_a_classifier_error() -> None:
    with pytest.raises(ClassifierError, match="broken"):
        DeadlineClassifier(BrokenClassifier(), limit_s=5).predict(["你好"])


def test_an_unexpected_error_becomes_a_classifier_error_without_the_text() -> None:
    class Crashing(KeywordClassifier):
        def predict(self, texts: Sequence[str]) -> list[Prediction]:
            raise RuntimeError(texts[0])

    with pytest.raises(ClassifierError, match="RuntimeError") as caught:
        DeadlineClassifier(Crashing(), limit_s=5).predict(["秘密的话"])
    assert "秘密" not in str(caught.value)
