"""Sitemaps: every public page in every language, and when it last changed.

sitemap.xml names the lists, of which none is longer than crawlers read: an address of each page and language.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
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
    limit = 15_000  # addresses in a list, some 10 MB; crawlers read 50,000 and 50 MB at most

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def count_lists(self) -> int:
        """Return how many lists it takes to name each page in every language."""
        items = self.items()
        pages = items.count() if isinstance(items, QuerySet) else len(list(items))
        return max(-(-pages * len(settings.LANGUAGES) // self.limit), 1)

    def newest(self) -> datetime | None:
        """Return when the last of the pages changed; None where that is not known of any."""
        return None


class FixedPages(PublicPages):
    def items(self) -> Sequence[str]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(f"dashboard:{item}")

    def lastmod(self, item: str) -> datetime | None:
        return newest_record()

    def newest(self) -> datetime | None:
        return newest_record()


class ActorPages(PublicPages):
    """An actor's page changes when one of its accounts is read."""

    def items(self) -> QuerySet[Actor]:
        return (
            Actor.objects.public()
            .annotate(read_at=Max("accounts__collection__last_success_at"))
            .only("slug")
            .order_by("pk")
        )

    def location(self, item: Actor) -> str:
        return reverse("dashboard:actor", args=[item.slug])

    def lastmod(self, item: Any) -> datetime | None:
        read_at: datetime | None = item.read_at
        return read_at

    def newest(self) -> datetime | None:
        newest: datetime | None = self.items().aggregate(newest=Max("read_at"))["newest"]
        return newest


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

    def newest(self) -> datetime | None:
        newest: datetime | None = self.items().aggregate(newest=Max("made_at"))["newest"]
        return newest


SITEMAPS: dict[str, type[PublicPages]] = {
    "pages": FixedPages,
    "actors": ActorPages,
    "groups": GroupPages,
    "editions": EditionPages,
}


@require_safe
@cache_control(public=True, max_age=3600)
def index(request: HttpRequest) -> HttpResponse:
    """Name the lists of addresses, each with when the last of its pages changed."""
    lists = []
    for section, kind in SITEMAPS.items():
        pages = kind()
        address = settings.SITE_URL + reverse("sitemap_section", args=[section])
        lists += [  # as the template of Django wants them
            {"location": f"{address}?p={number}" if number > 1 else address, "last_mod": pages.newest()}
            for number in range(1, pages.count_lists() + 1)
        ]
    return TemplateResponse(request, "sitemap_index.xml", {"sitemaps": lists}, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=3600)
def section(request: HttpRequest, section: str) -> HttpResponse:
    """List the addresses of one kind of pages; `p` chooses a page of the list. Raises Http404."""
    kinds: dict[str, Any] = {**SITEMAPS}
    return sitemap(request, kinds, section)


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
