"""The main path of a message; read this first.

normalise -> extract phrases -> predict -> assess -> decide -> point at evidence -> advance
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from triage.catalog import default_artefact
from triage.classifier.base import Classifier, Prediction, is_sound
from triage.classifier.deadline import DeadlineClassifier
from triage.classifier.onnx import load_classifier
from triage.drift import ScoreReference
from triage.errors import ClassifierError, ClassifierTimeout
from triage.evidence import add_evidence, plan_search
from triage.message import MAX_REPLIES_KEPT, ConversationState, Message, Role, Turn
from triage.reading import Reading, extract_answers, read_message
from triage.risk.assess import Scored, assess, is_unsure
from triage.risk.assessment import Assessment, DegradedReason, Disposition, TriageResult
from triage.risk.policy import Policy, decide, load_policy
from triage.signals.extract import SignalExtractor
from triage.signals.lexicon import load_lexicon


class TriagePipeline:
    """Triage of messages: a function of the message and the conversation so far, nothing else.

    Never raises for any message text. When the classifier fails, the answer comes from the lexicon
    alone, is marked ``degraded``, and goes to a person.
    """

    def __init__(self, *, classifier: Classifier, extractor: SignalExtractor, policy: Policy) -> None:
        self._classifier = classifier
        self._extractor = extractor
        self._policy = policy

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
        result = self._conclude(reading, scored, state)
        return self._point_at_evidence([(reading, state, result)])[0]

    def advance(
        self, *, message: Message, state: ConversationState, result: TriageResult
    ) -> ConversationState:
        """The conversation's state after this message: level, signals and score only ever rise."""
        assessment = result.assessment
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
            replies_sent=(*state.replies_sent, result.decision.reply_key)[-MAX_REPLIES_KEPT:],
        )

    def triage_transcripts(self, transcripts: Sequence[Sequence[Turn]]) -> list[list[TriageResult]]:
        """Triage whole transcripts; one result for each youth turn, seen with the turns before it.

        All texts are scored in one batch; the answers are those that ``triage`` and ``advance``
        give turn by turn.
        """
        readings = [list(self._read_turns(turns)) for turns in transcripts]
        flat = [reading for turns in readings for reading in turns]
        scored = self._score(flat)
        answers = iter(zip(flat, scored, strict=True))
        concluded: list[tuple[Reading, ConversationState, TriageResult]] = []
        for turns in readings:
            state = ConversationState()
            for _ in turns:
                reading, scores = next(answers)
                reading = self._hear_answer(reading, state)
                result = self._conclude(reading, scores, state)
                concluded.append((reading, state, result))
                state = self.advance(message=reading.message, state=state, result=result)
        results = iter(self._point_at_evidence(concluded))
        return [[next(results) for _ in turns] for turns in readings]

    def _read(self, message: Message, state: ConversationState) -> Reading:
        return read_message(message, state=state, extractor=self._extractor, policy=self._policy)

    def _read_turns(self, turns: Sequence[Turn]) -> Iterable[Reading]:
        state = ConversationState()
        for turn in turns:
            if turn.role is Role.YOUTH:
                yield self._read(Message(text=turn.text), state)
                state = state.with_turn(turn)

    def _hear_answer(self, reading: Reading, state: ConversationState) -> Reading:
        """The reading with what it means as an answer to our last reply, known only in order."""
        answers = extract_answers(reading.normalized, state=state, policy=self._policy)
        return replace(reading, hits=(*reading.hits, *answers)) if answers else reading

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

    def _conclude(self, reading: Reading, scored: Scored, state: ConversationState) -> TriageResult:
        thresholds = self._classifier.thresholds
        assessment = assess(
            reading,
            scored,
            state=state,
            thresholds=thresholds,
            policy=self._policy,
        )
        decision = decide(
            assessment,
            unsure=is_unsure(assessment, reading, thresholds=thresholds),
            asks_for_human=self._policy.asks_for_human(reading.normalized),
            state=state,
            policy=self._policy,
        )
        return TriageResult(
            assessment=assessment,
            decision=decision,
            model_version=self.model_version,
            lexicon_version=self.lexicon_version,
        )

    def _point_at_evidence(
        self, concluded: Sequence[tuple[Reading, ConversationState, TriageResult]]
    ) -> list[TriageResult]:
        """Results with a quotation for every signal that has one; left as they are on failure."""
        searches = [
            plan_search(reading, result.assessment, state=state) for reading, state, result in concluded
        ]
        texts = [text for search in searches if search for text in search.texts]
        try:
            predictions = iter(self._predict(texts))
        except ClassifierError:
            return [result for _, _, result in concluded]
        results: list[TriageResult] = []
        for (_, _, result), search in zip(concluded, searches, strict=True):
            assessment: Assessment = result.assessment
            if search:
                assessment = add_evidence(assessment, search, [next(predictions) for _ in search.texts])
            results.append(replace(result, assessment=assessment))
        return results


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
    )
