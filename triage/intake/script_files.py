"""Read the scripts under ``prompts/intake``, and refuse what is not fit to be said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ContentError
from triage.intake.answers import fold_phrases, normalize_words
from triage.intake.script import Act, AnswerRule, Question, ScriptKey, Scripts
from triage.intake.slots import Dialect, Slot
from triage.labels import RiskLevel, Signal
from triage.resources import PROMPTS_PATH, load_resources, read_header
from triage.signals.fields import Fields, read_fields
from triage.wording import WordingRules, load_wording

CANTONESE_FILE = "cantonese.yaml"
WORDS_FILE = "words.yaml"
_QUESTION_MARK = "？"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What every question's reading needs: lists of answers, Cantonese wordings, hotline numbers."""

    words: Mapping[str, frozenset[str]]
    cantonese: Mapping[str, tuple[str, tuple[str, ...]]]
    numbers: Mapping[str, str]


def load_scripts(prompts: Path = PROMPTS_PATH) -> Scripts:
    """All scripts; raises ``ContentError`` that names file, entry and fault."""
    path, wording = prompts / "intake", load_wording(prompts)
    numbers = {key: resource.number for key, resource in load_resources(prompts).items()}
    words, acts = _read_words(path / WORDS_FILE)
    shared = _Shared(words=words, cantonese=_read_cantonese(path / CANTONESE_FILE), numbers=numbers)
    questions: dict[str, Question] = {}
    steps: dict[str, tuple[str, ...]] = {}
    versions = set()
    for source in sorted(set(path.glob("*.yaml")) - {path / WORDS_FILE, path / CANTONESE_FILE}):
        fields = read_fields(source)
        versions.add(read_header(fields))
        for entry in fields.items("questions", optional=True):
            question = _parse_question(entry, shared)
            if question.key in questions:
                raise entry.fail("a question with this key was there before")
            questions[question.key] = question
        for entry in fields.items("scripts", optional=True):
            name = entry.text("key")
            if name in steps:
                raise entry.fail("a script with this key was there before")
            steps[name] = entry.texts("ask")
            entry.finish()
        fields.finish()
    _check_whole(path.name, questions, steps, shared.cantonese)
    _check_wording(path.name, questions.values(), wording)
    return Scripts(
        version="+".join(sorted(versions)),
        scripts={key: tuple(questions[name] for name in steps[key]) for key in ScriptKey},
        questions=questions,
        acts=acts,
    )


def _read_words(source: Path) -> tuple[dict[str, frozenset[str]], dict[Act, frozenset[str]]]:
    fields = read_fields(source)
    read_header(fields)
    answers = Fields(fields.take("answers"), f"{source.name}: answers")
    words = {name: normalize_words(answers.texts(name)) for name in answers.names()}
    raw = Fields(fields.take("acts"), f"{source.name}: acts")
    acts = {act: fold_phrases(raw.texts(act)) for act in Act}
    raw.finish()
    fields.finish()
    return words, acts


def _read_cantonese(source: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    fields = read_fields(source)
    read_header(fields)
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for entry in fields.items("questions"):
        key = entry.text("key")
        if key in found:
            raise entry.fail("a wording with this key was there before")
        found[key] = (entry.text("text"), entry.texts("quick_replies", optional=True))
        entry.finish()
    fields.finish()
    return found


def _parse_question(fields: Fields, shared: _Shared) -> Question:
    key, mandarin = fields.text("key"), fields.text("text")
    quick = fields.texts("quick_replies", optional=True)
    if key not in shared.cantonese:
        raise fields.fail(f"has no Cantonese wording in {CANTONESE_FILE}")
    cantonese, quick_cantonese = shared.cantonese[key]
    if len(quick_cantonese) != len(quick):
        raise fields.fail("has another number of quick replies in Cantonese")
    texts = {Dialect.MANDARIN: mandarin, Dialect.CANTONESE: cantonese}
    question = Question(
        key=key,
        slot=fields.choice("slot", Slot),
        texts={dialect: fill_numbers(text, shared.numbers, fields) for dialect, text in texts.items()},
        quick_replies={Dialect.MANDARIN: quick, Dialect.CANTONESE: quick_cantonese},
        answers=tuple(_parse_answer(each, shared.words) for each in fields.items("answers", optional=True)),
        unless=_parse_unless(fields),
    )
    fields.finish()
    return question


def fill_numbers(text: str, numbers: Mapping[str, str], fields: Fields) -> str:
    """A text with its ``{keys}`` replaced by the services' numbers."""
    try:
        return text.format_map(numbers)
    except (KeyError, ValueError, IndexError, AttributeError, TypeError) as error:
        raise fields.fail(f"names a service that is not among the resources ({error})") from None


def _parse_unless(fields: Fields) -> dict[Slot, frozenset[str]]:
    if "unless" not in fields.names():
        return {}
    unless = Fields(fields.take("unless"), f"{fields.where}: unless")
    try:
        return {Slot(name): frozenset(unless.texts(name)) for name in unless.names()}
    except ValueError as error:
        raise fields.fail(str(error)) from None


def _parse_answer(fields: Fields, words: Mapping[str, frozenset[str]]) -> AnswerRule:
    said = normalize_words(fields.texts("words", optional=True))
    for name in fields.texts("of", optional=True):
        if name not in words:
            raise fields.fail(f"there is no list of answers {name!r}")
        said |= words[name]
    if not said:
        raise fields.fail("has no words")
    names = fields.names()
    level = fields.text("level") if "level" in names else RiskLevel.NONE.name
    if level not in RiskLevel.__members__:
        raise fields.fail(f"there is no level {level!r}")
    rule = AnswerRule(
        words=said,
        value=fields.text("value"),
        signal=fields.choice("signal", Signal) if "signal" in names else None,
        level=RiskLevel[level],
        anytime=bool(fields.number("anytime", low=0, high=1, default=0)),
    )
    fields.finish()
    return rule


def _check_whole(
    where: str,
    questions: Mapping[str, Question],
    steps: Mapping[str, tuple[str, ...]],
    cantonese: Mapping[str, object],
) -> None:
    asked = {name for names in steps.values() for name in names}
    keys = {key.value for key in ScriptKey}
    problems = {
        "no script": keys - set(steps),
        "unknown script": set(steps) - keys,
        "no question": asked - set(questions),
        "never asked": set(questions) - asked,
        "Cantonese without a question": set(cantonese) - set(questions),
    }
    for problem, names in problems.items():
        if names:
            raise ContentError(f"{where}: {problem}: {', '.join(sorted(names))}")


def _check_wording(where: str, questions: Iterable[Question], wording: WordingRules) -> None:
    for question in questions:
        for text in question.texts.values():
            faults = wording.check(text, crisis=False)
            if faults:
                raise ContentError(f"{where}: {question.key!r}: {faults[0].rule}: {faults[0].detail}")
            if text.count(_QUESTION_MARK) != 1:
                raise ContentError(f"{where}: {question.key!r} must ask exactly one question")
