"""``run``: score the model beside its baselines on a labelled file, and write the report."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.answers import RowAnswer
from eval.baselines.keywords import KeywordBaseline
from eval.baselines.ngrams import NgramBaseline
from eval.dataset import Dataset, Sample, hash_file, load_dataset
from eval.errors import UsageError
from eval.evaluation import Contents, Evaluation, render_metrics
from eval.metrics.intervals import RESAMPLES, SEED
from eval.output import open_output
from eval.provenance import (
    Provenance,
    SourceFile,
    python_version,
    read_code_state,
    utc_now,
)
from eval.report import render_report
from eval.scorecard import compare_scorecards, score_system
from eval.slices import measure_slices
from eval.systems import System, answer_with_baseline, answer_with_pipeline, read_predictions
from eval.workers import PipelineLoader, PipelineWorkers, load_single_threaded
from triage.labels import CATEGORIES, LEVELS
from triage.normalize import normalize_text

NO_TRAIN = "no training file was given (--train)"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What ``run`` was asked for; ``predictions`` takes the place of the pipeline."""

    dataset: str
    report: Path
    train: str | None = None
    artefact: Path | None = None
    predictions: str | None = None
    name: str | None = None
    command: str = ""
    load: PipelineLoader = load_single_threaded


@dataclass(frozen=True, slots=True, kw_only=True)
class _ModelAnswers:
    answers: Sequence[RowAnswer | None]
    model_version: str | None = None
    lexicon_version: str | None = None
    policy_version: str | None = None


def run_evaluation(options: RunOptions, *, tell: Callable[[str], None]) -> Evaluation:
    """Measure everything and write ``metrics.json`` and ``report.html`` into ``options.report``.

    ``tell`` gets a line for each stage. Raises ``UsageError`` and ``DatasetError``, and
    ``ArtefactError`` or ``ContentError`` from loading the pipeline; nothing is written then.
    """
    dataset = load_dataset(options.dataset)
    train = load_dataset(options.train) if options.train else None
    _make_folder(options.report)
    tell(f"{dataset.name}: {len(dataset.samples)} rows")
    model = _answer_with_model(options, dataset.samples)
    tell("the model has answered")
    systems = [
        System(key="model", title="青听 model", gives_probability=True, answers=tuple(model.answers)),
        _answer_with_keywords(dataset.samples),
    ]
    if train:
        systems.append(_answer_with_ngrams(train, dataset.samples))
    tell("the baselines have answered")
    evaluation = _measure(systems, dataset=dataset, train=train, model=model, options=options)
    tell("everything is measured")
    _write(evaluation, options.report)
    return evaluation


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made ({error.strerror or error})") from error


def _answer_with_model(options: RunOptions, samples: Sequence[Sample]) -> _ModelAnswers:
    if options.predictions:
        return _ModelAnswers(answers=read_predictions(options.predictions, samples))
    with PipelineWorkers(load=options.load, artefact=options.artefact) as workers:
        return _ModelAnswers(
            answers=answer_with_pipeline(workers, samples),
            model_version=workers.pipeline.model_version,
            lexicon_version=workers.pipeline.lexicon_version,
            policy_version=workers.pipeline.policy_version,
        )


def _answer_with_keywords(samples: Sequence[Sample]) -> System:
    answers = answer_with_baseline(KeywordBaseline(), samples)
    return System(key="keywords", title="18 keywords", gives_probability=False, answers=tuple(answers))


def _answer_with_ngrams(train: Dataset, samples: Sequence[Sample]) -> System:
    answers = answer_with_baseline(NgramBaseline(train.samples), samples)
    return System(key="ngrams", title="char 1-4-grams", gives_probability=True, answers=tuple(answers))


def _measure(
    systems: Sequence[System],
    *,
    dataset: Dataset,
    train: Dataset | None,
    model: _ModelAnswers,
    options: RunOptions,
) -> Evaluation:
    cards = [score_system(system, dataset.samples) for system in systems]
    return Evaluation(
        name=options.name or Path(dataset.name).stem,
        provenance=_trace(dataset, train=train, model=model, options=options),
        contents=describe_contents(dataset),
        scorecards=cards,
        left_out={} if train else {"ngrams": NO_TRAIN},
        differences={card.key: compare_scorecards(cards[0], card) for card in cards[1:]},
        slices=measure_slices(dataset.samples, cards[0].alarms),
    )


def describe_contents(dataset: Dataset) -> Contents:
    """What the dataset holds, counted."""
    labels = [sample.labels for sample in dataset.samples]
    escalate = [label.escalate for label in labels if label.escalate is not None]
    categories = Counter(label.category for label in labels)
    levels = Counter(label.level for label in labels)
    return Contents(
        rows=len(labels),
        conversations=sum(sample.row.is_conversation for sample in dataset.samples),
        groups=len({sample.group for sample in dataset.samples}),
        is_grouped=dataset.is_grouped,
        in_danger=sum(escalate) if escalate else None,
        by_category={category.value: categories[category] for category in CATEGORIES},
        by_level={level.name.lower(): levels[level] for level in LEVELS},
    )


def _trace(
    dataset: Dataset, *, train: Dataset | None, model: _ModelAnswers, options: RunOptions
) -> Provenance:
    predictions = None
    if options.predictions:
        predictions = SourceFile(
            name=Path(options.predictions).name,
            sha256=hash_file(options.predictions),
            rows=len(model.answers),
        )
    return Provenance(
        dataset=_describe_file(dataset),
        train=_describe_file(train) if train else None,
        predictions=predictions,
        shared_with_train=count_shared(dataset.samples, train.samples) if train else None,
        model_version=model.model_version,
        lexicon_version=model.lexicon_version,
        policy_version=model.policy_version,
        code=read_code_state(),
        command=options.command,
        made_at=utc_now(),
        python=python_version(),
        seed=SEED,
        resamples=RESAMPLES,
    )


def _describe_file(dataset: Dataset) -> SourceFile:
    return SourceFile(name=dataset.name, sha256=dataset.sha256, rows=len(dataset.samples))


def count_shared(samples: Sequence[Sample], train: Sequence[Sample]) -> int:
    """Samples whose text or group also stands in the training file: they are no test."""
    texts = {normalize_text(sample.row.youth_text).text for sample in train}
    groups = {sample.group for sample in train if sample.group.startswith("group:")}
    return sum(
        sample.group in groups or normalize_text(sample.row.youth_text).text in texts for sample in samples
    )


def _write(evaluation: Evaluation, folder: Path) -> None:
    metrics = json.dumps(render_metrics(evaluation), ensure_ascii=False, indent=2, allow_nan=False)
    report = render_report(evaluation)
    for name, content in (("metrics.json", metrics + "\n"), ("report.html", report)):
        with open_output(str(folder / name)) as file:
            file.write(content.encode("utf-8"))
