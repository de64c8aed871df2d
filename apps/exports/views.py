"""The files, by address. docs/exports.md lists columns and parameters."""

import hashlib

from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, override

from apps.common import reading
from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import is_tracking
from apps.exports import copying, opening, workbook
from apps.exports.filenames import filename
from apps.exports.forms import ExportForm, SnapshotsForm, StandingsForm, TrendForm
from apps.exports.indicators import IndicatorsForm
from apps.exports.negotiation import accepts_gzip
from apps.figures import formats
from apps.ledger.reads import newest_label
from apps.snapshots import terms
from apps.standings import cache_version

TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
}
PACKED = {"xlsx", "zip", "parquet"}  # gzip would gain nothing
CACHE = "public, max-age=60"
EXPOSED = "X-Row-Count, X-Left-Out, X-Ledger, Content-Disposition, ETag"


@readable_anywhere
@reading.for_readers
def snapshots(request: HttpRequest, ending: str) -> HttpResponseBase:
    return _stream(request, SnapshotsForm(request.GET), "snapshots", ending)


@readable_anywhere
@reading.for_readers
def standings(request: HttpRequest, ending: str) -> HttpResponseBase:
    return _stream(request, StandingsForm(request.GET), "standings", ending)


@readable_anywhere
@reading.for_readers
def indicators(request: HttpRequest, ending: str) -> HttpResponseBase:
    return _stream(request, IndicatorsForm(request.GET), "indicators", ending)


def _stream(
    request: HttpRequest, form: SnapshotsForm | StandingsForm | IndicatorsForm, table: str, ending: str
) -> HttpResponseBase:
    if problems := form.problems(ending):
        return _sentences(problems, 400)
    gzip = _gzips(request, ending)
    etag = _etag(request, gzip=gzip)
    if unchanged := get_conditional_response(request, etag=etag):
        return _public(unchanged, etag)
    asked = _read_request(request, form, table, ending)
    _let_go_of_own()  # there may be a wait for one of the file's
    response: StreamingHttpResponse
    try:
        if request.method == "HEAD":
            row_count: int | None = copying.count(form.statement(), opening.most_rows(ending))
            response = StreamingHttpResponse((), content_type=TYPES[ending])
        else:
            row_count, blocks = opening.open_stream(asked, form, gzip=gzip)
            response = StreamingHttpResponse(blocks, content_type=TYPES[ending])
    except copying.TooManyRows:
        return _sentences([_too_many(form)], 400)
    except copying.NoConnection:
        return _busy(form)
    _describe(response, form, f"{asked.name}.{ending}", row_count, gzip=gzip)
    _let_go_of_own()  # while the file streams it would only be idle
    return _public(response, etag)


@readable_anywhere
@reading.for_readers
def trend(request: HttpRequest, ending: str) -> HttpResponseBase:
    form = TrendForm(request.GET)
    if problems := form.problems(ending):
        return _sentences(problems, 400)
    asked = _read_request(request, form, "trend", ending)
    row_count, content = opening.chart(asked, form)
    gzip = _gzips(request, ending)
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}{"-gzip" if gzip else ""}"'
    response = HttpResponse(copying.gzip(content) if gzip else content, content_type=TYPES[ending])
    _describe(response, form, f"{asked.name}.{ending}", row_count, gzip=gzip)
    return _public(get_conditional_response(request, etag=etag, response=response) or response, etag)


def _read_request(request: HttpRequest, form: ExportForm, table: str, ending: str) -> opening.FileRequest:
    layout = form.cleaned_data.get("layout", "")
    return opening.FileRequest(
        table=table,
        ending=ending,
        name=filename(f"{table} {layout}", form.cleaned_data, form.day, ""),
        address=cited_address(request),
        site=request.build_absolute_uri("/"),
    )


def cited_address(request: HttpRequest) -> str:
    """Return the address of the file, without what only tells where a reader came from."""
    query = request.GET.copy()
    for name in [name for name in query if is_tracking(name)]:
        del query[name]
    if len(query) == len(request.GET):
        return request.build_absolute_uri()
    return request.build_absolute_uri(request.path + (f"?{query.urlencode()}" if query else ""))


def _gzips(request: HttpRequest, ending: str) -> bool:
    return ending not in PACKED and accepts_gzip(request.headers.get("Accept-Encoding", ""))


def _etag(request: HttpRequest, *, gzip: bool) -> str:
    """Return the ETag of a file that streams: its bytes are not known beforehand, but all that they are made of is."""
    return f'W/"{cache_version.key_of(request, gzip)[:32]}"'


def _let_go_of_own() -> None:
    """Close the request's own connection, which the next statement would open anew."""
    own = connections[reading.database()]
    if not own.in_atomic_block:
        own.close()


def _describe(
    response: HttpResponseBase, form: ExportForm, name: str, row_count: int | None, *, gzip: bool
) -> None:
    """Set the headers that only a whole answer has."""
    if row_count is not None:
        response.headers["X-Row-Count"] = str(row_count)
    if gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Language"] = form.language
    if sealed := newest_label():
        response.headers["X-Ledger"] = sealed
    if left_out := terms.left_out_of_files():
        response.headers["X-Left-Out"] = ", ".join(left_out)


def _public(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Let any cache hold it and other sites' pages read it: nothing here depends on who asks."""
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE
    patch_vary_headers(response, ["Accept-Encoding"])
    return _allow_other_sites(response)


def _allow_other_sites(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    return response


def _too_many(form: ExportForm) -> str:
    with override(form.language):
        return gettext(
            "A sheet of Excel holds %(most)s rows, and this file would have more: narrow it by platform, group, actor or "
            "dates, or take the CSV, which has no limit."
        ) % {"most": formats.number(workbook.MOST_ROWS)}


def _busy(form: ExportForm) -> HttpResponseBase:
    with override(form.language):
        busy = _sentences([gettext("The database takes no more readers now; try again in a minute.")], 503)
    busy.headers["Retry-After"] = "60"
    return busy


def _sentences(sentences: list[str], status: int) -> HttpResponseBase:
    text = "".join(f"{sentence}\n" for sentence in sentences)
    return _allow_other_sites(HttpResponse(text, content_type="text/plain; charset=utf-8", status=status))
