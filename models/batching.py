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
from triage.labels import CATEGORIES, LEVELS, SIGNALS, Category, RiskLevel
from triage.normalize import normalize_text

PAD = SPECIAL.index("<pad>")
UNKNOWN = float("nan")
"""Target of a label that the source does not give; such entries carry no loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """``ids``/``mask`` (batch, tokens) int64; ``targets`` (batch, LOGITS) with NaN where unknown.

    ``taught`` are a teacher's logits for the plain texts, (batch, LOGITS), where there is a teacher.
    """

    ids: Tensor
    mask: Tensor
    targets: Tensor
    weights: Tensor
    taught: Tensor | None = None


def encode_targets(example: Example) -> list[float]:
    """The targets of one example, in the order of ``HEADS``; the category is one-hot."""
    category = [UNKNOWN if example.category is None else float(example.category is c) for c in CATEGORIES]
    signals = [float(example.signals[s]) if s in example.signals else UNKNOWN for s in SIGNALS]
    level = [_reaches(example, k) for k in LEVELS[1:]]
    escalate = [UNKNOWN if example.escalate is None else float(example.escalate)]
    targets = [*category, *signals, *level, *escalate]
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
    """Makes an epoch's batches: disguised at random, sorted by length, shuffled by batch."""

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
        """All examples once, in batches of about ``tokens_per_batch`` tokens, in random order."""
        texts = [normalize_text(self._vary(example, rng)).text for example in examples]
        tokens = [truncate_middle(e.ids, self._max_tokens) for e in self._tokenizer.encode_batch(texts)]
        order = sorted(range(len(examples)), key=lambda i: (len(tokens[i]), rng.random()))
        batches = [self._make(examples, tokens, chosen) for chosen in self._cut(order, tokens)]
        rng.shuffle(batches)
        return batches

    def _vary(self, example: Example, rng: random.Random) -> str:
        text = example.text
        ordinary = example.level is RiskLevel.NONE or example.category is Category.OTHER
        share = self._surround_share * (0.5 if ordinary else 1.0)
        if len(text) < 120 and rng.random() < share:
            text = surround(text, self._chatter, rng)
        return perturb(text, rng) if rng.random() < self._perturb_share else text

    def _cut(self, order: Sequence[int], tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        chosen: list[int] = []
        for index in order:
            if chosen and len(tokens[index]) * (len(chosen) + 1) > self._tokens_per_batch:
                yield chosen
                chosen = []
            chosen.append(index)
        if chosen:
            yield chosen

    def _make(
        self, examples: Sequence[Example], tokens: Sequence[Sequence[int]], chosen: Sequence[int]
    ) -> Batch:
        ids, mask = collate([tokens[i] for i in chosen], pad=self._pad)
        return Batch(
            ids=ids,
            mask=mask,
            targets=torch.tensor([encode_targets(examples[i]) for i in chosen]),
            weights=torch.tensor([examples[i].weight for i in chosen]),
            taught=torch.stack([self._taught[examples[i].text] for i in chosen]) if self._taught else None,
        )
