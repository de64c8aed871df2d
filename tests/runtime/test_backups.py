"""A backup is all of one moment; a restore is all or nothing."""

import io
import os
import random
import tarfile
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as real_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg import sql

from apps.collecting.models import Attempt
from apps.exports.editions import sha256
from apps.exports.models import Edition
from apps.registry.models import Source
from apps.snapshots.models import Correction, Snapshot
from apps.users.models import User
from kzmedia.backups import archive, drill, files, making, restoring, tables
from kzmedia.backups.archive import BackupRefused
from tests import servers
from tests.builders import make_account, make_snapshot, make_source
from tests.runtime.processes import clean_env, end, spawn

CHANGED_BY_RESTORE = {"standings_generation"}  # so that no kept page passes for a new one

CHANGED_BY_TERMS = {"tracking_snapshot", "snapshots_latest", "tracking_removal"}  # YOUTUBE_TERMS=30d


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.BACKUP_DIR = tmp_path / "var" / "backups"


@pytest.fixture
def dataset(transactional_db):
    """Load the reference dataset, an edition, a file beside it, and words that COPY has to spell with care."""
    call_command("load_reference", verbosity=0, stdout=io.StringIO())
    make_snapshot(make_account("odd"), "2020-01-01", note="tab\t line\n backslash \\ N \\N Қазақ 'quoted'")
    youtube = make_account("tube", "youtube")
    make_snapshot(youtube, "2020-01-01", 1000, source=make_source("api-youtube"), note="too old")
    Edition.objects.create(
        key="2026-11-test", kind="chart", made_at="2026-11-22T00:00Z", parameters={"a": [1]}, title={},
        row_count=1, size=1, checksum=sha256(b"x"), data=bytes(range(256)), content=b"\x00\\",
    )  # fmt: skip
    put("media/screenshots/one.png", b"picture")
    put("editions/kzmedia-2026-11-dataset.csv.gz", bytes(range(256)) * 100)


def put(name, content):
    file = real_settings.VAR_DIR / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


@contextmanager
def empty_database(name):
    """Provide a database of this name on the same server, gone afterwards."""
    with servers.connect(servers.database_url("postgres"), autocommit=True) as server:
        quoted = sql.Identifier(name)
        drill.drop(server, name)
        server.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
            ).format(quoted)
        )
        try:
            yield servers.database_url(name)
        finally:
            drill.drop(server, name)


def contents(url):
    """Return every table with its rows, every trigger, function, index and constraint, every sequence."""
    with servers.connect(url) as found:
        names = [name for (name,) in found.execute(tables.TABLES)]
        rows = {
            name: sorted(
                str(row)
                for (row,) in found.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name)))
            )
            for name in names
        }
        schema = {
            "triggers": "SELECT tgrelid::regclass::text, tgname, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
            "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace ORDER BY 1, 2",
            "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1",
            "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2",
            "sequences": "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1",
        }
        return rows, {name: found.execute(statement).fetchall() for name, statement in schema.items()}


def command(*words, **env):
    process = spawn("manage.py", *map(str, words), env=clean_env(REDIS_URL=real_settings.REDIS_URL, **env))
    process.wait(120)
    return process.returncode, end(process)


@pytest.mark.faults  # as long as those: three processes, one after the other
def test_all_rows_come_back_into_an_empty_database(dataset, tmp_path):
    """By the commands, each in a process of its own, as it is done by hand."""
    here = servers.database_url(connection.settings_dict["NAME"])
    made = tmp_path / "one.tar"
    code, said = command("backup", made, DATABASE_URL=here, VAR_DIR=str(real_settings.VAR_DIR))
    assert code == 0, said
    assert made.stat().st_mode & 0o777 == 0o600
    with empty_database(f"{connection.settings_dict['NAME']}_copy") as there:
        with servers.connect(there) as other:
            other.execute("CREATE TABLE tracking_actor AS SELECT 1 AS precious")
        env = {"DATABASE_URL": there, "VAR_DIR": str(tmp_path / "other"), "YOUTUBE_TERMS": "30d"}
        code, said = command("restore", made, **env)
        assert (code, "not empty" in said) == (1, True), said
        with servers.connect(there) as other:
            assert other.execute("SELECT precious FROM tracking_actor").fetchall() == [(1,)]

        code, said = command("restore", made, "--replace", **env)
        assert (code, "youtube: 1 counts" in said) == (0, True), said
        (rows, schema), (copied, copied_schema) = contents(here), contents(there)
        assert copied.keys() == rows.keys()
        assert sum(map(len, rows.values())) > 400
        assert len(rows["exports_edition"]) == 1
        for name in rows.keys() - CHANGED_BY_RESTORE - CHANGED_BY_TERMS:
            assert copied[name] == rows[name], name
        for name in ("tracking_snapshot", "snapshots_latest"):
            (gone,) = set(rows[name]) - set(copied[name])
            assert "too old" in gone
            assert len(copied[name]) == len(rows[name]) - 1
        assert len(copied["tracking_removal"]) == 1
        assert not set(copied["standings_generation"]) & set(rows["standings_generation"])
        numbers, copied_numbers = dict(schema.pop("sequences")), dict(copied_schema.pop("sequences"))
        assert copied_schema == schema
        moved = {name for name in numbers if numbers[name] != copied_numbers[name]}
        assert moved == {"tracking_removal_id_seq", "standings_generation_id_seq"}
    for name in ("media/screenshots/one.png", "editions/kzmedia-2026-11-dataset.csv.gz"):
        assert (tmp_path / "other" / name).read_bytes() == (real_settings.VAR_DIR / name).read_bytes()


def test_a_restore_that_fails_midway_leaves_all_as_it_was(dataset, tmp_path, monkeypatch):
    here = servers.database_url(connection.settings_dict["NAME"])
    making.make(tmp_path / "one.tar")
    Snapshot.objects.filter(account__actor__slug="odd").update(note="later")
    put("media/screenshots/one.png", b"another picture")
    put("media/screenshots/two.png", b"later")
    before = contents(here)

    def fail(manifest, tar):
        assert "tracking_snapshot" not in connection.introspection.table_names()
        raise RuntimeError("in the middle")

    monkeypatch.setattr(restoring.tables, "load", fail)
    with pytest.raises(RuntimeError):
        restoring.restore(tmp_path / "one.tar", replace=True)
    connection.close()
    assert contents(here) == before
    assert stored() == {"one.png": b"another picture", "two.png": b"later"}


def stored():
    return {
        file.name: file.read_bytes()
        for file in (real_settings.VAR_DIR / "media").rglob("*")
        if file.is_file()
    }


def test_files_stand_in_their_places_only_if_all_ends_well(tmp_path):
    put("media/screenshots/one.png", b"old")
    put("media/screenshots/.restoring/one.png", b"new")
    moves = [
        (
            real_settings.VAR_DIR / "media/screenshots/.restoring/one.png",
            "media/screenshots/one.png",
        )
    ]
    aside = {"one.png": b"new", "one.png.before-restore": b"old"}
    with pytest.raises(ZeroDivisionError), files.put_in_place(moves):
        1 // (stored() != aside)
    assert stored() == {"one.png": b"old"}
    put("media/screenshots/.restoring/one.png", b"new")
    with files.put_in_place(moves):
        pass
    assert stored() == {"one.png": b"new"}


def test_all_rows_are_of_one_moment(dataset, tmp_path, monkeypatch):
    """What is written while the backup is made is in all of its tables or in none."""
    dump_table = tables._dump_table
    here = servers.database_url(connection.settings_dict["NAME"])

    def meanwhile(cursor, writer, name, *more):
        with servers.connect(here) as another:
            another.execute(
                "INSERT INTO tracking_attempt (account_id, at, outcome, detail) SELECT id, now(), 'late', '' FROM tracking_account LIMIT 1"
            )
        return dump_table(cursor, writer, name, *more)

    monkeypatch.setattr(tables, "_dump_table", meanwhile)
    making.make(tmp_path / "one.tar")
    lines = {line["table"]: line["rows"] for line in archive.check(tmp_path / "one.tar")["tables"]}
    assert lines["tracking_attempt"] == 0
    assert Attempt.objects.filter(outcome="late").count() == len(lines)


@pytest.fixture
def small(tmp_path):
    put("media/one.png", bytes(range(256)) * 3)
    with archive.open_writer(tmp_path / "small.tar") as writer:
        writer.finish({"format": 1, "files": files.dump(writer), "tables": [], "migrations": []})
    return tmp_path / "small.tar"


def test_a_damaged_file_is_refused_before_anything_is_touched(small, monkeypatch):
    """Wherever a byte has changed, or the file ends; no connection is opened for it."""
    whole = small.read_bytes()
    assert [line["name"] for line in archive.check(small)["files"]] == ["files/media/one.png"]
    monkeypatch.setattr(tables, "is_empty", None)
    chance = random.Random(9)  # noqa: S311  the same places every time
    edges = {0, 1, 13, 14, len(whole) - 1, len(whole) - 65, len(whole) - 66, 512, 1024}
    for place in edges | {chance.randrange(len(whole)) for _ in range(150)}:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        for damaged in (
            bytes(flipped),
            whole[:place],
            whole[:place] + whole[place + 1 :],
            whole + whole[: place + 1],
        ):
            small.write_bytes(damaged)
            with pytest.raises(BackupRefused):
                restoring.restore(small, replace=True)


@pytest.mark.parametrize("foreign", [b"", b"x" * 500, b"PGDMP" + bytes(1000), b"KZMEDIA-BACKUP"])
def test_what_is_no_backup_is_refused(tmp_path, foreign):
    (tmp_path / "strange").write_bytes(foreign)
    with pytest.raises(BackupRefused):
        archive.check(tmp_path / "strange")
    with pytest.raises(BackupRefused):
        archive.check(tmp_path / "missing")


def test_a_file_that_leads_out_of_its_place_is_refused(tmp_path):
    put("media/one.png", b"x")
    with (
        archive.open_writer(tmp_path / "bad.tar") as writer,
        (real_settings.VAR_DIR / "media/one.png").open("rb") as source,
    ):
        writer.finish({"format": 1, "files": [writer.add("files/media/../../outside", source)]})
    manifest = archive.check(tmp_path / "bad.tar")
    with (
        tarfile.open(tmp_path / "bad.tar", "r:") as tar,
        pytest.raises(BackupRefused),
        files.unpack(manifest, tar),
    ):
        pass
    assert not list(tmp_path.rglob("outside"))


def fill_the_disk(writer):
    writer.add_text("a", "b" * 100_000)
    raise OSError(28, "full")


def test_a_backup_that_cannot_be_written_leaves_nothing(small, tmp_path):
    with pytest.raises(OSError, match="full"), archive.open_writer(small) as writer:
        fill_the_disk(writer)
    archive.check(small)
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ["small.tar"]


@pytest.mark.django_db
def test_a_backup_of_a_newer_release_is_refused(small):
    with pytest.raises(BackupRefused, match="newer"):
        tables.check_migrations({"migrations": [["tracking", "9999_from_the_future"]]})
    tables.check_migrations({"migrations": [["tracking", "0001_initial"]]})


def test_days_and_weeks_are_kept(settings):
    settings.BACKUP_DAYS, settings.BACKUP_WEEKS = 3, 4
    today = date(2026, 11, 22)  # a Sunday
    days = [today - timedelta(days=number) for number in range(60)]
    assert sorted(making.choose_kept(days, today)) == [
        date(2026, 10, 26),
        *(date(2026, 11, day) for day in (2, 9, 16, 20, 21, 22)),
    ]
    settings.YOUTUBE_TERMS = "30d"
    settings.BACKUP_WEEKS = 30
    assert min(making.choose_kept(days, today)) == date(2026, 11, 16)  # a quarter of the thirty days
    assert making.choose_kept([date(2020, 1, 1)], today) == {date(2020, 1, 1)}


@pytest.mark.faults  # a restore is a process of its own
def test_a_backup_holds_no_count_longer_than_a_platform_lets_it_be_stored(dataset, settings, tmp_path):
    """A count of the day D is gone on D + 30, from the database and from every backup."""
    account, source = make_account("new", "youtube"), Source.objects.get(key="api-youtube")
    today = timezone.localdate()
    for age in (0, 23, 24, 29):
        make_snapshot(account, today - timedelta(days=age), 1000 + age, source=source)
    corrected = make_snapshot(account, today - timedelta(days=28), 1028, source=source)
    editor = User.objects.create_user("editor")
    Correction.objects.create(snapshot=corrected, old={}, new={}, reason="r", at=timezone.now(), by=editor)
    everything = Snapshot.objects.count()

    def held(place):
        with empty_database(f"{connection.settings_dict['NAME']}_held") as there:
            code, said = command("restore", place, DATABASE_URL=there, VAR_DIR=str(tmp_path / "held"))
            assert code == 0, said
            with servers.connect(there) as other:
                ages = other.execute(
                    "SELECT %s - day FROM tracking_snapshot WHERE account_id = %s", [today, account.pk]
                )
                count = other.execute("SELECT count(*) FROM tracking_snapshot").fetchone()
                return sorted(age for (age,) in ages), *count

    settings.YOUTUBE_TERMS = "30d"
    assert making.longest() == 7
    # one of them is too old already, the two whose time is over within the week go too
    assert held(making.nightly().place) == ([0, 23, 28], everything - 3)
    assert Snapshot.objects.count() == everything


def test_every_night_one_and_old_ones_go(settings, monkeypatch):
    def made(place, keep_days):
        assert keep_days == 2
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"x")
        return place

    monkeypatch.setattr(making, "make", made)
    settings.BACKUP_DAYS, settings.BACKUP_WEEKS = 2, 0
    begin = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)  # the 21st in Almaty
    for day in range(4):
        assert making.nightly(begin + timedelta(days=day))
        assert making.nightly(begin + timedelta(days=day)) is None
    (settings.BACKUP_DIR / "by-hand.tar").write_bytes(b"x")
    making.prune(date(2026, 11, 24))
    assert sorted(file.name for file in settings.BACKUP_DIR.iterdir()) == [
        "by-hand.tar", "kzmedia-2026-11-23.tar", "kzmedia-2026-11-24.tar",
    ]  # fmt: skip


def test_it_is_done_every_night():
    assert "kzmedia.tasks.make_backup" in {one["task"] for one in real_settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.django_db
def test_the_status_page_tells_editors_alone(client, admin_client):
    page = "/en/status/"
    assert "No backup has been made yet." in admin_client.get(page).content.decode()
    put("backups/kzmedia-2026-11-22.tar", b"x")
    moment = datetime(2026, 11, 22, 21, 31, tzinfo=UTC).timestamp()
    os.utime(real_settings.BACKUP_DIR / "kzmedia-2026-11-22.tar", (moment, moment))
    assert (
        "The newest backup was made on 23\u00a0Nov\u00a02026, 02:31"
        in admin_client.get(page).content.decode()
    )
    assert "backup" not in client.get(page).content.decode().lower()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_spooled_where_it_may_be_memory(tmp_path, monkeypatch):
    """A part lies beside the backup until its size is known, without a name; no other folder is written to."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    spooled = []
    real = tables.tempfile.TemporaryFile
    monkeypatch.setattr(
        tables.tempfile, "TemporaryFile", lambda **more: spooled.append(more["dir"]) or real(**more)
    )
    made = making.make(tmp_path / "one.tar")
    assert set(spooled) == {tmp_path}
    assert archive.check(made.place)["tables"]
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["one.tar"]
