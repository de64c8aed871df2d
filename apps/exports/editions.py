"""Freezes editions and verifies their checksums: rows and figures that never change."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, override

from apps.common import file_store
from apps.exports import columns, copying, statements, trend
from apps.exports.copying import PLAIN
from apps.exports.models import Edition
from apps.exports.statements import Period, Statement
from apps.exports.trend import Cell
from apps.ledger.reads import newest_label
from apps.snapshots import terms
from apps.standings.types import Scope

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Tampered(Exception):
    """The stored bytes are not those that were frozen."""


@dataclass(frozen=True)
class Frozen:
    """What goes into an edition of a chart: the rows it is drawn from, and what is shown, by language."""

    path: str
    query: str
    titles: Mapping[str, str]
    rows: Sequence[Sequence[Cell]]
    content: Mapping[str, Any]  # by language, as JSON; "proofs": of the sealed counts that it shows


def freeze(frozen: Frozen, made_by: str = "") -> Edition:
    """Return the edition of a chart. The same chart of the same day with the same bytes is the same edition."""
    csv = trend.write_csv(frozen.rows, PLAIN)
    content = json.dumps(frozen.content, ensure_ascii=False, sort_keys=True).encode()
    checksum, content_checksum = sha256(csv), sha256(content)
    now = timezone.now()
    key = key_of(
        frozen.path, timezone.localdate(now), sha256((frozen.query + checksum + content_checksum).encode())
    )
    given = {
        "kind": Edition.Content.CHART,
        "made_at": now,
        "made_by": made_by,
        "parameters": {"path": frozen.path, "query": frozen.query, "ledger": newest_label()},
        "title": dict(frozen.titles),
        "row_count": max(len(frozen.rows) - 1, 0),
        "size": len(csv),
        "checksum": checksum,
        "content_checksum": content_checksum,
        "left_out": terms.left_out_of_editions(),
        "data": gzip.compress(csv, mtime=0),
        "content": gzip.compress(content, mtime=0),
    }
    return Edition.objects.get_or_create(key=key, defaults=given)[0]


def key_of(path: str, day: date, checksum: str) -> str:
    """Return a dated key that says what it is of: 2026-11-22-compare-1f3a9c02."""
    return f"{day.isoformat()}-{slugify(path.replace('/', '-'))[:50].strip('-')}-{checksum[:8]}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def csv(edition: Edition) -> bytes:
    """Return the rows of a chart's edition. Raises Tampered."""
    return _verify_checksum(bytes(edition.data), edition.checksum)


def content(edition: Edition) -> dict[str, Any]:
    """Return what is shown of a chart's edition, by language. Raises Tampered."""
    found: dict[str, Any] = json.loads(_verify_checksum(bytes(edition.content), edition.content_checksum))
    return found


def _verify_checksum(packed: bytes, checksum: str) -> bytes:
    try:
        found = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise Tampered from error
    if sha256(found) != checksum:
        raise Tampered
    return found


# The whole dataset


def name_of(file: str) -> str:
    """Return the name of an edition's file among those that hosts share."""
    return f"editions/{file}"


def dataset_statement() -> Statement:
    return statements.snapshots(Scope(publish=True, freeze=True), Period(), (), "en")


def freeze_dataset(
    now: datetime | None = None, made_by: str = "", told: Callable[[int], None] | None = None
) -> Edition:
    """Freeze all that may be given out and kept, as a file; at most once a month, another call gives the same.

    `told` is called often, with the number of rows written so far. A million rows take some seconds and no memory.
    Written beside its place and moved there when whole: an edition that is listed is complete.
    """
    now = now or timezone.now()
    day = timezone.localdate(now)
    key = f"{day:%Y-%m}-dataset"
    if found := Edition.objects.filter(key=key).first():
        return found
    name = f"kzmedia-{key}.csv.gz"
    checksum, size = hashlib.sha256(), 0
    with file_store.draft(name_of(name)) as draft:
        rows = copying.Rows(dataset_statement()).start(PLAIN)
        try:
            # No time and no name in the head: the same rows are the same file.
            with draft.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
                for block in rows:
                    packed.write(block)
                    checksum.update(block)
                    size += len(block)
                    if told:
                        told(rows.written)
        finally:
            rows.close()
        with transaction.atomic():
            edition = Edition.objects.create(
                key=key,
                kind=Edition.Content.DATASET,
                made_at=now,
                made_by=made_by,
                parameters={"ledger": newest_label()},
                title={language: dataset_title(language, day) for language in LANGUAGES},
                row_count=rows.written,
                size=size,
                checksum=checksum.hexdigest(),
                left_out=terms.left_out_of_editions(),
                file=name,
            )
            file_store.put(name_of(name), draft)
    return edition


def dataset_title(language: str, day: date) -> str:
    with override(language):
        return gettext("The whole dataset, %(month)s") % {"month": f"{day:%Y-%m}"}


def verify(edition: Edition) -> bool:
    """Tell whether the stored bytes are those that were frozen. A dataset is read through."""
    if edition.kind == Edition.Content.CHART:
        try:
            csv(edition)
            content(edition)
        except Tampered:
            return False
        return True
    found = hashlib.sha256()
    try:
        with file_store.open_file(name_of(edition.file)) as packed, gzip.open(packed) as rows:
            while block := rows.read(1 << 20):
                found.update(block)
    except (OSError, EOFError, zlib.error):
        return False
    return found.hexdigest() == edition.checksum


# Rows of a statement, in this transaction


def table(statement: Statement) -> list[list[Cell]]:
    """Return a header and the rows, as the plain file has them: for tables that fit into memory."""
    cells = ", ".join(f'({columns.plain(column)})::text AS "{column.name}"' for column in statement.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {cells} FROM ({statement.sql}) line", list[Any](statement.parameters))  # noqa: S608 our own words
        rows = [list(row) for row in cursor.fetchall()]
    return [[column.name for column in statement.columns], *rows]
