"""Retrain in one command: ``python -m models.build --config models/configs/encoder.yaml --data DIR``.

Train, export, calibrate, write the model card; with ``--ship`` make the artefact the served one.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from models.calibrate import calibrate
from models.card import write_card
from models.data import load_corpus, write_fold
from models.example import Fold
from models.export import export
from models.settings import load_config
from models.train import train

ARTEFACTS = Path(__file__).parent / "artifacts"


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.build", description=main.__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="folder of the public sets; without it, own sentences only")
    parser.add_argument("--run", type=Path, help="checkpoint folder (default runs/NAME); folds go there too")
    parser.add_argument("--out", type=Path, default=ARTEFACTS)
    parents = parser.add_mutually_exclusive_group()
    parents.add_argument("--start", type=Path, help="folder of an earlier run to go on training from")
    parents.add_argument("--teacher", type=Path, help="folder of a deeper run to learn from")
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint, do not train")
    parser.add_argument("--ship", action="store_true", help="point models/artifacts/CURRENT at the result")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    run = options.run or Path("runs") / config.name
    corpus = load_corpus(options.data, config)
    if not options.resume:
        train(corpus, config, run, start=options.start, teacher=options.teacher)
    for fold, examples in corpus.folds.items():
        write_fold(examples, run / f"{fold.value}.jsonl")
    artefact = export(run, corpus, options.out)
    calibrate(artefact, corpus.folds[Fold.CALIBRATION])
    write_card(artefact, corpus)
    if options.ship:
        (options.out / "CURRENT").write_text(f"{config.name}/{config.version}\n", encoding="utf-8")
    print(artefact)


if __name__ == "__main__":
    main()
