"""The settings of a training run, read from ``models/configs/*.yaml``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """All choices of a run. Shares and rates lie in 0..1; lengths are in tokens."""

    name: str
    version: str
    seed: int = 20261124
    layers: int = 12
    max_tokens: int = 192
    tokens_per_batch: int = 1536
    epochs: int = 3
    encoder_rate: float = 6e-5
    head_rate: float = 1e-3
    warmup_share: float = 0.06
    weight_decay: float = 0.01
    dropout: float = 0.1
    perturb_share: float = 0.2
    surround_share: float = 0.2
    negatives_per_epoch: int = 2500
    min_piece_count: int = 3
    calibration_share: float = 0.1
    test_share: float = 0.1
    teaching_share: float = 0.5
    """Weight of a teacher's answers against the labels, where a teacher is given."""
    threads: int = 2

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "TrainingConfig":
        """Settings as a run recorded them; ``ValueError`` for those of another version of this code."""
        try:
            return cls(**raw)
        except TypeError as error:
            raise ValueError(f"settings of another version: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """All settings as plain values, for the manifest."""
        return asdict(self)


def load_config(path: Path) -> TrainingConfig:
    """Read a configuration; unknown keys are an error."""
    try:
        return TrainingConfig.from_json(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
