"""Every request: its id, how long it took, and a line in the log when it failed or was slow."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kzmedia.monitoring import logs, metrics

logger = logging.getLogger(__name__)

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = {"GET", "HEAD", "POST"}


class Watch:
    """X-Request-ID is taken from a proxy when it is sane, else made, and given back with the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        found = given if SANE.fullmatch(given) else uuid.uuid4().hex
        token = logs.request_id.set(found)
        begun = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = found
            self._note(request, response, time.monotonic() - begun)
            return response
        finally:
            logs.request_id.reset(token)

    def _note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        """Count the time until the answer begins: a long file is not slow. The route, not the path, which may hold a
        token."""
        method = request.method if request.method in METHODS else "other"
        match = request.resolver_match
        metrics.count_request(
            kind_of(match.namespaces if match else None), method, response.status_code, seconds
        )
        failed = response.status_code >= 500
        if failed or seconds > settings.SLOW_REQUEST_SECONDS:
            told = {"method": method, "status": response.status_code, "seconds": round(seconds, 3)}
            told["route"] = match.route if match else ""
            logger.warning(
                "%s: %s %s, %s, %.1f s%s",
                *("failed" if failed else "slow", method, told["route"], response.status_code, seconds),
                f": {request.failure}" if hasattr(request, "failure") else "",
                extra=told,
            )


def kind_of(namespaces: list[str] | None) -> str:
    """Return a few words, whatever is asked for: they are labels."""
    if namespaces is None:
        return "unknown"
    return namespaces[0] if namespaces else "other"
