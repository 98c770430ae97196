"""Names of places: the divisions of Guangdong (GB/T 2260 codes), some towns, and places outside."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path

from triage.errors import ContentError
from triage.intake.rules import CONTENT_PATH
from triage.signals.fields import Fields

_HEADER = ["code", "name", "short", "needs"]
_CODE_LENGTH = 6


class Evidence(StrEnum):
    """What a short name needs beside it to be a place.

    Nothing (番禺); a marker such as 区, 住在 or its city (白云 is a word too); only its city (城区).
    """

    NAME = "name"
    MARKER = "marker"
    CITY = "city"


class Grade(IntEnum):
    """How exactly a name says where."""

    OUTSIDE = 0
    PROVINCE = 1
    CITY = 2
    DISTRICT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceName:
    """A name of a place; ``code`` is empty outside Guangdong, and that of its city for a town."""

    code: str
    name: str
    short: str
    needs: Evidence
    grade: Grade

    def lies_in(self, other: "PlaceName") -> bool:
        """Whether this is the other place or a part of it, as far as the codes tell."""
        if Grade.OUTSIDE in (self.grade, other.grade):
            return self.grade is other.grade
        shared = {Grade.PROVINCE: 2, Grade.CITY: 4}.get(other.grade, _CODE_LENGTH)
        return other.grade <= self.grade and self.code[:shared] == other.code[:shared]


def load_divisions(folder: Path = CONTENT_PATH) -> tuple[PlaceName, ...]:
    """The province, its 21 cities and 122 districts and counties; raises ``ContentError`` for a bad row."""
    file = folder / "divisions.csv"
    try:
        rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ContentError(f"{file.name}: cannot be read ({error.__class__.__name__})") from error
    if not rows or rows[0] != _HEADER:
        raise ContentError(f"{file.name}: the first line must be {','.join(_HEADER)}")
    names = tuple(_parse_row(row, f"{file.name}, line {at}") for at, row in enumerate(rows[1:], 2))
    if len({each.code for each in names}) != len(names):
        raise ContentError(f"{file.name}: a code is given twice")
    return names


def _parse_row(row: list[str], where: str) -> PlaceName:
    if len(row) != len(_HEADER) or not row[1].startswith(row[2]) or not row[2]:
        raise ContentError(f"{where}: must be code, name, its short form and what that needs")
    code, name, short, needs = row
    if len(code) != _CODE_LENGTH or not code.isdecimal() or not code.startswith("44"):
        raise ContentError(f"{where}: a code of Guangdong has six digits and begins with 44")
    if needs not in list(Evidence):
        raise ContentError(f"{where}: needs must be one of {', '.join(Evidence)}")
    return PlaceName(code=code, name=name, short=short, needs=Evidence(needs), grade=_grade(code))


def _grade(code: str) -> Grade:
    if code.endswith("0000"):
        return Grade.PROVINCE
    return Grade.CITY if code.endswith("00") else Grade.DISTRICT


def parse_other_places(fields: Fields, cities: Mapping[str, PlaceName]) -> tuple[PlaceName, ...]:
    """Towns by the code of their city, and places outside the province."""
    towns = Fields(fields.take("towns"), f"{fields.where}: towns")
    found = []
    for short in towns.names():
        code = towns.text(short)
        if code not in cities or cities[code].grade is not Grade.CITY:
            raise towns.fail(f"{short} needs the code of its city")
        found.append(_named(short, code, Grade.DISTRICT))
    return (*found, *(_named(short, "", Grade.OUTSIDE) for short in fields.texts("outside")))


def _named(short: str, code: str, grade: Grade) -> PlaceName:
    return PlaceName(code=code, name=short, short=short, needs=Evidence.NAME, grade=grade)
