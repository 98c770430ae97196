"""Numbers and accounts (号码): known by their form, their check digits, or the word before them."""

import re
from collections.abc import Callable

from triage.personal.words import PersonalKind, Rule

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10x98765432"
"""GB 11643-1999: the weights, and the check character for each remainder modulo 11."""
_DIGIT = "[0-9零〇一二三四五六七八九幺]"
_GAP = r"[ \-.·_]{0,2}"
_SAID = r"(?:号码?|账号|帐号|id|同号|也?是|为|叫|系|[ :=~\-])"
_NO_AMOUNT = "(?![0-9]|[元块人条个次年月天分秒岁万千百位])"
_PHONE_WORD = "(?:电话|座机|手机|号码|联系方式|联系)"
_WECHAT = r"(?:微信|薇信|威信|(?<![a-z])(?:weixin|wechat|vx|v信|wx)|(?:加|\+)(?:我|个|一下)?v)"
_APPS = "(?:抖音|快手|小红书|微博|b站|instagram|telegram|twitter|steam|支付宝|钉钉|游戏|王者)"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LINK = r"[^\s,;\"'<>()\ue000\u3000-\u303f\u4e00-\u9fff]"
_DOMAIN = "(?:com|cn|net|org|cc|top|xyz|vip|io|tv|info|site|club|app|hk)"


def is_identity_number(text: str) -> bool:
    """Whether this is an identity card's number: 18 with the right check character, or 15 with a date."""
    digits = "".join(char for char in text if char.isdecimal() or char == "x")
    if len(digits) == 15:
        return digits.isdecimal() and _is_day(digits[8:10], digits[10:12])
    if len(digits) != 18 or not digits[:17].isdecimal() or not _is_day(digits[10:12], digits[12:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == digits[17]


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def is_card_number(text: str) -> bool:
    """Whether the digits end in the check digit of a payment card (Luhn, ISO/IEC 7812-1)."""
    digits = [int(char) for char in text if char.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _checked(check: Callable[[str], bool]) -> Callable[[re.Match[str]], bool]:
    return lambda match: check(match["it"])


_CHECKED: dict[PersonalKind, tuple[str, Callable[[str], bool]]] = {
    PersonalKind.IDENTITY_CARD: (
        r"(?<![0-9])(?P<it>[1-9](?:[ \-]?[0-9]){13}(?:(?:[ \-]?[0-9]){3}[ \-]?[0-9x]|[ \-]?[0-9]))(?![0-9])",
        is_identity_number,
    ),
    PersonalKind.BANK_CARD: (r"(?<![0-9])(?P<it>[3-9](?:[ \-]?[0-9]){15,18})(?![0-9])", is_card_number),
}
_FIRST: tuple[tuple[PersonalKind, str], ...] = (
    (PersonalKind.URL, rf"(?P<it>(?:https?://|www\.){_LINK}{{2,}})"),
    (PersonalKind.EMAIL, r"(?P<it>[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,4})"),
    (
        PersonalKind.URL,
        rf"(?<![a-z0-9@.\-])(?P<it>(?:[a-z0-9\-]{{2,63}}\.){{1,4}}{_DOMAIN}(?![a-z0-9])(?:/{_LINK}*)?)",
    ),
    (
        PersonalKind.IDENTITY_CARD,
        rf"身份证{_SAID}{{0,5}}(?P<it>[1-9](?:[ \-]?[0-9]){{13,16}}[ \-]?[0-9x])(?![0-9])",
    ),
)
_LAST: tuple[tuple[PersonalKind, str], ...] = (
    (
        PersonalKind.BANK_CARD,
        rf"(?:卡号|银行卡|账户|账号|帐号){_SAID}{{0,4}}(?P<it>[0-9](?:[ \-]?[0-9]){{11,20}})(?![0-9])",
    ),
    (
        PersonalKind.PHONE,
        rf"(?<![0-9])(?P<it>(?:\+?86{_GAP})?[1一幺]{_GAP}[3-9三四五六七八九](?:{_GAP}{_DIGIT}){{9}})(?![0-9])",
    ),
    (
        PersonalKind.PHONE,
        r"(?<![0-9])(?P<it>(?:\+?86[ \-]?)?\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ \-]{0,2}[2-9][0-9]{2,3}[ \-]?"
        r"[0-9]{4}(?:[ \-转]{1,2}[0-9]{1,5})?)(?![0-9])",
    ),
    (PersonalKind.PHONE, r"(?<![0-9])(?P<it>\+?85[23][ \-]?[2-9][0-9]{3}[ \-]?[0-9]{4})(?![0-9])"),
    (
        PersonalKind.PHONE,
        rf"{_PHONE_WORD}{_SAID}{{0,4}}(?P<it>[2-9][0-9]{{2,3}}[ \-]?[0-9]{{4}})(?![0-9元块])",
    ),
    (
        PersonalKind.CERTIFICATE,
        r"(?<![a-z0-9])(?P<it>[egdsphcm][0-9]{8}|e[a-z][0-9]{7}|[hm][0-9]{10})(?![a-z0-9])",
    ),
    (
        PersonalKind.CERTIFICATE,
        rf"(?:护照|通行证|学号|考号|准考证|学籍|证件){_SAID}{{0,4}}"
        r"(?P<it>(?=[a-z]{0,19}[0-9])[a-z0-9]{5,20})(?![a-z0-9])",
    ),
    (
        PersonalKind.PLATE,
        rf"(?P<it>[{_PROVINCES}][a-hj-np-z][·. ]?(?=[a-z]{{0,4}}[0-9][a-z]{{0,4}}[0-9])[a-hj-np-z0-9]{{5,6}})"
        r"(?![a-z0-9])",
    ),
    (
        PersonalKind.WECHAT,
        rf"{_WECHAT}{_SAID}{{0,4}}(?P<it>(?=[a-z\-]{{0,19}}[0-9_])[a-z0-9][\-_a-z0-9]{{4,19}})"
        rf"(?![a-z_]){_NO_AMOUNT}",
    ),
    (PersonalKind.WECHAT, rf"{_WECHAT}{_SAID}{{1,4}}(?P<it>[a-z][\-_a-z]{{5,19}})(?![a-z0-9_])"),
    (
        PersonalKind.QQ,
        rf"(?:(?<![a-z])qq|扣扣|企鹅号|(?<![a-z])q号|群号)群?{_SAID}{{0,4}}(?P<it>[1-9][0-9]{{4,10}}){_NO_AMOUNT}",
    ),
    (
        PersonalKind.ACCOUNT,
        rf"{_APPS}的?(?:号码?|账号|帐号|id|名|:){_SAID}{{0,3}}(?P<it>[a-z0-9][a-z0-9_.\-]{{3,29}}){_NO_AMOUNT}",
    ),
    (PersonalKind.ACCOUNT, r"(?<![a-z0-9._%+\-])(?P<it>@[a-z0-9_.\-]{4,30})"),
)


def number_rules() -> tuple[Rule, ...]:
    """The rules for numbers, net addresses and accounts; the surest first."""
    checked = tuple(
        Rule(kind=kind, pattern=re.compile(pattern), accepts=_checked(check))
        for kind, (pattern, check) in _CHECKED.items()
    )
    first, last = (
        tuple(Rule(kind=kind, pattern=re.compile(pattern)) for kind, pattern in patterns)
        for patterns in (_FIRST, _LAST)
    )
    return (*first, *checked, *last)
