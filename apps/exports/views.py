"""The files, by address. docs/exports.md lists columns and parameters."""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from apps.exports import copying, trend
from apps.exports.filenames import filename
from apps.exports.forms import ExportForm, SnapshotsForm, StandingsForm, TrendForm
from apps.exports.negotiation import accepts_gzip
from apps.tracking import terms

CSV = "text/csv; charset=utf-8; header=present"


@require_safe
def snapshots_csv(request: HttpRequest) -> HttpResponseBase:
    return _csv(request, SnapshotsForm(request.GET), "snapshots")


@require_safe
def standings_csv(request: HttpRequest) -> HttpResponseBase:
    return _csv(request, StandingsForm(request.GET), "standings")


def _csv(request: HttpRequest, form: SnapshotsForm | StandingsForm, table: str) -> HttpResponseBase:
    if problems := form.problems():
        return _sentences(problems, 400)
    statement = form.statement()
    gzip = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    response: StreamingHttpResponse
    if request.method == "HEAD":
        row_count: int | None = copying.count(statement)
        response = StreamingHttpResponse((), content_type=CSV)
    else:
        try:
            _let_go_when_stalled(request)
            rows = copying.Rows(statement, _dialect(form), gzip=gzip)
        except copying.NoConnection:
            busy = _sentences(
                [gettext("The database takes no more readers now; try again in a minute.")], 503
            )
            busy.headers["Retry-After"] = "60"
            return busy
        row_count = rows.row_count
        response = StreamingHttpResponse(rows, content_type=CSV)
    name = filename(table, form.cleaned_data, form.day, ".csv")
    _describe(response, form, name, row_count, gzip=gzip)
    return response


@require_safe
def trend_csv(request: HttpRequest) -> HttpResponseBase:
    form = TrendForm(request.GET)
    if problems := form.problems():
        return _sentences(problems, 400)
    table = form.rows_of_cells()
    content = trend.written(table, _dialect(form))
    gzip = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}{"-gzip" if gzip else ""}"'
    response = HttpResponse(copying.gzip(content) if gzip else content, content_type=CSV)
    name = filename(f"trend {form.cleaned_data['layout']}", form.cleaned_data, form.day, ".csv")
    _describe(response, form, name, len(table) - 1, gzip=gzip)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=60"
    return get_conditional_response(request, etag=etag, response=response) or response


def _let_go_when_stalled(request: HttpRequest) -> None:
    """Have a write that the client takes nothing of fail after a while; else it would keep a thread for ever.

    gunicorn hands its socket to the application for such ends, and sets it back before the next request. Any other server has
    its own limit.
    """
    if client := request.META.get("gunicorn.socket"):
        client.settimeout(settings.EXPORT_STALL_SECONDS)


def _dialect(form: ExportForm) -> copying.Dialect:
    return copying.EXCEL if form.cleaned_data["preset"] else copying.PLAIN


def _describe(
    response: HttpResponseBase, form: ExportForm, name: str, row_count: int | None, *, gzip: bool
) -> None:
    """The headers that all files have."""
    if row_count is not None:
        response.headers["X-Row-Count"] = str(row_count)
    if gzip:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    response.headers["Content-Language"] = form.language
    if left_out := terms.left_out_of_files():
        response.headers["X-Left-Out"] = ", ".join(left_out)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "X-Row-Count, X-Left-Out, Content-Disposition, ETag"


def _sentences(sentences: list[str], status: int) -> HttpResponse:
    text = "".join(f"{sentence}\n" for sentence in sentences)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
