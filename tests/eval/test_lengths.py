import pytest

from eval.lengths import length_slice, length_slices


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (0, "0-10"),
        (10, "0-10"),
        (11, "11-30"),
        (30, "11-30"),
        (100, "31-100"),
        (250, "101-250"),
        (251, "251+"),
    ],
)
def test_edges(length: int, name: str) -> None:
    assert length_slice(length) == name


def test_all_names_in_order() -> None:
    assert length_slices() == ["0-10", "11-30", "31-100", "101-250", "251+"]
