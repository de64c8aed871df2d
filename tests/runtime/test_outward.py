"""Who may speak to other hosts: a list, so that a new way out is seen."""

import ast

from django.conf import settings

WAYS = {"socket", "urllib.request", "http.client", "smtplib", "ftplib", "httpx", "httpcore", "requests", "aiohttp", "urllib3"}  # fmt: skip
ALLOWED = {
    "apps/common/http.py": {"httpx", "httpcore", "socket"},  # every request to another host
    "apps/common/mailing.py": {"smtplib"},  # names of errors only: Django sends
}


def imported(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{name.name}" for name in node.names))


def test_nothing_else_calls_out():
    found = {}
    for file in sorted((settings.BASE_DIR / "apps").rglob("*.py")):
        ways = WAYS & set(imported(file))
        if ways:
            found[str(file.relative_to(settings.BASE_DIR))] = ways
    assert found == ALLOWED
