"""The keyword baseline (关键词基线): eighteen words, as a chat system's alert list has them.

The list was written before any measurement and is not tuned; it must not grow, or it would turn
into the lexicon it is compared with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.answers import Answer
from triage.labels import ESCALATING_SIGNALS, Category, RiskLevel, Signal, escalates
from triage.normalize import normalize_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A word, and what a list that holds it would say of a text that contains it."""

    word: str
    category: Category
    signal: Signal | None = None
    level: RiskLevel = RiskLevel.NONE


def _danger(word: str, signal: Signal, level: RiskLevel = RiskLevel.MODERATE) -> Keyword:
    return Keyword(word=word, category=Category.PSYCHOLOGY, signal=signal, level=level)


KEYWORDS: tuple[Keyword, ...] = (
    _danger("自杀", Signal.SUICIDE),
    _danger("轻生", Signal.SUICIDE),
    _danger("想死", Signal.SUICIDE),
    _danger("不想活", Signal.SUICIDE),
    _danger("跳楼", Signal.SUICIDE, RiskLevel.HIGH),
    _danger("遗书", Signal.SUICIDE, RiskLevel.HIGH),
    _danger("割腕", Signal.SELF_HARM, RiskLevel.HIGH),
    _danger("自残", Signal.SELF_HARM),
    _danger("霸凌", Signal.BULLYING),
    _danger("性侵", Signal.SEXUAL_ABUSE, RiskLevel.HIGH),
    _danger("家暴", Signal.DOMESTIC_VIOLENCE),
    _danger("杀了", Signal.HARM_TO_OTHERS),
    Keyword(word="被骗", category=Category.LEGAL, signal=Signal.FRAUD, level=RiskLevel.LOW),
    Keyword(word="律师", category=Category.LEGAL),
    Keyword(word="低保", category=Category.AID),
    Keyword(word="助学金", category=Category.AID),
    Keyword(word="志愿者", category=Category.OTHER),
    Keyword(word="团员", category=Category.OTHER),
)
_ALARM_WORDS = sum(keyword.signal in ESCALATING_SIGNALS for keyword in KEYWORDS)


class KeywordBaseline:
    """Any word of the list in the text raises its labels; more alarm words, a higher score.

    The score ranks texts and is no probability. Without any word the category is psychology, the
    line's largest.
    """

    def answer_texts(self, texts: Sequence[str]) -> list[Answer]:
        """One answer per text, in order."""
        return [self._answer(normalize_text(text).text) for text in texts]

    def _answer(self, text: str) -> Answer:
        found = [keyword for keyword in KEYWORDS if keyword.word in text]
        signals = frozenset(keyword.signal for keyword in found if keyword.signal is not None)
        level = max((keyword.level for keyword in found), default=RiskLevel.NONE)
        alarm_words = sum(keyword.signal in ESCALATING_SIGNALS for keyword in found)
        return Answer(
            category=found[0].category if found else Category.PSYCHOLOGY,
            risk_score=alarm_words / _ALARM_WORDS,
            escalate=escalates(signals, level),
            signals=signals,
            level=level,
        )
