"""Slices by text length, the same in reports and in the bench."""

EDGES = (10, 30, 100, 250)
"""Upper ends of the slices, in code points of what the young person wrote."""


def length_slice(length: int) -> str:
    """The name of the slice that a text of this many code points falls in."""
    lower = 0
    for upper in EDGES:
        if length <= upper:
            return f"{lower}-{upper}"
        lower = upper + 1
    return f"{lower}+"


def length_slices() -> list[str]:
    """All slice names, the shortest texts first."""
    return [*(length_slice(upper) for upper in EDGES), length_slice(EDGES[-1] + 1)]
