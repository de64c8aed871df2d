import fcntl
import os
from contextlib import suppress
from pathlib import Path

import pytest

from tests.runtime.test_up import Installation


@pytest.fixture(scope="session")
def stopped(testrun_uid, tmp_path_factory):
    """The folder of an installation that was started from nothing and stopped. Others begin as copies of it:
    making a database and filling it takes longer than all the rest of a start.

    All workers of a run share it: the first to ask makes it, the last to leave removes it.
    """
    var = Path(f"/tmp/kzm-{testrun_uid[:12]}")  # noqa: S108 short, and open to the servers' user
    installation = Installation(var)
    with (tmp_path_factory.getbasetemp().parent / f"{var.name}.lock").open("a+") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX)
            if not os.path.getsize(users.name):
                var.mkdir(mode=0o755)
                installation.start()
                said = installation.stop()
                assert installation.processes() == [], said
                users.write("made")
                users.flush()
            fcntl.flock(users, fcntl.LOCK_SH)
            yield var
        finally:
            with suppress(BlockingIOError):  # another worker uses it still
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                users.truncate(0)
                installation.remove()
