import struct
from pathlib import Path

import numpy as np
import pytest

from models.source import SourceError, dequantize, read_pretrained

HIDDEN, WIDE, POSITIONS = 32, 64, 4
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "好")


def q4(values: np.ndarray, scale: float) -> bytes:
    """Q4_0 blocks, packed as the format says: scale, then low nibbles of the first half."""
    out = b""
    for block in values.reshape(-1, 32):
        nibbles = (np.rint(block / scale) + 8).astype(np.uint8)
        out += np.float16(scale).tobytes() + (nibbles[:16] | nibbles[16:] << 4).tobytes()
    return out


def make_file(tensors: dict[str, tuple[int, bytes, int]]) -> bytes:
    """A small file in the format, with the given tensors: name -> (kind, bytes, count)."""
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, WIDE, len(PIECES), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets.tobytes()
    head += np.arange(len(PIECES), dtype="<f4").tobytes() + blob + struct.pack("<iI", 0, 0)
    size = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, raw, count) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, size + len(body), len(raw))
        body += raw
    return head + directory + body


@pytest.fixture
def content() -> bytes:
    grid = np.tile(np.arange(-8, 8, dtype=np.float32), 4) * 0.5
    return make_file(
        {
            "emb.ln.w": (0, np.full(HIDDEN, 1.5, "<f4").tobytes(), HIDDEN),
            "l0.q.w": (1, q4(grid[:HIDDEN], 0.5), HIDDEN),
            "l0.fo.w": (1, q4(grid, 0.5), WIDE),
        }
    )


def test_sizes_vocabulary_and_weights_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "small.bin").write_bytes(content)
    encoder = read_pretrained(tmp_path / "small.bin")
    assert (encoder.hidden, encoder.layers, encoder.heads, encoder.intermediate) == (HIDDEN, 1, 2, WIDE)
    assert encoder.pieces == PIECES
    assert (encoder.bos, encoder.eos, encoder.pad, encoder.unk) == (0, 2, 1, 3)
    assert encoder.tensors["emb.ln.w"].tolist() == [1.5] * HIDDEN
    assert encoder.tensors["l0.q.w"].tolist() == [[x * 0.5 for x in range(-8, 8)] * 2]
    assert encoder.tensors["l0.fo.w"].shape == (1, WIDE)


def test_q4_round_trip_is_within_half_a_step() -> None:
    values = np.random.default_rng(0).uniform(-3.5, 3.5, (5, 64)).astype(np.float32)
    assert np.abs(dequantize(q4(values, 0.5), columns=64) - values).max() <= 0.25 + 1e-3


@pytest.mark.parametrize("cut", [3, 20, 60, 150])
def test_a_truncated_file_is_refused(tmp_path: Path, content: bytes, cut: int) -> None:
    (tmp_path / "cut.bin").write_bytes(content[:-cut])
    with pytest.raises(SourceError, match=r"cut\.bin"):
        read_pretrained(tmp_path / "cut.bin")


def test_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(SourceError, match="E5S1"):
        read_pretrained(tmp_path / "other.bin")
