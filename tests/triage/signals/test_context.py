"""Flags by context: own sentences, most of them from the border cases of the label scheme."""

import pytest

from triage.normalize import normalize_text
from triage.signals.extract import SignalExtractor
from triage.signals.hit import ContextFlag, SignalHit, Strength

NEGATED, PAST, OTHER = ContextFlag.NEGATED, ContextFlag.PAST, ContextFlag.OTHER_PERSON
HYPOTHETICAL, FICTION, FIGURATIVE = ContextFlag.HYPOTHETICAL, ContextFlag.FICTION, ContextFlag.FIGURATIVE


def forceful(extractor: SignalExtractor, text: str) -> list[SignalHit]:
    hits = extractor.extract(normalize_text(text))
    return [hit for hit in hits if not hit.weakened and hit.strength is not Strength.HINT]


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("我没有想死，就是累", NEGATED),
        ("我真的没有要自杀", NEGATED),
        ("放心，不会自杀的", NEGATED),
        ("我唔會自殺㗎", NEGATED),
        ("我冇谂过死", NEGATED),
        ("我不想死，我怕死", NEGATED),
        ("没有自残，就是失恋", NEGATED),
        ("没有被同学欺负，是我自己不想上学", NEGATED),
        ("初一的时候割过腕，现在早就好了", PAST),
        ("小时候想过自杀，后来慢慢走出来了", PAST),
        ("小时候被邻居摸过大腿，搬家以后再没见过", PAST),
        ("高中的时候全班孤立我，毕业很多年了", PAST),
        ("为什么有人会自杀", HYPOTHETICAL),
        ("怎么看待青少年轻生", HYPOTHETICAL),
        ("小说里男主想自杀那段怎么写", FICTION),
        ("课本剧里我演的角色说不想活了", FICTION),
        ("看到新闻有人想跳楼，好吓人", FICTION),
        ("V到想死，听日仲要交", FIGURATIVE),
        ("作业写到想死", FIGURATIVE),
        ("热到想死", FIGURATIVE),
        ("哈哈哈我好想死", FIGURATIVE),
    ],
)
def test_a_flag_weakens(extractor: SignalExtractor, text: str, flag: ContextFlag) -> None:
    hits = extractor.extract(normalize_text(text))
    assert any(flag in hit.flags for hit in hits)
    assert forceful(extractor, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "我不是不想死，是不敢",
        "不是想死，只是不想活",
        "没有一天不想死",
        "忍不住想死",
        "我不会自杀的，除非他真的跟我分手",
        "我唔會自殺㗎，除非佢今晚真係走咗",
        "以前割过腕，最近又开始割腕了",
        "小时候就想死，现在还是每天想死",
        "作业写到想死，不是夸张，真的想死",
        "被骂到想自杀",
        "要不是怕我妈哭我早就自杀了，我真的不想活了",
        "他叫我发誓不告诉别人他想自杀",
        "作业写不完，我不想活了",
        "没有他我不想活了",
        "我同学说她想自杀，不是小说",
        "骗你的啦，刚才说不想活了",
    ],
)
def test_what_only_looks_weakened_keeps_its_force(extractor: SignalExtractor, text: str) -> None:
    assert forceful(extractor, text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("我同学说她想自杀", True),
        ("我女儿说不想活了", True),
        ("室友今晚说要跳楼", True),
        ("有个朋友，他不想活了", True),
        ("我不想活了", False),
        ("同学都走了，我不想活了", False),
        ("我跟我妈说了，我想自杀", False),
    ],
)
def test_who_it_is_about(extractor: SignalExtractor, text: str, other: bool) -> None:
    hits = forceful(extractor, text)
    assert hits
    assert {OTHER in hit.flags for hit in hits} == {other}


def test_negation_ends_with_its_clause(extractor: SignalExtractor) -> None:
    assert forceful(extractor, "我没有朋友，想自杀")
    assert forceful(extractor, "没有事 想自杀")


def test_a_terminator_ends_the_scope(extractor: SignalExtractor) -> None:
    assert forceful(extractor, "我不会但想自杀")


def test_flags_hold_in_long_texts(extractor: SignalExtractor) -> None:
    filler = "今天上课讲了历史，中午吃了面。" * 200
    hits = extractor.extract(normalize_text(filler + "我没有想死。" + filler + "我想自杀。" + filler))
    assert [NEGATED in hit.flags for hit in hits] == [True, False]
