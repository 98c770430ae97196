"""Schools, classes and addresses (学校、班级、地址): named ones only; a city or district stays to be read."""

import re

from triage.personal.words import PersonalKind, PersonalWords, Rule, han_except, one_of

_NUMBER = "[0-9一二三四五六七八九十百]{1,4}"
_HOUSE = r"(?:[0-9]{1,5}(?:\-[0-9]{1,4})?|[一二三四五六七八九十百零]{1,5})号"
_BUILDING = (
    r"(?:(?:(?<![0-9])[0-9]{1,3}|(?<![a-z])[a-z][0-9]{0,2})(?:栋|幢|座(?!位)|号楼)"
    r"|[二三四五六七八九十]{1,3}(?:栋|幢|号楼))"
)
_ROOM = r"(?<![0-9])[0-9]{3,4}(?:室|宿舍|寝室?|号?房(?![租贷价子东钱]))"
_AFTER_BUILDING = rf"(?:[ ,]?{_NUMBER}(?:单元|梯))?(?:[ ,]?[0-9]{{3,4}}(?:室|房|号房?)?(?![0-9元块]))?"
_SCHOOL_START = r"(?:^|(?<=[^\u4e00-\u9fff])|(?<=[在读念考上冲到去进自是于从转校就过]))"
_SCHOOL_END = "(?![生时阶里课毕历习到会业心被])"


def place_rules(words: PersonalWords) -> tuple[Rule, ...]:
    """The rules for schools, classes and addresses."""
    return (*_address_rules(words), *_school_rules(words))


def _school_rules(words: PersonalWords) -> tuple[Rule, ...]:
    """A school by its own name before 中学 and the like, or by its number; a class by its number."""
    name = han_except(words.characters["not_in_schools"])
    generic = re.compile(one_of(words.words["not_schools"]) + "*")
    kinds = one_of(words.words["schools"])

    def is_named(match: re.Match[str]) -> bool:
        own = match["own"]
        return len(own) >= 2 and not own.endswith(("中", "乡镇")) and not generic.fullmatch(own)

    grade = "(?:[初高][一二三1-3]|[一二三四五六七八九1-9]年级|中[一二三四五六])"
    return (
        Rule(
            kind=PersonalKind.SCHOOL,
            pattern=re.compile(rf"{_SCHOOL_START}(?P<it>(?P<own>{name}{{1,12}}){kinds}){_SCHOOL_END}"),
            accepts=is_named,
        ),
        Rule(
            kind=PersonalKind.SCHOOL,
            pattern=re.compile(rf"(?P<it>(?P<own>{name}{{2,10}}){one_of(words.words['school_types'])}学校)"),
            accepts=is_named,
        ),
        Rule(
            kind=PersonalKind.SCHOOL,
            pattern=re.compile(
                rf"(?P<it>(?:{name}{{2,6}}第?|第)[一二三四五六七八九十0-9]{{1,3}}中(?:校|学)?)"
                r"(?![间的是心文国等午途考])(?=[^\u4e00-\u9fff]|$|[初高读上学附旁门对老教念])"
            ),
        ),
        Rule(
            kind=PersonalKind.CLASS,
            pattern=re.compile(
                rf"{grade}的?(?P<it>\(?第?(?:[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}})\)?班)"
            ),
        ),
    )


def _address_rules(words: PersonalWords) -> tuple[Rule, ...]:
    """House numbers of named roads, named estates where somebody lives, buildings and rooms by number."""
    name = han_except(words.characters["not_in_schools"])
    generic = re.compile(one_of((*words.words["not_estates"], *words.words["not_schools"])) + "*")
    estate = one_of(words.words["estates"])
    region = f"(?:{name}{{1,12}}[省市区县镇乡])?"

    def is_named(match: re.Match[str]) -> bool:
        return not generic.fullmatch(match["own"])

    return (
        Rule(
            kind=PersonalKind.ADDRESS,
            pattern=re.compile(
                rf"{region}(?P<it>{name}{{1,8}}(?:路|街|大道|巷|胡同|里|坊|村|道){name}{{0,3}}{_HOUSE}"
                rf"(?:{name}{{0,8}}{_BUILDING})?{_AFTER_BUILDING})"
            ),
        ),
        Rule(
            kind=PersonalKind.ADDRESS,
            pattern=re.compile(
                rf"{region}(?P<it>{name}{{1,8}}?{estate}"
                rf"(?:[ ,]?{_BUILDING}|{_NUMBER}[期区巷队组]|{_HOUSE}){_AFTER_BUILDING})"
            ),
        ),
        Rule(
            kind=PersonalKind.ADDRESS,
            pattern=re.compile(rf"住(?:在|喺|系)?{region}(?P<it>(?P<own>{name}{{2,8}}?){estate})"),
            accepts=is_named,
        ),
        Rule(kind=PersonalKind.ADDRESS, pattern=re.compile(rf"(?P<it>{_BUILDING}{_AFTER_BUILDING})")),
        Rule(kind=PersonalKind.ADDRESS, pattern=re.compile(rf"(?P<it>{_ROOM})")),
        Rule(kind=PersonalKind.ADDRESS, pattern=re.compile(r"(?P<it>(?:宿舍|寝室)[0-9]{3,4})(?![0-9])")),
    )
