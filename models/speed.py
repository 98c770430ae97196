"""Time the shipped classifier beside the plain ``transformers`` pipeline, in one run.

``python -m models.speed --artefact models/artifacts/NAME/VERSION --data ../shared/data`` answers the PsyGUARD
texts with both, tokenisation included, in batches on all usable cores and one message at a time: ours
uses one core for that, the pipeline all. The pipeline has the 12-layer encoder in float32, which is what
one would serve without exporting anything.
"""

import argparse
import gzip
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper
from tokenizers import Tokenizer
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
)

from models.network import LOGITS
from triage.classifier.onnx import load_classifier
from triage.normalize import normalize_text

PIPELINE_LAYERS = 12
PIPELINE_BATCH = 32
PSYGUARD = "psyguard_valid.jsonl.gz"
LENGTHS = (8, 16, 32, 64, 128, 256, 512)
BATCHES = (1, 4, 16)
REPEATS = 20
SQUARE = 2048
"""Rows and columns of the int8 product that stands for the processor's peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A matrix product that stands for the processor's peak: operator and number types."""

    operator: str
    left: np.dtype[Any]
    right: np.dtype[Any]
    out: np.dtype[Any]


FLOAT32 = Product(
    operator="MatMul", left=np.dtype(np.float32), right=np.dtype(np.float32), out=np.dtype(np.float32)
)
INT8 = Product(
    operator="MatMulInteger", left=np.dtype(np.uint8), right=np.dtype(np.int8), out=np.dtype(np.int32)
)

Answer = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Messages a second in batches, and milliseconds for one message alone."""

    per_s: float
    p50_ms: float
    p95_ms: float


def read_texts(data: Path, *, limit: int) -> list[str]:
    """The first ``limit`` PsyGUARD texts."""
    with gzip.open(data / PSYGUARD, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line, _ in zip(lines, range(limit), strict=False)]


def build_pipeline(tokenizer: Path, *, labels: int = LOGITS, layers: int = PIPELINE_LAYERS) -> Answer:
    """A ``text-classification`` pipeline of the encoder's size; its weights do not change its speed."""
    words = Tokenizer.from_file(str(tokenizer))
    config = BertConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=384,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=1536,
        num_labels=labels,
    )
    pipeline = TextClassificationPipeline(
        model=BertForSequenceClassification(config).eval(),
        tokenizer=PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", model_max_length=512),
        device="cpu",
    )
    return lambda texts: pipeline(list(texts), batch_size=PIPELINE_BATCH, truncation=True, top_k=None)


def measure_pace(answer: Answer, texts: Sequence[str]) -> Pace:
    """Time all texts at once, then each alone, after a warm-up."""
    answer(texts[:PIPELINE_BATCH])
    started = time.perf_counter()
    answer(texts)
    whole_s = time.perf_counter() - started
    times_ms = [time_ms(answer, [text]) for text in texts]
    p50, p95 = np.percentile(times_ms, [50, 95])
    return Pace(per_s=len(texts) / whole_s, p50_ms=float(p50), p95_ms=float(p95))


def time_ms(answer: Answer, texts: Sequence[str]) -> float:
    """Milliseconds for one call."""
    started = time.perf_counter()
    answer(texts)
    return (time.perf_counter() - started) * 1000


def measure_growth(answer: Answer) -> Iterator[tuple[int, int, float]]:
    """Characters of a text, texts in a batch, and the median milliseconds for the batch."""
    for length in LENGTHS:
        text = ("最近总是睡不着，心里很乱，不知道该跟谁说。" * 32)[:length]
        for batch in BATCHES:
            times = [time_ms(answer, [text] * batch) for _ in range(REPEATS)]
            yield length, batch, float(np.median(times))


def measure_peak(product: Product, *, threads: int) -> float:
    """Operations a second of a large matrix product (multiply and add count as two)."""
    side = [SQUARE, SQUARE]
    graph = helper.make_graph(
        [helper.make_node(product.operator, ["a", "b"], ["c"])],
        "peak",
        [helper.make_tensor_value_info("a", helper.np_dtype_to_tensor_dtype(product.left), side)],
        [helper.make_tensor_value_info("c", helper.np_dtype_to_tensor_dtype(product.out), side)],
        [onnx.numpy_helper.from_array(np.ones(side, product.right), "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    left = np.ones(side, product.left)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        session.run(["c"], {"a": left})
        times.append(time.perf_counter() - started)
    return 2 * SQUARE**3 / min(times)


def count_operations(tokens: int, *, network: dict[str, Any]) -> float:
    """Multiplications and additions of the network's matrix products for a text, attention included."""
    hidden, inner = int(network["hidden"]), int(network["intermediate"])
    a_layer = tokens * (4 * hidden * hidden + 2 * hidden * inner) + 2 * tokens * tokens * hidden
    return 2.0 * int(network["layers"]) * a_layer


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.speed", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--artefact", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=400)
    options = parser.parse_args(arguments)
    cores = len(os.sched_getaffinity(0))
    torch.set_num_threads(cores)
    texts = read_texts(options.data, limit=options.texts)
    classifier = load_classifier(options.artefact, threads=cores)
    ours = measure_pace(classifier.predict, texts)
    plain = measure_pace(build_pipeline(options.artefact / "tokenizer.json"), texts)
    print(f"{len(texts)} texts, {cores} cores, {classifier.version}")
    for name, pace in ((f"transformers, {PIPELINE_LAYERS} layers, float32", plain), ("shipped", ours)):
        print(f"{name}: {pace.per_s:.0f} messages/s, p50 {pace.p50_ms:.1f} ms, p95 {pace.p95_ms:.1f} ms")
    print(f"times: {ours.per_s / plain.per_s:.1f} in batches, {plain.p95_ms / ours.p95_ms:.1f} in p95 alone")
    manifest = json.loads((options.artefact / "manifest.json").read_text(encoding="utf-8"))
    words = Tokenizer.from_file(str(options.artefact / "tokenizer.json"))
    lengths = [len(each.ids) for each in words.encode_batch([normalize_text(text).text for text in texts])]
    # The few texts that are read in windows count as one of the longest.
    work = sum(
        count_operations(min(length, manifest["max_tokens"]), network=manifest["network"])
        for length in lengths
    )
    reached = work * ours.per_s / len(texts)
    for name, product in (("int8", INT8), ("float32", FLOAT32)):
        peak = measure_peak(product, threads=cores)
        print(f"{name} product: {peak / 1e9:.0f} G operations/s; batches reach {reached / peak:.0%} of it")
    print("characters  batch  ms")
    for length, batch, ms in measure_growth(classifier.predict):
        print(f"{length:10d}  {batch:5d}  {ms:.1f}")


if __name__ == "__main__":
    main()
