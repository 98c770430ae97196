"""Prune the encoder's 250,000 pieces to what our languages need, and make its tokenizer.

Chinese, Cantonese, English, pinyin and emoji remain; a text keeps its segmentation as long as its
pieces were seen in the counted texts, and falls back to single characters otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import Unigram

from models.source import FloatArray, PretrainedEncoder

SPACE = "▁"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


def make_tokenizer(pieces: Sequence[str], scores: FloatArray) -> Tokenizer:
    """A Unigram tokenizer over normalised text; the first four pieces are the special ones."""
    vocabulary = [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement=SPACE, prepend_scheme="always", split=False
    )
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE, prepend_scheme="always", split=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def _is_kept_always(piece: str) -> bool:
    """Single characters of the scripts we read: no sentence of ours becomes unknown by pruning."""
    char = piece.removeprefix(SPACE)
    if len(char) > 1:
        return False
    return (
        char == ""
        or ord(char) < 0x2C0
        or 0x2000 <= ord(char) <= 0x33FF
        or "一" <= char <= "\u9fff"
        or ord(char) > 0xFE00
    )


def choose_pieces(source: PretrainedEncoder, texts: Iterable[str], *, min_count: int) -> list[int]:
    """Indices of the pieces to keep, in the source's order, special ones first."""
    if source.pieces[:4] != SPECIAL:
        raise ValueError("the special pieces are not where they are expected")
    full = make_tokenizer(source.pieces, source.scores)
    counts: Counter[int] = Counter()
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == 2000:
            _count(full, batch, counts)
            batch.clear()
    _count(full, batch, counts)
    kept = {index for index, count in counts.items() if count >= min_count}
    kept |= {index for index, piece in enumerate(source.pieces) if _is_kept_always(piece)}
    return sorted(kept | {0, 1, 2, 3})


def _count(tokenizer: Tokenizer, texts: Sequence[str], counts: Counter[int]) -> None:
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoding.ids)


def prune_vocabulary(
    source: PretrainedEncoder, texts: Iterable[str], *, min_count: int = 3
) -> tuple[Tokenizer, FloatArray]:
    """The pruned tokenizer and its embedding matrix, float32 of shape (pieces kept, hidden)."""
    kept = np.array(choose_pieces(source, texts, min_count=min_count))
    tokenizer = make_tokenizer([source.pieces[i] for i in kept], source.scores[kept])
    return tokenizer, source.tensors["emb.word"][kept]
