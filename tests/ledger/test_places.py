"""What is written under VAR_DIR has a place of its own wherever the product runs."""

import os
import re
import stat
from pathlib import Path

import pytest
from django.conf import settings

from apps.exports import package
from apps.ledger import keys
from kzmedia.processes import accounts

WRITTEN = [keys.place().name, package.place().name, "pictures"]
COMPOSE = (settings.BASE_DIR / "docker-compose.yml").read_text()
DOCKERFILE = (settings.BASE_DIR / "Dockerfile").read_text()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_folder_has_a_volume_an_owner_and_a_user(name):
    assert f"{name}:/app/var/{name}" in COMPOSE  # nothing else of the image can be written to
    assert f"\n  {name}:\n" in COMPOSE[COMPOSE.rindex("\nvolumes:") :]
    for line in re.findall(r"(?:mkdir -p|chown kzmedia) .*", DOCKERFILE):
        assert f"var/{name}" in line.split()
    assert name in accounts.PLACES


def test_the_key_is_the_worker_s_alone():
    held_by = [part for part in re.split(r"\n  (?=\w+:\n)", COMPOSE) if "/app/var/ledger" in part]
    assert [part.partition(":")[0] for part in held_by] == ["worker"]
    assert accounts.PLACES["ledger"] == accounts.WORKER
    assert accounts.OPEN["ledger"] == 0o700


def test_what_root_makes_the_worker_can_read(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    keys.current()
    file = keys.place() / "key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    if Path("/proc").exists() and file.stat().st_uid == 0:  # by root, in a folder of another
        os.chown(keys.place(), 10, 10)
        file.unlink()
        keys.current()
        assert (file.stat().st_uid, file.stat().st_gid) == (10, 10)
