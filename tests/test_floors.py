"""The house (docs/architecture.md): imports are held by import-linter's contract; here is what it cannot see."""

import ast
import re
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 450  # lines of a module: what one reads in one sitting
FRAMEWORK = {"Command", "Media", "Meta"}  # Django looks classes up by these names


def floors() -> dict[str, int]:
    """Return each app's floor, the lowest 0, as pyproject.toml's contract has it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == "Floors")
    return {
        room.strip(): level
        for level, layer in enumerate(reversed(layers))
        for room in re.split("[|:]", layer)
    }


def owners() -> dict[str, str]:
    """Return whose each table is: the app's name, by the table's."""
    return {
        model._meta.db_table: config.name.removeprefix("apps.")
        for config in apps.get_app_configs()
        if config.name.startswith("apps.")
        for model in config.get_models(include_auto_created=True)
    }


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def texts(tree: ast.AST) -> list[str]:
    """Return the strings of a module but its docstrings, of f-strings the parts between the braces."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def modules() -> list[Path]:
    return [path for path in sorted((ROOT / "apps").rglob("*.py")) if "migrations" not in path.parts]


def product() -> list[Path]:
    return [*modules(), *sorted((ROOT / "kzmedia").rglob("*.py"))]


def test_sql_names_tables_of_its_own_floor_and_lower_ones():
    floor, owner = floors(), owners()
    known = re.compile(r"\b(" + "|".join(sorted(map(re.escape, owner), key=len, reverse=True)) + r")\b")
    named, upward = 0, []
    for path in modules():
        room = path.relative_to(ROOT / "apps").parts[0]
        for text in texts(parse(path)):
            for table in known.findall(text):
                named += 1
                if owner[table] != room and floor[owner[table]] >= floor[room]:
                    upward.append(f"{path.relative_to(ROOT)}: {table} is {owner[table]}'s")
    assert named > 100, "no SQL was read"
    assert upward == []


def test_every_room_has_its_floor():
    rooms = {path.name for path in (ROOT / "apps").iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(floors())


def test_modules_can_be_read_in_one_sitting():
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in product()}
    assert len(lines) > 400
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_a_class_name_stands_for_two_things_at_the_most():
    places = defaultdict(list)
    for path in product():
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ClassDef) and node.name not in FRAMEWORK:
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(places) > 600
    assert {name: lines for name, lines in places.items() if len(lines) > 2} == {}


def test_the_map_leads_to_files_that_are_there():
    pages = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"]
    named = {
        name.rstrip("/.")
        for page in pages
        for name in re.findall(r"\b(?:apps|kzmedia|tests|templates|docs)/[\w./]+", page.read_text())
    }
    assert len(named) > 40
    assert {name for name in named if not (ROOT / name).exists()} == set()
