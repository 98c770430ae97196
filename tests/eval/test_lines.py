import gzip
import io
from pathlib import Path

import pytest

from eval import lines
from eval.errors import UsageError
from eval.lines import Line, open_lines


def read(source: Path | str) -> list[Line]:
    with open_lines(str(source)) as numbered:
        return list(numbered)


def test_blank_lines_are_counted_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"one\n\n  \r\ntwo\r\nthree")
    found = [(line.number, line.content) for line in read(path)]
    assert found == [(1, b"one"), (4, b"two"), (5, b"three")]


def test_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n")
    assert [line.content for line in read(path)] == [b"one", b"\xef\xbb\xbftwo"]


@pytest.mark.parametrize("name", ["in.jsonl.gz", "in.jsonl"])
def test_gzip_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress("二\n".encode()))
    assert [line.content for line in read(path)] == [b"one", "二".encode()]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO(gzip.compress(b"one\ntwo\n"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(packed, encoding="utf-8"))
    assert [line.content for line in read("-")] == [b"one", b"two"]


def test_too_long_line_is_one_bad_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 8)
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"12345678\n" + b"x" * 50 + b"\nlast\n" + b"y" * 30)
    found = [(line.number, line.content) for line in read(path)]
    assert found == [(1, None), (2, None), (3, b"last"), (4, None)]


def test_broken_gzip_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "in.gz"
    path.write_bytes(gzip.compress(b"one\n" * 5000)[:-20])
    with pytest.raises(UsageError, match=r"in\.gz: broken gzip file"):
        read(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="directory"):
        read(tmp_path)
