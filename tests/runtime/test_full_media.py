"""A disk without room under what people send and what is made of it: nothing is lost, and a sentence says so."""

import gzip
import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.backoffice import manual_entry
from apps.common import file_store
from apps.exports import editions
from apps.exports.models import Edition
from apps.figures import pictures
from apps.intake.models import ImportBatch
from apps.snapshots.models import Screenshot, Snapshot
from apps.users.models import User
from kzmedia.backups import making
from kzmedia.backups.archive import BackupRefused
from tests.builders import make_account, make_snapshot, make_source
from tests.runtime import disks

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(400_000) + b"IEND\xaeB`\x82"


@pytest.fixture
def disk(settings, tmp_path):
    """Provide VAR_DIR on a disk of its own, filled to the last byte; `disk.unlink()` makes room."""
    place = tmp_path / "var"
    place.mkdir()
    with disks.mounted(place, "size=2m"):
        settings.VAR_DIR, settings.BACKUP_DIR = place, place / "backups"
        ballast = place / "ballast"
        disks.fill(ballast, 4096)
        yield ballast


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("editor"))
    return client


def files(disk):
    return sorted(file.name for file in disk.parent.rglob("*") if file.is_file() and file != disk)


def test_a_screenshot_finds_no_room_and_its_number_is_kept(disk, desk):
    account = make_account("a", "tiktok")
    desk.post("/admin/round/", {"take": "1"})
    named = {"count": "76K", "state": "counted", "evidence": "https://example.com/page"}
    sent = {f"a{account.pk}-{name}": value for name, value in named.items()}
    shot = {f"a{account.pk}-picture": SimpleUploadedFile("a.png", PNG)}
    answer = desk.post("/admin/round/", sent | shot, follow=True)
    assert "was recorded, its picture was not: the server&#x27;s disk has no room" in answer.content.decode()
    assert Snapshot.objects.get().followers == 76_000
    assert (Screenshot.objects.count(), files(disk)) == (0, [])
    disk.unlink()
    shot = manual_entry.keep_picture(account, None, manual_entry.picture(PNG), User.objects.get())
    assert file_store.place_of(manual_entry.name_of(shot)).read_bytes() == PNG


def test_a_file_of_past_counts_finds_no_room(disk, desk):
    source = make_source("press")
    rows = "actor,platform,day,followers\n" + "a,tiktok,2020-01-01,5\n" * 20_000
    sent = {"source": source.pk, "platform": "", "file": SimpleUploadedFile("a.csv", rows.encode())}
    answer = desk.post("/admin/import/", sent)
    assert answer.status_code == 507
    assert "There is no room on the server&#x27;s disk. Nothing was kept." in answer.content.decode()
    assert (ImportBatch.objects.count(), files(disk)) == (0, [])


def test_a_picture_is_shown_though_it_cannot_be_kept(disk):
    pictures.keep("key", "png", PNG)
    assert pictures.recall("key", "png") is None
    assert files(disk) == []
    disk.unlink()
    pictures.keep("key", "png", PNG)
    assert pictures.recall("key", "png") == PNG


def test_an_edition_that_finds_no_room_is_none_and_is_made_the_next_day(disk):
    make_snapshot(make_account("a"), "2020-01-01", 5, note=os.urandom(40_000).hex())
    with pytest.raises(OSError, match="No space left"):
        editions.freeze_dataset()
    assert (Edition.objects.count(), files(disk)) == (0, [])
    disk.unlink()
    made = editions.freeze_dataset()
    assert b"2020-01-01" in gzip.decompress(file_store.place_of(editions.name_of(made.file)).read_bytes())


def test_a_backup_that_finds_no_room_leaves_the_former_one(disk):
    disk.unlink()
    former = making.nightly().place
    before = former.read_bytes()
    disk.write_bytes(bytes(2 * 1024 * 1024 - len(before) - 64 * 1024))
    with pytest.raises(BackupRefused, match="No space left"):
        making.make(former.with_name("kzmedia-2030-01-01.tar"))
    assert files(disk) == [former.name]
    assert former.read_bytes() == before
