"""The house rules that a machine can see (docs/design.md)."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("triage", "models", "api", "eval", "scripts", "tests")
CEILING, TEST_CEILING, FUNCTION_CEILING = 400, 500, 60
SENTENCE = re.compile(r"(?=.*[，。！？：])[\u4e00-\u9fff][\u4e00-\u9fff，。、！？：]{5,}")
WRITTEN_BY_THE_YOUNG = {"最近总是睡不着，想找人说说话"}
"""Examples of what comes in, in the description of the interface; nobody is answered with them."""
BANNED_NAMES = {"utils", "helpers", "common", "manager", "handler", "misc"}


def modules(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name)
def test_no_module_grows_beyond_its_ceiling(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= (TEST_CEILING if path.is_relative_to(ROOT / "tests") else CEILING)


def test_nine_modules_in_ten_are_small() -> None:
    lengths = [
        len(path.read_text(encoding="utf-8").splitlines())
        for path in modules("triage", "models", "api", "eval")
    ]
    assert sum(length <= 250 for length in lengths) >= 0.9 * len(lengths)


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [name(path) for path in modules(*PACKAGES) if path.stem in BANNED_NAMES]


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert not [name(folder) for folder in folders if not (folder / "__init__.py").exists()]


def strings_outside_docstrings(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                docstrings.add(id(statement.value))
        assert not isinstance(node, documented) or isinstance(body, list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("path", modules("triage", "api"), ids=name)
def test_no_sentence_for_a_young_person_stands_in_code(path: Path) -> None:
    said = set(strings_outside_docstrings(path)) - WRITTEN_BY_THE_YOUNG
    assert not [text for text in said if SENTENCE.search(text)]


def test_the_rule_on_sentences_can_fail(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        '"""说明可以写中文句子。"""\nREPLY = "你好，我在这里听你说"\n', encoding="utf-8"
    )
    found = [text for text in strings_outside_docstrings(tmp_path / "bad.py") if SENTENCE.search(text)]
    assert found == ["你好，我在这里听你说"]


def test_import_contracts_hold() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", ["api.main", "eval.__main__", "eval.predict", "triage.pipeline"])
def test_service_and_prediction_run_without_torch_and_without_the_test_extras(module: str) -> None:
    code = (
        f"import sys, importlib; importlib.import_module({module!r}); "
        "sys.exit(','.join({'torch', 'sklearn', 'matplotlib', 'onnx', 'transformers'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_page_or_style_names_another_origin() -> None:
    files = [
        path
        for suffix in ("html", "css", "js")
        for path in (ROOT / "api").rglob(f"*.{suffix}")
        if "vendor" not in path.parts
    ]
    assert files
    foreign = re.compile(
        r"(?:src|href|action)=[\"']?(?:https?:)?//|url\(\s*[\"']?(?:https?:)?//|import\([\"']https?:"
    )
    assert not [name(path) for path in files if foreign.search(path.read_text(encoding="utf-8"))]
