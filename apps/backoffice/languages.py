"""The desk's language: chosen at its head, kept for a year in the cookie that Django reads."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.registry.models import active_language

PARAMETER: Final = "language"
LANGUAGES: Final = (("kk", "Қаз", "Қазақша"), ("ru", "Рус", "Русский"), ("en", "Eng", "English"))
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Language:
    code: str
    short: str
    name: str
    href: str  # this page in the language
    is_current: bool


def language_links(request: HttpRequest) -> list[Language]:
    """Return the three languages with the address of this page in each."""
    query = request.GET.copy()
    found = []
    for code, short, name in LANGUAGES:
        query[PARAMETER] = code
        found.append(Language(code, short, name, f"?{query.urlencode()}", code == active_language()))
    return found


def is_asked_for(request: HttpRequest) -> bool:
    return request.method == "GET" and request.GET.get(PARAMETER) in dict(settings.LANGUAGES)


def switch(request: HttpRequest) -> HttpResponse:
    """Lead to the same page in the language that the address names, and remember it."""
    query = request.GET.copy()
    code = query.pop(PARAMETER)[-1]
    response = HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
        httponly=True,
    )
    return response
