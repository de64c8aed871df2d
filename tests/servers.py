"""The PostgreSQL and the Valkey of a test run."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import environ
import psycopg
from django.conf import settings
from django.core.management.color import no_style
from django.db import ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from kzmedia.processes import embedded, servers
from kzmedia.processes.children import spawn

BASE_DIR = Path(__file__).resolve().parent.parent
UNREADY_TEMPLATE, READY_TEMPLATE = "kzmedia_template_unready", "kzmedia_template"
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
        with _maintenance() as connection:
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


def make_template() -> None:
    """Begin to migrate the database that the processes of a run copy theirs from, while they still read the tests."""
    if os.environ.get("DATABASE_URL"):
        return  # somebody's server: other runs may be on it
    with _maintenance() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {READY_TEMPLATE}")
        connection.execute(f"DROP DATABASE IF EXISTS {UNREADY_TEMPLATE}")
        connection.execute(f"CREATE DATABASE {UNREADY_TEMPLATE} OWNER kzmedia")
    environment = {**os.environ, "DATABASE_URL": database_url(UNREADY_TEMPLATE)}
    threading.Thread(target=_migrate_template, args=(environment,), daemon=True).start()


def _migrate_template(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    isolated = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    is_ready = subprocess.run(command, cwd=BASE_DIR, env=environment, check=False, **isolated).returncode == 0  # noqa: S603
    with _maintenance() as connection:
        if is_ready:
            connection.execute(f"ALTER DATABASE {UNREADY_TEMPLATE} RENAME TO {READY_TEMPLATE}")
        else:  # each process migrates its own and shows what is wrong
            connection.execute(f"DROP DATABASE {UNREADY_TEMPLATE}")


def wait_for_template() -> str | None:
    """Return the name of the migrated database once it is there, or None where none is being made."""
    if os.environ.get("DATABASE_URL"):
        return None
    with _maintenance() as connection:
        while True:
            rows = connection.execute("SELECT datname FROM pg_database").fetchall()
            names = {name for (name,) in rows}
            if READY_TEMPLATE in names:
                return READY_TEMPLATE
            if UNREADY_TEMPLATE not in names:
                return None
            time.sleep(0.1)


def _maintenance() -> psycopg.Connection:
    return psycopg.connect(
        host=str(embedded.run_dir(settings.VAR_DIR)), user="postgres", dbname="postgres", autocommit=True
    )


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
