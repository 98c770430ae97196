"""``predict``: stream a file through the pipeline, one answer row for each row, in its order."""

import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from eval.answers import render_answer, render_bad_row
from eval.lines import open_lines
from eval.output import encode_line, open_output
from eval.rows import BadRow, Row, parse_rows
from eval.workers import PipelineLoader, PipelineWorkers, load_single_threaded
from triage.pipeline import TriagePipeline

DEFAULT_BATCH = 64
"""Rows scored together; larger batches use more memory and gain little on a processor."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredBatch:
    """The encoded answer rows of one batch, and how many of them are error rows."""

    lines: tuple[bytes, ...]
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many rows a run of ``predict`` read, and how many of them became error rows."""

    rows: int
    errors: int


def predict_file(
    source: str,
    *,
    destination: str,
    artefact: Path | None = None,
    batch_size: int = DEFAULT_BATCH,
    processes: int = 1,
    load: PipelineLoader = load_single_threaded,
) -> Tally:
    """Answer each row of ``source`` into ``destination``, holding a few batches in memory.

    A bad row becomes an error row and the run goes on. Raises ``UsageError`` for files that cannot
    be read or written, ``ArtefactError`` and ``ContentError`` from loading the pipeline; the
    destination is then left as it was.
    """
    rows = errors = 0
    with (
        open_lines(source) as lines,
        open_output(destination) as file,
        PipelineWorkers(load=load, artefact=artefact, processes=processes) as workers,
        tqdm(unit=" rows", disable=None, file=sys.stderr) as progress,
    ):
        batches = split_batches(parse_rows(lines), size=batch_size)
        for answered in workers.map_batches(answer_batch, batches):
            file.writelines(answered.lines)
            rows += len(answered.lines)
            errors += answered.errors
            progress.update(len(answered.lines))
    return Tally(rows=rows, errors=errors)


def split_batches(items: Iterable[Item], *, size: int) -> Iterator[tuple[Item, ...]]:
    """The items in tuples of ``size``, the last one shorter."""
    remaining = iter(items)
    while batch := tuple(itertools.islice(remaining, size)):
        yield batch


def answer_batch(pipeline: TriagePipeline, batch: Sequence[Row | BadRow]) -> AnsweredBatch:
    """Encoded answer rows for a batch, in order; a row on which triage breaks becomes an error row."""
    answered = iter(_answer_rows(pipeline, [row for row in batch if isinstance(row, Row)]))
    lines: list[bytes] = []
    errors = 0
    for row in batch:
        answer = next(answered) if isinstance(row, Row) else row
        errors += isinstance(answer, BadRow)
        lines.append(encode_line(render_bad_row(answer)) if isinstance(answer, BadRow) else answer)
    return AnsweredBatch(lines=tuple(lines), errors=errors)


def _answer_rows(pipeline: TriagePipeline, rows: Sequence[Row]) -> list[bytes | BadRow]:
    try:
        results = pipeline.triage_transcripts([row.turns for row in rows])
        return [encode_line(render_answer(row, turns)) for row, turns in zip(rows, results, strict=True)]
    except Exception as error:
        if len(rows) > 1:  # find the row that breaks it; the others keep their answers
            return [_answer_rows(pipeline, [row])[0] for row in rows]
        message = f"triage failed with {type(error).__name__}"
        return [BadRow(id=rows[0].id, line=rows[0].line, code="triage_failed", message=message)]
