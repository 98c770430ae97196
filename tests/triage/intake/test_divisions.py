from collections import Counter
from pathlib import Path

import pytest

from triage.errors import ContentError
from triage.intake.divisions import Grade, load_divisions

DIVISIONS = load_divisions()
PER_CITY = {
    "广州": 11, "韶关": 10, "深圳": 9, "珠海": 3, "汕头": 7, "佛山": 5, "江门": 7, "湛江": 9, "茂名": 5, "肇庆": 8, "惠州": 5,
    "梅州": 8, "汕尾": 4, "河源": 6, "阳江": 4, "清远": 8, "东莞": 0, "中山": 0, "潮州": 3, "揭阳": 5, "云浮": 5,
}  # fmt: skip
"""Districts and counties of each city (shared/DOMAIN.md section 5)."""
HEADER = "code,name,short,needs\n"


def test_the_table_holds_the_province_its_cities_and_its_districts() -> None:
    assert Counter(each.grade for each in DIVISIONS) == {
        Grade.PROVINCE: 1,
        Grade.CITY: 21,
        Grade.DISTRICT: 122,
    }


def test_every_city_has_its_districts() -> None:
    cities = {each.code[:4]: each.short for each in DIVISIONS if each.grade is Grade.CITY}
    found = Counter(cities[each.code[:4]] for each in DIVISIONS if each.grade is Grade.DISTRICT)
    assert {short: found[short] for short in cities.values()} == PER_CITY


def test_the_kinds_add_up() -> None:
    kinds = Counter(each.name[-1] for each in DIVISIONS if each.grade is Grade.DISTRICT)
    assert kinds == {"区": 65, "市": 20, "县": 37}
    assert sum(each.name.endswith("自治县") for each in DIVISIONS) == 3


def test_short_names_are_unique() -> None:
    assert max(Counter(each.short for each in DIVISIONS).values()) == 1


def test_a_district_lies_in_its_city_and_nowhere_else() -> None:
    by_short = {each.short: each for each in DIVISIONS}
    assert by_short["天河"].lies_in(by_short["广州"])
    assert by_short["天河"].lies_in(by_short["广东"])
    assert not by_short["天河"].lies_in(by_short["深圳"])
    assert not by_short["广州"].lies_in(by_short["天河"])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("code,name\n", id="another header"),
        pytest.param(HEADER + "440100,广州市,广州\n", id="a field too few"),
        pytest.param(HEADER + "4401,广州市,广州,name\n", id="a short code"),
        pytest.param(HEADER + "110100,北京市,北京,name\n", id="another province"),
        pytest.param(HEADER + "440100,广州市,深圳,name\n", id="a short form of another name"),
        pytest.param(HEADER + "440100,广州市,广州,luck\n", id="unknown evidence"),
        pytest.param(HEADER + "440100,广州市,广州,name\n440100,广州市,广州,name\n", id="a code twice"),
    ],
)
def test_a_bad_table_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "divisions.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=r"divisions\.csv"):
        load_divisions(tmp_path)


def test_a_missing_table_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        load_divisions(tmp_path)
