"""The network: a small encoder with its heads on one pooled vector.

Encoder: BERT architecture (Devlin et al. 2019) with the weights of multilingual-e5-small. Pooling:
the mean of the tokens beside an attention-weighted sum, so that one sentence in a long letter counts.
"""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from models.source import FloatArray, PretrainedEncoder
from triage.labels import CATEGORIES, LEVELS, SIGNALS, SUBJECTS

HEADS: dict[str, int] = {
    "category": len(CATEGORIES),
    "signals": len(SIGNALS),
    "levels": len(LEVELS) - 1,
    "subject": len(SUBJECTS),
    "escalate": 1,
}
"""Outputs in the order in which they lie side by side in the logits."""
LOGITS = sum(HEADS.values())


def slice_heads(logits: Tensor) -> dict[str, Tensor]:
    """The logits of each head, by name."""
    return dict(zip(HEADS, logits.split(list(HEADS.values()), dim=-1), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """Sizes of a network."""

    pieces: int
    hidden: int
    heads: int
    intermediate: int
    layers: int
    positions: int
    epsilon: float
    dropout: float = 0.1

    def to_json(self) -> dict[str, float]:
        """The sizes as plain numbers."""
        return asdict(self)


class Layer(nn.Module):
    """Self-attention and feed-forward, each followed by a residual LayerNorm (post-norm)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.query = nn.Linear(config.hidden, config.hidden)
        self.key = nn.Linear(config.hidden, config.hidden)
        self.value = nn.Linear(config.hidden, config.hidden)
        self.output = nn.Linear(config.hidden, config.hidden)
        self.attention_norm = nn.LayerNorm(config.hidden, eps=config.epsilon)
        self.widen = nn.Linear(config.hidden, config.intermediate)
        self.narrow = nn.Linear(config.intermediate, config.hidden)
        self.output_norm = nn.LayerNorm(config.hidden, eps=config.epsilon)

    def forward(self, states: Tensor, allowed: Tensor) -> Tensor:
        """``states`` (batch, tokens, hidden); ``allowed`` (batch, 1, 1, tokens) is 0 or a large negative."""
        batch, tokens, hidden = states.shape
        split = (batch, tokens, self.heads, hidden // self.heads)
        query, key, value = (
            project(states).view(split).transpose(1, 2) for project in (self.query, self.key, self.value)
        )
        attended = scaled_dot_product_attention(query, key, value, attn_mask=allowed)
        attended = attended.transpose(1, 2).reshape(batch, tokens, hidden)
        states = self.attention_norm(states + self.output(attended))
        return self.output_norm(states + self.narrow(gelu(self.widen(states))))


class TriageNetwork(nn.Module):
    """Token ids to logits of all heads, (batch, LOGITS)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.words = nn.Embedding(config.pieces, config.hidden)
        self.places = nn.Embedding(config.positions, config.hidden)
        self.embedding_norm = nn.LayerNorm(config.hidden, eps=config.epsilon)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.pool_query = nn.Linear(config.hidden, 1)
        self.dropout = nn.Dropout(config.dropout)
        self.classify = nn.Linear(2 * config.hidden, LOGITS)

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The last layer's states (batch, tokens, hidden)."""
        allowed = (1.0 - mask[:, None, None, :].to(self.words.weight.dtype)) * -1e4
        places = torch.arange(ids.shape[1], device=ids.device)
        states = self.embedding_norm(self.words(ids) + self.places(places))
        for layer in self.layers:
            states = layer(states, allowed.to(states.dtype))
        return states

    def pool(self, ids: Tensor, mask: Tensor) -> Tensor:
        """What the heads look at, (batch, 2 * hidden)."""
        states = self.encode(ids, mask)
        weights = mask.to(states.dtype).unsqueeze(-1)
        mean = (states * weights).sum(1) / weights.sum(1)
        attention = torch.softmax(self.pool_query(states) + (1.0 - weights) * -1e4, dim=1)
        return torch.cat([mean, (states * attention).sum(1)], dim=-1)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """``ids`` and ``mask`` (batch, tokens); mask is 1 for real tokens, 0 for padding."""
        return self.classify(self.dropout(self.pool(ids, mask)))


def load_encoder(
    source: PretrainedEncoder, embeddings: FloatArray, *, layers: int, positions: int, dropout: float
) -> TriageNetwork:
    """A network that starts from the pretrained weights; its heads start at random.

    A shallower network keeps the lower ``layers``: dropping the top of an encoder costs the least
    when it is fine-tuned afterwards (Sajjad et al. 2023, Computer Speech & Language 77).
    """
    config = NetworkConfig(
        pieces=embeddings.shape[0],
        hidden=source.hidden,
        heads=source.heads,
        intermediate=source.intermediate,
        layers=layers,
        positions=positions,
        epsilon=source.epsilon,
        dropout=dropout,
    )
    network = TriageNetwork(config)
    tensors = source.tensors
    places = tensors["emb.pos"].reshape(source.positions, source.hidden)[:positions]
    state = {
        "words.weight": embeddings,
        "places.weight": places + tensors["emb.type"][: source.hidden],
        "embedding_norm.weight": tensors["emb.ln.w"],
        "embedding_norm.bias": tensors["emb.ln.b"],
    }
    parts = {
        "query": "q", "key": "k", "value": "v", "output": "ao", "attention_norm": "aln",
        "widen": "fi", "narrow": "fo", "output_norm": "oln",
    }  # fmt: skip
    for index in range(layers):
        for ours, theirs in parts.items():
            state[f"layers.{index}.{ours}.weight"] = tensors[f"l{index}.{theirs}.w"]
            state[f"layers.{index}.{ours}.bias"] = tensors[f"l{index}.{theirs}.b"]
    missing, unexpected = network.load_state_dict(
        {name: torch.from_numpy(value) for name, value in state.items()}, strict=False
    )
    if unexpected or any(not name.startswith(("pool_query", "classify")) for name in missing):
        raise ValueError(f"weights do not fit: missing {missing}, unexpected {unexpected}")
    return network
