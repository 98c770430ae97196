"""From examples to padded batches of token ids and targets."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.example import Example
from models.network import HEADS, LOGITS
from models.perturb import perturb, surround
from models.vocabulary import SPECIAL
from triage.labels import CATEGORIES, LEVELS, SIGNALS, SUBJECTS, Category, RiskLevel
from triage.normalize import normalize_text

PAD = SPECIAL.index("<pad>")
UNKNOWN = float("nan")
"""Target of a label that the source does not give; such entries carry no loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """``ids``/``mask`` (batch, tokens) int64; ``targets`` (batch, LOGITS) with NaN where unknown.

    ``taught`` are a teacher's logits for the plain texts, (batch, LOGITS), where there is a teacher.
    ``twins`` (pairs, 2) are rows that hold the same text, plain and disguised.
    """

    ids: Tensor
    mask: Tensor
    targets: Tensor
    weights: Tensor
    twins: Tensor
    taught: Tensor | None = None


def encode_targets(example: Example) -> list[float]:
    """The targets of one example, in the order of ``HEADS``; category and subject are one-hot."""
    category = [UNKNOWN if example.category is None else float(example.category is c) for c in CATEGORIES]
    signals = [float(example.signals[s]) if s in example.signals else UNKNOWN for s in SIGNALS]
    level = [_reaches(example, k) for k in LEVELS[1:]]
    subject = [UNKNOWN if example.subject is None else float(example.subject is s) for s in SUBJECTS]
    escalate = [UNKNOWN if example.escalate is None else float(example.escalate)]
    targets = [*category, *signals, *level, *subject, *escalate]
    if len(targets) != LOGITS:
        raise ValueError(f"{len(targets)} targets for heads {HEADS}")
    return targets


def _reaches(example: Example, level: RiskLevel) -> float:
    if example.level is not None:
        return float(example.level >= level)
    return 1.0 if example.least_level >= level else UNKNOWN


def truncate_middle(ids: Sequence[int], limit: int) -> list[int]:
    """Token ids cut to ``limit`` by taking out the middle; the ends of a letter say most."""
    if len(ids) <= limit:
        return list(ids)
    head = limit // 2
    return [*ids[:head], *ids[-(limit - head) :]]


def collate(token_ids: Sequence[Sequence[int]], *, pad: int) -> tuple[Tensor, Tensor]:
    """Padded ids and mask."""
    longest = max(map(len, token_ids))
    ids = np.full((len(token_ids), longest), pad, dtype=np.int64)
    mask = np.zeros((len(token_ids), longest), dtype=np.int64)
    for row, tokens in enumerate(token_ids):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
    return torch.from_numpy(ids), torch.from_numpy(mask)


class Batcher:
    """Makes an epoch's batches: sorted by length, shuffled by batch.

    Some texts, drawn at random, stand in their batch twice: as they are, and in a disguise.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        max_tokens: int,
        tokens_per_batch: int,
        perturb_share: float = 0.0,
        surround_share: float = 0.0,
        chatter: Sequence[str] = (),
        taught: Mapping[str, Tensor] | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._pad = PAD
        self._max_tokens = max_tokens
        self._tokens_per_batch = tokens_per_batch
        self._perturb_share = perturb_share
        self._surround_share = surround_share if chatter else 0.0
        self._chatter = chatter
        self._taught = taught

    def batches(self, examples: Sequence[Example], *, rng: random.Random) -> list[Batch]:
        """All examples, in batches of about ``tokens_per_batch`` tokens, in random order."""
        written = [self._write(example, rng) for example in examples]
        flat = [normalize_text(text).text for texts in written for text in texts]
        encoded = iter(self._tokenizer.encode_batch(flat))
        tokens = [[truncate_middle(next(encoded).ids, self._max_tokens) for _ in texts] for texts in written]
        longest = [max(map(len, parts)) for parts in tokens]
        order = sorted(range(len(examples)), key=lambda i: (longest[i], rng.random()))
        batches = [self._make(examples, tokens, chosen) for chosen in self._cut(order, tokens)]
        rng.shuffle(batches)
        return batches

    def _write(self, example: Example, rng: random.Random) -> list[str]:
        """The text as it is learned from: alone, or beside its disguise."""
        text = example.text
        ordinary = example.level is RiskLevel.NONE or example.category is Category.OTHER
        share = self._surround_share * (0.5 if ordinary else 1.0)
        if len(text) < 120 and rng.random() < share:
            text = surround(text, self._chatter, rng)
        return [text, perturb(text, rng)] if rng.random() < self._perturb_share else [text]

    def _cut(self, order: Sequence[int], tokens: Sequence[Sequence[Sequence[int]]]) -> Iterator[list[int]]:
        chosen: list[int] = []
        rows = 0
        for index in order:
            rows += len(tokens[index])
            if chosen and max(map(len, tokens[index])) * rows > self._tokens_per_batch:
                yield chosen
                chosen, rows = [], len(tokens[index])
            chosen.append(index)
        if chosen:
            yield chosen

    def _make(
        self, examples: Sequence[Example], tokens: Sequence[Sequence[Sequence[int]]], chosen: Sequence[int]
    ) -> Batch:
        rows = [(index, ids) for index in chosen for ids in tokens[index]]
        ids, mask = collate([ids for _, ids in rows], pad=self._pad)
        shown = [examples[index] for index, _ in rows]
        twins = [(at, at + 1) for at in range(len(rows) - 1) if rows[at][0] == rows[at + 1][0]]
        return Batch(
            ids=ids,
            mask=mask,
            targets=torch.tensor([encode_targets(example) for example in shown]),
            weights=torch.tensor([examples[index].weight / len(tokens[index]) for index, _ in rows]),
            twins=torch.tensor(twins, dtype=torch.int64).reshape(-1, 2),
            taught=torch.stack([self._taught[example.text] for example in shown]) if self._taught else None,
        )
