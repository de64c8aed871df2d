"""Everything is killed, in any order and at once: nothing is lost, and pages answer again."""

import random
from pathlib import Path

import httpx
import psutil
import pytest

from tests.runtime.processes import wait_for
from tests.runtime.test_up import PARTS, Installation, copy_of

pytestmark = [pytest.mark.faults, pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")]

ROWS = """from apps.tracking.models import Snapshot, Source
print(Snapshot.objects.count(), Snapshot.objects.values("account", "day", "span").distinct().count(), Source.objects.count())"""


def rows(site):
    return site.manage("shell", "-v0", "-c", ROWS)


def page(site, path="/en/groups/abenov-vs-agencies/"):
    return httpx.get(f"http://127.0.0.1:{site.port}{path}", timeout=20)


@pytest.fixture
def site(stopped):
    installation = Installation(copy_of(stopped))
    try:
        installation.start()
        yield installation
    finally:
        installation.remove()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_in_any_order_all_at_once_and_one_after_another(site, seed):
    """Of each part also what it started: a worker's children go with it, or are left for the supervisor to end."""
    chance = random.Random(seed)  # noqa: S311 the same order each time
    before = rows(site)
    names = list(PARTS)
    for together in (len(names), 2, 1):
        chance.shuffle(names)
        killed = [site.part(name) for name in names[:together]]
        children = [child for part in killed for child in part.children(recursive=True)]
        for process in killed + chance.sample(children, len(children) // 2):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        wait_for(lambda killed=killed: not any(part.is_running() for part in killed), 10, "their end")
        wait_for(site.has_all_parts, 60, f"all parts after {names[:together]} were killed")
        _gone, alive = psutil.wait_procs(children, timeout=10)
        assert alive == []
    assert rows(site) == before
    assert "64,000" in page(site).text
    assert site.process.poll() is None
