"""Apply the pipeline to batches, in this process or in several, keeping order and memory bounded."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from eval.errors import EvalError
from triage.pipeline import TriagePipeline, load_pipeline

PipelineLoader = Callable[[Path | None], TriagePipeline]
"""Makes a one-threaded pipeline from an artefact's folder (the shipped one if None)."""
_BATCHES_AHEAD = 2

Batch = TypeVar("Batch")
Done = TypeVar("Done")

_loaded: TriagePipeline | None = None


def load_single_threaded(artefact: Path | None) -> TriagePipeline:
    """The pipeline with one thread and no time limit, so that answers do not depend on the load."""
    return load_pipeline(artefact=artefact, threads=1)


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class PipelineWorkers:
    """One pipeline, or one per process, fed with batches.

    ``function`` must be a module-level function of a pipeline and a batch when ``processes > 1``.
    Raises what ``load`` raises before any batch is taken.
    """

    def __init__(self, *, load: PipelineLoader, artefact: Path | None, processes: int = 1) -> None:
        self._processes = processes
        self.pipeline = load(artefact)
        self._pool: ProcessPoolExecutor | None = None
        if processes > 1:
            self._pool = ProcessPoolExecutor(
                processes, mp_context=get_context("spawn"), initializer=_load, initargs=(load, artefact)
            )

    def __enter__(self) -> "PipelineWorkers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map_batches(
        self, function: Callable[[TriagePipeline, Batch], Done], batches: Iterable[Batch]
    ) -> Iterator[Done]:
        """What ``function`` makes of each batch, in order; few batches are held at a time."""
        if self._pool is None:
            yield from (function(self.pipeline, batch) for batch in batches)
            return
        waiting: deque[Future[Done]] = deque()
        try:
            for batch in batches:
                waiting.append(self._pool.submit(_apply, function, batch))
                if len(waiting) >= self._processes * _BATCHES_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise EvalError("a worker process ended before its work was done (out of memory?)") from error


def _load(load: PipelineLoader, artefact: Path | None) -> None:
    global _loaded
    _loaded = load(artefact)


def _apply(function: Callable[[TriagePipeline, Batch], Done], batch: Batch) -> Done:
    if _loaded is None:
        raise EvalError("the worker process holds no pipeline")
    return function(_loaded, batch)
