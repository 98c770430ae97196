"""The nearest come first, and a vector that is no vector is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.similar import FloatArray, SimilarityIndex


def unit_vectors(seed: int, count: int, width: int = 24) -> FloatArray:
    rows = np.random.default_rng(seed).normal(size=(count, width))
    vectors: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


@given(st.integers(0, 200), st.integers(1, 12), st.integers(1, 15))
def test_every_text_is_nearest_to_itself_and_cosines_fall(seed: int, count: int, most: int) -> None:
    vectors = unit_vectors(seed, count)
    index = SimilarityIndex([f"k{n}" for n in range(count)], vectors)
    for number, vector in enumerate(vectors):
        found = index.find(vector, most=most)
        assert len(found) == min(most, count)
        assert found[0].key == f"k{number}"
        assert found[0].cosine == pytest.approx(1.0, abs=1e-5)
        cosines = [match.cosine for match in found]
        assert cosines == sorted(cosines, reverse=True)


def test_an_empty_index_finds_nothing() -> None:
    assert SimilarityIndex([], np.empty((0, 24), np.float32)).find(unit_vectors(0, 1)[0], most=3) == []


def test_what_cannot_be_asked_is_refused() -> None:
    vectors = unit_vectors(0, 3)
    index = SimilarityIndex(["a", "b", "c"], vectors)
    with pytest.raises(ValueError, match="length one"):
        index.find(vectors[0] * 2, most=1)
    with pytest.raises(ValueError, match="at least one"):
        index.find(vectors[0], most=0)


@pytest.mark.parametrize(
    "vectors",
    [
        pytest.param(np.ones((1, 4), np.float32), id="too long"),
        pytest.param(np.zeros((1, 4), np.float32), id="no direction"),
        pytest.param(np.full((1, 4), np.nan, np.float32), id="not finite"),
        pytest.param(np.full((2, 4), 0.5, np.float32), id="one too many"),
        pytest.param(np.full(4, 0.5, np.float32), id="no table"),
    ],
)
def test_what_is_no_vector_is_refused(vectors: FloatArray) -> None:
    with pytest.raises(ValueError, match=r"vector|keys"):
        SimilarityIndex(["a"], vectors)
