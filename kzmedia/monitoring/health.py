"""Views of /healthz, /readyz and /metrics: what supervisors, load balancers and Prometheus ask."""

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from kzmedia.monitoring import metrics, readiness
from kzmedia.monitoring.readiness import Check


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 and "ok" when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when all checks pass, else 503: for whoever watches, not for a load balancer, as pages answer without
    a worker.

    The checks and why they fail are told to staff and to whoever has METRICS_TOKEN, a word to others.
    """
    checks = readiness.look()
    is_well = all(check.is_well for check in checks)
    status = 200 if is_well else 503
    if not _may_know(request, checks):
        return HttpResponse("ready\n" if is_well else "not ready\n", status=status, content_type="text/plain")
    told = {
        check.name: {"ok": check.is_well, "why": check.words}
        | ({check.unit: round(check.value, 1)} if check.value is not None else {})
        for check in checks
    }
    return JsonResponse({"ready": is_well, "checks": told}, status=status)


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Answer figures for Prometheus; there is no such page without METRICS_TOKEN, and none for whoever does not send
    it."""
    if not _has_token(request):
        raise Http404
    return HttpResponse(metrics.page(), content_type=CONTENT_TYPE_LATEST)


def _may_know(request: HttpRequest, checks: list[Check]) -> bool:
    """Tell whether the reader may know; who is signed in is known only while the database answers."""
    return _has_token(request) or (checks[0].is_well and request.user.is_staff)


def _has_token(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return (
        bool(settings.METRICS_TOKEN)
        and kind == "Bearer"
        and constant_time_compare(given, settings.METRICS_TOKEN)
    )
