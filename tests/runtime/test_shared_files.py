"""Two hosts that do not see the same files are told apart, and what is missing is a 503 that says why."""

import pytest
from django.core.management import call_command
from django.db import connection

from apps.common import shared_files
from apps.common.shared_files import MARKER
from kzmedia.backups import files
from kzmedia.monitoring import readiness


@pytest.fixture(autouse=True)
def unmarked(db, settings, tmp_path):
    """A database that knows no marker, and a host of it; afterwards it knows none either."""
    settings.VAR_DIR = tmp_path / "one"
    forget()
    yield
    forget()


def forget():
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE django_migrations IS NULL")


def test_a_second_host_that_does_not_share_is_told(settings, tmp_path, capsys):
    shared_files.mark()
    assert shared_files.not_shared() == []
    assert readiness.files().is_well
    settings.VAR_DIR = tmp_path / "two"
    shared_files.mark()  # as its start does: it does not make its own folders the right ones
    troubles = shared_files.not_shared()
    assert [trouble.place.rpartition("/")[2] for trouble in troubles] == ["media", "editions"]
    assert f"{tmp_path}/two/media has no marker" in readiness.files().words
    (tmp_path / "two/media").mkdir(parents=True)
    (tmp_path / "two/media" / MARKER).write_text("another")
    assert "the marker of another installation" in readiness.files().words
    shared_files.mark(adopt=True)
    assert readiness.files().is_well


def test_a_host_that_sees_the_same_folders_is_well(settings, tmp_path):
    shared_files.mark()
    settings.VAR_DIR = tmp_path / "two"
    settings.VAR_DIR.mkdir()
    for name in shared_files.PLACES:
        (settings.VAR_DIR / name).symlink_to(tmp_path / "one" / name)
    assert shared_files.not_shared() == []


def test_folders_go_over_to_a_new_database():
    shared_files.mark()
    known = shared_files.known_marker()
    forget()
    assert shared_files.not_shared() == []
    shared_files.mark()
    assert shared_files.known_marker() == known
    assert len(known) == 32


def test_the_start_says_it(settings, tmp_path, capsys):
    call_command("prepare", "--no-static", verbosity=0)
    settings.VAR_DIR = tmp_path / "two"
    call_command("prepare", "--no-static", verbosity=0)
    assert "is not the folder that this site's other hosts use" in capsys.readouterr().err


def test_a_marker_is_in_no_backup(tmp_path):
    shared_files.mark()
    (tmp_path / "one/media/picture.png").write_text("x")

    class Writer:
        def add(self, name, stream):
            return name

    assert files.dump(Writer()) == ["files/media/picture.png"]


def test_what_is_missing_says_why():
    answer = shared_files.missing_answer()
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "does not see the folder that the servers share" in answer.content.decode()
