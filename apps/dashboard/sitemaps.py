"""Sitemaps: every public page in every language, and when it last changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps.collecting.freshness import newest_record
from apps.exports.models import Edition
from apps.registry.models import Actor, Group

PAGES = (
    "overview",
    "standings",
    "groups",
    "actors",
    "compare",
    "context",
    "corrections",
    "data",
    "ledger",
    "method",
    "status",
)
# What is a person's own, or made for programs, is no search result.
CLOSED = (
    "/admin/",
    "/api/",
    "/embed/",
    "/*/accounts/",
    "/*/me/",
    "/*/invitation/",
    "/confirm/",
    "/unsubscribe/",
)


class PublicPages(Sitemap[Any]):
    """Addresses begin with SITE_URL, whatever host was asked; each names its other languages."""

    i18n = True
    alternates = True
    x_default = True

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


class FixedPages(PublicPages):
    def items(self) -> Iterable[str]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(f"dashboard:{item}")

    def lastmod(self, item: str) -> datetime | None:
        return newest_record()


class ActorPages(PublicPages):
    """An actor's page changes when one of its accounts is read."""

    def items(self) -> QuerySet[Actor]:
        return (
            Actor.objects.public()
            .annotate(read_at=Max("accounts__collection__last_success_at"))
            .order_by("pk")
        )

    def location(self, item: Actor) -> str:
        return reverse("dashboard:actor", args=[item.slug])

    def lastmod(self, item: Any) -> datetime | None:
        read_at: datetime | None = item.read_at
        return read_at


class GroupPages(PublicPages):
    def items(self) -> QuerySet[Group]:
        return Group.objects.public().order_by("pk")

    def location(self, item: Group) -> str:
        return reverse("dashboard:group", args=[item.slug])


class EditionPages(PublicPages):
    """An edition never changes."""

    def items(self) -> QuerySet[Edition]:
        return Edition.objects.listed()

    def location(self, item: Edition) -> str:
        return reverse("dashboard:edition", args=[item.key])

    def lastmod(self, item: Edition) -> datetime:
        return item.made_at


SITEMAPS = {"pages": FixedPages, "actors": ActorPages, "groups": GroupPages, "editions": EditionPages}


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers what to leave alone, and where the pages are listed."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in CLOSED),
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
