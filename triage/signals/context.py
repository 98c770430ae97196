"""What stands around a phrase and changes its meaning: denied, over, told of others, made up.

The method is that of NegEx (Chapman et al. 2001, J Biomed Inform 34:301-310) and ConText (Harkema
et al. 2009, J Biomed Inform 42:839-851): a trigger works in one direction, within its clause or
sentence and up to a reach; pseudo-triggers that only look like one are taken out; a terminator
between trigger and phrase ends the scope. The triggers are ours, in ``context.yaml``.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.labels import Signal
from triage.signals.compact import CompactText
from triage.signals.fields import Fields
from triage.signals.hit import ContextFlag
from triage.signals.pattern import MAX_PATTERN_LENGTH, Matcher, Pattern, WordList

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
        found: dict[tuple[str, int], list[Span]] = {}
        for match in self._matcher.find(compact):
            found.setdefault(match.key, []).append((match.start, match.end))
        return ContextReading(compact, self._rules, {key: Places(spans) for key, spans in found.items()})


class Places:
    """Spans in rising order, asked for by stretch of text; no span is longer than a pattern may be."""

    def __init__(self, spans: Sequence[Span] = ()) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]

    def within(self, start: int, end: int) -> Iterator[Span]:
        """The spans that lie inside ``start..end``."""
        for at in range(bisect_left(self._starts, start), bisect_right(self._starts, end)):
            if self._spans[at][1] <= end:
                yield self._spans[at]

    def any_within(self, start: int, end: int) -> bool:
        """Whether any span lies inside ``start..end``."""
        return next(self.within(start, end), None) is not None

    def touch(self, span: Span) -> bool:
        """Whether any span overlaps the given one."""
        low = bisect_left(self._starts, span[0] - MAX_PATTERN_LENGTH)
        high = bisect_left(self._starts, span[1])
        return any(self._spans[at][1] > span[0] for at in range(low, high))

    def clear_of(self, others: "Places") -> "Places":
        """The spans that overlap none of the others."""
        return Places([span for span in self._spans if not others.touch(span)])

    def last_before(self, end: int) -> Span | None:
        """The last span, by start, that ends at ``end`` or before."""
        for at in range(bisect_left(self._starts, end) - 1, -1, -1):
            if self._spans[at][1] <= end:
                return self._spans[at]
        return None


_NOWHERE = Places()


class ContextReading:
    """The triggers found in one text, ready to be asked about each phrase."""

    def __init__(
        self,
        compact: CompactText,
        rules: Sequence[ContextRule],
        places: Mapping[tuple[str, int], Places],
    ) -> None:
        self._compact = compact
        self._places = places
        self._stops = places.get(("stop", -1), _NOWHERE)
        self._others = places.get(("other", -1), _NOWHERE)
        self._selves = places.get(("self", -1), _NOWHERE).clear_of(self._others)
        self._triggers = [
            (number, rule, places["triggers", number].clear_of(places.get(("unless", number), _NOWHERE)))
            for number, rule in enumerate(rules)
            if ("triggers", number) in places
        ]

    def flags(self, start: int, end: int, signal: Signal) -> frozenset[ContextFlag]:
        """The flags of a phrase at ``start..end`` of the compact text that speaks of ``signal``."""
        hit = (start, end)
        found = {
            rule.flag
            for number, rule, triggers in self._triggers
            if signal in rule.signals and self._applies(number, rule, triggers, hit)
        }
        if self._about_other(hit):
            found.add(ContextFlag.OTHER_PERSON)
        return frozenset(found)

    def _applies(self, number: int, rule: ContextRule, triggers: Places, hit: Span) -> bool:
        scope = self._scope(rule.scope, hit)
        reach = rule.reach + MAX_PATTERN_LENGTH
        near = triggers.within(max(scope[0], hit[0] - reach), min(scope[1], hit[1] + reach))
        if not any(_in_reach(rule, trigger, hit) and not self._ended(rule, trigger, hit) for trigger in near):
            return False
        if rule.patterns["needs"] and not self._stands("needs", number, rule.needs_scope, hit):
            return False
        return not self._stands("blocked_by", number, rule.blocked_scope, hit)

    def _scope(self, scope: Scope, hit: Span) -> Span:
        if scope is Scope.MESSAGE:
            return 0, len(self._compact.text)
        return self._compact.clause(*hit) if scope is Scope.CLAUSE else self._compact.sentence(*hit)

    def _stands(self, role: str, number: int, scope: Scope, hit: Span) -> bool:
        places = self._places.get((role, number))
        return places is not None and places.any_within(*self._scope(scope, hit))

    def _ended(self, rule: ContextRule, trigger: Span, hit: Span) -> bool:
        """Whether a terminator stands between trigger and phrase."""
        if rule.scope is not Scope.CLAUSE:
            return False
        return self._stops.any_within(min(trigger[1], hit[1]), max(trigger[0], hit[0]))

    def _about_other(self, hit: Span) -> bool:
        """Whether the last person named in the sentence, up to the end of the phrase, is not the writer.

        我同学 is somebody else, though it begins with 我.
        """
        other, writer = self._others.last_before(hit[1]), self._selves.last_before(hit[1])
        sentence, _ = self._compact.sentence(*hit)
        return other is not None and other[0] >= sentence and (writer is None or writer[0] < other[0])


def _in_reach(rule: ContextRule, trigger: Span, hit: Span) -> bool:
    before, after = trigger[0] < hit[0], trigger[1] > hit[1]
    if rule.side is Side.INSIDE:
        return not before and not after
    if (rule.side is Side.BEFORE and not before) or (rule.side is Side.AFTER and not after):
        return False
    return max(hit[0] - trigger[1], trigger[0] - hit[1]) <= rule.reach
