"""From a checkpoint to an artefact that serves: int8 ONNX, tokenizer, n-grams, labels, manifest.

``python -m models.export --run runs/encoder --data ../shared/data --out models/artifacts`` also
checks that the float graph repeats torch, and measures what int8 costs.
"""

import argparse
import datetime
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from tokenizers import Tokenizer

from models.batching import PAD, collate, truncate_middle
from models.data import Corpus, check_same_data, load_corpus, sha256
from models.example import Fold
from models.graph import build_graph
from models.network import TriageNetwork
from models.ngrams import train_ngrams
from models.train import load_checkpoint
from triage.classifier.artefact import FILES, LABEL_SCHEME
from triage.normalize import normalize_text

PARITY_TOLERANCE = 1e-3
"""Largest difference in any logit between torch and the float graph."""
PARITY_TEXTS = 256


class ParityError(Exception):
    """The exported graph does not repeat the trained network."""


def check_parity(network: TriageNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, float]:
    """Differences of the float and int8 graphs to torch, in logits; raises ``ParityError``."""
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    limit = network.config.positions
    tokens = [
        truncate_middle(e.ids, limit) for e in tokenizer.encode_batch([normalize_text(t).text for t in texts])
    ]
    ids, mask = collate(tokens, pad=PAD)
    with torch.no_grad():
        expected = network(ids, mask).numpy()
    differences = {}
    for name, quantized in (("float32", False), ("int8", True)):
        graph = build_graph(weights, network.config, quantized=quantized).SerializeToString()
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        found = session.run(["logits"], {"ids": ids.numpy(), "mask": mask.numpy()})[0]
        differences[f"{name}_max"] = float(np.abs(found - expected).max())
        differences[f"{name}_mean"] = float(np.abs(found - expected).mean())
    if differences["float32_max"] > PARITY_TOLERANCE:
        raise ParityError(f"float graph differs from torch by {differences['float32_max']:.2e}")
    return differences


def export(run: Path, corpus: Corpus, out: Path) -> Path:
    """Write an uncalibrated artefact and return its folder; ``models.calibrate`` completes it."""
    network, config, record = load_checkpoint(run)
    check_same_data(corpus, record["data"])
    torch.set_num_threads(config.threads)
    folder = out / config.name / config.version
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    texts = [example.text for example in corpus.folds[Fold.CALIBRATION][:PARITY_TEXTS]]
    parity = check_parity(network, tokenizer, texts)
    weights: dict[str, npt.NDArray[np.float32]] = {n: v.numpy() for n, v in network.state_dict().items()}
    (folder / "model.onnx").write_bytes(
        build_graph(weights, network.config, quantized=True).SerializeToString()
    )
    shutil.copyfile(run / "tokenizer.json", folder / "tokenizer.json")
    companion = train_ngrams(corpus.train)
    np.savez_compressed(folder / "ngrams.npz", weights=companion.weights, bias=companion.bias)
    _write_json(folder / "labels.json", LABEL_SCHEME)
    manifest = {
        "name": config.name,
        "version": config.version,
        "max_tokens": config.max_tokens,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "config": record["config"],
        "network": record["network"],
        "counts": {fold.value: len(corpus.folds[fold]) for fold in Fold},
        "data": record["data"],
        "parent": record.get("parent"),
        "parity": parity,
        "commit": describe_commit(),
    }
    _write_json(folder / "manifest.json", manifest)
    return folder


def seal(folder: Path, **additions: Any) -> None:
    """Write every file's hash, and whatever else is known by now, into the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest |= additions
    manifest["files"] = {name: sha256(folder / name) for name in FILES}
    _write_json(folder / "manifest.json", manifest)


def describe_commit() -> str:
    """The commit that the code stood at, with ``-dirty`` if it was changed since; ``unknown`` outside git."""
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return done.stdout.strip() or "unknown"


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.export", description=main.__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("models/artifacts"))
    options = parser.parse_args(arguments)
    _, config, _ = load_checkpoint(options.run)
    print(export(options.run, load_corpus(options.data, config), options.out))


if __name__ == "__main__":
    main()
