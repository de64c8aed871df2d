"""What befalls a machine: everything killed in any order, a full disk. Nothing is lost, and pages answer again."""

import os
import random
import tempfile
from pathlib import Path

import httpx
import psutil
import pytest

from tests.runtime import disks
from tests.runtime.processes import wait_for
from tests.runtime.test_up import PARTS, Installation, copy_of

pytestmark = [pytest.mark.faults, pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")]

ROWS = """from django.db.models import Sum; from apps.snapshots.models import Snapshot
print(Snapshot.objects.count(), Snapshot.objects.values("account", "day", "span").distinct().count(), Snapshot.objects.aggregate(Sum("followers")))"""
WRITE = """from django.db import connection
connection.cursor().execute("CREATE TABLE much AS SELECT repeat(md5(i::text), 99) FROM generate_series(1, {}) i")"""


def rows(site):
    return site.manage("shell", "-v0", "-c", ROWS)


def page(site, path="/en/groups/abenov-vs-agencies/"):
    return httpx.get(f"http://127.0.0.1:{site.port}{path}", timeout=60)


@pytest.fixture
def site(stopped):
    installation = Installation(copy_of(stopped))
    try:
        installation.start()
        yield installation
    finally:
        installation.remove()


@pytest.mark.parametrize("seed", range(int(os.environ.get("DISASTERS", "1"))))
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
        wait_for(lambda killed=killed: not any(part.is_running() for part in killed), 120, "their end")
        wait_for(site.has_all_parts, 120, f"all parts after {names[:together]} were killed")
        _gone, alive = psutil.wait_procs(children, timeout=120)
        assert alive == []
    assert rows(site) == before
    assert "64,000" in page(site).text
    assert site.process.poll() is None


@pytest.fixture
def small_disk(stopped):
    """Provide an installation on a disk of its own, with some tens of megabytes to spare."""
    place = Path(tempfile.mkdtemp(prefix="kzm-", dir="/tmp"))
    try:
        with disks.mounted(place, "size=300m,mode=755"):
            installation = Installation(place / "var")
            try:
                disks.run("cp", "-a", f"{stopped}/.", place / "var").check_returncode()
                installation.start()
                yield installation
            finally:
                installation.remove()
    finally:
        place.rmdir()


def test_a_full_disk_loses_nothing_and_pages_go_on(small_disk):
    site = small_disk
    before = rows(site)
    ballast = site.var / "ballast"
    disks.fill(ballast, 65536)
    answers = [page(site).status_code for _ in range(5)]
    assert set(answers) <= {200, 503}
    refused = site.run("shell", "-v0", "-c", WRITE.format(100_000))
    assert "No space left on device" in refused.stdout
    assert site.process.poll() is None, "the whole came down"
    ballast.unlink()
    wait_for(lambda: site.has_all_parts() and page(site).status_code == 200, 120, "the site with room again")
    assert rows(site) == before
    site.manage("shell", "-v0", "-c", WRITE.format(10))
