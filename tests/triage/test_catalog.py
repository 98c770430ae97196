from itertools import pairwise
from pathlib import Path

import pytest

from tests.factories import build_pipeline, shipped_catalog
from triage.catalog import Catalog, load_catalog
from triage.errors import ContentError
from triage.intake.slots import Dialect
from triage.message import ConversationState, Message
from triage.replies import CRISIS_KEYS, OPENING_KEYS, REPLY_KEYS
from triage.resources import PROMPTS_PATH, load_resources
from triage.wording import load_wording

CATALOG = shipped_catalog()
WORDING = load_wording()
NUMBERS = ("110", "120", "12355", "12356")
TIMES = 12
EVERY = pytest.mark.parametrize("key", sorted(REPLY_KEYS))


def said(key: str, dialect: Dialect = Dialect.MANDARIN, *, times: int = TIMES) -> list[str]:
    return [CATALOG.statement(key, times_sent=sent, dialect=dialect) for sent in range(times)]


@pytest.mark.parametrize("dialect", Dialect)
@EVERY
def test_no_statement_asks_or_breaks_a_rule_of_wording(key: str, dialect: Dialect) -> None:
    for text in (CATALOG.statement(key, opens=True, dialect=dialect), *said(key, dialect)):
        assert not WORDING.check(text, crisis=key in CRISIS_KEYS)
        assert "？" not in text
        assert "{" not in text


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("key", sorted(CRISIS_KEYS))
def test_crisis_statements_always_name_the_four_numbers(key: str, dialect: Dialect) -> None:
    for text in said(key, dialect):
        assert all(number in text for number in NUMBERS)


@EVERY
def test_what_was_just_said_is_not_said_again_in_the_same_words(key: str) -> None:
    texts = said(key)
    if len(set(texts)) > 2:
        assert all(before != after for before, after in pairwise(texts))


@pytest.mark.parametrize("key", sorted(OPENING_KEYS))
def test_the_notice_says_what_answers_and_how_far_confidence_goes(key: str) -> None:
    notice = CATALOG.statement(key, opens=True)
    assert "AI助手" in notice
    assert notice != CATALOG.statement(key)


def test_an_answer_is_a_statement_and_a_question_with_its_quick_replies() -> None:
    result = build_pipeline().triage(message=Message(text="我已经不想活了"), state=ConversationState())
    reply = CATALOG.compose(result, said=())
    assert reply.question_key == result.intake.pending is not None
    assert [message.count("？") for message in reply.messages] == [0, 1]
    assert reply.quick_replies
    assert reply.text == "\n".join(reply.messages)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ContentError, match="no reply"):
        CATALOG.statement("nonsense")


def _copy(tmp_path: Path, old: str, new: str) -> Path:
    for source in PROMPTS_PATH.glob("**/*.yaml"):
        target = tmp_path / source.relative_to(PROMPTS_PATH)
        target.parent.mkdir(exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return tmp_path


def load(path: Path) -> Catalog:
    return load_catalog(path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param("{legal_line}", "{no_such_line}", "no_such_line", id="unknown number"),
        pytest.param("  handoff:", "  handof:", "handoff", id="missing key"),
        pytest.param("谢谢你愿意开口，遇到", "好" * 81, "length", id="too long"),
        pytest.param("谢谢你愿意开口，遇到", "想开点，", "pep|argu", id="harmful words"),
        pytest.param("谢谢你愿意开口，遇到", "你好吗？遇到", "asks", id="a question in a statement"),
        pytest.param("reviewer: pending clinical review", "", "reviewer", id="no reviewer"),
        pytest.param("replies:", "replies: [", "YAML", id="not yaml"),
        pytest.param(
            "slot: wish, text: 最近有没有", "slot: hope, text: 最近有没有", "slot", id="unknown slot"
        ),
        pytest.param(
            "不想活下去的念头？", "不想活下去的念头。", "one question", id="a question that asks nothing"
        ),
        pytest.param(
            "ask: [screen.wish]", "ask: [screen.wisp]", "screen", id="a script without its question"
        ),
        pytest.param("  - {key: screen, ask: [screen.wish]}\n", "", "screen", id="a script is missing"),
        pytest.param("level: MODERATE", "level: MIDDLING", "MIDDLING", id="unknown level"),
    ],
)
def test_a_broken_file_stops_the_start_in_words(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ContentError, match=complaint):
        load(_copy(tmp_path, old, new))


def test_resources_are_read_by_key() -> None:
    resources = load_resources()
    assert resources["police"].number == "110"
    assert resources["youth_line"].number == "12355"
