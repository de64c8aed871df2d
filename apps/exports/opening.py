"""Opens a requested file: its rows, their metadata, and the format both are packed into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from apps.exports import about, copying, packing, parquet, workbook
from apps.exports import trend as charts
from apps.exports.about import About
from apps.exports.columns import Column
from apps.exports.forms import ExportForm, SnapshotsForm, StandingsForm, TrendForm
from apps.exports.indicators import IndicatorsForm
from apps.ledger.reads import newest_label
from apps.registry.models import Source
from apps.snapshots import terms
from apps.standings.types import Reading


@dataclass(frozen=True)
class FileRequest:
    table: str  # snapshots, standings, trend or indicators
    ending: str  # csv, xlsx, json, zip or parquet
    name: str  # of the file, without the ending
    address: str
    site: str


def most_rows(ending: str) -> int | None:
    """Return how many rows such a file can hold; None where there is no limit."""
    return workbook.MOST_ROWS if ending == "xlsx" else None


def open_stream(
    asked: FileRequest, form: SnapshotsForm | StandingsForm | IndicatorsForm, *, gzip: bool
) -> tuple[int | None, copying.Packed]:
    """Return how many rows follow, where that is known, and the file, whose first row is read.

    Raises copying.NoConnection, copying.TooManyRows and psycopg.Error.
    """
    statement = form.statement()
    rows = copying.Rows(statement, most=most_rows(asked.ending))
    try:
        if asked.ending == "csv":
            blocks: Iterator[bytes] = rows.start(dialect(form))
        else:
            sources = about.sources_of(statement, rows.row_count)
            newest = about.newest_of(statement, rows.row_count)
            told = _about(asked, form, statement.columns, rows.row_count, sources, newest)
            blocks = _pack(asked, told, rows)
    except BaseException:
        rows.close()
        raise
    return rows.row_count, copying.Packed(rows, copying.compress(blocks) if gzip else blocks)


def _pack(asked: FileRequest, told: About, rows: copying.Rows) -> Iterator[bytes]:
    match asked.ending:
        case "json":
            return packing.document(told, rows.start(copying.OBJECTS))
        case "zip":
            return packing.bundle(told, rows.start(copying.PLAIN), lambda: rows.written)
        case "parquet":
            return parquet.pack(told.columns, rows.start(copying.PLAIN), about.dump(about.metadata(told)))
        case _:
            frame = workbook.frame(told.columns, about.lines(told), told.made)
            return workbook.stream_workbook(frame, rows.start(workbook.dialect(frame)))


def chart(asked: FileRequest, form: TrendForm) -> tuple[int, bytes]:
    """Return how many rows the lines of a chart have, and the file."""
    series = form.lines()
    table = form.table(series)
    row_count = len(table) - 1
    columns = charts.columns(table[0], is_wide=form.is_wide, details=form.has_details)
    if asked.ending == "csv":
        return row_count, charts.write_csv(table, dialect(form), columns)
    points = [point for line in series for point in line.points]
    sources = about.find_sources({point.source for point in points})
    newest = max((Reading(point.day, point.span) for point in points), key=Reading.order, default=None)
    told = _about(asked, form, columns, row_count, sources, newest)
    match asked.ending:
        case "json":
            blocks: Iterator[bytes] = packing.document(told, [charts.objects(table)])
        case "zip":
            plain = charts.write_csv(table, copying.PLAIN)
            blocks = packing.bundle(told, [plain], lambda: row_count)
        case "parquet":
            plain = charts.write_csv(table, copying.PLAIN)
            blocks = parquet.pack(columns, [plain], about.dump(about.metadata(told)))
        case _:
            blocks = iter([workbook.build_workbook(columns, table[1:], about.lines(told), told.made)])
    return row_count, b"".join(blocks)


def _about(
    asked: FileRequest,
    form: ExportForm,
    columns: Sequence[Column],
    row_count: int | None,
    sources: Sequence[Source],
    newest: Reading | None,
) -> About:
    return About(
        table=asked.table,
        name=asked.name,
        language=form.language,
        address=asked.address,
        site=asked.site,
        made=timezone.localdate(),
        newest=newest,
        is_wide=isinstance(form, TrendForm) and form.is_wide,
        chosen=about.row_parameters(form.cleaned_data),
        columns=columns,
        row_count=row_count,
        sources=sources,
        left_out=terms.left_out_of_files(),
        ledger=newest_label(),
    )


def dialect(form: ExportForm) -> copying.Dialect:
    return copying.EXCEL if form.cleaned_data["preset"] else copying.PLAIN
