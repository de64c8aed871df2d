"""Backups are encrypted for whoever holds a private key, sent to another place, and restored on trial."""

# ruff: noqa: S603, S607  programs that make keys

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.alerts import operation, words
from apps.alerts.models import OccurrenceKind
from apps.common import upkeep
from apps.common.buckets import Bucket
from apps.snapshots.models import Snapshot
from kzmedia.backups import archive, drill, making, sealing
from kzmedia.backups.archive import BackupRefused
from tests import s3, servers
from tests.builders import make_account, make_snapshot
from tests.platforms.server import free_port
from tests.runtime.processes import wait_for

rsync = pytest.mark.skipif(not shutil.which("rsync"), reason="rsync is not installed")


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_DIR.mkdir()
    settings.VAR_DIR.mkdir()


@pytest.fixture(params=["age", "gpg"])
def keys(request, settings, tmp_path):
    """A public key in the settings; the file with the private one."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    if request.param == "age":
        key = tmp_path / "key.txt"
        subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
        settings.BACKUP_RECIPIENT = next(
            line.split()[-1] for line in key.read_text().splitlines() if "public key" in line
        )
        return key
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    gpg = [
        "gpg",
        "--homedir",
        str(home),
        "--batch",
        "--quiet",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
    ]
    subprocess.run(
        [*gpg, "--quick-generate-key", "backups@example.kz", "future-default"],
        check=True,
        capture_output=True,
    )
    public, private = tmp_path / "public.asc", tmp_path / "private.asc"
    for words_of, place in ((["--export"], public), (["--export-secret-keys"], private)):
        done = subprocess.run([*gpg, "--armor", *words_of], check=True, capture_output=True)
        place.write_bytes(done.stdout)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    settings.BACKUP_RECIPIENT = str(public)
    return private


@pytest.mark.django_db(transaction=True)
def test_an_encrypted_backup_is_read_by_the_key_alone(keys, settings):
    make_snapshot(make_account("odd"), "2020-01-01", 1234, note="nobody else reads this")
    made = making.nightly()
    assert made.place.name.endswith((".tar.age", ".tar.gpg"))
    assert made.place.stat().st_mode & 0o777 == 0o600
    content = made.place.read_bytes()
    assert b"KZMEDIA-BACKUP" not in content
    assert [file.name for file in settings.BACKUP_DIR.iterdir()] == [made.place.name]
    with pytest.raises(CommandError, match="is encrypted; --key names"):
        call_command("restore", made.place, "--replace")
    with sealing.opened(made.place, keys) as plain:
        assert plain.stat().st_mode & 0o777 == 0o600
        rows = {line["table"]: line["rows"] for line in archive.check(plain)["tables"]}
        assert rows["tracking_snapshot"] == 1
    damaged = made.place.with_name(f"damaged{made.place.suffix}")
    damaged.write_bytes(content[:-100] + bytes(100))
    with pytest.raises(CommandError, match="could not be decrypted"):
        call_command("restore", damaged, "--replace", "--key", keys)
    assert not [file for file in settings.VAR_DIR.iterdir() if file.name.startswith(".opened")]


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_encrypted_is_not_written(settings, monkeypatch):
    settings.BACKUP_RECIPIENT = "age1" + "q" * 58
    if shutil.which("age"):
        with pytest.raises(BackupRefused, match="could not be encrypted"):
            making.nightly()
    monkeypatch.setattr(sealing.shutil, "which", lambda name: None)
    with pytest.raises(BackupRefused, match="age is not installed"):
        making.nightly()
    assert list(settings.BACKUP_DIR.iterdir()) == []


@rsync
@pytest.mark.django_db(transaction=True)
def test_backups_go_to_another_place_and_are_not_kept_there_for_longer(settings, tmp_path):
    away = tmp_path / "away"
    settings.BACKUP_SEND_TO, settings.BACKUP_DAYS, settings.BACKUP_WEEKS = f"{away}", 2, 0
    away.mkdir()
    for name in ("kzmedia-2026-01-01.tar", "kzmedia-2026-01-02.tar.age", "somebody else's"):
        (away / name).write_text("old")
    made = making.nightly()
    names = {file.name for file in away.iterdir()}
    assert names == {made.place.name, "somebody else's"}
    assert (away / made.place.name).read_bytes() == made.place.read_bytes()
    note = upkeep.read_note(upkeep.SENT)
    assert (note.name, note.why) == (made.place.name, "")


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_sent_is_told_and_kept(settings, tmp_path, admin_client):
    settings.BACKUP_SEND_TO = "/dev/null/nowhere"
    made = making.nightly()
    assert made.place.exists()
    assert upkeep.read_note(upkeep.SENT).why
    (told,) = operation.backup(timezone.now())
    assert told.kind == OccurrenceKind.SENT
    assert made.place.name in words.sent(told)
    assert "could not be sent to the other place" in admin_client.get("/en/status/").content.decode()
    assert "sent" not in admin_client.get("/en/status/").content.decode().partition("Backup</h2>")[0]


@pytest.mark.django_db(transaction=True)
def test_backups_go_to_a_bucket_and_are_not_kept_there_for_longer(settings, monkeypatch):
    settings.BACKUP_DAYS, settings.BACKUP_WEEKS = 2, 0
    with s3.running("copies") as (address, _):
        settings.S3_ENDPOINT, settings.BACKUP_SEND_TO = address, "s3://copies/of/site"
        bucket = Bucket("s3://copies")
        for name in (
            "of/site/kzmedia-2026-01-01.tar",
            "of/site/somebody else's",
            "of/kzmedia-2026-01-01.tar",
        ):
            bucket.save(name, ContentFile(b"old"))
        made = making.nightly()
        assert sorted(found.name for found in bucket.look("")) == [
            "of/kzmedia-2026-01-01.tar", f"of/site/{made.place.name}", "of/site/somebody else's",
        ]  # fmt: skip
        assert bucket.open(f"of/site/{made.place.name}").read() == made.place.read_bytes()
        assert upkeep.read_note(upkeep.SENT).why == ""
        settings.BACKUP_SEND_TO = "s3://nowhere"
        assert "NoSuchBucket" in making.send(made.place, timezone.localdate()).why
    for name, key in s3.KEYS.items():
        monkeypatch.setenv(name, key)
    assert "Could not connect" in making.send(made.place, timezone.localdate()).why


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Run a server of SSH that lets a key of our own in; have rsync speak to it by the options of its environment."""
    program = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    if not program or os.geteuid() != 0:
        pytest.skip("a server of SSH is not installed, or we are not root")
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    port = free_port()
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/key.pub\n"
        f"PidFile none\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nUsePAM no\n"
    )
    known = (tmp_path / "host.pub").read_text().split()
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {known[0]} {known[1]}\n")
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    words = [program, "-D", "-e", "-f", tmp_path / "sshd_config"]
    with (tmp_path / "sshd.log").open("wb") as log, subprocess.Popen(words, stderr=log) as server:
        wait_for(lambda: "listening" in (tmp_path / "sshd.log").read_text(), 60, "the server of SSH")
        monkeypatch.setenv(
            "RSYNC_RSH",
            f"ssh -p {port} -i {tmp_path}/key -o IdentitiesOnly=yes -o UserKnownHostsFile={tmp_path}/known -o BatchMode=yes",
        )
        yield f"root@127.0.0.1:{tmp_path}/over there"
        server.terminate()


@rsync
@pytest.mark.django_db(transaction=True)
def test_backups_go_to_another_host_by_ssh(ssh, settings, tmp_path, monkeypatch):
    away = tmp_path / "over there"
    away.mkdir()
    settings.BACKUP_SEND_TO, settings.BACKUP_DAYS, settings.BACKUP_WEEKS = ssh, 2, 0
    for name in ("kzmedia-2026-01-01.tar", "somebody else's"):
        (away / name).write_text("old")
    made = making.nightly()
    assert upkeep.read_note(upkeep.SENT).why == ""
    assert {file.name for file in away.iterdir()} == {made.place.name, "somebody else's"}
    assert (away / made.place.name).read_bytes() == made.place.read_bytes()
    assert (away / made.place.name).stat().st_mode & 0o777 == 0o600
    (tmp_path / "known").write_text("")  # a host that nobody knows
    assert "Host key verification failed" in making.send(made.place, timezone.localdate()).why


@pytest.mark.faults  # a restore in a process of its own
@pytest.mark.django_db(transaction=True)
def test_the_newest_backup_is_restored_on_trial(settings, monkeypatch, admin_client):
    url = servers.database_url(connection.settings_dict["NAME"])
    monkeypatch.setenv("DATABASE_URL", url)
    assert drill.practise() is None
    make_snapshot(make_account("odd"), "2020-01-01", 1234)
    assert "restored on trial" not in admin_client.get("/en/status/").content.decode()
    made = making.nightly()
    assert "No backup has been restored on trial yet" in admin_client.get("/en/status/").content.decode()
    note = drill.practise()
    assert (note.name, note.rows, note.why) == (made.place.name, 1, "")
    assert Snapshot.objects.get().followers == 1234
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_drill'")
        assert cursor.fetchone() == (0,)
    assert sorted(file.name for file in settings.BACKUP_DIR.iterdir()) == ["drill.json", made.place.name]
    page = admin_client.get("/en/status/").content.decode()
    assert f"The backup {made.place.name} was restored on trial on " in page

    made.place.write_bytes(made.place.read_bytes()[:-200])
    assert "damaged or not whole" in drill.practise().why
    (told,) = operation.backup(timezone.now())
    assert told.kind == OccurrenceKind.DRILL
    assert "could not be restored on trial" in words.drill(told)


def test_notes_and_what_a_drill_unpacks_are_no_backups(settings):
    upkeep.write_note(upkeep.DRILL, upkeep.Note.now("kzmedia-2026-01-01.tar"))
    scratch = settings.BACKUP_DIR / ".drill-x"
    scratch.mkdir()
    (scratch / "picture.png").write_text("x")
    assert upkeep.newest_backup() is None
    (settings.BACKUP_DIR / "own.dump").write_text("x")
    assert upkeep.newest_backup() is not None
    os.utime(scratch, (0, 0))
    making.prune(date(2026, 1, 2))
    assert not scratch.exists()
