"""What templates load: of two filters or tags of one name the later would silently serve for both."""

import re
from collections import defaultdict
from importlib import import_module
from pathlib import Path

from django.template import engines

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
OURS = ("apps.", "kzmedia.")


def definitions(library: str) -> set[str]:
    """Return the filters and tags of a library, as they are written in a template."""
    register = import_module(engines["django"].engine.libraries[library]).register
    return {f"|{name}" for name in register.filters} | {f"%{name}" for name in register.tags}


def test_no_template_loads_two_of_one_name():
    twice = []
    for path in TEMPLATES.rglob("*.*"):
        homes = defaultdict(set)
        for names in re.findall(r"{% load ([^%]*?) %}", path.read_text()):
            for library in names.split():
                if engines["django"].engine.libraries.get(library, "").startswith(OURS):
                    for name in definitions(library):
                        homes[name].add(library)
        twice += [
            f"{path.name}: {name} of {sorted(where)}" for name, where in homes.items() if len(where) > 1
        ]
    assert twice == []
