"""Every way of writing keeps the meaning: repeatable, never empty, and undone by what undoes it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.perturbations import KINDS, REWRITES, SPLIT, rewrite_turns
from triage.message import Role, Turn
from triage.normalize import normalize_text

SENTENCE = "我不想回家，他们现在又在吵架，没有人管我。明天还要上学"
TEXTS = st.text(alphabet="我不想上学，好累。a1😭 \n?", min_size=1, max_size=60)


def say(text: str) -> tuple[Turn, ...]:
    return (Turn(role=Role.YOUTH, text=text),)


def test_there_are_at_least_twelve_kinds() -> None:
    assert len(KINDS) >= 12


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXTS, seed=st.integers(0, 99))
def test_it_is_repeatable_and_never_empty(kind: str, text: str, seed: int) -> None:
    once = rewrite_turns(say(text), kind=kind, seed=seed)
    assert once == rewrite_turns(say(text), kind=kind, seed=seed)
    assert all(turn.role is Role.YOUTH and turn.text for turn in once)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"full_width"}))
def test_a_plain_sentence_is_altered(kind: str) -> None:
    assert rewrite_turns(say(SENTENCE), kind=kind, seed=1) != say(SENTENCE)


def test_width_alters_what_has_a_width() -> None:
    [turn] = rewrite_turns(say("ok 123!"), kind="full_width", seed=1)
    assert turn.text == "ｏｋ\u3000１２３！"


@pytest.mark.parametrize("kind", ["zero_width", "traditional", "full_width"])
def test_what_normalising_undoes_is_undone(kind: str) -> None:
    [turn] = rewrite_turns(say(SENTENCE + " ok!"), kind=kind, seed=1)
    assert normalize_text(turn.text).text == normalize_text(SENTENCE + " ok!").text


@given(TEXTS)
def test_parts_of_a_split_text_make_up_the_whole(text: str) -> None:
    assert "".join(turn.text for turn in rewrite_turns(say(text), kind=SPLIT, seed=1)) == text


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_assistant_said_stays(kind: str) -> None:
    asked = Turn(role=Role.ASSISTANT, text="你现在安全吗，身边有人吗")
    assert asked in rewrite_turns((*say(SENTENCE), asked), kind=kind, seed=1)


@pytest.mark.parametrize("kind", ["prefix", "suffix"])
def test_chatter_leaves_the_text_whole(kind: str) -> None:
    assert SENTENCE in REWRITES[kind](SENTENCE, random.Random(1))
