import pytest

from triage.signals.homophones import sound_alikes


@pytest.mark.parametrize(
    ("syllable", "chars"),
    [
        pytest.param("zi", "自子紫籽梓", id="zi"),
        pytest.param("sha", "杀沙鲨砂纱", id="sha"),
        pytest.param("lv", "绿旅", id="u with two dots"),
    ],
)
def test_characters_with_the_sound(syllable: str, chars: str) -> None:
    assert set(chars) <= set(sound_alikes(syllable))


def test_letters_and_letters_with_digits_count() -> None:
    assert {"zi", "z1"} <= set(sound_alikes("zi"))


def test_another_sound_does_not_count() -> None:
    assert "知" not in sound_alikes("zi")


def test_a_syllable_that_nothing_has() -> None:
    assert sound_alikes("xyz") == ()
