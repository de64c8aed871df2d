"""All rows of the database, out and in again, by COPY: no client program, and no version of PostgreSQL, is in the way.

Tables, triggers and functions are not copied: the migrations make them, to the very step at which the backup was made.
"""

import gzip
import tarfile
import tempfile
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from kzmedia.backups.archive import BLOCK, BackupRefused, Writer, part

# What `migrate` fills by itself: a database that has only these rows is empty.
MADE_BY_MIGRATE = {"django_migrations", "django_content_type", "auth_permission", "standings_generation"}
SPELLING = "SET LOCAL datestyle = 'ISO'; SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0"
# Those of an extension are the extension's.
OURS = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {}.oid AND d.deptype = 'e')"
TABLES = f"""
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND {OURS.format("c")} ORDER BY 1
"""  # noqa: S608  our own words
COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema() ORDER BY 1"
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
WHERE n.nspname = current_schema() AND contype = 'f' AND conparentid = 0 ORDER BY 1, 2
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND NOT c.relispartition AND i.indpred IS NULL
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1
"""
ROUTINES = f"""
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema() AND {OURS.format("p")} ORDER BY 1
"""  # noqa: S608  our own words


def dump(writer: Writer, left_out: Mapping[str, sql.Composable] = MappingProxyType({})) -> dict[str, Any]:
    """Write every table's rows, all of one moment, within the transaction that the caller has begun; the manifest's part.

    left_out: by table, a condition on its rows "s", none of which anything that is written refers to.
    """
    with connection.cursor() as cursor:
        cursor.execute(SPELLING)
        names = _names(cursor, TABLES)
        return {
            "postgresql": connection.cursor().connection.info.server_version,
            "migrations": sorted(map(list, MigrationRecorder(connection).applied_migrations())),
            "tables": [_dump_table(cursor, writer, name, left_out.get(name)) for name in names],
            "sequences": {name: _sequence(cursor, name) for name in _names(cursor, SEQUENCES)},
        }


def _dump_table(
    cursor: CursorWrapper, writer: Writer, name: str, left_out: sql.Composable | None
) -> dict[str, Any]:
    """Pack a table into a file first: an archive has to know a part's size before it."""
    columns = _names(cursor, COLUMNS, [f'"{name}"'])
    rows = 0
    # Beside the backup, which has room for it: /tmp may be memory. The file has no name, so none is left behind.
    with tempfile.TemporaryFile(dir=writer.folder) as packed:
        with gzip.GzipFile("", "wb", 5, packed, mtime=0) as lines, cursor.copy(_copy_query(name, columns, left_out)) as copy:  # fmt: skip
            for block in copy:
                rows += bytes(block).count(b"\n")  # within a value it is spelled \n
                lines.write(block)
        packed.seek(0)
        return writer.add(f"tables/{name}.gz", packed) | {"table": name, "columns": columns, "rows": rows}


def _copy_query(table: str, columns: list[str], left_out: sql.Composable | None) -> sql.Composed:
    """Copy by a query, as a partitioned table is copied no other way."""
    names = sql.SQL(", ").join(sql.Identifier("s", name) for name in columns)
    chosen = sql.SQL("SELECT {} FROM {} s WHERE ({}) IS NOT TRUE").format(
        names, sql.Identifier(table), left_out or sql.SQL("false")
    )
    return sql.SQL("COPY ({}) TO STDOUT").format(chosen)


def _copy_in(table: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)


def is_empty() -> bool:
    """Tell whether the database holds nothing that could be lost."""
    with connection.cursor() as cursor:
        for name in set(_names(cursor, TABLES)) - MADE_BY_MIGRATE:
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name)))
            if cursor.fetchone()[0]:
                return False
    return True


def check_migrations(manifest: dict[str, Any]) -> None:
    """Raises Refused when the backup was made by a release that knows more than this one."""
    known = MigrationExecutor(connection).loader.disk_migrations or {}
    strange = [".".join(key) for key in map(tuple, manifest["migrations"]) if key not in known]
    if strange:
        raise BackupRefused(
            f"The backup was made by another release, whose migrations are not here ({', '.join(strange[:3])})."
            " Restore it with that release, or a newer one."
        )


def drop() -> None:
    """Remove all tables and functions of the schema, within a transaction; those of extensions stay."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'; SET LOCAL statement_timeout = 0")
        for name in _names(cursor, TABLES):
            cursor.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
        for name in _names(cursor, ROUTINES):
            cursor.execute(f"DROP ROUTINE {name} CASCADE")


def load(manifest: dict[str, Any], tar: tarfile.TarFile) -> None:
    """Make the tables as they were and fill them, within a transaction and in a schema that has none. Raises Refused."""
    with connection.cursor() as cursor:
        # Migrations are written to run one transaction each; what they check at the end of it they check at once here.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    applied = set(map(tuple, manifest["migrations"]))
    every = executor.migration_plan(leaves, clean_start=True)
    executor.migrate(leaves, [step for step in every if (step[0].app_label, step[0].name) in applied])
    with connection.cursor() as cursor:
        cursor.execute(SPELLING)
        _check_columns(cursor, manifest)
        tables = [line["table"] for line in manifest["tables"]]
        keys, indexes = _rows(cursor, FOREIGN_KEYS), _rows(cursor, INDEXES)
        # Filled first and checked after: at millions of rows a check per row takes hours, and memory.
        for table, name, _definition in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {connection.ops.quote_name(name)}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in tables:
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))))
        for line in manifest["tables"]:
            _load_table(cursor, tar, line)
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {connection.ops.quote_name(name)} {definition}"
            )
        for table in tables:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
        for name, (value, called) in manifest["sequences"].items():
            cursor.execute("SELECT setval(to_regclass(%s), %s, %s)", [f'"{name}"', value, called])


def _check_columns(cursor: CursorWrapper, manifest: dict[str, Any]) -> None:
    here = {name: set(_names(cursor, COLUMNS, [f'"{name}"'])) for name in _names(cursor, TABLES)}
    there = {line["table"]: set(line["columns"]) for line in manifest["tables"]}
    if here != there:
        strange = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
        raise BackupRefused(
            f"This release makes other tables than the backup has ({', '.join(strange[:3])}). Nothing was changed."
        )


def _load_table(cursor: CursorWrapper, tar: tarfile.TarFile, line: dict[str, Any]) -> None:
    with (
        part(tar, line) as packed,
        gzip.GzipFile(fileobj=packed, mode="rb") as lines,  # type: ignore[call-overload]  # it needs no more than read
        cursor.copy(_copy_in(line["table"], line["columns"])) as copy,
    ):
        while block := lines.read(BLOCK):
            copy.write(block)


def _sequence(cursor: CursorWrapper, name: str) -> list[Any]:
    cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
    return list(cursor.fetchone())


def _names(cursor: CursorWrapper, statement: str, parameters: list[Any] | None = None) -> list[str]:
    cursor.execute(statement, parameters)
    return [name for (name,) in cursor.fetchall()]


def _rows(cursor: CursorWrapper, statement: str) -> list[tuple[str, ...]]:
    cursor.execute(statement)
    return list(cursor.fetchall())
