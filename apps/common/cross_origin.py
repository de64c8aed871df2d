"""Public answers that other sites' pages may read, and the question that browsers ask before they do."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.views.defaults import page_not_found

PREFLIGHT: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
View = Callable[..., HttpResponseBase]


def readable_anywhere(view: View) -> View:
    """Let a view answer GET and HEAD to every site's pages, its errors too, and their preflight; other methods are 405."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=PREFLIGHT)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS"])
        try:
            response = view(request, *args, **named)
        except Http404 as missing:  # else it would be answered where nobody knows who may read it
            response = page_not_found(request, missing)
        response.headers.setdefault("Access-Control-Allow-Origin", "*")
        return response

    return answered
