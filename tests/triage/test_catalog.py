import re
from pathlib import Path

import pytest

from triage.catalog import MAX_REPLY_CHARACTERS, PROMPTS_PATH, Catalog, load_catalog
from triage.errors import ContentError
from triage.replies import REPLY_KEYS

CATALOG = load_catalog()
CRISIS = sorted(key for key in REPLY_KEYS if key.startswith("crisis"))
FORBIDDEN = re.compile(
    r"想开点|别想太多|加油|坚强|想想你(爸|妈|父母|家人)|绝对保密|不会告诉任何人|诊断|抑郁症|剂量|药"
)
QUESTION = re.compile(r"[？?]")


def variants(key: str) -> list[tuple[str, ...]]:
    return [CATALOG.reply(key, times_sent=n).messages for n in range(4)]


@pytest.mark.parametrize("key", sorted(REPLY_KEYS))
def test_every_reply_is_short_asks_one_thing_and_harms_nobody(key: str) -> None:
    for messages in variants(key):
        text = "".join(messages)
        assert 1 <= len(messages) <= 2
        assert all(len(message) <= MAX_REPLY_CHARACTERS for message in messages)
        assert not FORBIDDEN.search(text)
        assert len(QUESTION.findall(text)) <= 1
        assert "{" not in text


@pytest.mark.parametrize("key", CRISIS)
def test_crisis_replies_always_name_the_four_numbers(key: str) -> None:
    for messages in variants(key):
        assert all(number in "".join(messages) for number in ("110", "120", "12355", "12356"))


def test_what_was_said_is_not_said_again_in_the_same_words() -> None:
    for key in REPLY_KEYS:
        assert CATALOG.reply(key).messages != CATALOG.reply(key, times_sent=1).messages


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ContentError, match="no reply"):
        CATALOG.reply("nonsense")


def _copy(tmp_path: Path, old: str, new: str) -> Path:
    for source in PROMPTS_PATH.glob("*/*.yaml"):
        target = tmp_path / source.parent.name / source.name
        target.parent.mkdir(exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return tmp_path


def load(path: Path) -> Catalog:
    return load_catalog(path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        pytest.param("{legal_line}", "{no_such_line}", "legal", id="unknown number"),
        pytest.param("  handoff:", "  handof:", "handoff", id="missing key"),
        pytest.param("谢谢你愿意开口", "好" * 81, "80", id="too long"),
        pytest.param("reviewer: pending clinical review", "", "reviewer", id="no reviewer"),
        pytest.param("replies:", "replies: [", "yaml", id="not yaml"),
    ],
)
def test_a_broken_file_stops_the_start_in_words(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ContentError, match=complaint):
        load(_copy(tmp_path, old, new))
