"""The main path of a message; read this first.

normalise -> extract phrases -> predict -> hear -> assess -> decide -> ask -> point at evidence -> advance
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.catalog import default_artefact
from triage.classifier.base import Classifier, Prediction, Thresholds, is_sound
from triage.classifier.deadline import DeadlineClassifier
from triage.classifier.onnx import load_classifier
from triage.drift import ScoreReference
from triage.errors import ClassifierError, ClassifierTimeout
from triage.evidence import add_evidence, plan_search
from triage.intake.machine import Asked, Intake, load_intake
from triage.message import MAX_REPLIES_KEPT, ConversationState, Message, Role, Turn
from triage.reading import Reading, read_message
from triage.replies import OPENING_KEYS, refine_reply
from triage.risk.assess import Scored, assess, is_unsure, weigh_scores
from triage.risk.assessment import Assessment, DegradedReason, Disposition, TriageResult
from triage.risk.policy import Policy, decide, load_policy
from triage.signals.extract import SignalExtractor
from triage.signals.hit import WEAKENING
from triage.signals.lexicon import load_lexicon

_OWN = ""
"""Instead of a question's key: the one that we would have asked."""


class TriagePipeline:
    """Triage of messages: a function of the message and the conversation so far, nothing else.

    Never raises for any message text. When the classifier fails, the answer comes from the lexicon
    alone, is marked ``degraded``, and goes to a person.
    """

    def __init__(
        self, *, classifier: Classifier, extractor: SignalExtractor, policy: Policy, intake: Intake
    ) -> None:
        self._classifier = classifier
        self._extractor = extractor
        self._policy = policy
        self._intake = intake

    @property
    def model_version(self) -> str:
        """Name and version of the classifier's artefact."""
        return self._classifier.version

    @property
    def lexicon_version(self) -> str:
        """Version of the phrase lexicon."""
        return self._extractor.lexicon_version

    @property
    def policy_version(self) -> str:
        """Version of ``policy.yaml``."""
        return self._policy.version

    @property
    def score_reference(self) -> ScoreReference:
        """How the scores were spread where the thresholds were chosen, for the drift check."""
        return self._classifier.thresholds.reference

    def triage(self, *, message: Message, state: ConversationState) -> TriageResult:
        """Assess one message, read with what came before it, and decide what happens next."""
        reading = self._read(message, state)
        [scored] = self._score([reading])
        return self._point_at_evidence([self._conclude(reading, scored, state)])[0]

    def advance(
        self, *, message: Message, state: ConversationState, result: TriageResult
    ) -> ConversationState:
        """The conversation's state after this message: level, signals and score only ever rise."""
        assessment = result.assessment
        said = () if state.with_person else (result.decision.reply_key,)
        return replace(
            state.with_turn(Turn(role=Role.YOUTH, text=message.text)),
            level=assessment.level,
            signals=frozenset(assessment.signals),
            risk_score=assessment.risk_score,
            category=assessment.category,
            queue=result.decision.queue,
            escalated=assessment.escalate,
            degraded=state.degraded or bool(assessment.degraded),
            in_review=state.in_review or result.decision.disposition is Disposition.HUMAN_REVIEW,
            replies_sent=(*state.replies_sent, *said)[-MAX_REPLIES_KEPT:],
            intake=result.intake,
        )

    def triage_transcripts(self, transcripts: Sequence[Sequence[Turn]]) -> list[list[TriageResult]]:
        """Triage whole transcripts; one result for each youth turn, seen with the turns before it.

        All texts are scored in one batch; the answers are those that ``triage`` and ``advance``
        give turn by turn. Where others' turns stand between, a message answers what they asked: one of
        our questions is known by its text, any other is not ours to read an answer to.
        """
        readings = [list(self._read_turns(turns)) for turns in transcripts]
        flat = [reading for turns in readings for reading in turns]
        scored = self._score(flat)
        answers = iter(zip(flat, scored, strict=True))
        concluded: list[_Concluded] = []
        for transcript in transcripts:
            state = ConversationState()
            for pending in self._questions_before(transcript):
                reading, scores = next(answers)
                if pending is not _OWN:
                    state = replace(state, intake=replace(state.intake, pending=pending))
                concluded.append(self._conclude(reading, scores, state))
                state = self.advance(message=reading.message, state=state, result=concluded[-1].result)
        results = iter(self._point_at_evidence(concluded))
        return [[next(results) for _ in turns] for turns in readings]

    def _read(self, message: Message, state: ConversationState) -> Reading:
        return read_message(message, state=state, extractor=self._extractor)

    def _read_turns(self, turns: Sequence[Turn]) -> Iterable[Reading]:
        state = ConversationState()
        for turn in turns:
            if turn.role is Role.YOUTH:
                yield self._read(Message(text=turn.text), state)
                state = state.with_turn(turn)

    def _questions_before(self, transcript: Sequence[Turn]) -> Iterator[str | None]:
        """For each youth turn the question before it; ``_OWN`` where nobody else speaks at all."""
        pending = _OWN if all(turn.role is Role.YOUTH for turn in transcript) else None
        for turn in transcript:
            if turn.role is Role.YOUTH:
                yield pending
                pending = pending if pending is _OWN else None
            else:
                pending = self._intake.find_asked(turn.text)

    def _score(self, readings: Sequence[Reading]) -> list[Scored]:
        """Scores for readings; where the classifier fails, none but the reason.

        When a batch fails, each reading is tried alone: one text's failure is not its neighbours'.
        """
        texts = [text for reading in readings for text in reading.texts]
        try:
            predictions = iter(self._predict(texts))
        except ClassifierError as error:
            if len(readings) > 1:
                return [scored for reading in readings for scored in self._score([reading])]
            timed_out = isinstance(error, ClassifierTimeout)
            reason = DegradedReason.CLASSIFIER_TIMEOUT if timed_out else DegradedReason.CLASSIFIER_FAILED
            return [Scored(failure=reason)] * len(readings)
        return [_collect(reading, predictions) for reading in readings]

    def _predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The classifier's answer, checked; whatever goes wrong with it is a ``ClassifierError``."""
        if not texts:
            return []
        try:
            predictions = self._classifier.predict(texts)
        except ClassifierError:
            raise
        except Exception as error:
            raise ClassifierError(type(error).__name__) from None
        if len(predictions) != len(texts) or not all(map(is_sound, predictions)):
            raise ClassifierError("as many finite predictions as texts are needed")
        return predictions

    def _conclude(self, reading: Reading, scored: Scored, state: ConversationState) -> "_Concluded":
        thresholds = self._classifier.thresholds
        heard = self._intake.hear(reading.normalized, state)
        if not reading.hits:
            scored = weigh_scores(scored, heard.weight)
        reading = replace(reading, hits=(*reading.hits, *heard.hits)) if heard.hits else reading
        assessment = assess(reading, scored, state=state, thresholds=thresholds, policy=self._policy)
        unsure = is_unsure(assessment, reading, thresholds=thresholds)
        decision = decide(
            assessment,
            heard=heard,
            unsure=unsure,
            asks_for_human=self._policy.asks_for_human(reading.normalized),
            state=state,
            policy=self._policy,
        )
        intake = heard.state
        if not state.with_person:
            asked = Asked(text=reading.normalized, assessment=assessment, decision=decision)
            intake = self._intake.ask(heard, asked)
        key = refine_reply(
            decision.reply_key,
            level=assessment.level,
            act=heard.act,
            asks_more=intake.pending is not None,
            new_danger=_is_new_danger(assessment, state, thresholds),
            said=state.replies_sent,
            opened=intake.opened,
        )
        result = TriageResult(
            assessment=assessment,
            decision=replace(decision, reply_key=key),
            model_version=self.model_version,
            lexicon_version=self.lexicon_version,
            intake=replace(intake, opened=intake.opened or key in OPENING_KEYS),
            opens=key in OPENING_KEYS and not intake.opened,
        )
        return _Concluded(reading=reading, state=state, result=result)

    def _point_at_evidence(self, concluded: Sequence["_Concluded"]) -> list[TriageResult]:
        """Results with a quotation for every signal that has one; left as they are on failure."""
        searches = [plan_search(each.reading, each.result.assessment, state=each.state) for each in concluded]
        texts = [text for search in searches if search for text in search.texts]
        try:
            predictions = iter(self._predict(texts))
        except ClassifierError:
            return [each.result for each in concluded]
        results: list[TriageResult] = []
        for each, search in zip(concluded, searches, strict=True):
            assessment: Assessment = each.result.assessment
            if search:
                assessment = add_evidence(assessment, search, [next(predictions) for _ in search.texts])
            results.append(replace(each.result, assessment=assessment))
        return results


@dataclass(frozen=True, slots=True, kw_only=True)
class _Concluded:
    """A message with all that was decided of it, its evidence not yet looked for."""

    reading: Reading
    state: ConversationState
    result: TriageResult


def _is_new_danger(assessment: Assessment, state: ConversationState, thresholds: Thresholds) -> bool:
    """Whether this message, without what came before it, speaks of danger, or raised the level."""
    if not state.escalated or assessment.level > state.level:
        return True
    alone = assessment.classifier_score is not None and assessment.classifier_score >= thresholds.escalate
    return alone or any(WEAKENING.isdisjoint(evidence.flags) for evidence in assessment.evidence)


def _collect(reading: Reading, predictions: Iterable[Prediction]) -> Scored:
    remaining = iter(predictions)
    own = tuple(next(remaining) for _ in reading.texts)
    if reading.window is None or not own:
        return Scored(excerpts=own)
    return Scored(excerpts=own[:-1], window=own[-1])


def load_pipeline(
    *, artefact: Path | None = None, time_limit_s: float | None = None, threads: int = 1
) -> TriagePipeline:
    """The pipeline of the shipped lexicon and policy and of an artefact (the shipped one if None).

    With ``time_limit_s`` the classifier is given up after that many seconds for a message.
    Raises ``ArtefactError`` or ``ContentError`` when a file is missing, corrupt or does not fit.
    """
    classifier: Classifier = load_classifier(artefact or default_artefact(), threads=threads)
    if time_limit_s is not None:
        classifier = DeadlineClassifier(classifier, limit_s=time_limit_s)
    return TriagePipeline(
        classifier=classifier,
        extractor=SignalExtractor(lexicon=load_lexicon()),
        policy=load_policy(),
        intake=load_intake(),
    )
