"""What stands around a phrase and changes its meaning: denied, over, told of others, made up.

The method is that of NegEx (Chapman et al. 2001, J Biomed Inform 34:301-310) and ConText (Harkema
et al. 2009, J Biomed Inform 42:839-851): a trigger works in one direction, within its clause or
sentence and up to a reach; pseudo-triggers that only look like one are taken out; a terminator
between trigger and phrase ends the scope. The triggers are ours, in ``context.yaml``.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.labels import Signal
from triage.signals.compact import CompactText
from triage.signals.fields import Fields
from triage.signals.hit import ContextFlag
from triage.signals.pattern import Match, Matcher, Pattern, WordList

Span = tuple[int, int]
ROLES = ("triggers", "unless", "needs", "blocked_by")
MAX_REACH = 200


class Side(StrEnum):
    """Where a trigger stands, seen from the phrase that it changes."""

    BEFORE = "before"
    AFTER = "after"
    AROUND = "around"
    INSIDE = "inside"


class Scope(StrEnum):
    """How far from the phrase a trigger may stand."""

    CLAUSE = "clause"
    SENTENCE = "sentence"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRule:
    """One kind of trigger. ``needs`` must also stand in its scope, ``blocked_by`` must not.

    ``reach`` counts characters of the compact text between trigger and phrase; ``signals`` are those
    that the rule speaks about.
    """

    key: str
    flag: ContextFlag
    side: Side
    scope: Scope
    reach: int
    signals: frozenset[Signal]
    patterns: Mapping[str, tuple[Pattern, ...]]
    needs_scope: Scope
    blocked_scope: Scope


@dataclass(frozen=True, slots=True)
class ContextRules:
    """All rules with what they share: terminators, and how the writer and others are named."""

    rules: tuple[ContextRule, ...]
    terminators: tuple[Pattern, ...]
    self_words: tuple[Pattern, ...]
    other_words: tuple[Pattern, ...]


def parse_context(fields: Fields, words: Mapping[str, WordList]) -> ContextRules:
    """Read the context rules; raises ``ContentError`` naming file and entry."""
    rules = tuple(_parse_rule(each, words) for each in fields.items("rules"))
    if len({rule.key for rule in rules}) != len(rules):
        raise fields.fail("two rules have the same key")
    parsed = ContextRules(
        rules,
        fields.patterns("terminators", words),
        fields.patterns("self_words", words),
        fields.patterns("other_words", words),
    )
    fields.finish()
    return parsed


def _parse_rule(fields: Fields, words: Mapping[str, WordList]) -> ContextRule:
    rule = ContextRule(
        key=fields.text("key"),
        flag=fields.choice("flag", ContextFlag),
        side=fields.choice("side", Side),
        scope=fields.choice("scope", Scope),
        reach=fields.number("reach", low=0, high=MAX_REACH),
        signals=fields.choices("signals", Signal, optional=True) or frozenset(Signal),
        patterns={role: fields.patterns(role, words, optional=role != "triggers") for role in ROLES},
        needs_scope=fields.choice("needs_scope", Scope, Scope.MESSAGE),
        blocked_scope=fields.choice("blocked_scope", Scope, Scope.MESSAGE),
    )
    fields.finish()
    return rule


class ContextFinder:
    """Finds the context flags of phrases; built once from the rules."""

    def __init__(self, context: ContextRules) -> None:
        self._rules = context.rules
        shared = {"stop": context.terminators, "self": context.self_words, "other": context.other_words}
        self._matcher = Matcher(
            [((role, -1), pattern) for role, patterns in shared.items() for pattern in patterns]
            + [
                ((role, number), pattern)
                for number, rule in enumerate(context.rules)
                for role, patterns in rule.patterns.items()
                for pattern in patterns
            ]
        )

    def read(self, compact: CompactText) -> "ContextReading":
        """Find all triggers of a text once."""
        places: dict[tuple[str, int], list[Span]] = {}
        for match in self._matcher.find(compact):
            places.setdefault(match.key, []).append((match.start, match.end))
        return ContextReading(compact, self._rules, places)


class ContextReading:
    """The triggers found in one text, ready to be asked about each phrase."""

    def __init__(
        self,
        compact: CompactText,
        rules: Sequence[ContextRule],
        places: Mapping[tuple[str, int], list[Span]],
    ) -> None:
        self._compact = compact
        self._rules = rules
        self._places = places
        self._stops = places.get(("stop", -1), [])
        self._people = _people(places.get(("self", -1), []), places.get(("other", -1), []))

    def flags(self, hit: Match[object] | Span, signal: Signal) -> frozenset[ContextFlag]:
        """The flags of a phrase that speaks of ``signal``."""
        span = hit if isinstance(hit, tuple) else (hit.start, hit.end)
        found = {
            rule.flag
            for number, rule in enumerate(self._rules)
            if signal in rule.signals and self._applies(number, rule, span)
        }
        if self._about_other(span):
            found.add(ContextFlag.OTHER_PERSON)
        return frozenset(found)

    def _applies(self, number: int, rule: ContextRule, hit: Span) -> bool:
        triggers = self._places.get(("triggers", number))
        if not triggers:
            return False
        false_friends = self._places.get(("unless", number), [])
        scope = self._scope(rule.scope, hit)
        if not any(
            _in_reach(rule, trigger, hit, scope)
            and not any(_overlap(trigger, each) for each in false_friends)
            and not (rule.scope is Scope.CLAUSE and self._ended(trigger, hit))
            for trigger in triggers
        ):
            return False
        if rule.patterns["needs"] and not self._stands("needs", number, rule.needs_scope, hit):
            return False
        return not self._stands("blocked_by", number, rule.blocked_scope, hit)

    def _scope(self, scope: Scope, hit: Span) -> Span:
        if scope is Scope.MESSAGE:
            return 0, len(self._compact.text)
        return self._compact.clause(*hit) if scope is Scope.CLAUSE else self._compact.sentence(*hit)

    def _stands(self, role: str, number: int, scope: Scope, hit: Span) -> bool:
        start, end = self._scope(scope, hit)
        return any(start <= each[0] and each[1] <= end for each in self._places.get((role, number), []))

    def _ended(self, trigger: Span, hit: Span) -> bool:
        start, end = min(trigger[1], hit[1]), max(trigger[0], hit[0])
        return any(start <= stop[0] and stop[1] <= end for stop in self._stops)

    def _about_other(self, hit: Span) -> bool:
        """Whether the last person named in the sentence, up to the end of the phrase, is not the writer."""
        sentence, _ = self._compact.sentence(*hit)
        at = bisect_right(self._people, (hit[1], 0, False)) - 1
        while at >= 0 and self._people[at][1] > hit[1]:
            at -= 1
        return at >= 0 and self._people[at][0] >= sentence and self._people[at][2]


def _people(selves: Sequence[Span], others: Sequence[Span]) -> list[tuple[int, int, bool]]:
    """Mentions of people in order; 我同学 is somebody else, though it begins with 我."""
    alone = [each for each in selves if not any(_overlap(each, other) for other in others)]
    return sorted([(*each, False) for each in alone] + [(*each, True) for each in others])


def _overlap(left: Span, right: Span) -> bool:
    return left[0] < right[1] and right[0] < left[1]


def _in_reach(rule: ContextRule, trigger: Span, hit: Span, scope: Span) -> bool:
    if trigger[0] < scope[0] or trigger[1] > scope[1]:
        return False
    before, after = trigger[0] < hit[0], trigger[1] > hit[1]
    if rule.side is Side.INSIDE:
        return not before and not after
    if (rule.side is Side.BEFORE and not before) or (rule.side is Side.AFTER and not after):
        return False
    return max(hit[0] - trigger[1], trigger[0] - hit[1]) <= rule.reach
