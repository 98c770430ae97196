"""Names (姓名) where the words around them say so; a name that merely stands in a sentence is not seen."""

import re
from collections.abc import Iterable

from triage.personal.words import PersonalKind, PersonalWords, Rule, han_except, one_of

_CALLED = (
    r"(?:名字|姓名|真名|本名|大名|昵称|我|他|她|佢|人|生|学|友|师|孩|子|儿|弟|妹|哥|姐|桌|长|个|[,。 ]|^)"
    r"(?:就|也|是)?(?:叫做|叫作|叫|名叫|名字是|名字叫|名字系)[ :\"'“”「]{0,2}"
)
_LABEL = r"(?:姓名|名字|学生|联系人|收款人|户名|收件人|监护人|签名|署名)(?:是|系)?[ ]?[:=][ ]?"
_ACQUAINTANCE = (
    "(?:同学|同桌|室友|舍友|班长|班主任|老师|闺蜜|男朋友|女朋友|男友|女友|前任|朋友|弟弟|妹妹|哥哥|姐姐|表哥|表姐|网友|"
    "老板|学生|儿子|女儿|班里的|班上的|班的|校长|主任|医生)"
)
_DOES = "(?:打|骂|欺负|逼|威胁|堵|推|抢|踢|骗|摸|亲|拍|扇|说|发|拉|带)"


def name_rules(words: PersonalWords) -> tuple[Rule, ...]:
    """The rules for names, the clearest context first."""
    given = han_except(words.characters["not_in_names"])
    compound = one_of(words.words["compound_surnames"])
    clear = f"(?:{compound}|[{words.characters['surnames']}])"
    surname = f"(?:{compound}|[{words.characters['surnames']}{words.characters['doubtful_surnames']}])"
    end = rf"(?=$|[^\u4e00-\u9fff]|[{words.characters['not_in_names']}]|住|来自|属|{_DOES})"
    not_name = rf"(?!{one_of(words.words['not_names'])})"
    told = (
        rf"(?P<it>{not_name}(?:{surname}{given}{{1,2}}{end}|{surname}{given}{{1,2}}|[小阿]{given}{{1,2}}{end}"
    )
    told += rf"|(?P<twice>{given})(?P=twice){end}|阿?[a-z][a-z.]{{1,14}}(?![a-z])))"
    sure = rf"(?P<it>{not_name}{clear}{given}{{2}})"
    patterns = (
        rf"{_CALLED}{told}",
        rf"{_LABEL}{told}",
        rf"(?:我|本人|免贵|姓名)姓(?P<it>{surname})(?!什|名)",
        rf"(?:我是|我系|这是|本人){sure}{end}",
        rf"(?:我是|我系|本人)(?P<it>{not_name}{clear}{given})(?=$|[^\u4e00-\u9fff])",
        rf"^{sure}$",
        rf"^(?P<it>{not_name}{clear}{given})$",
        rf"{_ACQUAINTANCE}{sure}{end}",
        rf"(?:^|[^\u4e00-\u9fff]|被|的){sure}(?={_DOES})",
        rf"(?:^|[^\u4e00-\u9fff]|班主任|老师|被|是|跟|和|的|问|找){sure}(?={one_of(words.words['titles'])})",
    )
    named = tuple(Rule(kind=PersonalKind.NAME, pattern=re.compile(pattern)) for pattern in patterns)
    return (*named, *_surname_rules(words, not_name))


def _surname_rules(words: PersonalWords, not_name: str) -> tuple[Rule, ...]:
    """A surname before a title (王老师), where the title stays to be read, and before 某 (王某)."""
    surname = one_of((*words.words["compound_surnames"], *words.characters["surnames"], *words.not_after))

    def stands_alone(match: re.Match[str]) -> bool:
        before = match.string[max(0, match.start("it") - 1) : match.start("it")]
        return not before or before not in words.not_after.get(match["it"].rstrip("某"), "")

    patterns = (
        rf"{not_name}(?P<it>{surname}){one_of(words.words['titles'])}",
        rf"(?P<it>{surname}某某?)(?![种个天人些次年月日处地市省县镇村中大小学校条报民])",
    )
    return tuple(
        Rule(kind=PersonalKind.NAME, pattern=re.compile(pattern), accepts=stands_alone)
        for pattern in patterns
    )


def known_name_rule(names: Iterable[str]) -> Rule | None:
    """A rule for names that were found elsewhere in the same transcript; None when there are none."""
    whole = tuple(sorted({name for name in names if len(name) > 1}))
    if not whole:
        return None
    return Rule(kind=PersonalKind.NAME, pattern=re.compile(f"(?P<it>{one_of(whole)})"))
