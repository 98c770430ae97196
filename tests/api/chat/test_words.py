"""The chat page's words: complete, with the right numbers, and kind as DOMAIN 4.3 asks."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from api.chat.words import ChatWords, load_chat_words
from triage.errors import ContentError
from triage.resources import PROMPTS_PATH
from triage.wording import load_wording

QUEUE = {
    "first": "下一位就是你",
    "waiting": "前面还有 {ahead} 位",
    "late": "老师还在忙",
    "closed": "老师会在 {time} 前来看",
    "tomorrow": "明天 {clock}",
    "another_day": "{month}月{day}日 {clock}",
}
RECALL = {"label": "撤回", "what": "这条", "done": "你撤回了一条", "edit": "重新编辑", "failed": "没能撤回"}
FORBIDDEN = (
    "加油",
    "别想太多",
    "想开点",
    "坚强",
    "绝对保密",
    "完全保密",
    "保证",
    "一定会好",
    "请稍后再试",
    "你应该",
)


def list_texts(value: Any) -> list[str]:
    """All texts in a model, however deep."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, BaseModel):
        return [text for name in type(value).model_fields for text in list_texts(getattr(value, name))]
    return [text for each in value for text in list_texts(each)]


def list_leaves(value: Any) -> list[str]:
    """All texts in plain values, however deep."""
    if isinstance(value, str):
        return [value]
    each = value.values() if isinstance(value, dict) else value
    return [text for item in each for text in list_leaves(item)]


@pytest.fixture(scope="module")
def words() -> ChatWords:
    """The shipped words."""
    return load_chat_words()


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of the prompts that a test may spoil."""
    return Path(shutil.copytree(PROMPTS_PATH, tmp_path / "prompts"))


def spoil(prompts: Path, **changes: Any) -> None:
    """Change entries of the file; None takes one out."""
    path = prompts / "chat.yaml"
    content = {**yaml.safe_load(path.read_text(encoding="utf-8")), **changes}
    kept = {key: value for key, value in content.items() if value is not None}
    path.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")


def test_the_opening_says_what_must_be_said(words: ChatWords) -> None:
    opening = "".join(words.opening)
    assert "AI助手" in opening
    assert "不是真人" in opening
    assert "值班老师" in opening
    assert "免费" in opening
    assert "不用说真名" in opening
    assert "有危险" in opening


def test_the_emergency_numbers(words: ChatWords) -> None:
    assert [each.number for each in words.emergency] == ["110", "120", "12355", "12356"]
    assert [each.number for each in words.offline_emergency] == ["110", "12355", "12356"]


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_nothing_is_said_that_hurts_or_promises_too_much(words: ChatWords, phrase: str) -> None:
    assert [text for text in list_texts(words) if phrase in text] == []


def test_all_that_is_read_passes_the_linter(words: ChatWords) -> None:
    rules = load_wording()
    filled = words.model_dump(exclude={"version", "reviewer", "audience", "exit", "offline_numbers"})
    # Keys and numbers are ASCII; what the page fills in is checked when the file is read.
    texts = [text for text in list_leaves(filled) if "{" not in text and not text.isascii()]
    assert len(texts) > 30
    assert [text for text in texts if rules.check(text, crisis=False)] == []


def test_what_the_page_fills_in_is_left_to_it(words: ChatWords) -> None:
    assert "{time}" in words.queue.first
    assert "{ahead}" in words.queue.waiting
    assert "{time}" in words.queue.closed
    assert "12355" in words.queue.closed
    assert "110" in words.queue.closed
    assert "{clock}" in words.queue.tomorrow


def test_what_is_said_is_short(words: ChatWords) -> None:
    assert [text for text in list_texts(words) if len(text) > 80] == []


def test_the_changes_that_follow_are_sound_without_their_fault(prompts: Path) -> None:
    spoil(prompts, queue=QUEUE, recall=RECALL)
    assert load_chat_words(prompts=prompts).queue.waiting == QUEUE["waiting"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"opening": None}, id="missing"),
        pytest.param({"opening": [""]}, id="empty"),
        pytest.param({"invented": "x"}, id="unknown"),
        pytest.param({"emergency": [{"key": "nobody", "label": "x"}]}, id="unknown-number"),
        pytest.param({"offline_numbers": ["legal_line"]}, id="offline-not-shown"),
        pytest.param({"queue": {"first": "a", "waiting": "b", "late": "{nobody}"}}, id="queue-incomplete"),
        pytest.param({"queue": {**QUEUE, "late": "打{nobody}"}}, id="unknown-key"),
        pytest.param({"queue": {**QUEUE, "closed": "老师会在{when}来"}}, id="unknown-place"),
        pytest.param({"queue": {**QUEUE, "first": "老师{time"}}, id="open-brace"),
        pytest.param({"offline": "加油，会好起来的"}, id="pep-talk"),
        pytest.param({"opening": ["你说的我绝对保密"]}, id="secrecy"),
        pytest.param({"recall": {**RECALL, "done": "你 recall 了一条"}}, id="english"),
        pytest.param({"queue": {**QUEUE, "waiting": "想开点，前面还有 {ahead} 位"}}, id="pep-talk-in-line"),
    ],
)
def test_a_broken_file_is_refused(prompts: Path, changes: dict[str, Any]) -> None:
    spoil(prompts, **changes)
    with pytest.raises(ContentError, match=r"chat\.yaml"):
        load_chat_words(prompts=prompts)
