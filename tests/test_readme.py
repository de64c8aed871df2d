"""What the README says of settings and commands is what the code has."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
READ = re.compile(r"""(?:_?env(?:\.[a-z]+)?|environ\.get)\(\s*["']([A-Z][A-Z0-9_]+)["']""")
# Set by one part of the product for another, or by tools; nobody sets them by hand.
INNER = {"DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR"}


def variables():
    """Return every environment variable that kzmedia reads. That a secret may lie in NAME_FILE is said above the
    table."""
    found = {name for file in (ROOT / "kzmedia").rglob("*.py") for name in READ.findall(file.read_text())}
    return {name for name in found if not name.endswith("_FILE")} - INNER


def documented():
    return set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", README, re.MULTILINE))


def test_every_variable_is_in_the_table_and_no_other():
    assert len(variables()) > 20
    assert documented() == variables()


def commands():
    found = {
        file.stem
        for folder in ("apps", "kzmedia")
        for file in (ROOT / folder).glob("**/management/commands/*.py")
    }
    return sorted(found - {"__init__"})


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command):
    assert f"`manage.py {command}" in README


def test_every_page_it_names_exists():
    for target in re.findall(r"\]\(((?!http)[^)#]+)\)", README):
        assert (ROOT / target).exists(), target
