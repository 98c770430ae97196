import pytest

from triage.intake.contacts import find_contact
from triage.normalize import normalize_text


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("我电话13800001111", "13800001111", id="mobile"),
        pytest.param("138 0000 1111", "138 0000 1111", id="mobile, spaced"),
        pytest.param("+86 138-0000-1111", "+86 138-0000-1111", id="mobile with country code"),
        pytest.param("１３８００００１１１１", "１３８００００１１１１", id="full width"),
        pytest.param("一三八零零零零一一一一", "一三八零零零零一一一一", id="spelt out"),
        pytest.param("家里座机020-81234567", "020-81234567", id="landline"),
        pytest.param("座机0769 2212 3456", "0769 2212 3456", id="landline, four-digit area"),
        pytest.param("电话61234567", "61234567", id="Hong Kong"),
        pytest.param("我微信号abc123", "abc123", id="WeChat"),
        pytest.param("vx：test_user-1", "test_user-1", id="WeChat in short"),
        pytest.param("加我Q 12345678", "12345678", id="QQ"),
        pytest.param("QQ号是123456", "123456", id="QQ number"),
        pytest.param("他骂我，我的电话是13800001111", "13800001111", id="mine after somebody else"),
    ],
)
def test_contacts(text: str, quote: str) -> None:
    normalized = normalize_text(text)
    span = find_contact(normalized)
    assert span
    start, end = normalized.original_span(*span)
    assert text[start:end] == quote


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("打12355没人接，又打110", id="hotlines"),
        pytest.param("96110和12356", id="more hotlines"),
        pytest.param("他微信号是abc123", id="somebody else's WeChat"),
        pytest.param("骗子电话13800001111", id="a fraudster's"),
        pytest.param("我妈电话13800001111", id="a mother's"),
        pytest.param("急用钱加V：dkd8866", id="an advertisement"),
        pytest.param("转了13800元", id="money"),
        pytest.param("身份证440100200001011234", id="an identity number"),
        pytest.param("订单号20230001111222", id="an order"),
        pytest.param("加微信聊", id="no id"),
    ],
)
def test_no_contact(text: str) -> None:
    assert find_contact(normalize_text(text)) is None
