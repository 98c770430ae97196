import os
from collections.abc import Iterator, Sequence

import pytest

from eval.errors import EvalError
from eval.workers import PipelineWorkers, load_single_threaded, usable_cores
from tests.eval.pipelines import load_keywords, load_nothing
from triage.errors import ArtefactError
from triage.pipeline import TriagePipeline

taken: list[int] = []


def double(pipeline: TriagePipeline, batch: Sequence[int]) -> list[int]:
    """Needs the pipeline, so that a worker without one fails."""
    assert pipeline.model_version == "keywords/test"
    return [2 * number for number in batch]


def die(_pipeline: TriagePipeline, _batch: Sequence[int]) -> None:
    """End the process as the system does when memory runs out."""
    os._exit(9)


def batches(count: int) -> Iterator[list[int]]:
    for number in range(count):
        taken.append(number)
        yield [number, number]


@pytest.mark.parametrize("processes", [1, 2])
def test_order_is_kept_and_little_is_taken_ahead(processes: int) -> None:
    taken.clear()
    with PipelineWorkers(load=load_keywords, artefact=None, processes=processes) as workers:
        done = workers.map_batches(double, batches(40))
        assert next(done) == [0, 0]
        assert len(taken) <= 2 * processes
        assert list(done) == [[2 * number, 2 * number] for number in range(1, 40)]


def test_a_dead_process_is_an_error_not_a_hang() -> None:
    with (
        PipelineWorkers(load=load_keywords, artefact=None, processes=2) as workers,
        pytest.raises(EvalError, match="worker process ended"),
    ):
        list(workers.map_batches(die, batches(3)))


def test_loading_fails_before_any_work() -> None:
    with pytest.raises(ArtefactError):
        PipelineWorkers(load=load_nothing, artefact=None, processes=2)


def test_one_thread_and_no_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}
    monkeypatch.setattr("eval.workers.load_pipeline", lambda **options: asked.update(options))
    load_single_threaded(None)
    assert asked == {"artefact": None, "threads": 1}


def test_usable_cores() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
