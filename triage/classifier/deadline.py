"""A time limit around any classifier, so that a hanging model never holds up a child's message."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from threading import Lock

from triage.classifier.base import Classifier, Prediction, Thresholds
from triage.errors import ClassifierError, ClassifierTimeout

CHARACTERS_PER_LIMIT = 100
"""A call is given ``limit_s`` for each so many characters: a long letter takes longer to read."""
LONGEST_FACTOR = 16
"""But never more than so many times ``limit_s``."""


class DeadlineClassifier:
    """Gives the wrapped classifier ``limit_s`` seconds per 100 characters, then ``ClassifierTimeout``.

    A call that ran out of time goes on in its thread and its answer is dropped. While all threads
    are held by such calls, further ones fail at once instead of waiting in line behind them.
    """

    def __init__(self, classifier: Classifier, *, limit_s: float, threads: int = 4) -> None:
        self._classifier = classifier
        self._limit_s = limit_s
        self._threads = threads
        self._late: set[Future[list[Prediction]]] = set()
        self._lock = Lock()
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
        characters = sum(map(len, texts))
        limit_s = self._limit_s * min(max(1.0, characters / CHARACTERS_PER_LIMIT), LONGEST_FACTOR)
        future = self._submit(texts)
        try:
            return future.result(timeout=limit_s)
        except FutureTimeout as error:
            if not future.cancel():
                with self._lock:
                    self._late.add(future)
            raise ClassifierTimeout(f"no answer within {limit_s:.2f} s") from error
        except ClassifierError:
            raise
        except Exception as error:
            raise ClassifierError(type(error).__name__) from None

    def _submit(self, texts: Sequence[str]) -> Future[list[Prediction]]:
        with self._lock:
            self._late = {future for future in self._late if not future.done()}
            if len(self._late) >= self._threads:
                raise ClassifierTimeout("all classifier threads are held by calls that ran out of time")
        try:
            return self._executor.submit(self._classifier.predict, texts)
        except RuntimeError as error:
            raise ClassifierError("no thread for the classifier") from error
