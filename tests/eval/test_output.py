import gzip
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.errors import UsageError
from eval.output import encode_line, open_output
from tests.eval.files import names_in


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_line_stays_one_line_and_keeps_the_text(text: str) -> None:
    encoded = encode_line({"text": text})
    assert encoded.decode("utf-8").splitlines() == [encoded.decode("utf-8").removesuffix("\n")]
    assert json.loads(encoded) == {"text": text}


def test_chinese_stays_readable() -> None:
    assert encode_line({"text": "难过"}) == '{"text":"难过"}\n'.encode()


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        encode_line({"score": float("nan")})


def test_file_appears_only_when_done(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old")
    with open_output(str(path)) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["out.jsonl"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"old")

    def fail() -> None:
        with open_output(str(path)) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["out.jsonl"]


def test_others_may_read_as_the_mask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with open_output(str(tmp_path / "out")) as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_link_keeps_pointing(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with open_output(str(tmp_path / "link")) as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_device_is_written_not_replaced() -> None:
    with open_output(os.devnull) as file:
        file.write(b"x")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_gz_is_packed(tmp_path: Path) -> None:
    with open_output(str(tmp_path / "out.jsonl.gz")) as file:
        file.write(b"x\n")
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == b"x\n"


def test_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with open_output("-") as file:
        file.write("好\n".encode())
    assert capsysbinary.readouterr().out == "好\n".encode()


@pytest.mark.parametrize("name", ["missing/out.jsonl", "."])
def test_what_cannot_be_written_is_a_usage_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be written"), open_output(str(tmp_path / name)):
        pass
