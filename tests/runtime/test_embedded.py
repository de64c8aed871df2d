import os
import pwd
import socket
import stat
from pathlib import Path

import pytest
import redis
from django.db import connection

from kzmedia import vendor
from kzmedia.processes import embedded, servers, starters, up
from tests.conftest import OutsideNetwork

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="asks what another user can reach")


def test_a_long_path_gets_a_short_place_for_its_sockets(tmp_path):
    var = tmp_path / ("x" * 100)
    place = embedded.run_dir(var)
    assert len(f"{place}/.s.PGSQL.5432") < 104
    assert place == embedded.run_dir(var)
    assert place != embedded.run_dir(tmp_path / ("y" * 100))


def test_celery_spells_a_socket_its_own_way():
    assert embedded.celery_url("unix:///a/valkey.sock?db=0") == "redis+socket:///a/valkey.sock?virtual_host=0"
    assert embedded.celery_url("redis://example.org:6379/1") == "redis://example.org:6379/1"


def test_the_secret_key_is_made_once_and_closed(tmp_path):
    key = embedded.secret_key(tmp_path / "var")
    assert len(key) > 50
    assert embedded.secret_key(tmp_path / "var") == key
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret_key"]


@as_root
def test_data_below_a_closed_folder_go_where_the_servers_can_reach_them(tmp_path):
    nobody = pwd.getpwnam("nobody")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not embedded.is_reachable(closed, nobody)
    assert embedded.server_dir(closed / "var").parent == Path("/var/lib")
    assert embedded.is_reachable(Path("/usr/bin/env"), nobody)
    assert not embedded.is_reachable(Path("/etc/passwd"), nobody)


@as_root
def test_data_that_a_user_has_begun_stay_theirs(tmp_path):
    (tmp_path / "postgres").mkdir()
    somebody = pwd.getpwnam("daemon")
    os.chown(tmp_path / "postgres", somebody.pw_uid, somebody.pw_gid)
    assert embedded.server_user(tmp_path).pw_name == "daemon"


def test_a_folder_of_somebody_else_is_refused(tmp_path):
    place = tmp_path / "valkey"
    place.mkdir(mode=0o755)
    with pytest.raises(servers.Unusable, match="has to be a private directory"):
        servers._directory(place, mode=0o700, ours=True)


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("untouched")
    (tmp_path / "pg_hba.conf").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        servers._rewrite(tmp_path / "pg_hba.conf", "local all all peer")
    assert (tmp_path / "secret").read_text() == "untouched"


def test_a_broker_that_is_not_there_is_told():
    with pytest.raises(servers.Unusable, match="The server of REDIS_URL cannot be used"):
        servers.check_redis("unix:///nowhere/valkey.sock?db=0")


@pytest.mark.parametrize(("version", "fine"), [("6.0.16", False), ("6.2.0", True), ("7.2.4", True)])
def test_an_old_broker_is_refused(monkeypatch, version, fine):
    monkeypatch.setattr(redis.Redis, "info", lambda self, section: {"redis_version": version})
    if fine:
        servers.check_redis("redis://127.0.0.1/0")
    else:
        with pytest.raises(servers.Unusable, match=f"Redis {version}; KZMedia needs 6.2"):
            servers.check_redis("redis://127.0.0.1/0")


def test_a_database_that_is_not_there_is_told():
    with pytest.raises(servers.Unusable, match="The PostgreSQL of DATABASE_URL cannot be reached"):
        servers.check_postgres({"HOST": "/nowhere", "NAME": "kzmedia"})


@pytest.mark.django_db
def test_the_database_of_the_tests_passes_and_an_old_one_does_not(monkeypatch):
    servers.check_postgres(connection.settings_dict)
    monkeypatch.setattr(servers, "OLDEST_POSTGRES", 99)
    with pytest.raises(servers.Unusable, match="KZMedia needs 99 or newer"):
        servers.check_postgres(connection.settings_dict)


def test_the_browser_script_has_one_name_whichever_package_it_comes_from(tmp_path, monkeypatch):
    for number, text in enumerate(("basic", "whole one")):
        script = tmp_path / f"{number}.js"
        script.write_text(text)
        monkeypatch.setattr(vendor, "SCRIPTS", (tmp_path / "missing.js", script))
        place = vendor.provide(tmp_path)
        assert place == tmp_path / "vendor" / "plotly" / "plotly-basic.min.js"
        assert place.read_text() == text


def test_the_python_package_carries_a_bundle():
    assert vendor.SCRIPTS[-1].stat().st_size > 1_000_000


def test_tests_reach_no_network():
    with pytest.raises(OutsideNetwork), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(OutsideNetwork):
        socket.getaddrinfo("t.me", 443)


def test_welcome_says_what_waits_and_where_the_site_is(tmp_path, monkeypatch):
    monkeypatch.setenv("PORT", "8123")
    assert "Waiting" not in up.welcome(tmp_path)
    note = starters.waiting_file(tmp_path)
    note.parent.mkdir()
    note.write_text("34 proposed addresses wait for an editor.")
    assert "Waiting:      34 proposed addresses wait for an editor.\n" in up.welcome(tmp_path)
    assert "http://127.0.0.1:8123/" in up.welcome(tmp_path)


def test_site_is_where_it_was_last_started(tmp_path):
    assert embedded.site_url(tmp_path) == "http://127.0.0.1:8000"
    written = embedded.address_file(tmp_path)
    written.parent.mkdir()
    written.write_text("http://127.0.0.1:8123\n")
    assert embedded.site_url(tmp_path) == "http://127.0.0.1:8123"
