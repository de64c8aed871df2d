import fcntl
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runtime.test_up import Installation


@pytest.fixture(scope="session")
def stopped(testrun_uid, tmp_path_factory):
    """Provide the folder of an installation that was started from nothing and stopped. Others begin as copies of it:
    making a database and filling it takes longer than all the rest of a start.

    All workers of a run share it: the first to ask makes it, the last to leave removes it.
    """
    var = Path(f"/tmp/kzm-{testrun_uid[:12]}")  # noqa: S108 short, and open to the servers' user
    locks = tmp_path_factory.getbasetemp().parent
    with (locks / f"{var.name}.users").open("w") as users:
        with locked(locks / f"{var.name}.lock"):
            if not var.exists():
                make(var)
            fcntl.flock(users, fcntl.LOCK_SH)
        yield var
        with locked(locks / f"{var.name}.lock"):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # another worker uses it still
            Installation(var).remove()


def make(var):
    var.mkdir(mode=0o755)
    installation = Installation(var)
    try:
        installation.start()
        said = installation.stop()
        assert installation.processes() == [], said
    except BaseException:
        installation.remove()
        raise


@contextmanager
def locked(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
