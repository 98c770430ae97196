"""A view of a normalised text for matching: separators dropped, pauses reduced to three marks.

Young people write 自·杀, 自 杀 or 想/死 to get past filters; a phrase must match all the same. What
ends a clause or a sentence stays as a mark, so that no phrase runs across it.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from triage.normalize import NormalizedText

CLAUSE, SENTENCE, QUESTION = ",", "。", "?"
MARKS = frozenset({CLAUSE, SENTENCE, QUESTION})
_CLAUSE_SIGNS = frozenset(",;:、؛،")
_SENTENCE_SIGNS = frozenset("。!")
_NOISE_SIGNS = frozenset(" ·.・•_-—–―/\\|*~^+=`'\"“”‘’«»「」『』《》〈〉【】〔〕()[]{}<>丶¤§°¦¬")
_SIGNS: dict[str, str] = {
    "?": QUESTION,
    **dict.fromkeys(_SENTENCE_SIGNS, SENTENCE),
    **dict.fromkeys(_CLAUSE_SIGNS, CLAUSE),
    **dict.fromkeys(_NOISE_SIGNS, ""),
}
_CHAR = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_PAUSE = r"[^\w\u3400-\u9fff\U00020000-\U0003ffff]{1,8}"
_SPACED_OUT = re.compile(rf"(?<!{_CHAR}){_CHAR}(?:{_PAUSE}{_CHAR}(?!{_CHAR})){{2,2000}}")
_NEWLINES = frozenset("\n\r\u0085\u2028\u2029")


@dataclass(frozen=True, slots=True)
class CompactText:
    """The matching view: ``text[i]`` is character ``index[i]`` of the normalised text.

    ``clause_edges`` and ``sentence_edges`` are rising positions of ``text``, from 0 to its length,
    between which the clauses and the sentences lie; a blank that reads like a comma ends a clause.
    """

    normalized: NormalizedText
    text: str
    index: tuple[int, ...]
    clause_edges: tuple[int, ...]
    sentence_edges: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The slice of the original text behind ``text[start:end]``, in code points."""
        if start >= end:
            return (0, 0)
        return self.normalized.original_span(self.index[start], self.index[end - 1] + 1)

    def splits_word(self, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` begins or ends inside a run of Latin letters or of digits."""
        text, first, last = self.normalized.text, self.index[start], self.index[end - 1]
        return (first > 0 and _same_run(text[first - 1], text[first])) or (
            last + 1 < len(text) and _same_run(text[last], text[last + 1])
        )

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The clause, or the run of clauses, that holds ``text[start:end]``."""
        return _between(self.clause_edges, start, end)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """The sentence, or the run of sentences, that holds ``text[start:end]``."""
        return _between(self.sentence_edges, start, end)


def _between(edges: tuple[int, ...], start: int, end: int) -> tuple[int, int]:
    return edges[bisect_right(edges, start) - 1], edges[bisect_left(edges, max(end, start + 1))]


def _same_run(left: str, right: str) -> bool:
    if not (left.isascii() and right.isascii()):
        return False
    return (left.isalpha() and right.isalpha()) or (left.isdigit() and right.isdigit())


def _mark(text: str, at: int, original: str) -> str:
    """The mark that stands for a sign; "" when the sign is dropped."""
    char = text[at]
    if char == " " and original in _NEWLINES:
        return SENTENCE
    if char == "." and ".." in text[max(0, at - 1) : at + 2]:
        return CLAUSE
    return _SIGNS[char]


def _reads_like_comma(text: str, at: int) -> bool:
    """Whether the blank at ``at`` stands between two stretches of Chinese of two characters or more."""
    before, after = text[max(0, at - 2) : at], text[at + 1 : at + 3]
    return len(before) == 2 and len(after) == 2 and all(ord(char) > 0x2E7F for char in before + after)


def _spaced_out(text: str) -> bytearray:
    """A flag per character: 1 inside a run of single characters set apart, like 不。想。活."""
    flags = bytearray(len(text))
    for run in _SPACED_OUT.finditer(text):
        for at in range(run.start(), run.end()):
            flags[at] = not re.match(_CHAR, text[at])
    return flags


def compact_text(normalized: NormalizedText) -> CompactText:
    """Drop separators, keep the way back to the original; linear in the length of the text."""
    text, original = normalized.text, normalized.original
    dropped = _spaced_out(text)
    chars: list[str] = []
    index: list[int] = []
    blanks: list[int] = []
    for at in range(len(text)):
        if dropped[at]:
            continue
        if text[at] not in _SIGNS:
            chars.append(text[at])
            index.append(at)
            continue
        mark = _mark(text, at, original[normalized.starts[at]])
        if mark and chars and chars[-1] in MARKS:
            chars[-1] = SENTENCE if SENTENCE in (mark, chars[-1]) else mark
        elif mark:
            chars.append(mark)
            index.append(at)
        elif text[at] == " " and _reads_like_comma(text, at):
            blanks.append(len(chars))
    compact = "".join(chars)
    marks = [at + 1 for at, char in enumerate(compact) if char in MARKS]
    ends = [at for at in marks if compact[at - 1] != CLAUSE]
    return CompactText(
        normalized,
        compact,
        tuple(index),
        tuple(sorted({0, *marks, *blanks, len(compact)})),
        tuple(sorted({0, *ends, len(compact)})),
    )
