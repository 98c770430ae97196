"""A time limit around any classifier, so that a hanging model never holds up a child's message."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from triage.classifier.base import Classifier, Prediction, Thresholds
from triage.errors import ClassifierError, ClassifierTimeout


class DeadlineClassifier:
    """Gives the wrapped classifier ``limit_s`` seconds per call, then raises ``ClassifierTimeout``.

    A call that ran out of time goes on in its thread and its answer is dropped. While all threads
    are held by such calls, further ones fail at once instead of waiting in line behind them.
    """

    def __init__(self, classifier: Classifier, *, limit_s: float, threads: int = 2) -> None:
        self._classifier = classifier
        self._limit_s = limit_s
        self._threads = threads
        self._late: set[Future[list[Prediction]]] = set()
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="classifier")

    @property
    def version(self) -> str:
        """The wrapped classifier's version."""
        return self._classifier.version

    @property
    def thresholds(self) -> Thresholds:
        """The wrapped classifier's thresholds."""
        return self._classifier.thresholds

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The wrapped classifier's answer, or ``ClassifierTimeout``; other errors as ``ClassifierError``."""
        self._late = {future for future in self._late if not future.done()}
        if len(self._late) >= self._threads:
            raise ClassifierTimeout("all classifier threads are held by calls that ran out of time")
        future = self._executor.submit(self._classifier.predict, texts)
        try:
            return future.result(timeout=self._limit_s)
        except FutureTimeout as error:
            self._late.add(future)
            raise ClassifierTimeout(f"no answer within {self._limit_s} s") from error
        except ClassifierError:
            raise
        except Exception as error:
            raise ClassifierError(type(error).__name__) from error
