import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import triage.signals
from triage.errors import ContentError
from triage.labels import Signal
from triage.signals.hit import Strength
from triage.signals.lexicon import Lexicon, load_lexicon

SHIPPED = Path(triage.signals.__file__).parent
ENTRY = """entries:
  - key: test.rest
    signal: suicide
    strength: likely
    floor: 2
    patterns: [想歇歇]
    fires: [我想歇歇]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small valid lexicon: the shipped word lists and context, one entry of its own."""
    shutil.copy(SHIPPED / "lexicon.yaml", tmp_path)
    shutil.copy(SHIPPED / "context.yaml", tmp_path)
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases" / "own.yaml").write_text(ENTRY, encoding="utf-8")
    return tmp_path


def edited(old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        assert old in ENTRY
        (folder / "phrases" / "own.yaml").write_text(ENTRY.replace(old, new), encoding="utf-8")

    return edit


def replaced(name: str, content: str) -> Callable[[Path], None]:
    def replace(folder: Path) -> None:
        (folder / name).write_text(content, encoding="utf-8")

    return replace


def test_all_signals_and_strengths_are_covered(lexicon: Lexicon) -> None:
    assert {entry.signal for entry in lexicon.entries} == set(Signal)
    assert {entry.strength for entry in lexicon.entries} == set(Strength)


def test_disguises_alone_are_hints(lexicon: Lexicon) -> None:
    alone = {entry.key: entry.strength for entry in lexicon.entries}
    assert alone["suicide.disguised_word"] is Strength.HINT
    assert alone["suicide.emoji"] is Strength.HINT


def test_the_version_is_declared_and_follows_the_content(folder: Path) -> None:
    before = load_lexicon(folder).version
    assert load_lexicon(folder).version == before
    edited("想歇歇", "想歇一歇")(folder)
    after = load_lexicon(folder).version
    declared, digest = after.split("+")
    assert before.startswith(declared + "+")
    assert len(digest) == 8
    assert after != before


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(
            edited("signal: suicide", "signal: sadness"), "own.yaml: entry 'test.rest': signal", id="signal"
        ),
        pytest.param(
            edited("strength: likely", "strength: sure"), "entry 'test.rest': strength", id="strength"
        ),
        pytest.param(edited("floor: 2", "floor: 7"), "entry 'test.rest': floor .* 1 to 4", id="floor"),
        pytest.param(edited("floor: 2", "floor: true"), "floor must be a whole number", id="floor is true"),
        pytest.param(edited("    floor: 2\n", ""), "entry 'test.rest': floor is missing", id="no floor"),
        pytest.param(edited("patterns: [想歇歇]", "patterns: []"), "patterns is empty", id="no patterns"),
        pytest.param(edited("[想歇歇]", "[想歇歇, 想歇歇]"), "the same text twice", id="pattern twice"),
        pytest.param(edited("[想歇歇]", "[想(歇歇]"), "pattern '想\\(歇歇': cannot read", id="bad pattern"),
        pytest.param(edited("[想歇歇]", "[748]"), "list of texts", id="number for a text"),
        pytest.param(edited("[想歇歇]", "想歇歇"), "list of texts", id="text for a list"),
        pytest.param(edited("fires: [我想歇歇]", "fires: []"), "fires is empty", id="no example"),
        pytest.param(
            edited("    floor: 2", "    flor: 2\n    floor: 2"), "unknown field flor", id="misspelt field"
        ),
        pytest.param(edited("    floor: 2", "    floor: 2\n    floor: 3"), "given twice", id="field twice"),
        pytest.param(
            edited("  - key: test.rest\n    ", "  - "), "entry number 1: key is missing", id="no key"
        ),
        pytest.param(replaced("phrases/own.yaml", "[]"), "own.yaml: must be a mapping", id="a list"),
        pytest.param(
            replaced("phrases/own.yaml", "entries: {}"), "entries must be a list", id="entries no list"
        ),
        pytest.param(
            replaced("phrases/own.yaml", "entries: [1]"), "entry number 1: must be a mapping", id="entry"
        ),
        pytest.param(replaced("phrases/own.yaml", "a: b: c"), "own.yaml: is not YAML", id="not YAML"),
        pytest.param(
            replaced("phrases/own.yaml", "a: !!python/name:os.system"), "is not YAML", id="Python object"
        ),
        pytest.param(
            replaced("lexicon.yaml", "words: {}\nsounds: {}"),
            "lexicon.yaml: version is missing",
            id="version",
        ),
        pytest.param(
            replaced("lexicon.yaml", "version: '1'\nwords: {}\nsounds: {a: xyz}"),
            "syllable that no character",
            id="sound",
        ),
        pytest.param(
            replaced("context.yaml", "rules: []"), "context.yaml: terminators is missing", id="context"
        ),
        pytest.param(replaced("phrases/more.yaml", ENTRY), "'test.rest' is given to two", id="key twice"),
    ],
)
def test_mistakes_are_named(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    load_lexicon(folder)
    spoil(folder)
    with pytest.raises(ContentError, match=message):
        load_lexicon(folder)


def test_a_file_that_is_not_utf8(folder: Path) -> None:
    (folder / "phrases" / "own.yaml").write_bytes("想".encode("gb18030"))
    with pytest.raises(ContentError, match=r"own\.yaml: cannot be read"):
        load_lexicon(folder)


@pytest.mark.parametrize("name", ["lexicon.yaml", "context.yaml"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ContentError, match=f"{name}: cannot be read"):
        load_lexicon(folder)


def test_a_folder_without_phrases(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"phrases/\*\.yaml"):
        load_lexicon(tmp_path)
