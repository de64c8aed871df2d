"""The frozen files, by key: the same bytes whenever they are asked for."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from apps.common import file_store, shared_files
from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import without_parameters
from apps.exports import editions
from apps.exports.models import Edition

YEAR = 365 * 24 * 3600  # seconds
KINDS = {"csv": Edition.Content.CHART, "csv.gz": Edition.Content.DATASET}


@readable_anywhere
@without_parameters
def edition(request: HttpRequest, key: str, ending: str) -> HttpResponseBase:
    """Send the rows of a chart's edition as CSV, or a dataset's packed by gzip. Bytes that were changed are not given
    out."""
    found = get_object_or_404(Edition.objects.defer("content"), key=key, kind=KINDS[ending])
    etag = f'"{found.checksum}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return _kept(unchanged, etag)
    try:
        content = _content(found)
    except OSError:
        return shared_files.missing_answer()
    except editions.Tampered:
        broken = gettext("The stored bytes are not those that were frozen, and are not given out.")
        return HttpResponse(f"{broken}\n", content_type="text/plain; charset=utf-8", status=500)
    content.headers["Content-Disposition"] = (
        content_disposition_header(True, f"kzmedia-{found.key}.{ending}") or ""
    )
    content.headers["X-Row-Count"] = str(found.row_count)
    content.headers["X-SHA256"] = found.checksum  # of the CSV
    if found.ledger:
        content.headers["X-Ledger"] = found.ledger
    content.headers["Access-Control-Allow-Origin"] = "*"
    content.headers["Access-Control-Expose-Headers"] = (
        "X-Ledger, X-Row-Count, X-SHA256, Content-Disposition, ETag"
    )
    if found.left_out:
        content.headers["X-Left-Out"] = ", ".join(found.left_out)
    return _kept(content, etag)


def _kept(content: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Let the answer be kept for ever: an edition never changes."""
    content.headers["ETag"] = etag
    content.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return content


def _content(found: Edition) -> HttpResponseBase:
    """Raises Tampered, and OSError where a dataset's file is gone."""
    if found.kind == Edition.Content.DATASET:
        return file_store.send(editions.name_of(found.file), content_type="application/gzip")
    return HttpResponse(editions.csv(found), content_type="text/csv; charset=utf-8; header=present")
