"""Every icon that a template or a module names is one that Lucide draws."""

import re
from pathlib import Path

import pytest

from crm.shared import icons

ROOT = Path(__file__).parents[2]
IN_TEMPLATE = re.compile(
    r'{% (?:icon|empty) "([a-z0-9-]+)"|icon="([a-z0-9-]+)"|{% (?:chip|note) "[^"]*" "([a-z0-9-]+)"'
)
IN_MODULE = re.compile(r'\bicon(?:="|: str = ")([a-z0-9-]+)"')


def named(pattern, folders, kind):
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob(kind)))
    found = (match for file in files for match in pattern.findall(file.read_text()))
    return {
        name for match in found for name in ([match] if isinstance(match, str) else match) if name
    }


def test_every_icon_of_a_template_is_there():
    names = named(IN_TEMPLATE, ["templates"], "*.html")

    assert "x" in names
    for name in names:
        assert icons.shapes(name)


def test_every_icon_of_a_module_is_there():
    for name in named(IN_MODULE, ["crm", "deals", "followups", "reviews", "referrals"], "*.py"):
        assert icons.shapes(name)


@pytest.mark.parametrize("size", icons.SIZE_CLASSES)
def test_an_icon_comes_in_few_sizes(size):
    assert icons.draw("x", size=size).startswith('<svg class="i')
