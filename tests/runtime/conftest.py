import pytest

from tests.runtime.test_up import Installation, make_var


@pytest.fixture(scope="session")
def stopped():
    """The folder of an installation that was started from nothing and stopped. Others begin as copies of it:
    making a database and filling it takes longer than all the rest of a start."""
    installation = Installation(make_var())
    try:
        installation.start()
        said = installation.stop()
        assert installation.processes() == [], said
        yield installation.var
    finally:
        installation.remove()
