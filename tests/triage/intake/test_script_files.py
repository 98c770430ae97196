from pathlib import Path
from shutil import copytree

import pytest

from triage.errors import ContentError
from triage.intake.script import Act, ScriptKey
from triage.intake.script_files import load_scripts
from triage.intake.slots import Dialect, Slot
from triage.labels import RiskLevel, Signal
from triage.resources import PROMPTS_PATH, load_resources

HEADER = 'version: "1"\nreviewer: pending clinical review\naudience: youth\n'
QUESTIONS, CANTONESE, WORDS = "questions.yaml", "cantonese.yaml", "words.yaml"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    return copytree(PROMPTS_PATH, tmp_path / "prompts")


def edit(prompts: Path, name: str, old: str, new: str) -> None:
    path = prompts / "intake" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        pytest.param(QUESTIONS, "key: risk.intent,", "key: risk.method,", "question with this key", id="question twice"),
        pytest.param(QUESTIONS, "{key: unread,", "{key: screen,", "script with this key", id="script twice"),
        pytest.param(CANTONESE, "key: common.age,", "key: common.area,", "wording with this key", id="wording twice"),
        pytest.param(CANTONESE, "key: common.age,", "key: common.ages,", "no Cantonese wording", id="no wording"),
        pytest.param(CANTONESE, "quick_replies: [有人, 冇人, 我讲唔出]", "quick_replies: [有人, 冇人]",
                     "another number of quick replies", id="fewer quick replies"),
        pytest.param(QUESTIONS, "孩子多大了？", "'打{nobody}，孩子多大？'", "not among the resources", id="no such service"),
        pytest.param(CANTONESE, "孩子而家几大？", "'孩子而家几大{？'", "not among the resources", id="brace left open"),
        pytest.param(CANTONESE, "孩子而家几大？", "'打{police.name}，几大？'", "not among the resources", id="number of a number"),
        pytest.param(QUESTIONS, 'unless: {safe: ["yes"]}', 'unless: {sane: ["yes"]}', "sane", id="unless: unknown slot"),
        pytest.param(QUESTIONS, 'unless: {safe: ["yes"]}', "unless: {safe: []}", "safe is empty", id="unless: no value"),
        pytest.param(QUESTIONS, 'unless: {safe: ["yes"]}', "unless: safe", "must be a mapping", id="unless: a word"),
        pytest.param(QUESTIONS, "{of: [accompanied]", "{of: [befriended]", "'befriended'", id="no list of answers"),
        pytest.param(QUESTIONS, "{of: [accompanied], value", "{value", "has no words", id="answer without words"),
        pytest.param(QUESTIONS, "{of: [accompanied], value", "{words: [。], value", "no words", id="answer of marks"),
        pytest.param(QUESTIONS, "{of: [accompanied], value: with_others}", "{of: [accompanied]}",
                     "value is missing", id="answer without a value"),
        pytest.param(QUESTIONS, "signal: suicide", "signal: sorrow", "signal must be one of", id="unknown signal"),
        pytest.param(QUESTIONS, "anytime: 1}", "anytime: 2}", "anytime must be", id="anytime is yes or no"),
        pytest.param(QUESTIONS, "value: alone}", "value: alone, levle: HIGH}", "levle", id="answer: unknown field"),
        pytest.param(QUESTIONS, "slot: help,", "slot: help, hint: x,", "unknown field hint", id="question: unknown field"),
        pytest.param(QUESTIONS, "{key: screen, ask", "{key: screen, why: x, ask", "why", id="script: unknown field"),
        pytest.param(QUESTIONS, "scripts:\n", "scripts:\n  - {key: spare, ask: [common.age]}\n",
                     "unknown script: spare", id="unknown script"),
        pytest.param(QUESTIONS, ", legal.help]", "]", "never asked: legal.help", id="question in no script"),
        pytest.param(QUESTIONS, "ask: [general.help]", "ask: []", "ask is empty", id="script without a question"),
        pytest.param(CANTONESE, "questions:\n", "questions:\n  - {key: spare.one, text: 好？}\n",
                     "Cantonese without a question: spare.one", id="wording in no question"),
        pytest.param(CANTONESE, "text: 孩子而家几大？", "why: x, text: 孩子而家几大？", "why", id="wording: unknown field"),
        pytest.param(CANTONESE, "audience: youth", "audience: youth\nauthor: x", "author", id="file: unknown field"),
        pytest.param(QUESTIONS, "孩子多大了？", "孩子多大了？上几年级？", "caregiver.age", id="two questions"),
        pytest.param(CANTONESE, "孩子而家几大？", "孩子而家几大。", "exactly one question", id="Cantonese asks nothing"),
        pytest.param(QUESTIONS, "孩子多大了？", "你应该想开点，孩子多大了？", "caregiver.age", id="harmful words"),
        pytest.param(WORDS, "  decline: [", "  refuse: [", "decline", id="an act is missing"),
        pytest.param(WORDS, "acts:\n", "acts:\n  refuse: [不说]\n", "unknown field refuse", id="unknown act"),
        pytest.param(WORDS, "  decline: [\n    不想说,", "  decline: [\n    不想说, 不想说,", "twice", id="words twice"),
        pytest.param(WORDS, "reviewer: pending clinical review\n", "", "reviewer is missing", id="no reviewer of words"),
    ],
)  # fmt: skip
def test_a_broken_script_is_refused_in_words(
    prompts: Path, name: str, old: str, new: str, complaint: str
) -> None:
    edit(prompts, name, old, new)
    with pytest.raises(ContentError, match=complaint):
        load_scripts(prompts)


@pytest.mark.parametrize("name", [CANTONESE, WORDS])
def test_a_missing_file_is_named(prompts: Path, name: str) -> None:
    (prompts / "intake" / name).unlink()
    with pytest.raises(ContentError, match=f"{name}: cannot be read"):
        load_scripts(prompts)


def test_scripts_may_stand_in_several_files(prompts: Path) -> None:
    edit(prompts, QUESTIONS, "  - {key: general, ask: [general.help]}", "")
    more = prompts / "intake" / "z_general.yaml"
    more.write_text(
        HEADER.replace('"1"', '"7"') + "scripts:\n  - {key: general, ask: [general.help]}\n", encoding="utf-8"
    )
    scripts = load_scripts(prompts)
    assert [each.key for each in scripts.scripts[ScriptKey.GENERAL]] == ["general.help"]
    assert scripts.version == "1+7"


def test_a_service_is_named_by_its_key_and_said_by_its_number(prompts: Path) -> None:
    edit(prompts, QUESTIONS, "孩子多大了？", "'可以打{youth_line}，孩子多大了？'")
    text = load_scripts(prompts).questions["caregiver.age"].texts[Dialect.MANDARIN]
    assert load_resources(prompts)["youth_line"].number in text
    assert "{" not in text


def test_a_question_is_read_whole(prompts: Path) -> None:
    scripts = load_scripts(prompts)
    question = scripts.questions["risk.method"]
    yes = next(rule for rule in question.answers if rule.value == "yes")
    assert (yes.signal, yes.level, yes.anytime) == (Signal.SUICIDE, RiskLevel.HIGH, False)
    assert {"想过", "有"} <= yes.words
    assert question.unless[Slot.THOUGHTS] == {"no"}
    assert set(question.texts) == set(question.quick_replies) == set(Dialect)
    assert any(rule.anytime for rule in scripts.questions["risk.safe"].answers)


def test_every_script_and_every_act_is_there_and_no_key_finds_nothing(prompts: Path) -> None:
    scripts = load_scripts(prompts)
    assert set(scripts.scripts) == set(ScriptKey)
    assert all(scripts.scripts.values())
    assert set(scripts.acts) == set(Act)
    assert scripts.find(None) is scripts.find("gone.question") is None
    assert scripts.find("risk.safe") is scripts.questions["risk.safe"]
