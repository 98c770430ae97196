"""``bench``: time and memory of the pipeline, for one message and for many."""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

from eval.errors import DatasetError
from eval.lengths import length_slice, length_slices
from eval.lines import open_lines
from eval.output import encode_line, open_output
from eval.predict import DEFAULT_BATCH, split_batches
from eval.provenance import CodeState, python_version, read_code_state, utc_now
from eval.rows import BadRow, parse_rows
from eval.workers import PipelineLoader, PipelineWorkers, load_single_threaded, usable_cores
from triage.message import ConversationState, Message, Role, Turn
from triage.pipeline import TriagePipeline

TEXTS_PATH = Path(__file__).with_name("datasets") / "bench.txt"
WARM_UP_MESSAGES = 40
_NS_PER_MS = 1_000_000
_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds for one message alone, over ``messages`` of them."""

    messages: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What a bench measured; ``by_length`` is keyed by length slice, memory is in MiB."""

    overall: Latency
    by_length: dict[str, Latency]
    batch_per_s: float
    all_cores_per_s: float
    load_s: float
    resident_mib: float
    peak_mib: float
    cores: int
    processor: str
    model_version: str
    lexicon_version: str
    policy_version: str
    texts: str
    code: CodeState
    python: str
    made_at: str


def read_texts(source: str | None = None) -> tuple[str, ...]:
    """The built-in invented texts, or the youth's texts in a file of rows.

    Raises ``DatasetError`` for a file with a bad row or none.
    """
    if source is None:
        lines = TEXTS_PATH.read_text(encoding="utf-8").splitlines()
        return tuple(line for line in lines if line and not line.startswith("#"))
    texts: list[str] = []
    problems: list[str] = []
    with open_lines(source) as numbered:
        for row in parse_rows(numbered):
            if isinstance(row, BadRow):
                problems.append(f"line {row.line}: {row.code}: {row.message}")
            else:
                texts.extend(row.youth_texts)
    if problems or not texts:
        raise DatasetError(Path(source).name, problems or ["the file holds no rows"])
    return tuple(texts)


def measure_speed(
    texts: Sequence[str],
    *,
    messages: int,
    artefact: Path | None = None,
    cores: int | None = None,
    source: str = "built-in",
    load: PipelineLoader = load_single_threaded,
) -> Speed:
    """Time ``messages`` messages, the texts over and over; the pipeline has one thread throughout.

    Throughput on all cores is that of one process per core, as ``predict --processes`` has it.
    """
    used_cores = cores or usable_cores()
    started = time.perf_counter()
    with PipelineWorkers(load=load, artefact=artefact) as workers:
        load_s = time.perf_counter() - started
        pipeline = workers.pipeline
        for text in islice(cycle(texts), WARM_UP_MESSAGES):
            _time_message(pipeline, text)
        chosen = list(islice(cycle(texts), messages))
        times_ms = [_time_message(pipeline, text) for text in chosen]
        batch_per_s = _measure_throughput(workers, chosen, cores=1)
    resident_mib = _resident_mib()
    return Speed(
        overall=summarize(times_ms),
        by_length=_by_length(chosen, times_ms),
        batch_per_s=batch_per_s,
        all_cores_per_s=_measure_all_cores(chosen, artefact=artefact, cores=used_cores, load=load)
        if used_cores > 1
        else batch_per_s,
        load_s=load_s,
        resident_mib=resident_mib,
        peak_mib=max(resident_mib, _peak_mib()),
        cores=used_cores,
        processor=_processor(),
        model_version=pipeline.model_version,
        lexicon_version=pipeline.lexicon_version,
        policy_version=pipeline.policy_version,
        texts=f"{source}, {len(texts)} texts",
        code=read_code_state(),
        python=python_version(),
        made_at=utc_now(),
    )


def summarize(times_ms: Sequence[float]) -> Latency:
    """Percentiles by the nearest rank: every one is a time that was really measured."""
    ranked = sorted(times_ms)

    def percentile(percent: int) -> float:
        return ranked[-(-percent * len(ranked) // 100) - 1]

    return Latency(messages=len(ranked), p50_ms=percentile(50), p95_ms=percentile(95), p99_ms=percentile(99))


def render_table(speed: Speed) -> str:
    """The figures for a terminal."""
    lines = [
        f"model {speed.model_version}, lexicon {speed.lexicon_version}, policy {speed.policy_version}",
        f"{speed.cores} cores ({speed.processor}), Python {speed.python}, texts: {speed.texts}",
        "",
        f"{'one message, one thread':<26}{'messages':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}",
    ]
    for name, latency in {"all": speed.overall, **speed.by_length}.items():
        label = name if name == "all" else f"{name} characters"
        times = f"{latency.p50_ms:>9.2f}{latency.p95_ms:>9.2f}{latency.p99_ms:>9.2f}"
        lines.append(f"{label:<26}{latency.messages:>9}{times}")
    lines += [
        "",
        f"batches, one thread       {speed.batch_per_s:>9.0f} messages/s",
        f"batches, {speed.cores} processes      {speed.all_cores_per_s:>9.0f} messages/s",
        f"resident memory           {speed.resident_mib:>9.0f} MiB (peak {speed.peak_mib:.0f})",
        f"loading                   {speed.load_s:>9.2f} s",
    ]
    return "\n".join(lines)


def write_json(speed: Speed, destination: str) -> None:
    """The figures as one JSON line."""
    with open_output(destination) as file:
        file.write(encode_line(asdict(speed)))


def triage_texts(pipeline: TriagePipeline, texts: Sequence[str]) -> int:
    """Triage texts as one batch, each a conversation of its own; gives their number."""
    return len(pipeline.triage_transcripts([(Turn(role=Role.YOUTH, text=text),) for text in texts]))


def _time_message(pipeline: TriagePipeline, text: str) -> float:
    started = time.perf_counter_ns()
    pipeline.triage(message=Message(text=text), state=ConversationState())
    return (time.perf_counter_ns() - started) / _NS_PER_MS


def _by_length(texts: Sequence[str], times_ms: Sequence[float]) -> dict[str, Latency]:
    def members() -> Iterator[tuple[str, list[float]]]:
        for name in length_slices():
            inside = [ms for text, ms in zip(texts, times_ms, strict=True) if length_slice(len(text)) == name]
            yield name, inside

    return {name: summarize(inside) for name, inside in members() if inside}


def _measure_throughput(workers: PipelineWorkers, texts: Sequence[str], *, cores: int) -> float:
    """Messages a second, after each process has had some work."""
    warm_up = split_batches(texts[: WARM_UP_MESSAGES * cores], size=max(1, WARM_UP_MESSAGES // 4))
    sum(workers.map_batches(triage_texts, warm_up))
    started = time.perf_counter()
    done = sum(workers.map_batches(triage_texts, split_batches(texts, size=DEFAULT_BATCH)))
    return done / (time.perf_counter() - started)


def _measure_all_cores(
    texts: Sequence[str], *, artefact: Path | None, cores: int, load: PipelineLoader
) -> float:
    with PipelineWorkers(load=load, artefact=artefact, processes=cores) as workers:
        return _measure_throughput(workers, texts, cores=cores)


def _resident_mib() -> float:
    """Memory held now; where the system does not say, the peak."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kib) / _KIB_PER_MIB
    except (OSError, StopIteration):
        return _peak_mib()


def _peak_mib() -> float:
    unit = 1 if sys.platform == "darwin" else _KIB_PER_MIB  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _KIB_PER_MIB**2


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown processor"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
