"""The linter of all texts that a young person may read: what is never said, and how plainly the rest is.

The rules are data (``prompts/wording.yaml``) in the pattern language of ``triage.signals``; a clinician
reads and changes them there. Faults come as values: whoever loads a text decides what follows from them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import starmap
from pathlib import Path

from triage.normalize import normalize_text
from triage.plainness import MAX_REPLY_CHARACTERS, Plainness, WordingFault, numbers_in, parse_plainness
from triage.resources import PROMPTS_PATH, load_resources, read_header
from triage.signals.compact import compact_text
from triage.signals.fields import Fields, read_fields
from triage.signals.pattern import Matcher, Pattern, WordList

__all__ = ["MAX_REPLY_CHARACTERS", "WordingFault", "WordingRules", "load_wording"]
WORDING_FILE = "wording.yaml"
MAX_MESSAGES, MAX_QUESTIONS = 2, 1
"""The most messages in answer to one of theirs, and the most that they ask (the quota of the intake)."""

_SENTENCE = re.compile(r"[^。!?]+[。!?]*")
_CLAUSE_END = re.compile("[,;:。!?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule:
    """Words that no text may hold, and why; ``unless`` are phrases that hold them and mean well."""

    key: str
    reason: str
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


class PhraseFinder:
    """Finds the phrases of rules in a text, leaving out those that overlap an ``unless`` of their rule."""

    def __init__(self, rules: Sequence[PhraseRule]) -> None:
        self._matcher = Matcher(
            [((rule.key, False), pattern) for rule in rules for pattern in rule.patterns]
            + [((rule.key, True), pattern) for rule in rules for pattern in rule.unless]
        )

    def find(self, text: str) -> dict[str, str]:
        """The first phrase of each rule that the text holds, as it stands there, by the rule's key."""
        compact = compact_text(normalize_text(text))
        matches = self._matcher.find(compact)
        spared = [(match.key[0], match.start, match.end) for match in matches if match.key[1]]
        found: dict[str, str] = {}
        for match in matches:
            rule, means_well = match.key
            if means_well or any(
                key == rule and start < match.end and match.start < end for key, start, end in spared
            ):
                continue
            start, end = compact.original_span(match.start, match.end)
            found.setdefault(rule, text[start:end])
        return found


class QuestionCounter:
    """Counts what a text asks, with a mark or without; an alternative or a tag asks nothing more."""

    def __init__(self, words: PhraseRule, *, continues: tuple[str, ...], finals: tuple[str, ...]) -> None:
        self._finder = PhraseFinder([words])
        self._continues = continues
        self._finals = finals

    def count(self, text: str) -> int:
        """How many questions a young person would have to answer."""
        return sum(self._count_in(sentence) for sentence in _SENTENCE.findall(normalize_text(text).text))

    def _count_in(self, sentence: str) -> int:
        asked = 0
        for clause in filter(None, map(str.strip, _CLAUSE_END.split(sentence))):
            if not (asked and clause.startswith(self._continues)):
                asked += clause.endswith(self._finals) or bool(self._finder.find(clause))
        return max(asked, int("?" in sentence))


class WordingRules:
    """All rules on texts; built once, and asked about each text when it is loaded."""

    def __init__(
        self,
        *,
        version: str,
        phrases: Sequence[PhraseRule],
        questions: QuestionCounter,
        plainness: Plainness,
        crisis_numbers: Mapping[str, str],
    ) -> None:
        self.version = version
        self.reasons = {rule.key: rule.reason for rule in phrases}
        self._finder = PhraseFinder(phrases)
        self._questions = questions
        self._plainness = plainness
        self._crisis_numbers = crisis_numbers

    def check(self, text: str, *, crisis: bool) -> tuple[WordingFault, ...]:
        """The faults of a reply of one message; ``{keys}`` of services must be filled in before."""
        return self.check_reply([text], crisis=crisis)

    def check_reply(self, messages: Sequence[str], *, crisis: bool) -> tuple[WordingFault, ...]:
        """The faults of all messages that are sent together.

        A reply to danger (``crisis``) must name the crisis numbers, whichever of its messages holds them.
        """
        return tuple(self._faults(messages, crisis))

    def _faults(self, messages: Sequence[str], crisis: bool) -> Iterator[WordingFault]:
        if not 1 <= len(messages) <= MAX_MESSAGES:
            yield WordingFault("messages", str(len(messages)))
        asked = sum(map(self._questions.count, messages))
        if asked > MAX_QUESTIONS:
            yield WordingFault("questions", str(asked))
        for message in messages:
            yield from starmap(WordingFault, self._finder.find(message).items())
            yield from self._plainness.faults(message)
        if crisis:
            named = set().union(*map(numbers_in, messages))
            for key, number in self._crisis_numbers.items():
                if number not in named:
                    yield WordingFault("hotlines", key)


@cache
def load_wording(prompts: Path = PROMPTS_PATH) -> WordingRules:
    """Read the rules and the numbers; raises ``ContentError`` naming file, entry and fault."""
    fields = read_fields(prompts / WORDING_FILE)
    version = read_header(fields)
    resources = {key: resource.number for key, resource in load_resources(prompts).items()}
    words = _parse_words(Fields(fields.take("words"), f"{fields.where}: words"))
    phrases = tuple(_parse_rule(each, words) for each in fields.items("rules"))
    if len({rule.key for rule in phrases}) != len(phrases):
        raise fields.fail("two rules have the same key")
    crisis_keys = fields.texts("crisis_numbers")
    if unknown := [key for key in crisis_keys if key not in resources]:
        raise fields.fail(f"crisis_numbers: no resource {', '.join(unknown)}")
    rules = WordingRules(
        version=version,
        phrases=phrases,
        questions=_parse_questions(Fields(fields.take("questions"), f"{fields.where}: questions"), words),
        plainness=parse_plainness(Fields(fields.take("plainness"), f"{fields.where}: plainness"), resources),
        crisis_numbers={key: resources[key] for key in crisis_keys},
    )
    fields.finish()
    return rules


def _parse_words(fields: Fields) -> dict[str, WordList]:
    names = fields.names()
    return {name: (tuple(normalize_text(word).text for word in fields.texts(name)),) for name in names}


def _parse_rule(fields: Fields, words: Mapping[str, WordList]) -> PhraseRule:
    rule = PhraseRule(
        key=fields.text("key"),
        reason=fields.text("reason"),
        patterns=fields.patterns("patterns", words),
        unless=fields.patterns("unless", words, optional=True),
    )
    fields.finish()
    return rule


def _parse_questions(fields: Fields, words: Mapping[str, WordList]) -> QuestionCounter:
    rule = PhraseRule(
        key="questions",
        reason=fields.text("reason"),
        patterns=fields.patterns("patterns", words),
        unless=fields.patterns("unless", words),
    )
    counter = QuestionCounter(rule, continues=fields.texts("continues"), finals=fields.texts("finals"))
    fields.finish()
    return counter
