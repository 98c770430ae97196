"""Find how a writer can be reached: a mobile or landline number, a QQ number, a WeChat id."""

import re

from triage.normalize import NormalizedText

_BEFORE = 14
"""Characters before a number in which its owner may be named."""
_CN_DIGIT = "[零〇一幺二两三四五六七八九]"
_SOMEBODY_ELSE = re.compile(
    "(?:他|她|佢|对方|骗子|那个?人|客服|平台|中介|老板|公司|群主|店|主播|网友|同学|老师|爸|妈|哥|姐|领导|警察|医院)"
    "(?:的|嘅)?[^我,。?!;]*$"
)
_NUMBERS = (
    re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\d.])"),
    re.compile(rf"(?<!{_CN_DIGIT})[一幺][三四五六七八九]{_CN_DIGIT}{{9}}(?!{_CN_DIGIT})"),
    re.compile(r"(?<![\d-])\(?0(?:10|2\d|[3-9]\d{2})\)?[- ]?[2-8]\d{2,3}[- ]?\d{4}(?![\d-])"),
    re.compile(r"(?:电话|手机|号码|打我|联系我)(?:号码?)?(?:是|系|为)?[: ]{0,2}([2-9]\d{3}[- ]?\d{4})(?!\d)"),
    re.compile(r"(?:qq|扣扣|q号|企鹅号?|加我q|我的?q)(?:号码?)?(?:是|系|为)?[: ]{0,2}([1-9]\d{4,10})(?!\d)"),
    re.compile(
        r"(?:微信|威信|薇信|v信|vx|wx|weixin|wechat|加我v|我的?v)(?:号码?|id)?(?:是|系|为)?[: ]{0,2}"
        r"([a-z][a-z0-9_-]{5,19})(?![a-z0-9_-])"
    ),
)


def find_contact(text: NormalizedText) -> tuple[int, int] | None:
    """The slice of the normalised text with the first number that is not said to be somebody else's."""
    found = [
        span
        for pattern in _NUMBERS
        for match in pattern.finditer(text.text)
        if not _SOMEBODY_ELSE.search(text.text, max(0, match.start() - _BEFORE), match.start())
        for span in [match.span(match.lastindex or 0)]
    ]
    return min(found, default=None)
