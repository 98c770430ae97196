"""What a short message means: as an answer to our question, and as an act in the talk."""

import re
from collections.abc import Iterable, Mapping

from triage.intake.script import Act, AnswerRule, Question
from triage.normalize import NormalizedText, normalize_text

MAX_ACT_CHARACTERS = 30
"""A longer message tells something; what it does besides is for a person to see."""
MAX_BARE_CHARACTERS = 2
MAX_COURTESY_CHARACTERS = 8
_FILLERS = frozenset({"嗯", "嗯嗯", "恩", "是", "是的", "对", "对的", "系", "係", "有时", "有时候", "有点"})
_DENIED = re.compile("(不是|没有|没|唔系|冇)(在|同你|跟你|和你)?(开玩笑|骗|乱说|逗|讲笑)")
_ENDS = re.compile(r"[\s。.!！?？,，、;；…~～]+")
_PARTICLES = "啊呀吧呢啦哦噢喔嘛哈吖㗎架啫咯喇哇诶啰嘞咋"


def normalize_words(words: Iterable[str]) -> frozenset[str]:
    """Words of a file as they are compared: folded, without marks and particles at their ends."""
    return frozenset(fold for word in words if (fold := _strip(normalize_text(word).text)))


def fold_phrases(phrases: Iterable[str]) -> frozenset[str]:
    """Phrases of a file as they are looked for inside a message: folded, without marks."""
    return frozenset(fold for phrase in phrases if (fold := _without_marks(normalize_text(phrase).text)))


def match_answer(text: NormalizedText, question: Question) -> AnswerRule | None:
    """The rule that a message answers by: as a whole or by its first clause; for danger, by any clause.

    After a clear answer a later "嗯" or "是" goes on talking, and is no "yes".
    """
    clauses = _clauses(text)
    if not clauses:
        return None
    said = {_strip(text.text), clauses[0]}
    first = [rule for rule in question.answers if not said.isdisjoint(rule.words)]
    later = set(clauses[1:]) - _FILLERS if first else set(clauses[1:])
    danger = [rule for rule in question.answers if rule.level and not rule.words.isdisjoint(later)]
    return max([*first, *danger], key=lambda rule: rule.level, default=None)


def is_whole_answer(text: NormalizedText, rule: AnswerRule) -> bool:
    """Whether a message is the rule's words and nothing else."""
    return _strip(text.text) in rule.words


def find_act(text: NormalizedText, acts: Mapping[Act, frozenset[str]]) -> Act | None:
    """What a short message does, by the longest phrase found in it; a short phrase is a clause of its own."""
    folded = _without_marks(text.text)
    clauses = {bare for clause in _clauses(text) for bare in (clause, clause.removesuffix("了"))}
    if not folded or len(folded) > MAX_ACT_CHARACTERS:
        return None
    found = [
        (len(phrase), act)
        for act, phrases in acts.items()
        for phrase in phrases
        if (phrase in folded if len(phrase) > MAX_BARE_CHARACTERS else _strip(phrase) in clauses)
    ]
    act = max(found, default=(0, None), key=lambda each: each[0])[1]
    courtesy = act is Act.THANKS and len(folded) > MAX_COURTESY_CHARACTERS
    return None if courtesy or (act is Act.RETRACT and _DENIED.search(folded)) else act


def _clauses(text: NormalizedText) -> list[str]:
    return [clause for each in _ENDS.split(text.text) if (clause := _strip(each))]


def _strip(text: str) -> str:
    """Without marks and final particles; a message of particles alone is kept."""
    bare = _without_marks(text)
    return bare.rstrip(_PARTICLES) or bare


def _without_marks(text: str) -> str:
    return _ENDS.sub("", text)
