import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.intake.extract import SlotExtractor, load_slot_extractor
from triage.intake.slots import Slot, SlotSource
from triage.normalize import normalize_text

EXTRACTOR = load_slot_extractor()
PIECES = st.sampled_from(
    [
        "我女儿",
        "我同学说",
        "想死",
        "14岁",
        "十四",
        "初三",
        "从初一开始",
        "三个月了",
        "广州",
        "白云区",
        "在",
        "一个人在家",
        "妈妈在旁边",
        "转人工",
        "怎么办",
        "13800001111",
        "微信abcdef",
        "，",
        "。",
        "\n",
        " ",
        "😭",
        "·",
        "喺天台",
        "\ud800",
        "\x00",
    ]
)
TEXT = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)
ORDER = list(Slot)


def values(text: str, slot: Slot) -> list[tuple[str, str]]:
    return [
        (found.value, found.quote) for found in EXTRACTOR.extract(normalize_text(text)) if found.slot is slot
    ]


@given(TEXT)
def test_every_quote_is_verbatim_and_stated(text: str) -> None:
    for found in EXTRACTOR.extract(normalize_text(text)):
        assert found.quote
        assert found.quote in text
        assert found.source is SlotSource.STATED


@given(TEXT)
def test_slots_come_in_their_order_once_each_and_the_place_at_most_twice(text: str) -> None:
    slots = [found.slot for found in EXTRACTOR.extract(normalize_text(text))]
    assert slots == sorted(slots, key=ORDER.index)
    assert all(slots.count(slot) == 1 for slot in slots)


@given(TEXT)
def test_the_same_text_fills_the_same_slots(text: str) -> None:
    normalized = normalize_text(text)
    assert EXTRACTOR.extract(normalized) == EXTRACTOR.extract(normalized)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=200))
def test_any_text_at_all_is_read(text: str) -> None:
    assert all(found.quote in text for found in EXTRACTOR.extract(normalize_text(text)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("我家孩子今年初二，天天锁门", "caregiver", id="parent"),
        pytest.param("我孫女成日喊", "caregiver", id="grandparent, traditional"),
        pytest.param("我是班主任，班里有个学生不对劲", "caregiver", id="teacher"),
        pytest.param("我仔唔肯返学", "caregiver", id="parent, Cantonese"),
        pytest.param("帮我同学问的", "peer", id="asks for a classmate"),
        pytest.param("我室友在割腕怎么办", "peer", id="room-mate in danger"),
        pytest.param("不是朋友，是我", "self", id="owns up"),
        pytest.param("我不想上学", None, id="nobody said"),
        pytest.param("同学打我，我不敢去学校", None, id="the trouble is the writer's"),
        pytest.param("我仔细想了一晚", None, id="仔细 is no 仔"),
        pytest.param("我个女同学不理我", None, id="个女 of 女同学"),
        pytest.param("我不想活了，我女儿才两岁", None, id="a mother in danger herself"),
        pytest.param("我表哥自杀走了三年", None, id="the bereaved writes for themselves"),
        pytest.param("作文题：同学想轻生怎么办", None, id="homework"),
    ],
)
def test_speaker(text: str, value: str | None) -> None:
    assert [found for found, _ in values(text, Slot.SPEAKER)] == ([value] if value else [])


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("从初一开始他们就孤立我", "从初一开始", id="since a school year"),
        pytest.param("已经三个月了", "已经三个月了", id="how long"),
        pytest.param("去年九月开始失眠", "去年九月开始", id="since a month"),
        pytest.param("由細到大都係咁", "由細到大", id="always, Cantonese"),
        pytest.param("尋晚佢又打我", "尋晚", id="last night, Cantonese"),
        pytest.param("失戀咗兩個禮拜", "失戀咗兩個禮拜", id="two weeks, Cantonese"),
        pytest.param("昨天吵架，其实从转学以后就这样", "从转学以后", id="the beginning before the latest"),
        pytest.param("我从来没说过", None, id="从来"),
        pytest.param("今天天气不错", None, id="today says nothing"),
        pytest.param("我们认识三年了", None, id="how long they know each other"),
        pytest.param("不知从何说起", None, id="从何"),
        pytest.param("明天开始放假", None, id="tomorrow"),
    ],
)
def test_since(text: str, quote: str | None) -> None:
    assert values(text, Slot.SINCE) == ([("", quote)] if quote else [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("我一个人在家", "alone", id="alone at home"),
        pytest.param("身边没人", "alone", id="nobody near"),
        pytest.param("宿舍就我", "alone", id="only me"),
        pytest.param("屋企得我一個", "alone", id="alone, Cantonese"),
        pytest.param("爸妈都在家", "with_others", id="parents at home"),
        pytest.param("现在和同学在一起", "with_others", id="with classmates"),
        pytest.param("爸爸还在外面砸门", "with_abuser", id="at the door"),
        pytest.param("我一个人在房间，他就在门外踢门", "with_abuser", id="the abuser counts first"),
        pytest.param("总是一个人", None, id="lonely"),
        pytest.param("感觉一个人扛好累", None, id="carries it alone"),
        pytest.param("身边没人懂我", None, id="nobody understands"),
        pytest.param("家里就我跟奶奶", None, id="two of them"),
        pytest.param("他一个人在家", None, id="somebody else alone"),
        pytest.param("要是妈妈在身边就好了", None, id="a wish"),
        pytest.param("以前我一个人在家会怕", None, id="then, not now"),
        pytest.param("外卖就在门口", None, id="a meal at the door"),
    ],
)
def test_company(text: str, value: str | None) -> None:
    assert [found for found, _ in values(text, Slot.COMPANY)] == ([value] if value else [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("转人工", "person", id="a person"),
        pytest.param("我想跟你们老师聊，怎么办都行", "person", id="a person before advice"),
        pytest.param("想找人聊聊", "listening", id="to talk"),
        pytest.param("有冇人可以聽我講下", "listening", id="to talk, Cantonese"),
        pytest.param("我该怎么劝她", "advice", id="advice"),
        pytest.param("唔知點算", "advice", id="advice, Cantonese"),
        pytest.param("老细拖粮，可以去边度告佢", "legal", id="legal, Cantonese"),
        pytest.param("算不算违法", "legal", id="legal"),
        pytest.param("没钱吃饭了", "material", id="food"),
        pytest.param("想申请困难补助", "material", id="aid"),
        pytest.param("不用转人工", None, id="no person wanted"),
        pytest.param("我不想找人聊", None, id="no talk wanted"),
        pytest.param("你会不会告诉老师", None, id="告诉 is no lawsuit"),
        pytest.param("人工智能好厉害", None, id="artificial intelligence"),
    ],
)
def test_help(text: str, value: str | None) -> None:
    assert [found for found, _ in values(text, Slot.HELP)] == ([value] if value else [])


def test_one_message_fills_many_slots(slot_extractor: SlotExtractor) -> None:
    text = (
        "我今年十五，读初三，住在佛山南海，从上学期开始被孤立，现在一个人在天台，想找人聊聊，电话13800001111"
    )
    found = [(each.slot, each.value, each.quote) for each in slot_extractor.extract(normalize_text(text))]
    assert found == [
        (Slot.AGE, "14_17", "我今年十五"),
        (Slot.SINCE, "", "从上学期开始"),
        (Slot.AREA, "440605", "佛山南海"),
        (Slot.PLACE, "", "现在一个人在天台"),
        (Slot.COMPANY, "alone", "现在一个人在天台"),
        (Slot.HELP, "listening", "想找人聊聊"),
        (Slot.CONTACT, "", "13800001111"),
    ]


def test_a_long_message_fills_no_more_than_a_short_one() -> None:
    once, often = (EXTRACTOR.extract(normalize_text("我在广州三个月了，" * times)) for times in (1, 400))
    assert often == once


def test_values_hide_the_words() -> None:
    (found,) = EXTRACTOR.extract(normalize_text("身边没人"))
    assert "身边" not in repr(found)
