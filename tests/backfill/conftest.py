from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.collectors import patience
from tests.collectors.conftest import _local_platforms, server, world
from tests.platforms import wayback, wikidata

__all__ = ["_local_platforms", "server", "world"]
PAGES = Path(__file__).parent / "pages"


@pytest.fixture(autouse=True)
def _archives(server, settings, tmp_path, monkeypatch):
    """Let both archives be the local ones, asked at once; what was asked is kept in an empty folder."""
    settings.WAYBACK_URL = server.at("wayback")
    settings.WIKIDATA_URL = server.at("wikidata")
    settings.WIKIDATA_QUERY_URL = server.at("wikidata-query")
    settings.COLLECT_WINDOWS = False
    settings.CONTACT = "press@example.kz"
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(patience, "BACK_OFF", 0.01)


@pytest.fixture
def keep(world):
    """Give the archive this capture: an address, an instant, and a page of tests/backfill/pages or its text."""

    def keep(original, timestamp, name="", body=None, **more):
        page = (PAGES / f"{name}.html").read_bytes() if name else (body or "")
        wayback.keep(world, original, timestamp, page, **more)

    return keep


@pytest.fixture
def know(world):
    return lambda item, *statements, **more: wikidata.know(world, item, *statements, **more)


@pytest.fixture
def run():
    """Provide what the command says, line by line; a refusal as its last line."""

    def run(*words):
        out = StringIO()
        try:
            call_command("backfill", *words, stdout=out)
        except CommandError as error:
            return [*out.getvalue().splitlines(), f"error: {error}"]
        return out.getvalue().splitlines()

    return run
