from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.classifier.ngrams import BUCKETS, OUTPUTS, NgramModel, hash_ngrams, load_ngrams
from triage.errors import ArtefactError


@given(st.text(max_size=80))
def test_buckets_are_sorted_distinct_and_in_range(text: str) -> None:
    buckets = hash_ngrams(text).tolist()
    assert buckets == sorted(set(buckets))
    assert all(0 <= bucket < BUCKETS for bucket in buckets)


def test_a_score_is_the_normalised_sum_of_weights() -> None:
    weights = np.zeros((BUCKETS, OUTPUTS), dtype=np.float16)
    buckets = hash_ngrams("好的")
    weights[buckets[0], 3] = 2.0
    model = NgramModel(weights=weights, bias=np.full(OUTPUTS, 0.5, dtype=np.float32))
    expected = np.full(OUTPUTS, 0.5)
    expected[3] += 2.0 / np.sqrt(len(buckets))
    np.testing.assert_allclose(model.score(["好的"])[0], expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(BUCKETS, OUTPUTS - 1), (8, OUTPUTS)])
def test_weights_for_other_labels_are_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    np.savez(tmp_path / "ngrams.npz", weights=np.zeros(shape, np.float16), bias=np.zeros(OUTPUTS, np.float32))
    with pytest.raises(ArtefactError, match="other features"):
        load_ngrams(tmp_path / "ngrams.npz")


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ngrams.npz").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(ArtefactError, match=r"ngrams\.npz"):
        load_ngrams(tmp_path / "ngrams.npz")
