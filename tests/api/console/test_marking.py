"""Evidence marked in place: nothing is added, nothing lost, whatever the text and the spans are."""

from hypothesis import given
from hypothesis import strategies as st

from api.console.marking import mark_pieces
from api.conversations.schemas import EvidenceView
from tests.api.console.quoting import quote
from triage.labels import Signal
from triage.risk.assessment import EvidenceSource


def test_code_points_beyond_the_basic_plane_do_not_shift_the_mark() -> None:
    text = "😢👨‍👩‍👧𠝹咗手，不想活了🥀"
    pieces = mark_pieces(text, [quote(text, "不想活了")])
    assert [(each.text, bool(each.evidence)) for each in pieces] == [
        ("😢👨‍👩‍👧𠝹咗手，", False),
        ("不想活了", True),
        ("🥀", False),
    ]


def test_overlapping_quotations_are_one_mark_with_all_their_signals() -> None:
    text = "他们堵我打我，昨天"
    pieces = mark_pieces(
        text, [quote(text, "打我", signal=Signal.SELF_HARM), quote(text, "堵我打", signal=Signal.BULLYING)]
    )
    assert [(each.text, each.signals) for each in pieces] == [
        ("他们", []),
        ("堵我打我", [Signal.BULLYING, Signal.SELF_HARM]),
        ("，昨天", []),
    ]


def test_neighbours_that_do_not_overlap_stay_apart() -> None:
    text = "堵我打我"
    pieces = mark_pieces(text, [quote(text, "堵我", signal=Signal.BULLYING), quote(text, "打我")])
    assert [each.text for each in pieces] == ["堵我", "打我"]


def test_a_quotation_that_does_not_quote_is_left_out() -> None:
    wrong = quote("不想活了", "不想活了")
    assert [each.evidence for each in mark_pieces("完全是别的话", [wrong])] == [()]


@given(data=st.data(), text=st.text(max_size=60))
def test_the_pieces_give_the_text_back(data: st.DataObject, text: str) -> None:
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text) + 3)), max_size=6)
    )
    evidence = [
        EvidenceView(
            signal=Signal.SUICIDE,
            start=start,
            end=end,
            text=text[start:end],
            source=EvidenceSource.CLASSIFIER,
            flags=[],
        )
        for start, end in spans
    ]
    pieces = mark_pieces(text, evidence)
    assert "".join(each.text for each in pieces) == text
    marked = "".join(each.text for each in pieces if each.evidence)
    covered = {index for each in evidence for index in range(each.start, min(each.end, len(text)))}
    assert marked == "".join(text[index] for index in sorted(covered))
