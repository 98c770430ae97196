"""Labelled files: the rows of ``predict`` with labels, slices and groups.

The format is described in ``eval/datasets/README.md``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import DatasetError, RowError, UsageError
from eval.labelling import Labels, parse_disclosure, parse_labels
from eval.lines import STANDARD_STREAM, open_lines
from eval.rows import Row, parse_fields, parse_row

FLAT_SLICES = ("source", "theme", "tags", "dialect", "channel", "speaker")
"""Fields that count as slices where a row has no ``slices`` object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A labelled row.

    ``disclosure`` is the position, among the youth's turns from 0, of the first one after which the
    conversation should escalate: None where there is none or it was not labelled.
    ``group`` names rows that are not independent of one another (one author, one conversation).
    """

    row: Row
    labels: Labels
    slices: Mapping[str, tuple[str, ...]]
    group: str
    disclosure: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """All samples of a labelled file, in order, and the file's hash."""

    name: str
    sha256: str
    samples: tuple[Sample, ...]
    is_grouped: bool


def load_dataset(source: str) -> Dataset:
    """Read a labelled file whole.

    Raises ``UsageError`` when it cannot be read, and ``DatasetError`` naming each line that is
    wrong: a metric over the rows that happen to be readable would mislead.
    """
    if source == STANDARD_STREAM:
        raise UsageError("a dataset is read from a file, so that its hash can be reported")
    name = Path(source).name
    samples: list[Sample] = []
    problems: list[str] = []
    first_lines: dict[str | int, int] = {}
    grouped = False
    with open_lines(source) as lines:
        for line in lines:
            try:
                fields = parse_fields(line)
                sample = parse_sample(fields, line=line.number)
                earlier = first_lines.setdefault(sample.row.id, line.number)
                if earlier != line.number:
                    raise RowError("duplicate_id", f"the id was already used on line {earlier}")
                grouped |= fields.get("group") is not None
                samples.append(sample)
            except RowError as error:
                problems.append(f"line {line.number}: {error.code}: {error.message}")
    if not samples and not problems:
        problems.append("the file holds no rows")
    if problems:
        raise DatasetError(name, problems)
    return Dataset(name=name, sha256=hash_file(source), samples=tuple(samples), is_grouped=grouped)


def hash_file(source: str) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with Path(source).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse_sample(fields: Mapping[str, Any], *, line: int) -> Sample:
    """A labelled row from a JSON object; labels may stand in ``labels`` or beside the text.

    Raises ``RowError`` for values outside the label scheme and for labels that contradict.
    """
    row = parse_row(fields, line=line)
    labels = parse_labels(fields["labels"] if fields.get("labels") is not None else fields)
    group = fields.get("group")
    if group is not None and (isinstance(group, bool) or not isinstance(group, str | int)):
        raise RowError("invalid_group", "group must be a string or a whole number")
    return Sample(
        row=row,
        labels=labels,
        slices=_parse_slices(fields),
        group=f"row:{row.id}" if group is None else f"group:{group}",
        disclosure=parse_disclosure(fields, row=row, labels=labels),
    )


def _parse_slices(fields: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    raw = fields.get("slices")
    if raw is None:
        raw = {key: fields[key] for key in FLAT_SLICES if fields.get(key) is not None}
    if not isinstance(raw, dict):
        raise RowError("invalid_slices", "slices must be an object")
    slices: dict[str, tuple[str, ...]] = {}
    for key, value in raw.items():
        values = value if isinstance(value, list) else [value]
        if any(not isinstance(each, str | int | float | bool) for each in values):
            raise RowError("invalid_slices", f"slice {key} must be a string, a number or a list of these")
        slices[key] = tuple(dict.fromkeys(str(each) for each in values))
    return slices
