"""The database of a release before, with data, is brought to this one and loses no row.

releases/0.0.9.sql.gz is what pg_dump wrote (--no-owner --no-privileges --inserts, without comments and without
psql's own commands) of a database that the release of 22 November 2026 had migrated, with the reference dataset
loaded, one admin, and `synthesise --accounts 2 --days 5`. Its words are those of PostgreSQL 14 and newer. A later
release adds a file beside it.
"""

import ast
import gzip
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from psycopg import sql

from tests import servers
from tests.runtime.test_backups import command, empty_database

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql.gz"))
# Rows that a release after changes or adds by its own migrations; each with the reason.
GROWS = {"django_migrations", "django_content_type", "auth_permission"}  # what is new is noted there
COUNTED = {"standings_generation"}  # any write adds to it
# Columns that hold the same number written with more places: compared without their empty ones.
NUMBERS = {("context_indicatorvalue", "value")}  # as many decimals as the most exact source prints
# table: columns that a migration has removed on purpose
DROPPED: dict[str, set[str]] = {
    # "code: detail" in one column became a code and a detail.
    "tracking_account": {"stopped_because"},
    "tracking_collection": {"last_error"},
    "tracking_platformstate": {"pause_reason"},
    # Whether lines of a part say what is gone: their hashes themselves stand beside it now.
    "ledger_part": {"has_gone"},
}
RENAMED = {
    # By which app and under which name Django knows a table: tracking was split into several apps.
    "django_content_type": {"app_label", "model"},
    "auth_permission": {"codename"},
    # A row of the reference files got an id of its own: assert_loaded_rows_have_ids.
    "context_loadedrow": {"key"},
}
KEPT_KEYS = {"source", "actor", "indicator", "event", "group", "files"}


def rows_of(url, columns):
    """Return every table's rows, each as its texts, in the columns given."""
    with servers.connect(url) as found:
        return {
            table: sorted(
                map(
                    str,
                    found.execute(
                        sql.SQL("SELECT {} FROM {}").format(
                            sql.SQL(", ").join(cell(table, name) for name in names), sql.Identifier(table)
                        )
                    ).fetchall(),
                )
            )
            for table, names in columns.items()
        }


def cell(table, name):
    column = sql.Identifier(name)
    return sql.SQL("trim_scale({})").format(column) if (table, name) in NUMBERS else column


def columns_of(url):
    with servers.connect(url) as found:
        lines = found.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        ).fetchall()
    tables = {}
    for table, name in lines:
        tables.setdefault(table, []).append(name)
    return tables


REASONS = {
    "error: server_error: HTTP 500": ("server_error", "HTTP 500"),
    "error: bot: users of a bot are not followers": ("bot", "users of a bot are not followers"),
    "error: what nobody knows": ("error", "what nobody knows"),
    "not_found: no_alias: (#803) x": ("not_found", "no_alias: (#803) x"),
    "held": ("held", ""),
    "stopped: other_id: 222": ("other_id", "222"),
}
STOPS = {
    "moved: moved_to: new@b.example": ("moved", "new@b.example"),
    "other_id: 222": ("other_id", "222"),
    "same_as: 7": ("same_as", "7"),
}
PAUSES = {
    "bad_token: (190) x": ("bad_token", "(190) x"),
    "not_json: HTTP 200": ("unreadable", "not_json: HTTP 200"),
}


def give_reasons(old):
    """Write reasons as the release before wrote them, on as many rows as it takes."""
    accounts = [key for (key,) in old.execute("SELECT id FROM tracking_account ORDER BY id")]
    old.execute("DELETE FROM tracking_collection")
    for account, text in zip(accounts, REASONS, strict=False):
        old.execute(
            "INSERT INTO tracking_collection (account_id, due_at, not_found_days, last_error) VALUES (%s, now(), 0, %s)",
            [account, text],
        )
    for account, text in zip(accounts, STOPS, strict=False):
        old.execute("UPDATE tracking_account SET stopped_because = %s WHERE id = %s", [text, account])
    for platform, text in zip(("vk", "x"), PAUSES, strict=True):
        old.execute(
            "INSERT INTO tracking_platformstate (platform, pause_reason, failures, requests_spent, money_spent)"
            " VALUES (%s, %s, 1, 0, 0)",
            [platform, text],
        )


def assert_reasons_are_codes(new):
    reasons = "SELECT error_code, error_detail FROM tracking_collection WHERE error_code <> ''"
    stops = "SELECT stopped_code, stopped_detail FROM tracking_account WHERE stopped_code <> ''"
    pauses = "SELECT pause_code, pause_detail FROM tracking_platformstate WHERE pause_code <> ''"
    for statement, expected in ((reasons, REASONS), (stops, STOPS), (pauses, PAUSES)):
        assert sorted(new.execute(statement).fetchall()) == sorted(expected.values()), statement


def loaded_rows(url):
    with servers.connect(url) as found:
        rows = found.execute("SELECT id, kind, key FROM context_loadedrow").fetchall()
    return {pk: (kind, key) for pk, kind, key in rows}


def assert_loaded_rows_have_ids(before, after):
    """Check that those that were known by their cells ("actor/platform/handle") are known by an id, the others as
    before."""
    assert before.keys() == after.keys()
    for pk, (kind, key) in before.items():
        if kind in KEPT_KEYS:
            assert after[pk] == (kind, key)
        else:
            assert after[pk][0] == kind
            assert "/" not in after[pk][1], after[pk]


@pytest.mark.faults  # as long as those: every migration since, in a process of its own
@pytest.mark.django_db
@pytest.mark.parametrize("release", RELEASES, ids=lambda file: file.name.removesuffix(".sql.gz"))
def test_a_database_of_the_release_before_keeps_every_row(release, tmp_path):
    with empty_database(f"{connection.settings_dict['NAME']}_old") as url:
        with servers.connect(url) as old:
            old.execute(gzip.decompress(release.read_bytes()).decode())
        with servers.connect(url) as old:  # the dump leaves the first one without a search path
            give_reasons(old)
        columns = {
            table: [
                name for name in names if name not in DROPPED.get(table, set()) | RENAMED.get(table, set())
            ]
            for table, names in columns_of(url).items()
        }
        before = rows_of(url, columns)
        assert len(before["tracking_snapshot"]) > 40
        assert len(before["users_user"]) == 1
        loaded = loaded_rows(url)
        code, said = command("migrate", "--verbosity", "0", DATABASE_URL=url, VAR_DIR=str(tmp_path))
        assert code == 0, said
        with servers.connect(url) as new:
            left = new.execute(
                "SELECT model FROM django_content_type WHERE app_label = 'tracking'"
            ).fetchall()
            assert left == []
            [(snapshots,)] = new.execute(
                "SELECT count(*) FROM auth_permission JOIN django_content_type c ON c.id = content_type_id"
                " WHERE codename = 'change_snapshot' AND c.app_label = 'snapshots'"
            ).fetchall()
            assert snapshots == 1
            assert_reasons_are_codes(new)
        assert_loaded_rows_have_ids(loaded, loaded_rows(url))
        after = rows_of(url, columns)
        for table in columns.keys() - COUNTED:
            if table in GROWS:
                assert set(before[table]) <= set(after[table]), table
            else:
                assert after[table] == before[table], table


def test_no_migration_removes_anything_unsaid():
    """What a migration removes stands in DROPPED, with the table's name, so that somebody has thought of it."""
    removing = []
    for file in ROOT.glob("apps/*/migrations/0*.py"):
        tree = ast.parse(file.read_text())
        # What only tells Django that a table belongs to another app removes nothing.
        told_only = {
            id(node)
            for word in ast.walk(tree)
            if isinstance(word, ast.keyword) and word.arg == "state_operations"
            for node in ast.walk(word.value)
        }
        for node in ast.walk(tree):
            if id(node) in told_only:
                continue
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {
                "RemoveField",
                "DeleteModel",
            }:
                words = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
                removing.append((file.parent.parent.name, words.get("model_name"), words["name"]))
    said = {(table, column) for table, columns in DROPPED.items() for column in columns}
    tables = {(apps.get_model(app, model)._meta.db_table, column) for app, model, column in removing}
    assert tables == said
