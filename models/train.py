"""Fine-tune the encoder with all heads.

``python -m models.train --config models/configs/encoder.yaml --data ../shared/data --out runs/encoder``
writes the checkpoint (weights, tokenizer, sizes, data hashes) that ``models.calibrate`` and
``models.export`` go on from. Deterministic for a seed on one machine with a fixed thread count.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from models.batching import PAD, Batch, Batcher, collate, truncate_middle
from models.data import (
    Corpus,
    check_same_data,
    check_same_folds,
    is_chatter,
    load_corpus,
    sha256,
)
from models.example import Example, Fold
from models.loss import agreement_loss, joint_loss, teaching_loss
from models.network import NetworkConfig, TriageNetwork, load_encoder
from models.settings import TrainingConfig, load_config
from models.source import find_pretrained, read_pretrained
from models.sources import NEGATIVE_SOURCES
from models.vocabulary import prune_vocabulary
from triage.normalize import normalize_text

GRADIENT_NORM = 1.0
TEACHER_BATCH = 32


def select_epoch(examples: Sequence[Example], *, negatives: int, rng: random.Random) -> list[Example]:
    """An epoch's examples: all that are ours, and a fresh sample of the public negatives."""
    ordinary = [example for example in examples if example.source in NEGATIVE_SOURCES]
    ours = [example for example in examples if example.source not in NEGATIVE_SOURCES]
    return ours + rng.sample(ordinary, min(negatives, len(ordinary)))


def make_optimizer(network: TriageNetwork, config: TrainingConfig) -> AdamW:
    """Slow for the encoder, fast for the new heads; the word embeddings stay as they are."""
    network.words.weight.requires_grad_(False)
    network.places.weight.requires_grad_(False)
    new = [*network.pool_query.parameters(), *network.classify.parameters()]
    names = {id(parameter) for parameter in new}
    old = [p for p in network.parameters() if p.requires_grad and id(p) not in names]
    groups = [{"params": old, "lr": config.encoder_rate}, {"params": new, "lr": config.head_rate}]
    return AdamW(groups, weight_decay=config.weight_decay, fused=True)


def schedule(optimizer: AdamW, *, steps: int, warmup_share: float) -> LambdaLR:
    """Linear warm-up, then cosine decay to a twentieth."""
    warmup = max(1, round(steps * warmup_share))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, steps - warmup)
        return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))

    return LambdaLR(optimizer, factor)


def measure_loss(network: TriageNetwork, batch: Batch, *, teaching_share: float) -> Tensor:
    """The loss of a batch: distance from its labels, between twins, and from the teacher if there is one."""
    logits = network(batch.ids, batch.mask)
    loss = joint_loss(logits, batch.targets, batch.weights) + agreement_loss(logits, batch.twins)
    if batch.taught is None:
        return loss
    taught = teaching_loss(logits, batch.taught, batch.weights)
    return (1.0 - teaching_share) * loss + teaching_share * taught


def train_epoch(
    network: TriageNetwork,
    batches: Sequence[Batch],
    optimizer: AdamW,
    scheduler: LambdaLR,
    *,
    teaching_share: float,
) -> float:
    """One pass; the mean loss."""
    network.train()
    total = 0.0
    for batch in tqdm(batches, mininterval=20, unit="batch", leave=False):
        loss = measure_loss(network, batch, teaching_share=teaching_share)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad(set_to_none=True)
        total += float(loss.detach())
    return total / len(batches)


def train(
    corpus: Corpus,
    config: TrainingConfig,
    out: Path,
    *,
    start: Path | None = None,
    teacher: Path | None = None,
) -> TriageNetwork:
    """Train on the corpus's training fold and save a checkpoint after each epoch.

    ``start`` is the folder of an earlier run on the same data to go on from, with its vocabulary.
    ``teacher`` is that of a deeper network on the same data: the student begins as its lower layers
    and learns from its answers beside the labels.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    rng = random.Random(config.seed)
    taught: dict[str, Tensor] | None = None
    if teacher:
        deep, tokenizer = _load_start(corpus, config, teacher)
        taught = ask_teacher(deep, tokenizer, [example.text for example in corpus.train])
        network = cut_layers(deep, config.layers)
    else:
        network, tokenizer = _load_start(corpus, config, start) if start else _load_pretrained(corpus, config)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    batcher = Batcher(
        tokenizer,
        max_tokens=config.max_tokens,
        tokens_per_batch=config.tokens_per_batch,
        perturb_share=config.perturb_share,
        surround_share=config.surround_share,
        chatter=[example.text for example in corpus.train if is_chatter(example)],
        taught=taught,
    )
    optimizer = make_optimizer(network, config)
    scheduler: LambdaLR | None = None
    for epoch in range(config.epochs):
        started = time.monotonic()
        chosen = select_epoch(corpus.train, negatives=config.negatives_per_epoch, rng=rng)
        batches = batcher.batches(chosen, rng=rng)
        scheduler = scheduler or schedule(
            optimizer, steps=len(batches) * config.epochs, warmup_share=config.warmup_share
        )
        loss = train_epoch(network, batches, optimizer, scheduler, teaching_share=config.teaching_share)
        print(
            f"epoch {epoch + 1}/{config.epochs}: loss {loss:.4f}, {time.monotonic() - started:.0f} s",
            flush=True,
        )
        save_checkpoint(network, corpus, config, out, parent=teacher or start)
    return network


def ask_teacher(teacher: TriageNetwork, tokenizer: Tokenizer, texts: Sequence[str]) -> dict[str, Tensor]:
    """The teacher's logits for each text as it stands."""
    limit = teacher.config.positions
    encoded = tokenizer.encode_batch([normalize_text(text).text for text in texts])
    tokens = [truncate_middle(each.ids, limit) for each in encoded]
    order = sorted(range(len(texts)), key=lambda at: len(tokens[at]))
    answers: dict[str, Tensor] = {}
    teacher.eval()
    for start in tqdm(range(0, len(order), TEACHER_BATCH), mininterval=20, leave=False):
        chosen = order[start : start + TEACHER_BATCH]
        with torch.no_grad():
            logits = teacher(*collate([tokens[at] for at in chosen], pad=PAD))
        answers |= {texts[at]: row for at, row in zip(chosen, logits, strict=True)}
    return answers


def cut_layers(deep: TriageNetwork, layers: int) -> TriageNetwork:
    """The lower ``layers`` of a trained network with its heads: where a student begins."""
    network = TriageNetwork(replace(deep.config, layers=layers))
    wanted = network.state_dict().keys()
    network.load_state_dict({name: value for name, value in deep.state_dict().items() if name in wanted})
    return network


def _load_pretrained(corpus: Corpus, config: TrainingConfig) -> tuple[TriageNetwork, Tokenizer]:
    source = read_pretrained(find_pretrained())
    texts = (normalize_text(example.text).text for example in corpus.train)
    tokenizer, embeddings = prune_vocabulary(source, texts, min_count=config.min_piece_count)
    network = load_encoder(
        source, embeddings, layers=config.layers, positions=config.max_tokens, dropout=config.dropout
    )
    return network, tokenizer


def _load_start(corpus: Corpus, wanted: TrainingConfig, start: Path) -> tuple[TriageNetwork, Tokenizer]:
    network, config, record = load_checkpoint(start)
    check_same_data(corpus, record["data"])
    check_same_folds(config, wanted)
    return network, Tokenizer.from_file(str(start / "tokenizer.json"))


def load_checkpoint(run: Path) -> tuple[TriageNetwork, TrainingConfig, dict[str, Any]]:
    """A trained network, the configuration it was trained with, and the run's record."""
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    network = TriageNetwork(NetworkConfig(**record["network"]))
    network.load_state_dict(load_file(run / "weights.safetensors"))
    return network.eval(), TrainingConfig.from_json(record["config"]), record


def save_checkpoint(
    network: TriageNetwork, corpus: Corpus, config: TrainingConfig, out: Path, *, parent: Path | None
) -> None:
    """Weights, sizes and provenance of a run; ``parent`` is the run it began from or was taught by."""
    save_file(
        {name: value.contiguous() for name, value in network.state_dict().items()},
        out / "weights.safetensors",
    )
    record = {
        "config": config.to_json(),
        "network": network.config.to_json(),
        "data": corpus.hashes,
        "parent": sha256(parent / "weights.safetensors") if parent else None,
        "counts": {fold.value: len(corpus.folds[fold]) for fold in Fold},
    }
    (out / "run.json").write_text(json.dumps(record, indent=2, ensure_ascii=False), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m models.train", description=main.__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="folder of the public sets; without it, own sentences only")
    parser.add_argument("--out", type=Path, required=True)
    parents = parser.add_mutually_exclusive_group()
    parents.add_argument("--start", type=Path, help="folder of an earlier run to go on from")
    parents.add_argument("--teacher", type=Path, help="folder of a deeper run to learn from")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    np.random.seed(config.seed % 2**32)
    corpus = load_corpus(options.data, config)
    print({fold.value: len(examples) for fold, examples in corpus.folds.items()}, flush=True)
    train(corpus, config, options.out, start=options.start, teacher=options.teacher)


if __name__ == "__main__":
    main()
