"""The shipped classifier: encoder in onnxruntime beside character n-grams, calibrated together.

The only module that imports onnxruntime and tokenizers.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from triage.classifier.artefact import Artefact, open_artefact
from triage.classifier.base import Prediction, Thresholds
from triage.classifier.calibration import (
    CATEGORY_OUTPUTS,
    SUBJECT_OUTPUTS,
    Calibration,
    load_calibration,
)
from triage.classifier.ngrams import NgramModel, load_ngrams
from triage.errors import ArtefactError, ClassifierError
from triage.normalize import normalize_text

BATCH_TOKENS = 2048
"""Tokens per run of the network; keeps memory small and loses no speed beyond it."""
OVERLAP = 0.25
"""Share of a long text's window that the next window repeats."""
_Join = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
_START_TOKENS = 1
_END_TOKENS = 1


class OnnxClassifier:
    """Scores texts of any length; a text longer than the network's input is read in windows.

    Thread-safe: the session may be run from several threads at once.
    """

    def __init__(
        self,
        *,
        artefact: Artefact,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        ngrams: NgramModel,
        calibration: Calibration,
        threads: int,
    ) -> None:
        self._artefact = artefact
        self._session = session
        self._tokenizer = tokenizer
        self._ngrams = ngrams
        self._calibration = calibration
        self._pad = tokenizer.token_to_id("<pad>") or 0
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="onnx") if threads > 1 else None

    @property
    def version(self) -> str:
        """Name and version of the artefact."""
        return self._artefact.label

    @property
    def thresholds(self) -> Thresholds:
        """The artefact's thresholds."""
        return self._calibration.thresholds

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Calibrated scores for each text; raises ``ClassifierError`` when the network fails."""
        if not texts:
            return []
        try:
            normalized = [normalize_text(text).text for text in texts]
            network = self._score(normalized)
            ngrams = self._ngrams.score(normalized)
        except Exception as error:
            raise ClassifierError(f"{type(error).__name__} while scoring {len(texts)} texts") from None
        if not (np.isfinite(network).all() and np.isfinite(ngrams).all()):
            raise ClassifierError(f"scores of {len(texts)} texts are not finite")
        return self._calibration.calibrate(network, ngrams)

    def score_raw(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Uncalibrated logits of the network and of the n-grams, for calibration itself."""
        normalized = [normalize_text(text).text for text in texts]
        return self._score(normalized), self._ngrams.score(normalized)

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of length one, (texts, width): near one another where texts tell of the like.

        Needs at least one text; raises ``ClassifierError`` when the network fails.
        """
        normalized = [normalize_text(text).text for text in texts]
        try:
            return self._read(normalized, output="vector", join=_mean_vector)
        except Exception as error:
            raise ClassifierError(f"{type(error).__name__} while reading {len(texts)} texts") from None

    def _score(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Network logits (texts, outputs): of a long text's windows, the most worried decides."""
        return self._read(texts, output="logits", join=_join)

    def _read(self, texts: Sequence[str], *, output: str, join: _Join) -> npt.NDArray[np.float32]:
        """One of the network's outputs for normalised texts; ``join`` makes one row of a text's windows."""
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        windows = [list(self._windows(encoding.ids)) for encoding in encodings]
        flat = [window for parts in windows for window in parts]
        rows = self._run_sorted(flat, output=output)
        ends = np.cumsum([len(parts) for parts in windows])
        return np.stack([join(part) for part in np.split(rows, ends[:-1])])

    def _windows(self, ids: Sequence[int]) -> Iterator[Sequence[int]]:
        limit = self._artefact.max_tokens
        if len(ids) <= limit:
            yield ids
            return
        first, last = ids[:_START_TOKENS], ids[-_END_TOKENS:]
        inner = ids[_START_TOKENS:-_END_TOKENS]
        size = limit - _START_TOKENS - _END_TOKENS
        step = round(size * (1 - OVERLAP))
        for start in range(0, max(1, len(inner) - round(size * OVERLAP)), step):
            yield [*first, *inner[start : start + size], *last]

    def _run_sorted(self, token_ids: Sequence[Sequence[int]], *, output: str) -> npt.NDArray[np.float32]:
        """Rows in input order; run in batches of similar length, so that little is padding."""
        order = sorted(range(len(token_ids)), key=lambda index: len(token_ids[index]))
        batches = list(_cut(order, token_ids))
        run = self._workers.map if self._workers and len(batches) > 1 else map
        parts = run(lambda chosen: self._run([token_ids[i] for i in chosen], output=output), batches)
        rows = np.concatenate(list(parts))
        places = np.concatenate(batches)
        in_order = np.empty_like(rows)
        in_order[places] = rows
        return in_order

    def _run(self, token_ids: Sequence[Sequence[int]], *, output: str) -> npt.NDArray[np.float32]:
        longest = max(map(len, token_ids))
        ids = np.full((len(token_ids), longest), self._pad, dtype=np.int64)
        mask = np.zeros((len(token_ids), longest), dtype=np.int64)
        for row, tokens in enumerate(token_ids):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        rows: npt.NDArray[np.float32] = self._session.run([output], {"ids": ids, "mask": mask})[0]
        return rows


def _cut(order: Sequence[int], token_ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    chosen: list[int] = []
    for index in order:
        if chosen and len(token_ids[index]) * (len(chosen) + 1) > BATCH_TOKENS:
            yield chosen
            chosen = []
        chosen.append(index)
    if chosen:
        yield chosen


def _join(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """One row for a text from those of its windows: mean category, highest danger, and whose that is."""
    joined: npt.NDArray[np.float32] = logits.max(axis=0)
    joined[CATEGORY_OUTPUTS] = logits[:, CATEGORY_OUTPUTS].mean(axis=0)
    joined[SUBJECT_OUTPUTS] = logits[logits[:, -1].argmax(), SUBJECT_OUTPUTS]
    return joined


def _mean_vector(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    mean: npt.NDArray[np.float32] = vectors.mean(axis=0)
    return mean / np.float32(np.linalg.norm(mean))


def load_classifier(path: Path, *, threads: int = 1, uncalibrated: bool = False) -> OnnxClassifier:
    """Open and check an artefact, and warm it up; raises ``ArtefactError`` if it cannot serve.

    ``threads`` batches run side by side; a single message always uses one thread.
    ``uncalibrated`` opens an artefact before it is calibrated.
    """
    artefact = open_artefact(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            str(path / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    except Exception as error:
        raise ArtefactError(f"model artefact {path.name} cannot be loaded: {type(error).__name__}") from error
    classifier = OnnxClassifier(
        artefact=artefact,
        session=session,
        tokenizer=tokenizer,
        ngrams=load_ngrams(path / "ngrams.npz"),
        calibration=load_calibration(path / "calibration.json", uncalibrated=uncalibrated),
        threads=threads,
    )
    try:
        classifier.predict(["你好", "好" * 4 * artefact.max_tokens])
    except (ClassifierError, IndexError, ValueError) as error:
        raise ArtefactError(f"model artefact {path.name} gives no answer: {error}") from error
    return classifier
