"""The ledger's files: the whole of it, a night, the program that checks it. docs/ledger.md says what they hold."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control

from apps.common.cross_origin import readable_anywhere
from apps.common.parameters import without_parameters
from apps.ledger import reads
from apps.ledger.models import Seal

GZIP = "application/gzip"
YEAR = 365 * 24 * 3600  # seconds


@readable_anywhere
@without_parameters
def chain(request: HttpRequest) -> HttpResponseBase:
    """Every seal, the newest first, with what is needed to check its signature and its link."""
    newest = reads.newest()
    if unchanged := get_conditional_response(request, etag=_etag(newest)):
        return _kept(unchanged, 300, _etag(newest))
    found = [seal.as_json for seal in Seal.objects.all()]
    told: dict[str, Any] = {
        "newest": found[0]["label"] if found else None,
        "key": found[0]["key"] if found else None,
        "form": f"{settings.SITE_URL}/data/ledger/verify.py",
        "seals": found,
    }
    return _kept(JsonResponse(told), 300, _etag(newest))


@readable_anywhere
@without_parameters
def whole(request: HttpRequest) -> HttpResponseBase:
    """All that was ever sealed, in one file."""
    found = reads.packed()
    if found is None:
        raise Http404
    if unchanged := get_conditional_response(request, etag=found.etag):
        return _kept(unchanged, 300, found.etag)
    return _kept(_packed(found, f"kzmedia-ledger-{found.seal.label}.txt.gz"), 300, found.etag)


@readable_anywhere
@without_parameters
def night(request: HttpRequest, number: int) -> HttpResponseBase:
    """One seal as JSON."""
    seal = get_object_or_404(Seal, pk=number)
    if unchanged := get_conditional_response(request, etag=_etag(seal)):
        return _kept(unchanged, YEAR, _etag(seal))
    return _kept(JsonResponse(seal.as_json), YEAR, _etag(seal))


@readable_anywhere
@without_parameters
def lines(request: HttpRequest, number: int) -> HttpResponseBase:
    """One seal with its lines."""
    seal = get_object_or_404(Seal, pk=number)
    if unchanged := get_conditional_response(request, etag=_etag(seal)):
        return _kept(unchanged, YEAR, _etag(seal))
    return _kept(_packed(reads.packed_seal(seal), f"kzmedia-ledger-{seal.label}.txt.gz"), YEAR, _etag(seal))


@readable_anywhere
@without_parameters
def verifier(request: HttpRequest) -> HttpResponseBase:
    """The program that checks it all, without any dependency."""
    program = settings.BASE_DIR / "tools" / "verify.py"
    return _kept(FileResponse(program.open("rb"), content_type="text/x-python; charset=utf-8"), 300)


def _packed(blocks: Iterable[bytes], name: str) -> HttpResponseBase:
    return StreamingHttpResponse(
        blocks, content_type=GZIP, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _etag(seal: Seal | None) -> str | None:
    return f'"{seal.head}"' if seal else None


def _kept(response: HttpResponseBase, seconds: int, etag: str | None = None) -> HttpResponseBase:
    patch_cache_control(response, public=True, max_age=seconds)
    if etag:
        response.headers["ETag"] = etag
    return response
