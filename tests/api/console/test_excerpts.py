"""Quotations of the queue list stand in a little of their surroundings."""

from api.console.excerpts import CONTEXT_CHARACTERS, LONGEST_EXCERPT, MOST_EXCERPTS, Excerpt, cut_excerpts
from tests.api.console.quoting import quote
from triage.labels import Signal


def show(excerpt: Excerpt) -> str:
    """An excerpt as it is read, with its marks in brackets."""
    body = "".join(f"[{each.text}]" if each.evidence else each.text for each in excerpt.pieces)
    return f"{'…' if excerpt.cut_before else ''}{body}{'…' if excerpt.cut_after else ''}"


def test_a_short_message_is_shown_whole() -> None:
    text = "我没有想死，就是很累"
    assert [show(each) for each in cut_excerpts(text, [quote(text, "想死")])] == ["我没有[想死]，就是很累"]


def test_of_a_long_message_only_the_surroundings_are_shown() -> None:
    text = "前" * 100 + "想死" + "后" * 100
    around = CONTEXT_CHARACTERS
    assert [show(each) for each in cut_excerpts(text, [quote(text, "想死")])] == [
        f"…{'前' * around}[想死]{'后' * around}…"
    ]


def test_near_quotations_share_an_excerpt_and_far_ones_do_not() -> None:
    text = "他们打我，堵我" + "。" * 200 + "我不想活了"
    evidence = [
        quote(text, "不想活了"),
        quote(text, "堵我", signal=Signal.BULLYING),
        quote(text, "打我", signal=Signal.BULLYING),
    ]
    first, second = cut_excerpts(text, evidence)
    assert show(first).startswith("他们[打我]，[堵我]")
    assert show(second).endswith("我[不想活了]")
    assert len(first.evidence) == 2
    assert len(first.notes) == 1


def test_a_very_long_quotation_is_cut_and_still_marked() -> None:
    text = "想" * 5_000
    (excerpt,) = cut_excerpts(text, [quote(text, text)])
    assert sum(len(each.text) for each in excerpt.pieces) == LONGEST_EXCERPT
    assert excerpt.cut_after
    assert all(each.evidence for each in excerpt.pieces)


def test_there_are_only_a_few() -> None:
    text = ("打我" + "。" * 200) * 10
    evidence = [
        each.model_copy(update={"start": start, "end": start + 2})
        for start in range(0, len(text), 202)
        for each in [quote(text, "打我")]
    ]
    assert len(cut_excerpts(text, evidence)) == MOST_EXCERPTS


def test_evidence_that_does_not_quote_the_message_is_not_shown() -> None:
    assert cut_excerpts("别的话", [quote("不想活了", "不想活了")]) == []
