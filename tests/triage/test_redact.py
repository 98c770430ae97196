"""Redaction: what is personal goes, what is danger or a hotline stays, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.normalize import normalize_text
from triage.personal.numbers import is_card_number, is_identity_number
from triage.personal.words import PersonalKind, hotline_numbers, load_words, shipped_words
from triage.redact import redact, redact_transcript
from triage.signals.extract import SignalExtractor
from triage.signals.lexicon import load_lexicon

MASKED = {
    "mobile": ("我电话13800138000", "我电话［电话］"),
    "mobile in groups": ("打我 138 0013 8000 谢谢", "打我 ［电话］ 谢谢"),
    "mobile in full width": ("手机１３８００１３８０００", "手机［电话］"),
    "mobile in Chinese digits": ("一三八零零一三八零零零一直打", "［电话］一直打"),
    "mobile spoken": ("幺三八 零零幺三 八零零零", "［电话］"),
    "mobile with zero widths": ("1\u200b3800\u200b138000", "［电话］"),
    "two mobiles": ("我妈13800138000,13900139000", "我妈［电话］,［电话］"),
    "mobile with country": ("+86-138-0013-8000", "［电话］"),
    "landline": ("电话020-81234567转12", "电话［电话］"),
    "landline of the town": ("座机81234567", "座机［电话］"),
    "Hong Kong": ("+852 9123 4567", "［电话］"),
    "identity card": ("11010519491231002X", "［身份证］"),
    "identity card in groups": ("110105 19491231 002x", "［身份证］"),
    "identity card mistyped": ("身份证号是110105194912310021", "身份证号是［身份证］"),
    "identity card of 15": ("证 110105491231002", "证 ［身份证］"),
    "bank card": ("4111 1111 1111 1111", "［银行卡］"),
    "bank card by its word": ("卡号6222021234567890123", "卡号［银行卡］"),
    "passport": ("护照E12345678", "护照［证件］"),
    "pupil's number": ("学号20230123", "学号［证件］"),
    "WeChat": ("加微信abc_123456", "加微信［微信］"),
    "WeChat by its letter": ("加我v：lonely-cat99", "加我v：［微信］"),
    "WeChat in letters": ("微信号：lonelycat", "微信号：［微信］"),
    "WeChat is the mobile": ("微信同号13800138000", "微信同号［电话］"),
    "QQ": ("qq123456789，扣扣：12345678", "qq［QQ］，扣扣：［QQ］"),
    "other account": ("抖音号：abc123456", "抖音号：［账号］"),
    "e-mail": ("邮箱a.b@example.com", "邮箱［邮箱］"),
    "links": ("看https://example.com/a?b=1 和 www.example.org", "看［网址］ 和 ［网址］"),
    "plates": ("粤A·12345 粤B12345D", "［车牌］ ［车牌］"),
    "school and class": ("我是广州市第六中学初二(3)班的", "我是［学校］初二［班级］的"),
    "numbered school": ("我在佛山一中读高一3班", "我在［学校］读高一［班级］"),
    "school in traditional script": ("我讀培正中學", "我讀［学校］"),
    "typed school": ("读阳春启航实验学校", "读［学校］"),
    "university": ("想考汕头大学", "想考［学校］"),
    "whole address": ("住在广州市天河区体育西路123号5栋1802室", "住在广州市天河区［地址］"),
    "estate": ("我家在翠湖花园3栋2单元502", "我家在［地址］"),
    "estate where one lives": ("住翠湖花园", "住［地址］"),
    "dormitory": ("宿舍302，他在405寝室", "［地址］，他在［地址］"),
    "own name": ("我叫陈小明今年15岁", "我叫［姓名］今年15岁"),
    "short name": ("我叫李明，15", "我叫［姓名］，15"),
    "nickname": ("我叫小明", "我叫［姓名］"),
    "foreign name": ("我叫Jason", "我叫［姓名］"),
    "Cantonese": ("佢叫陳大文", "佢叫［姓名］"),
    "I am": ("我是王小丽", "我是［姓名］"),
    "form": ("姓名：欧阳娜娜", "姓名：［姓名］"),
    "surname told": ("我姓陈", "我姓［姓名］"),
    "teacher": ("班主任王老师骂我", "班主任［姓名］老师骂我"),
    "teacher in full": ("班主任王建国老师骂我", "班主任［姓名］老师骂我"),
    "Mr So-and-so": ("张某打我", "［姓名］打我"),
    "who did it": ("被陈小明打了", "被［姓名］打了"),
    "nothing but a name": ("陈小明", "［姓名］"),
    "named once, masked always": ("同桌周子轩欺负我，后来周子轩还笑", "同桌［姓名］欺负我，后来［姓名］还笑"),
}

KEPT = [
    "打110或者12355，12356也行，96110", "qq 12355", "2026年3点20", "2026-11-24 12:30:59", "存了1380元", "考了650分",
    "微信转了50000元", "qq群里有30000人", "我们学校", "上了大学就好了", "重点中学", "小学三年级", "高中同学", "心理老师",
    "历史老师", "上周老师说", "对方老师", "谢谢老师", "我叫他别走", "我叫妈妈来", "我是高三学生", "我是不是有病", "高兴",
    "马上", "一栋楼", "这座桥", "六楼", "一班人", "广州大学城", "从江湾大桥跳下去", "版本1.2.3.4", "我在天河区",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MASKED.values(), ids=MASKED)
def test_what_is_personal_is_masked(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_personal_stays(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我在3栋楼顶", "我在［地址］楼顶"),
        ("12栋6楼天台", "［地址］6楼天台"),
        ("王老师说我要跳楼", "［姓名］老师说我要跳楼"),
        ("我叫死神", "我叫死神"),
        ("加微信zisha123456", "加微信zisha123456"),
    ],
)
def test_danger_is_never_masked(text: str, expected: str) -> None:
    assert redact(text).text == expected


def test_shipped_hotlines_are_known_and_others_can_be_given() -> None:
    assert {"110", "12355", "12356"} <= hotline_numbers()
    assert redact("座机81234567", keep=["81234567"]).masks == ()
    assert redact("qq 12355", keep=[]).text == "qq ［QQ］"


def test_masks_tell_kinds_counts_and_places() -> None:
    text = "😀我叫陈小明，电话138 0013 8000，还有13900139000"
    redacted = redact(text)
    assert redacted.kinds == {PersonalKind.PHONE: 2, PersonalKind.NAME: 1}
    assert [text[mask.start : mask.end] for mask in redacted.masks] == [
        "陈小明", "138 0013 8000", "13900139000",
    ]  # fmt: skip
    assert "陈小明" not in repr(redacted)


def test_a_name_told_in_one_message_is_masked_in_all() -> None:
    texts = ["周子轩又来了", "他叫周子轩", "周子轩怕老师"]
    assert [each.text for each in redact_transcript(texts)] == [
        "［姓名］又来了",
        "他叫［姓名］",
        "［姓名］怕老师",
    ]


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("11010519491231002X".lower(), True),
        ("110105194912310021", False),
        ("110105194913310027", False),
        ("110105491231002", True),
        ("110105491331002", False),
        ("1101054912310", False),
    ],
)
def test_identity_numbers_have_dates_and_check_characters(number: str, right: bool) -> None:
    assert is_identity_number(number) is right


def test_card_numbers_have_a_check_digit() -> None:
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")


PIECES = (
    [expected for pair in MASKED.values() for expected in pair]
    + KEPT
    + ["我想跳楼", "第一中", "王", " ", "，"]
)
PERSONAL_TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=60) | st.text(
    alphabet="0123456789一三八王陈小明我叫是在住路号栋室中学大班微信qvx@.:- ［］电话\u200b１", max_size=60
)


@given(PERSONAL_TEXT | ANY_TEXT)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    again = redact(once.text)
    assert (again.text, again.masks) == (once.text, ())


@given(PERSONAL_TEXT | ANY_TEXT)
def test_outside_the_masks_nothing_changes(text: str) -> None:
    redacted = redact(text)
    marks = shipped_words().marks
    rebuilt, position = "", 0
    for mask in redacted.masks:
        assert position <= mask.start < mask.end <= len(text)
        rebuilt += text[position : mask.start] + marks[mask.kind]
        position = mask.end
    assert rebuilt + text[position:] == redacted.text


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from(["我", "电话是", "，", "加微信"]),
)
def test_no_mobile_number_gets_through(number: str, gap: str, before: str) -> None:
    written = gap.join([number[:3], number[3:7], number[7:]])
    assert written not in redact(f"{before}{written}谢谢").text


@given(st.lists(PERSONAL_TEXT, max_size=4))
def test_a_transcript_keeps_its_length_and_order(texts: list[str]) -> None:
    assert len(redact_transcript(texts)) == len(texts)


EXTRACTOR = SignalExtractor(lexicon=load_lexicon())
DANGER = sorted({example for entry in load_lexicon().entries for example in entry.fires})


def test_every_phrase_of_danger_is_still_found_after_redaction() -> None:
    for example in DANGER:
        text = f"我叫陈小明，{example}，电话13800138000"
        before = {hit.signal for hit in EXTRACTOR.extract(normalize_text(text))}
        after = {hit.signal for hit in EXTRACTOR.extract(normalize_text(redact(text).text))}
        assert before <= after, example


@pytest.mark.parametrize("piece", ["第一中", "王", "我叫", "1 ", "路号", "a.a@", "中", "微信"])
def test_texts_made_to_be_slow_end(piece: str) -> None:
    redact(piece * (4000 // len(piece)))


def test_shipped_words_are_sound() -> None:
    words = load_words()
    assert set(words.marks) == set(PersonalKind)
    assert len(set(words.marks.values())) == len(PersonalKind)
    assert all(
        surname in words.characters["surnames"] + words.characters["doubtful_surnames"]
        for surname in words.not_after
    )
