import pytest

from apps.collectors import registry
from apps.common import http
from tests.platforms.server import Server


@pytest.fixture(scope="session")
def _local_platforms():
    with Server() as server:
        yield server


@pytest.fixture
def server(_local_platforms):
    """Provide the local platforms, knowing nobody and answering in full."""
    _local_platforms.world.reset()
    return _local_platforms


@pytest.fixture
def world(server):
    return server.world


@pytest.fixture
def collect(server):
    """Read what the texts name: one outcome each. Settings of the collector can be given by name."""

    def fetch(platform, *texts, **options):
        collector = registry.COLLECTORS[platform](
            **{**server.settings[platform], **options}, contact="a@b.kz"
        )
        targets = [text if not isinstance(text, str) else registry.parse(text, platform) for text in texts]
        return collector.fetch(targets)

    return fetch


@pytest.fixture
def impatient(monkeypatch):
    """Wait half a second, where a collector would wait for ten."""
    monkeypatch.setattr(http, "PHASE_SECONDS", 0.3)
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.5)
