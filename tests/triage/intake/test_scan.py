from triage.intake.scan import Scanner
from triage.normalize import normalize_text
from triage.signals.compact import compact_text
from triage.signals.pattern import compile_pattern

SCANNER = Scanner(
    {"wait": [compile_pattern("等~3你"), compile_pattern("等")], "go": [compile_pattern("go")], "none": []}
)


def spans(text: str, key: str) -> list[tuple[int, int]]:
    return SCANNER.scan(compact_text(normalize_text(text))).spans(key)


def test_the_first_and_then_the_longest_comes_first() -> None:
    assert spans("我等着你，等", "wait") == [(1, 4), (1, 2), (5, 6)]


def test_no_word_is_cut_in_two() -> None:
    assert spans("google go", "go") == [(6, 8)]


def test_what_is_not_there_is_not_found() -> None:
    assert spans("我走了", "wait") == []
    assert spans("等", "none") == []


def test_places_hold_the_spans() -> None:
    assert SCANNER.scan(compact_text(normalize_text("我等"))).places("wait").any_within(0, 2)
