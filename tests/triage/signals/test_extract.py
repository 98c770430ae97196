import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.labels import RiskLevel, Signal
from triage.normalize import normalize_text
from triage.signals.extract import MAX_SAME_HITS, SignalExtractor
from triage.signals.hit import SignalHit, Strength
from triage.signals.lexicon import load_lexicon

EXTRACTOR = SignalExtractor(lexicon=load_lexicon())
PIECES = st.sampled_from(
    [
        "想死",
        "我",
        "不想活了",
        "没有",
        "，",
        "。",
        "\n",
        " ",
        "😭",
        "𠝹手",
        "爸爸打我",
        "·",
        "今晚",
        "a",
        "\ud800",
        "\x00",
    ]
)
TEXT = st.lists(PIECES | st.text(max_size=6), max_size=14).map("".join)


def extract(text: str) -> tuple[SignalHit, ...]:
    return EXTRACTOR.extract(normalize_text(text))


def strongest(text: str) -> Strength | None:
    order = [Strength.HINT, Strength.LIKELY, Strength.CERTAIN]
    return max((hit.strength for hit in extract(text) if not hit.weakened), key=order.index, default=None)


@given(TEXT)
def test_hits_quote_the_original(text: str) -> None:
    for hit in extract(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.text == text[hit.start : hit.end]


@given(TEXT)
def test_the_same_text_gives_the_same_hits(text: str) -> None:
    assert extract(text) == extract(text)


@given(TEXT)
def test_hits_come_in_the_order_of_the_text(text: str) -> None:
    starts = [hit.start for hit in extract(text)]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("😀😀 我不想活了 😀", "不想活了", id="after emoji"),
        pytest.param("又𠝹手", "𠝹手", id="beyond the BMP"),
        pytest.param("我不 想·活 了", "不 想·活 了", id="separators inside"),
        pytest.param("我不\u200b想活了", "不\u200b想活了", id="zero width inside"),
        pytest.param("我不想\u0336活\u0336了", "不想\u0336活\u0336了", id="struck through"),
        pytest.param("真的唔想做人", "唔想做人", id="Cantonese"),
        pytest.param("我真係唔想做人啦", "唔想做人啦", id="Cantonese, traditional"),
        pytest.param("i WANT to Die", "WANT to Die", id="English"),
        pytest.param("ｗａｎｎａ ｄｉｅ", "ｗａｎｎａ ｄｉｅ", id="full width"),
    ],
)
def test_quotes(text: str, quote: str) -> None:
    assert quote in [hit.text for hit in extract(text)]


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("死咗算", Signal.SUICIDE),
        ("5想做人", Signal.SUICIDE),
        ("好想4了", Signal.SUICIDE),
        ("想紫砂 不是茶壶那个", Signal.SUICIDE),
        ("想/自/杀", Signal.SUICIDE),
        ("我 想 自 杀", Signal.SUICIDE),
        ("不！！！想！！！活！！！了！！！", Signal.SUICIDE),
        ("想zi杀", Signal.SUICIDE),
        ("woxiangsi", Signal.SUICIDE),
        ("我写好遗书了，今晚就走", Signal.SUICIDE),
        ("又界手", Signal.SELF_HARM),
        ("又鎅手", Signal.SELF_HARM),
        ("用小刀划自己", Signal.SELF_HARM),
        ("佢哋蝦我", Signal.BULLYING),
        ("佢哋虾我", Signal.BULLYING),
        ("他们逼我下跪拍视频", Signal.BULLYING),
        ("教练摸我大腿", Signal.SEXUAL_ABUSE),
        ("屋企人打我", Signal.DOMESTIC_VIOLENCE),
        ("刀在我书包里，等他来", Signal.HARM_TO_OTHERS),
        ("刷单被骗了三千块", Signal.FRAUD),
    ],
)
def test_signals_are_found_in_many_forms(text: str, signal: Signal) -> None:
    hits = [hit for hit in extract(text) if not hit.weakened and hit.strength is not Strength.HINT]
    assert signal in {hit.signal for hit in hits}


@pytest.mark.parametrize(
    "text",
    [
        "笑死我了",
        "想死你们啦，几时返嚟饮茶",
        "社死现场",
        "手机死机了",
        "跳楼机排了两个钟",
        "跳楼大甩卖最后三天",
        "我爷爷有一把紫砂壶",
        "我妈的糖水铺重开了",
        "又死了 重开一局",
        "烧炭烤鸡翼要几耐先熟",
        "ran 3 kms today",
        "那人一直在笑，我想，死党怎么还不来",
        "美工刀做手工",
        "霸王茶姬好喝吗",
        "孤立系统的熵",
        "💊感冒灵一天三次",
        "清明扫墓🪦",
    ],
)
def test_the_harmless_raises_nothing(text: str) -> None:
    assert strongest(text) in (None, Strength.HINT)


def test_a_hint_becomes_likely_beside_an_intention() -> None:
    assert strongest("满页都写着子鲨") is Strength.HINT
    assert strongest("我想子鲨") is Strength.LIKELY


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        pytest.param("我不想活了", RiskLevel.MODERATE, id="a wish"),
        pytest.param("遗书写好了", RiskLevel.HIGH, id="preparation"),
        pytest.param("遗书写好了，今晚就走", RiskLevel.IMMINENT, id="preparation for tonight"),
        pytest.param("我不想活了，我现在在桥上", RiskLevel.IMMINENT, id="on the spot"),
        pytest.param("我不想活了，刚才吞了好多药", RiskLevel.IMMINENT, id="means taken"),
        pytest.param("被骗了三千块，我现在在桥上", RiskLevel.LOW, id="a marker for another signal"),
    ],
)
def test_time_place_and_means_raise_the_floor(text: str, floor: RiskLevel) -> None:
    first, *rest = [hit for hit in extract(text) if hit.strength is not Strength.HINT]
    assert max([first.floor, *(hit.floor for hit in rest)]) == floor


def test_a_marker_alone_is_no_hit() -> None:
    assert extract("今晚去江边看灯光秀，明天放学后打球") == ()


def test_a_hit_inside_a_stronger_one_is_left_out() -> None:
    hits = extract("我真的好想死")
    assert [hit.phrase for hit in hits] == ["suicide.want_die_earnest"]


def test_repeats_are_cut_and_nothing_else_is_lost() -> None:
    hits = extract("想死。" * 50 + "我没有想死。" + "不想活了。")
    assert sum(hit.text == "想死" and not hit.flags for hit in hits) <= MAX_SAME_HITS
    assert any(hit.text == "不想活了" for hit in hits)


def test_hits_deep_in_a_long_text_are_found() -> None:
    filler = "今天上课讲了历史，中午吃了面。"
    hits = extract(filler * 600 + "我不想活了" + filler * 600)
    assert [hit.text for hit in hits] == ["不想活了"]


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800\udfff", "。。。", "😀" * 50, "\u0301" * 500])
def test_nothing_to_find(text: str) -> None:
    assert extract(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("想死" * 10_000, id="one phrase over and over"),
        pytest.param("我想死跳楼打我爸爸被同学" * 1_700, id="many phrases over and over"),
        pytest.param("我 想 死 " * 5_000, id="set apart"),
        pytest.param("没想死以前我同学" * 2_500, id="triggers over and over"),
        pytest.param("遗书写好了今晚就走" * 2_000, id="urgency over and over"),
        pytest.param("被" * 20_000 + "我", id="an anchor over and over"),
    ],
)
def test_hostile_texts_end(text: str) -> None:
    """A super-linear step would run into the time-out of the test."""
    assert len(extract(text)) < 200
