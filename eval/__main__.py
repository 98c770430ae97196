"""Command line of the evaluation: ``python -m eval SUBCOMMAND``, see ``SUBCOMMANDS``.

Exit status: 0 when all is well; 1 when rows or labels were bad, or a simulated talk broke a rule that always
holds; 2 when the command cannot run.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from eval.bench import measure_speed, read_texts, render_table, write_json
from eval.dataset import load_dataset
from eval.errors import DatasetError, EvalError, UsageError
from eval.output import encode_line, open_output
from eval.perturbations import KINDS
from eval.predict import DEFAULT_BATCH, predict_file
from eval.provenance import render_command
from eval.simulation.intake_talk import load_stage
from eval.simulation.persona_files import PERSONAS_PATH, load_personas
from eval.simulation.play import DEFAULT_RUNS
from eval.simulation.report import render_json, transcript_fields
from eval.simulation.report import render_table as render_simulation
from eval.simulation.simulate import run_simulation
from eval.simulation.terminal import chat as hold_chat
from eval.workers import PipelineLoader, PipelineWorkers, load_single_threaded
from triage.catalog import load_catalog
from triage.conversation import Conversation
from triage.errors import ArtefactError, ContentError

BAD_ROWS, CANNOT_RUN, INTERRUPTED = 1, 2, 130
SUBCOMMANDS = ("predict", "run", "perturb", "errors", "bench", "chat", "simulate")


def main(arguments: Sequence[str] | None = None, *, load: PipelineLoader = load_single_threaded) -> int:
    """Run one subcommand and give its exit status; tests hand in another way to load a pipeline."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    options = build_parser().parse_args(typed)
    try:
        if options.subcommand == "predict":
            return _predict(options, load=load)
        if options.subcommand == "run":
            return _run(options, typed=typed, load=load)
        if options.subcommand == "perturb":
            return _perturb(options, load=load)
        if options.subcommand == "errors":
            return _errors(options, load=load)
        if options.subcommand == "chat":
            return _chat(options, load=load)
        if options.subcommand == "simulate":
            return _simulate(options, typed=typed, load=load)
        return _bench(options, load=load)
    except DatasetError as error:
        return _complain(error, status=BAD_ROWS)
    except (EvalError, ArtefactError, ContentError) as error:
        return _complain(error, status=CANNOT_RUN)
    except BrokenPipeError:  # the reader of standard output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BAD_ROWS
    except KeyboardInterrupt:
        return _complain("interrupted; nothing was written", status=INTERRUPTED)


def build_parser() -> argparse.ArgumentParser:
    """The parser of all subcommands."""
    parser = argparse.ArgumentParser(
        prog="python -m eval", description="Offline evaluation of the triage service."
    )
    commands = parser.add_subparsers(dest="subcommand", required=True, metavar=" | ".join(SUBCOMMANDS))
    predict = commands.add_parser("predict", help="answer each row of a JSON-lines file")
    predict.add_argument(
        "source", metavar="IN.jsonl", help="rows with id and text or turns; - is standard input"
    )
    predict.add_argument(
        "--out", required=True, metavar="OUT.jsonl", help="answer rows; - is standard output"
    )
    predict.add_argument(
        "--batch", type=_positive, default=DEFAULT_BATCH, metavar="N", help="rows scored together"
    )
    predict.add_argument("--processes", type=_positive, default=1, metavar="N", help="worker processes")
    run = commands.add_parser("run", help="score a labelled file and write a report")
    run.add_argument("dataset", metavar="DATASET", help="rows with labels, see eval/datasets/README.md")
    run.add_argument("--report", required=True, type=Path, metavar="DIR", help="folder for the report")
    run.add_argument("--train", metavar="TRAIN.jsonl", help="labelled rows to fit the n-gram baseline on")
    run.add_argument("--predictions", metavar="FILE", help="answers of predict, in place of the pipeline")
    run.add_argument("--name", metavar="TEXT", help="the report's name")
    perturb = commands.add_parser("perturb", help="write a labelled file otherwise and compare the alarms")
    perturb.add_argument("dataset", metavar="DATASET", help="rows with labels, as for run")
    perturb.add_argument("--out", metavar="FILE", help="also write the figures to a JSON file")
    perturb.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=KINDS, metavar="KIND", help=f"of {', '.join(KINDS)}"
    )
    perturb.add_argument("--processes", type=_positive, default=1, metavar="N", help="worker processes")
    errors = commands.add_parser("errors", help="list the worst misses and false alarms, with their texts")
    errors.add_argument("dataset", metavar="DATASET", help="rows with labels, as for run")
    errors.add_argument("--report", required=True, type=Path, metavar="DIR", help="folder for the list")
    errors.add_argument("--train", metavar="TRAIN.jsonl", help="labelled rows to look for neighbours in")
    errors.add_argument("--worst", type=_positive, default=50, metavar="N", help="how many of each kind")
    errors.add_argument("--processes", type=_positive, default=1, metavar="N", help="worker processes")
    bench = commands.add_parser("bench", help="measure time and memory")
    bench.add_argument("--messages", type=_positive, default=600, metavar="N", help="messages to time")
    bench.add_argument("--data", metavar="FILE", help="rows as for predict, in place of the built-in texts")
    bench.add_argument("--json", metavar="FILE", help="also write the figures to a file")
    chat = commands.add_parser("chat", help="talk with the intake in the terminal; nothing is stored")
    simulate = commands.add_parser("simulate", help="let scripted users talk with the intake, and measure")
    simulate.add_argument("--out", metavar="FILE", help="also write the figures to a JSON file")
    simulate.add_argument("--transcripts", metavar="FILE", help="also write the conversations, JSON lines")
    simulate.add_argument(
        "--personas", type=Path, metavar="DIR", help="folder of personas; the shipped ones if left out"
    )
    simulate.add_argument(
        "--runs", type=_positive, default=DEFAULT_RUNS, metavar="N", help="conversations per persona"
    )
    for command in (predict, run, perturb, errors, bench, chat, simulate):
        command.add_argument(
            "--artefact", type=Path, metavar="DIR", help="model folder; the shipped one if left out"
        )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _predict(options: argparse.Namespace, *, load: PipelineLoader) -> int:
    tally = predict_file(
        options.source,
        destination=options.out,
        artefact=options.artefact,
        batch_size=options.batch,
        processes=options.processes,
        load=load,
    )
    _tell(f"{tally.rows} rows, {tally.errors} of them bad")
    return BAD_ROWS if tally.errors else 0


def _run(options: argparse.Namespace, *, typed: Sequence[str], load: PipelineLoader) -> int:
    try:
        from eval.runner import RunOptions, run_evaluation  # predict must run without scikit-learn
    except ModuleNotFoundError as error:
        raise UsageError(f"run needs the package {error.name}: install the extra 'eval'") from error
    if options.predictions and options.artefact:
        raise UsageError("--predictions takes the place of the pipeline; leave --artefact out")
    run_evaluation(
        RunOptions(
            dataset=options.dataset,
            report=options.report,
            train=options.train,
            artefact=options.artefact,
            predictions=options.predictions,
            name=options.name,
            command=render_command(typed),
            load=load,
        ),
        tell=_tell,
    )
    _tell(f"{options.report / 'report.html'}")
    return 0


def _perturb(options: argparse.Namespace, *, load: PipelineLoader) -> int:
    try:
        from eval.robustness import measure_robustness, render_lines, render_robustness
    except ModuleNotFoundError as error:
        raise UsageError(f"perturb needs the package {error.name}: install the extra 'eval'") from error
    dataset = load_dataset(options.dataset)
    with PipelineWorkers(load=load, artefact=options.artefact, processes=options.processes) as workers:
        found = measure_robustness(dataset, workers=workers, tell=_tell, kinds=options.kinds)
        versions = {
            "model_version": workers.pipeline.model_version,
            "lexicon_version": workers.pipeline.lexicon_version,
            "policy_version": workers.pipeline.policy_version,
        }
    print("\n".join(render_lines(found)))
    if options.out:
        with open_output(options.out) as file:
            file.write(render_robustness(dataset, found, versions=versions).encode("utf-8"))
    return 0


def _errors(options: argparse.Namespace, *, load: PipelineLoader) -> int:
    try:
        from eval.mistakes import find_mistakes, write_mistakes
        from eval.systems import answer_with_pipeline
    except ModuleNotFoundError as error:
        raise UsageError(f"errors needs the package {error.name}: install the extra 'eval'") from error
    dataset = load_dataset(options.dataset)
    train = load_dataset(options.train) if options.train else None
    with PipelineWorkers(load=load, artefact=options.artefact, processes=options.processes) as workers:
        answers = answer_with_pipeline(workers, dataset.samples)
    found = find_mistakes(dataset, answers, train=train, worst=options.worst)
    write_mistakes(found, options.report, dataset=dataset)
    print(f"{found.missed} misses, {found.falsely_alarmed} false alarms")
    _tell(f"{options.report / 'errors.html'}")
    return 0


def _bench(options: argparse.Namespace, *, load: PipelineLoader) -> int:
    speed = measure_speed(
        read_texts(options.data),
        messages=options.messages,
        artefact=options.artefact,
        source=Path(options.data).name if options.data else "built-in",
        load=load,
    )
    print(render_table(speed))
    if options.json:
        write_json(speed, options.json)
    return 0


def _chat(options: argparse.Namespace, *, load: PipelineLoader) -> int:
    pipeline, catalog = load(options.artefact), load_catalog()
    hold_chat(lambda: Conversation.begin(pipeline=pipeline, catalog=catalog))
    return 0


def _simulate(options: argparse.Namespace, *, typed: Sequence[str], load: PipelineLoader) -> int:
    folder = load_personas(options.personas or PERSONAS_PATH)
    stage = load_stage(load(options.artefact))
    simulation, courses = run_simulation(
        folder, stage=stage, runs=options.runs, command=render_command(typed)
    )
    print(render_simulation(simulation))
    if options.out:
        with open_output(options.out) as file:
            file.write(render_json(simulation).encode("utf-8"))
    if options.transcripts:
        with open_output(options.transcripts) as file:
            pairs = zip(courses, simulation.verdicts, strict=True)
            file.writelines(encode_line(transcript_fields(course, verdict)) for course, verdict in pairs)
    return BAD_ROWS if simulation.broken else 0


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _complain(error: object, *, status: int) -> int:
    _tell(f"eval: {error}")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
