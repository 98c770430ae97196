import pytest

from triage.intake.extract import load_slot_extractor
from triage.intake.slots import Slot
from triage.normalize import normalize_text

EXTRACTOR = load_slot_extractor()


def places(text: str) -> list[tuple[str, str]]:
    found = EXTRACTOR.extract(normalize_text(text))
    return [(each.value, each.quote) for each in found if each.slot in (Slot.AREA, Slot.PLACE)]


@pytest.mark.parametrize(
    ("text", "code", "quote"),
    [
        pytest.param("我在广州", "440100", "广州", id="a city"),
        pytest.param("广州天河", "440106", "广州天河", id="city and district"),
        pytest.param("广东省佛山市南海区桂城", "440605", "广东省佛山市南海区", id="the whole chain"),
        pytest.param("我在東莞打工", "441900", "東莞", id="traditional"),
        pytest.param("喺番禺", "440113", "番禺", id="Cantonese"),
        pytest.param("我住和平县", "441624", "和平县", id="a word with its 县"),
        pytest.param("人在海丰", "441521", "海丰", id="a word with 在"),
        pytest.param("深圳光明", "440311", "深圳光明", id="a word with its city"),
        pytest.param("汕尾城区", "441502", "汕尾城区", id="城区 with its city"),
        pytest.param("我在虎门", "441900", "虎门", id="a town counts as its city"),
        pytest.param("小榄的厂", "442000", "小榄", id="a town of Zhongshan"),
        pytest.param("我在中山读书", "442000", "中山", id="Zhongshan the city"),
        pytest.param("我爸妈在东莞打工，我在梅州", "441400", "梅州", id="the writer's, not the parents'"),
        pytest.param("老家湖南，现在在深圳龙岗", "440307", "深圳龙岗", id="inside before outside"),
        pytest.param("我在贵州", "", "贵州", id="outside the province"),
        pytest.param("广 州 天 河", "440106", "广 州 天 河", id="spaced out"),
        pytest.param("我在广东", "440000", "广东", id="only the province"),
    ],
)
def test_divisions(text: str, code: str, quote: str) -> None:
    assert places(text) == [(code, quote)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("白云在天上飘", id="white clouds"),
        pytest.param("和平年代", id="peace"),
        pytest.param("光明的未来", id="bright"),
        pytest.param("在光明的房间", id="bright, after 在"),
        pytest.param("新兴产业", id="new industries"),
        pytest.param("龙门客栈", id="a film"),
        pytest.param("我在南海边", id="by the sea"),
        pytest.param("城区很热闹", id="in town"),
        pytest.param("高要求", id="high demands"),
        pytest.param("优惠东西", id="bargains"),
        pytest.param("高兴宁愿", id="rather"),
        pytest.param("晚上海边没人", id="by the sea at night"),
        pytest.param("完成都要半天", id="to finish"),
        pytest.param("中山大学", id="a university"),
        pytest.param("广州塔好高", id="a tower"),
        pytest.param("广州话", id="a language"),
        pytest.param("潮州菜", id="a cuisine"),
        pytest.param("想去深圳", id="a wish"),
        pytest.param("我爸妈在东莞打工", id="the parents'"),
        pytest.param("我在合作社", id="no 合作"),
        pytest.param("上海南山", id="a namesake elsewhere"),
    ],
)
def test_words_that_are_no_place(text: str) -> None:
    assert places(text) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("我在天台", "我在天台", id="roof"),
        pytest.param("企喺天台", "企喺天台", id="roof, Cantonese"),
        pytest.param("坐在江边", "坐在江边", id="river"),
        pytest.param("我躲在厕所里", "我躲在厕所里", id="hiding"),
        pytest.param("家里", "家里", id="one word"),
        pytest.param("我现在在医院等", "我现在在医院", id="hospital"),
    ],
)
def test_spots(text: str, quote: str) -> None:
    assert places(text) == [("", quote)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("在天台收衣服", id="a chore"),
        pytest.param("三个月前我在天台上", id="then"),
        pytest.param("我不在家", id="not there"),
        pytest.param("我在家长群里", id="家长"),
        pytest.param("宿舍好吵", id="no whereabouts"),
        pytest.param("全 宿 舍 都 在 笑", id="spaced out"),
        pytest.param("我妈在医院", id="somebody else's"),
    ],
)
def test_spots_spared(text: str) -> None:
    assert places(text) == []


def test_a_division_goes_before_a_spot() -> None:
    assert places("我在天台，广州天河") == [("440106", "广州天河"), ("", "我在天台")]
