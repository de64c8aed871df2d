"""The data package, at one address, and what describes it."""

import os
import zipfile
from typing import BinaryIO

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from apps.common import file_store, shared_files
from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import without_parameters
from apps.exports import package

DESCRIPTIONS = {
    "datapackage.json": "application/json",
    "CITATION.cff": "text/plain; charset=utf-8",
    "datacite.json": "application/json",
    "datacite.xml": "application/xml",
}
CACHE = "public, max-age=3600"


@readable_anywhere
@without_parameters
def whole(request: HttpRequest) -> HttpResponseBase:
    """Send the package of today."""
    opened = package.current().open("rb")
    if unchanged := _unchanged(request, opened):
        answer = _kept(unchanged, opened)
        opened.close()
        return answer
    return _kept(FileResponse(opened, as_attachment=True, filename=package.NAME), opened)


@readable_anywhere
@without_parameters
def month(request: HttpRequest, month: str) -> HttpResponseBase:
    """Send the package as it was on the first day of a month that it was made."""
    name = package.of_month(month)
    try:
        return file_store.send(name, as_attachment=True, filename=name.rpartition("/")[2])
    except FileNotFoundError:
        raise Http404 from None
    except OSError:
        return shared_files.missing_answer()


@readable_anywhere
@without_parameters
def description(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one of the files that describe it."""
    if name not in DESCRIPTIONS:
        raise Http404
    with package.current().open("rb") as opened, zipfile.ZipFile(opened) as content:
        if unchanged := _unchanged(request, opened):
            return _kept(unchanged, opened)
        return _kept(HttpResponse(content.read(name), content_type=DESCRIPTIONS[name]), opened)


def _unchanged(request: HttpRequest, opened: BinaryIO) -> HttpResponseBase | None:
    """Return the answer to a reader who has what came of this very package."""
    return get_conditional_response(
        request, etag=_etag(opened), last_modified=int(os.fstat(opened.fileno()).st_mtime)
    )


def _kept(content: HttpResponseBase, opened: BinaryIO) -> HttpResponseBase:
    content.headers["Cache-Control"] = CACHE
    content.headers["ETag"] = _etag(opened)
    content.headers["Last-Modified"] = http_date(os.fstat(opened.fileno()).st_mtime)
    return content


def _etag(opened: BinaryIO) -> str:
    made = os.fstat(opened.fileno())
    return f'"{made.st_mtime_ns:x}-{made.st_size:x}"'
