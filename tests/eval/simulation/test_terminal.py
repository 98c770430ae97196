"""Talking in the terminal, by what is typed."""

import io
from pathlib import Path

import pytest

from eval.__main__ import main
from tests.eval.pipelines import load_keywords, load_nothing
from triage.catalog import load_catalog

DANGER = "我不想活了，今天特别难过"


def talk(*typed: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    return main(["chat"], load=load_keywords)


def test_the_banner_is_honest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(monkeypatch=monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "nothing is stored, and no person is called" in shown
    numbers = load_catalog().resources
    assert all(numbers[key].number in shown for key in ("police", "ambulance", "youth_line", "psych_line"))
    assert shown.endswith("The talk has ended; nothing was stored.\n")


def test_answers_and_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(DANGER, "/why", "/quit", "没有人看", monkeypatch=monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "12355" in shown.split("\n\n", 1)[1]
    for part in (
        "category",
        "suicide",
        "level      MODERATE",
        "high_risk",
        "question   ",
        "slot       event",
    ):
        assert part in shown
    assert "escalate: " in shown


def test_why_before_anything_was_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk("/why", monkeypatch=monkeypatch)
    assert "Nothing was said yet." in capsys.readouterr().out


def test_a_number_sends_the_quick_reply(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk(DANGER, monkeypatch=monkeypatch)
    shown = capsys.readouterr().out
    first = shown.split("[1] ", 1)[1].split("  [2]", 1)[0].strip()
    talk(DANGER, "1", "/why", monkeypatch=monkeypatch)
    by_number = capsys.readouterr().out
    talk(DANGER, first, "/why", monkeypatch=monkeypatch)
    assert capsys.readouterr().out == by_number
    talk(DANGER, "99", "/why", monkeypatch=monkeypatch)
    assert capsys.readouterr().out != by_number


def test_reset_forgets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    talk(DANGER, "/reset", "/why", "你好", "/why", monkeypatch=monkeypatch)
    shown = capsys.readouterr().out.split("A new conversation.")[1]
    assert "Nothing was said yet." in shown
    assert "level      NONE" in shown


def test_blank_lines_and_unknown_commands_are_not_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talk("", "   ", "/nonsense now", "/why", monkeypatch=monkeypatch)
    shown = capsys.readouterr().out
    assert "There is no command /nonsense" in shown
    assert "Nothing was said yet." in shown


def test_bytes_that_are_no_text_do_not_end_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n/why\n"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", stream)
    assert main(["chat"], load=load_keywords) == 0
    assert "category" in capsys.readouterr().out


def test_without_a_model(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["chat", "--artefact", str(Path("nowhere"))], load=load_nothing) == 2
    assert capsys.readouterr().err.startswith("eval: ")
