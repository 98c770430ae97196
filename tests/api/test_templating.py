"""Templates escape everything, and nothing in them is inline."""

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from api.templating import TEMPLATES_PATH, page_templates

TEMPLATES = sorted(TEMPLATES_PATH.rglob("*.html"))


def test_values_are_escaped() -> None:
    template = page_templates().env.from_string('<p title="{{ text }}">{{ text }}</p>')
    assert template.render(text='"><script>') == (
        '<p title="&#34;&gt;&lt;script&gt;">&#34;&gt;&lt;script&gt;</p>'
    )


def test_a_misspelt_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        page_templates().env.from_string("{{ misspelt }}").render()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(TEMPLATES_PATH)))
def test_no_template_has_inline_script_or_style_or_skips_escaping(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", source)
    assert "|safe" not in source.replace(" ", "")
    assert "autoescape" not in source
