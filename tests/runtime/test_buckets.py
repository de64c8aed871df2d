"""Hosts that share a bucket see each other's files; a bucket that does not answer costs a 503 with its reason."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.backoffice import manual_entry
from apps.backoffice.manual_entry import Picture
from apps.common import file_store, shared_files, upkeep
from apps.exports import editions, package
from apps.figures import pictures
from apps.intake import imports, kept_lists
from apps.intake.models import ImportBatch
from apps.snapshots.models import Screenshot
from kzmedia.backups import making
from kzmedia.monitoring import readiness
from tests import s3
from tests.builders import make_account, make_snapshot
from tests.runtime.test_shared_files import forget

ADDRESS = "s3://files/of/site"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 5000


@pytest.fixture(scope="module")
def server():
    with s3.running("files") as (address, _):
        yield address


class Hosts:
    """Two hosts of one site: each has a folder of its own, and both the bucket."""

    def __init__(self, settings, folder):
        self.settings, self.folder = settings, folder
        self.to("one")

    def to(self, name):
        self.settings.VAR_DIR = self.folder / name
        self.settings.BACKUP_DIR = self.folder / name / "backups"
        self.settings.BACKUP_DIR.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def hosts(settings, tmp_path, server):
    share(settings, server)
    yield Hosts(settings, tmp_path)
    share(settings, server)
    for found in list(file_store.look("")):
        file_store.remove(found.name)


def share(settings, server):
    settings.S3_ENDPOINT, settings.SHARED_FILES = server, ADDRESS
    settings.BACKUP_SEND_TO = f"{ADDRESS}/backups"
    settings.STORAGES = settings.STORAGES | {
        "shared": {"BACKEND": "apps.common.buckets.Bucket", "OPTIONS": {"address": ADDRESS}}
    }


@pytest.fixture
def gone(settings, hosts):
    """Return what has the bucket not answer from then on."""

    def lose():
        settings.S3_ENDPOINT = "http://127.0.0.1:9"  # nobody listens there
        settings.STORAGES = dict(settings.STORAGES)

    return lose


def names():
    return [found.name for found in file_store.look("")]


@pytest.mark.django_db
def test_a_picture_that_one_host_received_another_sends(hosts, admin_client, gone):
    account = make_account("odd")
    admin = admin_client.get("/en/").wsgi_request.user
    shot = manual_entry.keep_picture(account, None, Picture(PNG, "png"), by=admin)
    assert names() == [f"media/screenshots/{shot.pk.hex}.png"]
    assert not [file for file in hosts.folder.rglob("*") if file.is_file()]
    hosts.to("two")
    address = reverse("admin:backoffice_screenshot", args=[shot.pk])
    answer = admin_client.get(address)
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Length"] == str(len(PNG))
    gone()
    answer = admin_client.get(address)
    assert answer.status_code == 503
    assert "does not see the folder that the servers share" in answer.content.decode()
    with pytest.raises(OSError, match="Could not connect"):
        manual_entry.keep_picture(account, None, Picture(PNG, "png"), by=admin)
    assert Screenshot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_edition_and_a_package_of_one_host_are_another_s(hosts, client, gone):
    make_snapshot(make_account("odd"), "2020-01-01", 1234)
    made = editions.freeze_dataset()
    package.make(date(2026, 12, 1))
    hosts.to("two")
    assert editions.verify(made)
    first = b"".join(client.get(reverse("exports:edition", args=[made.key, "csv.gz"])).streaming_content)
    assert first.startswith(b"\x1f\x8b")
    monthly = b"".join(client.get("/data/package-2026-12.zip").streaming_content)
    package.make(date(2026, 12, 2))
    assert b"".join(client.get("/data/package-2026-12.zip").streaming_content) == monthly
    assert client.get("/data/package-2026-11.zip").status_code == 404
    assert client.get(reverse("dashboard:edition", args=[made.key])).status_code == 200
    gone()
    assert client.get(reverse("exports:edition", args=[made.key, "csv.gz"])).status_code == 503
    assert client.get("/data/package-2026-12.zip").status_code == 503
    assert not editions.verify(made)


@pytest.mark.django_db
def test_a_table_that_one_host_received_another_looks_through(hosts):
    sent = io.BytesIO(b"date,url,followers\n2026-01-01,https://t.me/odd,5\n")
    batch = imports.receive(sent, "counts.csv", source=None)
    kept, token = kept_lists.keep("https://t.me/odd\n", owner=7)
    hosts.to("two")
    assert imports.check(batch).stage != ImportBatch.Stage.REFUSED
    assert kept_lists.find(token, 8) is None
    assert list(kept_lists.find(token, 7).records()) == list(kept.records())
    imports.discard(batch)
    assert [name for name in names() if "imports" in name] == []
    hosts.to("three")
    file_store.remove_folder(f"{kept_lists.LISTS}/{kept.folder.name}")
    assert kept_lists.find(token, 7) is None


def test_pictures_of_charts_are_drawn_once_for_all_hosts(hosts, settings, gone, monkeypatch):
    monkeypatch.setattr(pictures, "PRUNED_ONCE_IN", float("inf"))
    pictures.keep("k", "png", b"drawn")
    hosts.to("two")
    assert pictures.recall("k", "png") == b"drawn"
    settings.PICTURES_MB = 0
    pictures.prune()
    assert pictures.recall("k", "png") is None
    gone()
    pictures.keep("k", "png", b"drawn")
    assert pictures.recall("k", "png") is None


@pytest.mark.django_db
def test_a_host_without_the_bucket_or_with_another_is_told(hosts, settings, gone):
    forget()
    shared_files.mark()
    hosts.to("two")
    assert shared_files.not_shared() == []
    settings.SHARED_FILES = ""
    assert f"{hosts.folder}/two/media has no marker" in readiness.files().words
    settings.SHARED_FILES = ADDRESS
    file_store.put_bytes(f"media/{shared_files.MARKER}", b"another")
    assert f"{ADDRESS}/media has the marker of another installation" in readiness.files().words
    gone()
    assert f"{ADDRESS}/media cannot be reached" in readiness.files().words


@pytest.mark.faults  # a restore of all tables
@pytest.mark.django_db(transaction=True)
def test_a_backup_of_one_host_is_restored_by_another(hosts, settings, tmp_path):
    shot = b"a picture"
    file_store.put_bytes("media/screenshots/one.png", shot)
    made = making.nightly()
    assert f"backups/{made.place.name}" in names()
    assert making.nightly() is None
    hosts.to("two")
    assert upkeep.newest_backup() is not None
    assert upkeep.read_note(upkeep.SENT).why == ""
    copy = making.newest()
    assert copy == settings.BACKUP_DIR / made.place.name
    assert copy.read_bytes() == made.place.read_bytes()
    file_store.put_bytes("media/screenshots/one.png", b"another")
    call_command("restore", f"{ADDRESS}/backups/{made.place.name}", "--replace")
    assert file_store.open_file("media/screenshots/one.png").read() == shot
    assert [name for name in names() if "before-restore" in name] == []
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("restore", f"{ADDRESS}/backups/none.tar", "--replace")
    assert not list(settings.BACKUP_DIR.glob(".fetched-*"))


def test_a_large_file_is_sent_in_parts(hosts, tmp_path):
    part = bytes(range(256)) * 4096
    large = tmp_path / "large"
    with large.open("wb") as file:
        for _ in range(20):
            file.write(part)
    file_store.put("editions/large", large)
    assert not large.exists()
    found = file_store.open_file("editions/large")
    assert found.size == 20 * len(part)
    assert all(found.read(len(part)) == part for _ in range(20))
    assert found.read() == b""
