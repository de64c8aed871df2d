"""The data package, at one address, and what describes it."""

import zipfile

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

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
    content = FileResponse(package.current().open("rb"), as_attachment=True, filename=package.NAME)
    content.headers["Cache-Control"] = CACHE
    return content


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
    with zipfile.ZipFile(package.current()) as content:
        told = content.read(name)
    return HttpResponse(told, content_type=DESCRIPTIONS[name], headers={"Cache-Control": CACHE})
