"""The PostgreSQL and the Valkey of a test run."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import environ
import psycopg
from django.core.management.color import no_style
from django.db import ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from kzmedia.processes import embedded, servers
from kzmedia.processes.children import spawn

_running: list[subprocess.Popen] = []


def needed() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def start(var: Path) -> None:
    """Start what the environment does not name; a cluster that cannot be used is made anew."""
    try:
        servers.prepare(var)
    except servers.Unusable:
        shutil.rmtree(servers.postgres_dir(var), ignore_errors=True)
        servers.prepare(var)
    if not os.environ.get("DATABASE_URL"):
        servers.before_postgres(var)
        postgres = _spawn(var, "postgres", servers.postgres_command(var, durable=False), signal.SIGINT)
        servers.wait_for_postgres(var, lambda: postgres.poll() is None, time.sleep)
        with psycopg.connect(
            host=str(embedded.run_dir(var)), user="postgres", dbname="postgres"
        ) as connection:
            connection.execute("GRANT SET ON PARAMETER session_replication_role TO kzmedia")  # for `empty`
    if not os.environ.get("REDIS_URL"):
        servers.before_valkey(var)
        valkey = _spawn(var, "valkey", servers.valkey_command(var), signal.SIGKILL)
        servers.wait_for_valkey(var, lambda: valkey.poll() is None, time.sleep)


def stop() -> None:
    while _running:
        process = _running.pop()
        process.send_signal(signal.SIGINT)
        process.wait(30)


def database_url(name: str) -> str:
    """Return the address of a database on the test run's PostgreSQL, for a process that a test starts."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return f"{given.rsplit('/', 1)[0]}/{name}"
    from django.db import connection

    return f"postgres://kzmedia@/{connection.settings_dict['HOST']}/{name}"


def connect(url: str, **options: Any) -> psycopg.Connection:
    """Return a connection to an address of `database_url`, which psycopg alone does not read where it names a socket."""
    found = environ.Env.db_url_config(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    return psycopg.connect(**{names[key]: found[key] for key in names if found.get(key)}, **options)


def empty(database: BaseDatabaseWrapper) -> None:
    """Empty every table but the names of models and of rights."""
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    tables = sorted(set(database.introspection.django_table_names(include_views=False)) - kept)
    with transaction.atomic(using=database.alias), database.cursor() as cursor:
        try:
            with transaction.atomic(using=database.alias):
                cursor.execute("SET LOCAL session_replication_role = replica")
        except ProgrammingError:  # not for this user
            cursor.execute("ALTER TABLE exports_edition DISABLE TRIGGER exports_not_emptied")
            database.ops.execute_sql_flush(database.ops.sql_flush(no_style(), tables))
            cursor.execute("ALTER TABLE exports_edition ENABLE TRIGGER exports_not_emptied")
            return
        # The few that hold rows, past all triggers: that takes a twentieth of the time that emptying each takes.
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT FROM {table})" for table in tables))  # noqa: S608
        full = [table for table, holds in zip(tables, cursor.fetchone(), strict=True) if holds]
        for table in full:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 our own words
        # By which kept pages know that all has changed: the triggers would have seen to it.
        cursor.execute("SELECT standings_bump(ARRAY[date '0001-01-01'])")


def _spawn(var: Path, name: str, command: list, on_parent_death: int) -> subprocess.Popen:
    process = spawn(
        command,
        log=var / f"{name}.log",
        env=servers.server_env(var),
        cwd=servers.valkey_dir(var),
        user=embedded.server_user(var),
        on_parent_death=on_parent_death,
    )
    _running.append(process)
    return process
