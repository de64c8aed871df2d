import pytest

from tests.platforms.server import Server


@pytest.fixture(scope="session")
def _local_platforms():
    with Server() as server:
        yield server


@pytest.fixture
def server(_local_platforms):
    """The local platforms, knowing nobody and answering in full."""
    _local_platforms.world.reset()
    return _local_platforms


@pytest.fixture
def world(server):
    return server.world
