import pytest

from triage.intake.ages import age_band
from triage.intake.extract import load_slot_extractor
from triage.intake.slots import AgeBand, Slot, Speaker
from triage.normalize import normalize_text

EXTRACTOR = load_slot_extractor()


@pytest.mark.parametrize(
    ("text", "band"),
    [
        pytest.param("我14", "14_17", id="bare digits"),
        pytest.param("今年十五", "14_17", id="bare numerals"),
        pytest.param("我十三岁", "under_14", id="numerals"),
        pytest.param("我１２岁", "under_14", id="full width"),
        pytest.param("我十八歲", "18_plus", id="of age, traditional"),
        pytest.param("读小学五年级", "under_14", id="primary school"),
        pytest.param("我初一", "under_14", id="first year of junior school"),
        pytest.param("我读初二", "under_14", id="second year: the stricter band"),
        pytest.param("我初三", "14_17", id="third year"),
        pytest.param("读紧中三", "14_17", id="Hong Kong, form 3"),
        pytest.param("我讀form 1", "under_14", id="Hong Kong, form 1"),
        pytest.param("现在高三", "14_17", id="last school year counts as a minor's"),
        pytest.param("我大一", "18_plus", id="university"),
        pytest.param("我女儿初三，我今年45", "14_17", id="a parent: the child's"),
        pytest.param("孩子五岁，我女儿不说话", "under_14", id="a small child of a parent"),
        pytest.param("我同学16岁，说不想活了", "14_17", id="a peer: the other's"),
        pytest.param("初二出过事，现在高三了", "14_17", id="now before then"),
        pytest.param("六岁那年的事，我现在二十一岁了", "18_plus", id="now before then, numbers"),
        pytest.param("我弟弟8岁，我初三", "14_17", id="the writer's beside a brother's"),
        pytest.param("我弟弟8岁", None, id="a brother's"),
        pytest.param("他爸50岁", None, id="somebody's father"),
        pytest.param("26岁的男朋友", None, id="said of who follows"),
        pytest.param("从初一开始", None, id="then, not now"),
        pytest.param("8岁的时候被打过", None, id="as a child"),
        pytest.param("大年初一", None, id="new year"),
        pytest.param("声音大一点", None, id="a bit louder"),
        pytest.param("最高一次", None, id="the highest"),
        pytest.param("初二的学长", None, id="an older pupil"),
        pytest.param("00后", None, id="a generation"),
        pytest.param("未满14岁算不算", None, id="the law"),
        pytest.param("我15号考试", None, id="a date"),
        pytest.param("七十一岁的老太太", None, id="not cut out of a larger number"),
        pytest.param("卫校三年级", None, id="a third year elsewhere"),
    ],
)
def test_age(text: str, band: str | None) -> None:
    found = [each.value for each in EXTRACTOR.extract(normalize_text(text)) if each.slot is Slot.AGE]
    assert found == ([band] if band else [])


@pytest.mark.parametrize(
    ("quote", "speaker", "band"),
    [
        pytest.param("13岁", None, AgeBand.UNDER_14, id="13"),
        pytest.param("14岁", None, AgeBand.FROM_14_TO_17, id="14"),
        pytest.param("十七", None, AgeBand.FROM_14_TO_17, id="17"),
        pytest.param("18", None, AgeBand.ADULT, id="18"),
        pytest.param("廿一岁", None, AgeBand.ADULT, id="21"),
        pytest.param("二十", None, AgeBand.ADULT, id="20"),
        pytest.param("三岁", None, None, id="too young to write"),
        pytest.param("三岁", Speaker.CAREGIVER, AgeBand.UNDER_14, id="a small child"),
        pytest.param("45岁", Speaker.CAREGIVER, None, id="a parent's own"),
        pytest.param("岁", None, None, id="no number"),
    ],
)
def test_band(quote: str, speaker: Speaker | None, band: AgeBand | None) -> None:
    assert age_band(quote, speaker) is band
