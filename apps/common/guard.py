"""Middleware before every page: limits of size and rate, security headers."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.common import clients, rates

Answer = Callable[[HttpRequest], HttpResponse]

LONGEST_QUERY: Final = 3_500  # signs of what follows the "?"
OWN_LIMITS: Final = (
    "/api/",
)  # the interface for programs counts and measures for itself, and answers in its own form
FILES: Final = ("/export/", "/picture/", "/oembed")
EMBEDDABLE: Final = ("/embed/", "/export/", "/picture/", "/oembed", "/api/", "/feeds/", "/static/")
# Nothing here needs any of them; security keys are asked for on our own pages alone.
PERMISSIONS: Final = ", ".join(
    [
        *(
            f"{name}=()"
            for name in (
                "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "geolocation",
                "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)  # fmt: skip


class Headers:
    """Cross-Origin-Resource-Policy and Permissions-Policy; Django and django-csp set the others."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        place = "cross-origin" if request.path.startswith(EMBEDDABLE) else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", place)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


class Limits:
    """Too long, too large, not text, too often: refused in plain words before anything is read or asked."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OWN_LIMITS):
            return self.get_response(request)
        query = request.META.get("QUERY_STRING", "")
        if len(query) > LONGEST_QUERY:
            return render(request, "414.html", status=414)
        if "\x00" in request.path or ("%00" in query and request.path.startswith("/admin/")):
            # PostgreSQL holds no NUL, and the lists of Django's admin hand it whatever they are given.
            return render(request, "400.html", status=400)
        if too_large(request):
            return render(request, "413.html", status=413)
        wait = seconds_to_wait(request)
        if wait:
            return too_often(request, wait)
        return self.get_response(request)


def too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) > settings.LARGEST_REQUEST


def seconds_to_wait(request: HttpRequest) -> int:
    """Counts the request of whoever has not signed in; this machine's own requests are not counted.

    Files without an end to their making, searching and signing in have rates of their own.
    """
    if clients.is_own(request):
        return 0
    kind = kind_of(request)
    if kind != "SIGN_IN" and has_signed_in(request):
        return 0
    return rates.seconds_to_wait(settings.PAGE_RATES[kind], kind, clients.network_of(request))


def kind_of(request: HttpRequest) -> str:
    path = request.path
    if path.startswith(FILES):
        return "FILES"
    parts = path.split("/", 3)
    place = parts[2] if len(parts) > 2 else ""
    if request.method == "POST" and place in {"accounts", "invitation"}:
        return "SIGN_IN"
    return "SEARCH" if place == "search" else "PAGES"


def has_signed_in(request: HttpRequest) -> bool:
    """Tell whether somebody is signed in; a cookie alone says nothing, as anybody can make one up."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def too_often(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "429.html", {"wait": wait}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
